/* si_code by signal: asm-generic/siginfo.h. */
#include "decode/consts/siginfo.h"

#include <linux/audit.h>
#include <signal.h>

#include "decode/decode.h"

#define NAMED(value)                                                                               \
	{                                                                                          \
		(value), #value                                                                    \
	}
#define SET_OF(table) static const struct const_set set_##table = CONST_SET(table, NULL)

static const struct const_name general[] = {
	{ 0, "SI_USER" },
	{ 0x80, "SI_KERNEL" },
	{ (uint32_t)-1, "SI_QUEUE" },
	{ (uint32_t)-2, "SI_TIMER" },
	{ (uint32_t)-3, "SI_MESGQ" },
	{ (uint32_t)-4, "SI_ASYNCIO" },
	{ (uint32_t)-5, "SI_SIGIO" },
	{ (uint32_t)-6, "SI_TKILL" },
	{ (uint32_t)-7, "SI_DETHREAD" },
	{ (uint32_t)-60, "SI_ASYNCNL" },
};
SET_OF(general);

static const struct const_name ill[] = {
	{ 1, "ILL_ILLOPC" },   { 2, "ILL_ILLOPN" },   { 3, "ILL_ILLADR" },    { 4, "ILL_ILLTRP" },
	{ 5, "ILL_PRVOPC" },   { 6, "ILL_PRVREG" },   { 7, "ILL_COPROC" },    { 8, "ILL_BADSTK" },
	{ 9, "ILL_BADIADDR" }, { 10, "__ILL_BREAK" }, { 11, "__ILL_BNDMOD" },
};
SET_OF(ill);

static const struct const_name fpe[] = {
	{ 1, "FPE_INTDIV" },    { 2, "FPE_INTOVF" },    { 3, "FPE_FLTDIV" },
	{ 4, "FPE_FLTOVF" },    { 5, "FPE_FLTUND" },    { 6, "FPE_FLTRES" },
	{ 7, "FPE_FLTINV" },    { 8, "FPE_FLTSUB" },    { 9, "__FPE_DECOVF" },
	{ 10, "__FPE_DECDIV" }, { 11, "__FPE_DECERR" }, { 12, "__FPE_INVASC" },
	{ 13, "__FPE_INVDEC" }, { 14, "FPE_FLTUNK" },   { 15, "FPE_CONDTRAP" },
};
SET_OF(fpe);

static const struct const_name segv[] = {
	{ 1, "SEGV_MAPERR" },  { 2, "SEGV_ACCERR" },  { 3, "SEGV_BNDERR" },  { 4, "SEGV_PKUERR" },
	{ 5, "SEGV_ACCADI" },  { 6, "SEGV_ADIDERR" }, { 7, "SEGV_ADIPERR" }, { 8, "SEGV_MTEAERR" },
	{ 9, "SEGV_MTESERR" }, { 10, "SEGV_CPERR" },
};
SET_OF(segv);

static const struct const_name bus[] = {
	{ 1, "BUS_ADRALN" },    { 2, "BUS_ADRERR" },    { 3, "BUS_OBJERR" },
	{ 4, "BUS_MCEERR_AR" }, { 5, "BUS_MCEERR_AO" },
};
SET_OF(bus);

static const struct const_name trap[] = {
	{ 1, "TRAP_BRKPT" },  { 2, "TRAP_TRACE" }, { 3, "TRAP_BRANCH" },
	{ 4, "TRAP_HWBKPT" }, { 5, "TRAP_UNK" },   { 6, "TRAP_PERF" },
};
SET_OF(trap);

static const struct const_name chld[] = {
	{ 1, "CLD_EXITED" },  { 2, "CLD_KILLED" },  { 3, "CLD_DUMPED" },
	{ 4, "CLD_TRAPPED" }, { 5, "CLD_STOPPED" }, { 6, "CLD_CONTINUED" },
};
SET_OF(chld);

static const struct const_name poll[] = {
	{ 1, "POLL_IN" },  { 2, "POLL_OUT" }, { 3, "POLL_MSG" },
	{ 4, "POLL_ERR" }, { 5, "POLL_PRI" }, { 6, "POLL_HUP" },
};
SET_OF(poll);

static const struct const_name sys[] = {
	{ 1, "SYS_SECCOMP" },
	{ 2, "SYS_USER_DISPATCH" },
};
SET_OF(sys);

static const struct const_set *set_of(int signo)
{
	switch (signo) {
	case SIGILL:
		return &set_ill;
	case SIGFPE:
		return &set_fpe;
	case SIGSEGV:
		return &set_segv;
	case SIGBUS:
		return &set_bus;
	case SIGTRAP:
		return &set_trap;
	case SIGCHLD:
		return &set_chld;
	case SIGPOLL:
		return &set_poll;
	case SIGSYS:
		return &set_sys;
	default:
		return NULL;
	}
}

const char *siginfo_code_name(int signo, int code)
{
	const char *name = const_set_name(&set_general, (uint32_t)code);

	return name ? name : const_set_name(set_of(signo), (uint32_t)code);
}

/* linux/audit.h: those that a Linux on x86, arm, power, risc-v and s390 meets. */
static const struct const_name audit_archs[] = {
	NAMED(AUDIT_ARCH_X86_64),   NAMED(AUDIT_ARCH_I386),        NAMED(AUDIT_ARCH_AARCH64),
	NAMED(AUDIT_ARCH_ARM),      NAMED(AUDIT_ARCH_ARMEB),       NAMED(AUDIT_ARCH_PPC),
	NAMED(AUDIT_ARCH_PPC64),    NAMED(AUDIT_ARCH_PPC64LE),     NAMED(AUDIT_ARCH_RISCV32),
	NAMED(AUDIT_ARCH_RISCV64),  NAMED(AUDIT_ARCH_S390),        NAMED(AUDIT_ARCH_S390X),
	NAMED(AUDIT_ARCH_MIPS),     NAMED(AUDIT_ARCH_MIPSEL),      NAMED(AUDIT_ARCH_MIPS64),
	NAMED(AUDIT_ARCH_MIPSEL64), NAMED(AUDIT_ARCH_LOONGARCH64),
};
const struct const_set set_audit_archs = CONST_SET(audit_archs, "AUDIT_ARCH_???");
