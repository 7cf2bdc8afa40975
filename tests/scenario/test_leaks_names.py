#!/usr/bin/env python3
# ctest: timeout=300 labels=engine
"""What programs that are no demos leave behind under which names, in which namespace; the commands that are told remove all of it."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, main

RENAMED = r"""
import ctypes, os, socket
os.mkdir('d')
os.chdir('d')
os.mkfifo('first'); os.rename('first', 'moved')
os.mkfifo('gone'); os.rename('gone', 'gone too'); os.unlink('gone too')
os.mkfifo('over'); os.mkfifo('under'); os.rename('over', 'under')
os.mkfifo('link1'); os.link('link1', 'link2'); os.unlink('link1')
os.mkfifo('twice'); os.link('twice', 'two names')
os.mkfifo('a'); os.mkfifo('b')
assert ctypes.CDLL(None).renameat2(-100, b'a', -100, b'b', 2) == 0
os.unlink('a')
one = socket.socket(socket.AF_UNIX); one.bind('sock'); os.rename('sock', 'sock2')
two = socket.socket(socket.AF_UNIX); two.bind('./t'); os.unlink('t')
off = socket.socket(socket.AF_UNIX); off.bind('\0abstract-%d' % os.getpid())
here = os.open('.', os.O_RDONLY)
os.mkfifo('at', dir_fd=here)
os.symlink('moved', 'sym'); os.unlink('sym')
open('plain', 'w').close(); os.mkfifo('victim'); os.rename('plain', 'victim'); os.unlink('victim')
os.chdir('..')
os.rename('d', 'e')
"""
LEFT = ["at", "b", "link2", "moved", "sock2", "twice", "two names", "under"]

ODD = ["we'ird\nname\\ \u00e9", "-rf", "%s $HOME `id` \"q\" !x", "end\n", "\x1b[31mred", "*", "a;b&c|d", "~", " "]

SHM = r"""
import os, sys
name = sys.argv[1]
os.chdir('/dev/shm')
os.mkdir(name)
os.close(os.open(name + '/made', os.O_CREAT | os.O_RDWR))
os.rename(name + '/made', name + '/moved')
there = os.open('/dev/shm/' + name, os.O_RDONLY)
os.close(os.open('at', os.O_CREAT | os.O_RDWR, dir_fd=there))
os.close(os.open(name + '/gone', os.O_CREAT | os.O_RDWR))
os.remove('gone', dir_fd=there)
"""

# System V objects of each kind, by a C library that is not ours.
SYSV = r"""
import ctypes, os, sys
libc = ctypes.CDLL(None)
print(libc.msgget(0, 0o1600), libc.semget(0, 1, 0o1600), libc.shmget(0, 4096, 0o1600), flush=True)
sys.stdin.readline()
"""


class Names(Case):
    def leaks(self, *command, args=(), **options):
        options.setdefault("cwd", self.directory)
        self.run_result = subprocess.run([IPCTRACE, "--leaks=error", "-o", self.path("trace"), f"--record={self.path('record')}", *args, *command],
                                         stdout=subprocess.DEVNULL, timeout=PATIENCE * 4, check=False, **options)
        trace = self.text("trace")
        again = subprocess.run([IPCTRACE, "--leaks=error", "-o", self.path("again"), f"--replay={self.path('record')}", *args],
                               cwd="/", timeout=PATIENCE * 4, check=False)
        self.assertEqual(self.text("again"), trace)
        self.assertEqual(again.returncode == 4, self.run_result.returncode == 4)
        return re.findall(r"(?m)^=== (left behind.*)\n(?:    (.*))?", trace)

    def remove(self, found):
        for _, hint in found:
            self.assertTrue(hint.startswith("remove it with: "), hint)
            subprocess.run(["sh", "-e", "-c", hint.removeprefix("remove it with: ")], check=True, cwd="/", timeout=PATIENCE)

    def test_names_are_followed(self):
        found = self.leaks(sys.executable, "-c", RENAMED)
        self.assertEqual(self.run_result.returncode, 4)
        self.assertEqual(sorted(os.listdir(self.path("e"))), LEFT)
        self.assertEqual(len(found), len(LEFT) - 1)
        self.assertTrue(all(text.startswith("left behind: ") for text, _ in found), found)
        self.remove(found)
        self.assertEqual(os.listdir(self.path("e")), [])

    def test_any_name_can_be_removed(self):
        for name in ODD:
            with self.subTest(name=name):
                found = self.leaks("mkfifo", "--", name)
                self.assertEqual(len(found), 1)
                self.assertRegex("".join(found[0]), r"\A[ -~]*\Z")
                self.assertIn(name, os.listdir(self.directory))
                self.remove(found)
                self.assertNotIn(name, os.listdir(self.directory))

    def test_shared_memory_by_relative_paths(self):
        name = f"ipctrace-names-{os.getpid()}"
        found = self.leaks(sys.executable, "-c", SHM, name)
        self.assertEqual([re.search(r"/dev/shm/\S*", text).group(0) for text, _ in found],
                         [f"/dev/shm/{name}/moved", f"/dev/shm/{name}/at"])
        self.remove(found)
        os.rmdir(f"/dev/shm/{name}")

    def test_a_shell_that_cleans_up_leaves_nothing(self):
        found = self.leaks("bash", "-c", "trap 'rm -f fifo' EXIT; mkfifo fifo; cat fifo & echo x >fifo; wait; mkfifo f2; mv f2 f3; rm f3")
        self.assertEqual((found, self.run_result.returncode), ([], 0))

    def test_what_untraced_processes_remove_is_not_left(self):
        # The helper is asked over a FIFO of its own and is not traced.
        helper = self.start("sh", "-c", "mkfifo ask; while read -r name; do rm \"$name\"; echo done >answer; done <ask",
                            cwd=self.directory)
        code = ("import os\nos.mkfifo('answer'); os.mkfifo('victim')\n"
                "import time\nwhile not os.path.exists('ask'): time.sleep(0.01)\n"
                "a = open('ask', 'w'); a.write('victim\\n'); a.flush(); open('answer').read(); os.unlink('answer')")
        found = self.leaks(sys.executable, "-c", code)
        self.assertEqual((found, self.run_result.returncode), ([], 0))
        helper.wait(PATIENCE)

    def test_json_has_the_command(self):
        subprocess.run([IPCTRACE, "--leaks", "--format=json", "-o", self.path("trace"), "mkfifo", self.path("a b")],
                       timeout=PATIENCE, check=True)
        records = [json.loads(line) for line in self.text("trace").splitlines()]
        (left,) = [record for record in records if record["record"] == "finding"]
        self.assertEqual((left["kind"], left["certainty"]), ("left-behind", "exact"))
        self.assertEqual(left["command"], f"rm '{self.path('a b')}'")

    def test_system_v_objects_of_an_ended_namespace_are_gone(self):
        found = self.leaks("unshare", "--ipc", sys.executable, "-c", SYSV, stdin=subprocess.DEVNULL)
        self.assertEqual((found, self.run_result.returncode), ([], 0))

    def test_those_of_a_living_namespace_are_removed_there(self):
        keeper = self.start("unshare", "--ipc", "sh", "-c", "echo $$; read line; ipcs -q -s -m", stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
        pid = keeper.stdout.readline().strip()
        found = self.leaks("nsenter", "-t", pid, "-i", sys.executable, "-c", SYSV, stdin=subprocess.DEVNULL)
        self.assertEqual(self.run_result.returncode, 4)
        self.assertEqual([text.split()[2].split(":")[0] for text, _ in found], ["msg", "sem", "shm"])
        self.assertTrue(all(f"nsenter -t {pid} -i ipcrm -" in hint for _, hint in found), found)
        self.remove(found)
        left = keeper.communicate("go\n", timeout=PATIENCE)[0]
        self.assertNotIn("0x00000000", left)

    def test_a_path_of_another_mount_namespace_is_doubted(self):
        code = "import os, socket\nos.mkfifo('/mnt/fifo')\nsocket.socket(socket.AF_UNIX).bind('/mnt/sock')"
        found = self.leaks("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /mnt && "$@"', "sh", sys.executable, "-c", code)
        self.assertEqual(self.run_result.returncode, 4)
        self.assertEqual([text.split()[:3] for text, _ in found], [["left", "behind~", "(inferred):"]] * 2)
        for text, hint in found:
            self.assertIn("; its path is in another mount namespace, where nobody looked for it", text)
            self.assertEqual(hint, "")


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(77)
    main()
