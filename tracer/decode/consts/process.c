/* Names of what processes are, have and may. */
#include "decode/consts/process.h"

/* linux/sched.h */
static const struct const_name clone_flags[] = {
	{ 0x100, "CLONE_VM" },
	{ 0x200, "CLONE_FS" },
	{ 0x400, "CLONE_FILES" },
	{ 0x800, "CLONE_SIGHAND" },
	{ 0x1000, "CLONE_PIDFD" },
	{ 0x2000, "CLONE_PTRACE" },
	{ 0x4000, "CLONE_VFORK" },
	{ 0x8000, "CLONE_PARENT" },
	{ 0x10000, "CLONE_THREAD" },
	{ 0x20000, "CLONE_NEWNS" },
	{ 0x40000, "CLONE_SYSVSEM" },
	{ 0x80000, "CLONE_SETTLS" },
	{ 0x100000, "CLONE_PARENT_SETTID" },
	{ 0x200000, "CLONE_CHILD_CLEARTID" },
	{ 0x400000, "CLONE_DETACHED" },
	{ 0x800000, "CLONE_UNTRACED" },
	{ 0x1000000, "CLONE_CHILD_SETTID" },
	{ 0x2000000, "CLONE_NEWCGROUP" },
	{ 0x4000000, "CLONE_NEWUTS" },
	{ 0x8000000, "CLONE_NEWIPC" },
	{ 0x10000000, "CLONE_NEWUSER" },
	{ 0x20000000, "CLONE_NEWPID" },
	{ 0x40000000, "CLONE_NEWNET" },
	{ 0x80000000, "CLONE_IO" },
};
const struct const_set set_clone_flags = CONST_SET(clone_flags, "CLONE_???");

/* linux/sched.h */
static const struct const_name clone3_flags[] = {
	{ 0x100, "CLONE_VM" },
	{ 0x200, "CLONE_FS" },
	{ 0x400, "CLONE_FILES" },
	{ 0x800, "CLONE_SIGHAND" },
	{ 0x1000, "CLONE_PIDFD" },
	{ 0x2000, "CLONE_PTRACE" },
	{ 0x4000, "CLONE_VFORK" },
	{ 0x8000, "CLONE_PARENT" },
	{ 0x10000, "CLONE_THREAD" },
	{ 0x20000, "CLONE_NEWNS" },
	{ 0x40000, "CLONE_SYSVSEM" },
	{ 0x80000, "CLONE_SETTLS" },
	{ 0x100000, "CLONE_PARENT_SETTID" },
	{ 0x200000, "CLONE_CHILD_CLEARTID" },
	{ 0x400000, "CLONE_DETACHED" },
	{ 0x800000, "CLONE_UNTRACED" },
	{ 0x1000000, "CLONE_CHILD_SETTID" },
	{ 0x2000000, "CLONE_NEWCGROUP" },
	{ 0x4000000, "CLONE_NEWUTS" },
	{ 0x8000000, "CLONE_NEWIPC" },
	{ 0x10000000, "CLONE_NEWUSER" },
	{ 0x20000000, "CLONE_NEWPID" },
	{ 0x40000000, "CLONE_NEWNET" },
	{ 0x80000000, "CLONE_IO" },
	{ 0x80, "CLONE_NEWTIME" },
	{ 0x100000000, "CLONE_CLEAR_SIGHAND" },
	{ 0x200000000, "CLONE_INTO_CGROUP" },
};
const struct const_set set_clone3_flags = CONST_SET(clone3_flags, "CLONE_???");

/* linux/wait.h */
static const struct const_name wait_options[] = {
	{ 0x1, "WNOHANG" },       { 0x2, "WSTOPPED" },           { 0x4, "WEXITED" },
	{ 0x8, "WCONTINUED" },    { 0x1000000, "WNOWAIT" },      { 0x80000000, "__WCLONE" },
	{ 0x40000000, "__WALL" }, { 0x20000000, "__WNOTHREAD" },
};
const struct const_set set_wait_options = CONST_SET(wait_options, "W???");

