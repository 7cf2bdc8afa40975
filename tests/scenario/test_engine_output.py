#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""Output that is full, gone, closed, slow or short: nothing is lost silently, and the command is
not touched."""
import os
import re
import resource
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import (IPCTRACE, PATIENCE, Case, call_of, main, program, run, state, tracer_of, wait_until)

MANY = ["-e", "trace=write", program("seqgen"), "1", "20000"]


class Output(Case):
    def hold_losses(self, done):
        """The file ends with a whole line, and what is not in it was counted."""
        text = self.text("trace")
        lost, lines = map(int, re.search(r"(\d+) of (\d+) lines", done.stderr).groups())
        self.assertTrue(text.endswith("\n"))
        self.assertEqual(text.count("\n") + lost, lines)
        self.assertGreater(lines, 20000)

    def test_a_disk_that_fills_up(self):
        disk = self.path("disk")
        os.mkdir(disk)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", disk], check=False,
                          stderr=subprocess.DEVNULL).returncode:
            self.skipTest("needs mount")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        trace = os.path.join(disk, "trace")
        os.symlink(trace, self.path("trace"))
        done = run("-o", trace, *MANY)
        self.assertEqual(done.returncode, 125)
        self.hold_losses(done)
        done = run("--record", trace, "-o", "/dev/null", *MANY)
        self.assertEqual(done.returncode, 125)
        self.assertRegex(done.stderr, r"not complete: No space left on device; \d+ events are not in it")
        done = run("--replay", trace)
        self.assertRegex(done.stderr, r"write\(-1, NULL, 0\)(.*\n)+.*the rest is missing\n\Z")

    def test_a_disk_that_fails(self):
        """Reference J1: EIO, from a file server."""
        _, file = self.mount_fuse()
        done = run("-o", file, *MANY)
        self.assertEqual(done.returncode, 125, done.stderr)
        self.assertRegex(done.stderr, r"not complete: Input/output error; (\d+) of \1 lines")
        done = run("--record", file, "-o", "/dev/null", *MANY)
        self.assertEqual(done.returncode, 125)
        self.assertRegex(done.stderr, r"not complete: Input/output error; \d+ events are not in it")

    def test_it_is_said_at_once_that_the_disk_is_full(self):
        target = self.start(sys.executable, "-c", "import os\nwhile True: os.getppid()")
        tracer = self.start(IPCTRACE, "-e", "trace=getppid", "-o", "/dev/full", "-p", target.pid,
                            stderr=subprocess.PIPE, text=True)
        self.assertIn("attached", tracer.stderr.readline())
        self.assertRegex(tracer.stderr.readline(), "cannot write the trace: No space left on device")
        self.detach(tracer, seconds=10)
        self.assertRegex(tracer.stderr.read(), r"^\S+: the trace is not complete: .*\n$")

    def test_a_full_disk_is_counted_and_the_command_goes_on(self):
        marker = self.path("marker")
        done = run("-o", "/dev/full", "-e", "trace=all", "sh", "-c", f"echo done > {marker}")
        self.assertEqual(done.returncode, 125)
        self.assertRegex(done.stderr, r"not complete: No space left on device; (\d+) of \1 lines \(\d+ bytes\) are lost")
        self.assertLessEqual(len(done.stderr.splitlines()), 2)
        self.assertEqual(self.text("marker"), "done\n")

    def test_a_file_that_may_not_grow(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
        done = run("-o", self.path("trace"), *MANY, preexec_fn=limit)
        self.assertEqual(done.returncode, 125, done.stderr)
        self.assertIn("File too large", done.stderr)
        self.assertLessEqual(os.path.getsize(self.path("trace")), 65536)
        self.hold_losses(done)

    def test_a_reader_that_has_seen_enough(self):
        done = subprocess.run(f"{IPCTRACE} {' '.join(MANY)} 2>&1 | head -1", shell=True, text=True,
                              capture_output=True, timeout=PATIENCE)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertEqual(done.stderr, "")

    def test_the_command_ends_as_ever_when_the_reader_is_gone(self):
        for way in ([], ["--no-seccomp"]):
            reader, writer = os.pipe()
            os.close(reader)
            tracer = self.start(IPCTRACE, *way, "-e", "trace=all", "sh", "-c",
                                f"for i in 1 2 3; do /bin/true; done; echo x > {self.path('m')}; "
                                "exit 6", stderr=writer)
            os.close(writer)
            self.assertEqual(tracer.wait(10), 6)
            self.assertEqual(self.text("m"), "x\n")
            os.unlink(self.path("m"))

    def test_an_attached_process_is_let_go_when_the_reader_is_gone(self):
        target = self.start(sys.executable, "-c", "import os\nwhile True: os.getppid()")
        reader, writer = os.pipe()
        tracer = self.start(IPCTRACE, "-e", "trace=getppid", "-p", target.pid, stderr=writer)
        os.close(writer)
        wait_until(lambda: tracer_of(target.pid) == tracer.pid, "attached")
        os.close(reader)
        tracer.wait(10)
        wait_until(lambda: tracer_of(target.pid) == 0 and state(target.pid) == "R", "it is free")

    def test_closed_standard_streams(self):
        code = ("import os\n"
                "print([os.path.exists(f'/proc/self/fd/{n}') for n in range(3)],"
                " file=open('%s', 'w'))" % self.path("seen"))
        for closed in range(8):
            def close():
                for fd in range(3):
                    if closed >> fd & 1:
                        os.close(fd)
            results = []
            for prefix in ([], [IPCTRACE, "-o", self.path("trace")]):
                done = subprocess.Popen([*prefix, sys.executable, "-c", code + "\nos._exit(3)"],
                                        preexec_fn=close)
                results.append((done.wait(20), self.text("seen")))
            self.assertEqual(results[0], results[1], f"closed {closed:03b}")
            self.assertIn("exited with 3", self.text("trace"))

    def test_a_closed_standard_error_loses_the_trace_not_silently(self):
        done = subprocess.run(["sh", "-c", '"$0" -e trace=all true 2>&-; exit $?', IPCTRACE],
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 125)

    def test_a_file_that_cannot_be_written(self):
        for path in ("/no/such/directory/file", self.directory):
            done = run("-o", path, "sh", "-c", f"echo > {self.path('ran')}")
            self.assertEqual(done.returncode, 1)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertIn(path, done.stderr)
            self.assertFalse(os.path.exists(self.path("ran")))

    def test_a_reader_that_does_not_read(self):
        """Ctrl-C and its like end the trace within a second though nobody takes it."""
        target = self.start(sys.executable, "-c", "import os\nwhile True: os.getppid()")
        for sig in (signal.SIGINT, signal.SIGTERM):
            reader, writer = os.pipe()
            tracer = self.start(IPCTRACE, "-e", "trace=getppid", "-o", f"/dev/fd/{writer}", "-p",
                                target.pid, pass_fds=(writer,), stderr=subprocess.DEVNULL)
            os.close(writer)
            # It is stuck: asleep in write.
            wait_until(lambda: tracer_of(target.pid) == tracer.pid and is_writing(tracer.pid),
                       "stuck")
            self.detach(tracer, sig, 1.0)
            os.close(reader)
            wait_until(lambda: tracer_of(target.pid) == 0 and state(target.pid) == "R", "it runs")

    def test_a_reader_of_a_kilobyte_a_second(self):
        """Reference J3: Ctrl-C ends the trace within a second, though everybody waits for that reader most of the time."""
        target = self.start(sys.executable, "-c", "import os\nwhile True: os.getppid()")
        for sig in (signal.SIGINT, signal.SIGTERM):
            reader, writer = os.pipe()
            tracer = self.start(IPCTRACE, "-e", "trace=getppid", "-o", f"/dev/fd/{writer}", "-p",
                                target.pid, pass_fds=(writer,), stderr=subprocess.DEVNULL)
            os.close(writer)
            slow = self.start(sys.executable, "-c", "import os, time\nwhile os.read(0, 1024): time.sleep(1)", stdin=reader)
            os.close(reader)
            wait_until(lambda: tracer_of(target.pid) == tracer.pid and is_writing(tracer.pid), "stuck")
            self.detach(tracer, sig, 1.0)
            slow.kill()
            wait_until(lambda: tracer_of(target.pid) == 0 and state(target.pid) == "R", "it runs")

    def test_a_slow_reader_gets_everything(self):
        reader, writer = os.pipe()
        tracer = self.start(IPCTRACE, "-o", f"/dev/fd/{writer}", *MANY, pass_fds=(writer,))
        os.close(writer)
        wait_until(lambda: is_writing(tracer.pid), "it waits for the reader")
        text = b""
        while True:
            some = os.read(reader, 3000)
            if not some:
                break
            text += some
        os.close(reader)
        self.assertEqual(tracer.wait(10), 0)
        self.assertEqual(text.count(b"write(-1"), 20000)

    def test_a_descriptor_that_was_made_non_blocking(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        tracer = self.start(IPCTRACE, *MANY, stderr=writer)
        os.close(writer)
        wait_until(lambda: call_of(tracer.pid) == 7, "it polls")
        text = b""
        while True:
            some = os.read(reader, 65536)
            if not some:
                break
            text += some
        os.close(reader)
        self.assertEqual(tracer.wait(10), 0)
        self.assertEqual(text.count(b"write(-1"), 20000)

    def test_the_trace_keeps_no_pipe_of_the_command_open(self):
        done = subprocess.run(f"yes | {IPCTRACE} -o {self.path('trace')} head -1", shell=True,
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.stdout, "y\n")


def is_writing(pid):
    return call_of(pid) == 1


if __name__ == "__main__":
    main()
