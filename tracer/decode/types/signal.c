/* Signal sets and siginfo_t. */
#include <signal.h>

#include "decode/consts/siginfo.h"
#include "decode/decode.h"
#include "decode/syscalls.h"
#include "decode/types/types.h"

static void show_sigset(struct decode *d, const struct slot *slot, const struct span *span,
			struct value *ret_v)
{
	(void)slot;
	*ret_v = decode_sigset(d->arena, decode_number(span->data, span->len));
}

const struct type type_sigset = {
	.name = "sigset", .len32 = 8, .len64 = 8, .align = 4, .show_bytes = show_sigset
};

enum { SIGINFO_LEN = 128, FIELDS_MAX = 10 };

/* From Linux's siginfo.h; glibc names only some of them. */
enum {
	CODE_BNDERR = 3,
	CODE_PKUERR = 4,
	CODE_MCEERR_AR = 4,
	CODE_MCEERR_AO = 5,
};

/* One siginfo on its way into a value. */
struct info {
	struct decode *d;
	const uint8_t *fields; /* the union behind si_signo, si_errno, si_code */
	unsigned word_len;
	int signo, code;
	bool has_times; /* si_utime and si_stime were filled in */
	struct value *v;
};

static uint64_t word_at(const struct info *info, size_t offset)
{
	return decode_number(info->fields + offset, info->word_len);
}

static uint32_t u32_at(const struct info *info, size_t offset)
{
	return (uint32_t)decode_number(info->fields + offset, 4);
}

static struct value signal_value(struct decode *d, uint32_t signo)
{
	return (struct value){ .kind = VALUE_ENUM,
			       .base = 10,
			       .sym = { (uint64_t)(int32_t)signo,
					decode_signal_name(d->arena, (int)signo) } };
}

static void add_source(const struct info *info)
{
	*value_field(info->v, "si_pid") = value_pid((int32_t)u32_at(info, 0));
	*value_field(info->v, "si_uid") = value_uint(u32_at(info, 4));
}

static void add_payload(const struct info *info)
{
	uint64_t payload = word_at(info, 8);

	*value_field(info->v, "si_int") = value_int((int32_t)payload);
	*value_field(info->v, "si_ptr") = value_addr(payload);
}

/* The sender, and its payload if that is not 0: most senders have none. */
static void add_message(const struct info *info)
{
	add_source(info);
	if (word_at(info, 8))
		add_payload(info);
}

/* Clock ticks, of which all Linux architectures report 100 per second. */
static struct value ticks_value(struct arena *arena, uint64_t ticks)
{
	struct value value = value_uint(ticks);

	if (ticks)
		value.comment =
			arena_printf(arena, "%llu.%02llu s", (unsigned long long)ticks / 100,
				     (unsigned long long)ticks % 100);
	return value;
}

static void add_child(const struct info *info)
{
	size_t times = info->word_len == 8 ? 16 : 12;
	uint32_t status = u32_at(info, 8);
	bool is_exit = info->code == CLD_EXITED;

	add_source(info);
	*value_field(info->v, "si_status") =
		is_exit ? value_int((int32_t)status) : signal_value(info->d, status);
	if (!info->has_times)
		return;
	*value_field(info->v, "si_utime") = ticks_value(info->d->arena, word_at(info, times));
	*value_field(info->v, "si_stime") =
		ticks_value(info->d->arena, word_at(info, times + info->word_len));
}

static void add_fault(const struct info *info)
{
	size_t more = info->word_len;
	bool is_memory_error = info->signo == SIGBUS &&
			       (info->code == CODE_MCEERR_AR || info->code == CODE_MCEERR_AO);

	*value_field(info->v, "si_addr") = value_addr(word_at(info, 0));
	if (is_memory_error) {
		*value_field(info->v, "si_addr_lsb") =
			value_hex(decode_number(info->fields + more, 2));
	} else if (info->signo == SIGSEGV && info->code == CODE_BNDERR) {
		*value_field(info->v, "si_lower") = value_addr(word_at(info, 2 * more));
		*value_field(info->v, "si_upper") = value_addr(word_at(info, 3 * more));
	} else if (info->signo == SIGSEGV && info->code == CODE_PKUERR) {
		*value_field(info->v, "si_pkey") = value_uint(u32_at(info, 2 * more));
	}
}

static void add_band(const struct info *info)
{
	uint64_t band = word_at(info, 0);

	*value_field(info->v, "si_band") =
		value_int(info->word_len == 4 ? (int32_t)band : (int64_t)band);
	*value_field(info->v, "si_fd") = value_int((int32_t)u32_at(info, info->word_len));
}

