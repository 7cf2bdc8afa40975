#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""A launched command finds everything as if we were not there, and we end as it did."""
import os
import resource
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import (IPCTRACE, PATIENCE, Case, children, comm, main, program, run, state, tracer_of,
                     wait_until)

WAYS = ([], ["-e", "trace=all"], ["--no-seccomp", "-e", "trace=all"], ["--strace"])


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Inherits(Case):
    def both(self, prepare=None, command=None, way=(), **options):
        command = command or [program("inherited"), "one", ""]
        plain = subprocess.run(command, stdout=subprocess.PIPE, text=True, preexec_fn=prepare,
                               timeout=PATIENCE, **options)
        traced = subprocess.run([IPCTRACE, *way, "-o", self.path("trace"), *command], text=True,
                                stdout=subprocess.PIPE, preexec_fn=prepare, timeout=PATIENCE, **options)
        hide = lambda text: [line for line in text.splitlines() if "pipe:[" not in line]
        self.assertEqual(hide(traced.stdout), hide(plain.stdout), way)
        self.assertEqual(traced.stdout.count("pipe:["), plain.stdout.count("pipe:["))
        self.assertEqual(traced.returncode, plain.returncode)
        return plain.stdout

    def test_nothing_special(self):
        for way in WAYS:
            self.both(way=way)

    def test_signals_ignored_and_blocked(self):
        def prepare():
            for sig in (signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD, signal.SIGXFSZ,
                        signal.SIGURG, signal.SIGTSTP, signal.SIGTTOU, signal.SIGUSR1):
                signal.signal(sig, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGINT, signal.SIGUSR2,
                                                        signal.SIGURG, signal.SIGTERM, 40})
        for way in WAYS:
            self.assertRegex(self.both(prepare, way=way), r"SigIgn:\s+0*4?[0-9a-f]+")

    def test_python_ignores_sigpipe_and_the_command_keeps_it_that_way(self):
        shown = self.both(lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN),
                          restore_signals=False)
        self.assertIn("SigIgn", shown)

    def test_umask_limits_nice_group_session(self):
        def prepare():
            os.umask(0o137)
            os.setsid()
            os.nice(3)
            resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
            resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 22))
        for way in WAYS:
            traced = subprocess.run([IPCTRACE, *way, "-o", self.path("trace"),
                                     program("inherited")], text=True, stdout=subprocess.PIPE,
                                    preexec_fn=prepare, timeout=PATIENCE).stdout
            plain = subprocess.run([program("inherited")], text=True, stdout=subprocess.PIPE,
                                   preexec_fn=prepare, timeout=PATIENCE).stdout
            hide = lambda text: [line for line in text.splitlines()
                                 if "pipe:[" not in line and "leads its group" not in line]
            self.assertEqual(hide(traced), hide(plain))

    def test_it_is_in_our_group_and_session(self):
        self.both()

    def test_descriptors(self):
        with open("/dev/null") as null, open("/etc/passwd") as passwd:
            for way in WAYS:
                self.both(pass_fds=(null.fileno(), passwd.fileno(), ), way=way)
        for closed in range(8):
            def prepare():
                for fd in range(3):
                    if closed >> fd & 1 and fd != 1:
                        os.close(fd)
            self.both(prepare)

    def test_environment(self):
        self.both(env={"A": "1", "EMPTY": "", "PATH": "/bin", "NOEQ": "="})
        self.both(env={})

    def test_the_first_descriptor_that_it_opens_has_the_same_number(self):
        command = [sys.executable, "-c", "import os; print(os.open('/dev/null', 0), "
                                         "os.pipe(), sorted(os.listdir('/proc/self/fd')))"]
        for way in WAYS:
            self.both(command=command, way=way)


