#!/usr/bin/env python3
# ctest: timeout=120
"""Each demo, traced: its objects, who is at the other end, and the states, against the tables, the kernel's answers and the sums."""

import collections
import concurrent.futures
import subprocess
import sys
import unittest

from model_demos import MECHANISMS, NOT_HERE
from model_laws import broken, identity, uncertain
from model_trace import Skipped, demo, line_of, matches, missing, options_for, trace_in_time, untold

NUM_PARALLEL = 4

# Sent while nobody has it open to receive: it is in the name's queue, or the descriptor itself is on its way.
NOBODY = {
    "fd-passing": ["maker write pipe:1 0>5/65536B -> ?"],
    "posix-mq --outlive": ["sender mq_timedsend mq:1 0>1/4msgs -> ?"],
}

# How often each law has to have been checked at least, by mechanism: a law that is never applied proves nothing.
AT_LEAST = {
    ("witness", "pipe"): 1, ("witness", "fifo"): 2, ("witness", "msg"): 8, ("witness", "sem"): 3, ("witness", "shm"): 3,
    ("witness", "mq"): 4, ("limit", "pipe"): 1, ("limit", "msg"): 5, ("limit", "mq"): 4, ("waiters", "sem"): 1,
    ("effect", "pipe"): 40, ("effect", "fifo"): 5, ("effect", "msg"): 20, ("effect", "sem"): 8, ("effect", "shm"): 3,
    ("effect", "mq"): 20, ("effect", "eventfd"): 5, ("effect", "unix"): 15,
    ("chain", "pipe"): 25, ("chain", "fifo"): 3, ("chain", "msg"): 15, ("chain", "sem"): 5, ("chain", "mq"): 15,
    ("chain", "eventfd"): 3, ("chain", "unix"): 10,
}


def main_lines(expected):
    return [line.strip() for line in expected.strip().splitlines()]


class Demos(unittest.TestCase):
    checked = collections.Counter()

    def check(self, variant, expected):
        """All that is wrong with the trace of one variant, as sentences; None if the machine cannot run it."""
        words = variant.split()
        try:
            trace = trace_in_time(demo(*words), *options_for(words))
        except Skipped:
            return None
        laws, checked = broken(trace)
        self.checked.update(checked)
        wrong = [f"not there: {line}" for line in missing(trace, main_lines(expected))]
        wrong += laws
        wrong += [f"identity: {sentence}" for sentence in identity(trace)]
        wrong += [f"the text does not say {part!r}: {line}" for line, part in untold(trace)]
        for call in uncertain(trace):
            line = line_of(call, trace.roles)
            if not any(matches(pattern, line) for pattern in NOBODY.get(variant, [])):
                wrong.append(f"no certain peer: {line}")
        if wrong:
            wrong += [line for _, line in trace.lines()][:80]
        return wrong

    def all_of(self, mechanism):
        with concurrent.futures.ThreadPoolExecutor(NUM_PARALLEL) as pool:
            futures = {variant: pool.submit(self.check, variant, expected)
                       for variant, expected in MECHANISMS[mechanism].items()}
        for variant, future in futures.items():
            with self.subTest(variant):
                wrong = future.result()
                self.assertFalse(wrong, "\n" + "\n".join(wrong or []))

    def test_every_demo_is_expected(self):
        listed = subprocess.run(demo("list"), capture_output=True, text=True, check=True).stdout.split("\n")
        demos = {line.split()[0] for line in listed if line.strip()}
        expected = {variant.split()[0] for table in MECHANISMS.values() for variant in table}
        self.assertEqual(demos - NOT_HERE, expected)


class Laws(unittest.TestCase):
    """After the demos: were the laws applied?"""

    def test_the_laws_were_applied(self):
        if not Demos.checked:
            self.skipTest("no demo was traced")
        few = {law: Demos.checked[law] for law, count in AT_LEAST.items() if Demos.checked[law] < count}
        self.assertEqual(few, {}, Demos.checked)


def add_test(mechanism):
    setattr(Demos, f"test_{mechanism}", lambda self: self.all_of(mechanism))


for each in MECHANISMS:
    add_test(each)

if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--only":
        # By hand: test_model_demos.py --only VARIANT...
        for one in sys.argv[2:]:
            found = next(table[one] for table in MECHANISMS.values() if one in table)
            print("\n".join(Demos().check(one, found) or ["skipped or right"]))
        sys.exit(0)
    unittest.main(verbosity=1)
