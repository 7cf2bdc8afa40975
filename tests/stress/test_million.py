#!/usr/bin/env python3
# ctest: timeout=21600 labels=long serial
"""A million messages over each mechanism, by several writers to several readers, of random sizes: every match is right or marked.

    test_million.py [--n=N] [--writers=W] [--readers=R] [--write=FILE] [MECHANISM...]

FILE gets the figures, in its table between two markers; rows of mechanisms that are not run stay as they are."""
import argparse
import os
import re
import sys
import time

import matching

FIRST, LAST = "<!-- matching: written by tests/stress/test_million.py -->", "<!-- end of matching -->"
HEADING = """| mechanism | writers -> readers | sent | receives | exact | `~` | receives without | wrong | s |
|---|---|---|---|---|---|---|---|---|
"""


def row(mechanism, people, check):
    sent = sum(map(len, check.logs.sent.values()))
    cells = [mechanism, f"{people[0]} -> {people[1]}", *(f"{n:,}" for n in (sent, check.receives, check.exact, check.inferred,
                                                                           check.unknown, check.wrong, round(check.seconds)))]
    return "| " + " | ".join(cells) + " |\n"


def write(path, rows):
    """Replace the rows that were run; the others stay."""
    with open(path) as file:
        text = file.read()
    table = text[text.index(FIRST) + len(FIRST):text.index(LAST)]
    kept = {found[1]: found[0] + "\n" for found in re.finditer(r"^\| (\S+) \| \d+ -> .*$", table, re.M)}
    kept.update(rows)
    order = [name for name in matching.MECHANISMS if name in kept]
    table = f"\n{os.uname().sysname} {os.uname().release}, {os.cpu_count()} CPUs, {time.strftime('%Y-%m-%d')}\n\n{HEADING}"
    table += "".join(kept[name] for name in order)
    begin, end = text.index(FIRST) + len(FIRST), text.index(LAST)
    with open(path, "w") as file:
        file.write(text[:begin] + table + text[end:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1000000)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--write")
    parser.add_argument("mechanisms", nargs="*", default=matching.MECHANISMS)
    options = parser.parse_args()
    os.nice(10)
    matching.LIMIT = 36000
    failed = 0
    for mechanism in options.mechanisms or matching.MECHANISMS:
        check = matching.run(mechanism, options.n, options.writers, options.readers)
        line = row(mechanism, (options.writers, options.readers), check)
        print(line, end="", flush=True)
        failed |= check.wrong
        if check.wrong:
            print(*check.first_wrong[:5], sep="\n", flush=True)
        if options.write:
            write(options.write, {mechanism: line})
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
