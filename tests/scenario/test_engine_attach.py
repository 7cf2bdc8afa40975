#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""Attaching: to everything that can be traced, completely; and one clear line about the rest."""
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import (IPCTRACE, PATIENCE, Case, main, program, run, state, status, tids, tracer_of, wait_until)

ROUNDS = int(os.environ.get("ROUNDS", "20"))


class Threads(Case):
    def test_all_of_200_threads_that_come_and_go_are_traced(self):
        target = self.start(program("spawner"), 200, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        wait_until(lambda: len(tids(target.pid)) >= 150, "threads")
        for _ in range(ROUNDS):
            with open(self.path("stderr"), "w") as stderr:
                tracer = self.attach(target.pid, args=("-e", "trace=none"), stderr=stderr)
            # The first thread is traced before the others are: this is said when all are.
            wait_until(lambda: "attached" in self.text("stderr"), "all are attached")
            for _ in range(3):
                strays = []
                for tid in tids(target.pid):
                    of = tracer_of(tid)
                    # One that is being born or dying has no state to speak of.
                    if of == 0 and state(tid) not in ("", "X", "Z"):
                        strays.append(tid)
                self.assertEqual([tid for tid in strays if tracer_of(tid) == 0], [])
            self.detach(tracer)
        wait_until(lambda: all(tracer_of(tid) in (0, None) for tid in tids(target.pid)), "left")
        target.stdin.close()
        self.assertIn(b"threads", target.stdout.read())
        self.assertEqual(target.wait(30), 0)

    def test_a_process_whose_first_thread_has_ended(self):
        target = self.start(program("engine_cases"), "leader_gone", stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)
        target.stdout.readline()
        wait_until(lambda: state(target.pid) == "Z", "the leader has ended")
        other = next(tid for tid in tids(target.pid) if tid != target.pid)
        with open(self.path("stderr"), "w") as stderr:
            tracer = self.trace("-e", "trace=all", "-p", target.pid, stderr=stderr)
        # It is said once they are interrupted: from then on no call is missed.
        wait_until(lambda: "attached" in self.text("stderr"), "attached")
        self.assertEqual(tracer_of(other), tracer.pid)
        target.stdin.write(b"go\n")
        target.stdin.close()
        self.assertEqual(target.wait(10), 7)
        tracer.wait(10)
        self.assertIn("exit_group(7)", self.text("trace"))

    def test_its_second_thread_executes(self):
        target = self.start(program("engine_cases"), "leader_gone_exec", stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)
        target.stdout.readline()
        wait_until(lambda: state(target.pid) == "Z", "the leader has ended")
        other = next(tid for tid in tids(target.pid) if tid != target.pid)
        with open(self.path("stderr"), "w") as stderr:
            tracer = self.trace("-e", "trace=all", "-p", target.pid, stderr=stderr)
        # It is said once they are interrupted: from then on no call is missed.
        wait_until(lambda: "attached" in self.text("stderr"), "attached")
        self.assertEqual(tracer_of(other), tracer.pid)
        target.stdin.write(b"go\n")
        target.stdin.close()
        self.assertEqual(target.stdout.read(), b"executed\n")
        self.assertEqual(target.wait(10), 0)
        tracer.wait(10)
        self.assertRegex(self.text("trace"), r"execve\(.*echo.* = 0")

    def test_a_thread_that_executes_meanwhile_does_not_lock_us_up(self):
        for _ in range(10):
            target = self.start(program("engine_cases"), "exec_storm", stdout=subprocess.DEVNULL)
            wait_until(lambda: len(tids(target.pid)) > 3, "threads")
            tracer = self.trace("-e", "trace=execve", "-p", target.pid)
            wait_until(lambda: tracer.poll() is not None or tracer_of(target.pid) == tracer.pid,
                       "attached or the target has ended", 10)
            tracer.send_signal(signal.SIGINT)
            tracer.wait(10)
            target.kill()
            target.wait()


class Stopped(Case):
    def test_stop_and_continue_by_another_process_while_attaching(self):
        target = self.start(sys.executable, "-c", "while True: pass")
        end = threading.Event()

        def disturb():
            while not end.is_set():
                os.kill(target.pid, signal.SIGSTOP)
                os.kill(target.pid, signal.SIGCONT)

        thread = threading.Thread(target=disturb)
        thread.start()
        try:
            for _ in range(ROUNDS):
                tracer = self.trace("-e", "trace=none", "-p", target.pid)
                wait_until(lambda: tracer_of(target.pid) == tracer.pid, "attached")
                self.detach(tracer)
        finally:
            end.set()
            thread.join()
        wait_until(lambda: state(target.pid) == "R", "it runs")
        os.kill(target.pid, signal.SIGSTOP)
        wait_until(lambda: state(target.pid) == "T", "it can be stopped")
        os.kill(target.pid, signal.SIGCONT)
        wait_until(lambda: state(target.pid) == "R", "it can be continued")

    def test_a_stopped_process_stays_stopped_and_can_be_continued(self):
        target = self.start(sys.executable, "-c", "while True: pass")
        os.kill(target.pid, signal.SIGSTOP)
        wait_until(lambda: state(target.pid) == "T", "stopped")
        tracer = self.trace("-p", target.pid)
        wait_until(lambda: tracer_of(target.pid) == tracer.pid, "attached")
        wait_until(lambda: "SIGSTOP" in self.text("trace"), "the stop is told")
        self.detach(tracer)
        # The kernel lets it stop once more by itself, which takes a moment.
        wait_until(lambda: state(target.pid) == "T", "it is stopped as before")
        os.kill(target.pid, signal.SIGCONT)
        wait_until(lambda: state(target.pid) == "R", "it goes on")


class Refused(Case):
    def refuse(self, *args, says, **options):
        done = run(*args, **options)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, says)
        lines = [line for line in done.stderr.splitlines() if "for more information" not in line]
        self.assertEqual(len(lines), 1, done.stderr)
        return done

    def test_what_is_no_process(self):
        for pid in ("x", "0", "-1", "1x", "", "99999999999"):
            self.refuse("-p", pid, says=r"ipctrace: ")
        self.refuse("-p", "4194303", says="no process has PID 4194303")

    def test_a_zombie(self):
        parent = self.start(sys.executable, "-c",
                            "import os, sys\npid = os.fork()\n"
                            "if pid == 0: os._exit(0)\nprint(pid, flush=True)\nsys.stdin.read()",
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pid = int(parent.stdout.readline())
        wait_until(lambda: state(pid) == "Z", "zombie")
        self.refuse("-p", pid, says="zombie")

    def test_a_kernel_thread(self):
        if "VmSize" in status(2) or not status(2):
            self.skipTest("no kernel thread in sight")
        self.refuse("-p", 2, says="kernel thread")

    def test_ipctrace_itself(self):
        done = subprocess.run(["sh", "-c", 'exec "$0" -p $$', IPCTRACE], capture_output=True,
                              text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("itself", done.stderr)

    def test_one_that_is_traced_already(self):
        target = self.start("sleep", 1000)
        tracer = self.attach(target.pid)
        self.refuse("-p", target.pid, says=rf"already traced by PID {tracer.pid} \(ipctrace\)")
        self.assertEqual(tracer_of(target.pid), tracer.pid)
        self.assertEqual(state(target.pid), "S")

    def test_another_users_process(self):
        if os.geteuid() != 0:
            self.skipTest("needs root")
        target = self.start("sleep", 1000)
        done = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", IPCTRACE, "-p",
                               str(target.pid)], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("belongs to", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual(state(target.pid), "S")

    def test_some_of_several(self):
        one, two = self.start("sleep", 1000), self.start("sleep", 1000)
        with open(self.path("stderr"), "w") as stderr:
            tracer = self.attach(one.pid, two.pid, args=("-p", 4194303, "-p", 4194302),
                                 stderr=stderr)
        self.detach(tracer)
        said = self.text("stderr").splitlines()
        self.assertEqual(len([line for line in said if "no process has PID" in line]), 2, said)
        for target in (one, two):
            wait_until(lambda: (tracer_of(target.pid), state(target.pid)) == (0, "S"), "it sleeps on, free")

    def test_all_of_several_are_told_once_each(self):
        done = run("-p", "4194303,4194302")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)

    def test_the_same_process_twice(self):
        target = self.start("sleep", 1000)
        tracer = self.attach(target.pid, args=("-p", target.pid))
        self.detach(tracer)
        wait_until(lambda: (tracer_of(target.pid), state(target.pid)) == (0, "S"), "it sleeps on, free")


if __name__ == "__main__":
    main()
