#!/usr/bin/env python3
# ctest: timeout=180 labels=engine
"""Memory that cannot be read, ends at a page, or never answers."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, Case, main, program, run, state, tids, tracer_of, wait_until

SKIPPED = 77


class NeverAnswers(Case):
    """The tracee's memory is served by a userfaultfd that nobody serves."""

    def words(self):
        return ["endless"]

    def begin(self, *options):
        """A tracee that is about to write what cannot be read; returns it and the address."""
        target = self.start(program("memory_cases"), *self.words(), stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
        addr = target.stdout.readline().strip()
        if not addr:
            self.assertEqual(target.wait(30), SKIPPED)
            self.skipTest("needs userfaultfd")
        tracer = self.attach(target.pid, args=["-e", "trace=write", *options],
                             stderr=subprocess.PIPE, text=True)
        self.assertIn("attached", tracer.stderr.readline())
        target.stdin.write("\n")
        target.stdin.flush()
        return target, tracer, addr

    def stuck(self, *options):
        target, tracer, addr = self.begin(*options)
        said = tracer.stderr.readline()
        self.assertRegex(said, rf"^\S+: thread {target.pid} does not let us read "
                         rf"its memory at {addr} .*kill it, or end ipctrace$")
        return target, tracer

    def test_it_is_said_who_keeps_us_waiting_and_a_signal_ends_the_trace(self):
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            target, tracer = self.stuck()
            self.assertEqual(self.detach(tracer, sig, 1.0), -sig)
            wait_until(lambda: tracer_of(target.pid) == 0 and state(target.pid) != "t", "it is free")

    def test_killing_the_tracee_frees_the_tracer(self):
        target, tracer = self.stuck()
        target.kill()
        self.assertEqual(tracer.wait(30), 0)
        self.assertIn("killed by SIGKILL", self.text("trace"))

    def test_a_signal_before_anything_was_said(self):
        target, tracer, _ = self.begin()
        wait_until(lambda: any(state(tid) == "D" for tid in tids(tracer.pid)), "it reads")
        self.detach(tracer, signal.SIGINT, 2.0)
        wait_until(lambda: tracer_of(target.pid) == 0, "it is free")


class FileServerNeverAnswers(NeverAnswers):
    """The same with a file that is mapped, on a FUSE file system whose server takes requests to read and keeps them."""

    def words(self):
        return ["mapped", self.mount_fuse()[1]]

    # The tracer waits for the file's page, as everybody does: only the server's end or its own is a help.
    test_killing_the_tracee_frees_the_tracer = None

    def test_a_file_server_that_is_traced_with_its_clients(self):
        """Asked about a client's descriptor, it could not answer while it is stopped itself: it is not asked."""
        server, file = self.mount_fuse()
        target = self.start(sys.executable, "-c", "import os, sys\nfor line in sys.stdin:\n"
                            f" for i in range(200): os.close(os.open('{file}', os.O_RDONLY))\n print('done', flush=True)",
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for options in (["-e", "trace=all"], ["-e", "ipc"], ["--strace", "-f", "-y"]):
            tracer = self.attach(server.pid, target.pid, args=options)
            target.stdin.write("go\n")
            target.stdin.flush()
            self.assertEqual(target.stdout.readline(), "done\n")
            self.detach(tracer)
        target.stdin.close()
        self.assertEqual(target.wait(30), 0)


class FileServerElsewhere(Case):
    def test_what_it_does_not_serve_is_known_as_ever(self):
        self.mount_fuse()
        socket = self.path("socket")
        for name in (socket, "socket"):
            code = f"import os, socket as s\ns.socket(s.AF_UNIX).bind({socket!r})\nos.unlink({name!r})"
            run("-e", "ipc", "-o", self.path("trace"), sys.executable, "-c", code, cwd=self.directory)
            self.assertRegex(self.text("trace"), r"unlink\(.*= 0.* removed")


class Ends(Case):
    """Output of `memory_cases reads`, which names what can be read of each range."""

    def test_what_is_there_is_shown_up_to_where_it_ends(self):
        for options in ([], ["--no-seccomp"]):
            done = run("-o", self.path("trace"), "-s", "100", "-e", "trace=openat,write,writev", *options,
                       program("memory_cases"), "reads")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            calls = [line.partition(" = ")[0].partition(" ")[2].strip() for line in self.text("trace").splitlines()]
            for expected in done.stdout.splitlines():
                self.assertTrue(any(call.startswith(expected) for call in calls), (expected, calls))

    def test_without_process_vm_readv(self):
        """As in a container that forbids it: /proc tells the same."""
        done = subprocess.run([program("confined"), "no-vm-readv", IPCTRACE, "-o", self.path("trace"), "-e", "trace=write",
                               program("memory_cases"), "reads"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn('write(-1, "abcde', self.text("trace"))
        self.assertIn("write(-1, 0xfffffffffffffffb, 10)", self.text("trace"))


if __name__ == "__main__":
    main()
