/* Waiting for descriptors: poll, select, epoll. */
#include <linux/audit.h>

#include "decode/consts/fd.h"
#include "decode/decode.h"
#include "decode/types/fd.h"
#include "decode/types/types.h"

enum { ARG_FDS = 0, ARG_N_POLLFDS = 1, ARG_POLL_TIMEOUT = 2, ARG_SELECT_TIMEOUT = 4 };

/* How much of the time is left, if a time was given. type: as the call has it. */
static void add_left(struct decode *d, struct call *call, unsigned arg, const struct type *type)
{
	const struct slot slot = { "timeout", type };
	struct value left = { 0 };

	if (call->raw[arg] && decode_at(d, &slot, type, call->raw[arg], &left) == 0)
		decode_add_aux(call, "left", left);
}

static bool add_timeout(struct call *call)
{
	if (call->is_error)
		return true;
	if (call->ret)
		return false;
	decode_add_aux(call, NULL, value_text("Timeout", 0));
	return true;
}

static void aux_poll(struct decode *d, struct call *call)
{
	if (!add_timeout(call))
		decode_add_aux(call, NULL,
			       decode_pollfds_ready(d, call->raw[ARG_FDS],
						    (uint32_t)call->raw[ARG_N_POLLFDS]));
}

static void aux_ppoll(struct decode *d, struct call *call)
{
	aux_poll(d, call);
	if (!call->is_error && call->ret)
		add_left(d, call, ARG_POLL_TIMEOUT, call->spec->args[ARG_POLL_TIMEOUT].elem);
}

static void aux_select(struct decode *d, struct call *call)
{
	static const char *const labels[] = { "in", "out", "except" };

	if (add_timeout(call))
		return;
	for (unsigned i = 0; i < ARRAY_LEN(labels); i++) {
		struct value ready = { 0 };

		if (call->raw[i + 1] &&
		    decode_fd_set(d, call->raw[i + 1], (uint32_t)call->raw[0], &ready))
			decode_add_aux(call, labels[i], ready);
	}
	add_left(d, call, ARG_SELECT_TIMEOUT, call->spec->args[ARG_SELECT_TIMEOUT].elem);
}

#define SETS                                                                                       \
	{ "nfds", &type_int }, { "readfds", &type_fd_set }, { "writefds", &type_fd_set },          \
	{                                                                                          \
		"exceptfds", &type_fd_set                                                          \
	}

/* i386's first select: its arguments are in memory. */
static const struct call_spec old_select = { "select", RET_INT, IPC(FD, WAIT, 1),
					     .args = { { "args", &type_addr } } };

static const struct call_spec *refine_select(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->arch == AUDIT_ARCH_I386 ? &old_select : NULL;
}

static const struct call_spec epoll_ctl_del = { "epoll_ctl", RET_ZERO, IPC(EPOLL, CONTROL, 0),
						.args = {
							{ "epfd", &type_fd },
							{ "op", &type_enum, .set = &set_epoll_ops },
							{ "fd", &type_fd },
							{ "event", &type_addr },
						} };

static const struct call_spec *refine_epoll_ctl(const struct event *ev, bool is_strace)
{
	enum { CTL_DEL = 2 };

	(void)is_strace;
	return (uint32_t)ev->args[1] == CTL_DEL ? &epoll_ctl_del : NULL;
}

#define POLLFDS                                                                                    \
	{ "fds", &type_pollfds, COUNT_ARG(ARG_N_POLLFDS) },                                        \
	{                                                                                          \
		"nfds", &type_uint                                                                 \
	}
#define MASK(i)                                                                                    \
	{ "sigmask", &type_sigset_arg, BYTES_ARG(i) },                                             \
	{                                                                                          \
		"sigsetsize", &type_size                                                           \
	}
#define READY                                                                                      \
	{                                                                                          \
		"events", &type_array, .elem = &type_epoll_event, .dir = DIR_OUT, COUNT_RET        \
	}
#define TIME(elem_)                                                                                \
	{                                                                                          \
		"timeout", &type_ptr, .elem = &(elem_)                                             \
	}

#define EPFD                                                                                       \
	{                                                                                          \
		"epfd", &type_fd                                                                   \
	}
#define MAXEVENTS                                                                                  \
	{                                                                                          \
		"maxevents", &type_int                                                             \
	}

