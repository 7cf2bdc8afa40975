#!/usr/bin/env python3
# ctest: timeout=1200 labels=engine,long
"""10,000 parents that are killed right after their fork: no child is lost (reference C1). ORPHANS=N for another number."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import Case, main, program, run

ORPHANS = int(os.environ.get("ORPHANS", "10000"))


class Orphans(Case):
    def test_each_has_a_birth_and_an_end(self):
        for way in ([], ["--no-seccomp"], ["-e", "trace=all"]):
            with self.subTest(way=way):
                args = way if "trace=all" in way else [*way, "-e", "trace=none"]
                done = run(*args, "-o", self.path("trace"), program("engine_cases"), "orphans", ORPHANS, timeout=600)
                self.assertEqual(done.stdout, f"{ORPHANS} orphans of {ORPHANS}\n")
                text = self.text("trace")
                self.assertEqual(len(re.findall(r"\+\+\+ killed by SIGKILL \+\+\+", text)), ORPHANS)
                self.assertEqual(len(re.findall(r"\+\+\+ exited with 0 \+\+\+", text)), ORPHANS + 1)


if __name__ == "__main__":
    main()
