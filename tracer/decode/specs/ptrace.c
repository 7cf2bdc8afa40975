/* ptrace(2), refined by its request: only the arguments that it has are shown. */
#include <linux/ptrace.h>

#include "decode/consts/ptrace.h"
#include "decode/decode.h"
#include "decode/types/iovec.h"
#include "decode/types/types.h"

/* linux/ptrace.h and x86's ptrace-abi.h, which glibc's header has not all of. */
enum {
	REQUEST_GETREGSET = 0x4204,
	REQUEST_SETREGSET = 0x4205,
	REQUEST_GETSIGMASK = 0x420a,
	REQUEST_SETSIGMASK = 0x420b,
	REQUEST_GET_SYSCALL_INFO = 0x420e,
	REQUEST_SYSEMU = 31,
	REQUEST_SYSEMU_SINGLESTEP = 32,
	REQUEST_SINGLEBLOCK = 33,
};

/* Which register of the tracee, as an offset in its struct user. */
static void show_user(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	const struct const_set *set =
		d->word_len == 8 ? &set_user_registers : &set_user_registers32;
	const char *name = const_set_name(set, raw);

	(void)slot;
	*ret_v = name ? value_text(name, raw) : value_addr(raw);
}

static const struct type type_user_offset = {
	.name = "user_offset", .len32 = 4, .len64 = 8, .show = show_user
};

#define REQUEST                                                                                    \
	{                                                                                          \
		"request", &type_enuml, .set = &set_ptrace_requests                                \
	}
#define PID                                                                                        \
	{                                                                                          \
		"pid", &type_pid                                                                   \
	}
#define ADDR                                                                                       \
	{                                                                                          \
		"addr", &type_addr                                                                 \
	}
#define DATA                                                                                       \
	{                                                                                          \
		"data", &type_addr                                                                 \
	}
#define HIDDEN                                                                                     \
	{                                                                                          \
		"addr", &type_addr, .is_hidden = true                                              \
	}
#define PTRACE(op_, ...)                                                                           \
	{                                                                                          \
		"ptrace", RET_INT, IPC(PTRACE, op_, 1), .args = { REQUEST, PID, ##__VA_ARGS__ }    \
	}

static const struct call_spec row_alone = { "ptrace", RET_INT, IPC(PTRACE, CONTROL, 1),
					    .args = { REQUEST } };
static const struct call_spec row_pid = PTRACE(CONTROL);
static const struct call_spec row_addr = PTRACE(CONTROL, ADDR, DATA);
static const struct call_spec row_data = PTRACE(CONTROL, HIDDEN, DATA);
static const struct call_spec row_user = PTRACE(CONTROL, { "addr", &type_user_offset }, DATA);
static const struct call_spec row_signal = PTRACE(CONTROL, ADDR, { "data", &type_signo });
static const struct call_spec row_options =
	PTRACE(CONTROL, ADDR, { "data", &type_flagsl, .set = &set_ptrace_options });
static const struct call_spec row_peek =
	PTRACE(RECV, ADDR, { "data", &type_ptr, .elem = &type_xlong, .dir = DIR_OUT });
static const struct call_spec row_peek_user =
	PTRACE(RECV, { "addr", &type_user_offset },
	       { "data", &type_ptr, .elem = &type_xlong, .dir = DIR_OUT });
static const struct call_spec row_event =
	PTRACE(CONTROL, ADDR, { "data", &type_ptr, .elem = &type_ulong, .dir = DIR_OUT });
static const struct call_spec row_get_siginfo =
	PTRACE(CONTROL, ADDR, { "data", &type_ptr, .elem = &type_siginfo, .dir = DIR_OUT });
static const struct call_spec row_set_siginfo =
	PTRACE(CONTROL, ADDR, { "data", &type_ptr, .elem = &type_siginfo });
static const struct call_spec row_get_sigmask =
	PTRACE(CONTROL, { "size", &type_ulong },
	       { "data", &type_ptr, .elem = &type_sigset, .dir = DIR_OUT });
static const struct call_spec row_set_sigmask =
	PTRACE(CONTROL, { "size", &type_ulong }, { "data", &type_ptr, .elem = &type_sigset });
static const struct call_spec row_regset =
	PTRACE(CONTROL, { "type", &type_enuml, .set = &set_note_types },
	       { "iov", &type_ptr, .elem = &type_iovec });
static const struct call_spec row_syscall_info = PTRACE(CONTROL, { "size", &type_ulong }, DATA);

/* strace shows the result of a peek by libc's rule: in memory that its caller gave. */
static const struct call_spec *row_of(uint64_t request)
{
	switch (request) {
	case PTRACE_TRACEME:
		return &row_alone;
	case PTRACE_ATTACH:
	case PTRACE_KILL:
	case PTRACE_INTERRUPT:
	case PTRACE_LISTEN:
		return &row_pid;
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
		return &row_peek;
	case PTRACE_PEEKUSR:
		return &row_peek_user;
	case PTRACE_POKEUSR:
		return &row_user;
	case PTRACE_CONT:
	case PTRACE_SYSCALL:
	case PTRACE_SINGLESTEP:
	case PTRACE_DETACH:
	case REQUEST_SYSEMU:
	case REQUEST_SYSEMU_SINGLESTEP:
	case REQUEST_SINGLEBLOCK:
		return &row_signal;
	case PTRACE_SETOPTIONS:
	case PTRACE_SEIZE:
		return &row_options;
	case PTRACE_GETEVENTMSG:
		return &row_event;
	case PTRACE_GETSIGINFO:
		return &row_get_siginfo;
	case PTRACE_SETSIGINFO:
		return &row_set_siginfo;
	case REQUEST_GETSIGMASK:
		return &row_get_sigmask;
	case REQUEST_SETSIGMASK:
		return &row_set_sigmask;
	case REQUEST_GETREGSET:
	case REQUEST_SETREGSET:
		return &row_regset;
	case REQUEST_GET_SYSCALL_INFO:
		return &row_syscall_info;
	case PTRACE_GETREGS:
	case PTRACE_SETREGS:
	case PTRACE_GETFPREGS:
	case PTRACE_SETFPREGS:
	case PTRACE_GETFPXREGS:
	case PTRACE_SETFPXREGS:
		return &row_data;
	default:
		return &row_addr;
	}
}

static const struct call_spec *refine_ptrace(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return row_of(ev->args[0]);
}

static const struct call_spec specs[] = {
	{ "ptrace", RET_INT, IPC(PTRACE, CONTROL, 1), .refine = refine_ptrace,
	  .args = { REQUEST, PID, ADDR, DATA } },
};

const struct spec_family family_ptrace = SPEC_FAMILY("ptrace", specs);
