#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""What cannot be done is refused in one line that says what to do, with status 1; nothing has run,
nothing is left. More of it: pids in test_engine_attach, programs in test_engine_launch, files in
test_engine_output."""
import ctypes
import os
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, WITHOUT_PTRACE, Case, main, state, tracer_of

NO_PROCESS = 4194303
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
SYS_PTRACE, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, EPERM = 101, 0x7fff0000, 0x00050000, 1


def forbid_ptrace():
    """A seccomp filter as containers have it."""
    program = b"".join(struct.pack("HBBI", *line) for line in (
        (0x20, 0, 0, 0),  # load the call's number
        (0x15, 0, 1, SYS_PTRACE),
        (0x06, 0, 0, SECCOMP_RET_ERRNO | EPERM),
        (0x06, 0, 0, SECCOMP_RET_ALLOW)))
    lines = ctypes.create_string_buffer(program, len(program))
    fprog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(lines)))
    libc = ctypes.CDLL(None, use_errno=True)
    for args in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                 (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fprog, 0, 0)):
        if libc.prctl(*args) < 0:
            raise OSError(ctypes.get_errno(), "prctl")


def session_of(pid):
    try:
        with open(f"/proc/{pid}/stat", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[3])
    except (OSError, ProcessLookupError):
        return None


def members(session):
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and session_of(pid) == session]


class BadInput(Case):
    def refuse(self, *args, says, prefix=(), **options):
        """In a session of its own, so that whatever it leaves behind is found."""
        options.setdefault("stdout", subprocess.PIPE)
        process = self.start(*prefix, IPCTRACE, *args, stderr=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, text=True, start_new_session=True,
                             cwd=self.directory, **options)
        said = process.communicate(timeout=PATIENCE)[1]
        self.assertEqual(process.returncode, 1, (args, said))
        self.assertEqual(len(said.splitlines()), 1, (args, said))
        self.assertRegex(said, says)
        self.assertEqual(members(process.pid), [], args)
        self.assertFalse(os.path.exists(self.path("ran")), (args, "the command has run"))

    def test_options(self):
        for option in ("--nope", "-%", "--color=blue", "--help=me"):
            self.refuse(option, "touch", "ran", says=r"option.*; --help shows")
        for option in ("-o", "-p", "-e", "-s"):
            self.refuse(option, says=r"'-.' requires an argument; --help shows")
        for option in ("-s x", "-s -1", "-a x", "--wait-note=x", "--format=nope"):
            self.refuse(*option.split(), "touch", "ran", says=r"invalid .*argument.*; --help")
        self.refuse(says="nothing to trace: give a command")
        self.refuse("--replay=x", "touch", "ran", says="it takes no command")

    def test_classes_and_calls(self):
        for what in ("nosuchclass", "%nosuch", "trace=nosuchcall", "trace=99999", "trace=", "",
                     "!", "nosuchqualifier=read"):
            self.refuse("-e", what, "touch", "ran",
                        says="invalid system call '.*'; --list-classes shows")
        self.refuse("-e", "trace=/[", "touch", "ran", says="nvalid regular expression|Unmatched")
        self.refuse("--list-classes", "nosuch", says="'nosuch'; --list-classes lists them")

    def test_signals(self):
        for what in ("SIGNOPE", "0x", ""):
            self.refuse("-e", f"signal={what}", "touch", "ran", says="invalid signal.*; `kill -l`")

    def test_a_pid_together_with_a_command(self):
        self.refuse("-p", "x", "touch", "ran", says="Invalid process id: 'x'; `ps ax`")
        self.refuse("-p", NO_PROCESS, "touch", "ran", says="no process has PID")
        target = self.start("sleep", 1000)
        self.refuse("-p", target.pid, "no-such-program", says="cannot execute 'no-such-program'")
        self.refuse("-p", target.pid, "-o", "/no/such/file", "touch", "ran",
                    says="cannot write to '/no/such/file'")
        self.assertEqual((tracer_of(target.pid), state(target.pid)), (0, "S"))

    def test_files(self):
        for name in ("/no/such/file", self.directory):
            self.refuse("--record", name, "touch", "ran", says="cannot write to '/")
        self.refuse("--replay=/no/such/file", says="No such file or directory")
        self.refuse("--replay=/etc/passwd", says="not a trace recorded by ipctrace")

    def test_standard_output_that_is_closed_or_full(self):
        for args in (["--help"], ["--version"], ["--list-classes"], ["--list-classes", "pipe"]):
            with open("/dev/full", "w") as full:
                self.refuse(*args, stdout=full, says="standard output: No space left on device")
            self.refuse(*args, preexec_fn=lambda: os.close(1),
                        says="standard output: Bad file descriptor")

    def test_ptrace_forbidden_as_in_a_container(self):
        self.refuse("touch", "ran", preexec_fn=forbid_ptrace, env=WITHOUT_PTRACE,
                    says="Operation not permitted; in a container it needs --cap-add=SYS_PTRACE")
        target = self.start("sleep", 1000)
        self.refuse("-p", target.pid, preexec_fn=forbid_ptrace, env=WITHOUT_PTRACE,
                    says="in a container it needs --cap-add=SYS_PTRACE")
        self.assertEqual((tracer_of(target.pid), state(target.pid)), (0, "S"))

    def test_under_a_tracer_that_has_its_children(self):
        if not shutil.which("strace"):
            self.skipTest("needs strace")
        self.refuse("touch", "ran", prefix=["strace", "-f", "-qqq", "-o", self.path("other")], env=WITHOUT_PTRACE,
                    says=r"PID \d+ \(strace\) traces it already.*; end that tracer first")


if __name__ == "__main__":
    main()
