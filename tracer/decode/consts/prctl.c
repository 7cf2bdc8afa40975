/* Names of prctl(2), arch_prctl(2) and seccomp(2). */
#include "decode/consts/prctl.h"

/* linux/prctl.h */
static const struct const_name prctl_options[] = {
	{ 1, "PR_SET_PDEATHSIG" },
	{ 2, "PR_GET_PDEATHSIG" },
	{ 3, "PR_GET_DUMPABLE" },
	{ 4, "PR_SET_DUMPABLE" },
	{ 5, "PR_GET_UNALIGN" },
	{ 6, "PR_SET_UNALIGN" },
	{ 7, "PR_GET_KEEPCAPS" },
	{ 8, "PR_SET_KEEPCAPS" },
	{ 9, "PR_GET_FPEMU" },
	{ 10, "PR_SET_FPEMU" },
	{ 11, "PR_GET_FPEXC" },
	{ 12, "PR_SET_FPEXC" },
	{ 13, "PR_GET_TIMING" },
	{ 14, "PR_SET_TIMING" },
	{ 15, "PR_SET_NAME" },
	{ 16, "PR_GET_NAME" },
	{ 19, "PR_GET_ENDIAN" },
	{ 20, "PR_SET_ENDIAN" },
	{ 21, "PR_GET_SECCOMP" },
	{ 22, "PR_SET_SECCOMP" },
	{ 23, "PR_CAPBSET_READ" },
	{ 24, "PR_CAPBSET_DROP" },
	{ 25, "PR_GET_TSC" },
	{ 26, "PR_SET_TSC" },
	{ 27, "PR_GET_SECUREBITS" },
	{ 28, "PR_SET_SECUREBITS" },
	{ 29, "PR_SET_TIMERSLACK" },
	{ 30, "PR_GET_TIMERSLACK" },
	{ 31, "PR_TASK_PERF_EVENTS_DISABLE" },
	{ 32, "PR_TASK_PERF_EVENTS_ENABLE" },
	{ 33, "PR_MCE_KILL" },
	{ 34, "PR_MCE_KILL_GET" },
	{ 35, "PR_SET_MM" },
	{ 36, "PR_SET_CHILD_SUBREAPER" },
	{ 37, "PR_GET_CHILD_SUBREAPER" },
	{ 38, "PR_SET_NO_NEW_PRIVS" },
	{ 39, "PR_GET_NO_NEW_PRIVS" },
	{ 40, "PR_GET_TID_ADDRESS" },
	{ 41, "PR_SET_THP_DISABLE" },
	{ 42, "PR_GET_THP_DISABLE" },
	{ 43, "PR_MPX_ENABLE_MANAGEMENT" },
	{ 44, "PR_MPX_DISABLE_MANAGEMENT" },
	{ 45, "PR_SET_FP_MODE" },
	{ 46, "PR_GET_FP_MODE" },
	{ 47, "PR_CAP_AMBIENT" },
	{ 50, "PR_SVE_SET_VL" },
	{ 51, "PR_SVE_GET_VL" },
	{ 52, "PR_GET_SPECULATION_CTRL" },
	{ 53, "PR_SET_SPECULATION_CTRL" },
	{ 54, "PR_PAC_RESET_KEYS" },
	{ 55, "PR_SET_TAGGED_ADDR_CTRL" },
	{ 56, "PR_GET_TAGGED_ADDR_CTRL" },
	{ 57, "PR_SET_IO_FLUSHER" },
	{ 58, "PR_GET_IO_FLUSHER" },
	{ 59, "PR_SET_SYSCALL_USER_DISPATCH" },
	{ 60, "PR_PAC_SET_ENABLED_KEYS" },
	{ 61, "PR_PAC_GET_ENABLED_KEYS" },
	{ 62, "PR_SCHED_CORE" },
	{ 63, "PR_SME_SET_VL" },
	{ 64, "PR_SME_GET_VL" },
	{ 65, "PR_SET_MDWE" },
	{ 66, "PR_GET_MDWE" },
	{ 67, "PR_SET_MEMORY_MERGE" },
	{ 68, "PR_GET_MEMORY_MERGE" },
	{ 69, "PR_RISCV_V_SET_CONTROL" },
	{ 70, "PR_RISCV_V_GET_CONTROL" },
	{ 71, "PR_RISCV_SET_ICACHE_FLUSH_CTX" },
	{ 72, "PR_PPC_GET_DEXCR" },
	{ 73, "PR_PPC_SET_DEXCR" },
	{ 74, "PR_GET_SHADOW_STACK_STATUS" },
	{ 75, "PR_SET_SHADOW_STACK_STATUS" },
	{ 76, "PR_LOCK_SHADOW_STACK_STATUS" },
	{ 77, "PR_TIMER_CREATE_RESTORE_IDS" },
	{ 78, "PR_FUTEX_HASH" },
	{ 0x41555856, "PR_GET_AUXV" },
	{ 0x53564d41, "PR_SET_VMA" },
	{ 0x59616d61, "PR_SET_PTRACER" },
};
const struct const_set set_prctl_options = CONST_SET(prctl_options, "PR_???");

