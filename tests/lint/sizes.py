#!/usr/bin/env python3
"""Fail on a file of more than 600 lines or a function of more than 70; const tables do not count.

It relies on the tree's format: a function's braces, and the one that ends a table, stand in the first column."""

import re

import tree

FILE_LIMIT = 600
FUNCTION_LIMIT = 70
TABLE_START = re.compile(r"^\S.*\bconst\b.*=\s*\{$|^(\w+\(.*\)|\S.*\]) = \{$")


def measure(text):
    """(lines outside const tables, [(function name, first line, lines)])."""
    counted = 0
    functions = []
    start = None        # where the current top-level item starts
    body = None         # the first line of the current function, from its signature on
    in_table = False
    for number, line in enumerate(text.splitlines(), 1):
        if in_table:
            in_table = not line.startswith("}")
            continue
        counted += 1
        if body is not None:
            if line.startswith("}"):
                functions.append((name_of(text, body), body, number - body + 1))
                body = start = None
        elif TABLE_START.match(line):
            in_table = True
            start = None
        elif line == "{" and start is not None:
            body = start
        elif not line or line[0] in "}#/" or line.startswith(" *") or line.endswith(";"):
            start = None
        elif start is None:
            start = number
    return counted, functions


def name_of(text, line):
    match = re.search(r"(\w+)\(", "\n".join(text.splitlines()[line - 1:line + 3]))
    return match.group(1) if match else "?"


def main():
    top = tree.top_from_arguments()
    files = tree.c_files(top)
    complaints = []
    for path in files:
        counted, functions = measure(tree.read(top, path))
        if counted > FILE_LIMIT:
            complaints.append(f"{path}: {counted} lines without its tables (the limit is {FILE_LIMIT})")
        for name, line, lines in functions:
            if lines > FUNCTION_LIMIT:
                complaints.append(f"{path}:{line}: {name}() has {lines} lines (the limit is {FUNCTION_LIMIT})")
    tree.finish("sizes", len(files), complaints)


main()
