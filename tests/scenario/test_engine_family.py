#!/usr/bin/env python3
# ctest: timeout=180 labels=engine
"""Stops, births, execve and ends: what becomes of whole families of threads and processes (reference B, C, D, E)."""
import os
import re
import resource
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import (IPCTRACE, PATIENCE, Case, call_of, children, main, program, run, state, tids, tracer_of, wait_until)

WAYS = ([], ["-e", "trace=all"], ["--no-seccomp"], ["--strace", "-f"], ["--strace", "-f", "--seccomp-bpf"])
ATTACHES = (["-e", "trace=none"], ["-e", "trace=all"])


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Stopped(Case):
    """Reference B3: group-stops of many threads at once."""

    def test_a_herd_stops_and_continues_as_one(self):
        # In a group of its own, whose parent is in its session: SIGTSTP and its like stop no other for sure.
        target = self.start(program("spawner"), 50, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
        wait_until(lambda: len(tids(target.pid)) >= 40, "threads")
        for way in ATTACHES:
            tracer = self.attach(target.pid, args=way)
            for sig in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU) * 5:
                os.kill(target.pid, sig)
                _, status = os.waitpid(target.pid, os.WUNTRACED)
                self.assertEqual((os.WIFSTOPPED(status), os.WSTOPSIG(status)), (True, sig))
                wait_until(lambda: {state(tid) for tid in tids(target.pid)} <= set("tT"), "all are stopped")
                os.kill(target.pid, signal.SIGCONT)
                _, status = os.waitpid(target.pid, os.WCONTINUED)
                self.assertTrue(os.WIFCONTINUED(status))
            self.detach(tracer)
        target.stdin.close()
        self.assertIn(b"threads", target.stdout.read())
        self.assertEqual(target.wait(30), 0)


class Born(Case):
    def test_all_of_many_children_in_every_way_to_end(self):
        untraced = subprocess.run([program("family_cases"), "ends"], capture_output=True, text=True, timeout=PATIENCE)
        for way in WAYS:
            with self.subTest(way=way):
                traced = run(*way, "-o", self.path("trace"), program("family_cases"), "ends")
                self.assertEqual((traced.stdout, traced.returncode), (untraced.stdout, 0))
                text = self.text("trace")
                self.assertEqual(len(re.findall(r"\+\+\+ killed by SIGKILL", text)), 5, text)
                self.assertEqual(len(re.findall(r"\+\+\+ exited with 1 \+\+\+", text)), 6, text)