/* strace looks at what lies behind the events at exit, when a failed call shows addresses. */
#define LATE_TIME                                                                                  \
	{                                                                                          \
		"timeout", &type_ptr, .elem = &type_timespec64, .dir = DIR_OUT                     \
	}
#define LATE_MASK                                                                                  \
	{ "sigmask", &type_sigset_arg, .dir = DIR_OUT, BYTES_ARG(5) },                             \
	{                                                                                          \
		"sigsetsize", &type_size                                                           \
	}

static const struct call_spec late_epoll_pwait = {
	"epoll_pwait",
	RET_INT,
	IPC(EPOLL, WAIT, 0),
	.args = { EPFD, READY, MAXEVENTS, { "timeout", &type_int }, LATE_MASK },
};
static const struct call_spec late_epoll_pwait2 = {
	"epoll_pwait2",
	RET_INT,
	IPC(EPOLL, WAIT, 0),
	.args = { EPFD, READY, MAXEVENTS, LATE_TIME, LATE_MASK },
};

static const struct call_spec *refine_epoll_pwait(const struct event *ev, bool is_strace)
{
	(void)ev;
	return is_strace ? &late_epoll_pwait : NULL;
}

static const struct call_spec *refine_epoll_pwait2(const struct event *ev, bool is_strace)
{
	(void)ev;
	return is_strace ? &late_epoll_pwait2 : NULL;
}

static const struct call_spec specs[] = {
	{ "poll", RET_INT, IPC(FD, WAIT, 0), .aux = aux_poll,
	  .args = { POLLFDS, { "timeout", &type_int } } },
	{ "ppoll", RET_INT, IPC(FD, WAIT, 0), .aux = aux_ppoll,
	  .args = { POLLFDS, TIME(type_timespec), MASK(4) } },
	{ "ppoll_time64", RET_INT, IPC(FD, WAIT, 0), .aux = aux_ppoll,
	  .args = { POLLFDS, TIME(type_timespec64), MASK(4) } },
	{ "select", RET_INT, IPC(FD, WAIT, 1), .refine = refine_select, .aux = aux_select,
	  .args = { SETS, TIME(type_timeval) } },
	{ "_newselect", RET_INT, IPC(FD, WAIT, 1), .aux = aux_select,
	  .args = { SETS, TIME(type_timeval) } },
	{ "pselect6", RET_INT, IPC(FD, WAIT, 1), .aux = aux_select,
	  .args = { SETS, TIME(type_timespec), { "sigmask", &type_sigmask_arg } } },
	{ "pselect6_time64", RET_INT, IPC(FD, WAIT, 1), .aux = aux_select,
	  .args = { SETS, TIME(type_timespec64), { "sigmask", &type_sigmask_arg } } },
	{ "epoll_create", RET_FD, IPC(EPOLL, CREATE, 0), .args = { { "size", &type_int } } },
	{ "epoll_create1", RET_FD, IPC(EPOLL, CREATE, 0),
	  .args = { { "flags", &type_flags, .set = &set_epoll_flags } } },
	{ "epoll_ctl", RET_ZERO, IPC(EPOLL, CONTROL, 0), .refine = refine_epoll_ctl,
	  .args = { { "epfd", &type_fd },
		    { "op", &type_enum, .set = &set_epoll_ops },
		    { "fd", &type_fd },
		    { "event", &type_ptr, .elem = &type_epoll_event } } },
	{ "epoll_wait", RET_INT, IPC(EPOLL, WAIT, 0),
	  .args = { { "epfd", &type_fd },
		    READY,
		    { "maxevents", &type_int },
		    { "timeout", &type_int } } },
	{ "epoll_pwait", RET_INT, IPC(EPOLL, WAIT, 0), .refine = refine_epoll_pwait,
	  .args = { { "epfd", &type_fd },
		    READY,
		    { "maxevents", &type_int },
		    { "timeout", &type_int },
		    MASK(5) } },
	/* Of a later date: its times are 64 bits wide everywhere. */
	{ "epoll_pwait2", RET_INT, IPC(EPOLL, WAIT, 0), .refine = refine_epoll_pwait2,
	  .args = { { "epfd", &type_fd },
		    READY,
		    { "maxevents", &type_int },
		    TIME(type_timespec64),
		    MASK(5) } },
};

const struct spec_family family_waiting = SPEC_FAMILY("waiting", specs);
