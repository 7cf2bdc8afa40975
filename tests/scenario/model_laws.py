"""What has to hold in every trace, whatever the program: the kernel's own answers, and the sums.

A call is alone if no other call on the same object runs while it does, as far as the tracer could see: then its two samples of
the state are exact. For those three things are checked:

    witness   the program itself asked the kernel (FIONREAD, msgctl, semctl, mq_getattr...): its answer is the state
    effect    what the call did (bytes, messages, semaphore operations) is the difference of the two samples
    chain     the state before a call is the state after the one before it"""

import collections
import json

MAIN_BYTES, MESSAGES = (None, "B"), (None, "msgs")
COUNT, ATTACHED = ("count", None), ("attached", None)
NEVER = 1 << 80
SLEEPERS = {"all": 0}
SEM_COUNTS = {"GETNCNT": "waiting_for_increase", "GETZCNT": "waiting_for_zero", "GETPID": "last_pid"}
BIRTHS = ("clone", "clone3", "fork", "vfork")

Sample = collections.namedtuple("Sample", "start end before after effect witness record")


def number(value):
    """The integer of a decoded value, an array of one included."""
    if value and value["type"] == "array":
        value = value["items"][0]
    return int(value["value"])


def fields(value):
    return {name: field for name, field in value["fields"].items()}


def command(call, name="cmd"):
    value = call["args"].get(name) or {}
    return value.get("name") or value.get("text")


def is_ok(call):
    return call["state"] == "returned" and call["error"] is None


# --- what a call does to the state: {quantity: difference}; None: not known ---


def of_pipe(call, name):
    args, ret = call["args"], int(call["ret"] or 0)
    if call["call"] in ("splice", "tee"):
        gets, puts = (args[end].get("object") == name for end in ("fd_in", "fd_out"))
        taken = ret if gets and call["call"] == "splice" else 0
        return {MAIN_BYTES: (ret if puts else 0) - taken}
    sign = {"read": -1, "readv": -1, "write": 1, "writev": 1, "vmsplice": 1, "sendfile": 1}
    return {MAIN_BYTES: sign.get(call["call"], 0) * ret}


def of_message_queue(call, _):
    if call["call"] == "msgsnd":
        return {MESSAGES: 1, MAIN_BYTES: number(call["args"]["msgsz"])}
    if call["call"] == "msgrcv":
        # With MSG_NOERROR the rest of a message is thrown away: the bytes are those of the message, not those returned.
        is_cut = "MSG_NOERROR" in call["args"]["msgflg"]["names"]
        return {MESSAGES: -1, MAIN_BYTES: None if is_cut else -int(call["ret"])}
    return {MESSAGES: 0, MAIN_BYTES: 0}


def of_semaphores(call, _):
    done = collections.Counter()
    if call["call"] in ("semop", "semtimedop"):
        for operation in call["args"]["sops"]["items"]:
            done[f"[{number(fields(operation)['sem_num'])}]"] += number(fields(operation)["sem_op"])
        return {(name, None): difference for name, difference in done.items()}
    is_asking = command(call) in ("GETALL", "GETVAL", "GETNCNT", "GETZCNT", "GETPID", "IPC_STAT")
    return collections.defaultdict(int) if is_asking else {}


def of_posix_queue(call, _):
    return {MESSAGES: {"mq_timedsend": 1, "mq_timedreceive": -1}.get(call["call"], 0)}


def of_eventfd(call, _):
    sign = {"write": 1, "read": -1}.get(call["call"], 0)
    return {COUNT: sign * number(call["args"]["buf"]) if sign else 0}


def of_memory(call, _):
    return {ATTACHED: 1 if call["call"] == "shmat" else 0}


