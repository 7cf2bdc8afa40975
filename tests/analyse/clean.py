#!/usr/bin/env python3
# ctest: timeout=1800 labels=long
"""cppcheck and clang's static analyser find nothing in tracer/, filters/ and demos/."""
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("IPCTRACE_BUILD") or os.path.join(TOP, "build")
FOLDERS = ("tracer", "filters", "demos")
SKIPPED = 77

# What system headers say that cppcheck has to know; it is not shown them, for it understands few.
CPPCHECK_KNOWS = """
#define __x86_64__ 1
#define __LP64__ 1
#define _GNU_SOURCE 1
#define IPCTRACE_VERSION ""
#define HASH_ITER(hh, head, el, tmp) for ((el) = (head), (tmp) = next_of(el); (el); (el) = (tmp), (tmp) = next_of(el))
#define HASH_FIND(hh, head, key, len, out) (out) = find(head, key, len)
#define HASH_FIND_INT(head, key, out) (out) = find(head, key)
#define HASH_FIND_STR(head, key, out) (out) = find(head, key)
"""
CPPCHECK_SUPPRESSED = [
    "missingIncludeSystem",         # see above
    "unknownEvaluationOrder",       # { .fd = { .fd = fd } } initialises a member, it assigns nothing
    "internalAstError",             # its parser's own failure, on a conditional with a compound literal
    "ctuuninitvar:tracer/cli/options_table.c",  # the argument is what the function fills
    "preprocessorErrorDirective:tracer/decode/specs/*",  # its preprocessor does not know IPC()'s variable arguments
]


# What clang's analyser has to know.
CLANG_KNOWS = """
#include <errno.h>
#undef errno
/* After a failure it is an error, never 0. */
static inline int *known_errno(void)
{
	int *error = __errno_location();

	if (*error <= 0)
		__builtin_unreachable();
	return error;
}
#define errno (*known_errno())

/* How uthash unlinks is beyond it: it takes what was freed to be still there. */
#include "base/hash.h"
#undef HASH_DEL
#define HASH_DEL(head, el) ((head) = (head) == (el) ? (void *)(el)->hh.next : (void *)(head))
"""


def commands():
    """The compilations of our folders: (file, words)."""
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            if os.path.relpath(entry["file"], TOP).split(os.sep)[0] in FOLDERS:
                yield entry["file"], entry["directory"], shlex.split(entry["command"])


def analyse(entry, known):
    """What clang's analyser says about a file."""
    file, folder, words = entry
    if os.path.basename(words[0]) == "ccache":
        words = words[1:]
    kept = [word for word in words[1:] if word.startswith(("-I", "-D", "-std", "-isystem"))]
    done = subprocess.run(["clang", "--analyze", "--analyzer-output", "text", "-Xclang", "-analyzer-werror", f"-I{TOP}/tracer",
                           "-include", known, *kept, file],
                          cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def cppcheck():
    with tempfile.NamedTemporaryFile("w", suffix=".h") as known:
        known.write(CPPCHECK_KNOWS)
        known.flush()
        done = subprocess.run(["cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability",
                               "--inline-suppr", "--error-exitcode=1", "-Itracer", "-I.", f"--include={known.name}",
                               *(f"--suppress={name}" for name in CPPCHECK_SUPPRESSED), *FOLDERS],
                              cwd=TOP, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def main():
    missing = [tool for tool in ("cppcheck", "clang") if not shutil.which(tool)]
    if missing:
        print("skipped: not installed:", *missing)
        sys.exit(SKIPPED)
    files = list(commands())
    with ThreadPoolExecutor(2) as pool, tempfile.NamedTemporaryFile("w", suffix=".h") as known:
        known.write(CLANG_KNOWS)
        known.flush()
        others = pool.submit(cppcheck)
        found = list(pool.map(lambda entry: analyse(entry, known.name), files))
        found.append(others.result())
    said = [text for text in found if text.strip()]
    print(*said, sep="")
    print(f"{len(files)} files analysed, {len(said)} with findings")
    sys.exit(1 if said or len(files) < 100 else 0)


if __name__ == "__main__":
    main()