/* linux/sched/coredump.h */
static const struct const_name dump_modes[] = {
	{ 0, "SUID_DUMP_DISABLE" },
	{ 1, "SUID_DUMP_USER" },
	{ 2, "SUID_DUMP_ROOT" },
};
const struct const_set set_dump_modes = CONST_SET(dump_modes, "SUID_DUMP_???");

/* linux/securebits.h */
static const struct const_name secure_bits[] = {
	{ 0x1, "SECBIT_NOROOT" },
	{ 0x2, "SECBIT_NOROOT_LOCKED" },
	{ 0x4, "SECBIT_NO_SETUID_FIXUP" },
	{ 0x8, "SECBIT_NO_SETUID_FIXUP_LOCKED" },
	{ 0x10, "SECBIT_KEEP_CAPS" },
	{ 0x20, "SECBIT_KEEP_CAPS_LOCKED" },
	{ 0x40, "SECBIT_NO_CAP_AMBIENT_RAISE" },
	{ 0x80, "SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED" },
	{ 0x100, "SECBIT_EXEC_RESTRICT_FILE" },
	{ 0x200, "SECBIT_EXEC_RESTRICT_FILE_LOCKED" },
	{ 0x400, "SECBIT_EXEC_DENY_INTERACTIVE" },
	{ 0x800, "SECBIT_EXEC_DENY_INTERACTIVE_LOCKED" },
};
const struct const_set set_secure_bits = CONST_SET(secure_bits, "SECBIT_???");

/* linux/prctl.h */
static const struct const_name tsc_modes[] = {
	{ 1, "PR_TSC_ENABLE" },
	{ 2, "PR_TSC_SIGSEGV" },
};
const struct const_set set_tsc_modes = CONST_SET(tsc_modes, "PR_TSC_???");

/* linux/prctl.h */
static const struct const_name mce_operations[] = {
	{ 0, "PR_MCE_KILL_CLEAR" },
	{ 1, "PR_MCE_KILL_SET" },
};
const struct const_set set_mce_operations = CONST_SET(mce_operations, "PR_MCE_KILL_???");

/* linux/prctl.h */
static const struct const_name mce_policies[] = {
	{ 0, "PR_MCE_KILL_LATE" },
	{ 1, "PR_MCE_KILL_EARLY" },
	{ 2, "PR_MCE_KILL_DEFAULT" },
};
const struct const_set set_mce_policies = CONST_SET(mce_policies, "PR_MCE_KILL_???");