def of_stream(call, _):
    taken = -int(call["ret"] or 0) if call["call"] in ("read", "readv", "recvfrom", "recvmsg") else 0
    put = int(call["ret"] or 0) if call["call"] in ("write", "writev", "sendto", "sendmsg") else 0
    is_peeking = "MSG_PEEK" in str(call["args"].get("flags"))
    # The rest of a packet that does not fit is thrown away.
    is_cut = "MSG_TRUNC" in json.dumps(call["args"])
    return {MAIN_BYTES: None if is_cut else 0 if is_peeking else taken, ("peer queue", "B"): put}


EFFECTS = {"pipe": of_pipe, "fifo": of_pipe, "msg": of_message_queue, "sem": of_semaphores, "mq": of_posix_queue,
           "eventfd": of_eventfd, "shm": of_memory, "unix": of_stream}


# --- what the kernel told the program itself: {quantity: number} ---


def witnessed(call):
    args, name = call["args"], call["call"]
    if name == "ioctl" and command(call, "request") == "FIONREAD":
        return {MAIN_BYTES: number(args["argp"])}
    if name == "fcntl" and command(call) == "F_GETPIPE_SZ":
        return {(None, "limit"): int(call["ret"])}
    if name == "msgctl" and command(call) == "IPC_STAT":
        buf = fields(args["buf"])
        return {MESSAGES: number(buf["msg_qnum"]), MAIN_BYTES: number(buf["msg_cbytes"]), (None, "limit"): number(buf["msg_qbytes"])}
    if name == "shmctl" and command(call) == "IPC_STAT":
        buf = fields(args["buf"])
        return {ATTACHED: number(buf["shm_nattch"]), MAIN_BYTES: number(buf["shm_segsz"])}
    if name == "semctl" and command(call) == "GETALL":
        return {(f"[{i}]", None): number(value) for i, value in enumerate(args["arg"]["items"])}
    if name == "semctl" and command(call) == "GETVAL":
        return {(f"[{number(args['semnum'])}]", None): int(call["ret"])}
    if name == "semctl" and command(call) in SEM_COUNTS:
        return {(f"[{number(args['semnum'])}] {SEM_COUNTS[command(call)]}", None): int(call["ret"])}
    if name == "mq_getsetattr" and args["oldattr"]["type"] == "struct":
        attr = fields(args["oldattr"])
        return {MESSAGES: number(attr["mq_curmsgs"]), (None, "limit"): number(attr["mq_maxmsg"])}
    return {}


# --- samples of each object ---


def further_numbers(touched):
    """What the details of a semaphore set say of each semaphore: {quantity: (before, after)}."""
    details = touched["details"] or {"fields": {}}
    found = {}
    for item in (details["fields"].get("semaphores") or {"items": []})["items"]:
        of_one = fields(item)
        for name in SEM_COUNTS.values():
            change = of_one[name]
            found[f"[{number(of_one['num'])}] {name}", None] = tuple(
                None if change[when] is None else number(change[when]) for when in ("before", "after"))
    return found


def ends(trace):
    """pid -> (when it can first have ended, when that was seen)."""
    last, found = {}, {}
    for record in trace.records:
        if record["record"] == "call":
            is_over = record["state"] == "returned"
            when = int(record["time_ns"]) + (int(record["duration_ns"] or 0) if is_over else 0)
            last[record["pid"]] = max(when, last.get(record["pid"], 0))
        elif record["record"] == "exit" and record["pid"] == record["tid"]:
            found[record["pid"]] = (last.get(record["pid"], 0), int(record["time_ns"]))
    return found


def other_ends(trace):
    """The two ends of each socket pair: {unix:1: unix:2, ...}."""
    found = {}
    for call in trace.calls:
        for touched in call["touched"]:
            if touched["note"] and touched["note"].startswith("other end "):
                other = touched["note"].split()[2].rstrip(",")
                found[touched["object"]], found[other] = other, touched["object"]
    return found


