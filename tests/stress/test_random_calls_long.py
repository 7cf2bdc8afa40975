#!/usr/bin/env python3
# ctest: timeout=3600 labels=engine,long
"""Ten minutes of random calls, other ones than each day's: SEED=N for the same again."""
import os
import subprocess
import sys
import time

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "test_random_calls.py")
environ = {"SEED": str(int(time.time()) % 1000000), "SECONDS": "600", **os.environ}
sys.exit(subprocess.run([sys.executable, SCRIPT], env=environ, check=False).returncode)
