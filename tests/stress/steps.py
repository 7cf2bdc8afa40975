"""The step harness: what becomes of a tracer and its tracees when something happens at its n-th ptrace or wait call.

build/tests/ipctrace_step is ipctrace with step.c between it and the kernel. A run is a scenario (a program of
step_cases_static.c and a way to trace it), an act (KILL: the tracee is killed, STOP: stopped, DIE: the tracer is killed,
INTR: interrupted, FAIL: the call fails) and the number of the call."""
import ctypes
import errno
import json
import os
import random
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tracing import children, program, state, status, tids, tracer_of

TRACER = os.environ.get("STEP_TRACER", program("ipctrace_step"))
CASES = program("step_cases_static")
WAITS = program("step_waits_static")
PATIENCE = float(os.environ.get("STEP_PATIENCE", "60"))
OWN = 7
CALLS_MAX = 600         # of a run; some go on as long as the machine is slow

ACTS = ("KILL", "STOP", "DIE", "INTR", "FAIL")
OTHER_ERRORS = (errno.EPERM, errno.EIO, errno.EINVAL)

PLAIN = ("--no-seccomp", "-e", "trace=all", "--format=json")
FILTERED = ("-e", "trace=all", "--format=json")
FEW = ("-e", "trace=getppid", "--format=json")
STRACE = ("--strace", "-f")
STRACE_ALONE = ("--strace",)
STRACE_FILTERED = ("--strace", "-f", "--seccomp-bpf")
ATTACH = ("-e", "trace=all", "--format=json")

LAUNCHED = ("plain", "threads", "thread_ends_all", "leader_exits", "fork_one", "fork_many", "daemons", "thread_forks",
            "vfork_one", "vfork_exec", "exec_one", "exec_fails", "exec_by_thread", "exec_without_leader", "exec_by_two",
            "fork_exec_thread", "group_stop", "group_stop_threads", "kill_stopped", "signals", "signals_queued",
            "signal_ends_call", "signal_restarts_call", "segfault_handled", "core_dump", "filter_errno", "filter_trap",
            "filter_trace", "filter_kill", "clone_untraced", "clone_ptrace", "clone_quiet", "clone_files", "clone_parent",
            "ptrace_me", "ptrace_child", "zombie", "orphan", "kill_busy", "kill_threads", "pipe_talk", "mapped_memory",
            "pid_namespace", "names", "sleeps")
ATTACHED = ("wait_read", "wait_epoll", "wait_busy", "wait_threads", "wait_then_fork", "wait_then_exec", "wait_vfork",
            "wait_without_leader", "wait_without_leader_exec", "wait_spawner")


class Scenario:
    def __init__(self, case, way, options, output="trace", detaches=False, is_stopped=False):
        self.name = f"{case}/{way}"
        self.case, self.options, self.output = case, options, output
        self.is_attach = way.startswith("attach")
        self.detaches, self.is_stopped = detaches, is_stopped
        self.is_filtered = not self.is_attach and options not in (PLAIN, STRACE, STRACE_ALONE)
        self.is_json = "--format=json" in options and output == "trace"
        self.n = 0          # how many calls a run has that nothing disturbs


def all_scenarios():
    found = []
    for case in LAUNCHED:
        found.append(Scenario(case, "plain", PLAIN))
        found.append(Scenario(case, "filtered", FILTERED))
    for case in ("threads", "fork_many", "exec_by_thread", "filter_errno"):
        found.append(Scenario(case, "few", FEW))
        found.append(Scenario(case, "strace", STRACE))
        found.append(Scenario(case, "strace-alone", STRACE_ALONE))
        found.append(Scenario(case, "strace-filtered", STRACE_FILTERED))
    for case in ATTACHED:
        found.append(Scenario(case, "attach", ATTACH))
        found.append(Scenario(case, "attach-detach", ATTACH, detaches=True))
    for case in ("wait_read", "wait_threads"):
        found.append(Scenario(case, "attach-stopped", ATTACH, is_stopped=True))
    found.append(Scenario("fork_one", "closed", PLAIN, output="closed"))
    found.append(Scenario("fork_one", "full", PLAIN, output="/dev/full"))
    found.append(Scenario("wait_then_fork", "attach-closed", ATTACH, output="closed"))
    return found


class Failure(Exception):
    pass


def descendants():
    """All processes below us. Orphans are ours: we are a subreaper."""
    found = children(os.getpid())
    for pid in found:
        for tid in tids(pid):
            try:
                with open(f"/proc/{pid}/task/{tid}/children") as file:
                    found += [int(child) for child in file.read().split()]
            except (OSError, ProcessLookupError):
                pass
    return found


