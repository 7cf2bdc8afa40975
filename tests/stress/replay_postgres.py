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


class Postgres(unittest.TestCase):
    def run_one(self, *words, **options):
        done = subprocess.run([*words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                              check=False, **options)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])

    def test_replay_equals_live(self):
        tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        with tempfile.TemporaryDirectory(prefix="ipctrace-postgres-") as folder:
            os.chmod(folder, 0o777)
            live, record = os.path.join(folder, "live"), os.path.join(folder, "record")
            data = os.path.join(folder, "data")
            os.mkdir(data)
            os.chmod(data, 0o777)
            self.run_one(IPCTRACE, "-tt", "-T", "--objects", "--leaks", "-o", live, f"--record={record}", *as_user("postgres"), "sh", "-c",
                         SCRIPT, "sh", tools, data, str(free_port()))
            with open(live, "rb") as file:
                n_lines = sum(1 for _ in file)
            self.assertGreater(n_lines, 10000)
            for view in ([], ["--format=json"]):
                again = os.path.join(folder, "again" + "".join(view))
                self.run_one(IPCTRACE, "-tt", "-T", "--objects", "--leaks", *view, "-o", again, f"--replay={record}", cwd="/",
                             env={"PATH": "/usr/bin:/bin", "TZ": "Pacific/Kiritimati"})
            self.assertEqual(subprocess.run(["cmp", live, os.path.join(folder, "again")], capture_output=True, text=True, check=False).stdout, "")
            print(f"{n_lines} lines, {os.path.getsize(record)} bytes recorded", file=sys.stderr)


if __name__ == "__main__":
    if not glob.glob("/usr/lib/postgresql/*/bin/initdb") or os.geteuid():
        sys.exit(SKIPPED)
    unittest.main(verbosity=1, argv=sys.argv)
