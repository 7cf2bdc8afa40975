#!/usr/bin/env python3
# ctest: timeout=180
"""Each row of the table in docs/mechanisms/README.md: its command's trace holds the lines that show it."""
import concurrent.futures
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

import demos

TABLE = os.path.join(demos.SOURCE, "docs", "mechanisms", "README.md")
ROWS = [*map(str, range(1, 34)), *(f"P{n}" for n in range(1, 12))]
NUM_PARALLEL = 6
# What a trace shows of a race depends on who was faster; a line that never comes is missing each time.
ATTEMPTS = 3
SKIPPED = 77


def rows():
    """(row, command, patterns) of each line of the table."""
    with open(TABLE) as file:
        for line in file:
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            if len(cells) == 4 and cells[0] in ROWS:
                yield cells[0], cells[2].strip("`"), re.findall(r"`([^`]+)`", cells[3])


def trace_of(command):
    """The trace of a command of the table; None if the demo cannot run here."""
    words = shlex.split(command)
    program = next(i for i, word in enumerate(words) if word.startswith("build/demos/"))
    words[program] = os.path.join(demos.BUILD, words[program][len("build/"):])
    with tempfile.TemporaryDirectory() as directory:
        trace = os.path.join(directory, "trace")
        prefix = ["unshare", "--ipc"] if os.geteuid() == 0 else []
        environment = {**os.environ, "TMPDIR": directory, "LC_ALL": "C"}
        done = subprocess.run([*prefix, demos.IPCTRACE, "--hang=0", *words[:program], "-e", "ipc", "-o", trace, *words[program:]],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, timeout=demos.TIMEOUT,
                              check=False)
        if done.returncode == SKIPPED:
            return None
        assert done.returncode == 0, f"{command}: exit status {done.returncode}: {done.stdout}{done.stderr}"
        with open(trace, errors="replace") as file:
            return file.read()


def remove_leaked(trace):
    """Names that --leak leaves outside of the namespace and the temporary directory."""
    for name in set(re.findall(r'"(/dev/shm/(?:sem\.)?ipctrace-[\w-]+)"', trace)):
        if os.path.exists(name):
            os.unlink(name)


class Scenarios(unittest.TestCase):
    def check(self, command, patterns):
        missing = patterns
        for _ in range(ATTEMPTS):
            trace = trace_of(command)
            if trace is None:
                return
            if "--leak" in command:
                remove_leaked(trace)
            missing = [pattern for pattern in patterns if not re.search(pattern, trace)]
            if not missing:
                return
        self.fail(f"{command}: not in its trace: {missing}\n{trace}")

    def test_the_table_has_every_row(self):
        self.assertEqual(sorted({row for row, _, _ in rows()}), sorted(ROWS))

    def test_every_command_is_a_demo_and_has_lines(self):
        known = {tuple(variant) for variant in demos.variants()}
        for row, command, patterns in rows():
            words = command.split("build/demos/")[1].split()
            self.assertIn(tuple(words), known, row)
            self.assertTrue(patterns, f"{row}: {command}: no lines")

    def test_each_trace_holds_its_lines(self):
        with concurrent.futures.ThreadPoolExecutor(NUM_PARALLEL) as pool:
            futures = [(row, command, pool.submit(self.check, command, patterns)) for row, command, patterns in rows()]
        for row, command, future in futures:
            with self.subTest(row=row, command=command):
                future.result()


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
