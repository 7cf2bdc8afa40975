#!/usr/bin/env python3
# ctest: timeout=600
"""A replay gives what was shown live, byte for byte, where nothing of the machine that recorded is to be had."""
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest

import demos

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))

import tracing  # noqa: E402

NUM_PARALLEL = 4
VIEWS = {
    "text": ["--explain", "-tt", "-T", "-v", "--objects", "--leaks"],
    "json": ["--explain", "--format=json", "--objects", "--leaks"],
}
SKIPPED = 77
# What is traced, where that is not class ipc of all processes: whoever sees less may not be surer when it is shown again.
NARROW = [
    ["-e", "trace=read,readv,recvfrom,recvmsg,msgrcv,mq_timedreceive"],
    ["-e", "trace=write,writev,sendto,sendmsg,msgsnd,mq_timedsend,futex,semop,semtimedop"],
    ["-e", "trace=%desc"],
    ["-e", "trace=!close,dup2,fcntl,pipe2,socketpair,unlink,mq_unlink,msgctl,semctl,shmctl"],
    ["-e", "ipc", "-e", "trace-fds=3,4"],
    ["-e", "ipc", "--no-follow"],
    ["-e", "ipc", "--no-state"],
    ["-e", "ipc", "--no-peers"],
]


def elsewhere(words):
    """The command where other processes, mounts, IPC objects, users, times and places are to be seen."""
    apart = ["unshare", "--ipc", "--mount", "--pid", "--net", "--uts", "--fork", "--mount-proc"] if os.geteuid() == 0 else []
    environment = {"PATH": "/usr/bin:/bin", "TZ": "Pacific/Kiritimati", "HOME": "/", "TERM": "vt100", "LC_ALL": "tr_TR.UTF-8", "COLUMNS": "40"}
    if apart:
        words = demos.as_other_user(words)
    return subprocess.run([*apart, *words], cwd="/", env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=demos.TIMEOUT,
                          check=False)


def first_difference(live, again):
    """What is wrong with what was shown again, None if nothing is."""
    with open(live, "rb") as one, open(again, "rb") as other:
        for number, (a, b) in enumerate(zip(one.read().split(b"\n") + [None], other.read().split(b"\n") + [None]), 1):
            if a != b:
                return f"line {number}:\n  live:   {a}\n  replay: {b}"
    return None


def compare(variant, view, zone="UTC", narrow=()):
    """What is wrong with the replay of a variant, None if nothing is. It is not told how narrow the trace was."""
    with tempfile.TemporaryDirectory(prefix="ipctrace-replay-") as folder:
        os.chmod(folder, 0o777)
        live, record, again = (os.path.join(folder, name) for name in ("live", "record", "again"))
        trace = demos.traced(variant, live)
        trace[1:1] = [*VIEWS[view], f"--record={record}", "--hang=0.2"]
        trace[trace.index("-o"):trace.index("-o")] = narrow
        apart = ["unshare", "--ipc"] if os.geteuid() == 0 else []
        done = subprocess.run([*apart, *trace], stdin=subprocess.DEVNULL, capture_output=True, timeout=demos.TIMEOUT, check=False,
                              env={**os.environ, "TMPDIR": folder, "TZ": zone})
        if done.returncode == SKIPPED:
            return None
        os.chmod(record, 0o644)
        replayed = elsewhere([demos.IPCTRACE, *VIEWS[view], "-o", again, f"--replay={record}"])
        if replayed.returncode or replayed.stderr:
            return f"{variant} {view} {narrow}: {replayed.returncode} {replayed.stderr}"
        if os.path.getsize(live) < 100 and not narrow:
            return f"{variant} {view}: no trace: {done.stderr}"
        wrong = first_difference(live, again)
        return wrong and f"{variant} {view} {narrow}, {wrong}"


