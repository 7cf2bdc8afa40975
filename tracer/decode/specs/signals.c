/* Sending, handling, blocking and waiting for signals. */
#include <linux/audit.h>
#include <signal.h>

#include "decode/decode.h"
#include "decode/types/types.h"

#define NAMED(value)                                                                               \
	{                                                                                          \
		(value), #value                                                                    \
	}

enum { SIGSET_LEN = 8, OLD_SIGSET_LEN = 4 };

/* asm-generic/signal-defs.h */
static const struct const_name how_names[] = {
	NAMED(SIG_BLOCK),
	NAMED(SIG_UNBLOCK),
	NAMED(SIG_SETMASK),
};
static const struct const_set set_how = CONST_SET(how_names, "SIG_???");

/* asm-generic/signal-defs.h, x86's signal.h for SA_RESTORER. */
static const struct const_name action_flags[] = {
	{ 0x04000000, "SA_RESTORER" },  { 0x08000000, "SA_ONSTACK" },
	{ 0x10000000, "SA_RESTART" },   { 0x20000000, "SA_INTERRUPT" },
	{ 0x40000000, "SA_NODEFER" },   { 0x80000000, "SA_RESETHAND" },
	{ 0x00000004, "SA_SIGINFO" },   { 0x00000001, "SA_NOCLDSTOP" },
	{ 0x00000002, "SA_NOCLDWAIT" },
};
static const struct const_set set_action_flags = CONST_SET(action_flags, "SA_???");

/* linux/signal.h */
static const struct const_name altstack_flags[] = {
	{ 1, "SS_ONSTACK" },
	{ 2, "SS_DISABLE" },
	{ 1u << 31, "SS_AUTODISARM" },
};
static const struct const_set set_altstack_flags = CONST_SET(altstack_flags, "SS_???");

static const struct slot altstack_fields[] = {
	{ "ss_sp", &type_addr },
	{ "ss_flags", &type_flags, .set = &set_altstack_flags },
	{ "ss_size", &type_size },
	{ 0 },
};
static const struct type type_altstack = { .name = "stack", .fields = altstack_fields };

/* --- handlers and struct sigaction --- */

static struct value handler_value(struct decode *d, uint64_t raw)
{
	/* strace does not know it in 32 bits. */
	uint64_t error = d->word_len == 4 && !d->options->is_strace ? UINT32_MAX : UINT64_MAX;

	if (raw == error)
		return value_text("SIG_ERR", raw);
	if (raw == 0)
		return value_text("SIG_DFL", raw);
	if (raw == 1)
		return value_text("SIG_IGN", raw);
	return value_addr(raw);
}

static void show_handler(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	(void)slot;
	*ret_v = handler_value(d, raw);
}

static const struct type type_handler = {
	.name = "handler", .len32 = 4, .len64 = 8, .show = show_handler
};

struct action {
	uint64_t handler, flags, restorer, mask;
};

static void show_action(struct decode *d, const struct action *action, struct value *ret_v)
{
	*ret_v = value_struct(d->arena, 4);
	*value_field(ret_v, "sa_handler") = handler_value(d, action->handler);
	*value_field(ret_v, "sa_mask") = decode_sigset(d->arena, action->mask);
	*value_field(ret_v, "sa_flags") = decode_flags(d->arena, &set_action_flags, action->flags);
	if (action->flags & 0x04000000)
		*value_field(ret_v, "sa_restorer") = value_addr(action->restorer);
}

/*
 * Shape:   { handler; unsigned long sa_flags; restorer; 8 bytes sa_mask }: the kernel's, not
 *          libc's, order. A 32-bit caller's words are 4 bytes, the mask stays 8.
 * Source:  rt_sigaction(2); linux/signal_types.h struct sigaction.
 */
static void show_rt_action(struct decode *d, const struct slot *slot, const struct span *span,
			   struct value *ret_v)
{
	size_t word = d->word_len;
	struct action action = {
		.handler = decode_number(span->data, word),
		.flags = decode_number(span->data + word, word),
		.restorer = decode_number(span->data + 2 * word, word),
		.mask = decode_number(span->data + 3 * word, SIGSET_LEN),
	};

