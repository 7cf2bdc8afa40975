#include "filters/seccomp_program.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/buf.h"
#include "decode/syscalls.h"
#include "filters/condition.h"
#include "filters/names.h"

#define X32_BIT 0x40000000u
#define TRACE   SCMP_ACT_TRACE(SECCOMP_PROGRAM_COOKIE)

enum { ARG_RULES_MAX = 64 };

/* Calls that the engine has to see. */
static const struct {
	const char *call;
	bool is_for_fds; /* only when descriptors matter */
} always[] = {
	{ "seccomp", false }, { "prctl", false },     { "ptrace", false },     { "clone", false },
	{ "clone3", false },  { "close", true },      { "close_range", true }, { "dup2", true },
	{ "dup3", true },     { "unshare", true },    { "setns", true },       { "splice", true },
	{ "sendfile", true }, { "sendfile64", true },
};

#ifdef __x86_64__
static const enum arch_index machine[] = { ARCH_X86_64, ARCH_I386, ARCH_X32 };
#else
static const enum arch_index machine[] = { ARCH_AARCH64 };
#endif

struct builder {
	const struct filter *filter;
	struct arena arena; /* names */
	bool is_inverted; /* stop is the default, rules say what may run */
	scmp_filter_ctx context;
	/* Instructions in front of libseccomp's, for calls that it cannot express. */
	struct buf head;
};

static bool is_always_seen(const struct builder *builder, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (strcmp(always[i].call, name) == 0)
			return !always[i].is_for_fds || filter_asks_fds(builder->filter);
	return false;
}

bool seccomp_program_traps(const struct filter *filter, uint32_t arch, uint64_t nr)
{
	struct builder builder = { .filter = filter };
	const char *name = syscall_name(&builder.arena, arch, nr);
	bool is_seen = name && is_always_seen(&builder, name);

	arena_finish(&builder.arena);
	return is_seen;
}

/*
 * What has to hold of the arguments for condition to hold, as alternatives. Returns their number,
 * 0 if the kernel cannot tell anything.
 */
static unsigned arg_rules(const struct condition *c, struct scmp_arg_cmp *ret_rules)
{
	unsigned n = 0;

	switch ((enum condition_kind)c->kind) {
	case IF_FD_COMMAND:
		ret_rules[n++] = SCMP_CMP64(c->arg2, SCMP_CMP_LT, c->value);
		ret_rules[n++] = SCMP_CMP64(c->arg2, SCMP_CMP_GT, c->mask);
		return n;
	case IF_BITS:
		ret_rules[n++] = SCMP_CMP64(c->arg, SCMP_CMP_MASKED_EQ, c->mask, c->value);
		return n;
	case IF_ANY_BIT:
		for (unsigned bit = 0; bit < 64; bit++)
			if (c->mask >> bit & 1)
				ret_rules[n++] = SCMP_CMP64(c->arg, SCMP_CMP_MASKED_EQ, 1ull << bit,
							    1ull << bit);
		return n;
	case IF_ONE_OF:
		for (unsigned number = 0; number < 64; number++)
			if (c->mask >> number & 1)
				ret_rules[n++] =
					SCMP_CMP64(c->arg, SCMP_CMP_MASKED_EQ, 0xffff, number);
		return n;
	default:
		if (!c->not_mask)
			return 0;
		ret_rules[n++] = SCMP_CMP64(c->not_arg, SCMP_CMP_MASKED_EQ, c->not_mask, 0);
		return n;
	}
}

/* The same for a call's rule; 0 if it has to stop in any case. */
static unsigned call_arg_rules(const struct rule *rule, struct scmp_arg_cmp *ret_rules)
{
	struct scmp_arg_cmp some[64];
	unsigned n = 0;

	if (rule->is_negated)
		return 0;
	for (unsigned i = 0; i < rule->n; i++) {
		unsigned more = arg_rules(&rule->conditions[i], some);

		if (!more || n + more > ARG_RULES_MAX)
			return 0;
		memcpy(ret_rules + n, some, more * sizeof(*some));
		n += more;
	}
	return n;
}

static void emit(struct builder *builder, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	struct sock_filter instruction = { code, yes, no, k };

	buf_add(&builder->head, &instruction, sizeof(instruction));
}

/* Stop at, or in an inverted program let run, one call number. */
static void emit_number(struct builder *builder, uint32_t nr)
{
	emit(builder, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, nr);
	emit(builder, BPF_RET | BPF_K, 0, 0, builder->is_inverted ? SCMP_ACT_ALLOW : TRACE);
}

/*
 * The number to give libseccomp for a call: its native one, or one that the library makes up for
 * what the native architecture does not have. False if the library cannot do it: a call that it
 * does not know; on i386 also what it treats as part of socketcall and ipc, whose rules it
 * adds there, too.
 */
static bool library_number(enum arch_index arch, const char *name, int *ret_nr)
{
	if (arch == ARCH_I386 && seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, name) < 0)
		return false;
	if (seccomp_syscall_resolve_name_arch(names_audit_arch(arch), name) == __NR_SCMP_ERROR)
		return false;
	*ret_nr = seccomp_syscall_resolve_name(name);
	return *ret_nr != __NR_SCMP_ERROR;
}

static int add_rule(scmp_filter_ctx context, uint32_t action, int nr, unsigned n_args,
		    const struct scmp_arg_cmp *args)
{
	int err = seccomp_rule_add_exact_array(context, action, nr, n_args, args);

	return err == -EEXIST ? 0 : err;
}

