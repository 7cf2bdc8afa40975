#!/usr/bin/env python3
# ctest: timeout=300 labels=engine
"""Whatever happens at whichever ptrace or wait call, nobody hangs, nobody is left behind, and the trace is balanced.

    test_steps.py            as many runs as STEP_SECONDS (60) allow, scattered over all scenarios, acts and calls
    test_steps.py --all      every call of every scenario with every act
    test_steps.py RUN...     these: "threads/plain KILL_AT=17", as failures are told

STEP_SEED: another choice; STEP_MATCH: only scenarios whose name matches; STEP_TRACER: another build of ipctrace_step;
STEP_WORKERS: processes (2); STEP_KEEP: a directory for the files of the runs that failed."""
import errno
import os
import random
import re
import sys
import tempfile
import time

import steps

SEED = int(os.environ.get("STEP_SEED", "4"))
SECONDS = float(os.environ.get("STEP_SECONDS", "60"))


def asked_for(scenarios, text):
    """The job that a failure's first words name."""
    found = re.fullmatch(r"(\S+) ([A-Z]+)_AT=(\d+)((?::E\w+)*)", text)
    errors = tuple(getattr(errno, name) for name in found[4].split(":")[1:])
    return next(scenario for scenario in scenarios if scenario.name == found[1]), found[2], int(found[3]), errors


def every(scenarios):
    return [job for scenario in scenarios for act in steps.ACTS
            for job in steps.jobs_of(scenario, act, range(1, scenario.n + 1))]


def scattered(scenarios, generator):
    """Each scenario with each act in turn, at calls that are left to chance; more than there is time for."""
    found = []
    for _ in range(40):
        one_round = [job for scenario in scenarios for act in steps.ACTS
                     for job in steps.jobs_of(scenario, act, [generator.randint(1, scenario.n)])]
        generator.shuffle(one_round)
        found += one_round
    return found


def main():
    is_all = "--all" in sys.argv[1:]
    wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
    scenarios = [one for one in steps.all_scenarios() if re.search(os.environ.get("STEP_MATCH", ""), one.name)]
    steps.become_subreaper()
    steps.end_in_order()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ipctrace-steps-") as room:
        failures = steps.measure(scenarios, room)
    for failure in failures:
        print("FAILED undisturbed:", failure)
    scenarios = [one for one in scenarios if one.n]
    if wanted:
        jobs = [asked_for(scenarios, text) for text in wanted]
    else:
        jobs = every(scenarios) if is_all else scattered(scenarios, random.Random(SEED))
    seconds = float("inf") if is_all or wanted else SECONDS
    n_done, n_fired, found = steps.sweep(jobs, seconds)
    failures += found
    print(f"{len(scenarios)} scenarios, seed {SEED}: {n_done} runs in {time.monotonic() - begin:.0f} s, {n_fired} of them met "
          f"their call; {len(failures)} failed")
    # A sweep that meets nothing tests nothing.
    sys.exit(bool(failures) or n_fired < n_done / 2 or not n_done)


if __name__ == "__main__":
    main()