def dump(pids):
    """What the kernel knows of these processes' threads."""
    lines = []
    for pid in pids:
        for tid in tids(pid):
            found = status(tid)
            lines.append(f"{pid}/{tid}: " + " ".join(f"{key}={found.get(key)}" for key in (
                "Name", "State", "PPid", "TracerPid", "SigPnd", "ShdPnd", "SigBlk")))
            for name in ("syscall", "wchan", "stack"):
                try:
                    with open(f"/proc/{pid}/task/{tid}/{name}") as file:
                        lines.append(f"    {name}: " + "; ".join(file.read().split("\n")))
                except (OSError, ProcessLookupError):
                    pass
    return "\n".join(lines)


class Report:
    """step.c's struct report."""

    def __init__(self, path):
        try:
            with open(path, "rb") as file:
                self.n_calls, self.fired_at, self.request, self.tid, _, self.n_interrupts = struct.unpack("QQqqQQ", file.read(48))
        except (OSError, struct.error):
            self.n_calls = self.fired_at = self.request = self.tid = self.n_interrupts = 0


class Run:
    """One run of a scenario, in a directory of its own."""

    def __init__(self, scenario, act, at, errors, room):
        self.scenario, self.act, self.at, self.errors = scenario, act, at, errors
        self.room = room
        self.target = self.tracer = self.command = None
        self.statuses = {}      # wait statuses of those whom we have waited for
        self.deadline = time.monotonic() + PATIENCE
        self.was_stopped = {}

    def __str__(self):
        errors = ":".join(["", *(errno.errorcode[error] for error in self.errors)])
        return f"{self.scenario.name} {self.act}_AT={self.at}{errors}"

    def path(self, name):
        return os.path.join(self.room, name)

    def text(self, name):
        try:
            with open(self.path(name), errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def report(self):
        return Report(self.path("report"))

    def reap(self):
        while True:
            try:
                pid, ended = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.statuses[pid] = ended

    def step(self):
        """A moment of waiting: take who has ended, and wake up whom we have stopped."""
        self.reap()
        if time.monotonic() > self.deadline:
            raise Failure("it hangs:\n" + dump(descendants()))
        if self.act == "STOP" and self.report().fired_at:
            self.wake()
        time.sleep(0.002)

    def wake(self):
        now = time.monotonic()
        for pid in descendants():
            if pid == self.tracer or not {state(tid) for tid in tids(pid)} & {"T", "t"}:
                self.was_stopped.pop(pid, None)
            elif now - self.was_stopped.setdefault(pid, now) > 0.02:
                del self.was_stopped[pid]
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    pass

    def await_(self, is_so):
        while not is_so():
            self.step()

    def start(self, argv, stdin, **options):
        with open(self.path("stderr"), "ab") as errors:
            options.setdefault("stderr", errors)
            return subprocess.Popen(argv, stdin=stdin, cwd=self.room, start_new_session=True, **options)

    def environment(self):
        found = {"PATH": "/usr/bin:/bin", "IPCTRACE_STEP_REPORT": self.path("report")}
        if self.act == "FAIL":
            found["IPCTRACE_STEP_FAIL_AT"] = ":".join(map(str, (self.at, *self.errors)))
        elif self.act:
            found[f"IPCTRACE_STEP_{self.act}_AT"] = str(self.at)
        return found

    def start_tracer(self, stdin, *words):
        scenario = self.scenario
        options = {"stdout": subprocess.DEVNULL, "env": self.environment()}
        where = ["-o", scenario.output] if scenario.output != "closed" else []
        if not where:
            begin, options["stderr"] = os.pipe()
            os.close(begin)
        process = self.start([TRACER, *scenario.options, *where, *words], stdin, **options)
        if not where:
            os.close(options["stderr"])
        self.tracer = process.pid
        process.returncode = 0      # we wait for it ourselves

    def launch(self):
        begin, end = os.pipe()
        os.close(end)
        self.start_tracer(begin, CASES, self.scenario.case)
        os.close(begin)
        self.await_(self.has_ended)

    def has_ended(self):
        self.command = self.command or next(iter(children(self.tracer)), None)
        return self.tracer in self.statuses

    def is_attached(self):
        if self.tracer in self.statuses or self.report().fired_at:
            return True
        found = tids(self.target)
        return all(tracer_of(tid) in (self.tracer, None) or state(tid) in "Z" for tid in found) and (
            "t" not in [state(tid) for tid in found] or self.scenario.is_stopped)

    def attach(self):
        scenario = self.scenario
        begin, end = os.pipe()
        process = self.start([WAITS, scenario.case], begin, stdout=subprocess.PIPE)
        os.close(begin)
        self.target, process.returncode = process.pid, 0
        if process.stdout.readline() != b"ready\n":
            raise Failure("the target does not begin")
        process.stdout.close()
        if scenario.is_stopped:
            os.kill(self.target, signal.SIGSTOP)
            self.await_(lambda: state(self.target) == "T")
        self.start_tracer(subprocess.DEVNULL, "-p", str(self.target))
        self.await_(self.is_attached)
        if scenario.detaches and self.tracer not in self.statuses:
            os.kill(self.tracer, signal.SIGINT)
            self.await_(lambda: self.tracer in self.statuses)
        if scenario.is_stopped:
            os.kill(self.target, signal.SIGCONT)
        os.close(end)
        self.await_(lambda: self.tracer in self.statuses)

    def settle(self):
        """The tracer is gone: all others end, too; nobody is left as a tracer leaves its tracees."""
        self.deadline = max(self.deadline, time.monotonic() + PATIENCE / 2)
        try:
            self.await_(lambda: not descendants())
        except Failure as failure:
            raise Failure(f"left behind: {failure}") from None

    def go(self):
        for name in os.listdir(self.room):
            os.unlink(self.path(name))
        try:
            if self.scenario.is_attach:
                self.attach()
            else:
                self.launch()
            self.settle()
            self.check()
        finally:
            self.clean()
        return self.report()

    def clean(self):
        while True:
            found = descendants()
            if not found:
                return
            for pid in found:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.reap()
            time.sleep(0.002)

    # --- what has to be true ---

    def ended(self, pid):
        code = self.statuses[pid]
        return -os.WTERMSIG(code) if os.WIFSIGNALED(code) else os.WEXITSTATUS(code)

    def check(self):
        self.check_sane()
        report = self.report()
        if self.act != "DIE" or not report.fired_at:
            self.check_trace()
        if self.scenario.is_attach:
            self.check_target(report)
        if self.act == "DIE" and report.fired_at:
            self.check_death()
        elif not self.scenario.is_attach:
            self.check_command(report)

    def check_sane(self):
        said = self.text("stderr")
        if re.search("Sanitizer|runtime error|stack smashing|ssertion|double free|corrupt", said):
            raise Failure(said)
        if self.ended(self.tracer) in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE):
            raise Failure(f"the tracer crashed: {self.ended(self.tracer)}")
        if len(said.splitlines()) > 3 and "--strace" not in self.scenario.options:
            raise Failure(f"it says too much: {said}")

    def check_death(self):
        """The tracer was killed."""
        if self.ended(self.tracer) != -signal.SIGKILL:
            raise Failure(f"the tracer has not died: {self.ended(self.tracer)}")
        # The command is ours now, unless its end came first.
        if not self.scenario.is_filtered and self.command in self.statuses and self.ended(self.command) not in (OWN, 126):
            raise Failure(f"the command did not end as it would have: {self.ended(self.command)}")

    def check_target(self, report):
        ended = self.ended(self.target)
        allowed = [OWN]
        if self.act == "KILL" and report.fired_at:
            allowed.append(-signal.SIGKILL)
        if ended not in allowed:
            raise Failure(f"the target ended with {ended}")

    def check_command(self, report):
        ended, said = self.ended(self.tracer), self.text("stderr")
        allowed = [OWN]
        if report.fired_at and self.act in ("KILL", "INTR"):
            allowed += [-signal.SIGKILL, -signal.SIGINT, -signal.SIGPIPE]
        if self.scenario.output == "/dev/full":
            allowed.append(125)
        if self.scenario.output == "closed":
            allowed += [-signal.SIGPIPE, *([1] if self.act == "FAIL" else [])]
        if ended in allowed or (report.fired_at and self.act == "FAIL" and said):
            return
        raise Failure(f"it ended with {ended}, it said {said!r}")

    def check_trace(self):
        # A second signal ends it in the midst of its last words.
        if not self.scenario.is_json or (self.scenario.detaches and self.act == "INTR"):
            return
        # So an older kernel answers the very first such question, and it gives up.
        if self.act == "FAIL" and "Linux 5.3 or newer is needed" in self.text("stderr"):
            return
        text = self.text("trace")
        if not text:
            if not self.text("stderr"):
                raise Failure("no trace, and nothing said")
            return
        lines = text.split("\n")
        if lines.pop():
            raise Failure("the last line is not whole")
        balance([json.loads(line) for line in lines])


