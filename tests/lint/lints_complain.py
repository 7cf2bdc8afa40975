#!/usr/bin/env python3
"""The lints themselves: each accepts a good small tree and complains about one broken in one way."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
STYLE = os.path.join(os.path.dirname(os.path.dirname(HERE)), ".clang-format")

GOOD = {
    "tracer/base/buffer.h": "int buffer_init(void);\n",
    "tracer/base/buffer.c": '#include "base/buffer.h"\n\nint buffer_init(void)\n{\n\treturn 0;\n}\n',
    "tracer/base/list_core.h": "int list_sort(void);\n",
    "tracer/base/list_sort.c": '#include "base/list_core.h"\n',
    "tracer/decode/value.h": '#include "base/buffer.h"\n\nstruct value {\n\tint kind;\n};\n',
    "tracer/decode/syscalls.c": "#include <seccomp.h>\n",
    "tracer/decode/types/types.h": "int types_msgbuf(void);\n",
    "tracer/decode/types/msg.c": '#include "types.h"\n\n/* clang-format off */\nstatic const int table[] = {\n' + "\t1,\n" * 700 + "};\n",
    "tracer/capture/ptrace_loop.c": "#include <sys/ptrace.h>\n",
    "tracer/stack/unwind.c": "#include <libunwind-ptrace.h>\n",
    "tests/unit/test_any.c": '#include "decode/value.h"\n',
}
LONG_FUNCTION = "static int long_one(int a)\n{\n" + "\ta++;\n" * 70 + "}\n"

# What each lint must complain about: lint, path, text, words of the complaint.
BROKEN = [
    ("layers.py", "tracer/base/list.c", '#include "decode/value.h"\n', "base may not include decode"),
    ("layers.py", "tracer/decode/x.c", '#include "../capture/capture.h"\n', "no file of the project"),
    ("layers.py", "tracer/decode/y.c", "#include <sys/ptrace.h>\n", "<sys/ptrace.h> is not for this place"),
    ("layers.py", "tracer/cli/z.c", "#include <libunwind.h>\n", "<libunwind.h> is not for this place"),
    ("layers.py", "tracer/decode/decode.c", "#include <seccomp.h>\n", "<seccomp.h> is not for this place"),
    ("layers.py", "demos/pipe.c", '#include "base/buffer.h"\n', "demos may not include base"),
    ("layers.py", "tracer/base/orphan.h", "void *orphan_make(int n,\n\t\t  int m);\n", "declares orphan_make()"),
    ("layers.py", "tracer/event/a.c", '#include "base/list_core.h"\n', "is private to tracer/base/"),
    ("sizes.py", "tracer/base/long.c", "static int x;\n" * 601, "601 lines"),
    ("sizes.py", "tracer/base/fat.c", LONG_FUNCTION, "long_one() has 73 lines"),
    ("format.py", "tracer/base/spaces.c", "int  spaces;\n", "spaces.c"),
]


def run(lint, files):
    """(exit status, output) of a lint on a tree of these files."""
    with tempfile.TemporaryDirectory() as top:
        for path, text in files.items():
            os.makedirs(os.path.join(top, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(top, path), "w", encoding="utf-8") as file:
                file.write(text)
        with open(STYLE, encoding="utf-8") as source, open(os.path.join(top, ".clang-format"), "w",
                                                           encoding="utf-8") as target:
            target.write(source.read())
        result = subprocess.run([sys.executable, os.path.join(HERE, lint), top], capture_output=True, text=True,
                                check=False)
        return result.returncode, result.stdout + result.stderr


def main():
    failures = []
    for lint in ("layers.py", "sizes.py", "format.py"):
        status, output = run(lint, GOOD)
        if status == 77:
            print(output)
            sys.exit(77)
        if status != 0:
            failures.append(f"{lint} does not accept the good tree:\n{output}")
    for lint, path, text, words in BROKEN:
        status, output = run(lint, {**GOOD, path: text})
        if status != 1 or words not in output or "1 complaints" not in output:
            failures.append(f"{lint} does not say \"{words}\" of {path} (status {status}):\n{output}")
    print("\n".join(failures) or f"{len(BROKEN)} broken trees, each noticed")
    sys.exit(1 if failures else 0)


main()
