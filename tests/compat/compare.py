#!/usr/bin/env python3
"""Run a program under strace (the oracle) and under a tracer that should print the same, and compare the texts.

    compare.py [-y and any other option of strace] [--tracer=CMD] -- PROGRAM ARGS

Calls in decoded.txt are compared whole, of others name, order and result. Processes are matched by their place in the
fork tree, calls that were interrupted by another process's line are put together again. Lines that differ between two
runs of strace itself are not compared line by line, but must not be missing or in excess by call name."""

import difflib
import os
import shutil
import shlex
import subprocess
import sys
import tempfile
from collections import Counter

from normalise import Trace, call_name, misaligned, split_result

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TERM": "dumb", "TZ": "UTC", "USER": "user",
    "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PERL_HASH_SEED": "0", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
}
ROUNDS = 8              # a difference counts when it is the same in every round; each adds a run of both tracers
MAX_DIFF = 100          # lines shown
SLEEPS = ("clock_nanosleep", "nanosleep")
MAX_POLL_LEN = 8        # calls of a loop that polls
MIN_STABLE = 0.5        # the share of the oracle's lines that must be the same in each of its runs


def decoded_calls():
    with open(os.path.join(HERE, "decoded.txt"), encoding="utf-8") as file:
        return {word for line in file for word in line.split("#")[0].split()}


def default_tracer():
    path = os.environ.get("IPCTRACE") or os.path.join(TOP, "build", "ipctrace")
    return [path, "--strace"]


def isolation():
    """The command in front of the tracers: no randomised addresses, and IPC objects of its own where that is allowed."""
    command = ["setarch", "-R"]
    may_unshare = subprocess.run(["unshare", "--ipc", "true"], capture_output=True, check=False).returncode == 0
    return [*command, "unshare", "--ipc"] if may_unshare else command


ISOLATION = isolation()


class Sandbox:
    """A folder of the same name for every run, so that paths, their lengths and so the addresses agree."""

    def __init__(self, prepare=None):
        self.folder = tempfile.mkdtemp(prefix="ipctrace-compat-")
        self.work = os.path.join(self.folder, "work")
        self.prepare = prepare

    def run(self, tracer, options, program, timeout=60):
        """Trace the program in a fresh work folder: (Trace, status, standard output, standard error)."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.work)
        environment = {**ENVIRONMENT, "HOME": self.work, "PWD": self.work, "TMPDIR": self.work}
        if self.prepare:
            subprocess.run(["sh", "-ec", self.prepare], cwd=self.work, env=environment, check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        paths = [os.path.join(self.folder, name) for name in ("trace", "out", "err")]
        with open(paths[1], "wb") as out, open(paths[2], "wb") as err, subprocess.Popen(
                [*ISOLATION, *tracer, *options, "-o", paths[0], "--", *program], cwd=self.work, env=environment,
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True) as process:
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                status = f"none after {timeout} s"
        texts = []
        for path in paths:
            if os.path.exists(path):
                with open(path, encoding="latin-1") as file:
                    texts.append(file.read())
            else:
                texts.append("")
        return Trace(texts[0], process.pid), status, texts[1], texts[2]

    def run_clearly(self, tracer, options, program):
        """The same, again while one of the pids could be taken for a size."""
        while True:
            run = self.run(tracer, options, program)
            if not run[0].is_ambiguous():
                return run

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def reduce_line(line, decoded):
    """What of a line is compared: all of it, or the call's name and plain result."""
    name = call_name(line)
    if name is None or name in decoded:
        return line
    call, result = split_result(line)
    if name == "ioctl" and call.split(", ")[1].rstrip(")") in decoded:
        return line
    if result is None:
        return name
    return f"{call.split('(')[0]}(...) = {result.split(' (')[0]}"


def arrivals_last(lines):
    """The lines with every SIGCHLD and return from a handler moved to the end: when they come is the scheduler's choice."""
    lines = list(lines)
    moving = ("--- SIGCHLD", "rt_sigreturn(")
    return [line for line in lines if not line.startswith(moving)] + sorted(
        line for line in lines if line.startswith(moving))


def without_polling(lines):
    """The lines with a loop that sleeps and looks again shown once: how often it has to look is the machine's choice."""
    kept = []
    for line in lines:
        kept.append(line)
        for length in range(2, MAX_POLL_LEN + 1):
            block = kept[-length:]
            if block == kept[-2 * length:-length] and any(call_name(one) in SLEEPS for one in block):
                del kept[-length:]
                break
    return kept


def compare_process(oracle_runs, lines):
    """(lines compared, lines of the oracle, missing, extra) of one process; the latter two are lists of lines."""
    first = oracle_runs[0]
    if all(run == first for run in oracle_runs):
        if lines == first:
            return len(first), len(first), [], []
        matcher = difflib.SequenceMatcher(None, first, lines, autojunk=False)
        changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
        return (len(first), len(first), [line for code in changes for line in first[code[1]:code[2]]],
                [line for code in changes for line in lines[code[3]:code[4]]])
    counters = [Counter(run) for run in oracle_runs]
    stable, union = counters[0], counters[0]
    for counter in counters[1:]:
        stable, union = stable & counter, union | counter
    found = Counter(lines)
    missing = stable - found
    loose = Counter()
    for counter in counters:
        loose |= Counter(call_name(line) for line in (counter - stable).elements())
    extra = []
    for line in (found - union).elements():
        if loose[call_name(line)] > 0:
            loose[call_name(line)] -= 1
        else:
            extra.append(line)
    return sum(stable.values()), len(first), list(missing.elements()), extra


