#!/usr/bin/env python3
# ctest: timeout=300 labels=engine
"""Descriptors that programs inherit across execve and that nobody uses are told of, and no others; the stack of what made a leak."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, main

# Ends of a pipe at 41 and 42, which stay open across execve.
PIPE = "import os, subprocess, sys\nr, w = os.pipe()\nos.dup2(r, 41); os.dup2(w, 42); os.close(r); os.close(w)\n"


class Inherited(Case):
    def leaks(self, *command, args=()):
        done = subprocess.run([IPCTRACE, "--leaks=error", "-o", self.path("trace"), f"--record={self.path('record')}", *args, *command],
                              stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=PATIENCE * 4, check=False, cwd=self.directory)
        trace = self.text("trace")
        again = subprocess.run([IPCTRACE, "--leaks=error", "-o", self.path("again"), f"--replay={self.path('record')}", *args],
                               timeout=PATIENCE * 4, check=False)
        self.assertEqual(self.text("again"), trace)
        self.assertEqual(again.returncode, done.returncode)
        self.status = done.returncode
        return re.findall(r"(?m)^=== inherited for nothing: (.*)", trace)

    def python(self, code, **options):
        return self.leaks(sys.executable, "-c", PIPE + code, **options)

    def test_what_nobody_uses_is_told_once(self):
        found = self.python("for i in range(3): subprocess.run(['true'], close_fds=False, check=True)")
        self.assertEqual(len(found), 2, found)
        self.assertRegex(found[0], r"\Atrue\[\d+\] has got fd 41 by execve and did not use it: pipe:\d+ r inode \d+, "
                                   r"opened by python3\S*\[\d+\] with dup2 [\d.]+ s after the start; nor did 2 more programs\Z")
        self.assertRegex(found[1], r"has got fd 42 by execve and did not use it: pipe:\d+ w ")
        self.assertEqual(self.status, 0)

    def test_what_is_used_is_not(self):
        found = self.python("subprocess.run(['bash', '-c', 'echo x >&42; read -r line <&41'], close_fds=False, check=True)")
        self.assertEqual(found, [])

    def test_what_is_used_by_its_path_is_not(self):
        found = self.python("os.write(42, b'x')\nsubprocess.run(['head', '-c1', '/dev/fd/41'], close_fds=False, check=True)")
        self.assertEqual([re.search(r"fd \d+", text).group() for text in found], ["fd 42"])

    def test_what_a_child_of_a_child_uses_was_of_use_to_all(self):
        found = self.python("subprocess.run(['bash', '-c', 'bash -c \"bash -c \\\\\"echo x >&42; read -u 41 line\\\\\"; true\"; true'],"
                            " close_fds=False, check=True)")
        self.assertEqual(found, [])

    def test_what_is_only_closed_is_not_used(self):
        found = self.python("subprocess.run([sys.executable, '-c', 'import os; os.set_inheritable(41, False); os.closerange(41, 43)'],"
                            " close_fds=False, check=True)")
        self.assertEqual(len(found), 2, found)

    def test_what_is_waited_for_is_used(self):
        for call in ("select.select([41], [42], [], 0)", "p = select.poll(); p.register(41, 1); p.register(42, 4); p.poll(0)",
                     "e = select.epoll(); e.register(41, 1); e.register(42, 4); e.poll(0)"):
            with self.subTest(call=call):
                child = f"import select; {call}"
                found = self.python(f"subprocess.run([sys.executable, '-c', {child!r}], close_fds=False, check=True)")
                self.assertEqual(found, [])

    def test_shells_that_substitute_processes_inherit_nothing_in_vain(self):
        self.assertEqual(self.leaks("bash", "-c", "cat <(echo hi) | wc -c; diff <(echo a) <(echo a)"), [])

    def test_nothing_is_said_where_uses_are_not_traced(self):
        self.assertEqual(self.python("subprocess.run(['true'], close_fds=False, check=True)", args=["-e", "trace=dup2,pipe2,execve"]), [])

    def test_json(self):
        subprocess.run([IPCTRACE, "--leaks", "--format=json", "-o", self.path("trace"), sys.executable, "-c",
                        PIPE + "subprocess.run(['true'], close_fds=False, check=True)"], timeout=PATIENCE * 4, check=True)
        records = [json.loads(line) for line in self.text("trace").splitlines()]
        found = [record for record in records if record["record"] == "finding"]
        self.assertEqual([record["kind"] for record in found], ["unused-descriptor"] * 2)

    def test_the_stack_of_the_call_follows(self):
        self.leaks("mkfifo", "fifo", args=["-k"])
        self.assertEqual(self.status, 4)
        self.assertRegex(self.text("trace"), r"(?m)^=== left behind: .*\n    remove it with: rm .*/fifo\n > \S+\(mknodat\S*\) \[0x")

    def test_the_stack_is_in_the_record_of_a_flight_recorder(self):
        code = ("import os, sys\nos.mkfifo('fifo')\nr, w = os.pipe()\n"
                "for i in range(1000): os.write(w, b'x'); os.read(r, 1)")
        args = ["--leaks", "-k", "-o", self.path("trace")]
        subprocess.run([IPCTRACE, *args, f"--record={self.path('record')}", "--ring=64K", sys.executable, "-c", code],
                       cwd=self.directory, timeout=PATIENCE * 4, check=True)
        live = self.text("trace")
        subprocess.run([IPCTRACE, *args, f"--replay={self.path('record')}"], timeout=PATIENCE * 4, check=True)
        self.assertLess(len(self.text("trace")), len(live) / 2)

        def stack(text):
            return re.search(r"(?m)^=== left behind: .*\n    remove.*\n((?: > .*\n)+)", text).group(1)

        self.assertEqual(stack(self.text("trace")), stack(live))


if __name__ == "__main__":
    main()
