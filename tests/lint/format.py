#!/usr/bin/env python3
"""Fail when a C file is not as clang-format 14 with the tree's .clang-format writes it."""

import re
import shutil
import subprocess
import sys

import tree


def clang_format():
    """The path of clang-format 14, which the tree is written for (others differ in details), or None."""
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path:
            version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            if re.search(r"version 14\.", version):
                return path
    return None


def main():
    top = tree.top_from_arguments()
    tool = clang_format()
    if tool is None:
        print("format: there is no clang-format 14 here")
        sys.exit(77)
    files = tree.c_files(top)
    run = subprocess.run([tool, "--dry-run", "-Werror", "--style=file", "--ferror-limit=3", *files],
                         cwd=top, capture_output=True, text=True, check=False) if files else None
    complaints = [line for line in run.stderr.splitlines() if "error:" in line] if run else []
    if run and run.returncode and not complaints:
        complaints = [run.stderr]
    tree.finish("format", len(files), complaints)


main()