	(void)slot;
	show_action(d, &action, ret_v);
	ret_v->addr = span->addr;
}

/* i386's first one: { handler; mask; flags; restorer; } of 4 bytes each. */
static void show_old_action(struct decode *d, const struct slot *slot, const struct span *span,
			    struct value *ret_v)
{
	struct action action = {
		.handler = decode_number(span->data, 4),
		.mask = decode_number(span->data + 4, 4),
		.flags = decode_number(span->data + 8, 4),
		.restorer = decode_number(span->data + 12, 4),
	};

	(void)slot;
	show_action(d, &action, ret_v);
	ret_v->addr = span->addr;
}

static const struct type type_rt_action = {
	.name = "sigaction", .len32 = 20, .len64 = 32, .show_bytes = show_rt_action
};
static const struct type type_old_action = {
	.name = "old_sigaction", .len32 = 16, .len64 = 16, .show_bytes = show_old_action
};

/* --- sets behind an address, whose size is another argument --- */

static void show_set_of_len(struct decode *d, uint64_t addr, size_t len, struct value *ret_v)
{
	uint8_t bytes[SIGSET_LEN];

	if (!addr || mem_read_all(&d->mem, addr, bytes, len) < 0)
		*ret_v = value_addr(addr);
	else
		*ret_v = decode_sigset(d->arena, decode_number(bytes, len));
}

/* The kernel accepts no size but 8; what is shown of others is what strace shows. */
static void show_set(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint64_t len = decode_len(d, slot);

	if (len < d->word_len || len > SIGSET_LEN)
		*ret_v = value_addr(raw);
	else
		show_set_of_len(d, raw, (size_t)len, ret_v);
}

/* rt_sigpending(2) gives as many bytes as are asked for, up to 8. */
static void show_set_part(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	uint64_t len = decode_len(d, slot);

	if (len > SIGSET_LEN)
		*ret_v = value_addr(raw);
	else
		show_set_of_len(d, raw, (size_t)len, ret_v);
}

static void show_old_set(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	(void)slot;
	show_set_of_len(d, raw, OLD_SIGSET_LEN, ret_v);
}

static void show_mask(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	*ret_v = decode_sigset(d->arena, (uint32_t)raw);
}

/* sigsuspend(2)'s first two arguments are unused ones. */
static void show_third_mask(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	(void)raw;
	show_mask(d, slot, d->n_siblings > 2 ? d->siblings[2] : 0, ret_v);
}

static size_t reach_set(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)d;
	(void)slot;
	(void)raw;
	return SIGSET_LEN;
}

static const struct type type_set_ptr = {
	.name = "sigset_ptr", .len32 = 4, .len64 = 8, .show = show_set, .reach = reach_set
};
static const struct type type_set_part_ptr = {
	.name = "sigset_ptr", .len32 = 4, .len64 = 8, .show = show_set_part, .reach = reach_set
};
static const struct type type_old_set_ptr = {
	.name = "old_sigset_ptr", .len32 = 4, .len64 = 8, .show = show_old_set, .reach = reach_set
};
static const struct type type_mask = {
	.name = "old_sigset", .len32 = 4, .len64 = 8, .show = show_mask
};
static const struct type type_third_mask = {
	.name = "old_sigset", .len32 = 4, .len64 = 8, .show = show_third_mask
};

/* --- the frame that a return from a handler restores --- */

/*
 * Where the saved mask lies above the stack pointer at entry of the call.
 * Source: arch/x86/include/asm/sigframe.h, sigcontext.h. The handler's return has popped the
 * frame's first word; i386's sigreturn also its second.
 */
enum {
	RT_MASK_64 = 8 + 8 + 24 + 256, /* of struct ucontext */
	RT_MASK_32 = 12 + 128 + 4 + 4 + 12 + 88, /* behind three words and the siginfo */
	OLD_MASK_32 = 80, /* of struct sigcontext_32: oldmask */
	OLD_EXTRA_MASK_32 = 88 + 624, /* behind it and a struct _fpstate_32 */
};

