#!/usr/bin/env python3
# ctest: timeout=300 labels=long
"""Backends of PostgreSQL that wait for a lock: --why names the chain from the client on, live and in replay, as far as the
kernel knows it. Who has the lock is known to PostgreSQL alone: the wait is in epoll, for a latch, and nobody is accused."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from services import SKIPPED, Served, need
from tracing import IPCTRACE, main, run, wait_until

P = r"\[\d+\]~?"
CHAIN = (rf"    psql{P} waits in (poll|ppoll|pselect6) for any of \S+ \(postgres{P} fd \d+\)( or others)? \(\w+\)\n"
         rf"      -> postgres{P} waits in epoll_(p)?wait for .*\n")


class WhyPostgres(Served):
    def session(self, server, sql):
        return self.start(f"{server.tools}/psql", *server.local_client, "-c", sql, "postgres", stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)

    def asked(self, server, sql):
        return subprocess.run([f"{server.tools}/psql", *server.local_client, "-Atc", sql, "postgres"], text=True,
                              capture_output=True, check=False, timeout=60).stdout.strip()

    def test_a_backend_that_waits_for_a_lock(self):
        server = self.postgres()
        self.asked(server, "CREATE TABLE t (a int)")
        self.session(server, "BEGIN; LOCK TABLE t; SELECT pg_sleep(1000)")
        wait_until(lambda: "pg_sleep" in self.asked(server, "SELECT wait_event FROM pg_stat_activity UNION SELECT query FROM "
                                                            "pg_stat_activity WHERE wait_event = 'PgSleep'"), "the lock is taken")
        client = self.session(server, "SELECT count(*) FROM t")
        backend = wait_until(lambda: self.asked(server, "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"),
                             "a backend that waits")
        look = wait_until(lambda: self.look(client.pid), "the chain")
        self.assertIn(f"postgres[{backend}]", look.stderr)
        self.assertNotRegex(look.stderr, "=== (deadlock|this wait)")
        self.assertEqual(look.returncode, 0)
        self.assertEqual(run(f"--replay={self.path('record')}").stderr, look.stderr)
        self.check_traced(int(backend))

    def look(self, pid):
        look = run("--why", "--deadlock=error", f"--record={self.path('record')}", "-p", pid)
        return look if re.search(CHAIN, look.stderr) else None

    def check_traced(self, backend):
        """Live the backend's wait is one that others may end: it is listed, and not accused."""
        tracer = self.trace("--hang=0.3", "--deadlock=error", f"--record={self.path('live')}", "-p", str(backend))
        wait_until(lambda: re.search(r"=== blocked: 1 of 1 thread\n    postgres.* waits in epoll", self.text("trace")), "the list")
        self.detach(tracer, seconds=10)
        self.assertNotRegex(self.text("trace"), "=== (deadlock|this wait)")
        again = run("-o", self.path("again"), "--hang=0.3", f"--replay={self.path('live')}")
        self.assertEqual(self.text("again"), self.text("trace"), again.stderr)


if __name__ == "__main__":
    if os.geteuid():
        sys.exit(SKIPPED)
    need("postgresql")
    main()