class Finds(Case):
    def test_by_path_and_under_its_name(self):
        os.mkdir(self.path("bin"))
        os.symlink(program("inherited"), self.path("bin/its-name"))
        done = run("-o", self.path("trace"), "its-name",
                   env={"PATH": f"/nonexistent:{self.path('bin')}"})
        self.assertIn("argv[0] = its-name\n", done.stdout)

    def test_in_the_working_directory_for_an_empty_entry(self):
        os.symlink(program("inherited"), self.path("its-name"))
        done = run("-o", self.path("trace"), "its-name", env={"PATH": "/nonexistent:"},
                   cwd=self.directory)
        self.assertIn("argv[0] = its-name\n", done.stdout)

    def test_the_first_record_is_execve(self):
        for way in (["-e", "trace=all"], ["-e", "trace=all", "--no-seccomp"], ["--strace"],
                    ["--strace", "-f", "--seccomp-bpf"]):
            run(*way, "-o", self.path("trace"), "true")
            first = self.text("trace").splitlines()[0]
            self.assertRegex(first, r"^(\d+ +)?execve\(.*\) = 0$")
            self.assertEqual(self.text("trace").count("execve("), 1)
            self.assertNotIn("---", self.text("trace"))

    def fail(self, command, says, traced):
        for way in WAYS:
            done = run(*way, "-o", self.path("trace"), *command)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertRegex(done.stderr, says)
            if traced and way != []:
                lines = self.text("trace").splitlines()
                self.assertIn("execve(", lines[0])
                self.assertIn("+++ exited with 1 +++", lines[-1])
                self.assertEqual(len(lines), 2, lines)

    def test_what_is_not_there(self):
        self.fail(["no-such-program-anywhere"], "no such program|No such file", False)
        self.fail(["/no/such/program"], "No such file", False)
        self.fail([""], "no such program|No such file", False)

    def test_what_cannot_be_executed(self):
        with open(self.path("text"), "w") as file:
            file.write("echo hi\n")
        self.fail([self.path("text")], "Permission denied", False)
        os.chmod(self.path("text"), 0o755)
        self.fail([self.path("text")], "Exec format error", True)
        self.fail([self.directory], "directory|Permission denied|Is a directory", False)
        with open(self.path("text"), "w") as file:
            file.write("#!/no/such/interpreter\n")
        self.fail([self.path("text")], "No such file", True)


class Ends(Case):
    def test_with_its_exit_code(self):
        for code in (0, 1, 2, 77, 125, 126, 127, 128, 130, 255):
            self.assertEqual(run("-o", self.path("trace"), "sh", "-c", f"exit {code}").returncode,
                             code)

    def test_by_its_signal(self):
        for sig in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE,
                    signal.SIGSEGV, signal.SIGABRT, signal.SIGUSR1, signal.SIGXFSZ, 34, 64):
            done = run("-o", self.path("trace"), "sh", "-c", f"kill -{int(sig)} $$",
                       preexec_fn=no_core)
            self.assertEqual(done.returncode, -sig)

    def test_though_sigchld_is_ignored(self):
        done = subprocess.run(["sh", "-c", "trap '' CHLD; exec \"$0\" -o /dev/null sh -c 'exit 5'",
                               IPCTRACE], timeout=PATIENCE)
        self.assertEqual(done.returncode, 5)

    def test_after_its_children(self):
        begin = self.path("fifo")
        os.mkfifo(begin)
        process = self.trace("-e", "trace=none", "sh", "-c", f"(read x < {begin}) & exit 3")
        wait_until(lambda: "exited with 3" in self.text("trace"), "the command has ended")
        self.assertIsNone(process.poll())
        with open(begin, "w") as fifo:
            fifo.write("go\n")
        self.assertEqual(process.wait(10), 3)


    def test_by_a_signal_once_the_command_has_ended(self):
        """Its child, or a process that we are attached to, may go on for ever."""
        target = self.start("sleep", 1000)
        for args in (["sh", "-c", "sleep 1000 & exit 3"], ["-p", target.pid, "true"]):
            for sig in (signal.SIGTERM, signal.SIGINT):
                process = self.trace("-e", "trace=none", *args)
                wait_until(lambda: "+++ exited with" in self.text("trace"), "the command's end")
                process.send_signal(sig)
                self.assertEqual(process.wait(10), -sig)
                os.unlink(self.path("trace"))
        wait_until(lambda: tracer_of(target.pid) == 0, "it is free")
        self.assertEqual(state(target.pid), "S")


class Dies(Case):
    """What becomes of tracees when ipctrace is killed."""

    def start_sleeper(self, *args):
        tracer = self.trace(*args, "sleep", "1000")
        pid = wait_until(lambda: children(tracer.pid), "the command")[0]
        wait_until(lambda: state(pid) == "S" and comm(pid) == "sleep", "it sleeps")
        return tracer, pid

    def test_a_filtered_command_dies_with_it(self):
        tracer, pid = self.start_sleeper()
        tracer.kill()
        wait_until(lambda: state(pid) in ("", "Z"), "it died")

    def test_an_unfiltered_command_lives_on(self):
        tracer, pid = self.start_sleeper("--no-seccomp")
        tracer.kill()
        self.addCleanup(os.kill, pid, signal.SIGKILL)
        wait_until(lambda: tracer_of(pid) == 0, "it is free")
        self.assertEqual(state(pid), "S")

    def test_an_attached_process_lives_on(self):
        target = self.start(sys.executable, "-c", "import os\nwhile True: os.getppid()")
        for _ in range(30):
            tracer = self.attach(target.pid, args=("-e", "trace=getppid"))
            tracer.kill()
            tracer.wait()
            wait_until(lambda: tracer_of(target.pid) == 0, "it is free")
            wait_until(lambda: state(target.pid) == "R", "it runs")


if __name__ == "__main__":
    main()