static int add_call(struct builder *builder, scmp_filter_ctx context, enum arch_index arch,
		    uint32_t nr, const char *name)
{
	const uint32_t audit_arch = names_audit_arch(arch);
	bool is_wanted = filter_wants_nr(builder->filter, audit_arch, nr);
	bool is_seen = is_wanted || is_always_seen(builder, name);
	const struct rule *rule = filter_rule(builder->filter, audit_arch, nr);
	struct scmp_arg_cmp args[ARG_RULES_MAX];
	unsigned n = 0;
	int number, err = 0;

	if (is_seen == builder->is_inverted)
		return 0;
	if (!library_number(arch, name, &number)) {
		emit_number(builder, nr);
		return 0;
	}
	if (builder->is_inverted)
		return add_rule(context, SCMP_ACT_ALLOW, number, 0, NULL);
	if (rule)
		n = call_arg_rules(rule, args);
	if (strcmp(name, "prctl") == 0 && !is_wanted) {
		args[n++] = SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, PR_SET_SECCOMP);
		args[n++] = SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, PR_SET_NAME);
	} else if (is_always_seen(builder, name))
		n = 0;
	if (!n)
		return add_rule(context, TRACE, number, 0, NULL);
	for (unsigned i = 0; i < n && !err; i++)
		err = add_rule(context, TRACE, number, 1, &args[i]);
	return err;
}

static int set_attributes(scmp_filter_ctx context)
{
	int err = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, TRACE);

	if (!err)
		err = seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0);
	if (!err)
		err = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return err;
}

/* A context for one architecture only, so that rules for another do not leak into it. */
static int create_context(const struct builder *builder, enum arch_index arch,
			  scmp_filter_ctx *ret_context)
{
	scmp_filter_ctx context = seccomp_init(builder->is_inverted ? TRACE : SCMP_ACT_ALLOW);
	int err;

	if (!context)
		return -ENOMEM;
	err = set_attributes(context);
	if (!err && names_audit_arch(arch) != seccomp_arch_native()) {
		err = seccomp_arch_add(context, names_audit_arch(arch));
		if (!err)
			err = seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
	}
	if (err)
		seccomp_release(context);
	else
		*ret_context = context;
	return err;
}

/* Let the jump at mark, taken by other architectures, lead behind all that was emitted since. */
static void close_head(struct builder *builder, size_t mark)
{
	struct sock_filter *instructions = (struct sock_filter *)(void *)builder->head.data;
	size_t n = builder->head.len / sizeof(*instructions);

	instructions[mark].k = (uint32_t)(n - mark - 1);
}

static int add_arch(struct builder *builder, enum arch_index arch)
{
	bool is_x32 = arch == ARCH_X32;
	uint32_t audit_arch = is_x32 ? AUDIT_ARCH_X86_64 : names_audit_arch(arch);
	size_t mark, body;
	scmp_filter_ctx context;
	int err = create_context(builder, arch, &context);

	if (err)
		return err;
	emit(builder, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
	emit(builder, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, audit_arch);
	mark = builder->head.len / sizeof(struct sock_filter);
	emit(builder, BPF_JMP | BPF_JA, 0, 0, 0);
	emit(builder, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
	body = builder->head.len;
	for (uint32_t nr = 0; nr < SYSCALL_NR_MAX && !err; nr++) {
		uint32_t full = is_x32 ? nr | X32_BIT : nr;
		const char *name = syscall_name(&builder->arena, names_audit_arch(arch), full);

		if (name)
			err = add_call(builder, context, arch, full, name);
	}
	if (builder->head.len == body)
		builder->head.len -= 4 * sizeof(struct sock_filter);
	else
		close_head(builder, mark);
	if (err || !builder->context) {
		if (err)
			seccomp_release(context);
		else
			builder->context = context;
		return err;
	}
	err = seccomp_merge(builder->context, context);
	if (err)
		seccomp_release(context);
	return err;
}

/* Append libseccomp's program to head and hand out the whole. */
static int export(struct builder *builder, struct sock_fprog *ret_program)
{
	int fd = memfd_create("seccomp", MFD_CLOEXEC);
	size_t n;
	ssize_t len;
	off_t size;
	int err;

	if (fd < 0)
		return -errno;
	err = seccomp_export_bpf(builder->context, fd);
	if (err)
		goto out;
	size = lseek(fd, 0, SEEK_END);
	len = size < 0 ? -1 : pread(fd, buf_reserve(&builder->head, (size_t)size), (size_t)size, 0);
	if (len < 0 || len != size) {
		err = len < 0 ? -errno : -EIO;
		goto out;
	}
	builder->head.len += (size_t)len;
	n = builder->head.len / sizeof(struct sock_filter);
	if (n > BPF_MAXINSNS) {
		err = -E2BIG;
		goto out;
	}
	ret_program->filter = malloc(builder->head.len);
	if (!ret_program->filter)
		abort();
	memcpy(ret_program->filter, builder->head.data, builder->head.len);
	ret_program->len = (unsigned short)n;
out:
	close(fd);
	return err;
}

int seccomp_program_create(const struct filter *filter, struct sock_fprog *ret_program)
{
	struct builder builder = {
		.filter = filter,
		.is_inverted =
			filter_wants_nr(filter, names_audit_arch(machine[0]), SYSCALL_NR_MAX),
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_LEN(machine) && !err; i++)
		err = add_arch(&builder, machine[i]);
	if (!err)
		err = export(&builder, ret_program);
	if (builder.context)
		seccomp_release(builder.context);
	buf_finish(&builder.head);
	arena_finish(&builder.arena);
	return err;
}

void seccomp_program_finish(struct sock_fprog *program)
{
	free(program->filter);
	memset(program, 0, sizeof(*program));
}
