#!/usr/bin/env python3
# ctest: labels=long timeout=600 serial
"""The objects, holders and peers of the trace are those of lsof, ss and ipcs, on programs that we did not write."""
import collections
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time

from services import ENVIRONMENT, Served, descendants, need, wait_until
from tracing import IPCTRACE, main, status, tracer_of

KINDS = {"anon_inode:[eventfd]": "eventfd", "anon_inode:[eventpoll]": "epoll", "anon_inode:[signalfd]": "signalfd",
         "anon_inode:[timerfd]": "timerfd", "anon_inode:inotify": "inotify", "anon_inode:[pidfd]": "pidfd",
         "anon_inode:[io_uring]": "io_uring"}
POOL = """
import multiprocessing, os, sys
from multiprocessing import shared_memory

def work(task):
    name, box = task
    memory = shared_memory.SharedMemory(name)
    memory.buf[0] += 1
    box[os.getpid()] = 1
    memory.close()
    return os.getpid()

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    manager = context.Manager()
    box = manager.dict()
    memory = shared_memory.SharedMemory(create=True, size=4096)
    lock, queue = context.Lock(), context.Queue()
    with context.Pool(3) as pool:
        print("ready", flush=True)
        for line in sys.stdin:
            pool.map(work, [(memory.name, box)] * 12)
            queue.put(1)
            queue.get()
            print("done", len(box) > 0, flush=True)
    manager.shutdown()
    memory.close()
    memory.unlink()
"""

TURNS = 10


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, env=ENVIRONMENT).stdout


def traced_by(tracer):
    """Processes that a tracer traces now."""
    return sorted(int(pid) for pid in os.listdir("/proc") if pid.isdigit() and tracer_of(pid) == tracer)


def by_proc(pids):
    """{(kind or inode, pid, fd): access} of /proc; for pipes and sockets by inode."""
    found = {}
    for pid in pids:
        try:
            names = os.listdir(f"/proc/{pid}/fd")
        except (OSError, ProcessLookupError):
            continue
        for name in names:
            try:
                link = os.readlink(f"/proc/{pid}/fd/{name}")
                info = os.stat(f"/proc/{pid}/fd/{name}")
                with open(f"/proc/{pid}/fdinfo/{name}") as file:
                    access = {0: "r", 1: "w", 2: "rw"}[int(re.search(r"flags:\s*(\d+)", file.read())[1], 8) & 3]
            except (OSError, ProcessLookupError):
                continue
            if link in KINDS:
                found[KINDS[link], pid, int(name)] = access
            elif stat.S_ISFIFO(info.st_mode) or stat.S_ISSOCK(info.st_mode):
                found[info.st_ino, pid, int(name)] = access
    return found


def by_lsof(pids):
    """The same of pipes and sockets as lsof tells it."""
    found, pid, entry = {}, 0, {}

    def add():
        if entry.get("f", "").isdigit() and (entry.get("t") in ("FIFO", "sock", "netlink", "unix") or
                                             entry.get("t", "").startswith("IP")):
            # For TCP and UDP lsof has the inode in the field of the device.
            inode = entry["d"] if entry["t"].startswith("IP") else entry.get("i", "0")
            found[int(inode), pid, int(entry["f"])] = {"u": "rw"}.get(entry["a"], entry["a"])

    for line in output("lsof", "-nP", "-F", "pfaitd", "-p", ",".join(map(str, pids))).splitlines():
        if line[0] in "pf":
            add()
            entry = {}
        if line[0] == "p":
            pid = int(line[1:])
        entry[line[0]] = line[1:].strip()
    add()
    return found


def by_lsof_endpoints(pids):
    """{inode: {(pid, fd)}} of pipes and FIFOs as lsof -E tells it: every holder lists all others."""
    found, pid, entry = collections.defaultdict(set), 0, {}
    for line in output("lsof", "-nP", "-E", "-F", "pftin", "-p", ",".join(map(str, pids))).splitlines():
        if line[0] in "pf":
            entry = {}
        pid = int(line[1:]) if line[0] == "p" else pid
        entry[line[0]] = line[1:]
        if line[0] == "n" and entry.get("t") == "FIFO" and entry.get("f", "").isdigit():
            others = re.findall(r"(\d+),[^,]*,(\d+)[rwu]", entry["n"])
            found[int(entry["i"])] |= {(pid, int(entry["f"]))} | {(int(other), int(fd)) for other, fd in others}
    return found


def by_lsfd(pids):
    """The same as by_proc() of pipes and sockets as lsfd tells it."""
    found = {}
    for line in output("lsfd", "-r", "-n", "-o", "PID,ASSOC,TYPE,INODE,MODE", "-p", ",".join(map(str, pids))).splitlines():
        pid, fd, kind, inode, mode = line.split()
        if fd.isdigit() and kind in ("FIFO", "SOCK"):
            found[int(inode), int(pid), int(fd)] = mode.replace("-", "")
    return found


