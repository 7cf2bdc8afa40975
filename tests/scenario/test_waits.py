#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""Programs that hang, demos and others: ipctrace says who waits for whom, live and in replay."""
import contextlib
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import BUILD, IPCTRACE, PATIENCE, Case, children, main, tracer_of, wait_until

# A program that hangs for good; System V calls by libc, for python has none.
PYTHON = """
import ctypes, fcntl, os, signal, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
class Sembuf(ctypes.Structure):
    _fields_ = [("num", ctypes.c_ushort), ("op", ctypes.c_short), ("flg", ctypes.c_short)]
def semop(sem, num, op):
    return libc.semop(sem, ctypes.byref(Sembuf(num, op, 0)), 1)
"""
FULL_PIPE = PYTHON + """
child = subprocess.Popen([sys.executable, "-c", "print('x' * 1000000)"], stdout=subprocess.PIPE)
child.wait()
"""
MESSAGE = PYTHON + """
queue = libc.msgget(0, 0o1600)
open(sys.argv[1], "w").write(str(queue))
libc.msgrcv(queue, ctypes.create_string_buffer(80), 64, ctypes.c_long(7), 0)
"""
DEAD_HOLDER = PYTHON + """
sem = libc.semget(0, 1, 0o1600)
open(sys.argv[1], "w").write(str(sem))
libc.semctl(sem, 0, 16, 1)  # SETVAL
pid = os.fork()
if not pid:
    semop(sem, 0, -1)
    os._exit(0)
os.waitpid(pid, 0)
semop(sem, 0, -1)
"""
CROSSED_LOCKS = PYTHON + """
first, second = open(sys.argv[1], "w"), open(sys.argv[2], "w")
ready, go = os.pipe(), os.pipe()
def lock(one, other, tell, told):
    one, other = open(one, "r+"), open(other, "r+")
    fcntl.flock(one, fcntl.LOCK_EX)
    os.write(tell, b"x")
    os.read(told, 1)
    fcntl.flock(other, fcntl.LOCK_EX)
if os.fork() == 0:
    lock(sys.argv[1], sys.argv[2], ready[1], go[0])
    os._exit(0)
lock(sys.argv[2], sys.argv[1], go[1], ready[0])
"""


