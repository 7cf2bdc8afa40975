#!/usr/bin/env python3
# ctest: timeout=300
"""Is every message matched with the call that sent it? tests/support/truth.c and truth_wakes.c know what they have sent and got:
each match that is not marked ~ has to be what it says.

    matching.py                             a few thousand messages over each mechanism
    matching.py MECHANISM N [WRITERS READERS]   one mechanism, and figures; MATCHING_OPTIONS="--no-state" goes to ipctrace"""
import collections
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tracing import IPCTRACE, main, program     # noqa: E402

WITH_DATA = ("pipe", "fifo", "splice", "unix-stream", "unix-dgram", "unix-seqpacket", "tcp", "udp", "msg", "mq", "eventfd")
WAKES = ("futex", "futex-bits", "sem", "signal", "signal-value")
MECHANISMS = WITH_DATA + WAKES
RECEIVES = {"read", "recvfrom", "msgrcv", "mq_timedreceive", "splice", "rt_sigtimedwait"}
LIMIT = int(os.environ.get("MATCHING_LIMIT", "120"))
COUNT_BITS = 20
CELL = 8


class Logs:
    """What the processes wrote down: by pid, in the order of their calls."""

    def __init__(self, folder):
        self.sent, self.got = {}, {}
        for name in os.listdir(folder):
            if not name.isdigit():
                continue
            self.sent[int(name)], self.got[int(name)] = [], []
            with open(os.path.join(folder, name)) as file:
                for line in file:
                    kind, *words = line.split()
                    if kind == "s":
                        self.sent[int(name)].append(tuple(map(int, words)))
                    else:
                        self.got[int(name)].append(words)


def number(value):
    return int(value)


def is_receive(record):
    """Has the call received what the program has written down?"""
    ret, args = number(record["ret"] or 0), record["args"]
    if record["call"] == "futex":
        return ret == 0 and record["error"] is None and args["futex_op"]["name"].startswith("FUTEX_WAIT")
    if record["call"] == "semtimedop":
        operation = args["sops"]["items"][0]["fields"]
        return ret == 0 and operation["sem_num"]["value"] == 1 and operation["sem_op"]["value"] < 0
    return record["call"] in RECEIVES and ret > 0


class Told:
    """What ipctrace says: numbers of messages by pid, and of each receive its matches."""

    def __init__(self):
        self.sent = collections.defaultdict(list)       # pid -> [(object, number)]
        self.got = collections.defaultdict(list)        # pid -> [[(object, number, first, end, pid, is_exact)]]
        self.cut = set()                                # (pid, receive) of those that have more than are told
        self.passed = []                                # of a splice: ([received], (object, number))
        self.merged = 0

    def add(self, record):
        received = []
        for m in record["messages"]:
            where = m["object"], number(m["number"])
            if m["direction"] == "sent":
                self.sent[record["pid"]].append(where)
                continue
            self.merged += number(m["merged"])
            received.append((*where, number(m["first"]), number(m["end"]), m["pid"], m["certainty"] == "exact"))
            if number(m["latency_ns"]) < number(m["held_ns"]) or number(m["latency_ns"]) > 1 << 40:
                raise AssertionError(f"times of {m}")
        if record["call"] == "splice" and number(record["ret"] or 0) > 0:
            self.passed.append((received, self.sent[record["pid"]][-1]))
        elif is_receive(record):
            if number(record["more_messages"]):
                self.cut.add((record["pid"], len(self.got[record["pid"]])))
            self.got[record["pid"]].append(received)


def runs_of(words):
    """[(writer, number, from, to)] of a line of a log; None as the writer for bytes that cannot be told."""
    for word in words:
        parts = word.split(":")
        yield (None, 0, 0, 0) if parts[0] == "?" else tuple(map(int, parts))