class Executed(Case):
    def compare(self, *command, stdin=None):
        untraced = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, input=stdin, preexec_fn=no_core)
        for way in WAYS:
            with self.subTest(way=way):
                traced = run(*way, "-o", self.path("trace"), *command, input=stdin, preexec_fn=no_core)
                self.assertEqual((traced.stdout, traced.returncode), (untraced.stdout, untraced.returncode))
        return untraced

    def test_by_several_threads_at_once(self):
        """Reference D1: all others are superseded, and told so."""
        for _ in range(3):
            self.assertEqual(self.compare(program("family_cases"), "exec_race").stdout, "executed\n")
            text = self.text("trace")
            self.assertEqual(len(re.findall(r"(?m)execve\(.*echo.*= 0$", text)) + len(re.findall(r"execve resumed.*= 0", text)), 1,
                             text)

    def test_by_a_thread_again_and_again(self):
        done = self.compare(program("family_cases"), "exec_chain", "30")
        self.assertEqual((done.stdout, done.returncode), ("pid is tid\n", 4))
        run("-e", "trace=execve,exit_group", "-o", self.path("trace"), program("family_cases"), "exec_chain", "30")
        text = self.text("trace")
        self.assertEqual(len(re.findall(r"(?m)execve\(.*= 0$", text)), 31, text)
        self.assertEqual(len(re.findall(r"\+\+\+ exited with 4 \+\+\+", text)), 1)
        # Nobody is lost: who has begun has an end, of one kind or the other.
        ends = re.findall(r"(?m)^(\d+) .*\+\+\+", text)
        self.assertEqual(len(ends), 1 + 30 * 4, text)

    def test_the_leader_ends_first(self):
        """Reference D2: the status is that of the last thread, and nobody is counted dead before."""
        self.assertEqual(self.compare(program("family_cases"), "leader_status").returncode, 5)

    def test_killed_while_we_cannot_look(self):
        """Reference D3, D4: nothing holds a tracee back from its death, not even a tracer that is stopped."""
        target = self.start(sys.executable, "-c", "import os\nwhile True: os.getppid()")
        tracer = self.attach(target.pid, args=("-e", "trace=getppid"))
        tracer.send_signal(signal.SIGSTOP)
        wait_until(lambda: state(tracer.pid) == "T", "the tracer is stopped")
        target.send_signal(signal.SIGKILL)
        wait_until(lambda: state(target.pid) == "Z", "it has died")
        tracer.send_signal(signal.SIGCONT)
        self.assertEqual(tracer.wait(10), 0)
        self.assertIn("+++ killed by SIGKILL +++", self.text("trace"))

    def test_calls_without_a_result(self):
        """Reference D5: exit_group, execve, and a return from a handler."""
        code = "import os, signal\nsignal.signal(10, lambda *a: None)\nos.kill(os.getpid(), 10)\nos.execv('/bin/true', ['true'])"
        for way in ([], ["--no-seccomp"]):
            run(*way, "-e", "trace=rt_sigreturn,execve,exit_group", "-o", self.path("trace"), "/usr/bin/python3", "-c", code)
            text = self.text("trace")
            self.assertRegex(text, r"(?m)rt_sigreturn\(\{mask=\[\]\}\) += \S+")
            self.assertEqual(len(re.findall(r"(?m)execve\(.*\) = 0$", text)), 2, text)
            self.assertEqual(len(re.findall(r"(?m)exit_group\(0\) += \?$", text)), 1, text)

    def test_a_crash_of_200_threads_leaves_the_same_core(self):
        """Reference D7."""
        with open("/proc/sys/kernel/core_pattern") as file:
            if file.read().strip() != "core":
                self.skipTest("cores go elsewhere here")
        sizes = {}
        for name, way in [("untraced", None), *((" ".join(way), way) for way in WAYS)]:
            folder = self.path(name.replace(" ", "_") or "default")
            os.mkdir(folder)
            tracer = [] if way is None else [IPCTRACE, *way, "-o", self.path("trace")]
            done = subprocess.run(["sh", "-c", 'ulimit -c unlimited; "$@"; echo $?', "sh", *tracer, program("family_cases"), "crash",
                                   "200"], cwd=folder, capture_output=True, text=True, timeout=60)
            cores = os.listdir(folder)
            self.assertEqual((done.stdout, len(cores)), ("134\n", 1), name)
            sizes[name] = os.path.getsize(os.path.join(folder, cores[0]))
            os.unlink(os.path.join(folder, cores[0]))
            if way is not None:
                self.assertEqual(len(re.findall(r"killed by SIGABRT \(core dumped\)", self.text("trace"))), 201, name)
        # Stacks that were touched more or less make some pages.
        self.assertLess(max(sizes.values()) - min(sizes.values()), 1 << 20, sizes)


