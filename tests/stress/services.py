"""Programs that we did not write, for the long tests: installed when missing, each run on loopback, as the user that it
wants to be, in a directory of its own, and ended by its pid."""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tracing import IPCTRACE, Case, children, state, status, tids, tracer_of, wait_until

SKIPPED = 77
ENVIRONMENT = {**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}


def need(*packages):
    """Install Debian packages; the test is skipped where that cannot be done."""
    setup = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support", "setup.sh")
    # A service that the package would start is none of ours.
    done = subprocess.run(["bash", "-c", 'set -eu; . "$1"; shift; command -v apt-get >/dev/null; RUNLEVEL=1 need_packages "$@"',
                           "stress", setup, *packages], check=False)
    if done.returncode != 0:
        print("skipped: these packages cannot be installed:", *packages)
        sys.exit(SKIPPED)


def as_user(name):
    """The words that run a command as a user; none when we are not root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam(name)
    return ["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups", "--"]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def accepts(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def descendants(pid):
    """The processes below a process, itself first."""
    found = [pid]
    for one in found:
        for tid in tids(one):
            found += read_children(one, tid)
    return found


def read_children(pid, tid):
    try:
        with open(f"/proc/{pid}/task/{tid}/children") as file:
            return [int(child) for child in file.read().split()]
    except (OSError, ProcessLookupError):
        return []


class Served(Case):
    """A test with services; `front` is what stands before the service's command: the tracer, or nothing."""

    def setUp(self):
        super().setUp()
        self.room = tempfile.mkdtemp(prefix="ipctrace-stress-")
        os.chmod(self.room, 0o755)
        self.addCleanup(shutil.rmtree, self.room, ignore_errors=True)
        self.services = []

    def folder(self, name, user=None):
        path = os.path.join(self.room, name)
        os.mkdir(path)
        if user and os.geteuid() == 0:
            found = pwd.getpwnam(user)
            os.chown(path, found.pw_uid, found.pw_gid)
        return path

    def serve(self, words, is_up, front=(), **options):
        """Start a service and wait until it is up; returns its process (the tracer's, with one in front)."""
        log = open(os.path.join(self.room, f"log{len(self.services)}"), "ab")
        self.addCleanup(log.close)
        options.setdefault("stdout", log)
        options.setdefault("stderr", log)
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("env", ENVIRONMENT)
        process = self.start(*front, *words, **options)
        self.services.append(process)
        process.log = log.name

        def has_begun():
            if process.poll() is not None:
                with open(process.log, errors="replace") as file:
                    raise AssertionError(f"{words[0]} ended with {process.returncode}: {file.read()}")
            return is_up()

        wait_until(has_begun, f"{words} is up", 60)
        return process

    def stop(self, process, pid, sig=signal.SIGTERM):
        """End a service (pid: its own, not the tracer's) and return its status."""
        os.kill(pid, sig)
        return process.wait(30)

    def postgres(self, front=(), settings=()):
        """A PostgreSQL server; its process gets .port, .pid_of_server and .psql, the words that run psql-like programs."""
        tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        user = as_user("postgres")
        data = self.folder("postgres", "postgres")
        port = free_port()
        subprocess.run([*user, f"{tools}/initdb", "-D", f"{data}/db", "-A", "trust", "-N", "-U", "test"], check=True,
                       cwd="/", env=ENVIRONMENT, stdout=subprocess.DEVNULL)
        words = [*user, f"{tools}/postgres", "-D", f"{data}/db", "-h", "127.0.0.1", "-p", str(port), "-k", data,
                 "-c", "fsync=off", *settings]
        process = self.serve(words, lambda: subprocess.run(
            [f"{tools}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "test", "-d", "postgres"], check=False).returncode == 0, front, cwd="/")
        with open(f"{data}/db/postmaster.pid") as file:
            process.pid_of_server = int(file.readline())
        process.port, process.data, process.tools = port, data, tools
        process.client = ["-h", "127.0.0.1", "-p", str(port), "-U", "test"]
        process.local_client = ["-h", data, "-p", str(port), "-U", "test"]
        # A server that is killed leaves its System V segment behind.
        self.addCleanup(self.end_gently, process)
        return process

    def end_gently(self, process):
        if process.poll() is None:
            try:
                self.stop(process, process.pid_of_server, signal.SIGINT)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass

    def redis(self, front=()):
        user = as_user("redis")
        data = self.folder("redis", "redis")
        port = free_port()
        process = self.serve([*user, "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--unixsocket",
                              f"{data}/socket", "--dir", data, "--save", "", "--pidfile", f"{data}/pid",
                              "--daemonize", "no", "--unixsocketperm", "777"],
                             lambda: subprocess.run(["redis-cli", "-p", str(port), "ping"], check=False,
                                                    capture_output=True).stdout == b"PONG\n", front)
        process.port, process.socket = port, f"{data}/socket"
        process.pid_of_server = self.served_by(process, "redis-server", front)
        self.addCleanup(self.end_gently, process)
        return process

    def served_by(self, process, comm, front):
        """The pid of a service below its tracer."""
        if not front:
            return process.pid
        return next(pid for pid in descendants(process.pid) if status(pid).get("Name") == comm)


def not_left_alone(pids):
    """{pid: state} of those that a tracer has left stopped or still holds."""
    found = {}
    for pid in pids:
        if tracer_of(pid) or state(pid) in ("t", "T"):
            found[pid] = (tracer_of(pid), state(pid))
    return found
