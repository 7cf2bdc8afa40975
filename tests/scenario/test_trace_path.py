#!/usr/bin/env python3
"""-P: only calls on a path. compat/paths.py compares what is selected with strace."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tracing import Case, main, run     # noqa: E402

RENAMER = """
import os, sys
old, new = sys.argv[1:]
fd = os.open(old, os.O_RDONLY)
os.read(fd, 10)
os.rename(old, new)
os.read(fd, 20)
os.unlink(new)
os.read(fd, 30)
"""


class TracePath(Case):
    def setUp(self):
        super().setUp()
        self.old, self.new = self.path("old"), self.path("new")

    def trace_of(self, *options):
        with open(self.old, "w") as file:
            file.write("x")
        done = run("--strace", "-e", "trace=read,rename,unlink", "-o", self.path("trace"), *options, sys.executable,
                   "-S", "-E", "-c", RENAMER, self.old, self.new)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return self.text("trace")

    def calls(self, *options):
        """read10 and so on, rename, unlink."""
        found = re.findall(r"^(\w+)\(.*?(?:, (\d+))?\) += ", self.trace_of(*options), re.MULTILINE)
        return [name + size for name, size in found]

    def test_a_descriptor_goes_by_the_name_that_the_file_has_now(self):
        self.assertEqual(self.calls("-P", self.old), ["read10", "rename"])
        self.assertEqual(self.calls("-P", self.new), ["read20", "unlink", "read30"])
        names = re.findall(r"^read\(3<(.*?)>.*, [123]0\) ", self.trace_of("-y"), re.MULTILINE)
        self.assertEqual([name for name in names if name.startswith(self.directory)],
                         [self.old, self.new, self.new])

    def test_several_paths_and_numbers_are_one_choice(self):
        self.assertEqual(self.calls("-P", self.old, "-P", self.new), ["read10", "rename", "read20", "unlink", "read30"])
        self.assertEqual(self.calls("-P", self.old, "--trace-fds=99"), ["read10", "rename"])
        self.assertEqual(self.calls("-P", "/no/such/file"), [])

    def test_where_a_path_leads_is_added_and_told(self):
        link = self.path("link")
        os.symlink("/etc/passwd", link)
        for words, says in (([], rf"Requested path \"{link}\" resolved into \"/etc/passwd\"\n"),
                            (["-e", "quiet=path-resolution"], "")):
            done = run("--strace", "-P", link, *words, "-e", "trace=openat", "-o", self.path("trace"), "cat", "/etc/passwd",
                       link)
            self.assertRegex(done.stderr, f"^({says and '[^:]*: '}{says})$")
            self.assertEqual(re.findall(r'^openat\(AT_FDCWD, "(.*?)"', self.text("trace"), re.MULTILINE),
                             ["/etc/passwd", link])

    def test_replay_chooses_the_same(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        command = ["sh", "-c", f"echo hello >{fifo} & cat {fifo} | cat; wait"]
        for face in (["--strace", "-f"], []):
            run(*face, "-P", fifo, "--record", self.path("record"), "-o", self.path("live"), *command)
            run(*face, "-P", fifo, "--replay", self.path("record"), "-o", self.path("again"))
            live, again = [re.sub(r"(?m)^(\[pid +)?\d+\]? +", "", self.text(name)) for name in ("live", "again")]
            self.assertEqual(live, again)
            self.assertIn("hello", live)
            self.assertNotIn("pipe2(", live)
        run("-e", "trace=all", "--record", self.path("record"), "-o", "/dev/null", *command)
        run("-P", fifo, "--replay", self.path("record"), "-o", self.path("again"))
        self.assertRegex(self.text("again"), "hello")
        self.assertNotRegex(self.text("again"), r"pipe2?\(|mmap\(|brk\(")


if __name__ == "__main__":
    main()
