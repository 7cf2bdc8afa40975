"""The C files that the lints look at, and how a lint ends."""

import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ("filters", "tracer", "demos", "tests")


def _tracked(top):
    """Paths git knows or would add; None where there is no (usable) repository, as in an unpacked archive."""
    try:
        listing = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", top, "ls-files", "-co", "--exclude-standard", "-z"],
            capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return [path for path in listing.stdout.decode().split("\0") if path]


def _walked(top):
    for folder in FOLDERS:
        for where, _, names in os.walk(os.path.join(top, folder)):
            for name in names:
                yield os.path.relpath(os.path.join(where, name), top)


def c_files(top):
    """Sorted paths, relative to top, of the project's .c and .h files."""
    paths = _tracked(top)
    if paths is None:
        paths = list(_walked(top))
    return sorted(path for path in paths
                  if path.endswith((".c", ".h")) and path.split("/")[0] in FOLDERS
                  and os.path.isfile(os.path.join(top, path)))


def top_from_arguments():
    """The tree to check: the first argument, else the one this file is in."""
    return os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else TOP


def read(top, path):
    with open(os.path.join(top, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def finish(name, count, complaints):
    """Print the complaints and exit: 0 when there are none and something was checked."""
    for complaint in complaints:
        print(complaint)
    print(f"{name}: {count} files checked, {len(complaints)} complaints")
    sys.exit(1 if complaints or not count else 0)