class Ended(Case):
    """What tracees feel when ipctrace is killed (reference E1), and when it is stopped (E6)."""

    def test_killed_with_a_tracee_in_a_group_stop(self):
        target = self.start("sleep", 1000)
        for _ in range(3):
            tracer = self.attach(target.pid, args=("-e", "trace=none"))
            os.kill(target.pid, signal.SIGSTOP)
            wait_until(lambda: "stopped by SIGSTOP" in self.text("trace"), "the stop is told")
            tracer.kill()
            tracer.wait()
            wait_until(lambda: state(target.pid) == "T", "it is still stopped")
            os.kill(target.pid, signal.SIGCONT)
            wait_until(lambda: state(target.pid) == "S", "it goes on")

    def test_killed_with_a_tracee_in_a_call_that_is_easily_disturbed(self):
        code = ("import select\nepoll = select.epoll()\nimport os\nr, w = os.pipe()\nepoll.register(0, select.EPOLLIN)\n"
                "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nbuf = ctypes.create_string_buffer(64)\n"
                "os.write(1, b'ready\\n')\nn = libc.epoll_wait(epoll.fileno(), buf, 1, -1)\n"
                "os.write(1, b'%d %d\\n' % (n, ctypes.get_errno()))\n")
        target = self.start(sys.executable, "-c", code, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.assertEqual(target.stdout.readline(), b"ready\n")
        wait_until(lambda: state(target.pid) == "S", "it sleeps")
        for _ in range(6):
            tracer = self.attach(target.pid, args=("-e", "trace=all", "--wait-note", "1"))
            # That it is called blocked says that its first stop is over.
            wait_until(lambda: "blocked for" in self.text("trace"), "it sleeps again")
            tracer.kill()
            tracer.wait()
            wait_until(lambda: tracer_of(target.pid) == 0 and state(target.pid) == "S", "it sleeps on")
        target.stdin.write(b"x")
        target.stdin.close()
        self.assertEqual(target.stdout.read(), b"1 0\n")

    def test_killed_under_a_stream_of_signals(self):
        """All arrive but one at most for each kill: that of a stop that was reported and not answered yet."""
        code = ("import os, signal\nn = 0\n"
                "def count(*args):\n global n\n n += 1\n"
                "signal.signal(signal.SIGUSR1, count)\nme = os.getpid()\n"
                "for i in range(50000): os.kill(me, signal.SIGUSR1)\nprint(n)\n")
        target = self.start(sys.executable, "-c", code, stdout=subprocess.PIPE, text=True)
        kills = 0
        while target.poll() is None and kills < 20:
            tracer = self.trace("-e", "trace=none", "-p", target.pid)
            wait_until(lambda: tracer.poll() is not None or tracer_of(target.pid) == tracer.pid, "attached")
            tracer.kill()
            tracer.wait()
            kills += 1
        lost = 50000 - int(target.stdout.read())
        self.assertLessEqual(lost, kills)
        self.assertGreaterEqual(lost, 0)

    def test_a_blocked_call_goes_on_under_its_name(self):
        """Reference E4: what an attach interrupts is restarted by restart_syscall, which says what it stands for."""
        names = {"nanosleep": "clock_nanosleep", "clock_nanosleep": "clock_nanosleep", "poll_timeout": "poll", "futex_timeout": "futex"}
        for args in (["--wait-note", "1"], ["--strace"]):
            calls = {}
            for call in names:
                process = self.start(program("blocked"), call)
                wait_until(lambda: state(process.pid) == "S" and call_of(process.pid) is not None, f"{call} sleeps")
                calls[call] = process.pid
            tracer = self.attach(*calls.values(), args=(*args, "-e", "trace=all"))
            for call, pid in calls.items():
                shown = rf"(?m)^{pid} +(restart_syscall\(<\.\.\. resuming interrupted {names[call]} \.\.\.>|{names[call]}\()"
                wait_until(lambda: re.search(shown, self.text("trace")), f"{call} in {args}")
            self.detach(tracer)
            self.assertNotIn("ERESTART", self.text("trace"))

    def test_stopped_for_a_while(self):
        """Nothing is lost meanwhile, and it does not take itself for stuck."""
        calls = 20000
        tracer = self.trace("-e", "trace=write", program("seqgen"), 1, calls, stdout=subprocess.DEVNULL)
        wait_until(lambda: len(self.text("trace")) > 10000, "it runs")
        tracer.send_signal(signal.SIGSTOP)
        wait_until(lambda: state(tracer.pid) == "T", "the tracer is stopped")
        pid = children(tracer.pid)[0]
        wait_until(lambda: state(pid) == "t", "its tracee waits")
        time.sleep(2)  # as long as this: no synchronisation
        self.assertEqual(state(pid), "t")
        tracer.send_signal(signal.SIGCONT)
        self.assertEqual(tracer.wait(60), 0)
        self.assertEqual(re.findall(r"write\(-1, NULL, (\d+)\)", self.text("trace")), [str(n) for n in range(calls)])

    def test_asked_to_end_while_it_is_stopped(self):
        target = self.start("sleep", 1000)
        with open(self.path("stderr"), "w") as stderr:
            tracer = self.attach(target.pid, stderr=stderr)
        tracer.send_signal(signal.SIGSTOP)
        wait_until(lambda: state(tracer.pid) == "T", "the tracer is stopped")
        tracer.send_signal(signal.SIGINT)
        time.sleep(1.5)  # longer than a tracer that is stuck is given
        tracer.send_signal(signal.SIGCONT)
        self.assertEqual(tracer.wait(10), -signal.SIGINT)
        self.assertNotIn("ended while", self.text("stderr"))
        self.assertEqual((tracer_of(target.pid), state(target.pid)), (0, "S"))


if __name__ == "__main__":
    main()