class Waits(Case):
    def demo(self, *words, hang="0.1"):
        """Run a demo that ends by itself; what ipctrace says of waits, without pids."""
        run = subprocess.run(
            [IPCTRACE, f"--hang={hang}", "-o", self.path("trace"),
             f"--record={self.path('record')}", os.path.join(BUILD, "demos", words[0]), *words[1:]],
            stdout=subprocess.DEVNULL, timeout=PATIENCE, check=False)
        self.assertEqual(run.returncode, 0)
        return self.said()

    def hanging_demo(self, *words):
        """The same of a demo that is to be told of: its pause may be over too soon on a busy machine."""
        return wait_until(lambda: self.demo(*words), "anything said of the demo")

    def said(self, name="trace"):
        lines = self.text(name).splitlines(keepends=True)
        text = "".join(line for i, line in enumerate(lines)
                       if line.startswith("===") or line.startswith("    "))
        return re.sub(r"(?<!:\d)\[\d+\]", "", text)

    def check_replay(self):
        subprocess.run([IPCTRACE, "-o", self.path("again"), f"--replay={self.path('record')}"],
                       check=True, timeout=PATIENCE)
        self.assertEqual(self.text("again"), self.text("trace"))

    def hang(self, program, *args):
        """Start a program that hangs; wait until everything is said to be blocked."""
        tracer = self.trace("--hang=0.3", "--deadlock=error", "-e", "ipc,openat", sys.executable,
                            "-c", program, *args)
        wait_until(lambda: re.search(r"^===.*\n.*\n+(.*\n)*===", self.text("trace"), re.M),
                   "a finding")
        return tracer

    def finish(self, tracer):
        """End what hangs; returns ipctrace's exit status."""
        def is_over():
            for pid in children(tracer.pid):
                if tracer_of(pid) == tracer.pid: # else it looks for leaks in the tracer
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            return tracer.poll() is not None
        wait_until(is_over, "the end")
        return tracer.returncode

    # --- demos ---

    def test_two_full_pipes_in_a_circle(self):
        said = self.hanging_demo("pipe-circle")
        self.assertIn("=== deadlock: ", said)
        self.assertIn("left waits for space in pipe:1, which right fd 3 has to read", said)
        self.assertIn("right waits for space in pipe:2, which left fd 5 has to read", said)
        self.check_replay()

    def test_a_missing_end_of_file(self):
        said = self.hanging_demo("pipe", "--no-eof")
        self.assertIn("=== this wait can never end: reader waits for data in pipe:1, which only "
                      "itself, by fd 4, can write to", said)
        self.check_replay()

    def test_semaphores_in_opposite_order(self):
        said = self.hanging_demo("sysv-sem-set", "--deadlock")
        self.assertIn("=== deadlock~ (inferred): ", said)
        self.assertIn("left waits for semaphore sem:1[1], which right~ has to give back", said)
        self.assertIn("right waits for semaphore sem:1[0], which left~ has to give back", said)
        self.check_replay()

    def test_file_locks_in_opposite_order(self):
        said = self.hanging_demo("file-lock", "--flock-deadlock")
        self.assertRegex(said, r"=== deadlock: .*left waits for lock:\d, the lock of \S+/other, "
                               r"which right fd \d+ has to give up")
        self.check_replay()

    def test_mutexes_in_opposite_order(self):
        said = self.hanging_demo("futex", "--deadlock")
        self.assertRegex(said, r"=== deadlock~ \(inferred\): .*left waits at futex:\d, which right~ "
                               r"has to unlock")
        self.check_replay()

    def test_demos_that_only_wait_are_not_accused(self):
        for words in (["pipe", "--empty"], ["pipe", "--full"], ["file-lock"], ["sysv-sem"],
                      ["sysv-msg", "--wait-type"], ["fifo", "--open-read"], ["futex", "--mutex"],
                      ["futex", "--priority"], ["threads"], ["posix-mq"]):
            with self.subTest(demo=" ".join(words)):
                self.assertNotIn("deadlock", self.demo(*words, hang="0.05"))

    # --- other programs ---

    def test_a_full_pipe_whose_reader_waits_for_the_writer(self):
        tracer = self.hang(FULL_PIPE)
        self.assertRegex(self.said(), r"=== blocked: 2 of 2 threads\n"
                                      r"    \S+ waits for child \S+ to end .*\n"
                                      r"    \S+ waits for space in pipe:\d+, which \S+ fd \d+ has "
                                      r"to read .*\n=== deadlock: ")
        self.assertEqual(self.finish(tracer), 3)

    def test_two_processes_cross_their_locks(self):
        tracer = self.hang(CROSSED_LOCKS, self.path("one"), self.path("other"))
        self.assertRegex(self.said(), r"=== deadlock: .*(one, which.*; .*other|other, which.*; .*one)"
                                      r", which")
        tracer.send_signal(signal.SIGUSR1)
        wait_until(lambda: self.said().count("=== deadlock: ") == 2, "an answer to SIGUSR1")
        self.assertEqual(self.finish(tracer), 3)

    def test_a_fifo_without_a_partner(self):
        os.mkfifo(self.path("fifo"))
        tracer = self.hang("import sys; open(sys.argv[1], 'wb')", self.path("fifo"))
        self.assertIn("waits for a reader of fifo:1; nobody traced is left", self.said())
        self.assertNotEqual(self.finish(tracer), 3)

    def test_a_message_of_a_type_that_nobody_sends(self):
        tracer = self.hang(MESSAGE, self.path("id"))
        self.addCleanup(subprocess.run, ["ipcrm", "-q", self.text("id")], check=False)
        self.assertIn("waits for a message of type 7 in msg:1", self.said())
        self.assertIn("=== this wait may never end~ (inferred): ", self.said())
        self.finish(tracer)

    def test_a_semaphore_whose_holder_has_ended(self):
        tracer = self.hang(DEAD_HOLDER, self.path("id"))
        self.addCleanup(subprocess.run, ["ipcrm", "-s", self.text("id")], check=False)
        self.assertRegex(self.said(), r"waits for semaphore sem:1\[0\], which \S+~, which has "
                                      r"ended, has to give back")
        self.assertIn("=== this wait may never end~ (inferred): ", self.said())
        self.finish(tracer)


if __name__ == "__main__":
    main()
