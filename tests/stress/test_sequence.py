#!/usr/bin/env python3
# ctest: timeout=60 labels=engine
"""No call is lost, doubled or out of its thread's order (goal G1). CALLS=10000000 for the long run."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import Case, main, program, run

CALLS = int(os.environ.get("CALLS", "100000"))
LINE = re.compile(r"^(\d+) +write\(-1, NULL, (\d+)\) += -1 EBADF")


class Sequence(Case):
    def check(self, threads, *way):
        run(*way, "-f", "-e", "trace=write", "-o", self.path("trace"), program("seqgen"), threads,
            CALLS, timeout=CALLS / 2000 + 30)
        following, n = {}, 0
        with open(self.path("trace")) as file:
            for line in file:
                found = LINE.match(line)
                if not found:
                    self.assertIn("+++ exited with 0 +++", line)
                    continue
                tid, seq = int(found[1]), int(found[2])
                self.assertEqual(seq, following.get(tid, seq), f"thread {tid}")
                if tid not in following:
                    self.assertLess(seq, threads, "first call of a thread")
                following[tid] = seq + threads
                n += 1
        self.assertEqual(n, CALLS)
        self.assertEqual(len(following), threads)

    def test_1_thread(self):
        self.check(1)

    def test_16_threads(self):
        self.check(16)

    def test_64_threads(self):
        self.check(64)

    def test_64_threads_without_a_filter(self):
        self.check(64, "--no-seccomp")


if __name__ == "__main__":
    main()