ENDS = ("exit", "superseded", "detach")


def balance(records):
    """Whoever begins ends, once, and says nothing before or afterwards."""
    if records[0]["record"] != "begin" or records[-1]["record"] != "end":
        raise Failure("no begin or no end")
    alive, n_calls = set(), 0
    for record in records:
        kind, tid = record["record"], record.get("tid")
        n_calls += kind == "call"
        if kind in ("fork", "attach"):
            if tid in alive:
                raise Failure(f"{tid} was born twice")
            alive.add(tid)
        elif kind == "exec":
            if record["by_tid"] not in alive | {None}:
                raise Failure(f"exec by {record['by_tid']}, who is unknown")
            alive.discard(record["by_tid"])
            alive.add(tid)
        elif kind in ("call", "signal", "stop", "blocked", *ENDS) and tid not in alive:
            raise Failure(f"{kind} of {tid}, who is unknown")
        if kind in ENDS:
            alive.discard(tid)
    if alive:
        raise Failure(f"these never end: {alive}")
    if records[-1]["calls"] != n_calls:
        raise Failure(f"{n_calls} calls, not {records[-1]['calls']}")


# --- many runs ---

def become_subreaper():
    PR_SET_CHILD_SUBREAPER = 36
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def jobs_of(scenario, act, numbers):
    for at in numbers:
        if act != "FAIL":
            yield scenario, act, at, ()
            continue
        # Most likely are the first; the others take turns.
        yield scenario, act, at, (errno.ESRCH, errno.EINTR)
        yield scenario, act, at, (OTHER_ERRORS[at % len(OTHER_ERRORS)], errno.ECHILD)


