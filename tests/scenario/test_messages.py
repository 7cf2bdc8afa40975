#!/usr/bin/env python3
# ctest: timeout=240
"""Messages and the summary: the same live and replayed, and the sums are those of what was sent."""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tracing import IPCTRACE, main, program     # noqa: E402

MECHANISMS = ("pipe", "fifo", "splice", "unix-stream", "unix-dgram", "unix-seqpacket", "tcp", "msg", "mq", "eventfd")
MESSAGES = 300
LIMIT = 60


class Messages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ipctrace-messages-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_tracer(self, *words):
        done = subprocess.run([IPCTRACE, *words], capture_output=True, timeout=LIMIT, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def truth(self, mechanism, *options, writers=2, readers=2):
        logs = tempfile.mkdtemp(dir=self.folder)
        self.run_tracer(*options, program("truth"), mechanism, str(MESSAGES), str(writers), str(readers), "1", logs)
        return logs

    def test_replay_says_the_same_byte_for_byte(self):
        for mechanism in MECHANISMS:
            for view in (["-C"], ["-C", "--format=json"], ["-c"]):
                with self.subTest(f"{mechanism} {view}"):
                    self.truth(mechanism, *view, "--record=" + self.path("record"), "-o", self.path("live"))
                    self.run_tracer(*view, "--replay=" + self.path("record"), "-o", self.path("again"))
                    self.assertEqual(self.read("live"), self.read("again"))
                    self.assertIn(b"summary", self.read("again"))

    def rows(self, mechanism, **people):
        logs = self.truth(mechanism, "-C", "--format=json", "-o", self.path("json"), **people)
        records = [json.loads(line) for line in self.read("json").splitlines()]
        return logs, records, [record for record in records if record["record"] == "summary"]

    def test_the_sums_are_those_of_the_calls(self):
        for mechanism in MECHANISMS:
            with self.subTest(mechanism):
                _, records, rows = self.rows(mechanism)
                bytes_of, longest = collections.Counter(), collections.Counter()
                for record in records:
                    for m in record.get("messages", ()):
                        if m["direction"] == "received":
                            bytes_of[m["object"], m["pid"], record["pid"]] += int(m["end"]) - int(m["first"])
                            if not int(m["first"]):
                                longest[m["object"]] = max(longest[m["object"]], int(m["latency_ns"]))
                flows, name = {}, None
                for row in rows:
                    name = row["name"] or name
                    if row["of"] == "flow":
                        flows[name, row["from"], row["to"]] = int(row["bytes_received"])
                    if row["of"] == "object":
                        self.assertEqual(row["latency_max_ns"] or 0, longest[row["name"]])
                self.assertEqual(flows, bytes_of)
                pairs = {(row["from"], row["to"]): int(row["bytes_received"]) for row in rows if row["of"] == "pair"}
                self.assertEqual(sum(pairs.values()), sum(bytes_of.values()))

    def test_everything_that_one_writer_sent_is_in_the_summary(self):
        for mechanism in ("pipe", "unix-stream", "tcp", "msg"):
            with self.subTest(mechanism):
                logs, _, rows = self.rows(mechanism, writers=1, readers=1)
                sent = 0
                for name in os.listdir(logs):
                    if name.isdigit():
                        with open(os.path.join(logs, name)) as file:
                            sent += sum(int(line.split()[3]) for line in file if line.startswith("s "))
                total = max((row for row in rows if row["of"] == "mechanism"), key=lambda row: row["bytes_received"])
                self.assertEqual(total["bytes_sent"], sent)
                self.assertLessEqual(total["latency_p50_ns"], total["latency_p99_ns"])
                self.assertLessEqual(total["latency_p99_ns"], total["latency_max_ns"])

    def test_a_summary_alone_shows_no_call(self):
        self.truth("pipe", "-c", "-o", self.path("text"))
        text = self.read("text").decode()
        self.assertNotIn("read(", text)
        self.assertRegex(text, re.compile(r"^=== summary$", re.M))
        self.assertRegex(text, r"truth\[\d+\] -> truth\[\d+\]")
        self.assertRegex(text, r"pairs of processes")
        self.assertRegex(text, r"mechanisms")

    def test_what_makes_no_sense_is_refused(self):
        for words in (["-c", "-C"], ["-c", "--brief"], ["-C", "--no-peers"], ["-c", "-w"]):
            with self.subTest(words):
                done = subprocess.run([IPCTRACE, *words, "true"], capture_output=True, timeout=LIMIT, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertEqual(done.stderr.count(b"\n"), 2 if b"Try" in done.stderr else 1)


if __name__ == "__main__":
    main()
