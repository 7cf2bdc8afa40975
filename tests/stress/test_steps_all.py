#!/usr/bin/env python3
# ctest: timeout=14400 labels=engine,long
"""Every act at every ptrace and wait call of every scenario: test_steps.py --all."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
os.execv(sys.executable, [sys.executable, os.path.join(HERE, "test_steps.py"), "--all"])
