#!/usr/bin/env python3
# ctest: timeout=240
"""Nobody is accused who goes on: programs that wait for each other in every way, and all make progress, are traced under
--deadlock=error with a short --hang, and looked at by --why again and again.

    no_false_deadlock.py            two rounds of 15 seconds; NO_FALSE_DEADLOCK_SECONDS=3600 for an hour

Each round prints a line; the last one is OK, or what was said wrongly."""
import array
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tracing import IPCTRACE, Case, main, program

SECONDS = float(os.environ.get("NO_FALSE_DEADLOCK_SECONDS", "30"))
ROUND = min(60.0, SECONDS / 2)
HANGS = ("0.05", "0.15", "0.3", "1")
ACCUSATION = re.compile(r"^=== (deadlock|this wait)", re.M)


def descendants(pid):
    """The processes below a process, itself first, as far as they live."""
    found = [pid]
    for one in found:
        try:
            with open(f"/proc/{one}/task/{one}/children") as file:
                found += [int(child) for child in file.read().split()]
        except (OSError, ProcessLookupError):
            pass
    return found


class Stranger:
    """Nobody's relative: takes descriptors by a socket, and writes to each a byte, late."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(client,), daemon=True).start()

    def answer(self, client):
        size = array.array("i").itemsize
        with client:
            while True:
                data, control, _, _ = client.recvmsg(1, socket.CMSG_SPACE(size))
                if not data:
                    return
                for level, kind, payload in control:
                    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                        self.write_late(array.array("i", payload[:size])[0])

    def write_late(self, fd):
        time.sleep(random.random() * 0.6)
        try:
            os.write(fd, b"x")
        except BrokenPipeError:
            pass    # its reader has been ended
        os.close(fd)


class NoFalseDeadlock(Case):
    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o755)
        self.path_of_stranger = self.path("stranger")
        self.addCleanup(Stranger(self.path_of_stranger).end)

    def end_group(self, process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.end(process)

    def begin(self, *front, **options):
        process = subprocess.Popen([*front, program("progress"), str(int(ROUND * 1000)), self.path_of_stranger],
                                   start_new_session=True, text=True, cwd=self.directory, **options)
        self.addCleanup(self.end_group, process)
        return process

    def read_findings(self, stream, said):
        """Lines of a trace that are no calls, and what the crowd complains of; the trace itself would be too long to keep."""
        for line in stream:
            if line.startswith(("===", "progress")):
                said.append(line)

    def traced_round(self, hang):
        tracer = self.begin(IPCTRACE, "--why", "--deadlock=error", f"--hang={hang}", "-s", "4", stderr=subprocess.PIPE,
                            errors="replace")
        said = []
        reader = threading.Thread(target=self.read_findings, args=(tracer.stderr, said))
        reader.start()
        return tracer, reader, said

    def look(self, root):
        """Looks at the first one, at all, and at some of them; how many waits there were in each."""
        pids = descendants(root)
        for pids in ([root], pids, random.sample(pids, min(3, len(pids)))):
            done = subprocess.run([IPCTRACE, "--why", "--deadlock=error", "-p", ",".join(map(str, pids))], text=True,
                                  capture_output=True, timeout=300, check=False)
            self.assertIn(done.returncode, (0, 1), done.stderr)  # 1: it has ended meanwhile
            self.assertNotRegex(done.stderr, ACCUSATION)
            yield done.stderr.count(" waits ")

    def test_nobody_is_accused_who_goes_on(self):
        deadline = time.monotonic() + SECONDS
        n_rounds = n_looks = n_waits = n_lists = 0
        failures = []
        while time.monotonic() < deadline:
            hang = HANGS[n_rounds % len(HANGS)]
            tracer, reader, said = self.traced_round(hang)
            other = self.begin()
            while other.poll() is None and tracer.poll() is None:
                for waits in self.look(other.pid):
                    n_looks += 1
                    n_waits += waits
            # Slowed down by its tracer the other one may need a while for its last round.
            statuses = other.wait(60), tracer.wait(120)
            reader.join()
            tracer.stderr.close()
            wrong = [line for line in said if ACCUSATION.search(line) or line.startswith("progress")]
            if wrong or any(statuses):
                failures.append((n_rounds + 1, statuses, wrong))
                print("FAILED", failures[-1], flush=True)
            n_lists += len(said)
            n_rounds += 1
            print(f"{time.strftime('%H:%M:%S')} round {n_rounds}, --hang={hang}: {n_lists} lists of waits when tracing, "
                  f"{n_looks} looks by --why at {n_waits} waits, {len(failures)} rounds failed", flush=True)
        self.assertEqual(failures, [])
        self.assertGreater(n_lists, 10 * n_rounds)
        self.assertGreater(n_waits, 2 * n_looks)


if __name__ == "__main__":
    main()
