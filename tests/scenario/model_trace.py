"""What the tests of the model share: a traced program, told once as JSON and once as text, in a form that tables can expect.

One line of that form is one call of one process:

    ROLE CALL[!ERROR] TOUCHED... [PEERS]
    parent write pipe:1 0>21/65536B -> child/3

ROLE is the name that the process had in the end, so that it does not matter when it took it. TOUCHED is the object, a + if
the call made it, its quantities as NAME=BEFORE>AFTER/LIMIT UNIT and its note in quotes. PEERS are roles, with a ~ if they are
inferred, / and the descriptor. In what a table expects, * stands for anything."""

import json
import os
import re
import signal
import subprocess
import tempfile

IPCTRACE = os.environ.get("IPCTRACE", "ipctrace")
BUILD = os.environ.get("IPCTRACE_BUILD", ".")
PREFIX = []     # what ipctrace is started with: the command that makes it another user's
LIMIT = 60      # seconds for one run
TRIES = 3       # of a demo that a busy machine has let run into its deadline

# The demos let a blocked call be seen for 300 ms; what is announced sooner is seen on a busy machine too.
WAIT_NOTE = "--wait-note=20"

ARROWS = {"to": "->", "from": "<-", "waits_for": "waits for"}
TEXT_CALL = re.compile(r"^\d+ +(\w+)\(.*?(?:\) += |\) \.\.\. blocked for )")


def demo(*words):
    return [os.path.join(BUILD, "demos", words[0]), *words[1:]]


def support(*words):
    """A tracee of tests/support."""
    return [os.path.join(BUILD, "tests", words[0]), *words[1:]]


def options_for(words):
    # The demo `ptrace` traces a child itself: a seccomp filter of ipctrace's would make that child a tracee of ipctrace's.
    return ["--no-seccomp"] if words[0] == "ptrace" else []


class Trace:
    """A command traced live as JSON; the same events as text; the command's own output."""

    def __init__(self, command, *options):
        with tempfile.TemporaryDirectory(prefix="ipctrace-model-") as folder:
            os.chmod(folder, 0o777 if PREFIX else 0o700)

            def path(name):
                return os.path.join(folder, name)

            def run(*words):
                # stdout is a file: a pipe would be one more object of the trace.
                with open(path("stdout"), "wb") as out:
                    done = subprocess.run([*PREFIX, IPCTRACE, *words], stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=subprocess.PIPE, timeout=LIMIT, check=False)
                if done.returncode == -signal.SIGALRM:
                    raise Deadline(" ".join(map(str, command)))
                if done.returncode == 77:
                    raise Skipped(" ".join(map(str, command)))
                # The ptrace demo does so, and what it makes is not seen.
                said = [line for line in done.stderr.splitlines() if not line.endswith(b"CLONE_UNTRACED: it is not traced")]
                if done.returncode or said:
                    raise AssertionError(f"{words}: {done.returncode} {done.stderr.decode(errors='replace')}")

            run(*options, WAIT_NOTE, "--format=json", "--record=" + path("events"), "-o", path("json"), *command)
            self.output = read(path("stdout"))
            run("--replay=" + path("events"), "-o", path("text"))
            self.records = [json.loads(line) for line in read(path("json")).splitlines()]
            self.text = read(path("text")).splitlines()
        self.calls = [record for record in self.records if record["record"] == "call"]
        self.told = [record for record in self.records if record["record"] in ("call", "blocked")]
        self.objects = {r["object"]: r for r in self.records if r["record"] == "object" and r["moment"] == "new"}
        self.roles = roles(self.records)

    def lines(self, records=None):
        """[(pid, line)] of the calls that are over and of those that are announced as blocked."""
        return [(record["pid"], line_of(record, self.roles)) for record in records or self.told]

    def of_object(self, name):
        return [call for call in self.calls if any(touched["object"] == name for touched in call["touched"])]


class Deadline(Exception):
    """The demo was not done in the time that it gives itself."""


def trace_in_time(command, *options):
    for attempt in range(TRIES):
        try:
            return Trace(command, *options)
        except Deadline:
            if attempt == TRIES - 1:
                raise
    return None


class Skipped(Exception):
    """This machine lacks what the command needs."""


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def roles(records):
    """pid -> the last name of the process; what has no name of its own has its number."""
    found = {}
    for record in records:
        if record.get("comm") and record.get("tid") == record.get("pid"):
            found[record["pid"]] = record["comm"]
    return found


def quantity_text(quantity):
    def number(value):
        return "-" if value is None else str(value)
    limit = "" if quantity["limit"] is None else f"/{quantity['limit']}"
    name = f"{quantity['name']}=" if quantity["name"] else ""
    return f"{name}{number(quantity['before'])}>{number(quantity['after'])}{limit}{quantity['unit'] or ''}"


def waiters(touched, name):
    """(waiting for increase, waiting for zero) of the semaphore that is called [n], as last seen."""
    for item in ((touched["details"] or {"fields": {}})["fields"].get("semaphores") or {"items": []})["items"]:
        fields = item["fields"]
        if name == f"[{fields['num']['value']}]":
            return tuple((fields[one]["after"] or fields[one]["before"] or {"value": 0})["value"]
                         for one in ("waiting_for_increase", "waiting_for_zero"))
    return 0, 0


