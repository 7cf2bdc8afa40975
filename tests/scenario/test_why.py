#!/usr/bin/env python3
# ctest: timeout=300 labels=engine
"""What hangs is named: by --why on the running processes, when it is traced, and in replay; demos and other programs."""
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import BUILD, IPCTRACE, PATIENCE, Case, comm, main, run, state, wait_until

STUCK = 3  # the exit status of --deadlock=error
DEADLOCK = r"=== deadlock(~ \(inferred\))?: "
ENDLESS = r"=== this wait (can never end|may never end~ \(inferred\)): "
P = r"\[\d+\]~?"  # of a process

# A demo that stays in its hang, what is said of it, and whether that is an error to --deadlock=error.
HANGING_DEMOS = [
    ("pipe --full", [DEADLOCK, rf"writer{P} waits for space in pipe:1, which reader{P} fd 3 has to read"], True),
    ("pipe-circle", [DEADLOCK, rf"left{P} waits for space in pipe:1, which right{P} fd 3 has to read",
                     rf"right{P} waits for space in pipe:2, which left{P} fd 5 has to read"], True),
    ("pipe --no-eof", [ENDLESS, rf"reader{P} waits for data in pipe:1, which only itself, by fd 4, can write to"], None),
    ("pipeline --no-eof", [ENDLESS, rf"cat{P} waits for data in pipe:1, which only itself, by fd 4, can write to"], None),
    ("sysv-msg --never", [DEADLOCK, rf"receiver{P} waits for a message of type 2 in msg:1, which sysv-msg{P} has to send"], True),
    ("sysv-sem --no-undo", [ENDLESS, rf"waiter{P} waits for semaphore sem:1\[0\], which (holder|\?){P}, which has ended, has to "
                                     "give back", "SEM_UNDO"], None),
    ("sysv-sem-set --deadlock", [DEADLOCK, rf"left{P} waits for semaphore sem:1\[1\], which right{P} has to give back",
                                 rf"right{P} waits for semaphore sem:1\[0\], which left{P} has to give back"], True),
    ("fifo --stuck", [rf"{ENDLESS}|{DEADLOCK}", rf"reader{P} waits for a writer of fifo:1(; nobody .* is left who could open for "
                                               rf"writing|, which fifo{P} has to open)"], None),
    ("futex --deadlock", [DEADLOCK, rf"left{P} waits at futex:\d, which right{P} has to unlock",
                          rf"right{P} waits at futex:\d, which left{P} has to unlock"], True),
    ("futex --lost-wakeup", [ENDLESS, rf"waiter{P} waits at futex:1; nobody .* is left who could wake"], None),
    ("file-lock --flock-deadlock", [DEADLOCK, rf"left{P} waits for \S+, the lock of \S+/other, which right{P} fd \d+ has to give up",
                                    rf"right{P} waits for \S+, the lock of \S+/file, which left{P} fd \d+ has to give up"], True),
    ("sysv-msg-limits --slow-reader", [rf"sender{P} waits for space in msg:1, which receiver{P} has to receive from"], True),
]

# What is no wait: there is nothing to look at, but a trace and its replay name it.
OTHER_DEMOS = [
    ("pipe --epipe", [r"write\(.*EPIPE .*no reader is left"]),
    ("sysv-msg --leak", [r"=== left behind: msg:1 .*, made by .* with msgget", "ipcrm -q"]),
    ("sysv-sem --leak", [r"=== left behind: sem:1 .*, made by .* with semget", "ipcrm -s"]),
    ("sysv-shm --leak", [r"=== left behind: shm:1 .*, made by .* with shmget", "ipcrm -m"]),
    ("posix-mq --leak", [r"=== left behind: mq:1 "]),
    ("posix-sem --leak", [r"=== left behind: mem:1 /dev/shm/sem\."]),
    ("posix-shm --leak", [r"=== left behind: mem:1 /dev/shm/", "rm .*/dev/shm/"]),
    ("fifo --leak", [r"=== left behind: fifo:1 "]),
    ("unix-stream --leak", [r"=== left behind: unix:\d+ ", "rm "]),
    ("file-lock --deadlock", [r"fcntl\(.*EDEADLK .*would be a deadlock: its owner waits for us"]),
]

# Programs that are no demos of ours: each hangs for good.
TWO_FULL_PIPES = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", '''
import sys
while True:
    sys.stdout.write(sys.stdin.read(1) * 65536)
