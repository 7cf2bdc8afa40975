#!/usr/bin/env python3
# ctest: timeout=7200 labels=engine,long
"""Ten million calls by 1, 16 and 64 threads, and a thousand attaches to coming and going threads."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
environ = dict(os.environ, CALLS="10000000", ROUNDS="1000")
done = [subprocess.run([sys.executable, os.path.join(HERE, script), *tests], env=environ).returncode
        for script, tests in (("test_sequence.py", []),
                              ("../scenario/test_engine_attach.py", ["Threads", "Stopped"]))]
sys.exit(max(done))
