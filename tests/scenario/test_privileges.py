#!/usr/bin/env python3
# ctest: timeout=180 labels=engine
"""What root's trace must not be turned against: files of others under its name, rights that it does
not need, and what a traced program or another user calls itself."""
import os
import re
import shlex
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, IS_SANITIZED, PATIENCE, Case, is_asleep_in, main, run, status, tids, wait_until

NOBODY = 65534
CAPABILITIES = {"KILL": 5, "DAC_READ_SEARCH": 2, "NET_ADMIN": 12, "IPC_OWNER": 15, "SYS_MODULE": 16, "SYS_PTRACE": 19,
                "SYS_ADMIN": 21, "CHECKPOINT_RESTORE": 40}


@unittest.skipIf(os.geteuid(), "needs root")
class Files(Case):
    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o755)
        self.sticky = self.path("sticky")
        os.mkdir(self.sticky)
        os.chmod(self.sticky, 0o1777)
        self.precious = self.path("precious")
        self.put(self.precious, "precious")

    def put(self, path, text):
        with open(path, "w") as file:
            file.write(text)

    def get(self, path):
        with open(path) as file:
            return file.read()

    def there(self, name):
        return os.path.join(self.sticky, name)

    def write_to(self, path):
        """Both ways to write a file; an error is one line with the path."""
        for option in ("-o", "--record"):
            yield run(option, path, "-e", "trace=getppid", "true")

    def refused(self, path, says="it belongs to another user"):
        for done in self.write_to(path):
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertIn(path, done.stderr)
            self.assertIn(says, done.stderr)

    def written(self, path, *args):
        done = run(*args, "-o", path, "-e", "trace=none", "true")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("exited with 0", self.get(path))

    def test_a_link_of_somebody_else(self):
        os.symlink(self.precious, self.there("trace"))
        os.chown(self.there("trace"), NOBODY, NOBODY, follow_symlinks=False)
        self.refused(self.there("trace"))
        self.assertEqual(self.get(self.precious), "precious")
        os.symlink(self.path("new"), self.there("dangling"))
        os.chown(self.there("dangling"), NOBODY, NOBODY, follow_symlinks=False)
        self.refused(self.there("dangling"))
        self.assertFalse(os.path.exists(self.path("new")))

    def test_files_of_somebody_else(self):
        self.put(self.there("file"), "theirs")
        os.mkfifo(self.there("fifo"))
        for name in ("file", "fifo"):
            os.chown(self.there(name), NOBODY, NOBODY)
            self.refused(self.there(name))
        self.assertEqual(self.get(self.there("file")), "theirs")

    def test_a_second_name_of_a_file_of_ours(self):
        os.link(self.precious, self.there("trace"))
        self.refused(self.there("trace"))
        self.assertEqual(self.get(self.precious), "precious")

    def test_what_is_ours_is_written_over_and_links_followed(self):
        self.put(self.there("file"), "x" * 100000)
        os.chmod(self.there("file"), 0o640)
        self.written(self.there("file"))
        self.assertLess(os.path.getsize(self.there("file")), 1000)
        self.assertEqual(stat.S_IMODE(os.stat(self.there("file")).st_mode), 0o640)
        os.symlink(self.there("target"), self.there("link"))
        self.written(self.there("link"))
        self.assertTrue(os.path.islink(self.there("link")))
        # Where not everybody can make names, whose they are does not matter.
        os.symlink(self.path("target"), self.path("link"))
        os.chown(self.path("link"), NOBODY, NOBODY, follow_symlinks=False)
        self.written(self.path("link"))
        os.chown(self.precious, NOBODY, NOBODY)
        self.written(self.precious)
        self.put(self.precious, "before\n")
        self.written(self.precious, "-A")
        self.assertTrue(self.get(self.precious).startswith("before\n"))

    def test_names_of_descriptors_and_devices(self):
        done = run("-o", "/dev/stdout", "-e", "trace=none", "true")
        self.assertIn("exited with 0", done.stdout)
        done = run("-o", "/dev/null", "-e", "trace=none", "true")
        self.assertEqual(done.returncode, 0)

    def test_only_root_may_read_what_root_has_seen(self):
        self.written(self.there("new"))
        self.assertEqual(stat.S_IMODE(os.stat(self.there("new")).st_mode), 0o600)
        os.mkdir(self.path("nobodys"))
        os.chown(self.path("nobodys"), NOBODY, NOBODY)
        path = os.path.join(self.path("nobodys"), "trace")
        run("-o", path, "-e", "trace=none", "true", user=NOBODY, group=NOBODY, umask=0o022)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o644)

    def test_installed_set_user_id_it_opens_what_its_user_may_open(self):
        mine = self.path("ipctrace")
        subprocess.run(["cp", IPCTRACE, mine], check=True)
        os.chmod(mine, 0o4755)
        done = subprocess.run([mine, "-o", self.precious, "true"], user=NOBODY, group=NOBODY, check=False,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Permission denied", done.stderr)
        self.assertEqual(self.get(self.precious), "precious")
        os.mkdir(self.path("open"))
        os.chmod(self.path("open"), 0o777)
        seen = os.path.join(self.path("open"), "seen")
        subprocess.run([mine, "-o", f"|id -u > {seen}; cat > /dev/null", "-e", "trace=none", "true"], user=NOBODY, group=NOBODY,
                       check=False, timeout=30)
        self.assertEqual(self.get(seen), f"{NOBODY}\n")

    def test_a_command_for_the_trace_has_the_usual_signals(self):
        run("-o", f"|grep -E '^Sig(Ign|Blk)' /proc/self/status > {self.path('seen')}; cat > /dev/null", "true")
        masks = [int(line.split()[1], 16) for line in self.get(self.path("seen")).splitlines()]
        self.assertEqual([mask & 0x7fffffff for mask in masks], [0, 0])


@unittest.skipIf(os.geteuid(), "needs root")
class Rights(Case):
    def kept(self, *names):
        return sum(1 << CAPABILITIES[name] for name in names) & int(status("self")["CapEff"], 16)

    def hold(self, wanted, *args, attached=True):
        target = self.start("sleep", 1000)
        tracer = self.attach(target.pid, args=args) if attached else self.trace(*args, "sleep", 1000)
        # ThreadSanitizer has a thread of its own, the first that is made.
        is_tsan = "thread" in os.environ.get("IPCTRACE_SANITIZE", "")
        wait_until(lambda: len(tids(tracer.pid)) == 2 + is_tsan, "its two threads")
        for tid in (tracer.pid, max(tids(tracer.pid))):
            wait_until(lambda: int(status(tid)["CapEff"], 16) == wanted, f"rights of {tid}")
            for name in ("CapPrm", "CapBnd"):
                self.assertEqual(int(status(tid)[name], 16), wanted, name)
            self.assertEqual(int(status(tid)["CapInh"], 16), 0)
            self.assertEqual(status(tid)["NoNewPrivs"], "1")

    def test_what_is_not_needed_is_given_up(self):
        least = ["SYS_PTRACE", "DAC_READ_SEARCH", "KILL"]
        objects = least + ["NET_ADMIN", "IPC_OWNER", "SYS_ADMIN"]
        self.hold(self.kept(*least), "--strace")
        self.hold(self.kept(*objects))
        self.hold(self.kept(*objects), attached=False)
        self.hold(self.kept(*objects, "CHECKPOINT_RESTORE"), "-k")

    def test_a_launched_command_keeps_everything(self):
        words = ["grep", "-E", "^(Cap|NoNewPrivs|Uid|Gid)", "/proc/self/status"]
        untraced = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        for options in ([], ["--no-seccomp"], ["--strace", "-f"]):
            done = run(*options, "-o", self.path("trace"), *words)
            self.assertEqual(done.stdout, untraced, options)

    def test_what_belongs_to_others_is_still_seen(self):
        """Another user's, in other namespaces: queues, names and data are known as without it."""
        code = ("import os, time\n"
                "r, w = os.pipe()\n"
                "if os.fork() == 0:\n"
                "    os.write(w, b'hello')\n"
                "    os._exit(0)\n"
                "os.read(r, 5)\n"
                "os.wait()\n")
        done = run("-o", self.path("trace"), "-k", "-e", "trace=write,read", "unshare", "-in", "setpriv", "--reuid", NOBODY,
                   "--clear-groups", sys.executable, "-c", code, cwd="/")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        trace = self.text("trace")
        self.assertTrue(re.search(r'write\(\d+<pipe:\d+ w>, "hello", 5\) += 5 \{pipe:\d+ .*/65536 B\} -> python.*\n'
                                  r" > \S*libc\S*\(\w*write\w*\+0x", trace))


class Calls(Case):
    """What ipctrace may call is a short list. Built for sanitizers, which call what they like, it may call anything."""

    WORDS = ["grep", "-E", "^(Seccomp|NoNewPrivs)", "/proc/self/status"]

    def setUp(self):
        super().setUp()
        if IS_SANITIZED:
            self.skipTest("no filter with sanitizers")

    def confined(self, pid, n_threads):
        wait_until(lambda: [status(tid).get("Seccomp") for tid in tids(pid)] == ["2"] * n_threads, f"filters of {pid}")

    def test_every_thread_of_a_tracer_has_a_filter(self):
        target = self.start("sleep", 1000)
        for args in ([], ["--strace"], ["-k"], ["--record", f"{self.path('ring')}", "--ring=1M"]):
            tracer = self.attach(target.pid, args=args)
            self.confined(tracer.pid, 2)
            self.detach(tracer)
        for args in ([], ["--strace", "-f"], ["--no-seccomp"]):
            self.confined(self.trace(*args, "cat", stdin=subprocess.PIPE).pid, 2)

    def test_so_has_who_only_looks(self):
        target = self.start("sleep", 1000)
        wait_until(lambda: is_asleep_in(target.pid, 230), "clock_nanosleep")
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        n_full = 0
        try:
            while True:
                n_full += os.write(writer, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(writer, True)
        looker = self.start(IPCTRACE, "--why", "-p", target.pid, stderr=writer)
        os.close(writer)
        self.confined(looker.pid, 1)
        if os.geteuid() == 0:
            self.assertEqual(int(status(looker.pid)["CapEff"], 16) & 1 << CAPABILITIES["SYS_MODULE"], 0)
        with os.fdopen(reader, "rb") as file:
            said = file.read()[n_full:].decode()
        self.assertEqual(looker.wait(PATIENCE), 0)
        self.assertIn("waits in", said)

    def test_so_has_who_shows_a_record(self):
        """From before anything of it is read; it has no rights left at all."""
        run("--record", self.path("record"), "-o", self.path("live"), "-t", "-e", "trace=getppid,write", "echo", "hello")
        replayer = self.start(IPCTRACE, "--replay=-", "-o", self.path("replayed"), "-t", stdin=subprocess.PIPE)
        self.confined(replayer.pid, 1)
        self.assertEqual(int(status(replayer.pid)["CapPrm"], 16), 0)
        self.assertEqual(status(replayer.pid)["NoNewPrivs"], "1")
        with open(self.path("record"), "rb") as file:
            replayer.communicate(file.read(), timeout=PATIENCE)
        self.assertEqual(replayer.returncode, 0)
        self.assertEqual(self.text("replayed"), self.text("live"))
        self.assertIn("hello", self.text("live"))

    def test_what_is_started_has_none_of_it(self):
        untraced = subprocess.run(self.WORDS, capture_output=True, text=True, check=True).stdout
        for options in (["--no-seccomp"], ["--strace", "-f"]):
            self.assertEqual(run(*options, "-o", self.path("trace"), *self.WORDS).stdout, untraced, options)
        target = self.start("sleep", 1000)
        done = run("--no-seccomp", "-o", self.path("trace"), "-p", target.pid, "sh", "-c",
                   f"{shlex.join(self.WORDS)}; kill {target.pid}")
        self.assertEqual(done.stdout, untraced)
        run("-o", f"|grep -E '^(Seccomp|NoNewPrivs)' /proc/self/status > {self.path('seen')}; cat > /dev/null", "true")
        self.assertEqual(self.text("seen"), untraced)


if __name__ == "__main__":
    main()
