"""What must end the same way traced and untraced: name, shell lines that prepare the folder, the command (bash).

A command that runs for a while makes the file "half" midway: there the attaching runs detach again."""

PROJECT = """
for i in 1 2 3 4 5 6 7 8; do
	printf '#include <string.h>\\nint f%d(const char *s) { return (int)strlen(s) * %d; }\\n' $i $i >f$i.c
	echo "int f$i(const char *);" >>all.h
done
printf '#include "all.h"\\nint main(void) { return f1("a") + f8("b") == 9 ? 0 : 1; }\\n' >main.c
printf 'OBJS = f1.o f2.o f3.o f4.o f5.o f6.o f7.o f8.o\\nprog: main.o $(OBJS)\\n\\tcc -o $@ $^\\n' >Makefile
printf '%%.o: %%.c all.h\\n\\tcc -O1 -c -o $@ $<\\n' >>Makefile
"""
REPOSITORY = """
git init -q origin; cd origin
for i in 1 2 3 4 5; do seq $i 1 $((i * 50)) >file$i; git add -A; git commit -qm "commit $i"; done
git checkout -qb side; mkdir d; ln -s ../file1 d/link; git add -A; git commit -qm side
"""
POOL = """
import multiprocessing, os
def work(n):
    return sum(i * i for i in range(n)) % 1000003
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(4) as pool:
        print(pool.map(work, range(0, 4000, 40), 1)[-3:])
        open("half", "w").close()
        print(sum(pool.imap_unordered(work, range(0, 40000, 100))))
    q = multiprocessing.Queue(); e = multiprocessing.Event()
    p = multiprocessing.Process(target=lambda: (e.wait(), q.put(os.getpid() != 0)))
    p.start(); e.set(); print(q.get()); p.join(); print(p.exitcode)
"""
THREADS = """
import threading, queue
q, total, lock = queue.Queue(), 0, threading.Lock()
def work():
    global total
    while (n := q.get()) is not None:
        with lock: total += n
for round in range(20):
    threads = [threading.Thread(target=work) for _ in range(10)]
    for t in threads: t.start()
    for n in range(200): q.put(n)
    for t in threads: q.put(None)
    for t in threads: t.join()
    if round == 10: open("half", "w").close()
print(total)
"""
STOPPED = """
import os, signal
go = os.pipe()
pid = os.fork()
if pid == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
    os.read(go[0], 1)
    os._exit(5)
def wait(options):
    status = os.waitpid(pid, options)[1]
    print(os.WIFSTOPPED(status), os.WIFCONTINUED(status), status)
wait(os.WUNTRACED)
os.kill(pid, signal.SIGCONT)
wait(os.WCONTINUED)
os.write(go[1], b"x")
wait(0)
"""

CASES = [
    ("make", PROJECT, "make -j2 f1.o f2.o f3.o; touch half; make -j2; ./prog; echo $?"),
    ("git_clone", REPOSITORY, "git clone -q --no-hardlinks origin clone; touch half; git -C clone log --format=%H; "
                              "git -C clone fsck --no-progress; git clone -q --bare origin bare; git -C bare gc -q; "
                              "git -C bare count-objects"),
    ("python_pool", f"cat >pool.py <<'END'\n{POOL}\nEND", "exec /usr/bin/python3 pool.py"),
    ("python_threads", f"cat >threads.py <<'END'\n{THREADS}\nEND", "exec /usr/bin/python3 threads.py"),
    ("pipeline", "", "seq 1 20000 | sort -rn | tee copy | { head -n 5; cat >/dev/null; }; echo ${PIPESTATUS[*]}; touch half; "
                     "yes | head -n 100000 | sha256sum; mkfifo f; (cat f; echo end) & seq 5 >f; wait"),
    ("killed_by_term", "", "echo before; kill -TERM $$; echo after"),
    ("killed_by_kill", "", "echo before; kill -KILL $$; echo after"),
    ("killed_by_segv", "", "ulimit -c 0; echo before; kill -SEGV $$; echo after"),
    ("status", "", "exit 42"),
    ("child_killed", "", "bash -c 'kill -ABRT $$'; echo $?; sh -c 'kill -9 $$'; echo $?; false; echo $?; exit 3"),
    ("traps", "", "trap 'echo usr1' USR1; trap 'echo exit' EXIT; kill -USR1 $$; (kill -USR1 $$); "
                  "trap '' PIPE; yes | head -n 1; sh -c 'kill -PIPE $$'; echo $?"),
    ("stopped", f"cat >stopped.py <<'END'\n{STOPPED}\nEND", "exec /usr/bin/python3 stopped.py"),
    ("no_new_privs", "", "exec setpriv --no-new-privs bash -c 'grep NoNewPrivs /proc/self/status; echo ok | cat'"),
    ("inherited", "", "env | sort; umask; ulimit -a; grep -E '^(Sig[BIC]|Cap|NoNew|Groups|.id:)' /proc/self/status; ls /proc/self/fd; "
                      "cat /proc/self/cmdline /proc/self/oom_score_adj; nice; pwd; echo $0 $-; readlink /proc/self/exe"),
    ("session", "", "setsid sh -c 'echo in a session of its own'; (sleep 0.01 & exec true); nice -n 5 nice; umask 027; "
                    "mkdir d; ulimit -n 64; ulimit -n; exec -a other bash -c 'echo $0 $BASH_SUBSHELL'"),
]
