#!/usr/bin/env python3
# ctest: timeout=180 labels=engine
"""-k on programs whose unwind information is hostile or damaged (reference L4), and the process that unwinds them."""
import json
import os
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import (IPCTRACE, IS_SANITIZED, PATIENCE, Case, comm, main, program, run, state, status, tracer_of,
                     wait_until)

ROUNDS = 40
HELPER, SPAWNER = "ipctrace-unwind", "ipctrace-spawn"
# Calls getppid() for each line that it reads.
ASKER = "import os, sys\nfor line in sys.stdin:\n    os.getppid()\n    print(line, end='', flush=True)\nsys.exit(7)"


def section(data, name):
    """(offset, length) of a section of a 64-bit ELF file."""
    at, size, n, names = struct.unpack_from("<Q10xHHH", data, 40)
    heads = [struct.unpack_from("<IIQQQQ", data, at + i * size) for i in range(n)]
    for head in heads:
        begin = heads[names][4] + head[0]
        if data[begin:data.index(b"\0", begin)] == name:
            return head[4], head[5]
    raise KeyError(name)


def make_with_symbols(path, megabytes):
    """A program that calls getppid(), with a table of symbols of that size. Returns its path."""
    with open(program("hostile_stack_static"), "rb") as file:
        data = bytearray(file.read())
    symbol = struct.pack("<IBBHQQ", 1, 2, 0, 1, 0x401000, 16)
    table, size, n, _ = struct.unpack_from("<Q10xHHH", data, 40)
    begin = len(data) + -len(data) % 8
    for i in range(n):
        head = list(struct.unpack_from("<IIQQQQIIQQ", data, table + i * size))
        if head[1] == 2:
            head[4], head[5] = begin, megabytes * 1024 * 1024
            struct.pack_into("<IIQQQQIIQQ", data, table + i * size, *head)
    with open(path, "wb") as file:
        file.write(data.ljust(begin, b"\0"))
        for _ in range(megabytes):
            file.write((symbol * (1024 * 1024 // 24 + 1))[:1024 * 1024])
    os.chmod(path, 0o755)
    return path


class Hostile(Case):
    def frames(self, text, call):
        """The frames below each of these calls."""
        return [part.partition("\n\n")[0].splitlines()[1:] for part in text.split(call)[1:]]

    def test_unwind_information_without_an_end(self):
        """What is known is shown, that the rest is not is said, and soon nobody waits for it any more."""
        done = run("-k", "-e", "trace=getppid", "-o", self.path("trace"), program("hostile_stack_static"), 50)
        self.assertEqual((done.returncode, done.stderr), (7, ""))
        found = self.frames(self.text("trace"), "getppid()")
        self.assertEqual(len(found), 51)
        self.assertEqual([len(frames) for frames in found[:3]], [3, 3, 3], found[:3])
        self.assertIn("endless", found[0][1])
        self.assertEqual([frames[-1] for frames in found[:50]], [" > (unwinding failed)"] * 50)
        # After an execve it is another program.
        self.assertIn("usual", found[50][1])
        self.assertNotIn("failed", "".join(found[50]))

    def test_replay_and_json_tell_the_same(self):
        words = ["-k", "-e", "trace=getppid", "-o", self.path("trace")]
        run(*words, "--record", self.path("record"), program("hostile_stack_static"), 2)
        replayed = run("--replay", self.path("record"), "-k", "-e", "trace=getppid", "-o", self.path("again"))
        self.assertEqual(replayed.stderr, "")
        self.assertEqual(self.text("again"), self.text("trace"))
        run(*words, "--format=json", program("hostile_stack_static"), 2)
        calls = [record for record in map(json.loads, self.text("trace").splitlines()) if record["record"] == "call"]
        self.assertEqual([call["stack"][-1]["ip"] for call in calls[:2]], ["0x0", "0x0"])

    def test_damaged_unwind_information(self):
        """Of a program that does not need it: it ends as ever, whatever the tables say."""
        with open(program("hostile_stack_static"), "rb") as file:
            good = file.read()
        generator = random.Random(7)
        path = self.path("program")
        for _ in range(ROUNDS):
            data = bytearray(good)
            begin, length = section(data, b".eh_frame")
            for _ in range(generator.choice((1, 20, length // 8))):
                data[begin + generator.randrange(length)] = generator.choice((0, 0xff, 0x7f, generator.randrange(256)))
            with open(path, "wb") as file:
                file.write(data)
            os.chmod(path, 0o755)
            done = run("-k", "-e", "trace=getppid", "-o", self.path("trace"), path, 3)
            self.assertEqual((done.returncode, done.stderr), (7, ""))
            self.assertEqual(self.text("trace").count("getppid()"), 4)

    def test_a_table_of_symbols_that_no_memory_can_hold(self):
        """Twelve million functions in a file of 300 MB: the stack fails, or takes its time; the program does not."""
        path = make_with_symbols(self.path("program"), 240)
        done = run("-k", "-e", "trace=getppid", "-o", self.path("trace"), path, 3)
        self.assertEqual(done.returncode, 7)
        found = self.frames(self.text("trace"), "getppid()")
        self.assertEqual([frames[-1] for frames in found[:3]], [" > (unwinding failed)"] * 3)


class Process(Case):
    """The process that unwinds, and the one that forks it."""

    def setUp(self):
        super().setUp()
        self.mark = f"IPCTRACE_TEST_MARK={os.getpid()}-{self.id()}"
        name, _, value = self.mark.partition("=")
        self.environment = {**os.environ, name: value}

    def named(self, name):
        """The processes with that name that live and were forked by a tracer of this test."""
        def is_one(pid):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    return comm(pid) == name and self.mark.encode() in file.read().split(b"\0")
            except OSError:
                return False
        return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and is_one(pid) and state(pid) not in "ZX"]

    def helper(self):
        """The one helper there is."""
        return wait_until(lambda: self.named(HELPER), "a process that unwinds")[0]

    def assert_gone(self):
        wait_until(lambda: not self.named(HELPER) + self.named(SPAWNER), "no process is left")

    def begin(self, *args, **options):
        """Trace an ASKER, or attach to it."""
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        if args:
            self.asker = self.start(sys.executable, "-c", ASKER, start_new_session=True, **streams)
            self.ask()
            tracer = self.attach(self.asker.pid, args=["-k", "-e", "trace=getppid"], env=self.environment, **options)
        else:
            self.asker = tracer = self.trace("-k", "-e", "trace=getppid", sys.executable, "-c", ASKER,
                                             env=self.environment, stderr=subprocess.PIPE, **streams, **options)
        return tracer

    def ask(self):
        self.asker.stdin.write("\n")
        self.asker.stdin.flush()
        self.assertEqual(self.asker.stdout.readline(), "\n")

    def stacks(self, tracer):
        """Of each call, when the command has ended; and what was said on stderr."""
        self.asker.stdin.close()
        self.assertEqual(tracer.wait(PATIENCE), 7)
        return [part.partition("\n\n")[0].splitlines()[1:] for part in self.text("trace").split("getppid()")[1:]]

    def assert_good(self, frames):
        self.assertGreater(len(frames), 3)
        self.assertIn("getppid", frames[0])
        self.assertNotIn(" > (unwinding failed)", frames)

    def test_it_can_do_nothing_else(self):
        self.begin()
        self.ask()
        helper, spawner = self.helper(), self.named(SPAWNER)[0]
        for pid in (helper, spawner):
            of = status(pid)
            self.assertEqual([int(of[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")], [0] * 4)
            self.assertEqual(of["NoNewPrivs"], "1")
            fds = {fd: os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
            self.assertTrue(fds.pop("0").startswith("socket:"), fds)
            # A sanitizer has stderr, and pipes by which it finds out what can be read.
            self.assertTrue(not fds or IS_SANITIZED, fds)
            self.assertNotEqual(os.getsid(pid), os.getsid(0))
        if not IS_SANITIZED:
            self.assertEqual(status(helper)["Seccomp"], "2")
            with open(f"/proc/{helper}/limits") as file:
                limits = dict((line[:26].strip(), line[26:46].strip()) for line in file)
            self.assertEqual((limits["Max core file size"], limits["Max address space"]), ("0", str(1 << 30)))

    def test_one_that_is_killed_is_replaced(self):
        tracer = self.begin()
        self.ask()
        first = self.helper()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: first not in self.named(HELPER), "it is gone")
        self.ask()
        self.ask()
        self.assertNotEqual(self.helper(), first)
        found = self.stacks(tracer)
        self.assertEqual(len(found), 3)
        self.assert_good(found[0])
        self.assertEqual(found[1], [" > (unwinding failed)"])
        self.assertEqual(found[2], found[0])
        said = tracer.stderr.read().splitlines()
        self.assertEqual(len(said), 1, said)
        self.assertRegex(said[0], r"unwinding the stack of PID \d+ crashed")
        self.assert_gone()

    def test_one_that_is_stopped_is_replaced(self):
        tracer = self.begin()
        self.ask()
        first = self.helper()
        os.kill(first, signal.SIGSTOP)
        wait_until(lambda: state(first) == "T", "it is stopped")
        self.ask()
        self.ask()
        found = self.stacks(tracer)
        self.assertEqual(found[1], [" > (unwinding failed)"])
        self.assertEqual(found[2], found[0])
        said = tracer.stderr.read().splitlines()
        self.assertEqual(len(said), 1, said)
        self.assertIn("took too long", said[0])
        self.assert_gone()

    @unittest.skipUnless(os.geteuid() == 0 and len(os.sched_getaffinity(0)) > 1, "needs root and two CPUs")
    def test_for_one_that_gets_no_time_nobody_is_blamed(self):
        """It has much to do on a CPU of which a real-time process leaves it 5 %."""
        path = make_with_symbols(self.path("program"), 60)
        ours, its = sorted(os.sched_getaffinity(0))[:2]
        self.addCleanup(os.sched_setaffinity, 0, os.sched_getaffinity(0))
        hog = self.start("chrt", "-f", 10, "taskset", "-c", its, sys.executable, "-c", "while True: pass")
        wait_until(lambda: os.sched_getscheduler(hog.pid) == os.SCHED_FIFO, "a real-time process")
        os.sched_setaffinity(0, {ours})
        tracer = self.trace("-k", "-e", "trace=getppid", "sh", "-c", 'echo; read line; exec "$0" 3', path, env=self.environment,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        tracer.stdout.readline()
        for pid in self.named(SPAWNER) + self.named(HELPER):
            os.sched_setaffinity(pid, {its})
        begin = time.monotonic()
        tracer.stdin.write("\n")
        tracer.stdin.close()
        self.assertEqual(tracer.wait(PATIENCE), 7)
        self.assertGreater(time.monotonic() - begin, 3)
        self.assertEqual(tracer.stderr.read(), "")

    def test_without_who_forks_it_the_trace_goes_on(self):
        tracer = self.begin()
        self.ask()
        os.kill(self.named(SPAWNER)[0], signal.SIGKILL)
        self.assert_gone()
        for _ in range(5):
            self.ask()
        found = self.stacks(tracer)
        self.assert_good(found[0])
        self.assertEqual(found[1:], [[" > (unwinding failed)"]] * 5)
        self.assertEqual(len(tracer.stderr.read().splitlines()), 1)

    def test_it_ends_when_the_tracer_is_killed(self):
        tracer = self.begin("-p")
        self.ask()
        self.helper()
        tracer.kill()
        tracer.wait()
        self.assert_gone()
        self.ask()

    def test_signals_of_a_terminal_are_not_for_it(self):
        """Ctrl-Z and Ctrl-C reach the group of the tracer: it stops and ends, and what unwinds ends with it."""
        tracer = self.begin("-p", start_new_session=True)
        self.ask()
        helper = self.helper()
        for sig in (signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR2, signal.SIGALRM, signal.SIGTSTP):
            os.kill(helper, sig)
        self.ask()
        self.assertEqual(self.helper(), helper)
        os.killpg(tracer.pid, signal.SIGINT)
        tracer.wait(PATIENCE)
        self.assert_gone()
        self.ask()
        self.assertEqual(tracer_of(self.asker.pid), 0)
        found = [part.partition("\n\n")[0].splitlines()[1:] for part in self.text("trace").split("getppid()")[1:]]
        self.assert_good(found[0])
        self.assertEqual(found[1], found[0])

    @unittest.skipIf(os.geteuid() or not shutil.which("unshare"), "needs root and unshare")
    def test_whom_orphans_are_given_to(self):
        """As process 1 the tracer is the parent of who forks for it, and does not wait for that one."""
        words = ["unshare", "--pid", "--fork", "--mount-proc", IPCTRACE, "-k", "-f", "-e", "trace=getppid",
                 "-o", self.path("trace"), sys.executable, "-c", "import os; os.getppid(); os.fork(); os._exit(7)"]
        done = subprocess.run(words, env=self.environment, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 7)
        self.assertIn("getppid", self.text("trace"))
        self.assert_gone()

    @unittest.skipIf(IS_SANITIZED, "a sanitizer needs terabytes of addresses")
    def test_under_limits_that_are_lower_than_its_own(self):
        limits = {resource.RLIMIT_AS: 400 * 1024 * 1024, resource.RLIMIT_CORE: 0}
        done = run("-k", "-e", "trace=getppid", "-o", self.path("trace"), sys.executable, "-c", "import os; os.getppid()",
                   preexec_fn=lambda: [resource.setrlimit(which, (limit, limit)) for which, limit in limits.items()])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assert_good(self.text("trace").split("getppid()")[1].partition("\n\n")[0].splitlines()[1:])

    def test_no_stacks_no_process(self):
        tracer = self.trace("-e", "trace=getppid", sys.executable, "-c", ASKER, env=self.environment,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.asker = tracer
        self.ask()
        self.assertEqual(self.named(HELPER) + self.named(SPAWNER), [])


if __name__ == "__main__":
    main()