def one(scenario, act, at, errors, room):
    """Run it; returns (what went wrong or None, its report)."""
    run = Run(scenario, act, at, errors, room)
    try:
        report = run.go()
        return None, report
    except Failure as failure:
        keep = os.environ.get("STEP_KEEP")
        if keep:
            shutil.copytree(room, os.path.join(keep, re.sub("[/ ]", "_", str(run))), dirs_exist_ok=True)
        return f"{run}: {failure}"[:3000], None
    except Exception:
        return f"{run}: {traceback.format_exc()}", None


def measure(scenarios, room):
    """How many calls each of them has, undisturbed; and that it is as it should be then."""
    failures = []
    for scenario in scenarios:
        wrong, report = one(scenario, None, 0, (), room)
        if wrong:
            failures.append(wrong)
        else:
            scenario.n = min(report.n_calls, CALLS_MAX)
    return failures


def end_in_order():
    """Asked to end, do so by an exception: what we have started is cleaned up then."""
    def end(*_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(143)

    signal.signal(signal.SIGTERM, end)


def end_with_parent(parent):
    PR_SET_PDEATHSIG = 1
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM):
        raise OSError(ctypes.get_errno(), "PR_SET_PDEATHSIG")
    if os.getppid() != parent:
        sys.exit(143)


class Worker:
    """A process that does every k-th job; orphans of its runs are its own. It ends them when it is told to end, or alone."""

    def __init__(self, jobs, deadline):
        self.begin, end = os.pipe()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid:
            os.close(end)
            return
        status_, room = 1, tempfile.mkdtemp(prefix="ipctrace-steps-")
        try:
            os.close(self.begin)
            end_in_order()
            become_subreaper()
            end_with_parent(parent)
            with os.fdopen(end, "w") as told:
                for job in jobs:
                    if time.monotonic() > deadline:
                        break
                    wrong, report = one(*job, room)
                    print(json.dumps([wrong, bool(report and report.fired_at)]), file=told, flush=True)
            status_ = 0
        finally:
            shutil.rmtree(room, ignore_errors=True)
            os._exit(status_)

    def wait(self):
        """Its wait status, which can be asked for once."""
        pid, self.pid = self.pid, None
        return os.waitpid(pid, 0)[1]

    def end(self):
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            self.wait()


def sweep(jobs, seconds=float("inf"), n_workers=int(os.environ.get("STEP_WORKERS", "2")), max_failures=20):
    """Do the jobs; returns how many were done, how many of them met their call, and what went wrong."""
    deadline = time.monotonic() + seconds
    workers = []
    try:
        for i in range(n_workers):
            workers.append(Worker(jobs[i::n_workers], deadline))
        return collect(workers, max_failures)
    finally:
        for worker in workers:
            worker.end()


def collect(workers, max_failures):
    """What the workers tell, as sweep() returns it."""
    n_done, n_fired, failures = 0, 0, []
    pipes = {worker.begin: b"" for worker in workers}
    while pipes:
        for fd in select.select(list(pipes), [], [])[0]:
            got = os.read(fd, 65536)
            if not got:
                os.close(fd)
                del pipes[fd]
                continue
            *lines, pipes[fd] = (pipes[fd] + got).split(b"\n")
            for line in lines:
                wrong, has_fired = json.loads(line)
                n_done += 1
                n_fired += has_fired
                if wrong:
                    failures.append(wrong)
                    print("FAILED", wrong, flush=True)
        if len(failures) >= max_failures:
            return n_done, n_fired, failures
    for worker in workers:
        if worker.wait():
            failures.append("a worker died")
    return n_done, n_fired, failures
