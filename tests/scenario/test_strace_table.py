#!/usr/bin/env python3
# ctest: timeout=120
"""strace's table of calls under `--strace -c`: its times, ends of a trace, and replay. compat/summary.py compares it
with strace's own."""
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tracing import IPCTRACE, Case, call_of, main, run, state, wait_until    # noqa: E402

HEAD = "% time     seconds  usecs/call     calls    errors syscall\n"
GETPPID = 110
READ = 0
# Many calls that take system time, a child that takes more, and a wait for it.
WORKER = """
import os
if os.fork() == 0:
    for _ in range(300):
        os.listdir("/proc")
    os._exit(0)
os.wait()
"""


def rows(text):
    """{name: (percent, seconds, usecs, calls, errors)} of the text of a table, as it is written."""
    found = {}
    for line in text.splitlines():
        cells = line.split()
        if len(cells) in (5, 6) and not line.startswith(("-", "%")):
            errors = cells[4] if len(cells) == 6 else ""
            found[cells[-1]] = (*cells[:4], errors)
    return found


class Table(Case):
    def test_the_trace_and_the_table(self):
        done = run("--strace", "-C", "-e", "trace=getppid,exit_group", "sh", "-c", "exit 3")
        self.assertEqual(done.returncode, 3)
        trace, _, table = done.stderr.partition(HEAD)
        self.assertRegex(trace, r"(?s)^getppid\(\).*exit_group\(3\) +=.*\+\+\+ exited with 3 \+\+\+\n$")
        self.assertEqual(list(rows(table)), ["getppid", "total"])

    def test_the_table_alone_goes_where_the_trace_would(self):
        for target in (self.path("table"), "|cat >" + self.path("table")):
            done = run("--strace", "-f", "-c", "-o", target, "sh", "-c", "/bin/true; kill -USR1 $$")
            self.assertEqual((done.returncode, done.stderr, done.stdout), (-signal.SIGUSR1, "", ""))
            text = self.text("table")
            self.assertTrue(text.startswith(HEAD), text)
            self.assertTrue(re.search(r" total\n$", text), text)
            self.assertEqual(rows(text)["execve"][3], "2")
            self.assertNotIn("exit_group", rows(text))

    def test_system_time_is_that_of_rusage(self):
        """Also the children's, when they are waited for; -w is the time that passed."""
        done = run("--strace", "-f", "-c", "-o", self.path("table"), sys.executable, "-S", "-c", WORKER)
        self.assertEqual(done.returncode, 0)
        table = rows(self.text("table"))
        self.assertGreater(float(table["getdents64"][1]), 0)
        self.assertGreaterEqual(float(table["wait4"][1]), float(table["getdents64"][1]))
        run("--strace", "-c", "-w", "-o", self.path("table"), "sleep", "0.3")
        table = rows(self.text("table"))
        self.assertGreaterEqual(float(table["clock_nanosleep"][1]), 0.3)
        run("--strace", "-c", "-o", self.path("table"), "sleep", "0.3")
        self.assertLess(float(rows(self.text("table"))["clock_nanosleep"][1]), 0.1)

    def test_an_interrupted_trace_has_its_table(self):
        """Of a process that was attached to and goes on, and of a command."""
        target = self.start("sh", "-c", "while read -r line; do kill -0 $$; done", stdin=subprocess.PIPE)
        wait_until(lambda: call_of(target.pid) == READ, "the target waits for input")
        tracer = self.attach(target.pid, args=["--strace", "-c"])
        target.stdin.write(b"go\n" * 20)
        target.stdin.flush()
        wait_until(lambda: call_of(target.pid) == READ and state(target.pid) == "S", "it waits for more")
        self.detach(tracer, seconds=30)
        table = rows(self.text("trace"))
        self.assertEqual(table["kill"][3], "20")
        self.assertEqual(target.poll(), None)
        ready = self.path("ready")
        tracer = self.trace("--strace", "-c", "sh", "-c", f": >{ready}; read -r line", stdin=subprocess.PIPE)
        wait_until(lambda: os.path.exists(ready), "the command has begun")
        tracer.send_signal(signal.SIGTERM)
        self.assertEqual(tracer.wait(30), -signal.SIGTERM)
        self.assertIn("total", rows(self.text("trace")))

    def test_replay_gives_the_same_table(self):
        record = self.path("record")
        for options in (["-c"], ["-C"], ["-c", "-w", "-U", "time,wall-max,calls,errors", "-S", "max-time"]):
            command = ["sh", "-c", "/bin/true; cat /nonexistent; :"]
            run("--strace", "-f", *options, "--record", record, "-o", self.path("live"), *command)
            done = run("--strace", *options, "--replay", record, "-o", self.path("again"))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            live = re.sub(r"^\d+ +", "", self.text("live"), flags=re.MULTILINE)
            again = re.sub(r"^(\[pid +)?\d+\]? +", "", self.text("again"), flags=re.MULTILINE)
            self.assertIn("total", rows(live))
            self.assertEqual(live[live.index("syscall\n"):], again[again.index("syscall\n"):])
        # What was recorded with --strace has system times, also if nobody asked for a table then.
        run("--strace", "--record", record, "-o", "/dev/null", "true")
        done = run("--strace", "-c", "--replay", record)
        self.assertNotIn("?", done.stderr)
        self.assertIn("execve", rows(done.stderr))

    def test_system_times_that_were_not_recorded_are_not_zero(self):
        record = self.path("record")
        run("-e", "trace=all", "--record", record, "-o", "/dev/null", "true")
        done = run("--strace", "-c", "--replay", record, "-o", self.path("table"))
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"^[^\n]*: the system time of (\d+) of \1 calls is not known: only --strace "
                                      r"--record notes it; -w shows the time that passed\n$")
        self.assertEqual({row[:3] for row in rows(self.text("table")).values()}, {("?", "?", "?")})
        done = run("--strace", "-c", "-w", "--replay", record, "-o", self.path("table"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreater(float(rows(self.text("table"))["total"][1]), 0)

    def test_the_default_face_is_as_it_was(self):
        done = run("-c", "true")
        self.assertEqual((done.returncode, done.stderr), (0, "=== summary\n"))
        done = run("-c", "-S", "name", "true")
        self.assertEqual(done.returncode, 1)
        self.assertIn("add --strace", done.stderr)

    def test_nothing_else_is_done_under_another_name(self):
        link = self.path("strace")
        os.symlink(os.path.realpath(IPCTRACE), link)
        done = subprocess.run([link, "-c", "-S", "name", "true"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stderr.startswith(HEAD), done.stderr)


if __name__ == "__main__":
    main()
