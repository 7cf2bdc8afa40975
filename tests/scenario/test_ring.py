#!/usr/bin/env python3
# ctest: timeout=300
"""--record --ring: the last events are written when something happens, and can be understood."""
import os
import re
import signal
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "support"))

import tracing  # noqa: E402
from tracing import IPCTRACE, run, wait_until  # noqa: E402

SIZE = 64 * 1024

# Pipes that are used before and after what the ring keeps; then whatever argv says.
PROGRAM = r"""
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_DFL)    # Python's handler can come just before a read that it does not end.
early = os.pipe()
late = os.pipe()
def talk(ends, n):
    for i in range(n):
        os.write(ends[1], b"%05d" % i)
        os.read(ends[0], 5)
talk(late, 5)
talk(early, 1500)
talk(late, 20)
if sys.argv[1] == "crash":
    if os.fork() == 0:
        os.write(late[1], b"last words")
        signal.signal(signal.SIGABRT, signal.SIG_DFL)
        os.abort()
    os.wait()
    talk(early, 1500)
elif sys.argv[1] == "hang":
    os.read(late[0], 1)
elif sys.argv[1] == "wait":
    print("ready", flush=True)
    sys.stdin.readline()
    talk(late, 20)
    print("again", flush=True)
    sys.stdin.readline()
"""


def plain(text):
    """Calls and ends; signals are counted anew in a file that has no beginning."""
    text = re.sub(r"(?m)^(\d+ +(?:kill\(|---).*?) ~?#\d+.*", r"\1", text)
    return [line for line in text.splitlines() if line[:1].isdigit() and "blocked" not in line]


