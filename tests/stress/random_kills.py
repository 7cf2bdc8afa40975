#!/usr/bin/env python3
# ctest: labels=long timeout=3600 serial
"""Kills at random moments, by the thousand (goals G7 to G9): of the tracer, of tracees, and signals that ask the tracer to end.

    random_kills.py [N]     N of each kind (300); KILLS_SEED: other moments; KILLS_ONLY=tracer,filtered,tracee,signal

The family that is traced is support/mortals.c: it counts, forks, executes, sleeps, waits in vfork, is stopped."""
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time

import steps
from steps import balance, descendants, dump
from tracing import IPCTRACE, children, program, state, status, tids, tracer_of, wait_until

SEED = int(os.environ.get("KILLS_SEED", "8"))
PATIENCE = 60
SLOT = struct.Struct("iIQ")
KINDS = ("calls", "threads", "forks", "executes", "waits", "is_signalled", "vforks", "is_stopped")
GO_ON = ("calls", "threads", "forks", "executes", "is_signalled")
WAYS = (["-e", "trace=all"], ["-e", "trace=none"], ["-e", "ipc"], ["--strace", "-f"], ["-k", "-e", "trace=getppid,rt_sigreturn"])
ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Failure(Exception):
    pass


def alive():
    return [pid for pid in descendants() if state(pid) not in ("Z", "")]


def hold(is_so, what):
    if not is_so:
        raise Failure(f"{what}\n{dump(alive())}")


class Family:
    """mortals, and what it does."""

    def __init__(self, room, *front, **options):
        self.path = os.path.join(room, "slots")
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.alive, end = os.pipe()     # at its end when nobody of the family is left
        self.top = subprocess.Popen([*front, program("mortals"), self.path], stdin=subprocess.PIPE, stdout=end,
                                    start_new_session=True, **options)
        os.close(end)
        self.n_eintr = 0    # so often did epoll_wait return

    def slots(self):
        with open(self.path, "rb") as file:
            data = file.read(SLOT.size * len(KINDS))
        return {kind: SLOT.unpack_from(data, SLOT.size * i) for i, kind in enumerate(KINDS)}

    def is_there(self):
        return os.path.exists(self.path) and os.path.getsize(self.path) and all(ready for _, ready, _ in self.slots().values())

    def pids(self):
        return [pid for pid, _, _ in self.slots().values()]

    def counts(self):
        return {kind: n for kind, (_, _, n) in self.slots().items()}

    def threads(self):
        return [tid for pid in descendants() for tid in tids(pid)]

    def is_empty(self):
        """Has everybody ended?"""
        os.set_blocking(self.alive, False)
        try:
            return os.read(self.alive, 1) == b""
        except BlockingIOError:
            return False

    def close(self):
        if self.top.stdin and not self.top.stdin.closed:
            self.top.stdin.close()

    def has_gone_on(self, before):
        now = self.counts()
        return all(now[kind] > before[kind] for kind in GO_ON)

    def check_free(self, before):
        """They are as they would be if nobody had ever traced them."""
        wait_until(lambda: not any(tracer_of(tid) for tid in self.threads()), "nobody is traced", PATIENCE)
        wait_until(lambda: not any(state(tid) == "t" for tid in self.threads()), "nobody is left in a stop", PATIENCE)
        found = {kind: pid for kind, (pid, _, _) in self.slots().items()}
        wait_until(lambda: state(found["is_stopped"]) == "T", "who was stopped is stopped", PATIENCE)
        wait_until(lambda: state(found["vforks"]) == "D" and state(found["waits"]) == "S", "who waited waits", PATIENCE)
        stopped = [tid for tid in self.threads() if state(tid) == "T" and tid != found["is_stopped"]]
        hold(not stopped, f"{stopped} were stopped by nobody")
        now = self.counts()
        self.n_eintr += now["waits"] - before["waits"]
        hold(now["is_stopped"] == before["is_stopped"], "who was stopped went on")
        wait_until(lambda: self.has_gone_on(now), "they go on", PATIENCE)


class Attached:
    """Kills and signals of a tracer that was attached to a family, at random moments from its start on."""

    def __init__(self, room, generator):
        self.room, self.generator = room, generator
        self.family = Family(room)
        wait_until(self.family.is_there, "the family", PATIENCE)
        wait_until(lambda: state(self.family.slots()["vforks"][0]) == "D", "vfork", PATIENCE)
        self.span = self.typical()
        self.slowest, self.n_slow = 0.0, 0

    def start(self):
        words = [IPCTRACE, *self.generator.choice(WAYS), "-o", "/dev/null", "-p", ",".join(map(str, self.family.pids()))]
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def typical(self):
        """How long it takes to attach to all."""
        begin = time.monotonic()
        tracer = self.start()
        wait_until(lambda: all(tracer_of(pid) == tracer.pid for pid in self.family.pids()), "attached", PATIENCE)
        took = time.monotonic() - begin
        tracer.kill()
        tracer.wait()
        return took

    def once(self, sig):
        before = self.family.counts()
        tracer = self.start()
        time.sleep(self.generator.random() * 3 * self.span)  # the random moment, no synchronisation
        begin = time.monotonic()
        tracer.send_signal(sig)
        try:
            ended = tracer.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"not ended by signal {sig}\n{dump(alive())}") from None
        took = time.monotonic() - begin
        hold(ended == -sig, f"signal {sig} ended it with {ended}")
        if sig != signal.SIGKILL:
            self.slowest = max(self.slowest, took)
            self.n_slow += took > 1
        self.family.check_free(before)

    def finish(self):
        self.family.close()
        hold(self.family.top.wait(PATIENCE) == 0, "the family ended otherwise")