'''], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
while True:
    child.stdin.write(b"x" * 100000)
"""
CROSSED_FLOCKS = """
import fcntl, os, sys
ready, go = os.pipe(), os.pipe()
def lock(one, other, tell, told):
    one, other = open(one, "w"), open(other, "w")
    fcntl.flock(one, fcntl.LOCK_EX)
    os.write(tell, b"x")
    os.read(told, 1)
    fcntl.flock(other, fcntl.LOCK_EX)
if os.fork() == 0:
    lock(sys.argv[1], sys.argv[2], ready[1], go[0])
    os._exit(0)
lock(sys.argv[2], sys.argv[1], go[1], ready[0])
"""
# Who takes a flock has it by an open file, which a child inherits; by another open file it waits for itself.
LOCKED_TWICE = """
import fcntl, os, signal, sys
what = sys.argv[2]
first = open(sys.argv[1], "w")
fcntl.flock(first, fcntl.LOCK_EX)
ready = os.pipe()
if what != "alone" and os.fork() == 0:
    if what == "orphan":
        os.read(ready[0], 1)
        second = open(sys.argv[1], "w")
        os.kill(os.getppid(), signal.SIGKILL)
        fcntl.flock(second, fcntl.LOCK_EX)
    while True:
        signal.pause()
if what == "orphan":
    os.write(ready[1], b"x")
    while True:
        signal.pause()
second = open(sys.argv[1], "w")
fcntl.flock(second, fcntl.LOCK_EX)
"""
# The sleeping job has the write end that cat's end of file waits for: nobody closed it for it.
LEAKED_END = """exec 3> >(exec cat > /dev/null); reader=$!
sleep 1000 & exec 3>&-; wait $reader"""
# make -j2 has one token in its pipe; the recipe takes it, and wants another one that will never come.
EATS_A_TOKEN = r"""
import os, re
flags = os.environ["MAKEFLAGS"]
fifo = re.search(r"--jobserver-(?:auth|fds)=fifo:(\S+)", flags)
fd = os.open(fifo[1], os.O_RDONLY) if fifo else int(re.search(r"--jobserver-(?:auth|fds)=(\d+)", flags)[1])
os.set_blocking(fd, True)
os.read(fd, 1)
os.read(fd, 1)
"""
MAKEFILE = f"all:\n\t+@{sys.executable} eater.py\n"

PROGRAMS = {
    "two full pipes": (
        [sys.executable, "-c", TWO_FULL_PIPES],
        [DEADLOCK, rf"(\w+{P}) waits for space in pipe:\d+, which (\w+{P}) fd 0 has to read",
         rf"(\w+{P}) waits for space in pipe:\d+, which (\w+{P}) fd \d+ has to read"], True),
    "a leaked end": (
        ["bash", "-c", LEAKED_END],
        [rf"cat{P} waits for data in pipe:\d+, which sleep{P} fd 3 has to write to"], False),
    "a lost token": (
        ["make", "-j2"],
        [DEADLOCK, rf"\w+{P} waits for data in (pipe|fifo):\d+, which .*make{P} fd \d+.* has to write to"], True),
    "crossed locks": (
        [sys.executable, "-c", CROSSED_FLOCKS, "one", "other"],
        [DEADLOCK, r"waits for \S+, the lock of \S+/one, which", r"waits for \S+, the lock of \S+/other, which"], True),
}


def pids_of_group(group):
    """The processes of a process group that live."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.getpgid(int(entry)) == group and state(entry) not in ("", "Z"):
                found.append(int(entry))
        except ProcessLookupError:
            pass
    return found


class Why(Case):
    def assert_said(self, text, patterns):
        for pattern in patterns:
            self.assertRegex(text, pattern)

    def all_said(self, text, patterns):
        return all(re.search(pattern, text) for pattern in patterns)

    def end_group(self, process):
        try:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.end(process)

    def start_group(self, *args, **options):
        """A process group of its own, which ends with the test."""
        process = subprocess.Popen([str(arg) for arg in args], start_new_session=True, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, cwd=self.directory, **options)
        self.addCleanup(self.end_group, process)
        return process

    def replay(self, name, *options):
        return run(f"--replay={self.path(name)}", *options).stderr

    def check_replay(self, name, text, *options):
        self.assertEqual(self.replay(name, *options), text)

    # --- the three ways to be told ---

    def check_looking(self, command, patterns, is_error):
        """(a) --why on processes that nobody traces; and the record of what was looked at."""
        process = self.start_group(*command)
        looks = []

        def is_told():
            looks[:] = [run("--why", "--deadlock=error", f"--record={self.path('look')}", "-p", process.pid)]
            return self.all_said(looks[0].stderr, patterns)

        try:
            wait_until(is_told, f"{patterns} of {command}")
        except AssertionError:
            self.assert_said(looks[0].stderr, patterns)
        self.check_replay("look", looks[0].stderr)
        if is_error is not None:
            self.assertEqual(looks[0].returncode, STUCK if is_error else 0, looks[0].stderr)
        self.assertIsNone(process.poll(), "it goes on")
        self.end_group(process)

    def check_tracing(self, command, patterns, is_error):
        """(b) the same, traced, and (c) replayed."""
        tracer = self.start_group(IPCTRACE, "--why", "--hang=0.4", "--deadlock=error", "-o", self.path("trace"),
                                  f"--record={self.path('record')}", *command)
        try:
            wait_until(lambda: self.all_said(self.text("trace"), patterns), f"{patterns} of {command}")
        except AssertionError:
            self.assert_said(self.text("trace"), patterns)
        # SIGTERM goes on to the command and ends it.
        self.end_group(tracer)
        if is_error:
            self.assertEqual(tracer.returncode, STUCK)
        again = self.replay("record", "--why", "--hang=0.4", "-o", self.path("again"))
        self.assertEqual(self.text("again"), self.text("trace"), again)

    def check(self, command, patterns, is_error):
        with self.subTest("looked at"):
            self.check_looking(command, patterns, is_error)
        with self.subTest("traced and replayed"):
            self.check_tracing(command, patterns, is_error)

    # --- the table ---

    def test_demos_that_hang(self):
        for words, patterns, is_error in HANGING_DEMOS:
            name, *variant = words.split()
            with self.subTest(demo=words):
                self.check([os.path.join(BUILD, "demos", name), "--stay", *variant], patterns, is_error)

    def test_demos_that_do_not_hang(self):
        for words, patterns in OTHER_DEMOS:
            name, *variant = words.split()
            with self.subTest(demo=words):
                traced = run("--leaks", f"--record={self.path('record')}", os.path.join(BUILD, "demos", name), *variant)
                self.assert_said(traced.stderr, patterns)
                self.check_replay("record", traced.stderr, "--leaks")
                for remove in re.findall(r"remove it with: (.*)", traced.stderr):
                    subprocess.run(["sh", "-c", remove], check=False, capture_output=True)

    def test_programs_that_hang(self):
        with open(self.path("eater.py"), "w") as file:
            file.write(EATS_A_TOKEN)
        with open(self.path("Makefile"), "w") as file:
            file.write(MAKEFILE)
        for what, (command, patterns, is_error) in PROGRAMS.items():
            if not shutil.which(command[0]):
                continue
            with self.subTest(program=what):
                self.check(command, patterns, is_error)

    # --- a lock belongs to an open file ---

    def looked_at_and_traced(self, *arguments):
        """What --why says of a program that locks a file twice, when it has said it, from outside and in a trace."""
        command = [sys.executable, "-c", LOCKED_TWICE, self.path("locked"), *arguments]
        waits = r"waits for lock:\d+, the lock of \S+/locked, which .* give up"
        process = self.start_group(*command)
        looks = []

        def is_told():
            looks[:] = [run("--why", "-p", ",".join(map(str, pids_of_group(process.pid))))]
            return re.search(waits, looks[0].stderr)

        wait_until(is_told, waits)
        self.end_group(process)
        yield looks[0].stderr
        tracer = self.start_group(IPCTRACE, "--why", "--hang=0.2", "-o", self.path("trace"), *command)
        wait_until(lambda: re.search(waits, self.text("trace")) and "fd 3" in self.text("trace"), waits)
        self.end_group(tracer)
        yield self.text("trace")

    def test_who_alone_has_the_open_file_waits_for_itself(self):
        for said in self.looked_at_and_traced("alone"):
            self.assertRegex(said, DEADLOCK + rf"\S+{P} waits for \S+, the lock of \S+, which only itself, by fd 3, can give up\n"
                                   r"    an flock is of an open file")

    def test_an_heir_of_the_open_file_may_give_the_lock_up(self):
        for said in self.looked_at_and_traced("heir"):
            self.assertRegex(said, rf"which \S+{P} fd 3 or \S+{P} fd 3 has to give up")
            self.assertNotIn("deadlock", said)

    def test_an_heir_has_the_lock_when_its_taker_has_ended(self):
        for said in self.looked_at_and_traced("orphan"):
            self.assertRegex(said, DEADLOCK + rf"\S+{P} waits for .*, which only itself, by fd 3, can give up\n")

    # --- what --why does besides ---

    def sleeper(self):
        """A parent that waits for its child, which reads what nobody writes."""
        return self.start_group(sys.executable, "-c", "import os; r, w = os.pipe()\n"
                                "if os.fork():\n  os.close(r)\n  os.wait()\nelse:\n  os.close(w)\n  os.read(r, 1)")

    def await_said(self, pid, pattern, *options, command=(IPCTRACE,)):
        looks = []

        def is_told():
            looks[:] = [subprocess.run([*command, "--why", *options, "-p", str(pid)], text=True, capture_output=True,
                                       timeout=PATIENCE, check=False)]
            return re.search(pattern, looks[0].stderr)

        wait_until(is_told, pattern)
        return looks[0]

    def test_it_follows_peers_to_the_end_of_the_chain(self):
        look = self.await_said(self.sleeper().pid, DEADLOCK)
        self.assertRegex(look.stderr, r"=== blocked: 2 of 2 threads\n"
                                      r"    \S+ waits for child \S+ to end \(wait4\)\n"
                                      r"      -> \S+ waits for data in pipe:1, which \S+ fd 4 has to write to \(read\)\n"
                                      r"pipe:1 inode \d+")

    def test_it_works_beside_another_tracer(self):
        sleeper = self.sleeper()
        self.await_said(sleeper.pid, DEADLOCK)
        tracer = self.attach(sleeper.pid)
        self.await_said(sleeper.pid, DEADLOCK)
        self.assertIsNone(tracer.poll())

    @unittest.skipIf(os.geteuid() != 0, "may not make a PID namespace")
    def test_processes_of_another_pid_namespace_have_our_numbers(self):
        """The owner of a mutex is known by its number there, and nobody's relative here until it is looked for."""
        for demo, sentence in (("futex", r"waits at futex:\d"), ("sysv-sem-set", r"waits for semaphore sem:1\[\d\]")):
            with self.subTest(demo=demo):
                apart = self.start_group("unshare", "--pid", "--fork", "--mount-proc", os.path.join(BUILD, "demos", demo),
                                         "--stay", "--deadlock")
                named = wait_until(lambda: self.left_and_right(apart.pid), "two that wait for each other")
                look = self.await_said(named["left"], DEADLOCK)
                for one, other in (("left", "right"), ("right", "left")):
                    self.assertRegex(look.stderr, rf"=== deadlock.*{one}\[{named[one]}\] {sentence}, which "
                                                  rf"{other}\[{named[other]}\]~? has to")
                self.end_group(apart)

    def left_and_right(self, group):
        named = {comm(pid): pid for pid in pids_of_group(group)}
        return named if {"left", "right"} <= set(named) else None

    @unittest.skipIf(os.geteuid() != 0, "cannot become another user")
    def test_an_ordinary_user_may_look_at_their_own(self):
        nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
        sleeper = self.start_group(*nobody, sys.executable, "-c",
                                   "import os; r, w = os.pipe()\nif os.fork(): os.close(r); os.wait()\nos.close(w); os.read(r, 1)")
        self.await_said(sleeper.pid, DEADLOCK, command=[*nobody, IPCTRACE])
        refused = subprocess.run([*nobody, IPCTRACE, "--why", "-p", str(os.getpid())], text=True, capture_output=True,
                                 timeout=PATIENCE, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr, r"^\S+: PID \d+ \(\S+\) may not be looked at: it belongs to root; run with sudo\n$")

    def test_who_may_go_on_is_not_accused(self):
        busy = self.start_group(sys.executable, "-c", "import os; r, w = os.pipe()\nif os.fork():\n  os.close(r)\n"
                                "  while True: pass\nelse:\n  os.close(w)\n  os.read(r, 1)")
        look = self.await_said(busy.pid, r"=== blocked: ", "--deadlock=error")
        self.assertEqual(look.returncode, 0)
        self.assertNotRegex(look.stderr, "deadlock|never end")

    def test_poll_is_judged(self):
        """Both wait in poll for what only the other one writes."""
        pair = self.start_group(sys.executable, "-c", """
import os, select
to_child, to_parent = os.pipe(), os.pipe()
if os.fork():
    os.close(to_child[0]); os.close(to_parent[1]); fd = to_parent[0]
else:
    os.close(to_child[1]); os.close(to_parent[0]); fd = to_child[0]
poll = select.poll()
poll.register(fd, select.POLLIN)
poll.poll()
""")
        look = self.await_said(pair.pid, DEADLOCK)
        self.assertRegex(look.stderr, rf"waits in poll for any of pipe:1 \(\S+{P} fd \d+\) \(poll\)")

    def test_wrong_usage_is_refused_in_a_line(self):
        for options, text in ((["--why", "-p", str(2 ** 22 + 5)], "no process has PID"),
                              (["--why"], "nothing to trace")):
            refused = run(*options)
            self.assertEqual((refused.returncode, refused.stderr.count("\n")), (1, 1), refused.stderr)
            self.assertIn(text, refused.stderr)


if __name__ == "__main__":
    main()
