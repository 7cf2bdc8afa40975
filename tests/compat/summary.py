"""The tables of `--strace -c` beside strace's: the same rows, counts, errors, order, widths and words; times are
compared by their form. A row that differs between runs of strace itself has to be there, and no more."""

import os
import re

import compare
import programs

HEADER_32 = "System call usage summary for "
ALL_COLUMNS = "time-percent,total-time,min-time,max-time,avg-time,calls,errors,name"
NAMES = ["-S", "name"]
TIMES = {"% time": r"\d+\.\d\d", "seconds": r"\d+\.\d{6}", "shortest": r"\d+\.\d{6}", "longest": r"\d+\.\d{6}",
         "usecs/call": r"\d+"}
PROGRAM_32 = os.path.join(os.environ.get("IPCTRACE_BUILD") or os.path.join(compare.TOP, "build"), "tests", "blocked_i386")
LS = ["ls", "-laR", "."]
FAILING = ["cat", "d/a", "missing", "d"]

# The name of the test, what prepares the folder, the command, the options behind -c.
SUMMARIES = [
    *[(f"program_{name}", prepare, command, ["-f", *NAMES]) for name, prepare, command in programs.PROGRAMS
      if name in ("ls", "cat", "sh_pipeline", "find", "tar", "perl", "python3", "python3_threads", "git_status", "make")],
    ("not_following", "", ["sh", "-c", "(exit 3); /bin/true; exit 5"], NAMES),
    ("by_calls", programs.FILES, LS, ["-S", "calls"]),
    ("by_count", programs.FILES, LS, ["-Scount", "-U", "calls,errors"]),
    ("by_errors", programs.FILES, FAILING, ["--summary-sort-by=error"]),
    ("by_number", programs.FILES, LS, ["-S", "nothing"]),
    ("all_columns", programs.FILES, FAILING, [*NAMES, "-U", ALL_COLUMNS]),
    ("columns_backwards", programs.FILES, FAILING, [*NAMES, "-U", ",".join(reversed(ALL_COLUMNS.split(",")))]),
    ("errors_last", programs.FILES, FAILING, [*NAMES, "--summary-columns=syscall,error"]),
    ("wall", "", ["sleep", "0.01"], [*NAMES, "-w", "-U", ALL_COLUMNS]),
    ("overhead", "", ["true"], [*NAMES, "-w", "-O", "1000s", "-U", ALL_COLUMNS]),
    ("subset", programs.FILES, FAILING, [*NAMES, "-e", "trace=%file,read"]),
    ("seccomp", programs.FILES, FAILING, [*NAMES, "-f", "--seccomp-bpf", "-e", "trace=%file,read"]),
    ("status_counts_all", programs.FILES, FAILING, [*NAMES, "-Z"]),
    ("nothing_traced", "", ["true"], ["-e", "trace=kill"]),
    ("killed", "", ["sh", "-c", "kill -KILL $$"], NAMES),
    ("not_executable", "", ["/etc/passwd"], NAMES),
    ("useless_options", "", ["true"], [*NAMES, "-ikrtTny"]),
    ("two_modes", "", ["sh", "-c", f"{PROGRAM_32} 2>/dev/null; exec true"], ["-f", *NAMES]),
]


def split_row(line, rule):
    """The cells of a line, by where the rule has its dashes; the last one is as long as it is."""
    ends = [match.end() for match in re.finditer("-+", rule)]
    starts = [0, *[end + 1 for end in ends[:-1]]]
    return [line[start:end] for start, end in zip(starts, [*ends[:-1], None])]


