#!/usr/bin/env python3
# ctest: timeout=200
"""Names follow the object through every way to copy a descriptor; what exists at attach is known; ids in namespaces."""

import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from tracing import IPCTRACE, PATIENCE, Case, main, program, wait_until

# What makes the copy, and how many processes have the pipe then.
WAYS = {
    "dup": 1, "dup2": 1, "dup3": 1, "dupfd": 1, "dupfd_cloexec": 1, "proc": 1, "pidfd_getfd": 2, "clone_files": 1,
    "unshare": 1, "exec": 1, "cloexec": 1, "close_range": 1, "sendmsg": 2,
    "thread": 2,
}

# Holds one or more descriptors of every kind, says which, does something with each when told, and says when it has.
HOLDER = r"""
import ctypes, json, os, pty, select, signal, socket, struct, sys, tempfile
libc = ctypes.CDLL(None, use_errno=True)
folder = tempfile.mkdtemp(prefix="ipctrace-holder-")
held, kept = {}, []

def hold(kind, *fds):
    for fd in fds:
        if fd >= 0:
            held[fd] = kind

def keep(one):
    kept.append(one)
    return one.fileno()

hold("pipe", *os.pipe())
os.mkfifo(folder + "/fifo")
fifo = os.open(folder + "/fifo", os.O_RDWR)
hold("fifo", fifo)
pair = socket.socketpair()
hold("unix", *map(keep, pair))
listener = socket.socket(socket.AF_UNIX)
listener.bind(folder + "/socket")
listener.listen(3)
hold("unix", keep(listener))
server = socket.create_server(("127.0.0.1", 0))
hold("tcp", keep(server))
client = socket.create_connection(server.getsockname())
hold("tcp", keep(client))
hold("udp", keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
hold("netlink", keep(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)))
event = os.eventfd(3)
hold("eventfd", event)
timer = libc.timerfd_create(1, 0)
hold("timerfd", timer)
hold("signalfd", libc.signalfd(-1, struct.pack("Q", 1 << (signal.SIGUSR1 - 1)), 0))
epoll = select.epoll()
epoll.register(event, select.EPOLLIN)
hold("epoll", keep(epoll))
inotify = libc.inotify_init1(0)
libc.inotify_add_watch(inotify, folder.encode(), 0x100)
hold("inotify", inotify)
hold("pidfd", os.pidfd_open(os.getpid()))
memfd = os.memfd_create("held")
hold("memfd", memfd)
name = f"/ipctrace-{os.getpid()}"
shm = os.open("/dev/shm" + name, os.O_CREAT | os.O_RDWR, 0o600)
hold("mem", shm)
queue = libc.mq_open(name.encode(), os.O_CREAT | os.O_RDWR, 0o600, None)
hold("mq", queue)
master, slave = pty.openpty()
hold("pty", master, slave)
hold("io_uring", libc.syscall(425, 4, ctypes.create_string_buffer(120)))
hold("userfaultfd", libc.syscall(323, 1))
id_msg, id_sem, id_shm = libc.msgget(0, 0o1600), libc.semget(0, 2, 0o1600), libc.shmget(0, 4096, 0o1600)
libc.shmat.restype = ctypes.c_void_p
libc.shmdt.argtypes = [ctypes.c_void_p]
print(json.dumps(held), flush=True)

def work():
    os.write(pair[0].fileno(), b"12345")
    pair[1].recv(5)
    os.write(fifo, b"123")
    os.read(fifo, 3)
    os.read(event, 8)
    os.write(event, struct.pack("Q", 7))
    epoll.poll(0)
    libc.mq_timedsend(queue, b"x", 1, 0, None)
    client.send(b"ab")
    libc.msgsnd(id_msg, struct.pack("l", 1) + b"hello", 5, 0)
    libc.semop(id_sem, struct.pack("Hhh", 1, 2, 0), 1)
    libc.shmdt(libc.shmat(id_shm, None, 0))
    open(folder + "/news", "w").close()
    os.read(inotify, 64)
    os.fstat(shm)

try:
    sys.stdin.readline()
    work()
    print("done", flush=True)
    sys.stdin.read()
finally:
    libc.msgctl(id_msg, 0, None)
    libc.semctl(id_sem, 0, 0)
    libc.shmctl(id_shm, 0, None)
    libc.mq_unlink(name.encode())
    os.unlink("/dev/shm" + name)
    for left in ("fifo", "socket", "news"):
        if os.path.exists(folder + "/" + left):
            os.unlink(folder + "/" + left)
    os.rmdir(folder)
"""

# The parent has told nobody yet, so the child is where it was when it said that it is ready.
SIGNALLED = """
import os, signal
r, w = os.pipe()
end, held = os.pipe()
child = os.fork()
if child == 0:
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    os.write(w, b"x")
    os.close(held)
    os.read(end, 1)
    os._exit(0)
os.close(end)
os.read(r, 1)
os.kill(child, signal.SIGUSR1)
os.kill(child, signal.SIGUSR2)
os.close(held)
os.waitpid(child, 0)
"""

