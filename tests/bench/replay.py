#!/usr/bin/env python3
# ctest: timeout=1500 labels=long serial
"""How fast a recorded trace is analysed, and in how much memory.

    replay.py [--events=N,...] [--write=FILE] [--check]

Traces made by make_trace are piped into `ipctrace --replay=-`. A rate is events by CPU second (user and system) of ipctrace, the
best of REPEAT (3): others on the machine take no CPU time from it, but caches and the half of a core. --check compares with what issue 6 promises of the views without text."""

import argparse
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("IPCTRACE_BUILD") or os.path.join(TOP, "build")
IPCTRACE = os.environ.get("IPCTRACE") or os.path.join(BUILD, "ipctrace")
MAKE_TRACE = os.path.join(BUILD, "tests", "bench", "make_trace")
BEGIN, END = "<!-- replay:begin -->", "<!-- replay:end -->"

# What is traced: percent of the events that are those of processes that live for a pipe and a queue of their own, and how many others live on.
# Of a herd only the memory is promised: its state is so large that each event finds it out of the cache.
HERD = 100_000
TRACES = {
    "32 processes that talk, 10 % of it short lives": (10, 32),
    "nothing but short lives": (100, 32),
    f"{HERD:,} processes that talk": (0, HERD),
}
# What is made of it, and whether the promise is about it: no line for each call, everything at the end.
VIEWS = {
    "objects, leaks": (["-e", "status=detached", "--objects", "--leaks"], True),
    "summary, leaks, waits": (["-c", "--leaks", "--why"], True),
    "every call as text": ([], False),
    "every call as JSON": (["--format=json"], False),
}
RATE = 1_000_000
REPEAT = int(os.environ.get("REPEAT", "3"))
# For 32 processes, and for each one more: it, its thread, its pipe, socket, queue, semaphore and what it holds.
MEMORY_KB = 128 * 1024
PROCESS_KB = 16
# What more events may add: until the latest of what is gone are as many as are kept.
GROWTH_KB = 32 * 1024


def analyse(events, trace, view):
    """(events by CPU second, greatest resident memory in KB)"""
    runs = [analyse_once(events, trace, view) for _ in range(REPEAT)]
    return max(rate for rate, _ in runs), max(memory for _, memory in runs)


def analyse_once(events, trace, view):
    with subprocess.Popen([MAKE_TRACE, str(events), *map(str, trace)], stdout=subprocess.PIPE) as maker:
        command = [IPCTRACE, "--replay=-", "-o", "/dev/null", *view]
        with subprocess.Popen(command, stdin=maker.stdout) as tracer:
            maker.stdout.close()
            _, status, usage = os.wait4(tracer.pid, 0)
            tracer.returncode = os.waitstatus_to_exitcode(status)
    if maker.returncode or tracer.returncode:
        sys.exit(f"replay.py: make_trace ended with {maker.returncode}, ipctrace with {tracer.returncode}")
    return events / (usage.ru_utime + usage.ru_stime), usage.ru_maxrss


def measure(counts, views):
    """The table, and the sentences about broken promises."""
    lines = ["| trace | view | events | events by CPU second | memory |", "|---|---|---:|---:|---:|"]
    broken = []
    for what, trace in TRACES.items():
        limit = MEMORY_KB + trace[1] * PROCESS_KB
        for name, (view, is_promised) in views.items():
            least = None
            for events in counts:
                rate, memory = analyse(events, trace, view)
                lines.append(f"| {what} | {name} | {events:,} | {rate:,.0f} | {memory / 1024:.0f} MB |")
                print(lines[-1], file=sys.stderr)
                if is_promised and trace[1] < HERD and rate < RATE:
                    broken.append(f"{what}, {name}: {rate:,.0f} events/s at {events:,} events, promised {RATE:,}")
                if memory > limit or (least and memory > least + GROWTH_KB + trace[1] * PROCESS_KB):
                    broken.append(f"{what}, {name}: {memory} KB at {events:,} events")
                least = least or memory
    return "\n".join(lines), broken


def write(path, table):
    with open(path) as file:
        before, rest = file.read().split(BEGIN)
    with open(path, "w") as file:
        file.write(before + BEGIN + "\n" + table + "\n" + END + rest.split(END)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", default="1000000,10000000")
    parser.add_argument("--write", metavar="FILE")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    counts = [int(count) for count in options.events.split(",")]
    views = {name: view for name, view in VIEWS.items() if view[1]} if options.check else VIEWS
    table, broken = measure(counts, views)
    print(table)
    if options.write:
        write(options.write, table)
    for line in broken if options.check else []:
        print("broken promise:", line)
    sys.exit(bool(broken) and options.check)


if __name__ == "__main__":
    main()