/* linux/prctl.h */
static const struct const_name mm_options[] = {
	{ 1, "PR_SET_MM_START_CODE" },  { 2, "PR_SET_MM_END_CODE" },
	{ 3, "PR_SET_MM_START_DATA" },  { 4, "PR_SET_MM_END_DATA" },
	{ 5, "PR_SET_MM_START_STACK" }, { 6, "PR_SET_MM_START_BRK" },
	{ 7, "PR_SET_MM_BRK" },         { 8, "PR_SET_MM_ARG_START" },
	{ 9, "PR_SET_MM_ARG_END" },     { 10, "PR_SET_MM_ENV_START" },
	{ 11, "PR_SET_MM_ENV_END" },    { 12, "PR_SET_MM_AUXV" },
	{ 13, "PR_SET_MM_EXE_FILE" },   { 14, "PR_SET_MM_MAP" },
	{ 15, "PR_SET_MM_MAP_SIZE" },
};
const struct const_set set_mm_options = CONST_SET(mm_options, "PR_SET_MM_???");

/* linux/prctl.h */
static const struct const_name ambient_operations[] = {
	{ 1, "PR_CAP_AMBIENT_IS_SET" },
	{ 2, "PR_CAP_AMBIENT_RAISE" },
	{ 3, "PR_CAP_AMBIENT_LOWER" },
	{ 4, "PR_CAP_AMBIENT_CLEAR_ALL" },
};
const struct const_set set_ambient_operations = CONST_SET(ambient_operations, "PR_CAP_AMBIENT_???");

/* linux/prctl.h */
static const struct const_name speculations[] = {
	{ 0, "PR_SPEC_STORE_BYPASS" },
	{ 1, "PR_SPEC_INDIRECT_BRANCH" },
	{ 2, "PR_SPEC_L1D_FLUSH" },
};
const struct const_set set_speculations = CONST_SET(speculations, "PR_SPEC_???");

/* linux/prctl.h */
static const struct const_name speculation_modes[] = {
	{ 1, "PR_SPEC_PRCTL" },         { 2, "PR_SPEC_ENABLE" },          { 4, "PR_SPEC_DISABLE" },
	{ 8, "PR_SPEC_FORCE_DISABLE" }, { 16, "PR_SPEC_DISABLE_NOEXEC" },
};
const struct const_set set_speculation_modes = CONST_SET(speculation_modes, "PR_SPEC_???");

/* linux/prctl.h */
static const struct const_name vma_options[] = {
	{ 0, "PR_SET_VMA_ANON_NAME" },
};
const struct const_set set_vma_options = CONST_SET(vma_options, "PR_SET_VMA_???");

/* linux/seccomp.h */
static const struct const_name seccomp_modes[] = {
	{ 0, "SECCOMP_MODE_DISABLED" },
	{ 1, "SECCOMP_MODE_STRICT" },
	{ 2, "SECCOMP_MODE_FILTER" },
};
const struct const_set set_seccomp_modes = CONST_SET(seccomp_modes, "SECCOMP_MODE_???");

/* linux/seccomp.h */
static const struct const_name seccomp_operations[] = {
	{ 0, "SECCOMP_SET_MODE_STRICT" },
	{ 1, "SECCOMP_SET_MODE_FILTER" },
	{ 2, "SECCOMP_GET_ACTION_AVAIL" },
	{ 3, "SECCOMP_GET_NOTIF_SIZES" },
};
const struct const_set set_seccomp_operations =
	CONST_SET(seccomp_operations, "SECCOMP_SET_MODE_???");

