#!/usr/bin/env python3
# ctest: timeout=900 labels=long
"""A whole life of PostgreSQL, initdb to shutdown with pgbench between, is replayed as it was shown live."""
import glob
import os
import subprocess
import sys
import tempfile
import unittest

from services import as_user, free_port

IPCTRACE = os.environ.get("IPCTRACE", "ipctrace")
SKIPPED = 77

SCRIPT = r"""
set -e
tools=$1 data=$2 port=$3
at="-h $data -p $port -U test"
"$tools/initdb" -D "$data/db" -A trust -N -U test
"$tools/pg_ctl" -D "$data/db" -w -l "$data/log" -o "-c listen_addresses= -p $port -k $data -c fsync=off" start
"$tools/pgbench" $at -i -q postgres
"$tools/pgbench" $at -c 4 -j 2 -t 100 postgres
"$tools/pg_ctl" -D "$data/db" -w -m fast stop
"""


# What is shown live, and again.
VIEWS = {
    "text": ["-tt", "-T", "--objects", "--leaks", "-C", "--why"],
    "json": ["--format=json", "--objects", "--leaks", "-C", "--why"],
}


class Postgres(unittest.TestCase):
    def run_one(self, *words, **options):
        done = subprocess.run([*words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                              check=False, **options)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])

    def record(self, folder, view):
        """PostgreSQL's life, shown in folder/live and recorded in folder/record."""
        tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        data = os.path.join(folder, "data")
        os.chmod(folder, 0o777)
        os.mkdir(data)
        os.chmod(data, 0o777)
        self.run_one(IPCTRACE, *view, "-o", os.path.join(folder, "live"), "--record=" + os.path.join(folder, "record"), *as_user("postgres"), "sh",
                     "-c", SCRIPT, "sh", tools, data, str(free_port()))

    def replay(self, folder, name, *view):
        self.run_one(IPCTRACE, *view, "-o", os.path.join(folder, name), "--replay=" + os.path.join(folder, "record"), cwd="/",
                     env={"PATH": "/usr/bin:/bin", "TZ": "Pacific/Kiritimati"})

    def check_view(self, name):
        with tempfile.TemporaryDirectory(prefix="ipctrace-postgres-") as folder:
            self.record(folder, VIEWS[name])
            self.replay(folder, "again", *VIEWS[name])
            live, again = os.path.join(folder, "live"), os.path.join(folder, "again")
            self.assertEqual(subprocess.run(["cmp", live, again], capture_output=True, text=True, check=False).stdout, "")
            with open(live, "rb") as file:
                lines = file.read().splitlines(keepends=True)
            print(f"{name}: {len(lines)} lines, {os.path.getsize(os.path.join(folder, 'record'))} bytes recorded", file=sys.stderr)
            self.assertGreater(len(lines), 10000)
            if name == "text":
                self.check_parts(folder, lines)

    def check_parts(self, folder, live):
        """Views without a line for each call are what they are behind those lines: the end of what was shown live."""
        for view in (["-c"], ["-c", "--leaks"], ["-c", "--objects", "--leaks", "--why"]):
            self.replay(folder, "part", *view)
            with open(os.path.join(folder, "part"), "rb") as file:
                part = file.read().splitlines(keepends=True)
            self.assertGreater(len(part), 20, view)
            at = iter(live)
            self.assertEqual([line for line in part if line not in at], [], view)

    def test_replay_equals_live_as_text(self):
        self.check_view("text")

    def test_replay_equals_live_as_json(self):
        self.check_view("json")


if __name__ == "__main__":
    if not glob.glob("/usr/lib/postgresql/*/bin/initdb") or os.geteuid():
        sys.exit(SKIPPED)
    unittest.main(verbosity=1, argv=sys.argv)