# One id in two namespaces: the same program twice, the second time in one of its own.
TWO_NAMESPACES = """
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
assert libc.unshare(0x08000000) == 0, os.strerror(ctypes.get_errno())
first = libc.msgget(0x5f01, 0o1600)
libc.msgsnd(first, struct.pack("l", 1) + b"outer", 5, 0)
if os.fork() == 0:
    assert libc.unshare(0x08000000) == 0
    inner = libc.msgget(0x5f01, 0o1600)
    assert inner == first
    libc.msgsnd(inner, struct.pack("l", 1) + b"in", 2, 0)
    libc.msgsnd(inner, struct.pack("l", 1) + b"in", 2, 0)
    os._exit(0)
assert os.wait()[1] == 0
buffer = ctypes.create_string_buffer(64)
assert libc.msgrcv(first, buffer, 50, 0, 0) == 5
"""


class Objects(Case):
    def records(self):
        """Those that are written so far; the last line may not be whole yet."""
        lines = self.text("trace").split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def listed(self, tracer):
        """The list of objects as of now: it is whole when the next one begins."""
        before = len(self.records())

        def found():
            return [r for r in self.records()[before:] if r["record"] == "object" and r["moment"] == "list"]

        def second():
            return [i for i, record in enumerate(found()) if record["object"] == found()[0]["object"]][1:]

        tracer.send_signal(signal.SIGUSR1)
        wait_until(found, "a list of objects")
        tracer.send_signal(signal.SIGUSR1)
        return found()[:wait_until(second, "a second list")[0]]

    def descriptors(self, pid, link):
        """The witness: what /proc says, {fd: access}."""
        found = {}
        for fd in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{fd}"
            if os.readlink(path) == link:
                mode = os.lstat(path).st_mode
                found[int(fd)] = ("r" if mode & 0o400 else "") + ("w" if mode & 0o200 else "")
        return found


class Copies(Objects):
    def one(self, way, count):
        errors = open(self.path("errors"), "w")
        self.addCleanup(errors.close)
        tracer = self.trace("--format=json", program("copies"), way, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=errors)
        told = [list(map(int, tracer.stdout.readline().split())) for _ in range(count)]
        self.assertTrue(all(told), self.text("errors"))
        objects = {record["object"]: record for record in self.listed(tracer)}
        calls = [record for record in self.records() if record["record"] == "call"]
        made = next(call for call in calls if call["call"] == "pipe2")
        name = made["args"]["pipefd"]["items"][0]["object"]
        links = {made["args"]["pipefd"]["items"][end]["link"] for end in (0, 1)}
        self.assertEqual(len(links), 1)
        held = {(h["pid"], h["fd"], h["access"]) for h in objects[name]["holders"]}
        real = {(pid, fd, access) for pid, *_ in told for fd, access in self.descriptors(pid, *links).items()}
        self.assertEqual(held, real)
        for pid, *fds in told:
            self.assertLessEqual({fd for fd in fds if fd >= 0 and way != "dup3"} - {fd for _, fd, _ in held}, set())
        wrote = next(call for call in calls if call["call"] == "write" and call["ret"] == 5 and call["touched"])
        self.assertEqual([touched["object"] for touched in wrote["touched"]], [name])
        self.assertEqual(wrote["args"]["fd"]["object"], name)
        got = next(call for call in calls if call["call"] == "read" and call["ret"] == 5
                   and call["args"]["fd"].get("object") == name)
        self.assertEqual([(p["direction"], p["certainty"], p["pid"], p["fd"]) for p in got["peers"]],
                         [("from", "exact", wrote["pid"], wrote["args"]["fd"]["value"])])
        tracer.stdin.close()
        self.assertEqual(tracer.wait(PATIENCE), 0)
        self.assertEqual(self.text("errors"), "")

    def test_names_and_holders_follow_every_kind_of_copy(self):
        for way, count in WAYS.items():
            with self.subTest(way):
                self.one(way, count)


