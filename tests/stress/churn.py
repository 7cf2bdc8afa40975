#!/usr/bin/env python3
# ctest: labels=long timeout=600 serial
"""Fifty processes that open, pass, close, fork, execute and die for ten seconds: no crash, no wrong peer, right holders.

    churn.py                the whole test; CHURN_TRACER=PROGRAM runs another ipctrace (one with sanitizers)"""
import base64
import collections
import json
import os
import signal
import struct
import subprocess
import time

import agreement
from agreement import Trace, by_proc, short, traced_by
from services import Served, descendants, not_left_alone
from tracing import IPCTRACE, main, program, tids, tracer_of, wait_until

TRACER = os.environ.get("CHURN_TRACER", IPCTRACE)
PROCESSES = int(os.environ.get("CHURN_PROCESSES", "50"))


class Churn(Served):
    """What comes of a churning crowd under ipctrace."""
    SECONDS = float(os.environ.get("CHURN_SECONDS", "10"))
    ENOUGH = 20

    def begin(self, words, seconds=None):
        errors = open(self.path("errors"), "w")
        self.addCleanup(errors.close)
        return self.start(*words, program("churn"), PROCESSES, int((seconds or self.SECONDS) * 1000), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=errors, text=True)

    def finish(self, crowd):
        crowd.stdin.close()
        said = crowd.stdout.read()
        self.assertIn(", 0 wrong", said)
        self.assertEqual(crowd.wait(120), 0, self.text("errors"))
        self.assertNotRegex(self.text("errors"), "Sanitizer|runtime error|assert")
        return said.strip()

    def await_rest(self, crowd):
        line = crowd.stdout.readline()
        self.assertEqual(line, "resting\n", f"status {crowd.poll() if line else crowd.wait(30)}, {self.text('errors')}")

    def check_senders(self, records):
        """A message says who sent it: a peer without ~ is he."""
        counts, wrong = collections.Counter(), []
        for record in records:
            if record["record"] != "call" or record["call"] != "read" or record["ret"] != 16:
                continue
            buf = record["args"].get("buf", {})
            if buf.get("type") != "bytes" or buf["len"] != 16 or not record["touched"]:
                continue
            pid, fd, number, check = struct.unpack("iiII", base64.b64decode(buf["base64"]))
            if check != ((pid * 31 + fd) * 31 + number + 7) & 0xffffffff:
                continue
            certain = [peer for peer in record["peers"]
                       if peer["direction"] == "from" and peer["certainty"] == "exact" and peer["pid"]]
            kind = record["touched"][0]["object"].split(":")[0]
            counts[kind, f"exact, one of {len(certain)}" if certain else record["peers"][0]["certainty"] if record["peers"] else "none"] += 1
            if certain and pid not in [peer["pid"] for peer in certain]:
                wrong.append((record["time_ns"], record["pid"], record["touched"][0]["object"], "sent by", pid, fd, "said",
                              [(peer["pid"], peer["fd"], peer["text"]) for peer in certain]))
        return counts, wrong

    def check_holders(self, objects, pids):
        agreement.Agreement.compare_holders(self, objects, pids)

    def end(self, process):
        """Those who handed on are nobody's children: without their tracer they would churn on."""
        pids = descendants(process.pid) if process.poll() is None else []
        super().end(process)
        for pid in pids[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def test_launched(self):
        path = self.path("trace")
        crowd = self.begin([TRACER, "--format=json", "-o", path, "--"])
        self.await_rest(crowd)
        objects = Trace(path).objects(crowd.pid)
        pids = traced_by(crowd.pid)
        self.assertEqual(len(pids), PROCESSES + 1)
        records = Trace(path).records()
        counts, wrong = self.check_senders(records)
        held = by_proc(pids)
        print(f"launched: {len(records)} records, {len(held)} descriptors held, messages {dict(counts)}", flush=True)
        self.assertFalse(wrong, f"{len(wrong)} of {sum(counts.values())} senders:{short(wrong)}")
        self.assertGreater(sum(counts.values()), self.ENOUGH)
        self.check_holders(objects, pids)
        print("   ", self.finish(crowd))

    def test_attached_midway(self):
        crowd = self.begin([])
        path = self.path("trace")
        time.sleep(1)       # in the midst of it, wherever that is
        complaints = open(self.path("complaints"), "w")
        self.addCleanup(complaints.close)
        tracer = self.start(TRACER, "-q", "--format=json", "-o", path, "-p", ",".join(map(str, descendants(crowd.pid))),
                            stderr=complaints)
        self.await_rest(crowd)
        self.assertIsNone(tracer.poll())
        objects = Trace(path).objects(tracer.pid)
        pids = traced_by(tracer.pid)
        counts, wrong = self.check_senders(Trace(path).records())
        print(f"attached: {len(pids)} processes, messages {dict(counts)}", flush=True)
        self.assertFalse(wrong, f"{len(wrong)} of {sum(counts.values())} senders:{short(wrong)}")
        self.check_holders(objects, pids)
        self.detach(tracer, seconds=30)
        self.assertNotRegex(self.text("complaints"), "Sanitizer|runtime error|assert")
        self.assertEqual(not_left_alone(descendants(crowd.pid)), {})
        print("   ", self.finish(crowd))

    def test_text_with_stacks_and_record(self):
        crowd = self.begin([TRACER, "-k", "-yy", "--objects", "--record", self.path("record"), "-o", self.path("trace"),
                            "--"], self.SECONDS / 3)
        self.await_rest(crowd)
        print("with stacks:", self.finish(crowd))
        self.assertIn("held by nobody traced", self.text("trace"))
        done = subprocess.run([TRACER, "--replay", self.path("record"), "-o", self.path("again"), "--objects", "-k", "-yy"],
                              timeout=300, check=False, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.text("trace") == self.text("again"), "replayed otherwise")


if __name__ == "__main__":
    main()