class Result:
    """What a comparison found; problems is empty when the two agree."""

    def __init__(self):
        self.compared = self.total = 0
        self.problems = []
        self.diff = []

    def judge(self, oracle_traces, trace, decoded):
        names = list(dict.fromkeys(name for one in [*oracle_traces, trace] for name in one.processes))
        for name in names:
            *runs, lines = [arrivals_last(without_polling(reduce_line(line, decoded)
                                                          for line in one.processes.get(name, [])))
                            for one in [*oracle_traces, trace]]
            compared, total, missing, extra = compare_process(runs, lines)
            self.compared += compared
            self.total += total
            if missing or extra:
                self.problems += [f"-{name}: {line}" for line in missing] + [f"+{name}: {line}" for line in extra]
                self.diff += difflib.unified_diff(runs[0], lines, f"strace, process {name}", "ipctrace", lineterm="",
                                                  n=0)

    def keep(self, lasting):
        """Only these problems (a Counter) count, and only they are shown in the difference."""
        self.problems = list(lasting.elements())
        kept, process = [], ""
        for line in self.diff:
            if line.startswith("--- strace, process "):
                process = line.split()[-1]
            if line.startswith("--- strace, process "):
                kept.append(f"process {process}:")
            elif f"{line[0]}{process}: {line[1:]}" in lasting:
                kept.append(line)
        self.diff = kept

    def stable_share(self):
        return self.compared / self.total if self.total else 0


def judge_run(oracle, tested, decoded):
    """The Result of one tested run against all runs of the oracle; each a tuple as of Sandbox.run."""
    result = Result()
    if not tested[0].processes:
        result.problems.append(f"no trace; status {tested[1]}, standard error: {short(tested[3])}")
    result.judge([run[0] for run in oracle], tested[0], decoded)
    for number, what in ((1, "status"), (2, "standard output"), (3, "standard error")):
        told = {run[number] for run in oracle}
        if len(told) == 1 and tested[number] not in told:
            result.problems.append(f"{what}: strace {short(told.pop())}, ipctrace {short(tested[number])}")
    result.problems += [f"the result of {name}() is not at its column" for name in misaligned(tested[0].raw)]
    return result


def compare(program, options=(), tracer=None, prepare=None, min_stable=MIN_STABLE, decoded=None):
    """Compare strace and the tracer on a program (a list of words).

    prepare: shell lines that fill the work folder; decoded: the calls that are compared whole."""
    tracer = tracer or default_tracer()
    decoded = decoded_calls() if decoded is None else decoded
    options = ["-f", *options]
    sandbox = Sandbox(prepare)
    oracle, result, lasting = [], Result(), None
    try:
        for round_number in range(ROUNDS):
            while len(oracle) < 2 + round_number:
                oracle.append(sandbox.run_clearly(["strace"], options, program))
            tested = sandbox.run_clearly(tracer, options, program)
            result = judge_run(oracle, tested, decoded)
            lasting = Counter(result.problems) if lasting is None else lasting & Counter(result.problems)
            if not lasting:
                break
        result.keep(lasting)
        if result.stable_share() < min_stable:
            result.problems.append(f"only {result.stable_share():.0%} of strace's lines are the same in its own runs")
    finally:
        sandbox.close()
    return result


def short(text):
    text = repr(text)
    return text if len(text) < 300 else text[:150] + " ... " + text[-150:]


def report(title, result):
    """Print the outcome in a line, and the differences; True when there are none."""
    print(f"{'FAIL' if result.problems else 'ok'}: {title}: {result.compared} of {result.total} lines compared, "
          f"{len(result.problems)} differences")
    if result.problems:
        others = [problem for problem in result.problems if problem[0] not in "-+"]
        print("\n".join([*result.diff[:MAX_DIFF], *others[:MAX_DIFF]]))
        if len(result.diff) > MAX_DIFF:
            print(f"... {len(result.diff) - MAX_DIFF} more lines of differences")
    return not result.problems


def main():
    words = sys.argv[1:]
    if "--" not in words or words[-1] == "--" or "-h" in words[:1] or "--help" in words[:1]:
        print(__doc__)
        sys.exit(2)
    at = words.index("--")
    options, program = words[:at], words[at + 1:]
    tracer = None
    for option in [option for option in options if option.startswith("--tracer=")]:
        options.remove(option)
        tracer = shlex.split(option.removeprefix("--tracer="))
    sys.exit(0 if report(" ".join(program), compare(program, options, tracer, min_stable=0)) else 1)


if __name__ == "__main__":
    main()