class Ring(tracing.Case):
    def command(self, *what):
        return ["-o", self.path("live"), f"--record={self.path('record')}", f"--ring={SIZE // 1024}K", sys.executable, "-c", PROGRAM, *what]

    def replay(self, name):
        done = run("-o", self.path("again"), f"--replay={self.path(name)}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return self.text("again")

    def check_tail(self, name):
        """What the file shows is, line by line, what was shown live; returns these lines."""
        live, shown = plain(self.text("live")), plain(self.replay(name))
        self.assertGreater(len(shown), 20)
        starts = [i for i, line in enumerate(live) if line == shown[0]]
        self.assertTrue(any(shown == live[start:start + len(shown)] for start in starts), f"{shown} is not in the live trace")
        return shown

    def test_a_crash_is_written_at_once(self):
        done = run(*self.command("crash"))
        self.assertRegex(done.stderr, r"PID \d+ was killed by SIGABRT: the last \d+ events are in '.*/record\.1'")
        shown = self.check_tail("record.1")
        self.assertRegex(shown[-1], r"\+\+\+ killed by SIGABRT")
        self.assertTrue(any("last words" in line for line in shown))

    def test_the_end_is_written_to_the_file_itself(self):
        run(*self.command("none"))
        shown = self.check_tail("record")
        self.assertRegex(shown[-1], r"\+\+\+ exited with 0")
        self.assertFalse(os.path.exists(self.path("record.1")))

    def test_messages_go_on_with_the_numbers_of_live(self):
        """Four messages are in the pipe at any time, so that some are on their way wherever the file begins."""
        code = ("import os\nr, w = os.pipe()\nfor i in range(4): os.write(w, b'%05d' % i)\n"
                "for i in range(1500): os.write(w, b'%05d' % i); os.read(r, 5)")
        run("-o", self.path("live"), f"--record={self.path('record')}", f"--ring={SIZE // 1024}K", sys.executable, "-c", code)
        shown = self.check_tail("record")
        numbers = [int(number) for line in shown if " read(" in line for number in re.findall(r"<- \S+ fd \d+ #(\d+)", line)]
        self.assertGreater(len(numbers), 5)
        self.assertGreater(numbers[0], 100)
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))

    def test_signals_that_end_ipctrace_write_the_file(self):
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(sig=sig):
                tracer = self.start(IPCTRACE, *self.command("wait"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True)
                self.assertEqual(tracer.stdout.readline().strip(), "ready")
                tracer.send_signal(sig)
                tracer.wait(tracing.PATIENCE)
                self.assertGreater(len(self.check_tail("record")), 20)

    def test_a_crash_of_any_kind_is_written(self):
        for name in ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS"):
            with self.subTest(signal=name):
                done = run("-o", self.path("live"), f"--record={self.path('record')}", "--ring=64K", sys.executable, "-c",
                           f"import os, resource, signal\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
                           f"os.write(os.pipe()[1], b'last words')\nos.kill(os.getpid(), signal.{name})")
                self.assertRegex(done.stderr, rf"was killed by {name}: the last \d+ events are in '.*/record\.1'")
                self.assertIn("last words", self.replay("record.1"))
                self.assertRegex(self.replay("record.1"), rf"killed by {name}")

    def test_the_file_is_bounded(self):
        run(*self.command("none"))
        size = os.path.getsize(self.path("record"))
        self.assertGreater(size, SIZE // 2)
        self.assertLess(size, 2 * SIZE)
        self.assertGreater(os.path.getsize(self.path("live")), 2 * SIZE)

    def test_a_hang_is_written_when_it_is_found(self):
        tracer = self.start(IPCTRACE, "--hang=0.5", *self.command("hang"), stderr=subprocess.PIPE, text=True)
        line = tracer.stderr.readline()
        self.assertRegex(line, r"something hangs: the last \d+ events are in '.*/record\.1'")
        self.assertRegex(self.replay("record.1"), r"(?m)^=== .*\n? .*python3\[\d+\] waits for data in pipe:")
        self.check_tail("record.1")
        tracer.send_signal(signal.SIGINT)
        tracer.wait(tracing.PATIENCE)

    def test_usr1_writes_a_file_each_time(self):
        tracer = self.start(IPCTRACE, *self.command("wait"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
        for number, word in (("1", "ready"), ("2", "again")):
            self.assertEqual(tracer.stdout.readline().strip(), word)
            tracer.send_signal(signal.SIGUSR1)
            wait_until(lambda: f"record.{number}" in tracer.stderr.readline(), "the line about the file")
            self.check_tail(f"record.{number}")
            tracer.stdin.write("go\n")
            tracer.stdin.flush()
        self.assertEqual(tracer.wait(tracing.PATIENCE), 0)
        self.check_tail("record")

    def test_what_is_left_behind_is_known(self):
        code = ("import os, sys\nos.mkfifo(sys.argv[1])\nr, w = os.pipe()\n"
                "for i in range(3000): os.write(w, b'x'); os.read(r, 1)")
        done = run("--leaks=error", "-o", self.path("live"), f"--record={self.path('record')}", "--ring=64K", sys.executable, "-c", code,
                   self.path("fifo"))
        self.assertEqual(done.returncode, 4)
        again = run("--leaks=error", "-o", self.path("again"), f"--replay={self.path('record')}")
        self.assertEqual(again.returncode, 4)

        def left(name):
            return re.findall(r"=== left behind: (\S+ .*made by .* with mknod\S*)", self.text(name))

        self.assertEqual(len(left("live")), 1)
        self.assertEqual(left("again"), left("live"))

    def test_wrong_sizes_are_refused(self):
        for size in ("", "0", "K", "1T", "-1", "1.5M", "99999999999999999999"):
            done = run(f"--ring={size}", f"--record={self.path('record')}", "true")
            self.assertEqual(done.returncode, 1, size)
            self.assertRegex(done.stderr, r"\A\S*: invalid --ring argument: '.*\n\Z")
        self.assertRegex(run("--ring=1M", "true").stderr, "--ring has no effect without --record=FILE")


if __name__ == "__main__":
    tracing.main()
