#!/usr/bin/env python3
# ctest: timeout=180 labels=engine
"""-k on programs whose unwind information is hostile or damaged (reference L4)."""
import json
import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import Case, main, program, run

ROUNDS = 40


def section(data, name):
    """(offset, length) of a section of a 64-bit ELF file."""
    at, size, n, names = struct.unpack_from("<Q10xHHH", data, 40)
    heads = [struct.unpack_from("<IIQQQQ", data, at + i * size) for i in range(n)]
    for head in heads:
        begin = heads[names][4] + head[0]
        if data[begin:data.index(b"\0", begin)] == name:
            return head[4], head[5]
    raise KeyError(name)


class Hostile(Case):
    def frames(self, text, call):
        """The frames below each of these calls."""
        return [part.partition("\n\n")[0].splitlines()[1:] for part in text.split(call)[1:]]

    def test_unwind_information_without_an_end(self):
        """What is known is shown, that the rest is not is said, and soon nobody waits for it any more."""
        done = run("-k", "-e", "trace=getppid", "-o", self.path("trace"), program("hostile_stack_static"), 50)
        self.assertEqual((done.returncode, done.stderr), (7, ""))
        found = self.frames(self.text("trace"), "getppid()")
        self.assertEqual(len(found), 51)
        self.assertEqual([len(frames) for frames in found[:3]], [3, 3, 3], found[:3])
        self.assertIn("endless", found[0][1])
        self.assertEqual([frames[-1] for frames in found[:50]], [" > (unwinding failed)"] * 50)
        # After an execve it is another program.
        self.assertIn("usual", found[50][1])
        self.assertNotIn("failed", "".join(found[50]))

    def test_replay_and_json_tell_the_same(self):
        words = ["-k", "-e", "trace=getppid", "-o", self.path("trace")]
        run(*words, "--record", self.path("record"), program("hostile_stack_static"), 2)
        replayed = run("--replay", self.path("record"), "-k", "-e", "trace=getppid", "-o", self.path("again"))
        self.assertEqual(replayed.stderr, "")
        self.assertEqual(self.text("again"), self.text("trace"))
        run(*words, "--format=json", program("hostile_stack_static"), 2)
        calls = [record for record in map(json.loads, self.text("trace").splitlines()) if record["record"] == "call"]
        self.assertEqual([call["stack"][-1]["ip"] for call in calls[:2]], ["0x0", "0x0"])

    def test_damaged_unwind_information(self):
        """Of a program that does not need it: it ends as ever, whatever the tables say."""
        with open(program("hostile_stack_static"), "rb") as file:
            good = file.read()
        generator = random.Random(7)
        path = self.path("program")
        for _ in range(ROUNDS):
            data = bytearray(good)
            begin, length = section(data, b".eh_frame")
            for _ in range(generator.choice((1, 20, length // 8))):
                data[begin + generator.randrange(length)] = generator.choice((0, 0xff, 0x7f, generator.randrange(256)))
            with open(path, "wb") as file:
                file.write(data)
            os.chmod(path, 0o755)
            done = run("-k", "-e", "trace=getppid", "-o", self.path("trace"), path, 3)
            self.assertEqual((done.returncode, done.stderr), (7, ""))
            self.assertEqual(self.text("trace").count("getppid()"), 4)


if __name__ == "__main__":
    main()