class Replay(unittest.TestCase):
    maxDiff = None

    def check_all(self, cases):
        """Each of the cases is a list of arguments of compare()."""
        with concurrent.futures.ThreadPoolExecutor(NUM_PARALLEL) as pool:
            wrong = list(filter(None, pool.map(lambda case: compare(*case), cases)))
        self.assertEqual(wrong, [], "\n".join(wrong))

    def check(self, variants, view, zone="UTC"):
        self.check_all([variant, view, zone] for variant in variants)

    def test_every_demo_as_text(self):
        variants = demos.variants()
        self.assertGreater(len(variants), 100)
        self.check(variants, "text")

    def test_every_demo_as_json(self):
        self.check(demos.variants(), "json")

    def test_who_saw_little_is_not_surer_later(self):
        # Each demo with each of the filters, its variants in turn, and texts and JSON.
        names = {}
        for variant in demos.variants():
            names.setdefault(variant[0], []).append(variant)
        self.check_all([variants[i % len(variants)], "json" if (number + i) % 3 == 0 else "text", "UTC", narrow]
                       for number, variants in enumerate(names.values()) for i, narrow in enumerate(NARROW))

    def test_local_time_is_that_of_the_recording(self):
        for zone in ("Europe/Berlin", "America/St_Johns", ":Asia/Kathmandu", "XYZ-5:30", "", "<-03>3"):
            with self.subTest(zone):
                self.check([["pipe"]], "text", zone)


