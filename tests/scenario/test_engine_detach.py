#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""Letting go: within a second, of tracees at every kind of stop, which run on as if untraced."""
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import (IPCTRACE, Case, children, comm, main, program, run, state, tids, tracer_of,
                     wait_until)

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Detach(Case):
    def let_go(self, pid, *args, is_stopped=False):
        for sig in ENDING:
            tracer = self.trace(*args, "-p", pid)
            wait_until(lambda: tracer_of(pid) == tracer.pid, "attached")
            self.detach(tracer, sig)
            self.assertEqual(tracer.returncode, -sig)
            self.assertEqual(tracer_of(pid), 0)
            self.assertNotEqual(state(pid), "t")

    def test_a_hot_loop_of_calls(self):
        target = self.start(sys.executable, "-c",
                            "import os\nwhile True: os.getppid(); os.write(1, b'x')",
                            stdout=subprocess.DEVNULL)
        self.let_go(target.pid, "-e", "trace=all")
        wait_until(lambda: state(target.pid) == "R", "it runs")

    def test_a_loop_without_calls(self):
        target = self.start(sys.executable, "-c", "while True: pass")
        self.let_go(target.pid)
        wait_until(lambda: state(target.pid) == "R", "it runs")

    def test_a_stream_of_signals(self):
        code = ("import os, signal\n"
                "n = 0\n"
                "def count(*args):\n global n\n n += 1\n"
                "signal.signal(signal.SIGUSR1, count)\n"
                "me = os.getpid()\n"
                "for i in range(100000): os.kill(me, signal.SIGUSR1)\n"
                "print(n)\n")
        target = self.start(sys.executable, "-c", code, stdout=subprocess.PIPE, text=True)
        rounds = 0
        while target.poll() is None and rounds < 10:
            tracer = self.trace("-e", "trace=none", "-p", target.pid)
            wait_until(lambda: tracer.poll() is not None or tracer_of(target.pid) == tracer.pid,
                       "attached")
            self.detach(tracer)
            rounds += 1
        self.assertEqual(target.stdout.read(), "100000\n")

    def test_200_threads(self):
        target = self.start(program("spawner"), 200, stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL)
        wait_until(lambda: len(tids(target.pid)) >= 150, "threads")
        self.let_go(target.pid, "-e", "trace=all")
        target.stdin.close()
        self.assertEqual(target.wait(20), 0)

    def test_threads_that_are_born_meanwhile_hold_nobody_up(self):
        target = self.start(program("spawner"), 200, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        wait_until(lambda: len(tids(target.pid)) >= 150, "threads")
        for _ in range(5):
            with open(self.path("stderr"), "w") as stderr:
                tracer = self.attach(target.pid, args=("-e", "trace=none"), stderr=stderr)
            wait_until(lambda: "attached" in self.text("stderr"), "all are attached")
            self.detach(tracer)
            self.assertNotIn("missing", self.text("stderr"))
        target.stdin.close()
        self.assertEqual(target.wait(30), 0)

    def test_a_vfork_parent(self):
        # subprocess of CPython 3.11 uses vfork where it can; dash's `sleep` is made by fork.
        target = self.start(program("engine_cases"), "vfork_sleep", stdout=subprocess.PIPE)
        child = wait_until(lambda: children(target.pid), "its child")[0]
        wait_until(lambda: state(target.pid) == "D" and state(child) == "S", "it waits in vfork")
        for sig in ENDING:
            tracer = self.trace("-p", f"{target.pid},{child}")
            wait_until(lambda: tracer_of(target.pid) == tracer_of(child) == tracer.pid, "attached")
            self.detach(tracer, sig)
        self.assertEqual(state(target.pid), "D")
        os.kill(child, signal.SIGKILL)
        self.assertEqual(target.wait(10), 0)

    def test_a_stopped_job_of_several_threads(self):
        target = self.start(program("spawner"), 20, stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL)
        wait_until(lambda: len(tids(target.pid)) > 10, "threads")
        tracer = self.attach(target.pid, args=("-e", "trace=none"))
        os.kill(target.pid, signal.SIGSTOP)
        wait_until(lambda: "stopped by SIGSTOP" in self.text("trace"), "the stop is told")
        self.detach(tracer)
        wait_until(lambda: {state(tid) for tid in tids(target.pid)} == {"T"}, "all stopped")
        os.kill(target.pid, signal.SIGCONT)
        wait_until(lambda: state(target.pid) == "S", "it goes on")
        target.stdin.close()
        self.assertEqual(target.wait(20), 0)

    def test_another_signal_ends_it_at_once(self):
        target = self.start("sleep", 1000)
        tracer = self.attach(target.pid)
        tracer.send_signal(signal.SIGTERM)
        tracer.send_signal(signal.SIGINT)
        self.assertIn(tracer.wait(2), (-signal.SIGTERM, -signal.SIGINT))
        self.assertEqual(tracer_of(target.pid), 0)
        wait_until(lambda: state(target.pid) == "S", "it sleeps")

    def test_children_that_were_followed(self):
        target = self.start("sh", "-c", "read go; sleep 1000 & wait", stdin=subprocess.PIPE)
        tracer = self.attach(target.pid)
        target.stdin.write(b"go\n")
        target.stdin.flush()
        child = wait_until(lambda: children(target.pid), "a child")[0]
        self.addCleanup(os.kill, child, signal.SIGKILL)
        wait_until(lambda: comm(child) == "sleep" and tracer_of(child) == tracer.pid, "followed")
        self.detach(tracer)
        self.assertEqual((tracer_of(child), tracer_of(target.pid)), (0, 0))
        wait_until(lambda: state(child) == "S", "it sleeps")


@unittest.skipUnless(os.geteuid() == 0 and len(os.sched_getaffinity(0)) > 1, "needs root and two CPUs")
class Starved(Case):
    def test_a_tracer_that_gets_no_time_is_not_taken_for_stuck(self):
        """Asked to end in the midst of an attach, on a CPU of which a real-time process leaves it 5 %."""
        its = max(os.sched_getaffinity(0))
        target = self.start(program("crowd"), 1500, 0, 0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        wait_until(lambda: len(tids(target.pid)) > 1500, "threads")
        hog = self.start("chrt", "-f", 10, "taskset", "-c", its, sys.executable, "-c", "while True: pass")
        wait_until(lambda: os.sched_getscheduler(hog.pid) == os.SCHED_FIFO, "a real-time process")
        tracer = self.trace("-p", target.pid, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: tracer_of(target.pid) == tracer.pid, "it attaches")
        os.sched_setaffinity(tracer.pid, {its})     # its first thread only
        tracer.send_signal(signal.SIGINT)
        said = tracer.stderr.read()
        self.assertEqual(tracer.wait(), -signal.SIGINT)
        self.assertNotIn("ended while", said)


class Stop(Case):
    def test_a_group_stop_is_one_for_its_parent_too(self):
        """The parent of a traced process sees it stop and continue (reference B3)."""
        target = self.start("sleep", 1000)
        self.attach(target.pid, args=("-e", "trace=none"))
        for _ in range(5):
            os.kill(target.pid, signal.SIGSTOP)
            pid, status = os.waitpid(target.pid, os.WUNTRACED)
            self.assertTrue(os.WIFSTOPPED(status))
            self.assertEqual(os.WSTOPSIG(status), signal.SIGSTOP)
            os.kill(target.pid, signal.SIGCONT)
            pid, status = os.waitpid(target.pid, os.WCONTINUED)
            self.assertTrue(os.WIFCONTINUED(status))
        wait_until(lambda: state(target.pid) == "S", "it sleeps on")

    def test_a_stopped_process_makes_no_calls(self):
        # In a group of its own, whose parent is in its session: only so does SIGTSTP stop it for sure.
        target = self.start(sys.executable, "-c", "import os\nwhile True: os.getppid()", process_group=0)
        self.attach(target.pid, args=("-e", "trace=getppid"))
        os.kill(target.pid, signal.SIGTSTP)
        os.waitpid(target.pid, os.WUNTRACED)
        wait_until(lambda: "stopped by SIGTSTP" in self.text("trace"), "told")
        end = lambda: self.text("trace").rstrip().splitlines()[-1]
        self.assertIn("stopped by SIGTSTP", end())
        os.kill(target.pid, signal.SIGCONT)
        wait_until(lambda: "getppid" in end(), "goes on")


class Passed(Case):
    """Signals that are sent to ipctrace alone."""
    # By a descriptor: a handler of Python's waits for the end of a read() that a signal came just before.
    CODE = ("import os, select, signal, sys\n"
            "r, w = os.pipe()\n"
            "os.set_blocking(w, False)\n"
            "signal.set_wakeup_fd(w)\n"
            "for sig in (1, 2, 3, 15): signal.signal(sig, lambda *args: None)\n"
            "os.write(1, b'ready\\n')\n"
            "while True:\n"
            "    ready = select.select([0, r], [], [])[0]\n"
            "    for sig in os.read(r, 100) if r in ready else b'': os.write(1, b'got %d\\n' % sig)\n"
            "    if 0 in ready: sys.exit(9)\n")

    def test_reach_the_command_and_tracing_goes_on(self):
        for way in ([], ["--no-seccomp"], ["--strace"]):
            tracer = self.trace(*way, "-e", "trace=exit_group", sys.executable, "-u", "-c",
                                self.CODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                start_new_session=True)
            self.assertEqual(tracer.stdout.readline(), b"ready\n")
            for sig in ENDING:
                tracer.send_signal(sig)
                self.assertEqual(tracer.stdout.readline(), b"got %d\n" % sig)
            tracer.stdin.close()
            self.assertEqual(tracer.wait(10), 9)
            self.assertEqual(tracer.stdout.read(), b"")
            self.assertIn("exit_group(9)", self.text("trace"))

    def test_that_kill_the_command_end_us_the_same_way(self):
        tracer = self.trace("sleep", "1000")
        wait_until(lambda: [c for c in children(tracer.pid) if comm(c) == "sleep"], "command")
        tracer.send_signal(signal.SIGTERM)
        self.assertEqual(tracer.wait(10), -signal.SIGTERM)


if __name__ == "__main__":
    main()
