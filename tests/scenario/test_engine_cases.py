#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""Programs that are hard to trace do the same traced, in every way, as untraced."""
import os
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, Case, main, program, run

WAYS = ([], ["-e", "trace=all"], ["--no-seccomp"], ["--strace", "-f"],
        ["--strace", "-f", "--seccomp-bpf"])

# What no ptrace tracer can hide: a second tracer is refused; strict mode cannot be entered under
# a filter.
ALLOWED = {
    "traceme": (WAYS, "traceme: 0", "traceme: -1"),
    "strict": (([], ["-e", "trace=all"], ["--strace", "-f", "--seccomp-bpf"]), "strict\n",
               "Invalid argument"),
}


class Cases(Case):
    def compare(self, name, way, case):
        untraced = subprocess.run([program(name), case], capture_output=True, timeout=20)
        expected = untraced.stdout.decode()
        if case in ALLOWED and way in ALLOWED[case][0]:
            expected = expected.replace(ALLOWED[case][1], ALLOWED[case][2])
        traced = run(*way, "-o", self.path("trace"), program(name), case, timeout=20)
        self.assertEqual(traced.stdout, expected, f"{name} {case} {way}")
        self.assertEqual(traced.returncode, untraced.returncode, f"{name} {case} {way}")
        self.assertEqual(traced.stderr.replace(f"{IPCTRACE}: ", ""), untraced.stderr.decode())

    def compare_all(self, *cases):
        for name in ("engine_cases", "engine_cases_i386"):
            if not os.path.exists(program(name)):
                continue
            for case in cases:
                for way in WAYS:
                    with self.subTest(program=name, case=case, way=way):
                        self.compare(name, way, case)

    def test_execve_by_a_thread_that_is_not_the_leader(self):
        self.compare_all("exec_thread", "thread_exit_first")

    def test_signals_arrive_complete_and_in_order(self):
        self.compare_all("sigqueue_2000", "forged_siginfo")

    def test_every_kind_of_child(self):
        self.compare_all("clone_untraced", "clone_vm", "clone_usr1", "clone_ptrace",
                         "clone3_untraced", "clone_parent", "vforks")

    def test_children_whose_parents_are_killed_before_they_can_report(self):
        self.compare_all("orphans")

    def test_calls_made_in_other_ways(self):
        self.compare_all("int80", "vsyscall")

    def test_filters_of_its_own(self):
        self.compare_all("filter_errno", "filter_trap", "filter_trace", "filter_log",
                         "filter_allow", "filter_kill", "strict")

    def test_ptrace_of_its_own(self):
        self.compare_all("traceme", "attach_tracer")


class Shown(Case):
    """The trace has what happened, too."""

    def traced(self, *args):
        run("-o", self.path("trace"), *args)
        return self.text("trace")

    def test_int_80_in_a_64_bit_program_is_named_by_its_table(self):
        # One for the real thing, one for the comparison.
        text = self.traced("-e", "trace=getpid,writev", program("engine_cases"), "int80")
        self.assertEqual(len(re.findall(r"\bgetpid\(\) += \d+", text)), 2, text)
        self.assertNotIn("writev", text)

    def test_calls_that_the_programs_own_filter_answers_are_seen(self):
        text = self.traced("-e", "trace=getppid", program("engine_cases"), "filter_errno")
        self.assertEqual(len(re.findall(r"getppid\(\) += -1 ENOMSG", text)), 2, text)

    def test_a_32_bit_program_under_e_ipc(self):
        if not os.path.exists(program("engine_cases_i386")):
            self.skipTest("no 32-bit programs here")
        text = self.traced("-e", "ipc", program("engine_cases_i386"), "orphans")
        self.assertRegex(text, r"(?m)pipe2?\(\[")
        self.assertEqual(len(re.findall(r'write\([^,]*, "x", 1\) += 1', text)), 500)

    def test_a_64_bit_program_executes_a_32_bit_one(self):
        if not os.path.exists(program("engine_cases_i386")):
            self.skipTest("no 32-bit programs here")
        text = self.traced("-e", "trace=execve,getpid", "sh", "-c",
                           f"exec {program('engine_cases_i386')} clone_vm")
        self.assertEqual(len(re.findall(r"(?m)execve\(.*= 0$", text)), 2, text)

    def test_all_of_500_orphans_have_a_birth_and_an_end(self):
        text = self.traced("-e", "trace=none", program("engine_cases"), "orphans")
        self.assertEqual(len(re.findall(r"\+\+\+ killed by SIGKILL \+\+\+", text)), 500)
        self.assertEqual(len(re.findall(r"\+\+\+ exited with 0 \+\+\+", text)), 501)

    def test_a_superseded_thread_is_told(self):
        text = self.traced("-e", "trace=execve", program("engine_cases"), "exec_thread")
        self.assertRegex(text, r"\+\+\+ superseded by execve in pid \d+ \+\+\+")

    def test_queued_signals_are_all_shown(self):
        text = self.traced("-e", "trace=none", program("engine_cases"), "sigqueue_2000")
        self.assertEqual(re.findall(r"si_int=(\d+)", text), [str(n) for n in range(1, 2000)])


if __name__ == "__main__":
    main()