def by_ss():
    """{inode: (inode of its peer, {(pid, fd)} that hold it)} of connected sockets."""
    found, at = {}, {}
    users = re.compile(r"pid=(\d+),fd=(\d+)")

    def holders(line):
        return {(int(pid), int(fd)) for pid, fd in users.findall(line)}

    for line in output("ss", "-xapnH").splitlines():
        # The addresses may hold anything; the inodes stand before "users:" or at the end.
        match = re.search(r" (\d+)\s+\S+ (\d+)\s*(?:users:.*)?$", line)
        if match:
            found[int(match[1])] = (int(match[2]), holders(line))
    for line in output("ss", "-tnpeH").splitlines():
        local, remote = line.split()[3:5]
        inode = re.search(r"ino:(\d+)", line)
        if inode:
            at[local, remote] = (int(inode[1]), holders(line))
    for (local, remote), (inode, held) in at.items():
        found[inode] = (at.get((remote, local), (0, set()))[0], held)
    return found


class Trace:
    """What ipctrace says: its records, up to now."""

    def __init__(self, path):
        self.path = path

    def records(self, since=0):
        with open(self.path, errors="replace") as file:
            file.seek(since)
            return [json.loads(line) for line in file if line.endswith("\n")]

    def size(self):
        return os.path.getsize(self.path)

    def settle(self):
        """Wait until nothing more comes; not long: some services wake up all the time."""
        size = -1
        for _ in range(8):
            size, before = self.size(), size
            if size == before:
                return
            time.sleep(0.25)

    def objects(self, tracer):
        """All objects, listed by SIGUSR1."""
        self.settle()
        since = self.size()
        os.kill(tracer, signal.SIGUSR1)
        sizes = [-1]

        def listed():
            time.sleep(0.1)
            sizes.append(self.size())
            is_list = [is_listed(record) for record in self.records(since)]
            # It is whole when something else follows or nothing more comes.
            return True in is_list and (is_list[-1] is False or sizes[-1] == sizes[-2])

        wait_until(listed, "a list")
        return [record for record in self.records(since) if is_listed(record)]


def is_listed(record):
    return record["record"] == "object" and record["moment"] == "list"


def inode_of(record):
    match = re.match(r"inode (\d+)", record["identity"] or "")
    return int(match[1]) if match else None


def short(things):
    return "\n    " + "\n    ".join(map(str, sorted(things, key=str)[:20]))


