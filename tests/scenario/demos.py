"""What the tests of the demos share: the variants, and a run in namespaces of its own."""
import os
import re
import subprocess
import tempfile

BUILD = os.environ.get("IPCTRACE_BUILD", ".")
SOURCE = os.environ.get("IPCTRACE_SOURCE", ".")
IPCTRACE = os.environ.get("IPCTRACE", os.path.join(BUILD, "ipctrace"))
DEMOS = os.path.join(BUILD, "demos")
OTHER_USER = 65534
TIMEOUT = 60 * (5 if os.environ.get("IPCTRACE_SANITIZE") else 1)

# In $1 are mqueue and tmp; what the command leaves behind is listed in left. SysV IPC and POSIX queues
# belong to the IPC namespace, /dev/shm is a private mount.
APART = r"""
mount -t tmpfs -o mode=1777 shm /dev/shm && mount -t mqueue mqueue "$1/mqueue" || exit 99
directory=$1
shift
"$@"
status=$?
{
	for kind in msg sem shm; do
		sed "1d; s/^/$kind /" /proc/sysvipc/$kind
	done
	for place in /dev/shm "$directory/mqueue" "$directory/tmp"; do
		find "$place" -mindepth 1
	done
} >"$directory/left"
exit $status
"""


def variants():
    """Every demo and variant as a list of words."""
    listed = subprocess.run([os.path.join(DEMOS, "list"), "--variants"], capture_output=True, text=True, check=True).stdout
    return [line.split("\t")[0].split() for line in listed.splitlines()]


def command(variant):
    return [os.path.join(DEMOS, variant[0]), *variant[1:]]


def traced(variant, trace="/dev/null"):
    # The demo `ptrace` traces a child itself: a seccomp filter of ipctrace's would make that child a tracee of ipctrace's.
    options = ["--no-seccomp"] if variant[0] == "ptrace" else []
    return [IPCTRACE, *options, "-e", "ipc", "-o", trace, *command(variant)]


def as_other_user(words):
    return ["setpriv", f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups", *words]


def unshare():
    """The command that gives namespaces of one's own, None where that is not allowed."""
    words = ["unshare", "--ipc", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--ipc", "--mount"]
    return words if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0 else None


class Run:
    """A command run to its end in a fresh IPC namespace: status, output, and what it left behind."""

    def __init__(self, words, **options):
        with tempfile.TemporaryDirectory(prefix="ipctrace-test-") as directory:
            os.chmod(directory, 0o755)
            for name in ("mqueue", "tmp"):
                os.mkdir(os.path.join(directory, name))
            os.chmod(os.path.join(directory, "tmp"), 0o1777)
            environment = {**os.environ, "TMPDIR": os.path.join(directory, "tmp")}
            done = subprocess.run([*unshare(), "sh", "-c", APART, "sh", directory, *words], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                                  timeout=TIMEOUT, env=environment, check=False, **options)
            self.status, self.output, self.errors = done.returncode, done.stdout.replace(directory, "DIR"), done.stderr
            with open(os.path.join(directory, "left")) as left:
                self.left = left.read().splitlines()

    def story(self):
        """The lines that it told, in an order that does not depend on who was faster, numbers left out."""
        return sorted(re.sub(r"\d+", "N", line) for line in self.output.splitlines())
