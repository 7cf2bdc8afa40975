#include "base/allow.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#else
#error "the AUDIT_ARCH_* of this machine is not known yet"
#endif

/* Room for twice as many calls as there are; the kernel takes 4096 instructions. */
enum { CODE_MAX = 1024 };

struct code {
	struct sock_filter in[CODE_MAX];
	size_t n; /* also those that there was no room for */
};

static void emit(struct code *code, uint16_t what, uint32_t k, uint8_t yes, uint8_t no)
{
	if (code->n < CODE_MAX)
		code->in[code->n] = (struct sock_filter){ what, yes, no, k };
	code->n++;
}

static void load(struct code *code, size_t offset)
{
	emit(code, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(struct code *code, uint32_t action)
{
	emit(code, BPF_RET | BPF_K, action, 0, 0);
}

static void begin(struct code *code)
{
	code->n = 0;
	load(code, offsetof(struct seccomp_data, arch));
	emit(code, BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0);
	answer(code, SECCOMP_RET_KILL_PROCESS);
	load(code, offsetof(struct seccomp_data, nr));
}

/* Which number it is was loaded, and is again behind this. Those of x32 have a bit that makes them equal to none. */
static void allow(struct code *code, const struct allowed *call)
{
	unsigned n = 0;

	while (n < ALLOWED_CONDITIONS && call->where[n].mask)
		n++;
	/* Over three instructions for each condition, the answer, and the number loaded again. */
	emit(code, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call->number, 0,
	     (uint8_t)(n ? 3 * n + 2 : 1));
	for (unsigned i = 0; i < n; i++) {
		/* The lower half: all that we are built for is little-endian. */
		load(code, offsetof(struct seccomp_data, args) + 8u * call->where[i].arg);
		emit(code, BPF_ALU | BPF_AND | BPF_K, call->where[i].mask, 0, 0);
		emit(code, BPF_JMP | BPF_JEQ | BPF_K, call->where[i].value, 0,
		     (uint8_t)(3 * (n - 1 - i) + 1));
	}
	answer(code, SECCOMP_RET_ALLOW);
	if (n)
		load(code, offsetof(struct seccomp_data, nr));
}

#ifdef IPCTRACE_SANITIZED
static int load_program(const struct sock_fprog *program)
{
	(void)program;
	return 0;
}
#else
static int load_program(const struct sock_fprog *program)
{
	/* Before Linux 5.16 a filter would otherwise slow all code down, as if ours were hostile. */
	unsigned flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program) < 0 ? -errno : 0;
}
#endif

static int install(struct code *code, int is_deadly)
{
	struct sock_fprog program = { 0, code->in };

	answer(code, is_deadly ? SECCOMP_RET_KILL_PROCESS
			       : SECCOMP_RET_ERRNO | (ENOSYS & SECCOMP_RET_DATA));
	if (code->n > CODE_MAX)
		return -EINVAL;
	program.len = (unsigned short)code->n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return load_program(&program);
}

int allow_only(const int *numbers, size_t n, int is_deadly)
{
	struct code code;

	begin(&code);
	for (size_t i = 0; i < n; i++)
		allow(&code, &(struct allowed){ .number = numbers[i] });
	return install(&code, is_deadly);
}

int allow_only_where(const struct allowed *calls, size_t n, int is_deadly)
{
	struct code code;

	begin(&code);
	for (size_t i = 0; i < n; i++)
		allow(&code, &calls[i]);
	return install(&code, is_deadly);
}
