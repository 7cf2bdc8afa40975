"""What the tests of the engine share: running ipctrace, and waiting for what it does."""
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

IPCTRACE = os.environ.get("IPCTRACE", "ipctrace")
BUILD = os.environ.get("IPCTRACE_BUILD", ".")
# With sanitizers the tracer is slower and larger, and where nobody may ptrace they cannot look for leaks.
IS_SANITIZED = bool(os.environ.get("IPCTRACE_SANITIZE"))
SLOWNESS = 5 if IS_SANITIZED else 1
LARGENESS = 16 if IS_SANITIZED else 1
WITHOUT_PTRACE = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
PATIENCE = 30 * SLOWNESS


def program(name):
    """A tracee of tests/support."""
    return os.path.join(BUILD, "tests", name)


def wait_until(is_so, what, seconds=PATIENCE):
    """Wait for a condition; returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = is_so()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.002)


def status(tid):
    """/proc/TID/status as a dictionary, empty if there is no such thread."""
    try:
        with open(f"/proc/{tid}/status", errors="replace") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    except (OSError, ProcessLookupError):
        return {}


def state(tid):
    """R, S, D, T, t, Z; empty if it is gone."""
    return status(tid).get("State", "")[:1]


def tracer_of(tid):
    """The pid of its tracer, 0 without one, None if it is gone."""
    found = status(tid).get("TracerPid")
    return None if found is None else int(found)


def tids(pid):
    try:
        return [int(tid) for tid in os.listdir(f"/proc/{pid}/task")]
    except (OSError, ProcessLookupError):
        return []


def call_of(tid):
    """The number of the call that it sleeps in, None if it runs or is gone."""
    try:
        with open(f"/proc/{tid}/syscall") as file:
            word = file.read().split()[0]
            return int(word) if word.lstrip("-").isdigit() else None
    except (OSError, IndexError, ProcessLookupError):
        return None


def is_asleep_in(tid, nr):
    return state(tid) == "S" and call_of(tid) == nr


def comm(tid):
    try:
        with open(f"/proc/{tid}/comm", errors="replace") as file:
            return file.read().rstrip("\n")
    except (OSError, ProcessLookupError):
        return ""


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except (OSError, ProcessLookupError):
        return []


def run(*args, **options):
    """Run ipctrace to its end; stdout and stderr are taken as text."""
    options.setdefault("capture_output", True)
    options.setdefault("timeout", PATIENCE)
    options.setdefault("errors", "replace")
    return subprocess.run([IPCTRACE, *map(str, args)], text=True, check=False, **options)


class Case(unittest.TestCase):
    """Ends what a test leaves behind, and gives it a directory and tracees."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def path(self, name):
        return os.path.join(self.directory, name)

    def text(self, name):
        """What a file of the test's holds; nothing while there is none."""
        try:
            with open(self.path(name), errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

    def start(self, *args, **options):
        """Start a program, which is killed at the end of the test."""
        process = subprocess.Popen([str(arg) for arg in args], **options)
        self.addCleanup(self.end, process)
        return process

    def mount_fuse(self):
        """Start fuse_server, once; returns it and the path of its file."""
        folder = self.path("mount")
        file = os.path.join(folder, "file")
        if os.path.exists(folder):
            return self.fuse_server, file
        os.mkdir(folder)
        self.fuse_server = self.start(program("fuse_server"), folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
        if self.fuse_server.stdout.readline() != "ready\n":
            self.assertEqual(self.fuse_server.wait(PATIENCE), 77)
            self.skipTest("needs FUSE")
        # Its end is the end of all waits for it; the folder cannot be removed before.
        self.addCleanup(self.fuse_server.wait, PATIENCE)
        self.addCleanup(self.fuse_server.stdin.close)
        return self.fuse_server, file

    def trace(self, *args, **options):
        """Start ipctrace; -o goes to the file `trace`."""
        options.setdefault("stderr", subprocess.DEVNULL)
        return self.start(IPCTRACE, "-o", self.path("trace"), *args, **options)

    def attach(self, *pids, args=(), **options):
        """Start `ipctrace -p PIDS` and wait until all their threads are its and go on."""
        tracer = self.trace(*args, "-p", ",".join(map(str, pids)), **options)

        def is_attached():
            if tracer.poll() is not None:
                raise AssertionError(f"ipctrace ended with {tracer.returncode}")
            return all(tracer_of(pid) == tracer.pid and state(pid) != "t" for pid in pids)

        wait_until(is_attached, f"attached to {pids}")
        return tracer

    def detach(self, tracer, sig=signal.SIGINT, seconds=1.0):
        """Ask it to end and see that it does in time: as many seconds as there are others who wait for each CPU."""
        begin = time.monotonic()
        tracer.send_signal(sig)
        tracer.wait(PATIENCE)
        took = time.monotonic() - begin
        crowd = max(1, os.getloadavg()[0] / os.cpu_count())
        self.assertLess(took, seconds * SLOWNESS * crowd, "seconds to detach")
        return tracer.returncode


def main():
    unittest.main(verbosity=1, argv=sys.argv[:1] + [a for a in sys.argv[1:]])
