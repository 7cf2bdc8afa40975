#!/usr/bin/env python3
# ctest: timeout=120
"""splice and sendfile sleep with their pipe locked: who asks the kernel about that pipe then, sleeps with it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import tracing  # noqa: E402
from tracing import run  # noqa: E402

# One splices from a socket that is empty, one writes to the same pipe; when both sleep, the parent sends.
PROGRAM = r"""
import os, socket, sys, time
near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
r, w = os.pipe()

def child(action):
    pid = os.fork()
    if pid == 0:
        action()
        os._exit(0)
    return pid

def sleeps_in(pid, numbers):
    with open(f"/proc/{pid}/stat") as file:
        state = file.read().rsplit(")", 1)[1].split()[0]
    with open(f"/proc/{pid}/syscall") as file:
        return state in "SD" and file.read().split()[0] in numbers

def wait_for(pid, *numbers):
    while not sleeps_in(pid, numbers):
        time.sleep(0.01)

if sys.argv[1] == "splice":
    splicer = child(lambda: os.splice(near.fileno(), w, 100))
else:
    splicer = child(lambda: os.sendfile(w, near.fileno(), None, 100))
wait_for(splicer, "275", "76", "40", "71")
writer = child(lambda: os.write(w, b"written"))
wait_for(writer, "1", "64")
far.send(b"sent")
for pid in splicer, writer:
    if os.waitpid(pid, 0)[1]:
        sys.exit(1)
print(os.read(r, 100).decode(), end="")
"""


class SpliceKeepsItsPipeLocked(tracing.Case):
    def check(self, *options, call="splice"):
        done = run("-o", self.path("trace"), *options, sys.executable, "-c", PROGRAM, call)
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", "sentwritten"))
        return self.text("trace")

    def test_nobody_asks_about_the_pipe_meanwhile(self):
        for options in ((), ("--no-seccomp",)):
            with self.subTest(options=options):
                text = self.check(*options)
                self.assertRegex(text, r'write\(\d+<pipe:\d w>, "written", 7\) += 7 (\{pipe:\d 11/65536 B\} )?->')
                self.assertRegex(text, r'splice\(\d+<unix:1>, .* = 4 .*\{pipe:\d 0 -> (4|11)/65536 B\}')
                self.assertRegex(text, r'read\(\d+<pipe:\d r>, "sentwritten", 100\) += 11 \{pipe:\d 11 -> 0/65536 B\}')

    def test_sendfile_does_the_same(self):
        self.assertRegex(self.check("--no-seccomp", call="sendfile"), r"sendfile\(\d+<pipe:\d w>, \d+<unix:1>, NULL, 100\) += 4 ")
        self.check("-e", "trace=read,write", call="sendfile")

    def test_also_if_the_splice_is_not_asked_for(self):
        text = self.check("-e", "trace=read,write")
        self.assertNotIn("splice(", text)
        self.assertRegex(text, r'(?m)write\(\d+<pipe:\d w>, "written", 7\) += 7\b')
        self.assertRegex(text, r'read\(\d+<pipe:\d r>, "sentwritten", 100\) += 11 \{pipe:\d 11 -> 0/65536 B\}')


if __name__ == "__main__":
    tracing.main()