static void show_frame(struct decode *d, const uint8_t *mask, uint64_t addr, struct value *ret_v)
{
	*ret_v = value_struct(d->arena, 1);
	ret_v->addr = addr;
	*value_field(ret_v, "mask") = decode_sigset(d->arena, decode_number(mask, SIGSET_LEN));
}

static void show_rt_frame(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	uint64_t addr = d->ev->sp + (d->word_len == 8 ? RT_MASK_64 : RT_MASK_32);
	uint8_t mask[SIGSET_LEN];

	(void)slot;
	(void)raw;
	if (mem_read_all(&d->mem, addr, mask, sizeof(mask)) < 0)
		*ret_v = value_addr(d->ev->sp);
	else
		show_frame(d, mask, addr, ret_v);
}

static void show_old_frame(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	uint64_t addr = d->ev->sp + OLD_MASK_32;
	uint8_t mask[SIGSET_LEN];

	(void)slot;
	(void)raw;
	if (mem_read_all(&d->mem, addr, mask, 4) < 0 ||
	    mem_read_all(&d->mem, d->ev->sp + OLD_EXTRA_MASK_32, mask + 4, 4) < 0)
		*ret_v = value_addr(d->ev->sp);
	else
		show_frame(d, mask, addr, ret_v);
}

static const struct type type_rt_frame = {
	.name = "rt_sigframe", .len32 = 4, .len64 = 8, .show = show_rt_frame, .is_nested = true
};
static const struct type type_old_frame = {
	.name = "sigframe", .len32 = 4, .len64 = 8, .show = show_old_frame, .is_nested = true
};

/*
 * What the register holds at the exit stop is the interrupted code's, not a result. strace shows
 * it as one all the same.
 */
static void no_result(struct decode *d, struct call *call)
{
	if (d->options->is_strace)
		return;
	call->is_error = false;
	call->ret_value = (struct value){ .kind = VALUE_NONE };
}

/* --- what is behind the result --- */

static void aux_signal(struct decode *d, struct call *call)
{
	const char *name = decode_signal_name(d->arena, (int)call->ret);

	if (!call->is_error && name)
		decode_add_aux(call, NULL, value_text(name, (uint64_t)call->ret));
}

/* signal(2) returns the former handler. */
static void aux_handler(struct decode *d, struct call *call)
{
	struct value value = handler_value(d, (uint32_t)call->ret);

	if (!call->is_error && value.kind == VALUE_TEXT)
		decode_add_aux(call, NULL, value);
}

static void aux_mask(struct decode *d, struct call *call)
{
	if (!call->is_error)
		decode_add_aux(call, "mask", decode_sigset(d->arena, (uint32_t)call->ret));
}

static void aux_old_mask(struct decode *d, struct call *call)
{
	if (!call->is_error)
		decode_add_aux(call, "old mask", decode_sigset(d->arena, (uint32_t)call->ret));
}

/* The call that goes on is the one that this thread was seen in before. */
static void show_restarted(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	const char *name = d->call ? d->call->resumes : NULL;

	(void)slot;
	*ret_v = value_text(arena_printf(d->arena, "<... resuming interrupted %s ...>",
					 name ? name : "system call"),
			    raw);
}

static const struct type type_restarted = {
	.name = "restarted", .len32 = 4, .len64 = 8, .show = show_restarted
};

#define SIGTIMEDWAIT_ARGS(timespec_)                                                               \
	{                                                                                          \
		{ "uthese", &type_set_ptr, BYTES_ARG(3) },                                         \
			{ "uinfo", &type_ptr, .elem = &type_siginfo, .dir = DIR_OUT },             \
			{ "uts", &type_ptr, .elem = &(timespec_) }, { "sigsetsize", &type_size },  \
	}

