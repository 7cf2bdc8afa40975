"""Read the text of a strace-like tracer: whole lines per process, free of what differs from run to run."""

import re
from collections import Counter

with open("/proc/sys/kernel/pid_max", encoding="ascii") as _file:
    PID_MAX = int(_file.read())
TIME = re.compile(r"(\d\d:\d\d:\d\d(\.\d+)? |\d{9,}(\.\d+)? | {0,5}\d+\.\d{6} |\(\+ +\d+\.\d+\) )")
PREFIX = re.compile(r"(\d+|\[pid +\d+\]) +")
UNFINISHED = " <unfinished ...>"
RESUMED = re.compile(r"<\.\.\. (\S+) resumed>")
NAME = re.compile(r"(?:\[ *\d+\] )?(\w+)\(")
CHILD = re.compile(r"^(?:\[ *\d+\] )?(?:clone3?|v?fork)\(.* = (\d+)\b")

# What no two runs share, whoever traces. Each is replaced, so the rest of its line is still compared.
VOLATILE = [
    (re.compile(r"\b((?:\w+_)?[acmdors]?time)=\d+"), r"\1=T"),
    (re.compile(r"\b(\w+_time)_nsec=\d+"), r"\1_nsec=T"),
    (re.compile(r" /\* [-0-9T:.+]+ \*/"), " /* T */"),
    (re.compile(r"\btv_sec=\d{6,}, tv_([nu])sec=\d+"), r"tv_sec=T, tv_\1sec=T"),
    (re.compile(r"\bleft \{tv_sec=\d+, tv_([nu])sec=\d+\}"), r"left {tv_sec=T, tv_\1sec=T}"),
    (re.compile(r"\b(si_[us]time|ru_\w+|st_ino|st_dev|st_blocks|st_nlink|eventfd-id)=[^,}]+"), r"\1=N"),
    (re.compile(r"\b(pipe|socket|net|ipc|pid|mnt|user|uts|time|cgroup):\[\d+\]"), r"\1:[N]"),
    (re.compile(r"<(UNIX|TCP|UDP|NETLINK)([-\w]*):\[[^]]*\]>"), r"<\1\2:[N]>"),
    (re.compile(r" <\d+\.\d+>$"), " <T>"),
    (re.compile(r"(sin6?_port=htons\()(3[2-9]|[456]\d)\d{3}\)"), r"\1PORT)"),
    (re.compile(r"^(execve(?:at)?\(.*, )0x[0-9a-f]+( /\* \d+ vars \*/)"), r"\1ENVP\2"),
    (re.compile(r"^((?:msg|sem|shm)get\()0x[0-9a-f]+"), r"\1KEY"),
    (re.compile(r"^((?:msg|sem|shm)get\(.*\) += )\d+"), r"\1ID"),
    (re.compile(r"^((?:msg(?:snd|rcv|ctl)|sem(?:op|timedop|ctl)|shm(?:at|ctl))\()\d+"), r"\1ID"),
    (re.compile(r"\bkey=0x[0-9a-f]+"), "key=KEY"),
    # A process's numbers in /proc/PID/stat have as many digits as they have.
    (re.compile(r'^(read\(\d+, "\d+ \([^")]*\) )[A-Z]( .*\) += )\d+$'), r"\1X\2LEN"),
    (re.compile(r'^read\(\d+, "(?:Name:\\t|[^"]*allowed(?:_list)?:\\t).*'), "read(/proc/PID/status)"),
    # Whether a lock was contended when the call came: the arguments count, not who won.
    (re.compile(r"^(futex\(0x[0-9a-f]+, FUTEX_(?:WAIT|WAKE)\w*, .*\) += )(?:[01]|-1 EAGAIN \(.*\))"), r"\1WON"),
    (re.compile(r"^(getrandom\()\"(?:\\x[0-9a-f]{2}|[^\"])*\"(\.\.\.)?"), r"\1RANDOM"),
]

# Debian's strace 6.1 towards 7.2: the calls it has no name for, and the arrow of a changed value.
NEW_NAMES = {
    0x1c3: "cachestat", 0x1c4: "fchmodat2", 0x1c5: "map_shadow_stack", 0x1c6: "futex_wake", 0x1c7: "futex_wait",
    0x1c8: "futex_requeue", 0x1c9: "statmount", 0x1ca: "listmount", 0x1cb: "lsm_get_self_attr",
    0x1cc: "lsm_set_self_attr", 0x1cd: "lsm_list_modules", 0x1ce: "mseal", 0x1cf: "setxattrat", 0x1d0: "getxattrat",
    0x1d1: "listxattrat", 0x1d2: "removexattrat", 0x1d3: "open_tree_attr", 0x1d4: "file_getattr",
    0x1d5: "file_setattr",
}
OLD_STYLE = [
    (re.compile(r"^syscall_(0x[0-9a-f]+)\("),
     lambda match: NEW_NAMES.get(int(match.group(1), 16), "syscall_" + match.group(1)) + "("),
    (re.compile(r"\[(\w+)\] => \[(\w+)\]"), r"[\1 => \2]"),
    (re.compile(r"\bdata=\{u32=\d+, u64=(\d+)\}"), lambda match: f"data={int(match.group(1)) or 0:#x}".replace("=0x0", "=0")),
    (re.compile(r",  <unfinished \.\.\.>"), " <unfinished ...>"),
    (re.compile(r"(\bfeatures=IORING_FEAT_)[^,]*"), r"\1..."),
]