def waiters_text(touched, quantity):
    """1up: one waits for an increase; 2zero: two wait for zero."""
    return "".join(f" {n}{what}" for n, what in zip(waiters(touched, quantity["name"]), ("up", "zero")) if n)


def touched_text(touched):
    words = [f"{touched['object']}{touched['part'] or ''}{'+' if touched['created'] else ''}"]
    words += [quantity_text(quantity) + waiters_text(touched, quantity) for quantity in touched["state"]]
    words += [f'"{touched["note"]}"'] if touched["note"] else []
    return " ".join(words)


def peer_text(peer, role_of):
    if peer["certainty"] == "unknown":
        return "?"
    sign = "~" if peer["certainty"] == "inferred" else ""
    descriptor = "" if peer["fd"] is None else f"/{peer['fd']}"
    return f"{role_of.get(peer['pid'], peer['comm'])}{sign}{descriptor}"


def line_of(record, role_of):
    name = record["call"]
    name += f"!{record['error']['name']}" if record.get("error") else "?" if record["state"] == "unfinished" else ""
    name += "..." if record["record"] == "blocked" else ""
    words = [role_of.get(record["pid"], str(record["pid"])), name]
    words += [touched_text(touched) for touched in record["touched"]]
    for direction, arrow in ARROWS.items():
        peers = sorted(peer_text(p, role_of) for p in record["peers"] if p["direction"] == direction)
        words += [arrow, ", ".join(peers)] if peers else []
    return " ".join(words)


def matches(pattern, line):
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), line) is not None


def missing(trace, expected):
    """
    The expected lines that are not there. Those of one role have to come in this order in one process of that name;
    how the calls of several processes interleave means nothing.
    """
    by_pid = {}
    for pid, line in trace.lines():
        by_pid.setdefault(pid, []).append(line)
    by_role = {}
    for pattern in expected:
        by_role.setdefault(role_in(pattern, trace), []).append(pattern)
    lost = []
    for role, patterns in by_role.items():
        # A role may belong to several processes, as each reader that is started again.
        tries = [first_missing(patterns, lines) for pid, lines in by_pid.items() if trace.roles.get(pid) == role]
        if None not in tries:
            lost.append(f"{role}: {tries or patterns}")
    return lost


def role_in(pattern, trace):
    """Roles may have blanks in them: the longest one that the line begins with."""
    found = [role for role in trace.roles.values() if pattern.startswith(role + " ")]
    return max(found, key=len, default=pattern.split()[0])


def first_missing(patterns, lines):
    rest = iter(lines)
    for pattern in patterns:
        if not any(matches(pattern, line) for line in rest):
            return pattern
    return None


# --- the text says what the JSON says ---


def quantity_in_text(quantity):
    before, after = quantity["before"], quantity["after"]
    is_changed = before is not None and after is not None and before != after
    parts = [f"{quantity['name']} " if quantity["name"] else "", f"{before} -> " if is_changed else "",
             str(before if after is None else after), "" if quantity["limit"] is None else f"/{quantity['limit']}",
             f" {quantity['unit']}" if quantity["unit"] else ""]
    return "".join(parts)


def peer_in_text(peer):
    if peer["certainty"] == "unknown" and not peer["pid"]:
        return "? ("
    thread = f" thread {peer['tid']}" if peer["tid"] and peer["tid"] != peer["pid"] else ""
    return (f"{peer['comm'] or '?'}[{peer['pid'] or 0}]{'' if peer['certainty'] == 'exact' else '~'}{thread}"
            + (f" fd {peer['fd']}" if peer["fd"] is not None else ""))


def parts_in_text(record):
    """What has to stand behind the result, in this order."""
    for touched in record["touched"]:
        if not any(touched[member] for member in ("part", "created", "state", "note")):
            continue    # the name alone is in the arguments
        yield "{" + touched["object"] + (touched["part"] or "") + (" new" if touched["created"] else "")
        for quantity in touched["state"]:
            yield quantity_in_text(quantity)
            yield from (f", {n} wait{'s' if n == 1 else ''}{what}"
                        for n, what in zip(waiters(touched, quantity["name"]), ("", " for 0")) if n)
        if touched["note"]:
            yield touched["note"]
        yield "}"
    direction = None
    for peer in record["peers"]:
        yield ", " if peer["direction"] == direction else f" {ARROWS[peer['direction']]} "
        yield peer_in_text(peer)
        direction = peer["direction"]


def untold(trace):
    """The calls of which the text does not say what the JSON says: [(text line, what is not there)]."""
    lines = [line for line in trace.text if TEXT_CALL.match(line)]
    if len(lines) != len(trace.told):
        return [(f"{len(lines)} calls in the text", f"{len(trace.told)} in the JSON")]
    wrong = []
    for record, line in zip(trace.told, lines):
        match = TEXT_CALL.match(line)
        if match[1] != record["call"]:
            wrong.append((line, record["call"]))
            continue
        at = match.end()
        for part in parts_in_text(record):
            at = line.find(part, at)
            if at < 0:
                wrong.append((line, part))
                break
            at += len(part)
    return wrong
