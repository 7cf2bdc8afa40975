#!/usr/bin/env python3
# ctest: labels=long timeout=14400 serial
"""Programs that we did not write end and answer the same untraced, launched under ipctrace, and attached to midway and left.

    real_programs.py [--scale=F] [--repeat=N] [--only=NAME,...] [--ways=NAME,...] [--write=FILE] [--list]

Each program runs N times untraced, and N times each way. What is not the same in all untraced runs is not compared.
--write puts the rows of the programs that ran into the table of FILE; the rows of others stay."""
import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
import traceback

import programs
from services import need
from suite import differences
from ways import ways

BEGIN, END = "<!-- real programs: written by tests/stress/real_programs.py -->", "<!-- end of real programs -->"
ONCE = ("all calls", "json", "strace -f")


class Row:
    """What became of a program: {way: [what was wrong, for each run]}."""

    def __init__(self, kind):
        self.kind, self.found, self.visits, self.unstable, self.n_facts = kind, {}, 0, 0, 0

    def cell(self, way):
        if way not in self.found:
            return "not run"
        wrong = [problems for problems in self.found[way] if problems]
        text = f"{len(self.found[way]) - len(wrong)} of {len(self.found[way])}"
        return text + (f", {self.visits} attaches" if way == "attached and left" else "")

    def line(self, every):
        cells = [self.cell(way.name) for way in every[1:]]
        return f"| {self.kind.title} | {self.kind.what.format(size=self.kind.n())} | {self.n_facts} | {' | '.join(cells)} |"

    def failed(self):
        return [way for way, runs in self.found.items() if way != "strace -f" and any(runs)]


def run(kind, way, folder):
    """One run; returns (facts, problems of the tracer's, what the program said)."""
    one = kind()
    one.way = way
    os.mkdir(folder)
    way.begin(folder)
    try:
        one.setUp()
        facts = one.work()
    except Exception:
        facts = {"status": "an exception", "exception": traceback.format_exc()}
        facts["log"] = "".join(programs.contents(service.log)[-2000:] for service in one.services)
    finally:
        one.doCleanups()
        problems = way.finish()
        shutil.rmtree(folder, ignore_errors=True)
    return facts, problems, one.said


def judge(untraced, facts, problems):
    """What is wrong with a traced run."""
    problems = problems + ([facts["exception"], facts["log"]] if "exception" in facts else [])
    return problems + [line[:600] for line in differences(untraced, {"status": 0, **facts})]


def measure(kind, every, repeat, folder):
    """A program's row, printed as it comes."""
    kind.prepared = os.path.join(folder, "prepared")
    os.mkdir(kind.prepared)
    kind.prepare()
    row, untraced = Row(kind), []
    for way in every:
        row.found[way.name] = []
        for turn in range(1 if way.name in ONCE else repeat):
            begin = time.monotonic()
            facts, problems, said = run(kind, way, os.path.join(folder, "run"))
            if way is every[0]:
                untraced.append({"status": 0, **facts})
                found = problems + ([facts["exception"]] if "exception" in facts else [])
                row.n_facts = sum(1 for name, value in untraced[0].items() if all(each.get(name) == value for each in untraced))
                row.unstable = len(untraced[0]) - row.n_facts
            else:
                found = judge(untraced, facts, problems)
            row.visits += way.visits
            row.found[way.name].append(found)
            print(f"{'FAIL' if found else 'ok'}: {kind.__name__}: {way.name} {turn + 1}: {time.monotonic() - begin:.0f} s"
                  + (f", {way.visits} attaches" if way.is_attached else ""), flush=True)
            for line in found[:20] + ([said] if found and said else []):
                print(f"    {line}", flush=True)
    print(f"{kind.__name__}: {row.n_facts} facts compared, {row.unstable} differ untraced", flush=True)
    return row


def table(rows, every, old):
    """The block of the page: the rows of this run, and of those before that this one did not make."""
    kept = {line.split("|")[1].strip(): line for line in old.splitlines() if line.startswith("| ") and not line.startswith("| program")}
    new = {row.kind.title: row.line(every) for row in rows}
    lines = [f"Linux {platform.uname().release}, {os.cpu_count()} CPUs, Debian 12, {time.strftime('%Y-%m-%d')}; "
             f"load of the machine at the end {os.getloadavg()[0]:.1f}.", "",
             "| program | what it does | facts | " + " | ".join(way.name for way in every[1:]) + " |",
             "|---" * (2 + len(every)) + "|"]
    kept.update(new)
    return "\n".join(lines + [kept[kind.title] for kind in programs.PROGRAMS if kind.title in kept])


def write(path, rows, every):
    text = programs.contents(path)
    head, rest = text.split(BEGIN)
    old, tail = rest.split(END)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{head}{BEGIN}\n{table(rows, every, old)}\n{END}{tail}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="a part of the requests and seconds")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", help="programs, of --list")
    parser.add_argument("--ways", help="ways to run them, of --list")
    parser.add_argument("--write", metavar="FILE")
    parser.add_argument("--list", action="store_true", help="name the programs and the ways")
    options = parser.parse_args()
    every = ways()
    if options.list:
        print("programs:", *(kind.__name__ for kind in programs.PROGRAMS))
        print("ways:", ", ".join(way.name for way in every[1:]))
        return
    chosen = [kind for kind in programs.PROGRAMS if not options.only or kind.__name__ in options.only.split(",")]
    if options.ways and options.write:
        parser.error("a row of the table needs all ways")
    if options.ways:
        every = [way for way in every if way.name in ("untraced", *options.ways.split(","))]
    if not chosen or len(every) < 2:
        parser.error("no such program or way: see --list")
    programs.Program.scale = options.scale
    need(*sorted({package for kind in chosen for package in kind.packages}))
    rows = []
    for kind in chosen:
        with tempfile.TemporaryDirectory(prefix="ipctrace-real-", ignore_cleanup_errors=True) as folder:
            os.chmod(folder, 0o755)
            rows.append(measure(kind, every, options.repeat, folder))
        if options.write:
            write(options.write, rows, every)
    failed = [f"{row.kind.__name__} ({', '.join(row.failed())})" for row in rows if row.failed()]
    if failed:
        sys.exit(f"real_programs.py: not as untraced: {'; '.join(failed)}")


if __name__ == "__main__":
    main()
