#!/usr/bin/env python3
# ctest: labels=long timeout=1500 serial
"""Programs that we did not write end the same way launched under ipctrace: output, status, results."""
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request

from services import ENVIRONMENT, Served, accepts, as_user, free_port, need
from tracing import IPCTRACE, main

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "transparency"))
import cases

WAYS = [[], ["--no-seccomp"], ["--strace", "-f"]]
MANAGED = """
import multiprocessing
from multiprocessing import shared_memory

def work(task):
    name, box, lock, i = task
    memory = shared_memory.SharedMemory(name)
    with lock:
        memory.buf[0] += 1
        box[i] = i * i
    memory.close()
    return i

if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        box, lock = manager.dict(), manager.Lock()
        memory = shared_memory.SharedMemory(create=True, size=64)
        with multiprocessing.Pool(4) as pool:
            print(sum(pool.map(work, [(memory.name, box, lock, i) for i in range(100)], 3)))
        print(memory.buf[0], sum(box.values()))
        memory.close()
        memory.unlink()
"""
JAVA = """
import java.util.concurrent.*;
public class Hello {
    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        long sum = 0;
        java.util.List<Future<Long>> all = new java.util.ArrayList<>();
        for (int i = 0; i < 200; i++) { final long n = i; all.add(pool.submit(() -> n * n)); }
        for (Future<Long> one : all) sum += one.get();
        pool.shutdown();
        System.gc();
        System.out.println("hello " + sum);
        System.exit(7);
    }
}
"""
GO = """
package main

import ("fmt"; "os"; "os/exec"; "sync")

func main() {
	var group sync.WaitGroup
	sums := make(chan int, 10)
	for i := 0; i < 500; i++ {
		group.Add(1)
		go func(n int) { defer group.Done(); sums <- n * n }(i)
	}
	go func() { group.Wait(); close(sums) }()
	sum := 0
	for n := range sums { sum += n }
	out, err := exec.Command("sh", "-c", "echo child | cat").Output()
	fmt.Printf("hello %d %s %v\\n", sum, out, err)
	os.Exit(3)
}
"""
PIPES = """
seq 1 100000 | sort -rn | uniq | wc -l
(for i in 1 2 3 4 5; do echo $i; done) | while read -r n; do echo "got $n" | tr a-z A-Z; done
mkfifo fifo; (cat <fifo | md5sum) & yes | head -c 3000000 >fifo; wait
diff <(seq 10) <(seq 11); echo $?; trap 'echo bye' EXIT; yes | head -1; echo ${PIPESTATUS[@]}; exit 9
"""