class Trace:
    """One tracer's text as whole lines: processes[name] = [line, ...]; name tells the place in the fork tree."""

    def __init__(self, text, tracer_pid=0):
        self.raw = text.splitlines()
        lines = list(_joined(_split(self.raw)))
        self.names = _names(lines)
        known = {**self.names, tracer_pid: "tracer"}
        self.processes = {}
        for pid, line in lines:
            self.processes.setdefault(self.names[pid], []).append(_cleaned(line, known))

    def is_ambiguous(self):
        """A pid that is also a common size would be taken for that size and the other way round."""
        return any(pid % 512 == 0 or pid % 1000 == 0 for pid in self.names if pid)

    def call_names(self):
        """Every call in the trace, counted."""
        return Counter(filter(None, (call_name(line) for lines in self.processes.values() for line in lines)))


def call_name(line):
    """The call a line shows; None for signals and exits."""
    match = NAME.match(line)
    return match.group(1) if match else None


def split_result(line):
    """("name(arguments)", "result ...") of a call's line; (line, None) when it is something else."""
    match = NAME.match(line)
    if not match:
        return line, None
    end = _closing(line, match.end() - 1)
    if end is None or not line[end + 1:].lstrip().startswith("= "):
        ends = list(re.finditer(r"\) += ", line))
        if not ends:
            return line, None
        end = ends[-1].start()
    return line[:end + 1], line[end + 1:].lstrip()[2:]


def _closing(line, at):
    """The index of the bracket that closes the one at `at`, strings skipped; None when there is none."""
    depth, quoted = 0, False
    while at < len(line):
        char = line[at]
        if quoted:
            if char == "\\":
                at += 1
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return None


def _split(raw):
    """(pid, text without pid and times in front) of each line; pid 0 where lines carry none."""
    for line in raw:
        pid = 0
        match = PREFIX.match(line)
        if match and not TIME.match(line):
            pid = int(match.group(1).strip("[pid ]"))
            line = line[match.end():]
        match = TIME.match(line)
        while match:
            line = line[match.end():]
            match = TIME.match(line)
        yield pid, line


def _joined(lines):
    """The same with unfinished and resumed halves put together, at the place of the second."""
    begun = {}
    for pid, line in lines:
        if line.endswith(UNFINISHED):
            begun[pid] = line[:-len(UNFINISHED)]
            continue
        match = RESUMED.match(line)
        if match and pid in begun:
            line = begun.pop(pid) + line[match.end():]
        yield pid, line
    for pid, line in begun.items():
        yield pid, line + UNFINISHED


def _names(lines):
    """A name for each pid by its place in the fork tree: "0", its second child "0.2"; strays, whose fork is not
    shown, "?1" and so on in the order of their birth, which numbers show: which of them comes first is the scheduler's choice."""
    parents, children = {}, Counter()
    for pid, line in lines:
        match = CHILD.match(line)
        if match and int(match.group(1)) not in parents:
            children[pid] += 1
            parents[int(match.group(1))] = (pid, children[pid])
    names, strays = {}, 0
    first = lines[0][0] if lines else 0
    for pid in sorted({pid for pid, _ in lines}, key=lambda pid: (pid - first) % PID_MAX):
        path, at = [], pid
        while at in parents and len(path) < 1000:
            at, number = parents[at]
            path.append(str(number))
        if at not in names and at == pid:
            names[pid] = f"?{strays}" if strays else "0"
            strays += 1
        names[pid] = ".".join([names.get(at, "?")] + path[::-1])
    return names


def _without_netlink_payload(line):
    """Only the header of netlink messages: what they carry (links, routes, ...) is decoded by strace alone."""
    start = line.find("[{nlmsg_len=")
    end = _closing(line, start) if start >= 0 else None
    header = _closing(line, start + 1) if start >= 0 else None
    return f"{line[:header + 1]}, ...{line[end:]}" if end and header else line


def _cleaned(line, pids):
    """The line with one blank before the result, pids named and what is volatile replaced."""
    line = _without_netlink_payload(line)
    for pattern, replacement in OLD_STYLE + VOLATILE:
        line = pattern.sub(replacement, line)
    call, result = split_result(line)
    if result is not None:
        line = f"{call} = {result}"

    def named(match):
        return f"<{pids[int(match.group())]}>" if int(match.group()) in pids and int(match.group()) else match.group()
    return re.sub(r"(?<![0-9A-Za-z_\\])\d+(?![0-9A-Za-z_])", named, line)


def misaligned(raw, column=40):
    """Calls of which an unbroken line has its result elsewhere than at the column (after a blank where there is no room)."""
    names = Counter()
    for line, (_, text) in zip(raw, _split(raw)):
        call, result = split_result(text)
        if result is not None:
            width = len(line) - len(text) + len(call)
            if line[width:].index("= ") != max(column - width, 1):
                names[call_name(text)] += 1
    return list(names)