static void add_syscall(const struct info *info)
{
	uint32_t nr = u32_at(info, info->word_len);
	uint32_t arch = u32_at(info, info->word_len + 4);
	uint32_t own = info->d->ev->arch;
	bool is_named = arch && (!info->d->options->is_strace || !own || own == arch);
	const char *name = is_named ? syscall_name(info->d->arena, arch, nr) : NULL;

	*value_field(info->v, "si_call_addr") = value_addr(word_at(info, 0));
	*value_field(info->v, "si_syscall") = (struct value){
		.kind = VALUE_ENUM,
		.base = 10,
		.sym = { nr, name ? arena_printf(info->d->arena, "__NR_%s", name) : NULL }
	};
	*value_field(info->v, "si_arch") = decode_enum(info->d->arena, &set_audit_archs, arch);
}

/* Sent by a process, or by the kernel in the name of one. */
static void add_sent(const struct info *info)
{
	switch (info->code) {
	case SI_USER:
	case SI_TKILL:
		add_source(info);
		break;
	case SI_TIMER:
		*value_field(info->v, "si_timerid") = value_hex(u32_at(info, 0));
		*value_field(info->v, "si_overrun") = value_int((int32_t)u32_at(info, 4));
		add_payload(info);
		break;
	case SI_SIGIO:
		add_band(info);
		break;
	default:
		add_message(info);
		break;
	}
}

/* Raised by the kernel: what else there is depends on the signal. */
static void add_raised(const struct info *info)
{
	switch (info->signo) {
	case SIGCHLD:
		add_child(info);
		break;
	case SIGILL:
	case SIGFPE:
	case SIGSEGV:
	case SIGBUS:
	case SIGTRAP:
		add_fault(info);
		break;
	case SIGPOLL:
		if (info->code >= POLL_IN && info->code <= POLL_HUP)
			add_band(info);
		break;
	case SIGSYS:
		add_syscall(info);
		break;
	default:
		if (u32_at(info, 0) || u32_at(info, 4) || word_at(info, 8))
			add_message(info);
		break;
	}
}

/*
 * Shape:   { int si_signo, si_errno, si_code; union {...}; } in 128 bytes; the union is aligned
 *          to the word.
 * Errors:  fewer than 128 bytes give the address; signal 0, as waitid(2) leaves it, gives {}.
 * Source:  sigaction(2); asm-generic/siginfo.h.
 */
static void show_siginfo(struct decode *d, const struct slot *slot, const struct span *span,
			 struct value *ret_v)
{
	struct info info = { .d = d, .word_len = d->word_len, .v = ret_v };
	const char *code_name, *error_name;
	uint32_t error;

	/* waitid(2) leaves them as they were; strace shows that. */
	info.has_times = slot->type != &type_waitinfo || d->options->is_strace;
	if (span->len < SIGINFO_LEN) {
		*ret_v = value_addr(span->addr);
		return;
	}
	info.fields = span->data + (d->word_len == 8 ? 16 : 12);
	info.signo = (int)decode_number(span->data, 4);
	info.code = (int)decode_number(span->data + 8, 4);
	error = (uint32_t)decode_number(span->data + 4, 4);
	*ret_v = value_struct(d->arena, FIELDS_MAX);
	ret_v->addr = span->addr;
	if (!info.signo)
		return;
	*value_field(ret_v, "si_signo") = signal_value(d, (uint32_t)info.signo);
	code_name = siginfo_code_name(info.signo, info.code);
	*value_field(ret_v, "si_code") =
		(struct value){ .kind = VALUE_ENUM, .sym = { (uint32_t)info.code, code_name } };
	if (error) {
		error_name = decode_errno_name((int)error);
		*value_field(ret_v, "si_errno") = (struct value){ .kind = VALUE_ENUM,
								  .base = 10,
								  .sym = { error, error_name } };
	}
	if (info.code <= 0)
		add_sent(&info);
	else
		add_raised(&info);
}

const struct type type_waitinfo = { .name = "waitinfo",
				    .len32 = SIGINFO_LEN,
				    .len64 = SIGINFO_LEN,
				    .align = 8,
				    .show_bytes = show_siginfo };

const struct type type_siginfo = { .name = "siginfo",
				   .len32 = SIGINFO_LEN,
				   .len64 = SIGINFO_LEN,
				   .align = 8,
				   .show_bytes = show_siginfo };
