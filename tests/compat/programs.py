"""What the compat tests trace: everyday programs and sets of options.

Each row of PROGRAMS: name, shell lines that prepare the empty work folder, the command (run in that folder)."""

C_PROJECT = """
for i in 1 2 3 4; do printf 'int f%d(void) { return %d; }\\n' $i $i >f$i.c; done
printf 'int f1(void), f2(void);\\nint main(void) { return f1() + f2() - 3; }\\n' >main.c
printf 'prog: main.o f1.o f2.o f3.o f4.o\\n\\tcc -o $@ $^\\n' >Makefile
"""
FILES = "mkdir -p d/e d/f; seq 1 500 >d/a; seq 500 -1 1 >d/e/b; ln -s a d/link; mkfifo d/fifo; echo x >'d/f/a \"b\\c'"
REPOSITORY = "git init -q origin; cd origin; seq 1 100 >a; git add a; git commit -qm one; seq 1 90 >a; git commit -qam two"

PROGRAMS = [
    ("ls", FILES, ["ls", "-laR", "."]),
    ("cat", FILES, ["cat", "d/a", "d/e/b", "missing"]),
    ("cp", FILES, ["cp", "-a", "d", "copy"]),
    ("sh_pipeline", FILES, ["sh", "-c", "cat d/a | sort -r | head -n 3 >out; wc -l <out"]),
    ("sh_jobs", "", ["sh", "-c", "(exit 3); echo $?; /bin/true & wait $!; kill -0 $$; x=$(echo a | tr a b); echo $x"]),
    ("sh_killed", "", ["sh", "-c", "kill -TERM $$"]),
    ("bash_fifo", "mkfifo f", ["bash", "-c", "echo hello >f & read -r line <f; echo $line; wait"]),
    ("find", FILES, ["find", ".", "-name", "a*", "-exec", "echo", "{}", ";"]),
    ("xargs", FILES, ["sh", "-c", "find . -type f -print0 | xargs -0 -n 1 wc -c"]),
    ("tar", FILES, ["tar", "czf", "out.tgz", "d"]),
    ("sort", FILES, ["sort", "-n", "-o", "out", "d/e/b"]),
    ("grep", FILES, ["grep", "-r", "42", "."]),
    ("sed", FILES, ["sed", "-i", "s/1/one/", "d/a"]),
    ("awk", FILES, ["awk", "{ print | \"sort -r | head -n 2\" }", "d/a"]),
    ("perl", "", ["perl", "-e", "pipe(R, W); if (!fork) { print W \"x\" x 100; exit 7 } close W; print <R>; wait; "
                                "print $? >> 8; $SIG{USR1} = sub { print \"hit\" }; kill USR1 => $$"]),
    ("python3", "", ["/usr/bin/python3", "-S", "-E", "-c", "import json, os, socket\n"
                     "a, b = socket.socketpair(); a.send(b'hello'); print(json.dumps([b.recv(9).decode()]))\n"
                     "pid = os.fork() or os._exit(5); print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))"]),
    ("python3_threads", "", ["/usr/bin/python3", "-S", "-E", "-c", "import threading, queue\nq = queue.Queue()\n"
                             "t = threading.Thread(target=lambda: q.put(1)); t.start(); t.join(); print(q.get())"]),
    ("python3_asyncio", "", ["/usr/bin/python3", "-E", "-c", "import asyncio, selectors\n"
                             "async def echo(reader, writer):\n"
                             "    writer.write(await reader.read(100)); writer.close()\n"
                             "async def main():\n"
                             "    server = await asyncio.start_unix_server(echo, 'socket')\n"
                             "    reader, writer = await asyncio.open_unix_connection('socket')\n"
                             "    writer.write(b'hello'); print(await reader.read(100)); writer.close(); server.close()\n"
                             "asyncio.run(main())"]),
    ("git_status", REPOSITORY, ["git", "-C", "origin", "status", "--short"]),
    ("git_log", REPOSITORY, ["git", "-C", "origin", "log", "-p"]),
    ("git_clone", REPOSITORY, ["git", "clone", "-q", "--no-hardlinks", "origin", "clone"]),
    ("make", C_PROJECT, ["make", "-s"]),
    ("cc", C_PROJECT, ["cc", "-c", "-o", "f1.o", "f1.c"]),
    ("dd", "", ["dd", "if=/dev/zero", "of=out", "bs=1000", "count=20", "conv=fsync", "status=none"]),
    ("id", "", ["id"]),
    ("du", FILES, ["du", "-a", "."]),
    ("env_sleep", "", ["env", "A=1", "timeout", "0.05", "sleep", "5"]),
]

# Sets of options, each tried on OPTION_PROGRAM.
OPTION_PROGRAM = (FILES, ["sh", "-c", "cat d/a | head -c 90 | od -c; ls -l d; (exit 2); mkdir d/a"])
OPTIONS = {
    "y": ["-y"], "v": ["-v"], "s_5": ["-s", "5"], "s_0": ["-s", "0"], "s_400": ["-s", "400"], "x": ["-x"],
    "xx": ["-xx"], "q": ["-q"], "qq": ["-qq"], "T": ["-T"], "t": ["-t"], "tt": ["-tt"], "ttt": ["-ttt"], "r": ["-r"],
    "trace_names": ["-e", "trace=read,write,clone"], "trace_not": ["-e", "trace=!%desc,mmap"],
    "trace_regex": ["-e", "trace=/^(rt_)?sig|stat"], "trace_optional": ["-e", "?nonsense,close"],
    "trace_last_wins": ["-e", "trace=read", "-e", "trace=close"], "trace_none": ["-e", "none"],
    "P": ["-P", "d/a", "-P", "d", "-e", "quiet=path-resolution"],
    "P_seccomp": ["-P", "d/a", "-P", "/etc/ld.so.cache", "-e", "quiet=path-resolution", "--seccomp-bpf",
                  "-e", "trace=openat,read,close,mmap,%%stat"],
    "trace_number": ["-e", "trace=0,60,231"], "trace_i386": ["-e", "trace=close@32,read@64"],
}

# The classes of strace 7.2, and the calls in them that Debian's 6.1 has no names for.
CLASSES = {
    "%file": "fchmodat2 setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr",
    "%desc": "cachestat fchmodat2 setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr "
             "file_setattr",
    "%memory": "map_shadow_stack mseal",
    **dict.fromkeys(["%process", "%network", "%net", "%signal", "%ipc", "%creds", "%stat", "%lstat", "%fstat",
                     "%%stat", "%statfs", "%fstatfs", "%%statfs", "%pure", "%clock", "process", "network", "signal",
                     "ipc"], ""),
}
for bare in ("file", "desc", "memory"):
    CLASSES[bare] = CLASSES["%" + bare]