/* linux/seccomp.h */
static const struct const_name seccomp_flags[] = {
	{ 0x1, "SECCOMP_FILTER_FLAG_TSYNC" },
	{ 0x2, "SECCOMP_FILTER_FLAG_LOG" },
	{ 0x4, "SECCOMP_FILTER_FLAG_SPEC_ALLOW" },
	{ 0x8, "SECCOMP_FILTER_FLAG_NEW_LISTENER" },
	{ 0x10, "SECCOMP_FILTER_FLAG_TSYNC_ESRCH" },
	{ 0x20, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" },
};
const struct const_set set_seccomp_flags = CONST_SET(seccomp_flags, "SECCOMP_FILTER_FLAG_???");

/* linux/seccomp.h */
static const struct const_name seccomp_actions[] = {
	{ 0x80000000, "SECCOMP_RET_KILL_PROCESS" },
	{ 0, "SECCOMP_RET_KILL_THREAD" },
	{ 0x30000, "SECCOMP_RET_TRAP" },
	{ 0x50000, "SECCOMP_RET_ERRNO" },
	{ 0x7fc00000, "SECCOMP_RET_USER_NOTIF" },
	{ 0x7ff00000, "SECCOMP_RET_TRACE" },
	{ 0x7ffc0000, "SECCOMP_RET_LOG" },
	{ 0x7fff0000, "SECCOMP_RET_ALLOW" },
};
const struct const_set set_seccomp_actions = CONST_SET(seccomp_actions, "SECCOMP_RET_???");

/* linux/prctl.h */
static const struct const_name dispatch_modes[] = {
	{ 0, "PR_SYS_DISPATCH_OFF" },
	{ 1, "PR_SYS_DISPATCH_ON" },
};
const struct const_set set_dispatch_modes = CONST_SET(dispatch_modes, "PR_SYS_DISPATCH_???");

/* linux/prctl.h */
static const struct const_name core_operations[] = {
	{ 0, "PR_SCHED_CORE_GET" },
	{ 1, "PR_SCHED_CORE_CREATE" },
	{ 2, "PR_SCHED_CORE_SHARE_TO" },
	{ 3, "PR_SCHED_CORE_SHARE_FROM" },
};
const struct const_set set_core_operations = CONST_SET(core_operations, "PR_SCHED_CORE_???");

/* linux/pid.h */
static const struct const_name pid_scopes[] = {
	{ 0, "PIDTYPE_PID" },
	{ 1, "PIDTYPE_TGID" },
	{ 2, "PIDTYPE_PGID" },
};
const struct const_set set_pid_scopes = CONST_SET(pid_scopes, "PIDTYPE_???");

/* x86 asm/prctl.h */
static const struct const_name arch_options[] = {
	{ 0x1001, "ARCH_SET_GS" },
	{ 0x1002, "ARCH_SET_FS" },
	{ 0x1003, "ARCH_GET_FS" },
	{ 0x1004, "ARCH_GET_GS" },
	{ 0x1011, "ARCH_GET_CPUID" },
	{ 0x1012, "ARCH_SET_CPUID" },
	{ 0x1021, "ARCH_GET_XCOMP_SUPP" },
	{ 0x1022, "ARCH_GET_XCOMP_PERM" },
	{ 0x1023, "ARCH_REQ_XCOMP_PERM" },
	{ 0x1024, "ARCH_GET_XCOMP_GUEST_PERM" },
	{ 0x1025, "ARCH_REQ_XCOMP_GUEST_PERM" },
	{ 0x2001, "ARCH_MAP_VDSO_X32" },
	{ 0x2002, "ARCH_MAP_VDSO_32" },
	{ 0x2003, "ARCH_MAP_VDSO_64" },
	{ 0x4001, "ARCH_GET_UNTAG_MASK" },
	{ 0x4002, "ARCH_ENABLE_TAGGED_ADDR" },
	{ 0x4003, "ARCH_GET_MAX_TAG_BITS" },
	{ 0x4004, "ARCH_FORCE_TAGGED_SVA" },
	{ 0x5001, "ARCH_SHSTK_ENABLE" },
	{ 0x5002, "ARCH_SHSTK_DISABLE" },
	{ 0x5003, "ARCH_SHSTK_LOCK" },
	{ 0x5004, "ARCH_SHSTK_UNLOCK" },
	{ 0x5005, "ARCH_SHSTK_STATUS" },
};
const struct const_set set_arch_options = CONST_SET(arch_options, "ARCH_???");
