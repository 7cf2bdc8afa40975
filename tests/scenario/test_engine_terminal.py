#!/usr/bin/env python3
# ctest: timeout=60 labels=engine
"""On a terminal: job control and Ctrl-C work as if the command were not traced (reference B5)."""
import os
import pty
import re
import select
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, main, wait_until

WAYS = ([], ["--no-seccomp", "-e", "trace=all"], ["--strace"])

COUNTER = ("import os, signal, sys, time\n"
           "def say(sig, frame):\n os.write(1, b'got %d\\n' % sig)\n"
           "signal.signal(signal.SIGINT, say)\n"
           "signal.signal(signal.SIGCONT, say)\n"
           "os.write(1, b'ready\\n')\n"
           "while True: os.read(0, 1) == b'q' and sys.exit(4)\n")


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["PS1"] = "$ "
            os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern):
        """Wait until something new matches; returns what came up to its end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = re.search(pattern, self.text)
            if found:
                seen, self.text = self.text[:found.end()], self.text[found.end():]
                return seen
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"no {pattern!r} in {self.text!r}")
            try:
                self.text += os.read(self.fd, 65536).decode(errors="replace")
            except OSError as err:
                raise AssertionError(f"no {pattern!r} in {self.text!r}") from err

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


class Jobs(Case):
    def terminal(self):
        terminal = Terminal()
        self.addCleanup(terminal.close)
        terminal.expect(r"\$ ")
        return terminal

    def run_in(self, command):
        """What is to be seen on the terminal, traced or not."""
        terminal = self.terminal()
        seen = []
        with open(self.path("counter"), "w") as file:
            file.write(COUNTER)
        terminal.type(f"{command} {sys.executable} {self.path('counter')}\r")
        terminal.expect("ready\r\n")
        for _ in range(3):
            terminal.type("\x03")
            seen.append(re.sub(r"\^C", "", terminal.expect(r"got 2\r\n")))
        for _ in range(2):
            terminal.type("\x1a")
            seen.append(re.search("Stopped", terminal.expect(r"Stopped.*\r\n[^$]*\$ ")).group())
            terminal.type("echo status $?\r")
            seen.append(terminal.expect(r"status \d+\r\n").split()[-1])
            terminal.expect(r"\$ ")
            terminal.type("fg\r")
            seen.append(terminal.expect(r"got 18\r\n")[-8:])
            terminal.type("\x03")
            seen.append(re.sub(r"\^C", "", terminal.expect(r"got 2\r\n")))
        terminal.type("\x1a")
        terminal.expect(r"Stopped.*\r\n[^$]*\$ ")
        terminal.type("bg\r")
        # It reads from the terminal in the background: SIGTTIN.
        seen.append(terminal.expect(r"got 18\r\n")[-8:])

        def is_stopped():
            terminal.type("jobs\r")
            terminal.expect("jobs\r\n")
            return "Stopped" in terminal.expect(r"\[1\].*\r\n")

        wait_until(is_stopped, "it is stopped by its read", 10)
        terminal.expect(r"\$ ")
        terminal.type("fg\r")
        terminal.expect(r"got 18\r\n")
        terminal.type("q\r")
        terminal.expect(r"\$ ")
        terminal.type("echo status $?\r")
        seen.append(terminal.expect(r"status \d+\r\n").split()[-1])
        return seen

    def test_interrupt_stop_and_continue_are_the_same_traced(self):
        untraced = self.run_in("env")
        self.assertEqual(untraced.count("got 2\r\n"), 5)
        for way in WAYS:
            traced = self.run_in(f"{IPCTRACE} {' '.join(way)} -o {self.path('trace')}")
            self.assertEqual(traced, untraced, way)

    def test_interrupt_ends_a_command_and_the_shell_sees_why(self):
        for way in WAYS:
            terminal = self.terminal()
            terminal.type(f"{IPCTRACE} {' '.join(way)} -o {self.path('trace')} "
                          "sh -c 'echo rea''dy; exec sleep 1000'\r")
            # A shell that has just forked may itself lose a Ctrl-C, traced or not; this one does not fork.
            terminal.expect("ready\r\n")
            terminal.type("\x03")
            terminal.expect(r"\$ ")
            terminal.type("echo status $?\r")
            self.assertIn("130", terminal.expect(r"status \d+\r\n"))

    def test_interrupt_of_an_attached_trace_leaves_the_process_alone(self):
        target = self.start("sleep", 1000)
        terminal = self.terminal()
        terminal.type(f"{IPCTRACE} -p {target.pid}\r")
        terminal.expect("attached")
        terminal.type("\x03")
        terminal.expect(r"\$ ")
        self.assertIsNone(target.poll())


if __name__ == "__main__":
    main()
