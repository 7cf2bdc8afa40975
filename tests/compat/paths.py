"""The calls that -P selects beside those of strace: by each argument of each call, as a path and as a descriptor."""

import os
import re

import compare
from normalise import NEW_NAMES

PROGRAM = os.path.join(os.environ.get("IPCTRACE_BUILD") or os.path.join(compare.TOP, "build"), "tests", "path_cases")
FD = "0x32"
ON_STACK = "0x7ff"
FEWEST = 150


def selected(lines):
    """(call, argument, what it was) of lines as -e raw=all shows them."""
    found = set()
    for line in lines:
        match = re.match(r"(\w+)\((.*?)\)", line)
        for place, value in enumerate(match[2].split(", ") if match else []):
            if value == FD or value.startswith(ON_STACK):
                found.add((match[1], place, "fd" if value == FD else "path"))
    return found


def test():
    sandbox = compare.Sandbox("echo x >file")
    path = os.path.join(sandbox.work, "file")
    texts = []
    try:
        for tracer in (["strace"], compare.default_tracer()):
            run = sandbox.run(tracer, ["-e", "raw=all", "-P", path], [PROGRAM, path])
            texts.append(selected(run[0].raw))
            if run[1] != 0:
                print(f"FAIL: status {run[1]} of {tracer}: {run[3]}")
                return False
    finally:
        sandbox.close()
    old, new = texts
    # Debian's strace 6.1 does not know them.
    new = {one for one in new if one[0] not in NEW_NAMES.values()}
    print(f"{len(old)} arguments selected by strace; missing: {sorted(old - new)}, too many: {sorted(new - old)}")
    return len(old) > FEWEST and old == new