def read_tables(lines):
    """{title: (head, rule, rows, total)} of lines; a row is its cells with T for a time; None if they are no tables."""
    tables = {}
    at = 0
    while at < len(lines):
        title = lines[at] if lines[at].startswith(HEADER_32) else ""
        at += title != ""
        if len(lines) < at + 5 or not re.fullmatch("[- ]+", lines[at + 1]):
            return None
        head, rule = lines[at], lines[at + 1]
        names = [cell.strip() for cell in split_row(head, rule)]
        end = lines.index(rule, at + 2)
        rows = []
        for line in lines[at + 2:end] + [lines[end + 1]]:
            cells = split_row(line, rule)
            for place, name in enumerate(names):
                if name in TIMES:
                    if not re.fullmatch(TIMES[name], cells[place].strip()) or cells[place] != cells[place].strip().rjust(
                            len(cells[place])):
                        return None
                    cells[place] = "T"
            rows.append(tuple(cells))
        tables[title] = head, rule, rows[:-1], rows[-1]
        at = end + 2
    return tables


def name_of(row, head, rule):
    place = [cell.strip() for cell in split_row(head, rule)].index("syscall")
    return row[place].strip()


def compare_tables(oracle, tested):
    """What is wrong with the tested tables against those of all of strace's runs: a list of lines."""
    if list(tested) != list(oracle[0]):
        return [f"tables {list(oracle[0])}, not {list(tested)}"]
    problems = []
    for title, (head, rule, rows, total) in tested.items():
        runs = [run[title] for run in oracle]
        if (head, rule) not in [run[:2] for run in runs]:
            problems.append(f"{title}: head {head!r}")
        if all(run == runs[0] for run in runs):
            if (rows, total) != runs[0][2:]:
                problems += [f"-{row}" for row in runs[0][2] + [runs[0][3]] if row not in rows + [total]]
                problems += [f"+{row}" for row in rows + [total] if row not in runs[0][2] + [runs[0][3]]]
                problems += [] if problems else ["the order is another"]
            continue
        names = {name_of(row, head, rule) for row in rows}
        for row in set.intersection(*[set(run[2]) for run in runs]) - set(rows):
            problems.append(f"-{row}")
        for name in set.intersection(*[{name_of(row, head, rule) for row in run[2]} for run in runs]) - names:
            problems.append(f"no {name}")
        for name in names - set.union(*[{name_of(row, head, rule) for row in run[2]} for run in runs]):
            problems.append(f"{name} too many")
    return problems


def without_program(text):
    """Standard error without the tracer's name and with the same pid for all."""
    return re.sub(r"Process \d+ attached", "Process N attached", re.sub(r"^[^:\n]*: ", "", text, flags=re.MULTILINE))


def compare_round(oracle, tested, is_empty):
    """The problems of one run of the tracer; runs as of Sandbox.run. is_empty: strace has nothing to tell."""
    tables = [read_tables(run[0].raw) for run in [*oracle, tested]]
    if None in tables[:-1] or bool(tables[0]) == is_empty:
        raise ValueError("strace's own table is not understood")
    if tables[-1] is None:
        return ["no tables: " + compare.short("\n".join(tested[0].raw))]
    problems = compare_tables(tables[:-1], tables[-1])
    for number, what in ((1, "status"), (2, "standard output"), (3, "standard error")):
        told = [without_program(str(run[number])) for run in oracle]
        if len(set(told)) == 1 and without_program(str(tested[number])) != told[0]:
            problems.append(f"{what}: strace {compare.short(told[0])}, not {compare.short(str(tested[number]))}")
    return problems


def test(name):
    """Run one of SUMMARIES; a problem counts when it is there in every round."""
    prepare, command, options = next(row[1:] for row in SUMMARIES if row[0] == name)
    if name == "two_modes" and not os.path.exists(PROGRAM_32):
        print("skipped: no 32-bit programs here")
        return None
    sandbox = compare.Sandbox(prepare)
    oracle, problems = [], []
    try:
        for round_number in range(compare.ROUNDS):
            while len(oracle) < 2 + round_number:
                oracle.append(sandbox.run(["strace"], ["-c", *options], command))
            tested = sandbox.run(compare.default_tracer(), ["-c", *options], command)
            problems = compare_round(oracle, tested, name == "nothing_traced")
            if not problems:
                break
    finally:
        sandbox.close()
    print(f"{'FAIL' if problems else 'ok'}: -c {' '.join(options)} {' '.join(command)}: {len(tested[0].raw)} lines")
    print("\n".join(problems))
    return not problems
