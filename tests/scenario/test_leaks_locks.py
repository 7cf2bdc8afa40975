#!/usr/bin/env python3
# ctest: timeout=300 labels=engine
"""Locks that traced programs took and that somebody holds who is not traced are left behind; those that are gone or in use are not."""
import fcntl
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, main, state, wait_until

# Takes a lock as argv[1] says; a child, which is not followed, has the descriptor and tells its pid.
PROGRAM = r"""
import fcntl, os, struct, sys
if sys.argv[2:]:
    sys.stdin.readline()
fd = os.open('locked', os.O_CREAT | os.O_RDWR, 0o600)
whole = struct.pack('hhqqi', fcntl.F_WRLCK, 0, 0, 0, 0)
if sys.argv[1] == 'flock':
    fcntl.flock(fd, fcntl.LOCK_EX)
elif sys.argv[1] == 'ofd':
    fcntl.fcntl(fd, 37, whole)
elif sys.argv[1] == 'posix':
    fcntl.lockf(fd, fcntl.LOCK_EX, 10, 5)
elif sys.argv[1] == 'lease':
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
elif sys.argv[1] == 'released':
    fcntl.flock(fd, fcntl.LOCK_EX); fcntl.flock(fd, fcntl.LOCK_UN)
elif sys.argv[1] == 'closed':
    fcntl.flock(fd, fcntl.LOCK_EX); os.close(fd)
pid = os.fork()
if not pid:
    import signal
    null = os.open(os.devnull, os.O_RDWR)
    for std in 0, 1, 2:
        os.dup2(null, std)
    signal.pause()
print(pid, flush=True)
if sys.argv[2:]:
    sys.stdin.readline()
"""


class Locks(Case):
    def leaks(self, how):
        done = subprocess.run([IPCTRACE, "--no-follow", "--leaks=error", "-o", self.path("trace"), f"--record={self.path('record')}",
                               sys.executable, "-c", PROGRAM, how], stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=False,
                              cwd=self.directory)
        self.child = int(done.stdout)
        self.addCleanup(self.kill, self.child)
        trace = self.text("trace")
        again = subprocess.run([IPCTRACE, "--no-follow", "--leaks=error", "-o", self.path("again"), f"--replay={self.path('record')}"],
                               timeout=PATIENCE, check=False)
        self.assertEqual(self.text("again"), trace)
        self.assertEqual(again.returncode == 4, done.returncode == 4)
        found = re.findall(r"(?m)^=== (left behind.*)\n    (.*)", trace)
        self.assertEqual(done.returncode, 4 if found else 0)
        return found

    def kill(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def is_free(self):
        with open(self.path("locked"), "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                return False

    def test_a_lock_that_a_child_holds(self):
        ((text, hint),) = self.leaks("flock")
        self.assertRegex(text, r"\Aleft behind: lock:1 \S*/locked inode \d+: flock write lock, taken by python3\S*\[\d+\] with flock [\d.]+ s "
                               rf"after the start, held by python3\S*\[{self.child}\] fd \d+\Z")
        self.assertFalse(self.is_free())
        self.assertIn(f"or with: kill {self.child}", hint)
        subprocess.run(["sh", "-c", hint.split("or with: ")[1]], check=True)
        wait_until(lambda: state(self.child) in ("", "Z"), "the child's end")
        self.assertTrue(self.is_free())

    def test_a_lock_of_an_open_file_is_inferred(self):
        ((text, _),) = self.leaks("ofd")
        self.assertRegex(text, rf"\Aleft behind~ \(inferred\): lock:1 .*: OFD write lock, .*, held by python3\S*\[{self.child}\] fd")

    def test_a_lease_stays_with_the_open_file(self):
        ((text, _),) = self.leaks("lease")
        self.assertRegex(text, rf"lease, write, taken by .* with fcntl .*, held by python3\S*\[{self.child}\] fd")

    def test_locks_that_are_gone_are_not_left(self):
        for how in ("posix", "released", "closed"):
            with self.subTest(how=how):
                self.assertEqual(self.leaks(how), [])

    def test_a_lock_that_is_in_use_is_not_left(self):
        program = self.start(sys.executable, "-c", PROGRAM, "flock", "stay", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                             cwd=self.directory)
        tracer = self.attach(program.pid, args=["--leaks=error"])
        program.stdin.write("go\n")
        program.stdin.flush()
        self.addCleanup(self.kill, int(program.stdout.readline()))
        self.detach(tracer, seconds=PATIENCE)
        self.assertFalse(self.is_free())
        self.assertRegex(self.text("trace"), r"flock\(.*flock write lock")
        self.assertNotIn("left behind", self.text("trace"))
        self.assertNotEqual(tracer.returncode, 4)


if __name__ == "__main__":
    main()