/* linux/wait.h */
static const struct const_name wait_ids[] = {
	{ 0, "P_ALL" },
	{ 1, "P_PID" },
	{ 2, "P_PGID" },
	{ 3, "P_PIDFD" },
};
const struct const_set set_wait_ids = CONST_SET(wait_ids, "P_???");

/* asm-generic/resource.h */
static const struct const_name resources[] = {
	{ 0, "RLIMIT_CPU" },       { 1, "RLIMIT_FSIZE" },  { 2, "RLIMIT_DATA" },
	{ 3, "RLIMIT_STACK" },     { 4, "RLIMIT_CORE" },   { 5, "RLIMIT_RSS" },
	{ 6, "RLIMIT_NPROC" },     { 7, "RLIMIT_NOFILE" }, { 8, "RLIMIT_MEMLOCK" },
	{ 9, "RLIMIT_AS" },        { 10, "RLIMIT_LOCKS" }, { 11, "RLIMIT_SIGPENDING" },
	{ 12, "RLIMIT_MSGQUEUE" }, { 13, "RLIMIT_NICE" },  { 14, "RLIMIT_RTPRIO" },
	{ 15, "RLIMIT_RTTIME" },
};
const struct const_set set_resources = CONST_SET(resources, "RLIMIT_???");

/* linux/resource.h */
static const struct const_name priorities[] = {
	{ 0, "PRIO_PROCESS" },
	{ 1, "PRIO_PGRP" },
	{ 2, "PRIO_USER" },
};
const struct const_set set_priorities = CONST_SET(priorities, "PRIO_???");

/* linux/resource.h */
static const struct const_name usages[] = {
	{ 0, "RUSAGE_SELF" },
	{ UINT32_MAX, "RUSAGE_CHILDREN" },
	{ UINT32_MAX - 1, "RUSAGE_BOTH" },
	{ 1, "RUSAGE_THREAD" },
};
const struct const_set set_usages = CONST_SET(usages, "RUSAGE_???");

/* linux/sched.h */
static const struct const_name sched_policies[] = {
	{ 0, "SCHED_OTHER" }, { 1, "SCHED_FIFO" }, { 2, "SCHED_RR" },       { 3, "SCHED_BATCH" },
	{ 4, "SCHED_ISO" },   { 5, "SCHED_IDLE" }, { 6, "SCHED_DEADLINE" }, { 7, "SCHED_EXT" },
};
const struct const_set set_sched_policies = CONST_SET(sched_policies, "SCHED_???");

/* linux/sched.h */
static const struct const_name sched_flags[] = {
	{ 0x1, "SCHED_FLAG_RESET_ON_FORK" },   { 0x2, "SCHED_FLAG_RECLAIM" },
	{ 0x4, "SCHED_FLAG_DL_OVERRUN" },      { 0x8, "SCHED_FLAG_KEEP_POLICY" },
	{ 0x10, "SCHED_FLAG_KEEP_PARAMS" },    { 0x20, "SCHED_FLAG_UTIL_CLAMP_MIN" },
	{ 0x40, "SCHED_FLAG_UTIL_CLAMP_MAX" },
};
const struct const_set set_sched_flags = CONST_SET(sched_flags, "SCHED_FLAG_???");