static const struct call_spec specs[] = {
	{ "kill", RET_ZERO, IPC(SIGNAL, SEND, 0),
	  .args = { { "pid", &type_pid }, { "sig", &type_signo } } },
	{ "tkill", RET_ZERO, IPC(SIGNAL, SEND, 0),
	  .args = { { "tid", &type_pid }, { "sig", &type_signo } } },
	{ "tgkill", RET_ZERO, IPC(SIGNAL, SEND, 1),
	  .args = { { "tgid", &type_pid }, { "tid", &type_pid }, { "sig", &type_signo } } },
	{ "rt_sigqueueinfo", RET_ZERO, IPC(SIGNAL, SEND, 0),
	  .args = { { "pid", &type_pid },
		    { "sig", &type_signo },
		    { "uinfo", &type_ptr, .elem = &type_siginfo } } },
	{ "rt_tgsigqueueinfo", RET_ZERO, IPC(SIGNAL, SEND, 1),
	  .args = { { "tgid", &type_pid },
		    { "tid", &type_pid },
		    { "sig", &type_signo },
		    { "uinfo", &type_ptr, .elem = &type_siginfo } } },
	{ "rt_sigaction", RET_ZERO, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "sig", &type_signo },
		    { "act", &type_ptr, .elem = &type_rt_action },
		    { "oact", &type_ptr, .elem = &type_rt_action, .dir = DIR_OUT },
		    { "sigsetsize", &type_size } } },
	{ "sigaction", RET_ZERO, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "sig", &type_signo },
		    { "act", &type_ptr, .elem = &type_old_action },
		    { "oact", &type_ptr, .elem = &type_old_action, .dir = DIR_OUT } } },
	{ "signal", RET_HEX, IPC(SIGNAL, CONTROL, 0), .aux = aux_handler,
	  .args = { { "sig", &type_signo }, { "handler", &type_handler } } },
	{ "rt_sigprocmask", RET_ZERO, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "how", &type_enum, .set = &set_how },
		    { "nset", &type_set_ptr, BYTES_ARG(3) },
		    { "oset", &type_set_ptr, .dir = DIR_OUT, BYTES_ARG(3) },
		    { "sigsetsize", &type_size } } },
	{ "sigprocmask", RET_ZERO, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "how", &type_enum, .set = &set_how },
		    { "nset", &type_old_set_ptr },
		    { "oset", &type_old_set_ptr, .dir = DIR_OUT } } },
	{ "sgetmask", RET_HEX, IPC(SIGNAL, CONTROL, 0), .aux = aux_mask },
	{ "ssetmask", RET_HEX, IPC(SIGNAL, CONTROL, 0), .aux = aux_old_mask,
	  .args = { { "newmask", &type_mask } } },
	{ "rt_sigreturn", RET_INT, IPC(SIGNAL, CONTROL, 0), .aux = no_result,
	  .args = { { "frame", &type_rt_frame } } },
	{ "sigreturn", RET_INT, IPC(SIGNAL, CONTROL, 0), .aux = no_result,
	  .args = { { "frame", &type_old_frame } } },
	{ "rt_sigpending", RET_ZERO, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "uset", &type_set_part_ptr, .dir = DIR_OUT, BYTES_ARG(1) },
		    { "sigsetsize", &type_size } } },
	{ "sigpending", RET_ZERO, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "uset", &type_old_set_ptr, .dir = DIR_OUT } } },
	{ "rt_sigtimedwait", RET_INT, IPC(SIGNAL, RECV, 0), .aux = aux_signal,
	  .args = SIGTIMEDWAIT_ARGS(type_timespec) },
	{ "rt_sigtimedwait_time64", RET_INT, IPC(SIGNAL, RECV, 0), .aux = aux_signal,
	  .args = SIGTIMEDWAIT_ARGS(type_timespec64) },
	{ "rt_sigsuspend", RET_ZERO, IPC(SIGNAL, WAIT, 0),
	  .args = { { "unewset", &type_set_ptr, BYTES_ARG(1) }, { "sigsetsize", &type_size } } },
	{ "sigsuspend", RET_ZERO, IPC(SIGNAL, WAIT, 0), .args = { { "mask", &type_third_mask } } },
	{ "pause", RET_ZERO, IPC(SIGNAL, WAIT, 0) },
	{ "sigaltstack", RET_ZERO,
	  .args = { { "uss", &type_ptr, .elem = &type_altstack },
		    { "uoss", &type_ptr, .elem = &type_altstack, .dir = DIR_OUT } } },
	{ "restart_syscall", RET_INT, .args = { { "call", &type_restarted } } },
};

const struct spec_family family_signals = SPEC_FAMILY("signals", specs);
