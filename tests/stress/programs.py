"""Programs that we did not write, each made to do its work and to say what came of it: facts that are the same every time."""
import glob
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
import xml.etree.ElementTree as xml

from services import ENVIRONMENT, Served, accepts, as_user, descendants, free_port
from tracing import children, status, wait_until

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SUPPORT = os.path.join(TOP, "tests", "support")
sys.path.insert(0, os.path.join(TOP, "tests", "transparency"))
from suite import members, tree

LIMIT = 900     # seconds for one command


def contents(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def contents_if_any(path):
    """What a file holds; nothing if there is none, or its process is gone."""
    try:
        return contents(path)
    except (OSError, ProcessLookupError):
        return ""


class Program(Served):
    """A program at work. `packages` are what it needs, `what` says what it does, {size} times; `work` returns {name: fact}.

    `prepared` is a folder that all runs share, filled by prepare(), `scale` a part of the size, `said` what helps to understand
    a failure."""

    title, packages, what, size, scale, prepared, said, way = "", (), "", 0, 1.0, "", "", None

    @classmethod
    def prepare(cls):
        """What is made once, untraced."""

    @classmethod
    def shell(cls, lines, **variables):
        subprocess.run(["bash", "-euc", lines], cwd=cls.prepared, env={**ENVIRONMENT, "HOME": cls.prepared, "SUPPORT": SUPPORT,
                                                                       **variables},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    def work(self):
        raise NotImplementedError

    @classmethod
    def n(cls):
        return max(5, int(cls.size * cls.scale))

    def command(self, *words, folder=None, **variables):
        """Run a command this way; returns (status, stdout, stderr)."""
        folder = folder or self.room
        out, err = self.path("out"), self.path("err")
        with open(out, "wb") as to, open(err, "wb") as errors:
            process = self.start(*self.way.front(), *words, cwd=folder, stdin=subprocess.DEVNULL, stdout=to, stderr=errors,
                                 env={**ENVIRONMENT, "HOME": self.room, "TMPDIR": self.room, **variables}, start_new_session=True)
        with self.way.visiting(process.pid):
            try:
                process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                states = {pid: (status(pid).get("Name"), status(pid).get("State")) for pid in members(process.pid)}
                for pid in states:
                    os.kill(pid, signal.SIGKILL)
                self.way.problems.append(f"{words[0]} was not at its end after {LIMIT} s: {states}")
        wait_until(lambda: not members(process.pid), f"the last process of {words[0]} has ended", 60)
        return process.returncode, contents(out), contents(err)


# --- servers ---

class PostgreSQL(Program):
    title = "PostgreSQL"
    packages = ("postgresql", "postgresql-contrib")
    what = "initdb, {size} s of pgbench with 16 and {size} s with 64 clients, pg_amcheck, a fast shutdown"
    size = 30

    def pgbench(self, server, n_clients, run):
        done = run([f"{server.tools}/pgbench", *server.client, "-n", "-c", str(n_clients), "-j", "4", "-T",
                    str(self.n()), "postgres"])
        transactions = re.search(r"actually processed: (\d+)", done[1])
        return {f"pgbench -c{n_clients}": (done[0], "number of failed transactions: 0 " in done[1],
                                           int(transactions[1]) > n_clients if transactions else done)}

    def checks(self, server):
        def ask(query):
            return subprocess.run([f"{server.tools}/psql", *server.client, "-Atc", query, "postgres"], env=ENVIRONMENT,
                                  capture_output=True, text=True, check=True).stdout

        sums = [ask(f"select sum({column}) from pgbench_{table}") for column, table in
                (("abalance", "accounts"), ("bbalance", "branches"), ("tbalance", "tellers"), ("delta", "history"))]
        check = self.command(f"{server.tools}/pg_amcheck", *server.client, "--install-missing", "--heapallindexed",
                             "--all", "-j", "2")
        return {"balances agree": len(set(sums)), "pg_amcheck": check}

    def work(self):
        tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        data = self.folder("initdb", "postgres")
        begun = self.command(*as_user("postgres"), f"{tools}/initdb", "-D", f"{data}/db", "-A", "trust", "-N", folder="/")
        facts = {"initdb": (begun[0], begun[2]), "initdb's files": sorted(os.listdir(f"{data}/db"))}
        server = self.postgres(self.way.front())
        with self.way.visiting(server.pid_of_server):
            subprocess.run([f"{server.tools}/pgbench", *server.client, "-i", "-q", "-s", "4", "postgres"], check=True,
                           env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            facts.update(self.pgbench(server, 16, lambda words: self.command(*words)))
            facts.update(self.pgbench(server, 64, self.untraced))
            facts.update(self.checks(server))
        # A session whose client is gone may last a moment; a shutdown now would have it complain.
        wait_until(lambda: not [pid for pid in descendants(server.pid_of_server)
                                if "postgres: test" in contents_if_any(f"/proc/{pid}/cmdline")], "no session is left", 60)
        facts["shutdown"] = self.stop(server, server.pid_of_server, signal.SIGINT)
        facts["errors in its log"] = [line for line in contents(server.log).splitlines() if "starting up" not in line and
                                      re.search("ERROR|FATAL|PANIC|WARNING|Interrupted|terminated by", line)]
        return facts

    def untraced(self, words):
        done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, timeout=LIMIT, check=False)
        return done.returncode, done.stdout, done.stderr


class Nginx(Program):
    title = "nginx"
    packages = ("nginx", "apache2-utils")
    what = "{size} requests by ab on 50 connections, and {size} on kept ones, each time after a reload"
    size = 5000

    def reload(self, master):
        """Have it read its configuration, and wait until new workers have taken over."""
        old = set(children(master))
        os.kill(master, signal.SIGHUP)
        wait_until(lambda: children(master) and not old & set(children(master)), "new workers", 60)

    def work(self):
        body = b"0123456789" * 5000
        folder, port, requests = self.folder("nginx"), free_port(), self.n()
        with open(f"{folder}/body", "wb") as file:
            file.write(body)
        with open(f"{folder}/conf", "w", encoding="utf-8") as file:
            file.write(f"worker_processes 2; pid {folder}/pid; error_log {folder}/error; events {{ }}\n"
                       f"http {{ access_log {folder}/access; server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n")
        server = self.serve(["nginx", "-p", folder, "-c", f"{folder}/conf", "-g", "daemon off;"],
                            lambda: accepts(port) and contents_if_any(f"{folder}/pid"), self.way.front())
        master = server.pid_of_server = int(contents(f"{folder}/pid"))
        self.addCleanup(self.end_gently, server)
        facts = {}
        with self.way.visiting(master):
            for kept in ([], ["-k"]):
                self.reload(master)
                done = self.command("ab", "-q", *kept, "-n", str(requests), "-c", "50", f"http://127.0.0.1:{port}/body")
                facts[f"ab {kept}"] = (done[0], re.findall(r"(?:Complete|Failed|Non-2xx)[^\n]*", done[1]), done[2])
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/body", timeout=30) as answer:
                facts["body"] = answer.read() == body
        facts["shutdown"] = self.stop(server, master, signal.SIGQUIT)
        facts["lines in its log"] = contents(f"{folder}/access").count("\n")
        facts["errors in its log"] = re.findall(r".*\[(?:error|crit|alert|emerg|warn)\].*", contents(f"{folder}/error"))
        return facts


class Redis(Program):
    title = "redis"
    packages = ("redis-server", "redis-tools")
    what = "redis-benchmark with 100 and 500 clients, {size} requests of each of 8 kinds; a save and rewrites by children"
    size = 10000

    def ask(self, server, *words):
        return subprocess.run(["redis-cli", "-s", server.socket, *words], capture_output=True, text=True, check=True).stdout

    def work(self):
        server = self.redis(self.way.front())
        requests, facts = self.n(), {}
        with self.way.visiting(server.pid_of_server):
            self.ask(server, "config", "set", "appendonly", "yes")
            for n_clients in (100, 500):
                done = self.command("redis-benchmark", "-p", str(server.port), "-n", str(requests), "-c", str(n_clients), "-t",
                                    "ping,set,get,incr,lpush,lpop,mset", "-q")
                facts[f"redis-benchmark -c{n_clients}"] = (done[0], done[1].count("requests per second"), done[2])
                wait_until(lambda: "aof_rewrite_in_progress:0" in self.ask(server, "info"), "the log is rewritten", 120)
                self.ask(server, "bgsave")
            wait_until(lambda: "rdb_bgsave_in_progress:0" in self.ask(server, "info"), "saved", 120)
            self.ask(server, "bgrewriteaof")
            wait_until(lambda: "aof_rewrite_in_progress:0" in self.ask(server, "info"), "rewritten", 120)
            said = self.ask(server, "info")
            facts["saved"] = re.findall(r"(?:rdb_last_bgsave|aof_last_bgrewrite|aof_last_write)_status:\w+", said)
            facts["counter"] = self.ask(server, "get", "counter:__rand_int__")
            facts["keys"] = sorted(self.ask(server, "keys", "*").split())
            facts["left in the list"] = self.ask(server, "llen", "mylist")
        facts["shutdown"] = self.stop(server, server.pid_of_server)
        facts["errors in its log"] = [line.split(" # ")[1] for line in contents(server.log).splitlines() if " # " in line and
                                      not re.search("overcommit|WARNING|oO0Oo|Redis version|Configuration loaded|User requested|"
                                                    "Received SIGTERM|Server initialized", line)]
        return facts


class Memcached(Program):
    title = "memcached"
    packages = ("memcached", "libmemcached-tools")
    what = "4 threads, 8 clients that each set and get {size} values; memccapable's tests of the protocol"
    size = 2000

    def client(self, port, number, wrong):
        with socket.create_connection(("127.0.0.1", port)) as to:
            file = to.makefile("rwb")
            for i in range(self.n()):
                value = b"%d" % (i * i * number)
                file.write(b"set k%d.%d 0 0 %d\r\n%s\r\nget k%d.%d\r\n" % (number, i, len(value), value, number, i))
                file.flush()
                if file.readline() != b"STORED\r\n" or not file.readline().startswith(b"VALUE") or \
                        file.readline() != value + b"\r\n" or file.readline() != b"END\r\n":
                    wrong.append((number, i))

    def work(self):
        port, front = free_port(), self.way.front()
        server = self.serve([*as_user("nobody"), "memcached", "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-t", "4"],
                            lambda: accepts(port), front)
        pid, wrong = self.served_by(server, "memcached", front), []
        server.pid_of_server = pid
        self.addCleanup(self.end_gently, server)
        with self.way.visiting(pid):
            clients = [threading.Thread(target=self.client, args=(port, number, wrong)) for number in range(8)]
            for one in clients:
                one.start()
            for one in clients:
                one.join()
            tests = self.command("memccapable", "-h", "127.0.0.1", "-p", str(port))
        return {"wrong answers": wrong, "memccapable": tests, "shutdown": self.stop(server, pid), "log": contents(server.log)}


# --- commands ---

class Git(Program):
    title = "git"
    packages = ("git",)
    what = "clone over pipes, gc, fsck, bundle, archive of 400 commits"
    VARIABLES = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in
                 (("NAME", "a"), ("EMAIL", "a@b"), ("DATE", "2026-01-01T00:00:00Z"))}
    LINES = """
git clone -q --no-local "$ORIGIN" clone && cd clone && git gc -q --aggressive && git repack -q -A -d && git fsck --full --no-progress
git checkout -qb side HEAD~50 && git merge -q -m merge master && git status --short && git diff --stat HEAD~50 | tail -1
git rev-list --objects --all | sort | sha256sum; git archive HEAD | sha256sum; git grep -c 37 | sort | sha256sum
git bundle create -q ../bundle --all && cd .. && git clone -q bundle again && git -C again log --format=%H | sha256sum
git clone -q --bare file://"$ORIGIN" bare && git -C bare count-objects -v | grep -v size; git -C clone stash list; cd clone && ls | wc -l
"""

    @classmethod
    def prepare(cls):
        with open(os.path.join(cls.prepared, "stream"), "w", encoding="utf-8") as file:
            for number in range(400):
                message, text = f"commit {number}\n", "".join(f"{i * number}\n" for i in range(300))
                file.write(f"commit refs/heads/master\ncommitter a <a@b> {1700000000 + number} +0000\ndata {len(message)}\n{message}"
                           f"M 644 inline d{number % 7}/file{number % 60}\ndata {len(text)}\n{text}\n")
        cls.shell("git init -q -b master origin; cd origin; git fast-import --quiet <../stream; git reset -q --hard")

    def work(self):
        done = self.command("bash", "-c", self.LINES, ORIGIN=f"{self.prepared}/origin", **self.VARIABLES)
        return {"status": done[0], "out": done[1], "err": done[2]}


class Make(Program):
    title = "make"
    packages = ("build-essential", "cmake", "pkg-config", "libseccomp-dev", "libunwind-dev", "libcmocka-dev", "zlib1g-dev", "uthash-dev")
    what = "make -j2 of some of ipctrace's own libraries; all objects compared"

    @classmethod
    def prepare(cls):
        cls.shell('cmake -S "$TOP" -B build -G "Unix Makefiles" -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O0; '
                  'cp -a build configured', TOP=TOP)

    def work(self):
        # Always in the same folder, for its files hold the name.
        build = f"{self.prepared}/build"
        shutil.rmtree(build)
        shutil.copytree(f"{self.prepared}/configured", build, symlinks=True)
        done = self.command("make", "-s", "-j2", "-C", build, "capture")
        made = {path: fact for path, fact in tree(build).items() if path.endswith((".o", ".a"))}
        return {"status": done[0], "err": done[2], "objects": len(made), **made}


class PythonTests(Program):
    """A module of Python's own tests: the outcome of each of them is a fact."""

    packages = ("python3", "libpython3.11-testsuite")
    module = ""     # its name, and words that choose some of its tests

    def work(self):
        done = self.command("/usr/bin/python3", "-u", "-m", "test", "--junit-xml", f"{self.room}/results", *self.module.split(),
                            PYTHONDONTWRITEBYTECODE="1")
        facts = {"status": done[0]}
        if not os.path.exists(f"{self.room}/results"):
            return {**facts, "out": done[1], "err": done[2]}
        for case in xml.parse(f"{self.room}/results").iter("testcase"):
            found = [part.tag for part in case if part.tag in ("failure", "error", "skipped")]
            facts[f"test {case.get('name')}"] = found[0] if found else "ok"
        self.said = done[1][-3000:] + done[2][-6000:]
        return facts


def python_tests(name, choice=""):
    return type(name, (PythonTests,), {"title": f"Python's {name}", "module": f"{name} {choice}".strip(),
                                       "what": f"python3 -m test {name} {choice}".strip()})


class SharedPool(Program):
    title = "Python's pool"
    packages = ("python3",)
    what = "a pool of Python's processes with a manager and shared memory"

    def work(self):
        done = self.command("/usr/bin/python3", f"{SUPPORT}/shared_pool.py")
        return {"status": done[0], "out": done[1], "err": done[2], "shared memory left": glob.glob("/dev/shm/psm_*")}


class Java(Program):
    title = "Java"
    packages = ("default-jdk-headless",)
    what = "javac; 500 threads with monitors, locks, barriers, processes and sockets"

    def work(self):
        built = self.command("javac", "-d", self.room, f"{SUPPORT}/Crowd.java")
        classes = {name: hashlib.sha256(open(f"{self.room}/{name}", "rb").read()).hexdigest()
                   for name in sorted(os.listdir(self.room)) if name.endswith(".class")}
        done = self.command("java", "-XX:-UsePerfData", "-cp", ".", "Crowd")
        return {"javac": built, "classes": classes, "status": done[0], "out": done[1], "err": done[2]}


class Go(Program):
    title = "Go"
    packages = ("golang-go",)
    what = "go build; 3,000 goroutines, 400 threads at once, 500 signals, processes, sockets"
    VARIABLES = {"GOFLAGS": "-trimpath", "GO111MODULE": "off", "CGO_ENABLED": "0"}

    @classmethod
    def prepare(cls):
        cls.shell('GOCACHE=$PWD/cache go build -o first "$SUPPORT/crowd.go"', **cls.VARIABLES)

    def work(self):
        # The standard library is in the cache, the program is not.
        folder = f"{self.prepared}/work"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(f"{self.prepared}/cache", f"{folder}/cache")
        with open(f"{folder}/crowd.go", "w", encoding="utf-8") as file:
            file.write(contents(f"{SUPPORT}/crowd.go") + "\nvar another = 1\n")
        built = self.command("go", "build", "-o", "crowd", "crowd.go", folder=folder, GOCACHE=f"{folder}/cache", **self.VARIABLES)
        with open(f"{folder}/crowd", "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        done = self.command("./crowd", folder=folder)
        return {"go build": built, "program": digest, "status": done[0], "out": done[1], "err": done[2]}


class GoTests(Program):
    """Tests of Go's standard library: the outcome of each of them is a fact."""

    title = "Go's tests"
    packages = ("golang-go",)
    what = "go test -short os/exec os/signal syscall sync context"
    MODULES = ("os/exec", "os/signal", "syscall", "sync", "context")

    @classmethod
    def prepare(cls):
        for module in cls.MODULES:
            cls.shell('GOCACHE=$PWD/cache go test -c -o "$NAME.test" "$MODULE"', MODULE=module, NAME=module.replace("/", "_"),
                      CGO_ENABLED="0")

    def work(self):
        facts = {}
        for module in self.MODULES:
            done = self.command(f"{self.prepared}/{module.replace('/', '_')}.test", "-test.short", "-test.v",
                                folder=f"/usr/lib/go/src/{module}", GOCACHE=f"{self.prepared}/cache")
            facts[f"{module}: status"] = done[0]
            for outcome, name in re.findall(r"^\s*--- (PASS|FAIL|SKIP): (\S+)", done[1], re.MULTILINE):
                # The parts of TestNohup say that they are done before they say what came of it: who ends first is by chance.
                if not name.startswith("TestNohup/"):
                    facts[f"{module}: {name}"] = outcome
            facts[f"{module}: last line"] = done[1].splitlines()[-1:]
        return facts


class Pipelines(Program):
    title = "bash"
    packages = ("bash",)
    what = "a shell script of pipelines, FIFOs, traps and background jobs"
    LINES = """
seq 1 100000 | sort -rn | uniq | wc -l
(for i in 1 2 3 4 5; do echo $i; done) | while read -r n; do echo "got $n" | tr a-z A-Z; done
mkfifo fifo; (cat <fifo | md5sum) & yes | head -c 3000000 >fifo; wait
diff <(seq 10) <(seq 11); echo $?; trap 'echo bye' EXIT; yes | head -1; echo ${PIPESTATUS[@]}
for i in $(seq 30); do (exec 3<>fifo; echo $i >&3; read -r n <&3; echo $n); done | sha256sum
sleep 100 & until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done; kill -TERM $!; wait $!; echo $?; exit 9
"""

    def work(self):
        done = self.command("bash", "-c", self.LINES)
        return {"status": done[0], "out": done[1], "err": done[2]}


PROGRAMS = [PostgreSQL, Nginx, Redis, Memcached, Git, Make, Java, Go, GoTests, SharedPool, Pipelines,
            *(python_tests(f"test_{name}") for name in ("threading", "multiprocessing_fork", "subprocess", "os")),
            # It asks for a timer again and again and gives up after 60 s: too slow when each of these calls is traced.
            python_tests("test_signal", "-i test_itimer_virtual"),
            # In a virtual machine these may wait for its host for ever.
            python_tests("test_socket", "-i ThreadedVSOCKSocketStreamTest"),
            # All of it takes a quarter of an hour untraced: each child imports everything anew.
            python_tests("test_multiprocessing_spawn", "-m WithProcessesTest[BCELPQS]*")]
