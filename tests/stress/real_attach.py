#!/usr/bin/env python3
# ctest: labels=long timeout=900 serial
"""Attaching to services at work and leaving them: they answer rightly all the time and run on."""
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request

from services import ENVIRONMENT, Served, descendants, free_port, need, not_left_alone, wait_until
from tracing import IPCTRACE, main, program, state, tids, tracer_of

ROUNDS = int(os.environ.get("ROUNDS", "20"))
WAYS = [(), ("-e", "trace=all"), ("--strace", "-f"), ("--format=json",)]


class Clients:
    """Threads that ask a server again and again and note every wrong answer."""

    def __init__(self, ask, count):
        self.ask, self.wrong, self.right = ask, [], 0
        self.end = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.end.is_set():
            try:
                wrong = self.ask()
            except Exception as error:
                wrong = repr(error)
            if wrong:
                self.wrong.append(wrong)
            else:
                self.right += 1

    def finish(self):
        self.end.set()
        for thread in self.threads:
            thread.join()


class Attach(Served):
    def visit(self, pids, args, working):
        """Attach, see calls, leave within a second, and see that they work on; returns the trace."""
        tracer = self.attach(*pids, args=args)
        wait_until(lambda: self.text("trace").count(") = ") + self.text("trace").count('"record":"call"') > 20 or
                   tracer.poll() is not None, "a trace")
        self.assertIsNone(tracer.poll(), "ipctrace has ended")
        self.assertEqual(self.detach(tracer), -signal.SIGINT)
        threads = [tid for pid in pids for tid in tids(pid)]
        self.assertEqual(not_left_alone(threads), {})
        before = working()
        wait_until(lambda: working() != before, "it works on")
        return self.text("trace")

    def test_http_server_under_requests(self):
        folder = self.folder("www")
        body = bytes(range(256)) * 400
        with open(f"{folder}/file", "wb") as file:
            file.write(body)
        port = free_port()
        url = f"http://127.0.0.1:{port}/file"

        def ask():
            with urllib.request.urlopen(url, timeout=10) as answer:
                return None if answer.read() == body else "another body"

        def is_up():
            try:
                return ask() is None
            except OSError:
                return False

        server = self.serve([sys.executable, "-u", "-m", "http.server", "-b", "127.0.0.1", str(port)], is_up, cwd=folder)
        clients = Clients(ask, 3)
        try:
            for turn in range(ROUNDS):
                trace = self.visit([server.pid], WAYS[turn % len(WAYS)], lambda: clients.right)
                self.assertRegex(trace, "accept4")
        finally:
            clients.finish()
        self.assertEqual(clients.wrong, [])
        self.assertIsNone(server.poll())
        with open(server.log, errors="replace") as file:
            self.assertNotRegex(file.read(), "Traceback|Error|Interrupted")
        print(f"http.server: {ROUNDS} rounds, {clients.right} right answers")

    def test_postgresql_under_pgbench(self):
        need("postgresql", "postgresql-contrib")
        server = self.postgres(settings=("-c", "autovacuum=off"))
        bench = [f"{server.tools}/pgbench", *server.client]
        subprocess.run([*bench, "-i", "-q", "-s", "2", "postgres"], check=True, env=ENVIRONMENT,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        def servers(but):
            """Its processes; without those whose titles hold `but`."""
            found = {}
            for pid in descendants(server.pid_of_server):
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        found[pid] = file.read()
                except (OSError, ProcessLookupError):
                    pass
            return [pid for pid, title in found.items() if title and but not in title]

        def backends():
            local = set(servers(b"test postgres 127.0.0.1"))
            return [pid for pid in servers(b"test postgres [local]") if pid not in local]

        # Our own questions come by another way than the load: their servers come and go.
        query = [f"{server.tools}/psql", *server.local_client, "-Atc", "select xact_commit from pg_stat_database where "
                 "datname = 'postgres'", "postgres"]

        def commits():
            return subprocess.run(query, capture_output=True, check=True, env=ENVIRONMENT).stdout

        done = 0
        transactions = 0
        while done < ROUNDS:
            load = self.start(*bench, "-n", "-c", "4", "-j", "2", "-T", "15", "postgres", env=ENVIRONMENT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            wait_until(lambda: len(backends()) == 4, "four backends")
            for turn in range(done, min(done + 5, ROUNDS)):
                pids = servers(b"[local]") if turn % 5 == 4 else backends()[:1 + turn % 3]
                self.assertRegex(self.visit(pids, WAYS[turn % len(WAYS)], commits), "recvfrom|epoll_wait|sendto")
                self.assertIsNone(load.poll(), "pgbench was too short")
                done += 1
            said = load.communicate()[0]
            self.assertEqual(load.returncode, 0, said)
            self.assertIn("number of failed transactions: 0 ", said)
            transactions += int(re.search(r"actually processed: (\d+)", said)[1])
        with open(server.log, errors="replace") as file:
            errors = [line for line in file if re.search("ERROR|FATAL|PANIC|Interrupted|terminated", line)
                      and "starting up" not in line]
        self.assertEqual(errors, [])
        self.assertEqual(self.stop(server, server.pid_of_server, signal.SIGINT), 0)
        print(f"PostgreSQL: {ROUNDS} rounds, {transactions} transactions, none failed")

    def test_200_threads_that_come_and_go(self):
        target = self.start(program("spawner"), 200, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        wait_until(lambda: len(tids(target.pid)) >= 150, "threads")
        for turn in range(ROUNDS):
            # Calls that are traced are all those of 200 threads; what ends is always told.
            tracer = self.attach(target.pid, args=("-e", "trace=futex,clone,clone3,exit,clock_nanosleep"))
            wait_until(lambda: "exited with" in self.text("trace"), "a trace")
            self.detach(tracer)
            wait_until(lambda: not [tid for tid in tids(target.pid) if tracer_of(tid)], "left")
            before = set(tids(target.pid))
            wait_until(lambda: not before & set(tids(target.pid)) - {target.pid}, "new threads")
        self.assertEqual(not_left_alone(tids(target.pid)), {})
        target.stdin.close()
        self.assertIn(b"threads", target.stdout.read())
        self.assertEqual(target.wait(30), 0)
        print(f"200 threads: {ROUNDS} rounds")


if __name__ == "__main__":
    main()