def samples(trace):
    """{object: {quantity: [Sample in order of their start]}}; a Sample without numbers stands for somebody else's act."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    users = collections.defaultdict(set)
    dead, other_end = ends(trace), other_ends(trace)
    for call in trace.calls:
        start = int(call["time_ns"])
        is_over = call["state"] == "returned"
        end = start + int(call["duration_ns"]) if is_over else dead.get(call["pid"], (0, NEVER))[1]
        for touched in call["touched"]:
            name = touched["object"]
            users[name].add(call["pid"])
            of_kind = EFFECTS.get(name.split(":")[0])
            if not of_kind:
                continue
            effect = of_kind(call, name) if is_ok(call) else collections.defaultdict(int)
            witness = witnessed(call) if is_ok(call) else {}
            # Whatever a call does not show it may still have changed.
            for quantity in {(q["name"], q["unit"]): q for q in touched["state"]}.values():
                key = (quantity["name"], quantity["unit"])
                numbers = [None if quantity[when] is None else int(quantity[when]) for when in ("before", "after")]
                place, place_key = (name, key)
                # The tracer's own count, of what it saw; and a number that is not one of the whole queue.
                if key[1] == "msgs seen" or "first message" in str(key[0]) or key[0] == "pending":
                    continue
                if key == ("peer queue", "B"):
                    place, place_key = (other_end.get(name), MAIN_BYTES)
                if is_over:
                    limit = quantity["limit"]
                    told = witness.get(key), witness.get((None, "limit")), limit
                    found[place][place_key].append(Sample(start, end, *numbers, effect.get(key), told, call))
            for key, numbers in further_numbers(touched).items():
                if is_over and key in witness:
                    found[name][key].append(Sample(start, end, *numbers, None, (witness[key], None, None), call))
            found[name]["all"].append(Sample(start, end, None, None, None, None, call))
            if name in other_end:       # what one end does may change the other's queue
                found[other_end[name]]["all"].append(Sample(start, end, None, None, None, None, call))
    for call in trace.calls:        # a child inherits what is attached
        if call["call"] in BIRTHS and call["state"] == "returned":
            start = int(call["time_ns"])
            for name in users:
                if name.startswith("shm:"):
                    found[name]["all"].append(Sample(start, start + int(call["duration_ns"]), None, None, None, None, call))
    for name, pids in users.items():
        for pid in pids & set(dead):
            found[name]["all"].append(Sample(*dead[pid], None, None, None, None, {"pid": pid, "call": "exit"}))
    return found


def asleep(trace):
    """(tid, start) of the calls that were announced as blocked -> since when that is known."""
    return {(r["tid"], r["time_ns"]): int(r["time_ns"]) + int(r["duration_ns"]) for r in trace.records if r["record"] == "blocked"}


def alone(sample, everything, since=None):
    """
    since: as asleep() gives it, for calls that wake nobody: who sleeps all the while does nothing. SLEEPERS: whoever was
    in a call before and still is after sleeps; for what the kernel has said of those who sleep.
    """
    for other in everything:
        if other.record is sample.record or other.start > sample.end or sample.start > other.end:
            continue
        known = (since or {}).get((other.record.get("tid"), other.record.get("time_ns")), NEVER)
        if since is SLEEPERS:
            known = other.start
        if not (known < sample.start and sample.end < other.end):
            return False
    return True


def broken(trace):
    """The laws that a trace breaks, as sentences; and how often each was checked: (list, Counter)."""
    wrong, checked, since = [], collections.Counter(), asleep(trace)

    def check(law, is_so, name, key, sample):
        checked[law, name.split(":")[0]] += 1
        if not is_so:
            wrong.append(f"{law} of {name} {key}: {sample[2:6]} {json.dumps(sample.record)[:600]}")

    for name, by_key in samples(trace).items():
        everything = by_key.get("all", [])
        for key, of_key in by_key.items():
            if key == "all" or name is None:
                continue
            previous = None
            for sample in sorted(of_key, key=lambda s: s.start):
                value, limit, shown_limit = sample.witness
                if limit is not None and shown_limit is not None:
                    check("limit", limit == shown_limit, name, key, sample)
                if value is not None and str(key[0]).endswith(tuple(SEM_COUNTS.values())):
                    if alone(sample, everything, SLEEPERS):
                        # One may have gone to sleep between the samples.
                        told = {sample.before, sample.after}
                        check("waiters", min(told) <= value <= max(told), name, key, sample)
                elif value is not None and alone(sample, everything, since):
                    check("witness", sample.before == sample.after == value, name, key, sample)
                if not alone(sample, everything):
                    previous = None
                    continue
                if None not in (sample.before, sample.after, sample.effect):
                    check("effect", sample.after - sample.before == sample.effect, name, key, sample)
                between = previous and [s for s in everything if previous.end < s.start < sample.start
                                        or previous.end < s.end < sample.start]
                if previous and not between and None not in (previous.after, sample.before):
                    check("chain", previous.after == sample.before, name, key, sample)
                previous = sample
    return wrong, checked


# --- identity and peers ---


def identity(trace):
    """
    One object, one name: what the kernel calls the same (inode, System V id) has the same id in all processes, and two
    objects that live at the same time do not share one. Returns what contradicts this.
    """
    wrong, by_kernel, by_name = [], {}, {}
    for call in trace.calls:
        for value in every_value(call["args"]):
            name, kernel = value.get("object"), kernel_name(value)
            if not name or not kernel or name.split(":")[0] in ("pty", "lock"):
                continue
            if by_kernel.setdefault(kernel, name) != name or by_name.setdefault(name, kernel) != kernel:
                wrong.append(f"{kernel} is {by_kernel[kernel]} and {name}; {name} is {by_name.get(name)}: {call['call']}")
    return wrong


def every_value(node):
    if isinstance(node, dict):
        if "type" in node and isinstance(node["type"], str):
            yield node
        for child in node.values():
            yield from every_value(child)
    elif isinstance(node, list):
        for child in node:
            yield from every_value(child)


def kernel_name(value):
    if value["type"] == "fd" and value.get("link", "") and value["link"].startswith(("pipe:[", "socket:[")):
        return value["link"]
    if value["type"] == "int" and value.get("object", "").startswith(("msg:", "sem:", "shm:")):
        return f"{value['object'][:3]} id {value['value']}"
    return None


# The kinds where each message has one sender or several that were all seen.
CERTAIN = {"pipe", "fifo", "mq", "eventfd"}
RECEIVES = {"read", "readv", "mq_timedreceive"}
SENDS = {"write", "writev", "mq_timedsend"}


def uncertain(trace):
    """
    Messages between traced processes whose other end is not told, or told as inferred, though no other call on the object
    makes that doubtful: none that runs at the same time as this one, and no two that send at the same time.
    """
    for call in trace.calls:
        kind = call["touched"][0]["object"].split(":")[0] if call["touched"] else None
        if kind not in CERTAIN or not is_ok(call) or (kind != "mq" and not call["ret"]):
            continue
        direction = "from" if call["call"] in RECEIVES else "to" if call["call"] in SENDS else None
        peers = [peer for peer in call["peers"] if peer["direction"] == direction]
        if not direction or any(peer["certainty"] == "exact" for peer in peers):
            continue
        others = [other for other in trace.of_object(call["touched"][0]["object"]) if other["tid"] != call["tid"]]
        senders = [other for other in others if other["call"] in SENDS]
        is_race = any(overlap(call, other) for other in others) or any(
            overlap(one, other) for one in senders for other in senders if one["tid"] < other["tid"])
        if not is_race:
            yield call


def overlap(call, other):
    (start, end), (other_start, other_end) = span(call), span(other)
    return start <= other_end and other_start <= end


def span(call):
    start = int(call["time_ns"])
    return start, start + int(call["duration_ns"]) if call["state"] == "returned" else NEVER
