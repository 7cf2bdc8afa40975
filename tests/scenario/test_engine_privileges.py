#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""What a tracer may do and what it takes from others: privileges, memory, debuggers, old kernels."""
import os
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, children, comm, main, program, run, state, tracer_of, wait_until

NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")


@unittest.skipIf(os.geteuid() != 0, "needs root")
class Privileges(Case):
    """Reference A9: measured in four modes."""

    def run_as(self, tracer, *command, user=NOBODY):
        os.chmod(self.directory, 0o777)
        return subprocess.run([*user, *tracer, *command], capture_output=True, text=True, timeout=PATIENCE)

    def program_with(self, mode=0, capability=None):
        path = self.path("program")
        shutil.copy("/usr/bin/id", path)
        os.chmod(path, 0o755 | mode)
        if capability:
            subprocess.run(["setcap", capability, path], check=True)
        if os.statvfs(path).f_flag & os.ST_NOSUID:
            self.skipTest("the file system is mounted nosuid")
        return path

    def test_a_set_user_id_program(self):
        path = self.program_with(0o4000)
        self.assertEqual(self.run_as((), path, "-u").stdout, "0\n")
        trace = ("-o", self.path("trace"))
        for way in ([], ["--no-seccomp"]):
            with self.subTest(way=way):
                done = self.run_as((IPCTRACE, *way, *trace), "sh", "-c", f"{path} -u; {path} -u")
                self.assertEqual(done.stdout, "65534\n65534\n")
                self.assertRegex(done.stderr, rf"PID \d+ runs '{path}' without its privileges \(set-user-ID\).*as root\n")
                self.assertEqual(len(done.stderr.splitlines()), 1, "once for each program")
        # strace says nothing, and root takes nothing away.
        done = self.run_as((IPCTRACE, "--strace", *trace), path, "-u")
        self.assertEqual((done.stdout, done.stderr), ("65534\n", ""))
        os.unlink(self.path("trace"))
        for way in ([], ["--no-seccomp"]):
            done = self.run_as((IPCTRACE, *way, *trace, *NOBODY), path, "-u", user=())
            self.assertEqual((done.stdout, done.stderr), ("0\n", ""), way)

    def test_a_set_group_id_program(self):
        path = self.program_with(0o2000)
        done = self.run_as((IPCTRACE, "-o", self.path("trace")), path, "-g")
        self.assertEqual(done.stdout, "65534\n")
        self.assertIn("(set-group-ID)", done.stderr)

    @unittest.skipIf(not shutil.which("setcap"), "no setcap here")
    def test_a_program_with_capabilities(self):
        path = self.program_with(capability="cap_net_raw+ep")
        done = self.run_as((IPCTRACE, "-o", self.path("trace")), path, "-g")
        self.assertIn("(file capabilities)", done.stderr)

    def test_a_program_that_has_given_them_up_itself(self):
        path = self.program_with(0o4000)
        done = self.run_as((IPCTRACE, "--no-seccomp", "-o", self.path("trace")), "setpriv", "--no-new-privs", path, "-u")
        self.assertEqual((done.stdout, done.stderr), ("65534\n", ""))


