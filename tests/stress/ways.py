"""The ways in which a program is run: untraced, launched by a tracer, attached to and left again and again."""
import os
import shutil
import signal
import subprocess
import threading
import time
import traceback

from services import descendants
from tracing import IPCTRACE, state, tids, tracer_of

STRACE = shutil.which("strace")
ATTACHED = [("-e", "ipc"), ("-e", "trace=all"), ("--strace", "-f"), ("--format=json",)]
# A zombie leaves the list of those that can be attached to whenever it likes.
GONE = ("", "Z", "X")


class Visits:
    """Attach to a process and all below it, leave again, from beginning to end of a `with`; problems has what was wrong."""

    def __init__(self, pid, folder):
        self.pid, self.folder = pid, folder
        self.count, self.problems = 0, []
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.end.set()
        self.thread.join()

    def run(self):
        turn = 0
        try:
            while not self.end.is_set() and state(self.pid) not in GONE:
                self.visit(ATTACHED[turn % len(ATTACHED)])
                turn += 1
                self.end.wait(0.1)
        except Exception:
            self.problems.append(traceback.format_exc())

    def visit(self, options):
        stopped = {pid: state(pid) for pid in descendants(self.pid)}
        pids = [pid for pid, now in stopped.items() if now not in GONE]
        if not pids:
            return
        trace, errors = os.path.join(self.folder, f"visit{self.pid}"), os.path.join(self.folder, f"visit{self.pid}-errors")
        if os.path.exists(trace):
            os.unlink(trace)
        with open(errors, "w", encoding="utf-8") as file:
            tracer = subprocess.Popen([IPCTRACE, *options, "-o", trace, "-p", ",".join(map(str, pids))],
                                      stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        try:
            self.until(lambda: tracer.poll() is not None or
                       not [pid for pid in pids if tracer_of(pid) == 0 and state(pid) not in GONE], 30, "attached")
            self.until(lambda: tracer.poll() is not None or
                       (os.path.exists(trace) and os.path.getsize(trace) > 20000), 0.5)
            tracer.send_signal(signal.SIGINT)
            self.until(lambda: tracer.poll() is not None, 10, "left after SIGINT")
        finally:
            if tracer.poll() is None:
                tracer.kill()
            tracer.wait()
        with open(errors, encoding="utf-8", errors="replace") as file:
            said = file.read()
        if " attached" in said:
            self.count += 1
        if tracer.returncode not in (-signal.SIGINT, 0) and (tracer.returncode != 1 or state(self.pid) not in GONE):
            self.problems.append(f"ipctrace ended with {tracer.returncode}: {said[:300]}")
        held = [tid for pid in pids for tid in tids(pid) if tracer_of(tid) == tracer.pid]
        if held:
            self.problems.append(f"{held} are still traced")
        for pid in pids:
            # Only what the program itself does stops it; that lasts for a moment.
            if stopped[pid] != "T" and state(pid) == "T":
                self.until(lambda pid=pid: state(pid) != "T", 10, f"{pid} no longer stopped")

    def until(self, is_so, seconds, what=None):
        """Wait for something; that it does not come is a problem if it has a name."""
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                if what:
                    self.problems.append(f"not within {seconds} s: {what}")
                return
            time.sleep(0.005)


class Way:
    """How a program is run. `words` stand before it, `-o FILE` included; with is_attached it is visited instead."""

    def __init__(self, name, words=(), is_attached=False, has_trace=False):
        self.name, self.words, self.is_attached, self.has_trace = name, list(words), is_attached, has_trace
        self.begin(None)

    def begin(self, folder):
        """A new run, with a folder for what the tracer writes."""
        self.folder, self.n_launched = folder, 0
        self.visits, self.problems = 0, []

    def front(self):
        """The words for one more program."""
        if not self.has_trace:
            return self.words
        self.n_launched += 1
        return [*self.words, "-o", self.trace(self.n_launched), "--"]

    def trace(self, number):
        return os.path.join(self.folder, f"trace{number}")

    def visiting(self, pid):
        """A context in which the process is attached to and left, if this is that way."""
        return Visiting(self, pid)

    def finish(self):
        """Returns what was wrong with the tracer itself."""
        for number in range(1, self.n_launched + 1):
            if not os.path.exists(self.trace(number)) or not os.path.getsize(self.trace(number)):
                self.problems.append(f"trace {number} of {self.n_launched} is empty")
        if self.is_attached and not self.visits:
            self.problems.append("it was never attached to")
        return self.problems


class Visiting:
    """Visits, added to a way's when they end."""

    def __init__(self, way, pid):
        self.way = way
        self.visits = Visits(pid, way.folder) if way.is_attached else None

    def __enter__(self):
        if self.visits:
            self.visits.__enter__()

    def __exit__(self, *error):
        if self.visits:
            self.visits.__exit__(*error)
            self.way.visits += self.visits.count
            self.way.problems += self.visits.problems


def ways():
    """All of them; the first is untraced."""
    every = [
        Way("untraced"),
        Way("with a filter", [IPCTRACE, "-e", "ipc"], has_trace=True),
        Way("without a filter", [IPCTRACE, "-e", "ipc", "--no-seccomp"], has_trace=True),
        Way("attached and left", is_attached=True),
        Way("all calls", [IPCTRACE, "-e", "trace=all", "-o", "/dev/null", "--"]),
        Way("json", [IPCTRACE, "--format=json", "-o", "/dev/null", "--"]),
    ]
    if STRACE:
        every.append(Way("strace -f", [STRACE, "-f", "-o", "/dev/null", "--"]))
    return every
