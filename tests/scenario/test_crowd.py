#!/usr/bin/env python3
# ctest: timeout=600 labels=engine serial
"""Two thousand threads, of which a few do something."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import LARGENESS, SLOWNESS, Case, main, program, status, tids, tracer_of, wait_until

CROWD = 2000
BASE, EACH = 64 * 1024, 4  # KiB of memory
PATIENCE = 300 * SLOWNESS


class Crowd(Case):
    def crowd(self, *words):
        target = self.start(program("crowd"), *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.assertEqual(target.stdout.readline(), "hot\n")
        return target

    def test_all_of_them_are_attached_and_let_go(self):
        for options in ([], ["--strace", "-f"]):
            target = self.crowd(CROWD, 0, 0)
            tracer = self.trace(*options, "-p", target.pid)
            wait_until(lambda: all(tracer_of(tid) == tracer.pid for tid in tids(target.pid)), "attached", PATIENCE)
            self.detach(tracer, seconds=60)
            wait_until(lambda: not any(tracer_of(tid) for tid in tids(target.pid)), "free", PATIENCE)
            self.assertEqual(len(tids(target.pid)), CROWD + 1)
            target.kill()

    def test_none_is_lost_and_memory_is_bounded(self):
        for options in ([], ["--strace", "-f"]):
            tracer = self.trace(*options, program("crowd"), CROWD, 0, 0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.assertEqual(tracer.stdout.readline(), "hot\n")
            self.assertLess(int(status(tracer.pid)["VmHWM"].split()[0]), (BASE + EACH * CROWD) * LARGENESS)
            tracer.stdin.write("\n")
            tracer.stdin.close()
            self.assertEqual(tracer.wait(PATIENCE), 0)
            exits = re.findall(r"^(\d+) +\+\+\+ exited with 0", self.text("trace"), re.MULTILINE)
            self.assertEqual(len(set(exits)), CROWD + 1)

    def test_nobody_who_is_busy_starves(self):
        """Nor who is not asked with the busy ones: each of more than are remembered as busy goes on."""
        tracer = self.trace("-e", "trace=getppid", "--no-seccomp", program("crowd"), 500, 48, 2, stdout=subprocess.PIPE, text=True)
        hot, rates = tracer.communicate(timeout=PATIENCE)[0].splitlines()
        self.assertEqual((tracer.returncode, hot, len(rates.split())), (0, "hot", 48))
        self.assertGreater(min(map(int, rates.split())), 0)


if __name__ == "__main__":
    main()
