#!/usr/bin/env python3
# ctest: timeout=200
"""What of the long tests is cheap enough for every day: as nobody, a descriptor passed on, a pipeline of five, a second of churn and of races."""
import json
import os
import re
import shutil
import subprocess
import unittest

import agreement
import churn
import races
from services import Served, descendants, not_left_alone, wait_until
from tracing import IPCTRACE, IS_SANITIZED, main, state, tracer_of

NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
PASSED = """
import array, os, socket
a, b = socket.socketpair()

def maker():
    r, w = os.pipe()
    a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [w]))])
    os.close(w)
    assert os.read(r, 9) == b"hello"

def taker():
    data, control, *_ = b.recvmsg(1, socket.CMSG_SPACE(4))
    w = array.array("i", control[0][2])[0]
    os.write(w, b"hello")

for one in (maker, taker):
    if os.fork() == 0:
        one()
        os._exit(0)
for _ in range(2):
    assert os.wait()[1] == 0
"""


def calls(path):
    with open(path, errors="replace") as file:
        return [record for record in map(json.loads, file) if record["record"] == "call"]


class Passed(Served):
    def test_a_descriptor_passed_to_a_sibling_keeps_the_name_of_its_object(self):
        done = subprocess.run([IPCTRACE, "--format=json", "-o", self.path("trace"), "/usr/bin/python3", "-c", PASSED],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        trace = calls(self.path("trace"))
        made = [call for call in trace if call["call"] == "pipe2"][-1]
        name = made["args"]["pipefd"]["items"][0]["object"]
        wrote = next(call for call in trace if call["call"] == "write" and call["ret"] == 5)
        read = next(call for call in trace if call["call"] == "read" and call["ret"] == 5 and call["pid"] == made["pid"])
        self.assertNotEqual(wrote["pid"], made["pid"])
        self.assertEqual([touched["object"] for touched in wrote["touched"]], [name])
        self.assertEqual([touched["object"] for touched in read["touched"]], [name])
        self.assertEqual([(peer["direction"], peer["certainty"], peer["pid"]) for peer in wrote["peers"]],
                         [("to", "exact", made["pid"])])
        self.assertEqual([(peer["direction"], peer["certainty"], peer["pid"]) for peer in read["peers"]],
                         [("from", "exact", wrote["pid"])])


@unittest.skipUnless(os.geteuid() == 0, "needs root, to become nobody")
class Nobody(Served):
    def setUp(self):
        super().setUp()
        # A build below /root cannot be executed by nobody.
        self.tracer = os.path.join(self.folder("bin"), "ipctrace")
        shutil.copy(IPCTRACE, self.tracer)
        self.own = self.folder("own", "nobody")

    def test_launching(self):
        done = subprocess.run([*NOBODY, self.tracer, "-o", f"{self.own}/trace", "sh", "-c", "echo hello | cat; exit 3"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, "hello\n", ""))
        with open(f"{self.own}/trace") as file:
            text = file.read()
        self.assertRegex(text, r'write\(1<pipe:1 w>, "hello\\n", 6\)\s+= 6 .* -> (cat|sh)\[\d+\] fd [03]')
        self.assertRegex(text, r'read\(0<pipe:1 r>, "hello\\n", \d+\)\s*= 6 .* <- sh\[\d+\] fd 1')

    def test_attaching_to_own_processes(self):
        pipeline = self.start(*NOBODY, "sh", "-c", "cat | cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        wait_until(lambda: len(descendants(pipeline.pid)) == 3, "a pipeline")
        pids = descendants(pipeline.pid)
        tracer = self.start(*NOBODY, self.tracer, "-q", "-o", f"{self.own}/trace", "-p", ",".join(map(str, pids)))
        wait_until(lambda: all(tracer_of(pid) == tracer.pid and state(pid) != "t" for pid in pids), "attached")
        pipeline.stdin.write(b"hello\n")
        pipeline.stdin.flush()
        self.assertEqual(pipeline.stdout.readline(), b"hello\n")
        self.detach(tracer)
        self.assertEqual(not_left_alone(pids), {})
        with open(f"{self.own}/trace") as file:
            text = file.read()
        self.assertRegex(text, r"<- cat\[\d+\]~? fd 1")
        # Whoever holds our ends is root's: that is said, and not that there is nobody.
        self.assertNotRegex(text, "its writer is gone|nobody reads it|nobody can")
        self.assertRegex(text, "may not be looked at")
        pipeline.stdin.close()
        self.assertEqual(pipeline.wait(10), 0)

    def test_what_is_forbidden_is_said_once(self):
        own, others = self.start(*NOBODY, "sleep", "1000"), self.start("sleep", "1000")
        wait_until(lambda: os.path.exists(f"/proc/{own.pid}") and os.stat(f"/proc/{own.pid}").st_uid == 65534, "nobody's")
        with open(f"{self.own}/errors", "w") as errors:
            tracer = self.start(*NOBODY, self.tracer, "-q", "-o", f"{self.own}/trace", "-p", f"{own.pid},{others.pid}",
                                stderr=errors)
            wait_until(lambda: tracer_of(own.pid) == tracer.pid and state(own.pid) != "t", "attached")
        self.detach(tracer)
        with open(f"{self.own}/errors") as file:
            self.assertEqual(len(re.findall(f"PID {others.pid} belongs to", file.read())), 1)
        self.assertEqual(not_left_alone([own.pid, others.pid]), {})


class Churn(churn.Churn):
    """A second of it; the long ways are left to churn.py."""
    SECONDS = 1
    ENOUGH = 1 if IS_SANITIZED else 5       # such a tracer is slow

    def test_text_with_stacks_and_record(self):
        self.skipTest("long")

    def test_attached_midway(self):
        self.skipTest("long")


class Races(races.Races):
    """A second of it."""
    SECONDS = 1
    PROCESSES = 8
    ENOUGH = 20


class Pipeline(agreement.Agreement):
    """The pipeline only: the services are long."""


for name in dir(agreement.Agreement):
    if name.startswith("test_") and name != "test_pipeline_of_five":
        setattr(Pipeline, name, None)


if __name__ == "__main__":
    main()
