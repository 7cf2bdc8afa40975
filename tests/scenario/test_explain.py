#!/usr/bin/env python3
# ctest: timeout=300
"""--explain=NAME prints the page of a mechanism or a call, wherever the program is."""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import demos

SKIPPED = 77
PAGES = os.path.join(demos.SOURCE, "docs", "mechanisms")


def explain(name, program=demos.IPCTRACE, **options):
    return subprocess.run([program, f"--explain={name}"], capture_output=True, text=True, check=False, timeout=30, **options)


def page(name):
    with open(os.path.join(PAGES, name + ".md")) as file:
        return "".join(line for line in file if not line.startswith("<!--"))


# What the trace of a demo is explained by, among other things.
SENTENCES = {
    "pipe": "pipe:1 is a pipe", "pipe --full": "There is not enough room in pipe:1", "pipe --empty": "pipe:1 is empty: read sleeps",
    "pipe --eof": "read returned 0, the end of file", "pipe --epipe": "gets SIGPIPE", "pipe --nonblock": "O_NONBLOCK is set",
    "fifo": "fifo:1 is a FIFO", "fifo --open-nonblock": "ENXIO", "sysv-msg": "msgrcv got one message of",
    "sysv-msg --wait-type": "no message that the type argument", "sysv-msg --removed": "msg:1 was removed while msgrcv slept",
    "sysv-msg-limits": "has no room for the message", "sysv-sem": "having done none of them", "sysv-sem --removed": "sem:1 was removed",
    "sysv-shm": "memory of the system", "posix-mq": "by their priority", "posix-mq --full": "as many messages as it may have",
    "posix-mq --empty": "mq:1 is empty", "posix-sem": "another one wakes", "posix-shm": "is in the memory of this process",
    "mmap-shared": "is in the memory of this process", "signals": "A signal is a note", "pidfd": "stands for a process",
    "signalfd": "Signals that are blocked can be read", "sigwait": "No signal of the set is pending", "socketpair": "A pair of sockets",
    "unix-stream": "Each connection has a socket of its own", "unix-dgram": "puts the bytes into the queue", "fd-passing": "A pair of sockets",
    "tcp": "Each connection has a socket of its own", "udp": "hands the bytes to the kernel", "netlink": "A netlink message goes to",
    "epoll": "which descriptors of epoll:1 are ready", "eventfd": "eventfd:1 is a counter", "inotify": "something happened to a file",
    "timerfd": "the number of times that it has expired", "futex": "had the value that futex was told to expect",
    "threads": "A futex is a word in memory", "memfd": "memfd:1 is a file in memory", "file-lock": "Somebody else has a lock in the way",
    "process-vm": "out of the memory of another process", "splice": "splice moved", "pty": "a pseudo-terminal",
    "ptrace": "With ptrace one process", "wait": "has no child", "io-uring": "a pair of queues in memory",
}


class Sentences(unittest.TestCase):
    def check(self, variant):
        trace = demos.traced(variant.split(), "/dev/stdout")
        with tempfile.TemporaryDirectory(prefix="ipctrace-explain-") as folder:
            apart = ["unshare", "--ipc"] if os.geteuid() == 0 else []
            done = subprocess.run([*apart, trace[0], "--explain", "--hang=0", *trace[1:]], stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, errors="replace", timeout=demos.TIMEOUT, check=False, env={**os.environ, "TMPDIR": folder})
        told = [line[4:] for line in done.stdout.splitlines() if line.startswith("=== ")]
        if done.returncode != SKIPPED and not any(SENTENCES[variant] in line for line in told):
            return f"{variant}: {SENTENCES[variant]!r} is not in {told}"
        return f"{variant}: told twice: {told}" if len(told) != len(set(told)) else None

    def test_each_mechanism_is_explained_by_its_demo(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            wrong = list(filter(None, pool.map(self.check, SENTENCES)))
        self.assertEqual(wrong, [], "\n".join(wrong))

    def test_strace_does_not_explain(self):
        done = subprocess.run([demos.IPCTRACE, "--strace", "--explain", "true"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--explain says what strace does not", done.stderr)


class Explain(unittest.TestCase):
    def test_every_page_by_its_name(self):
        names = [name[:-3] for name in os.listdir(PAGES) if name.endswith(".md")]
        self.assertGreater(len(names), 30)
        for name in names:
            done = explain(name)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, page(name), ""))

    def test_calls_by_their_name(self):
        for call, name in (("semop", "sysv-sem"), ("msgrcv", "sysv-msg"), ("pipe2", "pipe"), ("mq_notify", "posix-mq"),
                           ("futex", "futex"), ("epoll_wait", "epoll"), ("flock", "file-lock"), ("splice", "splice"), ("tee", "splice")):
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