class Damage(unittest.TestCase):
    """Everything up to the damage is shown, then what is wrong is said, and the status is not 0."""

    def check(self, data, says, folder):
        bad, out = os.path.join(folder, "bad"), os.path.join(folder, "out")
        with open(bad, "wb") as file:
            file.write(data)
        done = subprocess.run([demos.IPCTRACE, "-o", out, f"--replay={bad}"], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 1 if says else 0, done.stderr)
        self.assertRegex(done.stderr, rf"\A\S+: {bad}: .*({says}).*\n\Z" if says else r"\A\Z")
        with open(out, "rb") as file:
            return file.read()

    def test_ipctrace_was_killed(self):
        with tempfile.TemporaryDirectory(prefix="ipctrace-replay-") as folder:
            record = os.path.join(folder, "record")
            code = "import os, sys\nr, w = os.pipe()\nfor i in range(2000): os.write(w, b'%d' % i); os.read(r, 9)\nprint('ready', flush=True)\ninput()"
            with subprocess.Popen([demos.IPCTRACE, "-o", "/dev/null", f"--record={record}", sys.executable, "-c", code], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE) as tracer:
                self.assertEqual(tracer.stdout.readline(), b"ready\n")
                tracer.send_signal(signal.SIGKILL)
                tracer.wait(60)
            with open(record, "rb") as file:
                shown = self.check(file.read(), "cut off in block|ended without its end mark", folder)
            self.assertGreater(shown.count(b"write("), 100)

    def test_a_file_that_is_cut_or_changed(self):
        with tempfile.TemporaryDirectory(prefix="ipctrace-replay-") as folder:
            live, record = os.path.join(folder, "live"), os.path.join(folder, "record")
            code = "import os\nr, w = os.pipe()\nfor i in range(2000): os.write(w, b'%d' % i); os.read(r, 9)"
            subprocess.run([demos.IPCTRACE, "-o", live, f"--record={record}", sys.executable, "-c", code], check=True, timeout=60)
            with open(live, "rb") as a, open(record, "rb") as b:
                shown, data = a.read(), b.read()
            self.assertEqual((self.check(data, None, folder), data.count(b"IBLK") > 2), (shown, True))
            half = len(data) // 2
            for bad, says in ((data[:-1], "cut off in block"), (data[:half], "cut off in block"), (data[:30], "header is damaged"),
                              (data[:3], "not a trace"), (data[:half] + bytes([data[half] ^ 1]) + data[half + 1:], "damaged in block")):
                again = self.check(bad, says, folder)
                self.assertTrue(shown.startswith(again[:-1]), says)
                self.assertEqual(len(again) > len(shown) // 3, "block" in says)
            blocks = [match.start() for match in re.finditer(b"IBLK", data)]
            for number, at in enumerate(blocks):
                again = self.check(data[:at], rf"ended without its end mark: ipctrace was killed or the file was cut; \d+ events", folder)
                self.assertTrue(shown.startswith(again[:-1]), number)
                self.assertEqual(again == shown, number == len(blocks) - 1)
            self.check(data + data, "damaged in block", folder)


class Machine(unittest.TestCase):
    """A replay takes nothing from where it is: its own calls show that."""

    # What it may open: its libraries, what it was told to, and a name for local time that is nowhere. Also the local time
    # of here: once it knows that the record has another one it may open nothing any more.
    OPENED = re.compile(r"/usr/share/zoneinfo/Asia/Kathmandu|/etc/ld\.so\.(cache|preload)|"
                        r"/(usr/)?lib\S*/lib\w[\w.+-]*\.so[.\d]*|/dev/null(/\S*)?")
    # Who, where and when this is; processes, System V, sockets. Only what it may do (capget) it has to ask, to give that
    # up. As long as it has the record: as whom it opens its output is another matter.
    FORBIDDEN = re.compile(r"uname|gethost|sethost|get.?.?[ug]id|getgroups|sched_getaffinity|getcwd|ptrace|process_vm_|kcmp|pidfd|socket|connect|bind|"
                           r"(msg|sem|shm)(get|ctl)|mq_|readlink|getdents|clone|fork|kill|wait|setns|unshare|getpriority")

    def test_what_it_asks_the_kernel_for(self):
        with tempfile.TemporaryDirectory(prefix="ipctrace-replay-") as folder:
            live, record, again, calls = (os.path.join(folder, name) for name in ("live", "record", "again", "calls"))
            view = ["-tt", "-C", "--why", *VIEWS["text"]]
            subprocess.run([demos.IPCTRACE, *view, "-o", live, f"--record={record}", *demos.command(["unix-stream"])], check=True, timeout=60,
                           stdout=subprocess.DEVNULL, env={**os.environ, "TZ": "GMT0"})
            subprocess.run([demos.IPCTRACE, "--strace", "-f", "-o", calls, demos.IPCTRACE, *view, "-o", again, f"--replay={record}"], check=True,
                           timeout=60, env={"PATH": "/usr/bin:/bin", "TZ": "Asia/Kathmandu", "ASAN_OPTIONS": "detect_leaks=0"})
            self.assertIsNone(first_difference(live, again))
            with open(calls) as file:
                made = re.findall(r"(?m)^\d+ +(\w+)\((.*)$", file.read())
        self.assertGreater(len(made), 30)
        has_record = False
        with open(demos.IPCTRACE, "rb") as file:
            sanitizers = r"/proc/self/\w+" if b"__asan_init" in file.read() else "(?!)"
        for name, arguments in made:
            has_record |= name == "openat" and record in arguments
            self.assertFalse(has_record and self.FORBIDDEN.match(name), f"{name}({arguments}")
            path = re.search(r'"([^"]*)"', arguments) if re.match(r"open|stat|access|newfstatat|statx|faccess|lstat", name) else None
            if path and path[1] not in (record, again, ""):
                self.assertRegex(path[1], rf"\A({self.OPENED.pattern}|{sanitizers}|{re.escape(folder)})\Z", f"{name}({arguments}")
        self.assertTrue(has_record)

    def test_the_state_that_was_asked_for_is_shown_again(self):
        code = "import os, sys\nr, w = os.pipe()\nos.write(w, b'x')\nprint('ready', flush=True)\nos.read(r, 1)\nsys.stdin.readline()"
        with tempfile.TemporaryDirectory(prefix="ipctrace-replay-") as folder:
            live, record, again = (os.path.join(folder, name) for name in ("live", "record", "again"))
            with subprocess.Popen([demos.IPCTRACE, "-o", live, f"--record={record}", sys.executable, "-c", code], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE) as tracer:
                self.assertEqual(tracer.stdout.readline(), b"ready\n")
                tracer.send_signal(signal.SIGUSR1)
                tracing.wait_until(lambda: self.has_objects(live), "the list of objects")
                tracer.communicate(b"go\n")
            subprocess.run([demos.IPCTRACE, "-o", again, f"--replay={record}"], check=True, timeout=60)
            self.assertIsNone(first_difference(live, again))

    @staticmethod
    def has_objects(path):
        with open(path) as file:
            return re.search(r"(?m)^pipe:\d+ inode \d+, made by PID", file.read())


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=sys.argv)