class Launch(Served):
    def same(self, what, command, prepare="", shell="bash"):
        """Run it untraced twice and once each way; what comes out and its status are the same."""
        def run(front):
            folder = os.path.join(self.room, "work")
            shutil.rmtree(folder, ignore_errors=True)
            os.mkdir(folder)
            environment = {**ENVIRONMENT, "HOME": folder, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
                           "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
                           "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
            subprocess.run(["bash", "-ec", prepare or ":"], cwd=folder, env=environment, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            done = subprocess.run([*front, shell, "-c", command], cwd=folder, env=environment, capture_output=True,
                                  text=True, timeout=240, stdin=subprocess.DEVNULL, check=False)
            return done.returncode, done.stdout, done.stderr

        expected = run([])
        self.assertEqual(run([]), expected, "untraced it is not the same twice")
        for options in WAYS:
            self.assertEqual(run([IPCTRACE, *options, "-o", self.path("trace"), "--"]), expected, (what, options))
            self.assertGreater(os.path.getsize(self.path("trace")), 1000)
        print(f"{what}: the same {len(WAYS)} ways, status {expected[0]}", flush=True)

    def test_make(self):
        self.same("make -j2", "make -s -j2 && ./prog; echo $?; md5sum *.o", cases.PROJECT)

    def test_git_clone(self):
        need("git")
        self.same("git clone", "git clone -q --no-hardlinks origin clone && git -C clone log --format=%H && git -C clone "
                  "fsck --no-progress; git -C clone ls-files -s", cases.REPOSITORY)

    def test_python_pool_with_manager_and_shared_memory(self):
        self.same("python pool", "exec /usr/bin/python3 pool.py", f"cat >pool.py <<'END'\n{MANAGED}\nEND")

    def test_pipelines(self):
        self.same("pipelines", PIPES)

    def test_java(self):
        need("default-jdk-headless")
        self.same("java", "exec java -cp . Hello", f"cat >Hello.java <<'END'\n{JAVA}\nEND\njavac Hello.java")

    def test_go(self):
        need("golang-go")
        self.same("go", "exec ./hello", f"cat >hello.go <<'END'\n{GO}\nEND\nGOCACHE=/tmp/ipctrace-go go build hello.go")

    def each_way(self):
        for options in WAYS:
            yield options, [IPCTRACE, *options, "-o", self.path("trace"), "--"]

    def test_redis_under_its_benchmark(self):
        need("redis-server")
        for number, (options, front) in enumerate(self.each_way()):
            server = self.redis(front)
            bench = subprocess.run(["redis-benchmark", "-p", str(server.port), "-n", "2000", "-c", "10", "-t",
                                    "ping,set,get,incr,lpush,lpop", "-q"], capture_output=True, text=True, timeout=200,
                                   check=False)
            self.assertEqual((bench.returncode, bench.stderr), (0, ""))
            self.assertEqual(len(re.findall("requests per second", bench.stdout)), 7, bench.stdout)
            said = subprocess.run(["redis-cli", "-s", server.socket, "incr", "counter:__rand_int__"], capture_output=True,
                                  text=True, check=False)
            self.assertEqual(said.stdout, "2001\n")
            self.assertEqual(self.stop(server, server.pid_of_server), 0, options)
            os.rename(f"{self.room}/redis", f"{self.room}/redis{number}")
        print("redis-benchmark: 12000 requests each way")

    def test_nginx_under_ab(self):
        need("nginx", "apache2-utils")
        body = b"0123456789" * 5000
        for options, front in self.each_way():
            folder = self.folder(f"nginx{len(self.services)}")
            port = free_port()
            with open(f"{folder}/body", "wb") as file:
                file.write(body)
            with open(f"{folder}/conf", "w") as file:
                file.write(f"worker_processes 2; pid {folder}/pid; error_log {folder}/error; events {{ }}\n"
                           f"http {{ access_log off; server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n")
            server = self.serve(["nginx", "-p", folder, "-c", f"{folder}/conf", "-g", "daemon off;"],
                                lambda port=port: accepts(port), front)
            done = subprocess.run(["ab", "-q", "-n", "2000", "-c", "8", f"http://127.0.0.1:{port}/body"],
                                  capture_output=True, text=True, timeout=200, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"Complete requests:\s+2000\nFailed requests:\s+0\n")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/body", timeout=10) as answer:
                self.assertEqual(answer.read(), body)
            with open(f"{folder}/pid") as file:
                self.assertEqual(self.stop(server, int(file.read()), signal.SIGQUIT), 0, options)
            with open(f"{folder}/error") as file:
                self.assertNotRegex(file.read(), r"\[(error|crit|alert|emerg)\]|Interrupted")
        print("nginx: 2000 requests by ab each way")

    def test_memcached(self):
        need("memcached")
        for options, front in self.each_way():
            port = free_port()
            user = as_user("nobody")
            server = self.serve([*user, "memcached", "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-t", "4"],
                                lambda port=port: accepts(port), front)
            client = ("import socket, sys\n"
                      "s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); f = s.makefile('rwb')\n"
                      "for i in range(1000):\n"
                      "    v = b'%d' % (i * i); f.write(b'set k%d 0 0 %d\\r\\n%s\\r\\n' % (i, len(v), v)); f.flush()\n"
                      "    assert f.readline() == b'STORED\\r\\n'\n"
                      "for i in range(1000):\n"
                      "    v = b'%d' % (i * i); f.write(b'get k%d\\r\\n' % i); f.flush(); f.readline()\n"
                      "    assert f.readline() == v + b'\\r\\n' and f.readline() == b'END\\r\\n'\n")
            clients = [subprocess.Popen([sys.executable, "-c", client, str(port)]) for _ in range(3)]
            self.assertEqual([one.wait(120) for one in clients], [0, 0, 0])
            self.assertEqual(self.stop(server, self.served_by(server, "memcached", front)), 0, options)
        print("memcached: 6000 requests each way")


if __name__ == "__main__":
    main()
