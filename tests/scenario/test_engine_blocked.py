#!/usr/bin/env python3
# ctest: timeout=60 labels=engine
"""No blocked call returns to its program because of an attach or a detach (reference A3)."""
import os
import select
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import Case, call_of, is_asleep_in, main, program, state, tids, tracer_of, wait_until

RESTART_SYSCALL = {"blocked": 219, "blocked_i386": 0}


class Blocked(Case):
    def start_all(self, name):
        listed = subprocess.run([program(name), "-l"], capture_output=True, text=True, check=True)
        blocked = {}
        for call in listed.stdout.split():
            output = open(self.path(f"{name}.{call}"), "w")
            self.addCleanup(output.close)
            blocked[call] = self.start(program(name), call, stdout=output)
        calls = {}
        for call, process in blocked.items():
            def is_asleep():
                if process.poll() is not None:
                    raise AssertionError(f"{call} cannot be had here: {process.returncode}")
                return state(process.pid) == "S" and call_of(process.pid) is not None
            wait_until(is_asleep, f"{call} sleeps")
        for call, process in blocked.items():
            calls[call] = self.settled_call(process.pid)
        return blocked, calls

    def settled_call(self, pid):
        """The call it sleeps in once it does so for good: it has no more CPU time to take."""
        def used():
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[11:13]

        def switches():
            with open(f"/proc/{pid}/status") as file:
                return [line for line in file if "ctxt" in line]

        while True:
            before = (used(), switches())
            wait_until(lambda: state(pid) == "S", f"{pid} sleeps")
            nr = call_of(pid)
            if (used(), switches()) == before and nr is not None:
                return nr

    def check_undisturbed(self, name, blocked, calls, when):
        failed = []
        for call, process in blocked.items():
            wait_until(lambda: process.poll() is not None or state(process.pid) == "S",
                       f"{call} sleeps again {when}")
            output = self.text(f"{name}.{call}")
            if process.poll() is not None:
                failed.append(f"{call} returned {when}: {output.strip()}")
            elif self.settled_call(process.pid) not in (calls[call], RESTART_SYSCALL[name]):
                failed.append(f"{call} is in call {call_of(process.pid)} {when}")
        self.assertEqual(failed, [])

    def check(self, name):
        blocked, calls = self.start_all(name)
        for _ in range(2):
            tracer = self.attach(*(process.pid for process in blocked.values()))
            self.check_undisturbed(name, blocked, calls, "after the attach")
            self.detach(tracer)
            for process in blocked.values():
                self.assertEqual(tracer_of(process.pid), 0)
            self.check_undisturbed(name, blocked, calls, "after the detach")

    def test_no_call_ends_by_attach_or_detach(self):
        self.check("blocked")

    def test_no_call_of_a_32_bit_program_ends_by_attach_or_detach(self):
        if not os.path.exists(program("blocked_i386")):
            self.skipTest("no 32-bit programs here")
        self.check("blocked_i386")

    def test_no_call_ends_because_it_was_just_entered(self):
        """Threads that go to sleep again and again are let go at every kind of stop."""
        code = ("import ctypes, select, sys, threading\n"
                "libc = ctypes.CDLL(None, use_errno=True)\n"
                "failed, is_over = [], False\n"
                "def run():\n"
                " epoll = select.epoll()\n"
                " event = ctypes.create_string_buffer(64)\n"
                " while not is_over:\n"
                "  if libc.epoll_wait(epoll.fileno(), event, 1, 1) < 0: failed.append(ctypes.get_errno())\n"
                "threads = [threading.Thread(target=run) for _ in range(4)]\n"
                "for one in threads: one.start()\n"
                "print('ready', flush=True)\n"
                "sys.stdin.read()\n"
                "is_over = True\n"
                "for one in threads: one.join()\n"
                "print(failed)\n")
        process = self.start(sys.executable, "-c", code, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        for _ in range(20):
            tracer = self.attach(process.pid, args=("-e", "trace=all"))
            wait_until(lambda: "epoll_wait" in self.text("trace"), "it is traced")
            self.detach(tracer, seconds=30)
        process.stdin.close()
        self.assertEqual(process.stdout.read(), "[]\n")

    def test_no_call_ends_by_a_signal_that_is_ignored(self):
        """Only a traced thread is woken by a SIGCHLD that nobody wants; its call must not tell."""
        code = ("import ctypes, os, signal, socket, struct, time\n"
                "libc = ctypes.CDLL(None, use_errno=True)\n"
                "left, right = socket.socketpair()\n"
                "left.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 100, 0))\n"
                "signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n"
                "me = os.getpid()\n"
                "def is_asleep():\n"
                " with open(f'/proc/{me}/stat') as file: return file.read().rpartition(')')[2].split()[0] == 'S'\n"
                "def sleeps():\n"
                " while not is_asleep(): time.sleep(0.001)\n"
                " time.sleep(0.01)\n"
                "if os.fork() == 0:\n"
                " sleeps()\n"
                " if os.fork() == 0: os._exit(0)\n"
                " for sig in (signal.SIGUSR1, signal.SIGWINCH, signal.SIGURG, signal.SIGCHLD): os.kill(me, sig); sleeps()\n"
                " right.send(b'x')\n"
                " os._exit(0)\n"
                "data = ctypes.create_string_buffer(8)\n"
                "print(libc.recv(left.fileno(), data, 8, 0), ctypes.get_errno())\n")
        for way in ([], ["--no-seccomp"], ["--strace", "-f"], ["-e", "trace=none"]):
            tracer = self.trace(*way, sys.executable, "-c", code, stdout=subprocess.PIPE, text=True)
            self.assertEqual(tracer.stdout.read(), "1 0\n", way)
            self.assertEqual(tracer.wait(30), 0)

    def test_a_signal_for_a_handler_still_ends_the_call(self):
        code = ("import ctypes, signal, select, os\n"
                "signal.signal(signal.SIGUSR1, lambda *a: os.write(1, b'handled\\n'))\n"
                "libc = ctypes.CDLL(None, use_errno=True)\n"
                "epoll = select.epoll()\n"
                "event = ctypes.create_string_buffer(64)\n"
                "os.write(1, b'ready\\n')\n"
                "r = libc.epoll_wait(epoll.fileno(), event, 1, -1)\n"
                "os.write(1, b'%d %d\\n' % (r, ctypes.get_errno()))\n")
        process = self.start(sys.executable, "-c", code, stdout=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        wait_until(lambda: state(process.pid) == "S" and call_of(process.pid) == 232, "epoll_wait")
        tracer = self.attach(process.pid)
        process.send_signal(10)
        self.assertEqual(process.stdout.read().split(b"\n")[:2], [b"handled", b"-1 4"])
        tracer.wait(10)
        self.assertEqual(tracer.returncode, 0)

    def test_a_signal_at_the_attach_still_ends_the_call(self):
        """It comes when the call has been made to begin again and has not begun yet."""
        code = ("import ctypes, signal, select, os\n"
                "signal.signal(signal.SIGUSR1, lambda *a: None)\n"
                "libc = ctypes.CDLL(None, use_errno=True)\n"
                "epoll = select.epoll()\n"
                "event = ctypes.create_string_buffer(64)\n"
                "while True:\n"
                " r = libc.epoll_wait(epoll.fileno(), event, 1, -1)\n"
                " os.write(1, b'%d %d\\n' % (r, ctypes.get_errno()))\n")
        process = self.start(sys.executable, "-c", code, stdout=subprocess.PIPE, bufsize=0)
        for _ in range(40):
            wait_until(lambda: is_asleep_in(process.pid, 232), "epoll_wait")
            tracer = self.trace("-p", process.pid)
            while tracer_of(process.pid) != tracer.pid:
                pass
            process.send_signal(signal.SIGUSR1)
            readable, _, _ = select.select([process.stdout], [], [], 30)
            self.assertTrue(readable, "epoll_wait goes on")
            self.assertEqual(process.stdout.readline(), b"-1 4\n")
            wait_until(lambda: is_asleep_in(process.pid, 232), "epoll_wait")
            self.detach(tracer, seconds=30)


if __name__ == "__main__":
    main()
