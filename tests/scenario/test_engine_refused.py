#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""What cannot be traced: one line that says why, in the order in which the kernel would refuse (reference A7, A8, A11)."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, WITHOUT_PTRACE, Case, call_of, comm, main, program, run, state, tracer_of, wait_until

NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
OPENAT = 257


@unittest.skipIf(os.geteuid() != 0, "needs root")
class Explained(Case):
    def refuse(self, pid, says, tracer=NOBODY, command=(IPCTRACE,)):
        environment = WITHOUT_PTRACE if "no-ptrace" in tracer else None
        done = subprocess.run([*tracer, *command, "-p", str(pid)], capture_output=True, text=True, timeout=PATIENCE, env=environment)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, says)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(tracer_of(pid), 0)

    def sleeper(self, *before):
        target = self.start(*before, "sleep", "1000")
        wait_until(lambda: comm(target.pid) == "sleep" and state(target.pid) == "S", "it sleeps")
        return target.pid

    def python(self, code, *before):
        target = self.start(*before, sys.executable, "-c", f"import os, ctypes, time\n{code}\nprint(flush=True)\ntime.sleep(1000)",
                            stdout=subprocess.PIPE)
        self.assertEqual(target.stdout.readline(), b"\n")
        return target.pid

    def test_root_and_another_user(self):
        self.refuse(self.sleeper(), "belongs to root; run with sudo")
        other = ("setpriv", "--reuid", "1234", "--regid", "1234", "--clear-groups")
        self.refuse(self.sleeper(*other), "belongs to another user; run with sudo")

    def test_ids_that_are_not_all_the_same(self):
        self.refuse(self.python("os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 0)"),
                    "has taken on other user or group ids")
        self.refuse(self.python("os.setgroups([]); os.setresgid(65534, 0, 0); os.setresuid(65534, 65534, 65534)"),
                    "has taken on other user or group ids")

    def test_capabilities(self):
        self.refuse(self.sleeper(*NOBODY, "--inh-caps", "+net_raw", "--ambient-caps", "+net_raw"),
                    "has capabilities that ipctrace has not")

    def test_root_without_the_capability(self):
        self.refuse(self.sleeper(*NOBODY), "belongs to another user; run with CAP_SYS_PTRACE",
                    tracer=("setpriv", "--bounding-set", "-sys_ptrace"))

    def test_one_that_is_not_dumpable(self):
        self.refuse(self.python("ctypes.CDLL(None).prctl(4, 0)", *NOBODY), "not dumpable")

    def test_yama(self):
        """There is none here: what its file would say, and a ptrace that is refused."""
        yama = 'mount -t tmpfs none /proc/sys/kernel; mkdir /proc/sys/kernel/yama; ' \
               'echo {} >/proc/sys/kernel/yama/ptrace_scope; exec "$@"'
        if os.path.exists("/proc/sys/kernel/yama"):
            self.skipTest("has Yama")
        target = self.sleeper(*NOBODY)
        for scope, says in (("1", "ptrace_scope is 1; .*PR_SET_PTRACER"), ("2", "ptrace_scope is 2; run with sudo$"),
                            ("3", "ptrace_scope is 3; nobody may trace until the next boot")):
            with self.subTest(scope=scope):
                tracer = ("unshare", "-m", "sh", "-c", yama.format(scope), "sh", program("confined"), "no-ptrace")
                self.refuse(target, says, (*tracer, *NOBODY))
                if scope == "3":
                    self.refuse(target, says, tracer)
                else:
                    self.refuse(target, "not permitted at all here", tracer)

    def test_ptrace_that_is_not_permitted_to_anybody(self):
        self.refuse(self.sleeper(), "not permitted at all here", (program("confined"), "no-ptrace"))

    def test_a_command_where_ptrace_is_not_permitted(self):
        done = subprocess.run([program("confined"), "no-ptrace", IPCTRACE, "echo", "ran"], capture_output=True, text=True,
                              timeout=PATIENCE, env=WITHOUT_PTRACE)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, "cannot trace a command: Operation not permitted")
        self.assertEqual(len(done.stderr.splitlines()), 1)


@unittest.skipIf(os.geteuid() != 0, "needs root")
class Reused(Case):
    """A number that is given to another process between the command line and the attach."""

    def reuse(self, pid, *command):
        """Start a command as that very process."""
        def start():
            starter = self.start(program("confined"), f"pid={pid}", *command, stderr=subprocess.DEVNULL)
            wait_until(lambda: starter.poll() is not None or (comm(pid) == "sleep" and state(pid) == "S"), "it runs")
            return starter.poll() is None
        wait_until(start, "the number is free")

    def test_the_other_one_is_left_alone(self):
        target = self.start("sleep", 1000)
        bystander = self.start("sleep", 1000)
        os.mkfifo(self.path("fifo"))
        for pids in ((target.pid,), (target.pid, bystander.pid)):
            with self.subTest(pids=pids):
                tracer = self.start(IPCTRACE, "-o", self.path("fifo"), "-p", ",".join(map(str, pids)),
                                    stderr=subprocess.PIPE)
                # It has read its command line, and nobody reads what it is about to write.
                wait_until(lambda: call_of(tracer.pid) == OPENAT, "it waits for a reader")
                if target.poll() is None:
                    target.kill()
                    target.wait()
                else:
                    os.kill(target.pid, 9)
                self.reuse(target.pid, "sleep", "1000")
                with open(self.path("fifo")) as trace:
                    self.assertRegex(tracer.stderr.readline().decode(), rf"PID {target.pid} has ended, and another")
                    if len(pids) == 1:
                        self.assertEqual(tracer.wait(10), 1)
                    else:
                        wait_until(lambda: tracer_of(bystander.pid) == tracer.pid, "the other is traced")
                        os.kill(target.pid, 10)
                        # It dies of the signal as if nobody had touched it; the trace goes on.
                        wait_until(lambda: comm(target.pid) == "", "it is gone")
                        self.assertIsNone(tracer.poll())
                        bystander.kill()
                        self.assertEqual(tracer.wait(10), 0)
                        self.assertNotIn(f"{target.pid} ", trace.read())
                if len(pids) == 1:
                    self.assertEqual((tracer_of(target.pid), state(target.pid)), (0, "S"))


if __name__ == "__main__":
    main()
