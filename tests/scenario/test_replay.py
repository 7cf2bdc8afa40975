#!/usr/bin/env python3
# ctest: timeout=600
"""A replay gives what was shown live, byte for byte, where nothing of the machine that recorded is to be had."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import unittest

import demos

NUM_PARALLEL = 4
VIEWS = {
    "text": ["--explain", "-tt", "-T", "-v", "--objects", "--leaks"],
    "json": ["--explain", "--format=json", "--objects", "--leaks"],
}
SKIPPED = 77


def elsewhere(words, folder):
    """The command where other processes, mounts, IPC objects, users, times and places are to be seen."""
    apart = ["unshare", "--ipc", "--mount", "--pid", "--net", "--uts", "--fork", "--mount-proc"] if os.geteuid() == 0 else []
    environment = {"PATH": "/usr/bin:/bin", "TZ": "Pacific/Kiritimati", "HOME": "/", "TERM": "vt100", "LC_ALL": "C", "COLUMNS": "40"}
    return subprocess.run([*apart, *words], cwd="/", env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=demos.TIMEOUT,
                          check=False)


def compare(variant, view, zone):
    """What is wrong with the replay of a variant, None if nothing is."""
    with tempfile.TemporaryDirectory(prefix="ipctrace-replay-") as folder:
        live, record, again = (os.path.join(folder, name) for name in ("live", "record", "again"))
        trace = demos.traced(variant, live)
        trace[1:1] = [*VIEWS[view], f"--record={record}", "--hang=0.2"]
        apart = ["unshare", "--ipc"] if os.geteuid() == 0 else []
        done = subprocess.run([*apart, *trace], stdin=subprocess.DEVNULL, capture_output=True, timeout=demos.TIMEOUT, check=False,
                              env={**os.environ, "TMPDIR": folder, "TZ": zone})
        if done.returncode == SKIPPED:
            return None
        replayed = elsewhere([demos.IPCTRACE, *VIEWS[view], "-o", again, f"--replay={record}"], folder)
        if replayed.returncode or replayed.stderr:
            return f"{variant} {view}: {replayed.returncode} {replayed.stderr}"
        if os.path.getsize(live) < 100:
            return f"{variant} {view}: no trace: {done.stderr}"
        with open(live, "rb") as one, open(again, "rb") as other:
            for number, (a, b) in enumerate(zip(one.read().split(b"\n") + [None], other.read().split(b"\n") + [None]), 1):
                if a != b:
                    return f"{variant} {view}, line {number}:\n  live:   {a}\n  replay: {b}"
    return None


class Replay(unittest.TestCase):
    maxDiff = None

    def check(self, variants, view, zone="UTC"):
        with concurrent.futures.ThreadPoolExecutor(NUM_PARALLEL) as pool:
            wrong = list(filter(None, pool.map(lambda variant: compare(variant, view, zone), variants)))
        self.assertEqual(wrong, [], "\n".join(wrong))

    def test_every_demo_as_text(self):
        variants = demos.variants()
        self.assertGreater(len(variants), 100)
        self.check(variants, "text")

    def test_every_demo_as_json(self):
        self.check(demos.variants(), "json")

    def test_local_time_is_that_of_the_recording(self):
        for zone in ("Europe/Berlin", "America/St_Johns", ":Asia/Kathmandu", "XYZ-5:30", "", "<-03>3"):
            with self.subTest(zone):
                self.check([["pipe"]], "text", zone)


class Damage(unittest.TestCase):
    """Everything up to the damage is shown, then what is wrong is said, and the status is not 0."""

    def check(self, data, says, folder):
        bad, out = os.path.join(folder, "bad"), os.path.join(folder, "out")
        with open(bad, "wb") as file:
            file.write(data)
        done = subprocess.run([demos.IPCTRACE, "-o", out, f"--replay={bad}"], capture_output=True, text=True, check=False, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, rf"\A\S+: {bad}: .*({says}).*\n\Z")
        with open(out, "rb") as file:
            return file.read()

    def test_a_file_that_is_cut_or_changed(self):
        with tempfile.TemporaryDirectory(prefix="ipctrace-replay-") as folder:
            live, record = os.path.join(folder, "live"), os.path.join(folder, "record")
            code = "import os\nr, w = os.pipe()\nfor i in range(2000): os.write(w, b'%d' % i); os.read(r, 9)"
            subprocess.run([demos.IPCTRACE, "-o", live, f"--record={record}", sys.executable, "-c", code], check=True, timeout=60)
            with open(live, "rb") as a, open(record, "rb") as b:
                shown, data = a.read(), b.read()
            half = len(data) // 2
            for bad, says in ((data[:-1], "cut off in block"), (data[:half], "cut off in block"), (data[:30], "header is damaged"),
                              (data[:3], "not a trace"), (data[:half] + bytes([data[half] ^ 1]) + data[half + 1:], "damaged in block")):
                again = self.check(bad, says, folder)
                self.assertTrue(shown.startswith(again[:-1]), says)
                self.assertEqual(len(again) > len(shown) // 3, "block" in says)


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=sys.argv)
