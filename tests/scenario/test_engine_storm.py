#!/usr/bin/env python3
# ctest: timeout=300 labels=engine
"""Storms: of stops that others send, of interrupts, of vfork and execve while we come and go (reference A1, B4, C2, E6)."""
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, os.path.join(HERE, "..", "stress"))
from steps import CASES, OWN, Report, balance
from tracing import Case, children, main, program, state, tids, tracer_of, wait_until

CALL = re.compile(r"(?m)^(\d+) .*?write\(-1, NULL, (\d+)\)")
STOPS = 10000


class Stopper(threading.Thread):
    """Sends SIGSTOP and SIGCONT in turn until it is ended; the last one is SIGCONT."""

    def __init__(self, pid):
        super().__init__()
        self.pid, self.n, self.is_ending = pid, 0, False
        self.start()

    def run(self):
        try:
            while not self.is_ending:
                os.kill(self.pid, signal.SIGSTOP)
                self.n += 1
                os.kill(self.pid, signal.SIGCONT)
        except ProcessLookupError:
            pass

    def end(self):
        self.is_ending = True
        self.join()


class Storm(Case):
    def hold_calls(self, text, n):
        """Each of the calls of seqgen is there once, those of a thread in order."""
        found = CALL.findall(text)
        self.assertEqual(sorted(int(seq) for _, seq in found), list(range(n)))
        last = {}
        for tid, seq in found:
            self.assertGreater(int(seq), last.get(tid, -1))
            last[tid] = int(seq)

    def test_stopped_and_continued_all_the_time(self):
        """Reference A1, B4: stops of others come between ours, and no call is lost or told twice."""
        for way in (["--no-seccomp"], []):
            calls = 20000
            tracer = self.trace(*way, "-e", "trace=write", program("seqgen"), 4, calls, stdout=subprocess.DEVNULL)
            pid = wait_until(lambda: children(tracer.pid), "the command")[0]
            wait_until(lambda: "write(-1" in self.text("trace") or tracer.poll() is not None, "it runs")
            stopper = Stopper(pid)
            self.addCleanup(stopper.end)
            self.assertEqual(tracer.wait(120), 0)
            stopper.end()
            self.assertGreater(stopper.n, 100)
            self.hold_calls(self.text("trace"), calls)
            # That it was stopped has been seen, too.
            self.assertIn("stopped by SIGSTOP", self.text("trace"))

    def test_attached_to_one_that_is_stopped_and_continued_all_the_time(self):
        """Reference A1: ten thousand stops later it is as it was."""
        target = self.start(program("spawner"), 5, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stopper = Stopper(target.pid)
        self.addCleanup(stopper.end)
        for i in range(10000):
            tracer = self.trace("-e", ("trace=none", "trace=all")[i % 2], "-p", target.pid)
            wait_until(lambda: tracer_of(target.pid) == tracer.pid, "attached")
            self.detach(tracer, seconds=30)
            if i >= 20 and stopper.n >= STOPS:
                break
        stopper.end()
        self.assertGreaterEqual(stopper.n, STOPS)
        wait_until(lambda: not {state(tid) for tid in tids(target.pid)} & {"T", "t"}, "it goes on")
        target.stdin.close()
        self.assertIn(b"threads", target.stdout.read())
        self.assertEqual(target.wait(60), 0)

    def interrupted(self, every, *words):
        """Run ipctrace with an interrupt after each n-th restart of a tracee, of which others get it on; returns its status."""
        tracer = self.start(program("ipctrace_step"), "-o", self.path("trace"), *words, stdout=subprocess.DEVNULL,
                            stdin=subprocess.DEVNULL, env={**os.environ, "IPCTRACE_STEP_STORM": str(every),
                                                           "IPCTRACE_STEP_REPORT": self.path("report")})
        return tracer.wait(120)

    def n_interrupts(self):
        return Report(self.path("report")).n_interrupts

    def test_interrupted_all_the_time(self):
        """Reference B4: an interrupt is answered by another stop or by one of its own, which may come later."""
        for way in (["--no-seccomp"], []):
            for every in (3, 7):
                self.assertEqual(self.interrupted(every, *way, "-e", "trace=write", program("seqgen"), 4, 5000), 0)
                self.hold_calls(self.text("trace"), 5000)
                self.assertGreater(self.n_interrupts(), 10000 / every)
            for case in ("plain", "threads", "fork_many", "thread_forks", "vfork_exec", "exec_by_thread", "exec_without_leader",
                         "signals", "signals_queued", "group_stop_threads", "kill_stopped", "kill_threads", "clone_parent"):
                with self.subTest(case=case, way=way):
                    self.assertEqual(self.interrupted(3, *way, "-e", "trace=all", "--format=json", CASES, case), OWN)
                    balance([json.loads(line) for line in self.text("trace").splitlines()])

    def test_programs_are_started_from_many_threads_while_we_come_and_go(self):
        """Reference C2: whose thread is in vfork answers nobody until its child executes."""
        target = self.start(program("vforkers"), 6, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for i in range(30):
            tracer = self.attach_to_threads(target.pid, ("trace=all", "trace=execve", "trace=none")[i % 3])
            self.detach(tracer, seconds=30)
            self.assertFalse(any(tracer_of(tid) for tid in tids(target.pid)))
        tracer = self.attach_to_threads(target.pid, "trace=execve")
        wait_until(lambda: self.text("trace").count('= 0') > 50, "its children are followed")
        target.stdin.close()
        self.assertRegex(target.stdout.read(), r"^\d+ programs$")
        self.assertEqual((target.wait(60), tracer.wait(60)), (0, 0))

    def test_attached_to_one_whose_threads_execute_all_the_time(self):
        """In the midst of an execve PTRACE_SEIZE is refused for a moment."""
        target = self.start(program("family_cases"), "exec_chain", 1000000, stdout=subprocess.DEVNULL)
        for _ in range(40):
            tracer = self.trace("-e", "trace=none", "-p", target.pid)
            wait_until(lambda: tracer.poll() is not None or tracer_of(target.pid) == tracer.pid, "attached")
            self.assertIsNone(tracer.poll())
            self.detach(tracer, seconds=30)

    def attach_to_threads(self, pid, calls):
        tracer = self.trace("-e", calls, "-p", pid)
        wait_until(lambda: tracer.poll() is not None or all(tracer_of(tid) == tracer.pid for tid in tids(pid)), "attached to all")
        return tracer

    def test_stopped_for_ten_seconds_under_load(self):
        """Reference E6: nothing is lost, of none of many threads."""
        calls = 40000
        tracer = self.trace("-e", "trace=write", program("seqgen"), 16, calls, stdout=subprocess.DEVNULL)
        wait_until(lambda: len(self.text("trace")) > 10000, "it runs")
        tracer.send_signal(signal.SIGSTOP)
        wait_until(lambda: state(tracer.pid) == "T", "the tracer is stopped")
        pid = children(tracer.pid)[0]
        wait_until(lambda: "R" not in {state(tid) for tid in tids(pid)}, "its tracees wait")
        time.sleep(10)  # as long as this: no synchronisation
        self.assertIn("t", {state(tid) for tid in tids(pid)})
        tracer.send_signal(signal.SIGCONT)
        self.assertEqual(tracer.wait(120), 0)
        self.hold_calls(self.text("trace"), calls)


if __name__ == "__main__":
    main()