class Check:
    def __init__(self, logs, told):
        self.logs, self.told = logs, told
        self.exact = self.inferred = self.unknown = self.wrong = self.receives = 0
        self.first_wrong = []
        self.is_single = sum(bool(sent) for sent in logs.sent.values()) == 1
        self.names = {}         # (object, number) -> [(writer, number, first, end)]; exact or None
        for pid, sent in logs.sent.items():
            if sent and len(told.sent.get(pid, ())) != len(sent):
                raise AssertionError(f"{pid} has sent {len(sent)} and is told to have sent {len(told.sent.get(pid, ()))}")
            for where, (writer, which, length) in zip(told.sent[pid], sent):
                if where in self.names:
                    raise AssertionError(f"two messages {where}")
                self.names[where] = [(writer, which, 0, length)]
        for received, where in told.passed:
            self.names[where] = self.content(received)

    def content(self, received):
        """What is in a message that a splice has made of others; None for what is not known."""
        parts = []
        for thing, which, first, end, _, is_exact in received:
            writer, name, start, _ = self.names[(thing, which)][0]
            # In which order those of several writers are in it is not said.
            is_known = is_exact and (len(received) == 1 or self.is_single)
            parts.append((writer, name, start + first, start + end) if is_known else (None, None, first, end))
        return parts

    def slices(self, where, first, end):
        """The parts of a message that are in its range [first, end)."""
        at = 0
        for writer, which, start, stop in self.names[where]:
            low, high = max(first, at), min(end, at + stop - start)
            if low < high:
                yield writer, which, start + low - at, start + high - at
            at += stop - start

    def receive(self, truth, received):
        """Each exact match against the bytes that are known."""
        self.receives += 1
        self.unknown += not received
        for thing, which, first, end, _, is_exact in received:
            self.exact += is_exact
            self.inferred += not is_exact
            if is_exact:
                for said in self.slices((thing, which), first, end):
                    # A piece without a whole cell says nothing.
                    if said[0] is not None and any(run[0] is not None for run in truth) and not self.is_in(truth, *said):
                        self.wrong += 1
                        self.first_wrong.append(((thing, which, first, end), said, truth))

    @staticmethod
    def is_in(truth, writer, name, low, high):
        """Are those bytes of the message among the received ones, in order? Some, less than a cell, cannot be told."""
        pieces = sorted((first, end) for w, n, first, end in truth if (w, n) == (writer, name))
        at, odd = low, any(w is None for w, *_ in truth)
        for first, end in pieces:
            if first > at + (CELL if odd else 0):
                break
            at = max(at, end)
        return at >= high - (CELL if odd else 0)

    def count(self, value, received, writer_of, is_cut):
        """An eventfd: how many of each writer's; of a long list only the beginning is told."""
        self.receives += 1
        self.unknown += not received
        is_exact = bool(received) and all(m[5] for m in received)
        self.exact += sum(m[5] for m in received)
        self.inferred += sum(not m[5] for m in received)
        units = collections.Counter()
        for _, _, first, end, pid, _ in received:
            units[writer_of[pid]] += end - first
        true = {w: value & ((1 << COUNT_BITS) - 1) << w * COUNT_BITS for w in range(4)}
        if is_exact and any(units[w] > true[w] if is_cut else units[w] != true[w] for w in true):
            self.wrong += 1
            self.first_wrong.append((value, dict(units)))

    def all(self):
        ends = {pid: 3 for pid in self.logs.sent}
        writer_of = {**ends, **{pid: sent[0][0] for pid, sent in self.logs.sent.items() if sent and sent[0][0] < 3}}
        for pid, lines in self.logs.got.items():
            if len(lines) != len(self.told.got.get(pid, ())):
                raise AssertionError(f"{pid} has received {len(lines)}, told {len(self.told.got.get(pid, ()))}")
            for i, (words, received) in enumerate(zip(lines, self.told.got[pid])):
                if self.is_counter(words):
                    self.count(int(words[0]), received, writer_of, (pid, i) in self.told.cut)
                else:
                    self.receive(list(runs_of(words)), received)
        n_sent, n_got = (sum(map(len, of.values())) for of in (self.logs.sent, self.logs.got))
        if self.told.merged and self.told.merged > n_sent - n_got:
            raise AssertionError(f"{n_sent} sent, {n_got} received, and {self.told.merged} are told to have been merged")
        return self

    @staticmethod
    def is_counter(words):
        return len(words) == 1 and words[0].isdigit()


def read_trace(path, told):
    with open(path) as trace:
        for line in trace:
            if '"record":"call"' in line and ('"touched":[{' in line or '"messages":[{' in line or '"call":"rt_sigtimedwait"' in line):
                told.add(json.loads(line))


def run(mechanism, n, writers, readers, seed=1, options=()):
    with tempfile.TemporaryDirectory(prefix="ipctrace-truth-") as folder:
        trace, told = os.path.join(folder, "trace"), Told()
        os.mkfifo(trace)
        failure = []

        def follow():
            try:
                read_trace(trace, told)
            except Exception as error:      # pylint: disable=broad-except
                failure.append(error)
                raise

        reader = threading.Thread(target=follow)
        reader.start()
        begin = time.monotonic()
        done = subprocess.run([IPCTRACE, "--format=json", "-o", trace, "--hang=0", *options, program("truth_wakes" if mechanism in WAKES else "truth"), mechanism, str(n),
                               str(writers), str(readers), str(seed), folder], stderr=subprocess.PIPE, timeout=LIMIT, check=False)
        reader.join()
        if done.returncode or done.stderr or failure:
            raise AssertionError(f"{mechanism}: {done.returncode} {done.stderr} {failure}")
        check = Check(Logs(folder), told).all()
        check.seconds = time.monotonic() - begin
        return check


def figures(mechanism, check):
    return (f"{mechanism}: {sum(map(len, check.logs.sent.values()))} sent, {check.receives} receives; matches: {check.exact} exact, "
            f"{check.inferred} ~; {check.unknown} receives without; {check.wrong} wrong; {check.seconds:.0f} s")


class Matching(unittest.TestCase):
    """Whatever is said to be exact is."""
    N = 2000

    def check(self, mechanism, writers, readers, least):
        check = run(mechanism, self.N, writers, readers)
        print(figures(f"{mechanism} {writers}->{readers}", check))
        self.assertEqual(check.wrong, 0, check.first_wrong[:3])
        total = check.exact + check.inferred + check.unknown
        self.assertGreaterEqual(check.exact, least * total, "there is hardly anything exact")

    def test_one_writer_and_one_reader_leave_no_doubt(self):
        for mechanism in MECHANISMS:
            with self.subTest(mechanism):
                # Of UDP some may be dropped; half of the receives of a queue do not ask for the priority.
                self.check(mechanism, 1, 1, {"udp": 0.0, "mq": 0.5, "signal-value": 0.0}.get(mechanism, 0.99))

    def test_of_several_each_match_is_right_or_marked(self):
        for mechanism, (writers, readers) in itertools.product(MECHANISMS, ((3, 1), (1, 3), (3, 3))):
            with self.subTest(mechanism):
                self.check(mechanism, writers, readers, 0)


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] in MECHANISMS:
        COUNTS = [int(word) for word in sys.argv[3:5]] or [3, 3]
        LIMIT = 36000
        DONE = run(sys.argv[1], int(sys.argv[2]), *COUNTS, options=os.environ.get("MATCHING_OPTIONS", "").split())
        print(figures(f"{sys.argv[1]} {COUNTS[0]}->{COUNTS[1]}", DONE), *DONE.first_wrong[:5], sep="\n")
        sys.exit(DONE.wrong != 0)
    main()
