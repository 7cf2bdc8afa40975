#!/usr/bin/env python3
# ctest: timeout=180 labels=engine
"""On a terminal: job control and Ctrl-C work as if the command were not traced (reference B5)."""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, children, comm, main, state, tracer_of, wait_until

WAYS = ([], ["--no-seccomp", "-e", "trace=all"], ["--strace"])

COUNTER = ("import os, signal, sys, time\n"
           "def say(sig, frame):\n os.write(1, b'got %d\\n' % sig)\n"
           "signal.signal(signal.SIGINT, say)\n"
           "signal.signal(signal.SIGCONT, say)\n"
           "os.write(1, b'ready\\n')\n"
           "while True: os.read(0, 1) == b'q' and sys.exit(4)\n")


def group_of(pid):
    """The process group of a process, None if it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return int(file.read().rsplit(")", 1)[1].split()[2])
    except (OSError, ProcessLookupError):
        return None


def is_in_foreground(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return fields[2] == fields[5]  # its group, and that of its terminal


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

    def traced(self, way):
        return f"{IPCTRACE} {' '.join(way)} -o {self.path('trace')}"

    def job(self, command):
        """A job that was stopped by Ctrl-Z: the terminal, with a prompt."""
        terminal = self.terminal()
        terminal.type(f"{command}\r")
        terminal.expect("ready\r\n")
        terminal.type("\x1a")
        terminal.expect(r"Stopped.*\r\n[^$]*\$ ")
        return terminal

    def compare(self, see):
        """see(front) returns what is seen of a command behind that front: the same for every way to trace."""
        untraced = see("env")
        for way in WAYS:
            self.assertEqual(see(self.traced(way)), untraced, way)

    def test_a_stopped_job_is_killed(self):
        def see(front):
            terminal = self.job(f"{front} sh -c 'echo rea''dy; exec sleep 1000'")
            os.killpg(group_of(children(terminal.pid)[0]), signal.SIGTERM)
            terminal.type("fg\r")
            terminal.expect(r"\$ ")
            terminal.type("echo status $?\r")
            return terminal.expect(r"status \d+\r\n").split()[-1]
        self.compare(see)

    def test_a_job_of_several_processes_goes_on_as_a_whole(self):
        """Also the one that was stopped by another of them before."""
        def see(front):
            terminal = self.job(f"{front} sh -c 'sleep 1000 & kill -STOP $!; sleep 1000 & echo rea''dy; wait; exit 5'")
            group = group_of(wait_until(lambda: children(terminal.pid), "the job")[0])
            members = [int(name) for name in os.listdir("/proc") if name.isdigit() and group_of(name) == group and
                       comm(int(name)) != "ipctrace"]
            self.assertEqual(len(members), 3)
            wait_until(lambda: {state(pid) for pid in members} <= {"T", "t"}, "all are stopped")
            terminal.type("fg\r")
            wait_until(lambda: {state(pid) for pid in members} == {"S"}, "all go on")
            for pid in members:
                if comm(pid) == "sleep":
                    os.kill(pid, signal.SIGTERM)
            terminal.expect(r"\$ ")
            terminal.type("echo status $?\r")
            return terminal.expect(r"status \d+\r\n").split()[-1]
        self.compare(see)

    def test_a_background_job_that_writes_is_stopped_where_it_may_not(self):
        """SIGTTOU, with `stty tostop`; SIGTTIN is above."""
        def see(front):
            terminal = self.terminal()
            terminal.type("stty tostop\r")
            terminal.expect(r"\$ ")
            terminal.type(f"{front} sh -c 'echo wri''tten; exit 6' &\r")
            terminal.expect(r"\$ ")

            def is_stopped():
                terminal.type("jobs\r")
                terminal.expect("jobs\r\n")
                return "Stopped" in terminal.expect(r"\[1\].*\r\n")
            wait_until(is_stopped, "it is stopped by its write")
            terminal.type("fg\r")
            terminal.expect("written\r\n")
            terminal.expect(r"\$ ")
            terminal.type("echo status $?\r")
            return terminal.expect(r"status \d+\r\n").split()[-1]
        self.compare(see)

    def test_the_terminal_is_gone(self):
        """SIGHUP, by the kernel to the foreground, by the shell to its jobs; nohup is not told."""
        for way in WAYS:
            for prefix, survives in (("", False), ("nohup ", True)):
                terminal = self.terminal()
                terminal.type(f"{prefix}{self.traced(way)} sh -c 'echo rea''dy > {self.path('said')}; exec sleep 1000' > /dev/null\r")
                wait_until(lambda: self.text("said"), "it runs")
                tracer = children(terminal.pid)[0]
                command = wait_until(lambda: [pid for pid in children(tracer) if comm(pid) == "sleep"], "it sleeps")[0]
                os.unlink(self.path("said"))
                os.close(terminal.fd)
                terminal.fd = os.open("/dev/null", os.O_RDONLY)
                if survives:
                    # The shell's end is the last that anybody could hear of the terminal.
                    wait_until(lambda: state(terminal.pid) in ("Z", ""), "the shell has ended")
                    self.assertEqual((comm(command), tracer_of(command)), ("sleep", tracer))
                    os.kill(command, signal.SIGTERM)
                wait_until(lambda: state(tracer) in ("Z", "") and state(command) in ("Z", ""), "both have ended")

    def test_a_trace_that_was_attached_in_the_background(self):
        """It writes to the terminal, is not stopped, and ends by the shell's kill or by Ctrl-C once in the foreground."""
        for end in ("kill %1\r", "fg\r"):
            target = self.start(sys.executable, "-c", "import sys, os\nfor line in sys.stdin: os.getppid()", stdin=subprocess.PIPE)
            terminal = self.terminal()
            terminal.type(f"{IPCTRACE} -e trace=getppid -p {target.pid} &\r")
            terminal.expect("attached")
            for _ in range(3):
                target.stdin.write(b"\n")
                target.stdin.flush()
                terminal.expect("getppid")
            terminal.type(end)
            if end.startswith("fg"):
                terminal.expect("ipctrace -e")
                # Before the shell has handed the terminal over, Ctrl-C is the shell's.
                tracer = tracer_of(target.pid)
                wait_until(lambda: is_in_foreground(tracer), "it has the terminal")
                terminal.type("\x03")
            wait_until(lambda: tracer_of(target.pid) == 0, "it is free")
            self.assertIsNone(target.poll())

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
