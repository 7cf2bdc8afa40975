#!/usr/bin/env python3
# ctest: timeout=120
"""The state that a trace shows against what the traced program itself asked the kernel for, before and after each operation."""

import os
import unittest

from model_laws import EFFECTS, broken, identity, witnessed
from model_trace import Trace, missing, support, untold

# mechanism: kinds of objects, and what the program is told to be, if not one call's own name and quantity.
KINDS = {
    "pipe": "pipe", "fifo": "fifo", "msg": "msg", "sem": "sem", "shm": "shm", "mq": "mq", "eventfd": "eventfd",
    "timerfd": "timerfd", "unix-stream": "unix", "unix-dgram": "unix", "tcp": "tcp", "udp": "udp", "futex": "futex",
    "lock": "lock",
}

# The kernel hands packets over on a softirq: at the sender's return the other queue may not have them yet.
LATE = {"tcp", "udp"}

# Of these only one sample is taken, since the other would change something or tell what is no longer there.
WITHOUT_AFTER = {("shm", "shmdt")}
WITHOUT_BEFORE = {("timerfd", "read")}


def operations(output):
    """What the program printed: [(call, {quantity: (before, after)})]."""
    found = {}
    for line in output.splitlines():
        number, call, quantity, before, after = line.split("\t")
        found.setdefault(int(number), (call, {}))[1][quantity] = (before, after)
    return [found[number] for number in sorted(found)]


def calls_on(trace, kind, names):
    """The calls that are operations: not those by which the program asks, nor those on other objects."""
    return [call for call in trace.calls if call["call"] in names and not witnessed(call) and call["touched"]
            and call["touched"][0]["object"].split(":")[0] == kind]


def shown(call, quantity):
    """(before, after) of one quantity as texts; of a lock what its note says."""
    (touched,) = call["touched"]
    if quantity == "lock":
        return touched["note"], touched["part"]
    (found,) = [q for q in touched["state"] if (q["name"] or q["unit"]) == quantity]
    return tuple("-" if found[when] is None else str(found[when]) for when in ("before", "after"))


def listed(call):
    """What the kernel's list has of the range that is asked for, before and after: write, read or none."""
    details = call["touched"][0]["details"]["fields"]
    wanted = details["request"]["fields"]

    def found(locks):
        kinds = [lock["fields"]["type"]["name"] for lock in locks["items"]
                 if lock["fields"]["kind"]["name"] == "POSIX" and lock["fields"]["owner"]["value"] == call["pid"]
                 and all(lock["fields"][end] == wanted[end] for end in ("first", "last"))]
        return kinds[0] if kinds else "none"

    return found(details["locks"]["before"]), found(details["locks"]["after"])


class Witness(unittest.TestCase):
    def compare(self, mechanism):
        trace = Trace(support("witness_state", mechanism))
        told = operations(trace.output)
        calls = calls_on(trace, KINDS[mechanism], {call for call, _ in told})
        self.assertEqual([call["call"] for call in calls], [call for call, _ in told], trace.output)
        for call, (name, quantities) in zip(calls, told):
            for quantity, (before, after) in quantities.items():
                with self.subTest(f"{mechanism} {name} {quantity}"):
                    self.one(mechanism, call, quantity, before, after)
        self.assertEqual(missing(trace, []), [])
        self.assertEqual(broken(trace)[0], [])
        self.assertEqual(identity(trace), [])
        self.assertEqual(untold(trace), [])

    def one(self, mechanism, call, quantity, before, after):
        got = shown(call, quantity)
        if quantity == "lock":
            # "write [5..15)" was there before or is there now.
            kind, where = (before if after == "none" else after).split(" ")
            self.assertEqual(got, ("POSIX unlocked" if after == "none" else f"POSIX {kind} lock", where))
            self.assertEqual(listed(call), (before.split(" ")[0], after.split(" ")[0]))
            return
        if (mechanism, call["call"]) in WITHOUT_AFTER:
            after = "-"
        if (mechanism, call["call"]) in WITHOUT_BEFORE:
            before = "-"
        self.assertEqual(got[0], before, call)
        if got[1] != after and mechanism in LATE and call["call"] == "sendto":
            self.assertEqual(got[1], before, "either the queue of before or that of after")
            return
        self.assertEqual(got[1], after, call)

    def test_each_number_is_what_the_kernel_said(self):
        for mechanism in KINDS:
            with self.subTest(mechanism):
                self.compare(mechanism)

    def test_every_kind_with_a_law_has_a_witness(self):
        self.assertLessEqual(set(EFFECTS), set(KINDS.values()))


class Mappings(unittest.TestCase):
    """The same word at two addresses in two processes is one object."""

    def test_one_word_at_two_addresses_is_one_object(self):
        for memory, kind in (("file", "mem"), ("shm", "shm")):
            with self.subTest(memory):
                trace = Trace(support("witness_mapping", memory))
                told = [line.split("\t") for line in trace.output.splitlines()]
                addresses = {who: address for who, address, _ in told}
                self.assertEqual(len(set(addresses.values())), 2, "the program has two addresses")
                futexes = [call for call in trace.calls if call["call"] == "futex"
                           and call["args"]["uaddr"]["value"] in addresses.values()]
                self.assertEqual({call["args"]["uaddr"]["value"] for call in futexes}, set(addresses.values()))
                self.assertEqual({call["touched"][0]["object"] for call in futexes}, {"futex:1"})
                futex = trace.objects["futex:1"]
                self.assertRegex(futex["label"], rf"^in {kind}:1 ")
                self.assertEqual(futex["identity"], f"shared, offset {4096 + 256 if memory == 'file' else 256}")
                self.assert_woken(trace, futexes)

    def assert_woken(self, trace, futexes):
        """Who woke and who was woken."""
        (waker,) = {call["pid"] for call in futexes if "FUTEX_WAKE" in str(call["args"]["futex_op"])}
        (waiter,) = {call["pid"] for call in futexes if "FUTEX_WAIT" in str(call["args"]["futex_op"])}
        woke = [call for call in futexes if call["pid"] == waker and call["ret"] == 1]
        self.assertTrue(woke)
        self.assertEqual([(p["direction"], p["pid"]) for p in woke[0]["peers"]], [("to", waiter)])
        slept = [call for call in futexes if call["pid"] == waiter and call["ret"] == 0]
        self.assertEqual({(p["direction"], p["pid"]) for call in slept for p in call["peers"]}, {("from", waker)})


if __name__ == "__main__":
    if not os.path.exists(support("witness_state")[0]):
        print("no tracees: built with sanitizers")
        raise SystemExit(77)
    unittest.main(verbosity=1)