class Attached(Objects):
    def holder(self):
        holder = self.start("/usr/bin/python3", "-c", HOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.finish, holder)
        return holder, {int(fd): kind for fd, kind in json.loads(holder.stdout.readline()).items()}

    def finish(self, holder):
        """It removes what it has made."""
        if holder.poll() is None:
            holder.stdin.close()
            holder.wait(PATIENCE)

    def test_everything_that_is_held_is_known_and_older(self):
        holder, held = self.holder()
        tracer = self.attach(holder.pid, args=["--format=json"])
        objects = self.listed(tracer)
        found = {}
        for record in objects:
            for h in record["holders"]:
                if h["fd"] in held:
                    found[h["fd"]] = record["kind"]
                    self.assertEqual((h["pid"], h["older"]), (holder.pid, True), record)
                    self.assertEqual((record["older"], record["creator"]), (True, None), record)
        self.assertEqual(found, held)
        self.assertGreater(len(set(held.values())), 14, "kinds that this machine has")
        self.work(holder, tracer)

    def work(self, holder, tracer):
        holder.stdin.write(b"go\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), b"done\n")
        self.detach(tracer)
        calls = [record for record in self.records() if record["record"] == "call"]

        def states(name):
            call = next(call for call in calls if call["call"] == name and call["touched"])
            (touched,) = call["touched"]
            return touched["object"].split(":")[0], {q["name"] or q["unit"]: (q["before"], q["after"]) for q in touched["state"]}

        self.assertEqual(states("msgsnd"), ("msg", {"msgs": (0, 1), "B": (0, 5)}))
        self.assertEqual(states("semtimedop"), ("sem", {"[1]": (0, 2)}))
        self.assertEqual(states("shmat"), ("shm", {"attached": (0, 1), "B": (4096, 4096)}))
        self.assertEqual(states("mq_timedsend"), ("mq", {"msgs": (0, 1)}))
        self.details(calls, holder.pid)
        reads = [call for call in calls if call["call"] == "read" and call["touched"]]
        of_event = next(call for call in reads if call["touched"][0]["object"].startswith("eventfd"))
        self.assertEqual(of_event["touched"][0]["state"][0]["before"], 3)
        # Who put in what was there before we came is not known for certain.
        self.assertNotIn("exact", [peer["certainty"] for peer in of_event["peers"]])
        watched = next(call for call in calls if call["call"].startswith("epoll") and call["touched"])
        self.assertRegex(watched["touched"][0]["note"], r"^ready: eventfd:\d+$")


    def details(self, calls, pid):
        """What text says in words, against what the program did; it was the only one who did."""
        def of(name):
            call = next(call for call in calls if call["call"] == name and call["touched"] and call["touched"][0]["details"])
            return call["touched"][0]["details"]["fields"]

        self.assertEqual(of("msgsnd")["last_sender"]["before"], None)
        self.assertEqual(of("msgsnd")["last_sender"]["after"]["value"], pid)
        self.assertEqual(of("msgsnd")["last_receiver"]["after"], None)
        self.assertEqual(of("shmat")["creator"]["value"], pid)
        self.assertEqual(of("shmat")["last_pid"]["after"]["value"], pid)
        (semaphore,) = of("semtimedop")["semaphores"]["items"]
        self.assertEqual(semaphore["fields"]["last_pid"]["after"]["value"], pid)
        self.assertEqual(semaphore["fields"]["num"]["value"], 1)
        watches, ready = (of("epoll_wait")[name]["items"] for name in ("watches", "ready"))
        self.assertEqual([{**one["fields"], "events": None} for one in ready], [{**one["fields"], "events": None} for one in watches])
        self.assertEqual(watches[0]["fields"]["events"]["value"], 0x19)    # EPOLLERR and EPOLLHUP come unasked
        self.assertRegex(watches[0]["fields"]["fd"]["object"], r"^eventfd:\d+$")
        self.assertEqual(watches[0]["fields"]["fd"]["value"], int(watches[0]["fields"]["data"]["value"]) & 0xffffffff)
        self.assertEqual(ready[0]["fields"]["events"]["value"], 1)


class Signals(Objects):
    def test_the_target_of_a_signal_is_told_in_values(self):
        done = subprocess.run([IPCTRACE, "--format=json", "-o", self.path("trace"), "/usr/bin/python3", "-c", SIGNALLED],
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        kills = [r for r in self.records() if r["record"] == "call" and r["call"] == "kill"]
        told = []
        for kill in kills:
            (peer,) = kill["peers"]
            fields = peer["details"]["fields"]
            told.append((fields["signal"]["name"], fields["disposition"]["name"],
                         *((fields[name][when] or {"value": None})["value"]
                           for name in ("blocked", "pending") for when in ("before", "after"))))
        self.assertEqual(told, [("SIGUSR1", "caught", 1, 1, 0, 1), ("SIGUSR2", "ignored", 0, 0, None, None)])


class Namespaces(Objects):
    @unittest.skipUnless(os.geteuid() == 0, "needs root, to make namespaces")
    def test_one_id_in_two_namespaces_means_two_objects(self):
        done = subprocess.run([IPCTRACE, "--format=json", "-o", self.path("trace"), "/usr/bin/python3", "-c", TWO_NAMESPACES],
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        calls = [record for record in self.records() if record["record"] == "call" and record["call"].startswith("msg")]
        (outer, *inner, got) = [call for call in calls if call["call"] != "msgget"]
        self.assertEqual({call["args"]["msqid"]["value"] for call in calls if "msqid" in call["args"]},
                         {outer["args"]["msqid"]["value"]}, "one id")
        names = [touched["object"] for call in (outer, *inner, got) for touched in call["touched"]]
        self.assertEqual(names, ["msg:1", "msg:2", "msg:2", "msg:1"])
        self.assertEqual([peer["pid"] for peer in got["peers"]], [outer["pid"]])
        self.assertEqual(inner[1]["touched"][0]["state"][0]["before"], 1)


if __name__ == "__main__":
    main()
