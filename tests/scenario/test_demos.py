#!/usr/bin/env python3
# ctest: timeout=180
"""Every demo and variant does what it claims: traced or not, as any user, all at once; and leaves nothing behind."""
import concurrent.futures
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import demos  # noqa: E402
import tracing  # noqa: E402

SKIPPED = 77
NUM_PARALLEL = 6
SYS_WRITE = 1

# Each has made what it would leave behind before it says something for the first time.
OWNERS = ("sysv-msg", "sysv-msg --ftok", "sysv-msg-limits", "sysv-sem --setval", "sysv-sem-set --nowait", "sysv-shm --addresses",
          "posix-mq", "posix-shm", "posix-sem --named", "fifo", "file-lock", "inotify", "mmap-shared --file", "splice",
          "unix-stream --refused", "everything")


def name(variant):
    return " ".join(variant)


class Demos(unittest.TestCase):
    def each(self, check, variants=None):
        """Run a check for all variants, several at a time; all failures are reported."""
        variants = demos.variants() if variants is None else variants
        with concurrent.futures.ThreadPoolExecutor(NUM_PARALLEL) as pool:
            futures = {name(variant): pool.submit(check, variant) for variant in variants}
        for what, future in futures.items():
            with self.subTest(what):
                future.result()

    def assert_done(self, variant, run):
        self.assertIn(run.status, (0, SKIPPED), f"{name(variant)}: {run.output}{run.errors}")
        if "--leak" not in variant:
            self.assertEqual(run.left, [], f"left behind by {name(variant)}")

    def test_a_trace_changes_neither_output_nor_status(self):
        def check(variant):
            plain, traced = demos.Run(demos.command(variant)), demos.Run(demos.traced(variant))
            self.assert_done(variant, plain)
            self.assertEqual(plain.status, traced.status, f"{name(variant)}: {traced.output}{traced.errors}")
            self.assert_done(variant, traced)
            if variant[0] != "compare":
                self.assertEqual(plain.story(), traced.story(), name(variant))

        self.each(check)

    @unittest.skipIf(os.geteuid() != 0, "cannot become another user")
    def test_another_user_can_run_and_trace_them(self):
        def check(variant):
            run = demos.Run(demos.as_other_user(demos.traced(variant)))
            self.assert_done(variant, run)

        self.each(check)

    def test_what_is_leaked_is_there_until_it_is_cleaned_up(self):
        def check(variant):
            run = demos.Run(demos.command(variant))
            self.assertEqual(run.status, 0, run.errors)
            self.assertNotEqual(run.left, [], f"{name(variant)} left nothing behind")
            # The demo's own advice, followed in the same namespace, removes it.
            script = '"$@" >"$TMPDIR/story" && sed -n "s/^clean up: //p" "$TMPDIR/story" >"$TMPDIR/advice" && ' \
                     'cd "$BUILD/.." && sh "$TMPDIR/advice" && rm "$TMPDIR/story" "$TMPDIR/advice"'
            script = script.replace('cd "$BUILD/.."', f"cd {shlex.quote(self.tree)}")
            cleaned = demos.Run(["sh", "-c", script, "sh", *demos.command(variant)])
            self.assertEqual(cleaned.status, 0, cleaned.errors)
            self.assertEqual(cleaned.left, [], f"{name(variant)}: still there after its own advice")

        leaking = [variant for variant in demos.variants() if "--leak" in variant]
        self.assertGreaterEqual(len(leaking), 8)
        with tempfile.TemporaryDirectory() as self.tree:
            os.symlink(os.path.abspath(demos.BUILD), os.path.join(self.tree, "build"))
            self.each(check, leaking)

    def test_all_of_them_can_run_at_once(self):
        all_variants = [variant for variant in demos.variants() if variant[0] != "compare"]
        script = "\n".join([
            *(f'({shlex.join(demos.traced(variant))} >/dev/null 2>"$TMPDIR/../error.{i}" || echo "$? {name(variant)}") &'
              for i, variant in enumerate(all_variants) if "--leak" not in variant), "wait"])
        run = demos.Run(["sh", "-c", script])
        failed = [line for line in run.output.splitlines() if line.split()[0] != str(SKIPPED)]
        self.assertEqual(failed, [])
        self.assertEqual(run.left, [])

    def test_an_interrupted_demo_leaves_nothing_behind(self):
        def check(variant):
            # Its stdout is a full pipe, so that it stays in the first line of its story.
            reader, writer = os.pipe2(os.O_CLOEXEC)
            os.set_blocking(writer, False)
            try:
                while True:
                    os.write(writer, b"x" * 4096)
            except BlockingIOError:
                os.set_blocking(writer, True)
            before = os.listdir("/dev/shm")     # of one that was killed, and had the same pid
            with tempfile.TemporaryDirectory() as directory:
                process = subprocess.Popen(demos.command(variant), stdout=writer, env={**os.environ, "TMPDIR": directory})
                os.close(writer)
                try:
                    tracing.wait_until(lambda: self.speaks(process.pid), f"{name(variant)} speaks")
                    process.send_signal(signal.SIGTERM)
                    self.assertEqual(process.wait(tracing.PATIENCE), -signal.SIGTERM)
                finally:
                    process.kill()
                    process.wait()
                    os.close(reader)
                self.assertEqual(os.listdir(directory), [])
                self.assertEqual([file for file in os.listdir("/dev/shm")
                                  if file not in before and re.search(rf"-{process.pid}(?!\d)", file)], [])
                for kind, column in (("msg", 7), ("sem", 4), ("shm", 7)):
                    self.assertNotIn(process.pid, self.makers(kind), kind)

        self.each(check, [words.split() for words in OWNERS])

    @staticmethod
    def speaks(pid):
        """It or its child waits for somebody to read what it says."""
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return any(tracing.is_asleep_in(who, SYS_WRITE) for who in (pid, *map(int, file.read().split())))

    @staticmethod
    def makers(kind):
        """Who made or last used each object; only shm tells its maker."""
        with open(f"/proc/sysvipc/{kind}") as file:
            header, *rows = [line.split() for line in file]
        columns = [i for i, title in enumerate(header) if title in ("cpid", "lpid", "lspid", "lrpid")]
        return {int(row[i]) for row in rows for i in columns}


if __name__ == "__main__":
    if demos.unshare() is None:
        print("no namespaces for this user")
        sys.exit(SKIPPED)
    unittest.main(verbosity=1)
