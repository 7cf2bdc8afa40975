#!/usr/bin/env python3
# ctest: labels=long timeout=900 serial
"""Processes that race to connect, accept, send, fork and close: every peer without ~ is who it was, by their own record.

    races.py                RACES_SECONDS and RACES_PROCESSES make it longer, RACES_ROUNDS repeats it"""
import base64
import collections
import json
import os
import re
import struct
import subprocess

from agreement import short
from services import Served
from tracing import IPCTRACE, main, program

TRACER = os.environ.get("CHURN_TRACER", IPCTRACE)
SIZE = 24


def message(record):
    """(maker, number, pid, fd) of the message that a call has carried, or None."""
    for value in record["args"].values():
        if isinstance(value, dict) and value.get("type") == "bytes" and value.get("len") == SIZE and record["ret"] == SIZE:
            maker, number, pid, fd, count, check = struct.unpack("iIiiII", base64.b64decode(value["base64"]))
            if check == (((maker * 31 + number) * 31 + pid) * 31 + fd + count + 7) & 0xffffffff:
                return maker, number, pid, fd
    return None


def exact(record, direction):
    return {peer["pid"] for peer in record["peers"]
            if peer["certainty"] == "exact" and peer["direction"] == direction and peer["pid"]}


class Ends:
    """Which end of which connection an object is, as far as its messages and names tell, and who has had its other end."""

    def __init__(self, records, log):
        self.holders = collections.defaultdict(set)
        for line in log.splitlines():
            maker, number, side, holder = line.split()
            self.holders[int(maker), int(number), side].add(int(holder))
        self.accepted, self.of = set(), {}
        for record in records:
            touched = [one["object"] for one in record["touched"]]
            if record["call"].startswith("accept") and len(touched) == 2:
                self.accepted.add(touched[0])
            name = re.search(r"racer\.(\d+)\.(\d+)", json.dumps(record["args"].get("addr", record["args"].get("umyaddr"))))
            said = message(record)
            if said and said[0] and touched:
                self.of[touched[0]] = said[:2]
            elif name and touched and record["call"] in ("bind", "accept4"):
                self.of[touched[0]] = int(name[1]), int(name[2])

    def others(self, name):
        """Who has had the other end; None if it is not known which connection it is."""
        if name not in self.of:
            return None
        return self.holders[(*self.of[name], "c" if name in self.accepted else "a")]


class Races(Served):
    SECONDS = float(os.environ.get("RACES_SECONDS", "10"))
    PROCESSES = int(os.environ.get("RACES_PROCESSES", "12"))
    ROUNDS = int(os.environ.get("RACES_ROUNDS", "1"))
    # Of what is seen less than that is not compared: the test would be about nothing.
    ENOUGH = 300

    def check(self, record, ends, counts, wrong):
        name = record["touched"][0]["object"]
        kind, said = name.split(":")[0], message(record)
        is_datagram = said and said[0] == 0
        for direction in ("from", "to"):
            named = exact(record, direction)
            if not named:
                continue
            if said and direction == "from":
                truth = {said[2]}
            elif is_datagram:
                truth = ends.holders[0, said[1], "d"]
            else:
                truth = ends.others(name)
            what = "datagram" if is_datagram else record["call"].rstrip("4")
            counts[kind, what, "not comparable" if truth is None else "exact"] += 1
            if truth is not None and not named <= truth:
                wrong.append((record["time_ns"], record["pid"], record["call"], name, ends.of.get(name), said, direction,
                              sorted(named), "truth", sorted(truth)))
        if said and not exact(record, "from") and not exact(record, "to"):
            counts[kind, "datagram" if is_datagram else record["call"].rstrip("4"), "~ or ?"] += 1

    def race(self):
        done = subprocess.run([TRACER, "--format=json", "-o", self.path("trace"), program("racers"), str(self.PROCESSES),
                               str(int(self.SECONDS * 1000)), self.path("log")], capture_output=True, text=True,
                              timeout=30 * self.SECONDS + 120, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn(" 0 wrong", done.stdout)
        with open(self.path("trace"), errors="replace") as file:
            records = [record for record in map(json.loads, file)
                       if record["record"] == "call" and record.get("touched") and record["error"] is None]
        ends = Ends(records, self.text("log"))
        counts, wrong = collections.Counter(), []
        for record in records:
            if record["touched"][0]["object"].split(":")[0] in ("unix", "tcp", "udp"):
                self.check(record, ends, counts, wrong)
        print(done.stdout.strip(), flush=True)
        for key, number in sorted(counts.items()):
            print("   ", *key, number, flush=True)
        self.assertFalse(wrong, f"{len(wrong)} of {sum(counts.values())} peers:{short(wrong)}")
        sure = sum(number for key, number in counts.items() if key[2] == "exact")
        self.assertGreater(sure, self.ENOUGH)
        self.assertGreater(sure, sum(number for key, number in counts.items() if key[2] == "~ or ?"))

    def test_peers_that_are_named_for_sure_are_right(self):
        for _ in range(self.ROUNDS):
            self.race()


if __name__ == "__main__":
    main()
