#!/usr/bin/env python3
# ctest: timeout=600 labels=engine
"""Counts, lengths and pointers that are made to keep a tracer busy: whatever the calls say, a
record stays small and printable, and so does the tracer's memory."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import LARGENESS, SLOWNESS, Case, children, is_asleep_in, main, program, status, wait_until

RECORD_MAX = 64 * 1024
MEMORY_MAX = 64 * 1024 * LARGENESS  # KiB
N_CALLS = 8000
SYS_READ = 0
PATIENCE = 120 * SLOWNESS
MUCH = ["-v", "-s", "1000000"]


class HostileCalls(Case):
    def hold(self, fill, *options):
        """Trace all of the calls; returns the trace when the tracer's memory was looked at."""
        tracer = self.trace("-e", "trace=all", *options, program("hostile_calls"), fill,
                            stdin=subprocess.PIPE)

        def is_done():
            self.assertIsNone(tracer.poll(), "it goes on")
            return any(is_asleep_in(pid, SYS_READ) for pid in children(tracer.pid))

        wait_until(is_done, "all calls are made", PATIENCE)
        used = int(status(tracer.pid)["VmHWM"].split()[0])
        tracer.stdin.close()
        self.assertEqual(tracer.wait(PATIENCE), 0)
        self.assertLess(used, MEMORY_MAX, (fill, options, "KiB"))
        with open(self.path("trace"), "rb") as trace:
            lines = trace.readlines()
        self.assertGreater(len(lines), N_CALLS, (fill, options))
        longest = max(lines, key=len)
        self.assertLessEqual(len(longest), RECORD_MAX, (fill, options, longest[:200]))
        return lines

    def hold_text(self, fills, *options):
        for fill in fills:
            for line in self.hold(fill, *options):
                self.assertTrue(line[:-1].decode("ascii").isprintable(), (fill, line[:200]))

    def test_text(self):
        self.hold_text(["zero", "ones", "control", "text", "self", "sizes"])

    def test_text_of_all_that_can_be_shown(self):
        self.hold_text(["ones", "control", "self"], *MUCH)

    def test_the_face_of_strace(self):
        self.hold_text(["ones", "self"], "--strace", "-f", *MUCH)

    def test_json(self):
        for fill in ("control", "sizes"):
            lines = self.hold(fill, "--format=json", *MUCH)
            self.assertTrue(any(json.loads(line).get("truncated") for line in lines), fill)


if __name__ == "__main__":
    main()