/* linux/capability.h */
static const struct const_name capabilities[] = {
	{ 0, "CAP_CHOWN" },
	{ 1, "CAP_DAC_OVERRIDE" },
	{ 2, "CAP_DAC_READ_SEARCH" },
	{ 3, "CAP_FOWNER" },
	{ 4, "CAP_FSETID" },
	{ 5, "CAP_KILL" },
	{ 6, "CAP_SETGID" },
	{ 7, "CAP_SETUID" },
	{ 8, "CAP_SETPCAP" },
	{ 9, "CAP_LINUX_IMMUTABLE" },
	{ 10, "CAP_NET_BIND_SERVICE" },
	{ 11, "CAP_NET_BROADCAST" },
	{ 12, "CAP_NET_ADMIN" },
	{ 13, "CAP_NET_RAW" },
	{ 14, "CAP_IPC_LOCK" },
	{ 15, "CAP_IPC_OWNER" },
	{ 16, "CAP_SYS_MODULE" },
	{ 17, "CAP_SYS_RAWIO" },
	{ 18, "CAP_SYS_CHROOT" },
	{ 19, "CAP_SYS_PTRACE" },
	{ 20, "CAP_SYS_PACCT" },
	{ 21, "CAP_SYS_ADMIN" },
	{ 22, "CAP_SYS_BOOT" },
	{ 23, "CAP_SYS_NICE" },
	{ 24, "CAP_SYS_RESOURCE" },
	{ 25, "CAP_SYS_TIME" },
	{ 26, "CAP_SYS_TTY_CONFIG" },
	{ 27, "CAP_MKNOD" },
	{ 28, "CAP_LEASE" },
	{ 29, "CAP_AUDIT_WRITE" },
	{ 30, "CAP_AUDIT_CONTROL" },
	{ 31, "CAP_SETFCAP" },
	{ 32, "CAP_MAC_OVERRIDE" },
	{ 33, "CAP_MAC_ADMIN" },
	{ 34, "CAP_SYSLOG" },
	{ 35, "CAP_WAKE_ALARM" },
	{ 36, "CAP_BLOCK_SUSPEND" },
	{ 37, "CAP_AUDIT_READ" },
	{ 38, "CAP_PERFMON" },
	{ 39, "CAP_BPF" },
	{ 40, "CAP_CHECKPOINT_RESTORE" },
};
const struct const_set set_capabilities = CONST_SET(capabilities, "CAP_???");

/* linux/capability.h */
static const struct const_name capability_versions[] = {
	{ 0x19980330, "_LINUX_CAPABILITY_VERSION_1" },
	{ 0x20071026, "_LINUX_CAPABILITY_VERSION_2" },
	{ 0x20080522, "_LINUX_CAPABILITY_VERSION_3" },
};
const struct const_set set_capability_versions =
	CONST_SET(capability_versions, "_LINUX_CAPABILITY_VERSION_???");

/* linux/personality.h, without the flags */
static const struct const_name personalities[] = {
	{ 0, "PER_LINUX" },    { 1, "PER_SVR4" },     { 2, "PER_SVR3" },     { 3, "PER_OSR5" },
	{ 4, "PER_WYSEV386" }, { 5, "PER_ISCR4" },    { 6, "PER_BSD" },      { 7, "PER_XENIX" },
	{ 8, "PER_LINUX32" },  { 9, "PER_IRIX32" },   { 10, "PER_IRIXN32" }, { 11, "PER_IRIX64" },
	{ 12, "PER_RISCOS" },  { 13, "PER_SOLARIS" }, { 14, "PER_UW7" },     { 15, "PER_OSF4" },
	{ 16, "PER_HPUX" },
};
const struct const_set set_personalities = CONST_SET(personalities, "PER_???");

/* linux/personality.h */
static const struct const_name personality_flags[] = {
	{ 0x20000, "UNAME26" },
	{ 0x40000, "ADDR_NO_RANDOMIZE" },
	{ 0x80000, "FDPIC_FUNCPTRS" },
	{ 0x100000, "MMAP_PAGE_ZERO" },
	{ 0x200000, "ADDR_COMPAT_LAYOUT" },
	{ 0x400000, "READ_IMPLIES_EXEC" },
	{ 0x800000, "ADDR_LIMIT_32BIT" },
	{ 0x1000000, "SHORT_INODE" },
	{ 0x2000000, "WHOLE_SECONDS" },
	{ 0x4000000, "STICKY_TIMEOUTS" },
	{ 0x8000000, "ADDR_LIMIT_3GB" },
};
const struct const_set set_personality_flags = CONST_SET(personality_flags, NULL);
