#!/usr/bin/env python3
# ctest: timeout=180
"""Whom calls of a process in another PID namespace name: who it is here, and how it is called there; never somebody else."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, children, comm, main, run, wait_until

SKIPPED = 77
TIMEOUT = 90
APART = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork", "--mount-proc"]

# Each says on its output what it did, for the test to compare with: its numbers here come from the trace.
TALK = r"""
import fcntl, os, signal, socket, struct, sys, tempfile, threading

own = os.getpid()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGCHLD})
near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
far.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
lock = tempfile.TemporaryFile()
ready, told = os.pipe()
child = os.fork()
if not child:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    os.write(told, b"x")
    os.kill(os.getppid(), signal.SIGUSR1)
    signal.sigwaitinfo({signal.SIGUSR1})
    near.send(b"mine")
    signal.pause()
os.read(ready, 1)
# struct flock: l_type, l_whence, l_start, l_len, l_pid
asked = fcntl.fcntl(lock, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
assert struct.unpack("hhqqi4x", asked)[4] == child
signal.sigwaitinfo({signal.SIGUSR1})
os.kill(child, signal.SIGUSR1)
text, control, _, _ = far.recvmsg(16, 64)
assert struct.unpack("3i", control[0][2])[0] == child
one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
assert struct.unpack("3i", one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] == own
pidfd = os.pidfd_open(child)
os.kill(child, signal.SIGTERM)
signal.sigwaitinfo({signal.SIGCHLD})
assert os.waitpid(child, 0) == (child, signal.SIGTERM)
try:
    os.kill(1 << 21, 0)
except ProcessLookupError:
    pass
print(own, child)
"""

# A fork in a namespace within the namespace, which its creator calls otherwise than it calls itself.
NESTED = r"""
import ctypes, os, signal, sys

libc = ctypes.CDLL(None, use_errno=True)
first = os.fork()
if not first:
    os._exit(0)
os.waitpid(first, 0)
assert libc.unshare(0x20000000) == 0, ctypes.get_errno()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
inner = os.fork()
if not inner:
    assert os.getpid() == 1
    os.kill(1, 0)
    signal.sigwaitinfo({signal.SIGUSR1})
    innermost = os.fork()
    if not innermost:
        os._exit(0)
    assert innermost == 2
    os.waitpid(innermost, 0)
    os._exit(0)
os.kill(inner, signal.SIGUSR1)
os.waitpid(inner, 0)
print(os.getpid(), inner)
"""


UNSEEN = r"""
import os, signal, socket

near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
far.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
input()
child = os.fork()
if not child:
    near.send(b"mine")
    signal.pause()
far.recvmsg(16, 64)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
print(child)
"""


# The first process of a namespace sleeps in a call that any signal would end; it handles SIGUSR1 only.
FIRST = r"""
import ctypes, os, signal, time

libc = ctypes.CDLL(None, use_errno=True)
signal.signal(signal.SIGUSR1, lambda *_: None)
epoll = libc.epoll_create1(0)

def wait():
    return libc.epoll_wait(epoll, (ctypes.c_char * 12)(), 1, 60000)

def send_when_it_sleeps(*signals):
    for sig in signals:
        while open("/proc/1/stat").read().rsplit(")", 1)[1].split()[0] != "S":
            time.sleep(0.01)
        os.kill(1, sig)

assert os.getpid() == 1
child = os.fork()
if not child:
    send_when_it_sleeps(signal.SIGTERM, signal.SIGSTOP, signal.SIGTSTP, signal.SIGRTMIN, signal.SIGUSR1)
    os._exit(0)
begin = time.monotonic()
assert wait() == -1 and ctypes.get_errno() == 4
os.waitpid(child, 0)
print(1 if time.monotonic() < begin + 60 else 0)
"""


class PidNamespaces(Case):
    def lines_of(self, script, *options):
        """The lines of the trace, those of its replay, and what the script said."""
        live, record = self.path("live"), self.path("record")
        done = subprocess.run([IPCTRACE, "-f", *options, "-o", live, f"--record={record}", *APART, "/usr/bin/python3", "-S", "-c",
                               script], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        again = run(*options, f"--replay={record}", "-o", self.path("again"), timeout=TIMEOUT)
        self.assertEqual(again.returncode, 0, again.stderr)
        with open(live) as file, open(self.path("again")) as other:
            lines = file.read().splitlines()
            self.assertEqual(lines, other.read().splitlines(), "live and replay differ")
        return lines, [int(word) for word in done.stdout.split()]

    def find(self, lines, pattern):
        found = [match for match in map(re.compile(pattern).search, lines) if match]
        self.assertTrue(found, f"{pattern} in\n" + "\n".join(lines[-150:]))
        return found[0]

    def test_the_first_process_gets_only_what_it_handles(self):
        lines, said = self.lines_of(FIRST, "-e", "trace=epoll_wait,kill")
        self.assertEqual(said, [1])
        ends = [line for line in lines if re.search(r"epoll_wait\(.*EINTR", line)]
        self.find(lines, r"--- SIGSTOP ")
        self.assertFalse([line for line in lines if "stopped by" in line])
        # Those that are shown before the last were made to begin again.
        last = next(i for i, line in enumerate(lines) if "--- SIGUSR1" in line)
        self.assertIn("EINTR", ends[-1])
        self.assertLess(lines.index(ends[-1]), last)

    def test_the_first_process_dies_of_its_own_fault(self):
        crash = [*APART, "/usr/bin/python3", "-S", "-c", "import ctypes; ctypes.string_at(0)"]
        untraced = subprocess.run(crash, stdin=subprocess.DEVNULL, timeout=TIMEOUT, check=False).returncode
        for options in ((), ("--no-seccomp",)):
            with self.subTest(options=options):
                done = run("-f", *options, "-o", self.path("live"), *crash, timeout=TIMEOUT)
                self.assertEqual(done.returncode, untraced)
                self.assertRegex(done.stderr, r"PID \d+, the first process of its PID namespace, is let go: .* signal 11 untraced only\n\Z")
                self.assertRegex(self.text("live"), r"--- SIGSEGV .*si_code=SEGV_MAPERR")

    def test_every_number_is_the_callers(self):
        lines, (own, child) = self.lines_of(TALK)
        text = "\n".join(lines)
        here = {own: int(self.find(lines, rf"^(\d+) +kill\({child}, SIGUSR1\)")[1]),
                child: int(self.find(lines, rf"^(\d+) +kill\({own}, SIGUSR1\)")[1])}
        self.assertNotIn(child, here.values())
        named = {pid: rf"python3\[{here[pid]}, {pid} inside\]" for pid in here}

        self.find(lines, rf"^{here[own]} +kill\({child}, SIGUSR1\) += 0 -> {named[child]}: default action")
        self.find(lines, rf"^{here[child]} +kill\({own}, SIGUSR1\) += 0 -> {named[own]}: ")
        self.find(lines, rf"rt_sigtimedwait\(.*si_pid={own}.* = 10 \(SIGUSR1\) <- {named[own]} #\d+, .*$")
        self.find(lines, rf"rt_sigtimedwait\(.*si_pid={child}.* = 10 \(SIGUSR1\) <- {named[child]} #\d+, .*$")
        self.find(lines, rf"rt_sigtimedwait\(.*si_pid={child}.* = 17 \(SIGCHLD\) <- {named[child]} #\d+, .*$")
        self.find(lines, rf"^{here[child]} +--- SIGTERM .*si_pid={own},.* <- {named[own]} #\d+, .*$")
        self.find(lines, rf"^{here[own]} +wait4\({child}, .* = {child} <- {named[child]}$")
        self.find(lines, rf"recvmsg\(.*pid={child},.*<- python3\[{here[child]}")
        self.find(lines, rf"pidfd_open\({child}, 0\) .*of PID {here[child]} ")
        # Nobody is taken for the one who has that number here.
        self.assertNotRegex(text, rf"(<-|->|waits for) \S*\[({own}|{child})[],]")
        # The left side is what the calls have.
        self.find(lines, rf"F_GETLK, .*l_pid={child}}}\) += 0 <- {named[child]}: has a POSIX write lock$")
        self.find(lines, rf"SO_PEERCRED, {{pid={own},")

    def test_namespaces_nest(self):
        lines, (_, inner) = self.lines_of(NESTED)
        here = int(self.find(lines, r"^(\d+) +kill\(1, 0\)")[1])
        self.find(lines, rf"^{here} +kill\(1, 0\) += 0 -> python3\[{here}, 1 inside\]")
        self.find(lines, rf"kill\({inner}, SIGUSR1\) += 0 -> python3\[{here}, {inner} inside\]: ")
        self.find(lines, rf"wait4\({inner}, .* = {inner} <- python3\[{here}, {inner} inside\]$")
        self.find(lines, rf"^{here} +wait4\(2, .* = 2 <- python3\[\d+, 2 inside\]$")

    def test_json_has_both_numbers(self):
        lines, (own, child) = self.lines_of(TALK, "--format=json")
        calls = [record for record in map(json.loads, lines) if record["record"] == "call" and record["call"] == "kill"]
        peers = [peer for call in calls for peer in call["peers"]]
        there = {call["pid"] for call in calls}
        self.assertEqual({peer["inner_pid"] for peer in peers}, {own, child})
        self.assertEqual({peer["pid"] for peer in peers}, there)
        self.assertEqual({peer["certainty"] for peer in peers}, {"exact"})

    def test_who_is_not_traced_there_is_not_known(self):
        # The child is no tracee: its number is one of that namespace, and nobody's here.
        program = self.start(*APART, "/usr/bin/python3", "-S", "-c", UNSEEN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        wait_until(lambda: [pid for pid in children(program.pid) if comm(pid) == "python3"], "python3 in its namespace")
        tracer = self.attach(*children(program.pid), args=("--no-follow",))
        program.stdin.write("\n")
        program.stdin.flush()
        child = int(program.stdout.readline())
        self.assertEqual(tracer.wait(PATIENCE), 0)
        lines = self.text("trace").splitlines()
        self.find(lines, rf"kill\({child}, SIGKILL\) += 0 -> \? \(PID {child} inside its namespace\)")
        self.find(lines, rf"recvmsg\(.*pid={child},.* <- \? \(PID {child} inside its namespace\): its credentials")
        self.find(lines, rf"wait4\({child}, .* = {child} <- \? \(PID {child} inside its namespace\)$")


if __name__ == "__main__":
    if subprocess.run([*APART, "true"], capture_output=True, check=False).returncode:
        print("skipped: no PID namespaces are allowed here")
        sys.exit(SKIPPED)
    main()
