#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""Programs that are hard to trace do the same traced, in every way, as untraced."""
import json
import os
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, main, program, run

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
        untraced = subprocess.run([program(name), case], capture_output=True, timeout=PATIENCE)
        expected = untraced.stdout.decode()
        if case in ALLOWED and way in ALLOWED[case][0]:
            expected = expected.replace(ALLOWED[case][1], ALLOWED[case][2])
        traced = run(*way, "-o", self.path("trace"), program(name), case)
        self.assertEqual(traced.stdout, expected, f"{name} {case} {way}")
        self.assertEqual(traced.returncode, untraced.returncode, f"{name} {case} {way}")
        if "--yield leaves" not in traced.stderr and "CLONE_UNTRACED" not in traced.stderr:
            self.assertEqual(traced.stderr, untraced.stderr.decode())

    def compare_all(self, *cases, programs=("engine_cases", "engine_cases_i386")):
        for name in programs:
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
                         "clone3_untraced", "clone_parent", "clone_newpid", "clone_odd_threads", "vforks")

    def test_a_child_that_is_traced_though_nobody_asked_for_it(self):
        for way in (["--no-follow"], ["--strace"], ["--strace", "-e", "trace=none"]):
            with self.subTest(way=way):
                self.compare("engine_cases", way, "clone_ptrace")
                self.assertNotIn("child speaks", self.text("trace"))

    def test_children_whose_parents_are_killed_before_they_can_report(self):
        self.compare_all("orphans")

    def test_calls_made_in_other_ways(self):
        self.compare_all("int80", "vsyscall")

    def test_filters_of_its_own(self):
        self.compare_all("filter_errno", "filter_trap", "filter_trace", "filter_log",
                         "filter_allow", "filter_kill", "strict")

    def test_filters_that_are_for_some_threads_or_ask_somebody(self):
        self.compare_all("notify", "tsync", "one_thread", "kill_thread", "read_nothing", "refused",
                         programs=("filter_cases", "filter_cases_i386"))

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

    def test_calls_that_a_filter_prevents_have_no_result(self):
        for way in ([], ["--no-seccomp"]):
            text = self.traced(*way, "-e", "trace=getppid", program("engine_cases"), "filter_trap")
            self.assertEqual(len(re.findall(r"getppid\(\) += \? \(blocked by seccomp\)\n\d+ +--- SIGSYS", text)), 2, text)
            text = self.traced(*way, "-e", "trace=getppid", program("engine_cases"), "filter_kill")
            self.assertRegex(text, r"getppid\(\) += \? \(blocked by seccomp\)\n\d+ +\+\+\+ killed by SIGSYS")
        text = self.traced("--strace", "-f", "-e", "trace=getppid", program("engine_cases"), "filter_trap")
        self.assertEqual(len(re.findall(r"getppid\(\) += 110\n", text)), 2, text)

    def test_a_call_that_returns_its_own_number_is_none_of_them(self):
        text = self.traced("-e", "trace=read", program("filter_cases"), "read_nothing")
        self.assertEqual(len(re.findall(r'read\(\d+.*, "", 1\) += 0\n', text)), 10, text)
        self.assertNotIn("blocked", text)

    def test_a_filter_for_all_threads_hides_the_calls_of_none(self):
        for way in ([], ["--no-seccomp"]):
            text = self.traced(*way, "-e", "trace=getppid,epoll_wait", program("filter_cases"), "tsync")
            self.assertEqual(len(re.findall(r"getppid\(\) += -1 ENOMSG", text)), 21, text)
            self.assertNotIn("EINTR", text)
            text = self.traced(*way, "-e", "trace=getppid", program("filter_cases"), "notify")
            self.assertEqual(len(re.findall(r"getppid\(\) += 4242\n", text)), 5, text)
            self.assertEqual(len(re.findall(r"getppid\(\) += -1 EXDEV", text)), 5, text)

    def test_a_vsyscall_is_shown_without_a_result(self):
        with open("/proc/self/maps") as maps:
            if "[vsyscall]" not in maps.read():
                self.skipTest("no vsyscall page here")
        for args in (["-e", "trace=time"], ["--strace", "-f", "--seccomp-bpf", "-e", "trace=time"]):
            text = self.traced(*args, program("engine_cases"), "vsyscall")
            self.assertEqual(re.findall(r"time\(NULL\) += (.*)", text), ["?"], text)

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

    def test_a_thread_is_one_whatever_flags_it_was_made_with(self):
        text = self.traced("--format=json", "-e", "trace=none", program("engine_cases"), "clone_odd_threads")
        births = [json.loads(line) for line in text.splitlines() if '"thread":' in line]
        self.assertEqual([birth["thread"] for birth in births if birth["parent_tid"]], [True, True], text)

    def test_a_child_that_is_not_to_be_traced(self):
        """Reference C3: under our filter it could not live; without it is left alone, and that is told."""
        text = self.traced("-e", "trace=clone,write", program("engine_cases"), "clone_untraced")
        self.assertRegex(text, r"clone\(.*flags=CLONE_UNTRACED\|SIGCHLD")
        self.assertRegex(text, r'write\(1.*, "child speaks\\n", 13\)')
        for case in ("clone_untraced", "clone3_untraced"):
            done = run("--no-seccomp", "-o", self.path("trace"), "-e", "trace=all", program("engine_cases"), case)
            self.assertEqual(done.stderr.count("with CLONE_UNTRACED: it is not traced"), 1)
            self.assertRegex(self.text("trace"), r"clone3?\(.*UNTRACED.* = \d+")
            self.assertNotIn("child speaks", self.text("trace"))

    def test_a_superseded_thread_is_told(self):
        text = self.traced("-e", "trace=execve", program("engine_cases"), "exec_thread")
        self.assertRegex(text, r"\+\+\+ superseded by execve in pid \d+ \+\+\+")

    def test_queued_signals_are_all_shown(self):
        text = self.traced("-e", "trace=none", program("engine_cases"), "sigqueue_2000")
        self.assertEqual(re.findall(r"si_int=(\d+)", text), [str(n) for n in range(1, 2000)])


if __name__ == "__main__":
    main()
