#!/usr/bin/env python3
# ctest: timeout=300 labels=engine
"""Random system calls with random arguments, which another thread rewrites meanwhile: whatever they are, the tracer lives, what
it writes is whole and printable, and a recording tells the same again. SECONDS=600 for the long run, SEED=N for another one."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, main, program, run, state, tids, tracer_of, wait_until

SEED = int(os.environ.get("SEED", "1"))
SECONDS = float(os.environ.get("SECONDS", "10"))
RECORD_MAX = 64 * 1024
SKIPPED = 77
KILLED = 128 + 9        # one of its own has done that to the first process of the namespace
CRASHED = {-4, -6, -7, -8, -11}
MUCH = ("-v", "-s", "100000", "-y", "-i", "-n")
WAYS = {
    "everything": ("-e", "trace=all"),
    "ipc": ("-e", "ipc", "--objects", "--leaks", "--hang=1", "--wait-note=10"),
    "without a filter": ("--no-seccomp", "-e", "trace=all", *MUCH),
    "stacks": ("-k", "-yy", "-T"),
    "strace": ("--strace", "-f", *MUCH),
    "strace with a filter": ("--strace", "-f", "--seccomp-bpf", "-e", "trace=%desc,%process,%signal", "-X", "verbose"),
    "json": ("--format=json", "-e", "trace=all", "--objects", *MUCH),
}


def descendants(pid):
    """A process and all below it."""
    found = [pid]
    for one in found:
        for tid in tids(one):
            try:
                with open(f"/proc/{one}/task/{tid}/children") as file:
                    found += map(int, file.read().split())
            except (OSError, ProcessLookupError):
                pass
    return found


class RandomCalls(Case):
    calls = 0

    def command(self, seed, seconds):
        return [program("random_calls_static"), seed, int(seconds * 1000)]

    def check_end(self, status, said):
        if status == SKIPPED:
            self.skipTest("no namespaces for this user")
        self.assertIn(status, (0, KILLED), said[-2000:])
        self.assertNotRegex(said, "Sanitizer|runtime error|stack smashing|free\\(\\)|corrupt")

    def check_lines(self, path, is_json=False):
        """Whole, short, printable; returns how many."""
        n = 0
        with open(path, "rb") as trace:
            for n, line in enumerate(trace, 1):
                self.assertLessEqual(len(line), RECORD_MAX, line[:200])
                self.assertTrue(line.endswith(b"\n"), line[-200:])
                if is_json:
                    json.loads(line)
                    self.assertFalse(any(byte < 0x20 for byte in line[:-1]), line[:200])
                else:
                    self.assertTrue(line[:-1].decode("ascii").isprintable(), line[:200])
        return n

    def trace_once(self, name, seed, seconds):
        options = WAYS[name]
        done = run(*options, "-o", self.path("trace"), *self.command(seed, seconds), timeout=seconds + 4 * PATIENCE)
        self.check_end(done.returncode, done.stderr)
        return self.check_lines(self.path("trace"), "--format=json" in options)

    def record_once(self, seed, seconds):
        """What is told again from the recording is what was told at once."""
        shown = ("-e", "trace=all", "--objects")
        done = run(*shown, "--record", self.path("record"), "-o", self.path("trace"), *self.command(seed, seconds),
                   timeout=seconds + 4 * PATIENCE)
        self.check_end(done.returncode, done.stderr)
        again = run("--replay", self.path("record"), *shown, "-o", self.path("again"), timeout=8 * PATIENCE)
        self.assertNotIn(again.returncode, CRASHED, again.stderr)
        with open(self.path("trace")) as first, open(self.path("again")) as second:
            for number, lines in enumerate(zip(first, second, strict=True), 1):
                self.assertEqual(*lines, f"line {number}")
        return self.check_lines(self.path("trace"))

    def attach_once(self, seed, seconds):
        """Attach in the midst of it, leave before the end: nobody stays traced or stopped by us."""
        command = self.start(*self.command(seed, seconds))

        def is_at_work():
            status = command.poll()
            self.assertIsNone(status) if status not in (SKIPPED, 0, KILLED) else None
            return status is not None or len(descendants(command.pid)) > 2

        wait_until(is_at_work, "it has begun")
        if command.poll() == SKIPPED:
            self.skipTest("no namespaces for this user")
        pids = descendants(command.pid)
        with open(self.path("said"), "w") as said:
            tracer = self.start(IPCTRACE, "-q", "-e", "trace=all", "-o", self.path("trace"), "-p", ",".join(map(str, pids)),
                                stderr=said)
            command.wait(seconds + 4 * PATIENCE)
            tracer.wait(PATIENCE)
        self.assertNotIn(tracer.returncode, CRASHED, self.text("said"))
        self.assertNotRegex(self.text("said"), "Sanitizer|runtime error")
        self.assertEqual(command.returncode, 0)
        return self.check_lines(self.path("trace"))

    def detach_once(self, seed, seconds):
        """Leave in the midst of it: those who are left behind go on untraced, and end as they would have."""
        command = self.start(*self.command(seed, seconds))
        wait_until(lambda: command.poll() is not None or len(descendants(command.pid)) > 2, "it has begun")
        if command.poll() == SKIPPED:
            self.skipTest("no namespaces for this user")
        tracer = self.attach(*descendants(command.pid)[:2], args=("-e", "trace=all"))
        wait_until(lambda: tracer.poll() is not None or self.text("trace").count("\n") > 500, "it is traced")
        self.detach(tracer, seconds=PATIENCE)
        for pid in descendants(command.pid):
            # One of them may trace another now.
            is_stopped, its_tracer = state(pid) == "t", tracer_of(pid)
            self.assertNotEqual(its_tracer, tracer.pid)
            self.assertFalse(is_stopped and its_tracer == 0, f"{pid} is left in a stop")
        self.assertEqual(command.wait(seconds + PATIENCE), 0)
        return self.check_lines(self.path("trace"))

    def test_the_tracer_survives(self):
        rounds = [*((name, lambda *args, name=name: self.trace_once(name, *args)) for name in WAYS),
                  ("recorded", self.record_once), ("attached", self.attach_once), ("left", self.detach_once)]
        each = max(1.0, min(5.0, SECONDS / len(rounds)))
        for number in range(max(1, round(SECONDS / each / len(rounds)))):
            for name, one in rounds:
                seed = SEED * 1000 + number
                with self.subTest(name, seed=seed):
                    n = one(seed, each)
                    print(f"{name}, seed {seed}: {n} lines", flush=True)
                    self.assertGreater(n, 20)


if __name__ == "__main__":
    main()
