#!/usr/bin/env python3
# ctest: timeout=300
"""--format=json: every line of many traces fits the schema, tells the calls that text tells, and the values are right."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:
    # Debian's package is for Debian's python, which need not be the one in PATH.
    if os.path.exists("/usr/bin/python3") and not os.path.samefile(sys.executable, "/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

IPCTRACE = os.environ["IPCTRACE"]
DEMOS = os.path.join(os.environ["IPCTRACE_BUILD"], "demos")
SCHEMA = os.path.join(os.environ["IPCTRACE_SOURCE"], "docs", "ipctrace.schema.json")
LIMIT = 60      # seconds for one run

with open(SCHEMA, encoding="utf-8") as schema_file:
    VALIDATOR = jsonschema.Draft202012Validator(json.load(schema_file))

# A line of text that is a call, with its pid before it.
TEXT_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(.*\) += ")
# All that a JSON line may consist of: what is left out are controls, DEL and C1.
SAFE_LINE = re.compile("[ -~\u00a0-\U0010ffff]*")


class Run:
    """One traced command and its records."""

    def __init__(self, test, *words, text=False, status=0):
        with tempfile.TemporaryDirectory(prefix="ipctrace-json-") as folder:
            path = os.path.join(folder, "trace")
            front = [IPCTRACE, "-o", path] + ([] if text else ["--format=json"])
            # Its output goes nowhere: into a pipe it would be one more object of the trace.
            done = subprocess.run([*front, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, timeout=LIMIT, check=False)
            test.assertEqual((done.returncode, done.stderr), (status, b""), words)
            with open(path, "rb") as file:
                self.bytes = file.read()
        self.lines = self.bytes.decode("utf-8").split("\n")     # strict: invalid UTF-8 is an error
        test.assertEqual(self.lines.pop(), "", "the last line is whole")
        if text:
            return
        self.records = [parse(test, line) for line in self.lines]
        self.calls = [record for record in self.records if record["record"] == "call"]
        test.assertEqual(self.records[0]["record"], "begin")
        test.assertEqual(self.records[-1], {"v": 1, "record": "end", "calls": len(self.calls)})

    def of(self, record):
        return [found for found in self.records if found["record"] == record]

    def named(self, *names):
        return [call for call in self.calls if call["call"] in names]


def parse(test, line):
    """One line, by the letter: valid, no name twice, nothing that acts on a terminal."""
    def unique(pairs):
        names = [name for name, _ in pairs]
        test.assertEqual(len(names), len(set(names)), names)
        return dict(pairs)

    def no_constant(name):
        raise AssertionError(f"{name} is no JSON")

    test.assertTrue(SAFE_LINE.fullmatch(line), ascii(line))
    record = json.loads(line, object_pairs_hook=unique, parse_constant=no_constant)
    errors = [f"{list(error.absolute_path)}: {error.message}" for error in VALIDATOR.iter_errors(record)]
    test.assertEqual(errors, [], line)
    return record


def ids_in(node):
    """Every object id anywhere in a record."""
    if isinstance(node, dict):
        if isinstance(node.get("object"), str):
            yield node["object"]
        for value in node.values():
            yield from ids_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from ids_in(value)


def data(value):
    """The bytes of a value, whose text and base64 have to agree."""
    found = base64.b64decode(value["base64"], validate=True)
    try:
        assert found.decode("utf-8") == value["text"], value
    except UnicodeDecodeError:
        assert "\\x" in value["text"], value
    assert len(found) == value["len"], value
    return found


def main_state(call):
    """(before, after) of the main quantity of the only object that a call touched."""
    (touched,) = call["touched"]
    (quantity,) = [q for q in touched["state"] if q["name"] is None]
    return quantity["before"], quantity["after"]


class Schema(unittest.TestCase):
    """Whatever is traced fits."""

    DEMO_RUNS = [
        (["pipe"], ()), (["pipe", "--full"], ("--wait-note=1",)), (["sysv-msg"], ()), (["sysv-sem"], ("--objects",)),
        (["sysv-shm"], ()), (["posix-mq"], ()), (["futex"], ()), (["eventfd"], ()), (["unix-stream"], ("--objects",)),
        (["unix-dgram"], ()), (["fd-passing"], ()), (["tcp"], ()), (["udp"], ()), (["signals"], ()), (["epoll"], ()),
        (["file-lock"], ()), (["netlink"], ()), (["memfd"], ()), (["wait"], ()), (["threads"], ("-k",)),
    ]

    def test_every_line_of_every_demo_fits(self):
        for (demo, *words), options in self.DEMO_RUNS:
            with self.subTest(demo=demo, options=options):
                run = Run(self, *options, os.path.join(DEMOS, demo), *words)
                self.assertGreater(len(run.calls), 2)
                introduced = set()
                for record in run.records:
                    if record["record"] == "object" and record["moment"] == "new":
                        self.assertNotIn(record["object"], introduced)
                        introduced.add(record["object"])
                    self.assertLessEqual(set(ids_in(record)), introduced, "an id before its object's record")
                self.assertEqual(bool(run.of("object") and run.records[-2]["record"] == "object"),
                                 "--objects" in options)

    def test_all_calls_of_a_shell_fit(self):
        run = Run(self, "-e", "trace=all", "-v", "-s", "100000", "sh", "-c", "ls -l / | sort >/dev/null; exit 3", status=3)
        self.assertGreater(len(run.calls), 100)
        self.assertEqual(run.of("exit")[-1]["code"], 3)

    def test_the_schema_refuses_what_is_wrong(self):
        run = Run(self, os.path.join(DEMOS, "pipe"), "--alone")
        call = json.dumps(run.named("write")[0])
        for good, bad in (('"v": 1', '"v": 2'), ('"returned"', '"gone"'), ('"type": "fd"', '"type": "fds"'),
                          ('"base64": "', '"base64": "!'), ('"peers": [{', '"peers": [{"x": 1, '),
                          ('"certainty": "exact"', '"certainty": "sure"'), ('"ip": "0x', '"ip": "')):
            self.assertIn(good, call)
            self.assertFalse(VALIDATOR.is_valid(json.loads(call.replace(good, bad, 1))), bad)


class SameAsText(unittest.TestCase):
    """Both renderers are fed the same calls."""

    def test_a_recorded_trace_has_the_same_calls_in_both(self):
        for words in (["pipe"], ["signals"], ["sysv-sem"], ["threads"], ["unix-stream"]):
            with self.subTest(words), tempfile.TemporaryDirectory(prefix="ipctrace-json-") as folder:
                record = "--record=" + os.path.join(folder, "record")
                replay = "--replay=" + os.path.join(folder, "record")
                live = Run(self, "-e", "trace=all", record, os.path.join(DEMOS, words[0]), *words[1:])
                again = Run(self, replay)
                text = Run(self, replay, text=True)
                from_text = [match[1] for match in map(TEXT_CALL.match, text.lines) if match]
                self.assertEqual([call["call"] for call in again.calls], from_text)
                self.assertEqual(again.bytes, live.bytes, "replayed as it was live")


class Values(unittest.TestCase):
    """What a trace says is what happened."""

    def test_a_pipe_between_two_processes(self):
        run = Run(self, "-e", "trace=ipc,lseek", os.path.join(DEMOS, "pipe"))
        (made,) = run.named("pipe", "pipe2")
        reader_end, writer_end = made["args"]["pipefd"]["items"]
        pipe = reader_end["object"]
        self.assertEqual((reader_end["access"], writer_end["access"], writer_end["object"]), ("r", "w", pipe))
        self.assertEqual([(t["object"], t["created"]) for t in made["touched"]], [(pipe, True)])
        (introduced,) = [o for o in run.of("object") if o["object"] == pipe]
        self.assertEqual(introduced["creator"], made["pid"])
        self.assertEqual(f'pipe:[{introduced["identity"].removeprefix("inode ")}]', reader_end["link"])
        self.assertEqual({(h["pid"], h["fd"], h["access"]) for h in introduced["holders"]},
                         {(made["pid"], reader_end["value"], "r"), (made["pid"], writer_end["value"], "w")})

        (birth,) = [fork for fork in run.of("fork") if fork["parent_tid"] == made["pid"]]
        parent, child = made["pid"], birth["pid"]
        (write,) = run.named("write")
        reads = run.named("read")
        self.assertEqual([read["ret"] for read in reads], [21, 0])
        for call, pid, end in ((write, parent, writer_end), (reads[0], child, reader_end)):
            self.assertEqual(call["pid"], pid)
            self.assertEqual((call["args"]["fd"]["value"], call["args"]["fd"]["object"]), (end["value"], pipe))
            self.assertEqual(data(call["args"]["buf"]), b"hello from the parent")
            self.assertEqual(call["args"]["buf"]["total"], 21)
            self.assertIs(call["args"]["buf"]["truncated"], False)
            self.assertEqual((call["ret"], call["result"]["value"], call["error"]), (21, 21, None))
        self.assertEqual([(p["direction"], p["pid"], p["certainty"]) for p in write["peers"]], [("to", child, "exact")])
        self.assertEqual([(p["direction"], p["pid"], p["certainty"]) for p in reads[0]["peers"]],
                         [("from", parent, "exact")])
        self.assertEqual(main_state(write)[0], 0)
        self.assertEqual(main_state(reads[1])[1], 0)
        (seek,) = [call for call in run.named("lseek") if call["args"]["fd"].get("object") == pipe]
        self.assertEqual((seek["ret"], seek["error"], seek["result"]), (-29, {"name": "ESPIPE", "errno": 29}, None))
        self.assertEqual([(e["pid"], e["code"]) for e in run.of("exit")], [(child, 0), (parent, 0)])

    def test_the_state_goes_up_and_down(self):
        run = Run(self, os.path.join(DEMOS, "pipe"), "--alone")
        self.assertEqual([(call["call"], *main_state(call)) for call in run.named("write", "read")],
                         [("write", 0, 8), ("write", 8, 13), ("read", 13, 10), ("read", 10, 0)])

    def test_a_blocked_call_is_announced_and_counted_once(self):
        tracer = subprocess.Popen([IPCTRACE, "--format=json", "--wait-note=1", "cat"], stdin=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        with tracer:
            # cat waits for us, and we for the announcement: it has to come while cat is blocked.
            records = []
            while not records or records[-1]["record"] != "blocked":
                records.append(parse(self, tracer.stderr.readline().decode("utf-8").rstrip("\n")))
            tracer.stdin.close()
            rest = [parse(self, line.rstrip("\n")) for line in tracer.stderr.read().decode("utf-8").splitlines()]
        self.assertEqual(tracer.returncode, 0)
        blocked = records[-1]
        self.assertEqual((blocked["call"], blocked["state"], blocked["ret"], blocked["error"]),
                         ("read", "blocked", None, None))
        (over,) = [call for call in rest if call["record"] == "call" and call["time_ns"] == blocked["time_ns"]]
        self.assertEqual((over["state"], over["ret"]), ("returned", 0))
        self.assertGreaterEqual(over["duration_ns"], blocked["duration_ns"])
        self.assertEqual(rest[-1]["calls"], sum(record["record"] == "call" for record in records + rest))
        self.assertNotIn("blocked", [record["record"] for record in rest])

    def test_a_truncated_buffer_says_so(self):
        run = Run(self, "-s", "5", os.path.join(DEMOS, "pipe"))
        buffer = run.named("write")[0]["args"]["buf"]
        self.assertEqual((data(buffer), buffer["len"], buffer["total"], buffer["truncated"]), (b"hello", 5, 21, True))

    def test_hostile_bytes_stay_bytes(self):
        every = bytes(range(256))
        name = b"/nowhere/\xff\x1b[2J\xed\xa0\x80\"\\\xe2\x80\xae"
        code = ("import os; r, w = os.pipe(); os.write(w, bytes(range(256))); os.read(r, 256)\n"
                f"try: os.stat({name!r})\nexcept OSError: pass\n"
                "open('/proc/self/comm', 'wb').write(b'a\\xff\"\\n')\nos.write(w, b'x'); os.close(w)")
        run = Run(self, "-e", "trace=all", "-s", "256", sys.executable, "-c", code)
        (write,) = [c for c in run.named("write") if c["ret"] == 256]
        (read,) = [c for c in run.named("read") if c["ret"] == 256 and c["args"]["fd"]["kind"] == "pipe"]
        self.assertEqual((data(write["args"]["buf"]), data(read["args"]["buf"])), (every, every))
        paths = [argument for call in run.calls for argument in call["args"].values()
                 if argument and argument["type"] == "bytes" and argument["form"] == "path"]
        self.assertIn(name, [data(path) for path in paths])

    def test_large_numbers_lose_nothing(self):
        code = "import os; r, w = os.pipe()\ntry: os.lseek(r, -(2 ** 63), 0)\nexcept OSError: pass"
        run = Run(self, "-e", "trace=lseek", sys.executable, "-c", code)
        self.assertEqual(run.named("lseek")[-1]["args"]["offset"]["value"], "-9223372036854775808")

    def test_a_signal_names_its_sender(self):
        code = "import os, signal; signal.signal(signal.SIGUSR1, lambda *_: 0); os.kill(os.getpid(), signal.SIGUSR1)"
        run = Run(self, "-e", "trace=kill", sys.executable, "-c", code)
        (delivery,) = [record for record in run.of("signal") if record["signal"]["name"] == "SIGUSR1"]
        self.assertEqual(delivery["signal"]["number"], signal.SIGUSR1)
        self.assertEqual([(p["direction"], p["pid"]) for p in delivery["peers"]], [("from", delivery["pid"])])
        self.assertEqual(delivery["siginfo"]["fields"]["si_pid"]["value"], delivery["pid"])
        (kill,) = run.named("kill")
        self.assertEqual(kill["args"]["pid"]["value"], delivery["pid"])


class Options(unittest.TestCase):
    """What cannot be is refused in one line."""

    def test_strace_has_no_json(self):
        done = subprocess.run([IPCTRACE, "--strace", "--format=json", "true"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, b"")
        self.assertIn(b"--format=json shows what strace does not: leave out --strace\n", done.stderr)

    def test_only_two_formats_exist(self):
        done = subprocess.run([IPCTRACE, "--format=xml", "true"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"invalid --format argument: 'xml'", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
