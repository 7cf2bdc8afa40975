#!/usr/bin/env python3
# ctest: timeout=60 labels=engine
"""Demos with --leak leave something behind: --leaks says what, and its command removes it."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import BUILD, IPCTRACE, PATIENCE, Case, main

# What is said of each, and whether its command works without a mounted mqueue.
LEAKY = {
    "sysv-msg": "msg:1 ", "sysv-sem": "sem:1 ", "sysv-shm": "shm:1 ", "posix-shm": "mem:1 /dev/shm/",
    "posix-sem": "mem:1 /dev/shm/sem.", "fifo": "fifo:1 /", "unix-stream": "unix:1 /",
}


class Leaks(Case):
    def demo(self, *words):
        run = subprocess.run(
            [IPCTRACE, "--leaks=error", "-o", self.path("trace"), f"--record={self.path('record')}",
             os.path.join(BUILD, "demos", words[0]), *words[1:]],
            stdout=subprocess.DEVNULL, timeout=PATIENCE, check=False)
        return run.returncode, self.text("trace")

    def forget(self, path):
        """It is gone; so goes the directory that the demo made for it."""
        self.assertFalse(os.path.exists(path))
        if os.path.dirname(path).startswith("/tmp/ipctrace-"):
            os.rmdir(os.path.dirname(path))

    def test_what_is_left_can_be_removed(self):
        for demo, what in LEAKY.items():
            with self.subTest(demo=demo):
                status, trace = self.demo(demo, "--leak")
                command = re.search(r"remove it with: (.*)", trace)
                self.assertIsNotNone(command, trace)
                subprocess.run(command.group(1), shell=True, check=True)
                self.assertEqual(status, 4)
                self.assertEqual(trace.count("=== left behind: "), 1)
                self.assertIn(f"=== left behind: {what}", trace)
                if what.split()[1:]:
                    self.forget(command.group(1).split()[-1])

    def test_the_same_in_replay(self):
        _, trace = self.demo("fifo", "--leak")
        path = re.search(r"remove it with: rm (.*)", trace).group(1)
        os.unlink(path)
        self.forget(path)
        again = subprocess.run(
            [IPCTRACE, "--leaks=error", "-o", self.path("again"), f"--replay={self.path('record')}"],
            timeout=PATIENCE, check=False)
        self.assertEqual(self.text("again"), trace)
        self.assertEqual(again.returncode, 4)

    def test_demos_that_clean_up_leave_nothing(self):
        for demo in [*LEAKY, "posix-mq", "story", "everything"]:
            with self.subTest(demo=demo):
                status, trace = self.demo(demo)
                self.assertNotIn("left behind", trace)
                self.assertEqual(status, 0)


if __name__ == "__main__":
    main()
