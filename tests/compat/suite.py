#!/usr/bin/env python3
"""The compat tests by name: suite.py --list, suite.py NAME... (as program.ls, option.y, class.file, demo.pipe)."""

import os
import subprocess
import sys
import tempfile

import compare
import paths
import programs
import summary
from normalise import NEW_NAMES

BUILD = os.environ.get("IPCTRACE_BUILD") or os.path.join(compare.TOP, "build")
EVERY_CALL = os.path.join(BUILD, "tests", "every_call")
SKIPPED = 77
NOT_COMPARABLE = {"compare"}    # a benchmark: how much is read at once, and what it prints, is never the same

# strace, whose trace is then edited by sed. No shell, which would add to the environment.
FAKE_TRACER = """
import subprocess, sys
status = subprocess.run(["strace", *sys.argv[2:]]).returncode
subprocess.run(["sed", "-i", sys.argv[1], sys.argv[sys.argv.index("-o") + 1]], check=True)
sys.exit(status)
"""


def demo_names():
    folder = os.path.join(compare.TOP, "demos")
    return sorted({name[:-2] for name in os.listdir(folder) if name.endswith(".c")} - NOT_COMPARABLE)


def names():
    """Every test; what the build registers with ctest."""
    return ([f"program.{row[0]}" for row in programs.PROGRAMS] + ["program.every_call"] +
            [f"option.{name}" for name in programs.OPTIONS] +
            ["class." + name.replace("%", "p_") for name in programs.CLASSES] +
            [f"summary.{row[0]}" for row in summary.SUMMARIES] +
            [f"demo.{name}" for name in demo_names()] + ["paths.every_argument", "harness.complains"])


def test_program(name):
    if name == "every_call":
        # Arguments of all ones show every flag there is, and strace 6.1 lacks the newest: names and results only.
        return compare.report(name, compare.compare([EVERY_CALL], decoded=set()))
    prepare, command = next(row[1:] for row in programs.PROGRAMS if row[0] == name)
    return compare.report(name, compare.compare(command, prepare=prepare))


def test_option(name):
    prepare, command = programs.OPTION_PROGRAM
    options = programs.OPTIONS[name]
    return compare.report(" ".join(options), compare.compare(command, options, prepare=prepare, min_stable=0.3))


def test_class(name):
    """The calls that `-e trace=CLASS` selects, of a program that makes them all."""
    name = name.replace("p_", "%")
    selected = []
    sandbox = compare.Sandbox()
    for tracer in (["strace"], compare.default_tracer()):
        trace, status, _, errors = sandbox.run(tracer, ["-f", "-e", f"trace={name}"], [EVERY_CALL])
        if status != 0:
            print(f"FAIL: status {status} of {tracer}: {errors}")
            return False
        selected.append({call for call in trace.call_names() if not call.startswith("syscall_")})
    sandbox.close()
    # Debian's strace 6.1 shows a call it has no name for whatever the class.
    old, new = selected
    old -= set(NEW_NAMES.values())
    old |= set(programs.CLASSES[name].split())
    print(f"{name}: {len(old)} calls selected by strace; missing: {sorted(old - new)}, too many: {sorted(new - old)}")
    return bool(old) and old == new


def can_not_run(command):
    with tempfile.TemporaryDirectory() as folder:
        status = subprocess.run([*compare.ISOLATION, *command], env={**compare.ENVIRONMENT, "TMPDIR": folder}, timeout=60,
                                stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode
        return status == SKIPPED


def test_demo(name):
    """A demo with each of its variants; a variant that this machine cannot run is left out."""
    program = os.path.join(BUILD, "demos", name)
    listing = subprocess.run([program, "--variants"], capture_output=True, text=True, check=True).stdout
    good, ran = True, 0
    for line in listing.splitlines():
        words = line.split("\t")[0].split()
        command = [program, *words[1:]]
        if "--leak" in words and "unshare" not in compare.ISOLATION:
            print(f"skipped, nobody would remove what it leaves: {' '.join(words)}")
            continue
        if can_not_run(command):
            print(f"skipped: {' '.join(words)}")
            continue
        ran += 1
        good &= compare.report(" ".join(words), compare.compare(command, min_stable=0.3))
    return good if ran else None


def test_summary(name):
    return summary.test(name)


def test_paths(_):
    return paths.test()


def test_harness(_):
    """The comparison itself: it accepts strace, and notices each change to its text."""
    edits = [
        ("", True), ("/^[0-9]*  *close(3)/d", False), ("s/O_CLOEXEC/O_CLOEXE/", False), ("s/exited with 0/exited/", False),
        ("s/) = 3$/)  = 3/", False), ("s/^\\([0-9]*\\)  *close(4).*/&\\n&/", False), ("s/ENOENT/EPERM/", False),
        ("s/prlimit64(0/prlimit64(1/", True), ("s/prlimit64/prlimit/", False), ("s/= 0$/= 1/", False),
        ("s/SIGCHLD {/SIGCHLD  {/", False),
    ]
    good = True
    for edit, expected in edits:
        fake = [sys.executable, "-c", FAKE_TRACER, edit]
        result = compare.compare(["find", "d", "-name", "a*", "-exec", "cat", "{}", ";"], tracer=fake,
                                 prepare=programs.FILES)
        if bool(result.problems) == expected:
            good = False
            print(f"FAIL: sed '{edit}': {len(result.problems)} differences, "
                  f"{'none' if expected else 'some'} expected; {result.problems[:3]}")
    print(f"{len(edits)} edits tried")
    return good


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(names()))
        return
    results = []
    for test in sys.argv[1:]:
        kind, name = test.split(".", 1)
        results.append(globals()["test_" + kind](name))
    if all(result is None for result in results):
        sys.exit(SKIPPED)
    sys.exit(0 if all(result is not False for result in results) else 1)


main()
