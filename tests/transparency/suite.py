#!/usr/bin/env python3
# ctest: timeout=300
"""A command ends the same way traced as untraced: output, status, signal, files, and no process left behind.

    suite.py --list; suite.py CASE...; suite.py --tracer=CMD CASE...     CMD: another ipctrace, or strace

What differs between three untraced runs (times, random names) is left out."""

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import cases

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
IPCTRACE = os.environ.get("IPCTRACE") or os.path.join(TOP, "build", "ipctrace")
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}
LIMIT = 60      # seconds for one run
LAUNCHED = [["-e", "ipc"], ["-e", "ipc", "--no-seccomp"], ["-e", "trace=all"], ["--strace", "-f"]]
ATTACHED = [["-e", "ipc"], ["-e", "trace=all"]]
STRACE_LAUNCHED = [["-f"], ["-f", "--seccomp-bpf", "-e", "trace=process,ipc"]]
STRACE_ATTACHED = [["-f"]]


class Failed(Exception):
    """A run that did not come to its end as it should."""


def until(condition, what):
    """Wait for a condition of another process that nothing announces."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"waited {LIMIT} s until {what}")
        time.sleep(0.002)


def status_field(pid, field):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith(field + ":"))
    except (OSError, StopIteration):
        return ""


def members(session):
    """Processes of a session, by pid, that are not zombies."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[3] == str(session) and fields[0] != "Z":
            found.append(int(pid))
    return found


def tree(folder):
    """{path: what it is} of all that the command left."""
    facts = {}
    for where, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(where, name)
            info = os.lstat(path)
            content = ""
            if os.path.islink(path):
                content = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest()
            facts[os.path.relpath(path, folder)] = (oct(info.st_mode), info.st_nlink, content)
    return facts


class Run:
    """A case run once, traced or not; facts is what came of it: {name: value}."""

    def __init__(self, prepare, command):
        self.folder = tempfile.mkdtemp(prefix="ipctrace-same-")
        self.work = os.path.join(self.folder, "work")
        self.prepare, self.command = prepare, command
        self.facts = {}

    def fresh(self):
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)
        self.environment = {**ENVIRONMENT, "HOME": self.work, "TMPDIR": self.work}
        subprocess.run(["bash", "-ec", self.prepare], cwd=self.work, env=self.environment, check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self, words, stdin=subprocess.DEVNULL):
        with open(self.folder + "/out", "wb") as out, open(self.folder + "/err", "wb") as err:
            return subprocess.Popen(words, cwd=self.work, env=self.environment, stdin=stdin, stdout=out, stderr=err,
                                    start_new_session=True)

    def finish(self, process):
        """Wait for the end and collect the facts."""
        try:
            status = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            states = {pid: (status_field(pid, "Name"), status_field(pid, "State")) for pid in members(process.pid)}
            for pid in states:
                os.kill(pid, signal.SIGKILL)
            process.wait()
            raise Failed(f"not at its end after {LIMIT} s: {states}") from None
        # What the command itself put into the background may take a moment more.
        until(lambda: not members(process.pid), f"the last process of session {process.pid} has ended")
        self.facts = {"status": status}
        for name in ("out", "err"):
            with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
                self.facts[name] = file.read()
        self.facts.update({f"file {path}": value for path, value in tree(self.work).items()})

    def launched(self, front):
        """Run `front bash -c COMMAND`; front is empty for an untraced run."""
        self.fresh()
        self.finish(self.start([*front, "bash", "-c", self.command]))
        return self.facts

    def attached(self, front, is_leaving):
        """Attach before the command's first step; leave again when half is done, or stay to the end."""
        self.fresh()
        process = self.start(["bash", "-c", "read -r go; " + self.command], subprocess.PIPE)
        tracer = subprocess.Popen([*front, "-p", str(process.pid), "-o", self.folder + "/trace"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            until(lambda: status_field(process.pid, "TracerPid") == str(tracer.pid) or tracer.poll() is not None,
                  "the tracer has attached")
            process.stdin.write(b"go\n")
            process.stdin.close()
            if is_leaving:
                until(lambda: os.path.exists(self.work + "/half") or process.poll() is not None, "half is done")
                tracer.send_signal(signal.SIGINT)
                tracer.wait(10)
            self.finish(process)
            tracer.wait(10)
        except subprocess.TimeoutExpired:
            raise Failed("the tracer did not end") from None
        finally:
            tracer.kill()
            errors = tracer.stderr.read().decode(errors="replace")
            tracer.wait()
        if not os.path.exists(self.folder + "/trace") or not os.path.getsize(self.folder + "/trace"):
            raise Failed(f"the tracer wrote no trace: {errors}")
        return self.facts

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def differences(untraced, traced):
    """What of the untraced runs' common facts is otherwise in the traced one."""
    first = untraced[0]
    stable = {name: value for name, value in first.items() if all(run.get(name) == value for run in untraced)}
    if "status" not in stable or 2 * len(stable) < len(first):
        return [f"only {len(stable)} of {len(first)} facts are the same in untraced runs"]
    known = set().union(*untraced)
    found = [f"{name}: untraced {value!r}, traced {traced.get(name)!r}" for name, value in stable.items()
             if traced.get(name) != value]
    if all(set(run) == set(first) for run in untraced):
        found += [f"{name}: only when traced" for name in traced if name not in known]
    return found


def test(name, tracer):
    prepare, command = next(case[1:] for case in cases.CASES if case[0] == name)
    run = Run(prepare, command)
    is_strace = os.path.basename(tracer[0]) == "strace"
    all_launched, all_attached = (STRACE_LAUNCHED, STRACE_ATTACHED) if is_strace else (LAUNCHED, ATTACHED)
    failures = 0
    try:
        untraced = [run.launched([]) for _ in range(3)]
        ways = [("launched", options, lambda front: run.launched([*front, "-o", run.folder + "/trace", "--"]))
                for options in all_launched]
        ways += [("attached", options, lambda front: run.attached(front, False)) for options in all_attached]
        if "half" in command or "half" in prepare:
            ways += [("attached, then left", options, lambda front: run.attached(front, True)) for options in all_attached]
        for how, options, traced in ways:
            try:
                found = differences(untraced, traced([*tracer, *options]))
            except Failed as failure:
                found = [str(failure)]
            print(f"{'FAIL' if found else 'ok'}: {name}: {how} {' '.join(options)}")
            print("".join(f"    {line[:400]}\n" for line in found[:20]), end="")
            failures += bool(found)
    finally:
        run.close()
    return failures


def main():
    names = sys.argv[1:]
    if names == ["--list"]:
        print("\n".join(case[0] for case in cases.CASES))
        return
    tracer = [IPCTRACE]
    if names and names[0].startswith("--tracer="):
        tracer = shlex.split(names.pop(0).removeprefix("--tracer="))
    sys.exit(1 if sum(test(name, tracer) for name in names) or not names else 0)


if __name__ == "__main__":
    main()