class Agreement(Served):
    def compare_holders(self, objects, pids):
        model = {}
        for record in objects:
            key = inode_of(record) if record["kind"] in ("pipe", "fifo", "unix", "tcp", "udp", "netlink", "raw", "inet",
                                                         "packet", "vsock") else record["kind"]
            for holder in record["holders"]:
                model[key, holder["pid"], holder["fd"]] = holder["access"]
        proc = by_proc(pids)
        known = {key: value for key, value in model.items() if isinstance(key[0], int) or key[0] in KINDS.values()}
        # In the everyday run it may be missing.
        if shutil.which("lsof"):
            self.assertEqual(by_lsof(pids), {key: value for key, value in proc.items() if isinstance(key[0], int)},
                             "lsof and /proc")
            for inode, held in by_lsof_endpoints(pids).items():
                self.assertEqual({(pid, fd) for key, pid, fd in known if key == inode},
                                 {(pid, fd) for pid, fd in held if pid in pids}, f"lsof -E of pipe {inode}")
        if shutil.which("lsfd"):
            self.assertEqual(by_lsfd(pids), {key: value for key, value in proc.items() if isinstance(key[0], int)},
                             "lsfd and /proc")
        missing, extra = proc.items() - known.items(), known.items() - proc.items()
        self.assertFalse(missing or extra, f"held, unknown to the trace:{short(missing)}\nonly in the trace:{short(extra)}")
        self.assertGreater(len(known), 0)
        return len(known)

    def compare_peers(self, records, objects):
        """Each peer that a call names holds the other end of what the call used."""
        inodes = {record["object"]: inode_of(record) for record in objects}
        kinds = {record["object"]: record["kind"] for record in objects}
        ends = collections.defaultdict(set)     # {(inode, access)}: who holds it
        for (key, holder, fd), access in by_proc(int(pid) for pid in os.listdir("/proc") if pid.isdigit()).items():
            for letter in access:
                ends[key, letter].add((holder, fd))
        sockets = by_ss()
        counts = collections.Counter({"unknown": 0})
        wrong, unknown = [], []
        for record in records:
            if record["record"] != "call" or record["call"].startswith(("accept", "connect", "epoll", "poll", "select")):
                continue
            for peer in record["peers"]:
                # Several objects of one call: which of them a peer belongs to is not said.
                names = [touched["object"] for touched in record["touched"]]
                if len(names) != 1 or kinds.get(names[0]) not in ("pipe", "fifo", "unix", "tcp"):
                    continue
                inode = inodes[names[0]]
                if kinds[names[0]] in ("unix", "tcp"):
                    other = sockets.get(inode, (0, set()))[0]
                    truth = sockets.get(other, (0, set()))[1]
                else:
                    truth = ends[inode, "r" if peer["direction"] == "to" else "w"]
                if not truth:
                    # Closed since; nobody can say any more who held it.
                    counts["gone"] += 1
                    continue
                counts[peer["certainty"]] += 1
                named = (peer["pid"], peer["fd"])
                right = (named in truth if peer["fd"] is not None else peer["pid"] in {pid for pid, _ in truth})
                case = (record["call"], record["pid"], names[0], inode, peer, "truth:", sorted(truth))
                if peer["certainty"] == "unknown":
                    unknown.append(case)
                elif not right:
                    wrong.append(case)
        self.assertFalse(wrong, f"{len(wrong)} of {sum(counts.values())} peers:{short(wrong)}")
        return counts, unknown

    def compare_sysv(self, objects):
        """Segments, sets and queues that traced processes made or attached are in ipcs with the same key and creator."""
        witness = {}
        for kind in ("msg", "sem", "shm"):
            with open(f"/proc/sysvipc/{kind}") as file:
                names = file.readline().split()
                for line in file:
                    fields = dict(zip(names, line.split()))
                    witness[kind, int(fields["msqid" if kind == "msg" else f"{kind}id"])] = (int(fields["key"]) & 0xffffffff, int(fields.get("nattch", 0)))
        count = 0
        for record in objects:
            if record["kind"] not in ("msg", "sem", "shm") or record["removed"]:
                continue
            found = re.search(r"\bid (\d+)", record["identity"] or "")
            self.assertTrue(found, record)
            self.assertIn((record["kind"], int(found[1])), witness, record)
            key, _ = witness[record["kind"], int(found[1])]
            said = re.search(r"key (0x[0-9a-f]+)", json.dumps(record))
            if said:
                self.assertEqual(int(said[1], 16), key, record)
            self.assertIn(f" {found[1]} ", output("ipcs", "-qms"))
            count += 1
        return count

    def snapshot(self, what, tracer, path, work):
        """Let it work, then compare while nothing goes on."""
        trace = Trace(path)
        held = None
        for turn in range(TURNS):
            since = trace.size()
            work()
            objects = trace.objects(tracer.pid)
            pids = traced_by(tracer.pid)
            self.assertTrue(pids)
            try:
                held = self.compare_holders(objects, pids)
            except AssertionError:
                # A service that wakes up by itself may have been caught between two calls.
                if turn == TURNS - 1:
                    raise
            peers, unknown = self.compare_peers(trace.records(since), objects)
            # Processes are searched at most so often that it costs 5 % of the time: meanwhile some are not known.
            if held and not unknown:
                break
            time.sleep(0.5)
        self.assertFalse(unknown, f"not known after {TURNS} turns:{short(unknown)}")
        sysv = self.compare_sysv(objects)
        print(f"{what}: {len(pids)} processes, {held} descriptors, {sysv} System V objects, peers {dict(peers)}, "
              f"turn {turn + 1}", flush=True)
        return objects, peers

    def launch(self, name):
        path = self.path(name)
        return path, [IPCTRACE, "--format=json", "-o", path]

    def attach_to(self, name, pids):
        path = self.path(name)
        tracer = self.start(IPCTRACE, "--format=json", "-q", "-o", path, "-p", ",".join(map(str, pids)))
        wait_until(lambda: all(tracer_of(pid) == tracer.pid for pid in pids), "attached")
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path), "a trace")
        return path, tracer

    def ask(self, client, question, answer):
        client.stdin.write(question)
        client.stdin.flush()
        line = client.stdout.readline()
        self.assertRegex(line, answer)

    def both(self, name, pids, clients, work):
        """Attach to the service alone, then to it and its clients."""
        path, tracer = self.attach_to(name + "-attached", pids)
        self.snapshot(name + ", attached", tracer, path, work)
        self.detach(tracer, seconds=30)
        path, tracer = self.attach_to(name + "-all", pids + clients)
        self.snapshot(name + ", attached with its clients", tracer, path, work)
        self.detach(tracer, seconds=30)

    def test_pipeline_of_five(self):
        def start(front):
            return self.start(*front, "sh", "-c", "cat | cat | cat | cat | cat", stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)

        path, front = self.launch("pipeline")
        tracer = start(front)
        self.ask(tracer, b"one\n", b"one\n")
        _, peers = self.snapshot("pipeline", tracer, path, lambda: self.ask(tracer, b"two\n", b"two\n"))
        self.assertGreaterEqual(peers["exact"], 8)
        tracer.stdin.close()
        self.assertEqual(tracer.wait(10), 0)
        pipeline = start([])
        self.ask(pipeline, b"one\n", b"one\n")
        pids = descendants(pipeline.pid)
        self.both("pipeline", pids[:3], pids[3:], lambda: self.ask(pipeline, b"two\n", b"two\n"))
        pipeline.stdin.close()
        self.assertEqual(pipeline.wait(10), 0)

    def test_redis_with_three_clients(self):
        need("redis-server")
        for way in ("launched", "attached"):
            path, front = self.launch("redis-" + way)
            server = self.redis(front if way == "launched" else [])
            clients = [self.start("redis-cli", *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                       for words in (["-s", server.socket], ["-s", server.socket], ["-p", str(server.port)])]

            def work():
                for client in clients:
                    self.ask(client, b"incr x\n", rb"^\d+\n")

            work()
            if way == "launched":
                self.snapshot("redis", server, path, work)
            else:
                self.both("redis", [server.pid], [client.pid for client in clients], work)
            for client in clients:
                self.end(client)
            self.assertEqual(self.stop(server, server.pid_of_server), 0)
            os.rename(f"{self.room}/redis", f"{self.room}/redis-{way}")

    def test_postgresql_with_four_backends(self):
        need("postgresql")
        for way in ("launched", "attached"):
            path, front = self.launch("postgres-" + way)
            server = self.postgres(front if way == "launched" else [], ("-c", "autovacuum=off"))
            clients = [self.start(f"{server.tools}/psql", "-XAtq", *words, "postgres", stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, env=ENVIRONMENT, cwd="/")
                       for words in [server.client] * 2 + [server.local_client] * 2]

            def work():
                for client in clients:
                    self.ask(client, b"select 41 + 1;\n", b"^42\n")

            work()
            if way == "launched":
                self.snapshot("PostgreSQL", server, path, work)
            else:
                self.both("PostgreSQL", descendants(server.pid), [client.pid for client in clients], work)
            for client in clients:
                client.stdin.close()
                self.assertEqual(client.wait(10), 0)
            self.assertEqual(self.stop(server, server.pid_of_server, signal.SIGINT), 0)
            os.rename(f"{self.room}/postgres", f"{self.room}/postgres-{way}")

    def test_dbus_daemon_with_two_clients(self):
        need("dbus")
        for way in ("launched", "attached"):
            path, front = self.launch("dbus-" + way)
            bus = f"unix:path={self.room}/bus-{way}"
            server = self.serve(["dbus-daemon", "--session", "--nofork", f"--address={bus}"],
                                lambda: subprocess.run(["dbus-send", f"--bus={bus}", "--type=signal", "/", "a.b.C"],
                                                       check=False, capture_output=True).returncode == 0, front if way == "launched" else [])
            clients = [self.start("dbus-monitor", "--address", bus, "interface='test.stress'", stdout=subprocess.PIPE)
                       for _ in range(2)]

            def work():
                subprocess.run(["dbus-send", f"--bus={bus}", "--type=signal", "/", "test.stress.Ping"], check=True)
                for client in clients:
                    # What a monitor writes into a pipe it writes when it is full; that it sleeps again is enough.
                    wait_until(lambda pid=client.pid: status(pid).get("State", "")[:1] == "S", "asleep")

            for client in clients:
                client.stdout.readline()
            work()
            if way == "launched":
                self.snapshot("dbus-daemon", server, path, work)
            else:
                self.both("dbus-daemon", [server.pid], [client.pid for client in clients], work)
            pid = self.served_by(server, "dbus-daemon", way == "launched")
            for client in clients:
                self.end(client)
            self.assertEqual(self.stop(server, pid), 0)

    def test_python_pool_with_manager_and_shared_memory(self):
        with open(self.path("pool.py"), "w") as file:
            file.write(POOL)
        for way in ("launched", "attached"):
            path, front = self.launch("pool-" + way)
            pool = self.start(*(front if way == "launched" else []), sys.executable, self.path("pool.py"),
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.assertEqual(pool.stdout.readline(), b"ready\n")

            def work():
                self.ask(pool, b"\n", b"done True\n")

            work()
            if way == "launched":
                objects, _ = self.snapshot("python pool", pool, path, work)
                names = [record["label"] for record in objects if record["label"]]
                self.assertTrue([name for name in names if "psm_" in name], names)
            else:
                pids = descendants(pool.pid)
                self.both("python pool", pids[:3], pids[3:], work)
            pool.stdin.close()
            self.assertEqual(pool.wait(20), 0)


if __name__ == "__main__":
    need("lsof", "iproute2", "util-linux", "util-linux-extra")
    main()