@unittest.skipIf(os.geteuid() != 0, "needs root")
class Memory(Case):
    CODE = ("import ctypes, os\nos.write(1, b'before\\n')\nctypes.CDLL(None).prctl(4, 0)\n"
            "for i in range(3): os.write(1, b'after\\n')\nos._exit(4)\n")

    def test_one_that_forbids_to_read_it(self):
        """Reference A10."""
        os.chmod(self.directory, 0o777)
        for way in ([], ["--no-seccomp"]):
            done = subprocess.run([*NOBODY, IPCTRACE, *way, "-e", "trace=write", "-o", self.path("trace"),
                                   "/usr/bin/python3", "-c", self.CODE], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertEqual(done.stdout, "before\nafter\nafter\nafter\n")
            self.assertRegex(self.text("trace"), r'write\(1.*, "before\\n", 7\) += 7')
            self.assertEqual(self.text("trace").count(", 6)"), 3, self.text("trace"))
            self.assertRegex(self.text("trace"), r"write\(1.*, 0x[0-9a-f]+, 6\) += 6")
            self.assertRegex(done.stderr, r"memory of PID \d+ .* cannot be read any more: [OP][a-z ]+ [dp]")
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


class Debuggers(Case):
    """Reference G1: tracees that trace."""

    def both(self, *command):
        untraced = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        traced = run("--yield", "-o", self.path("trace"), *command)
        self.assertEqual(traced.stdout, untraced.stdout)
        self.assertEqual(traced.returncode, untraced.returncode)
        return traced

    def test_a_child_that_wants_to_be_traced(self):
        traced = self.both(program("tracer_cases"), "traceme")
        self.assertRegex(traced.stderr, r"is left to its parent")
        self.assertRegex(self.text("trace"), r"ptrace\(PTRACE_TRACEME <detached ...>")

    def test_a_child_that_is_attached_to(self):
        for case in ("seize", "attach", "nobody"):
            with self.subTest(case=case):
                traced = self.both(program("tracer_cases"), case)
                self.assertEqual(len(re_left(traced.stderr)), 0 if case == "nobody" else 1, traced.stderr)
                self.assertIn("exit_group(0)", self.all_calls(case))

    def all_calls(self, case):
        run("--yield", "-e", "trace=all", "-o", self.path("trace"), program("tracer_cases"), case)
        return self.text("trace")

    def test_the_command_itself_is_attached_to_by_its_child(self):
        """Its status is ours all the same."""
        code = ("import ctypes, os, time\nlibc = ctypes.CDLL(None, use_errno=True)\n"
                "parent = os.getpid()\nr, w = os.pipe()\n"
                "if os.fork() == 0:\n"
                "    print(libc.ptrace(0x4206, parent, 0, 0), flush=True)\n"
                "    os.write(w, b'x')\n    time.sleep(1000)\n"
                "os.read(r, 1)\nos._exit(6)\n")
        process = self.trace("--yield", sys.executable, "-c", code, stdout=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"0\n")
        # The command's tracer is to be gone before its parent hears of its end.
        wait_until(lambda: children(process.pid) and state(children(process.pid)[0]) == "Z", "it has ended")
        sleeper = int(wait_until(lambda: tracer_of(children(process.pid)[0]), "its tracer"))
        os.kill(sleeper, signal.SIGKILL)
        self.assertEqual(process.wait(10), 6)

    @unittest.skipIf(not shutil.which("gdb"), "no gdb here")
    def test_gdb(self):
        command = ["gdb", "-q", "-nx", "-batch", "-ex", "set startup-with-shell off", "-ex", "break main", "-ex", "run", "-ex",
                   "next", "-ex", "info inferiors", "--args", program("seqgen"), "1", "1"]
        for way, says in ((["--yield"], "Breakpoint 1, "), ([], "Could not trace the inferior process")):
            done = run(*way, "-o", self.path("trace"), *command)
            self.assertIn(says, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("--yield leaves such processes"), 1)

    def test_without_it_one_line_says_what_to_do(self):
        done = run("-o", self.path("trace"), program("tracer_cases"), "seize")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("--yield", done.stderr)
        done = run("--strace", "-f", "-o", self.path("trace"), program("tracer_cases"), "seize")
        self.assertEqual(done.stderr, "")


def re_left(text):
    return [line for line in text.splitlines() if " is left to " in line]


class Kernels(Case):
    """Without PTRACE_GET_SYSCALL_INFO (before Linux 5.3) nothing can be told."""

    def test_a_command_is_not_even_begun(self):
        for way in ([], ["--no-seccomp"], ["--strace"]):
            done = subprocess.run([program("confined"), "old-kernel", IPCTRACE, *way, "-o", self.path("trace"), "sh", "-c",
                                   f"echo ran; touch {self.path('ran')}"], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("Linux 5.3 or newer is needed", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertFalse(os.path.exists(self.path("ran")))

    def test_a_process_is_left_alone(self):
        target = self.start(sys.executable, "-c", "import os\nwhile True: os.getppid()")
        wait_until(lambda: comm(target.pid).startswith("python") and state(target.pid) == "R", "it runs")
        done = subprocess.run([program("confined"), "old-kernel", IPCTRACE, "-p", str(target.pid)], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Linux 5.3 or newer is needed", done.stderr.splitlines()[-1])
        wait_until(lambda: state(target.pid) == "R" and tracer_of(target.pid) == 0, "it runs")


class Killed(Case):
    def test_nothing_outlives_us_if_so_asked(self):
        """Reference E2."""
        tracer = self.trace("--no-seccomp", "--kill-on-exit", "sleep", "1000")
        pid = wait_until(lambda: [c for c in children(tracer.pid) if comm(c) == "sleep"], "command")[0]
        tracer.kill()
        wait_until(lambda: state(pid) in ("", "Z"), "it died")

    def test_processes_that_were_there_before_are_not_to_be_killed(self):
        done = run("--kill-on-exit", "-p", "1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("mutually exclusive", done.stderr)


if __name__ == "__main__":
    main()