def tracer_kills(n, room, generator):
    """G8: without our filter every tracee is alive and unstopped."""
    run = Attached(room, generator)
    for _ in range(n):
        run.once(signal.SIGKILL)
    run.finish()
    # The kernel ends that call before we are told of it: killed just then, we cannot have it begin again.
    return (f"{n} times kill -9 of the tracer, no filter: every tracee alive, unstopped and going on; "
            f"{run.family.n_eintr} EINTR of epoll_wait")


def signals(n, room, generator):
    """G9: gone in a second, tracees as untraced."""
    run = Attached(room, generator)
    for _ in range(n):
        run.once(generator.choice(ASKING))
    run.finish()
    hold(not run.family.n_eintr, "epoll_wait returned")
    return (f"{n} times INT, TERM or HUP: ended by it, tracees S, R, T and D as before; slowest {run.slowest:.2f} s, "
            f"{run.n_slow} took more than 1 s")


def filtered_kills(n, room, generator):
    """G8: with our filter nobody survives."""
    slowest = 0.0
    for _ in range(n):
        family = Family(room, IPCTRACE, "-e", "ipc", "-o", "/dev/null", "--", stderr=subprocess.DEVNULL)
        time.sleep(generator.random() * 0.1)
        begin = time.monotonic()
        family.top.kill()
        hold(family.top.wait(PATIENCE) == -signal.SIGKILL, "the tracer has ended before")
        wait_until(family.is_empty, "all have ended", PATIENCE)
        slowest = max(slowest, time.monotonic() - begin)
        os.close(family.alive)
        family.close()
        reap_orphans(0)
    return f"{n} times kill -9 of the tracer, with the filter: no survivor; slowest {slowest:.2f} s"


def reap_orphans(top):
    for pid in children(os.getpid()):
        if pid != top and state(pid) == "Z":
            os.waitpid(pid, 0)


def victims(tracer, command):
    """The processes of the family, but the first, whose death would be that of all."""
    reap_orphans(tracer)
    return [pid for pid in descendants() if pid not in (tracer, command) and tracer_of(pid) == tracer]


def tracee_kills(n, room, generator):
    """G7: each death is told, nobody hangs."""
    n_done, by_kill, n_unheard = 0, 0, 0
    while n_done < n:
        trace = os.path.join(room, "trace")
        way = generator.choice(([], ["--no-seccomp"], ["-k"]))
        family = Family(room, IPCTRACE, *way, "-e", "trace=getppid,execve,epoll_wait,pause", "--format=json", "-o", trace, "--",
                        stderr=subprocess.DEVNULL)
        wait_until(lambda: family.is_there() or family.top.poll() is not None, "the family", PATIENCE)
        command = children(family.top.pid)[0]
        killed, orphans = set(), set()
        for _ in range(min(100, n - n_done)):
            time.sleep(generator.random() * 0.01)
            found = victims(family.top.pid, command)
            if not found:
                continue
            pid = generator.choice(found)
            creator = int(status(pid).get("PPid", 0))
            try:
                os.kill(generator.choice(tids(pid) or [pid]), signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed.add(pid)
            if creator in killed or creator == os.getpid():
                orphans.add(pid)
            n_done += 1
        family.close()
        try:
            hold(family.top.wait(PATIENCE) == 0, "the family ended otherwise")
        except subprocess.TimeoutExpired:
            raise Failure(f"it hangs\n{dump(alive())}") from None
        with open(trace) as file:
            records = [json.loads(line) for line in file]
        balance(records)
        ends = {record["tid"]: record for record in records if record["record"] == "exit"}
        unborn = {pid for pid in killed if not any(record.get("tid") == pid for record in records)}
        hold(killed - unborn <= set(ends), f"of these no end was told: {killed - unborn - set(ends)}")
        by_kill += sum((ends[pid]["signal"] or {}).get("name") == "SIGKILL" for pid in killed if pid in ends)
        # Of whom its creator could not tell any more, and who was killed before we went on without, nothing can be told.
        n_unheard += len(unborn & orphans)
        hold(unborn <= orphans, f"of these nothing was told: {unborn - orphans}")
        os.close(family.alive)
    hold(by_kill > n / 3, f"only {by_kill} of {n} were killed by it")
    return (f"{n} times kill -9 of a tracee: every death told ({by_kill} by SIGKILL, the others had just "
            f"ended) but of {n_unheard} whose creator was killed before it could tell of them; no hang")


RUNS = {"tracer": tracer_kills, "filtered": filtered_kills, "tracee": tracee_kills, "signal": signals}


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    steps.become_subreaper()
    failed = False
    for name in os.environ.get("KILLS_ONLY", ",".join(RUNS)).split(","):
        room = tempfile.mkdtemp(prefix="ipctrace-kills-")
        begin = time.monotonic()
        try:
            print(RUNS[name](n, room, random.Random(SEED)), f"[{time.monotonic() - begin:.0f} s]", flush=True)
        except (Failure, AssertionError) as failure:
            failed = True
            print("FAILED", name, failure, flush=True)
        for pid in descendants():
            os.kill(pid, signal.SIGKILL)
        while descendants():
            try:
                os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            time.sleep(0.01)
        subprocess.run(["rm", "-rf", room], check=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
