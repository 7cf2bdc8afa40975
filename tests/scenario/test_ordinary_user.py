#!/usr/bin/env python3
# ctest: timeout=300
"""Each demo as an ordinary user, on own processes: the same objects, states and peers as root's, by the same tables."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import model_trace
import test_model_demos

NOBODY = 65534
TRIES = 3
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]


def can_run(path):
    done = subprocess.run([*AS_NOBODY, path, "--help"], capture_output=True, check=False)
    return done.returncode == 0


class AsNobody(test_model_demos.Demos):
    @classmethod
    def setUpClass(cls):
        cls.saved = model_trace.PREFIX, model_trace.IPCTRACE, model_trace.BUILD
        cls.folder = tempfile.TemporaryDirectory(prefix="ipctrace-nobody-")
        os.chmod(cls.folder.name, 0o755)
        model_trace.PREFIX = AS_NOBODY
        if not can_run(model_trace.IPCTRACE):
            # A build below /root.
            shutil.copy(model_trace.IPCTRACE, cls.folder.name)
            shutil.copytree(os.path.join(model_trace.BUILD, "demos"), os.path.join(cls.folder.name, "demos"),
                            ignore=shutil.ignore_patterns("CMakeFiles", "*.a", "*.cmake"))
            model_trace.IPCTRACE, model_trace.BUILD = os.path.join(cls.folder.name, "ipctrace"), cls.folder.name

    @classmethod
    def tearDownClass(cls):
        model_trace.PREFIX, model_trace.IPCTRACE, model_trace.BUILD = cls.saved
        cls.folder.cleanup()


    def check(self, variant, expected):
        """Who is faster is no question here: a busy machine may need another try. test_model_demos gives none."""
        for _ in range(TRIES):
            wrong = super().check(variant, expected)
            if not wrong:
                break
        return wrong

    def test_every_demo_is_expected(self):
        self.skipTest("test_model_demos asks that")

    def test_it_is_nobody_who_traces(self):
        trace = model_trace.Trace(["/usr/bin/id", "-u"])
        self.assertEqual(trace.output, f"{NOBODY}\n")


def load_tests(loader, _tests, _pattern):
    return loader.loadTestsFromTestCase(AsNobody)


if __name__ == "__main__":
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        print("needs root, to become nobody")
        sys.exit(77)
    unittest.main(verbosity=1)
