#!/usr/bin/env python3
"""--explain=NAME prints the page of a mechanism or a call, wherever the program is."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import demos

PAGES = os.path.join(demos.SOURCE, "docs", "mechanisms")


def explain(name, program=demos.IPCTRACE, **options):
    return subprocess.run([program, f"--explain={name}"], capture_output=True, text=True, check=False, timeout=30, **options)


def page(name):
    with open(os.path.join(PAGES, name + ".md")) as file:
        return "".join(line for line in file if not line.startswith("<!--"))


class Explain(unittest.TestCase):
    def test_every_page_by_its_name(self):
        names = [name[:-3] for name in os.listdir(PAGES) if name.endswith(".md")]
        self.assertGreater(len(names), 30)
        for name in names:
            done = explain(name)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, page(name), ""))

    def test_calls_by_their_name(self):
        for call, name in (("semop", "sysv-sem"), ("msgrcv", "sysv-msg"), ("pipe2", "pipe"), ("mq_notify", "posix-mq"),
                           ("futex", "futex"), ("epoll_wait", "epoll"), ("flock", "file-lock"), ("splice", "splice"), ("tee", "pipe")):
            done = explain(call)
            self.assertEqual(done.returncode, 0, call)
            self.assertTrue(done.stdout.startswith(page(name)), call)

    def test_every_call_that_a_page_lists(self):
        for name in (name for name in os.listdir(PAGES) if name.endswith(".md")):
            section = re.search(r"\n## The calls\n(.*?)\n## ", page(name[:-3]), re.S)
            for call in re.findall(r"^\| `([a-z]\w*)[`(]", section[1] if section else "", re.M):
                self.assertEqual(explain(call).returncode, 0, f"{call} of {name}")

    def test_other_pages_of_a_call_are_named(self):
        last = explain("write").stdout.splitlines()[-1]
        self.assertTrue(last.startswith("The call is on other pages, too: --explain="), last)
        named = re.findall(r"--explain=([\w-]+)", last)
        self.assertEqual(len(named), len(set(named)))
        self.assertTrue(all(re.search("`write[`(]", page(name)) for name in named))

    def test_unknown_names_are_one_line_with_what_is_near(self):
        for name, says in (("sempo", "near it: semop"), ("fute", "near it: .*futex"), ("xyzzy", "--explain=README lists the pages"),
                           ("", "README"), ("a\33[31m", r"a\?\[31m"), ("x" * 5000, "README"), ("../README", "README")):
            done = explain(name)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertRegex(done.stderr, rf"\A\S+: no page explains '.*{says}.*\n\Z")

    def test_the_program_needs_no_files(self):
        with tempfile.TemporaryDirectory(prefix="ipctrace-explain-") as folder:
            program = shutil.copy(demos.IPCTRACE, folder)
            self.assertEqual(explain("pipe", program, cwd="/").stdout, page("pipe"))


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=sys.argv)
