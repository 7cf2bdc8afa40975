/* Descriptors of processes, and comparing what processes share. */
#include "decode/decode.h"
#include "decode/types/types.h"

/* linux/pidfd.h; PIDFD_THREAD and the scopes of a signal: Linux 6.9. */
static const struct const_name pidfd_flags[] = {
	{ 04000, "PIDFD_NONBLOCK" },
	{ 0200, "PIDFD_THREAD" },
};
static const struct const_set set_pidfd_flags = CONST_SET(pidfd_flags, "PIDFD_???");

static const struct const_name signal_scopes[] = {
	{ 1, "PIDFD_SIGNAL_THREAD" },
	{ 2, "PIDFD_SIGNAL_THREAD_GROUP" },
	{ 4, "PIDFD_SIGNAL_PROCESS_GROUP" },
};
static const struct const_set set_signal_scopes = CONST_SET(signal_scopes, "PIDFD_SIGNAL_???");

/* linux/kcmp.h */
enum { KCMP_FILE = 0, KCMP_FIRST_PLAIN = 1, KCMP_LAST_PLAIN = 6, KCMP_EPOLL_TFD = 7 };

static const struct const_name kcmp_types[] = {
	{ 0, "KCMP_FILE" },    { 1, "KCMP_VM" }, { 2, "KCMP_FILES" },   { 3, "KCMP_FS" },
	{ 4, "KCMP_SIGHAND" }, { 5, "KCMP_IO" }, { 6, "KCMP_SYSVSEM" }, { 7, "KCMP_EPOLL_TFD" },
};
static const struct const_set set_kcmp_types = CONST_SET(kcmp_types, "KCMP_???");

static const struct slot epoll_slot_fields[] = {
	{ "efd", &type_uint },
	{ "tfd", &type_uint },
	{ "toff", &type_uint },
	{ 0 },
};
static const struct type type_epoll_slot = { .name = "kcmp_epoll_slot",
					     .fields = epoll_slot_fields };

#define KCMP_ARGS                                                                                  \
	{ "pid1", &type_pid }, { "pid2", &type_pid },                                              \
	{                                                                                          \
		"type", &type_enum, .set = &set_kcmp_types                                         \
	}

/* The descriptors are those of the two processes, not of the caller. */
static const struct call_spec kcmp_file = {
	.name = "kcmp",
	.ret = RET_INT,
	.args = { KCMP_ARGS, { "idx1", &type_int }, { "idx2", &type_int } },
};
static const struct call_spec kcmp_plain = {
	.name = "kcmp",
	.ret = RET_INT,
	.args = { KCMP_ARGS },
};
static const struct call_spec kcmp_epoll = {
	.name = "kcmp",
	.ret = RET_INT,
	.args = { KCMP_ARGS,
		  { "idx1", &type_int },
		  { "idx2", &type_ptr, .elem = &type_epoll_slot } },
};

static const struct call_spec *refine_kcmp(const struct event *ev, bool is_strace)
{
	uint32_t type = (uint32_t)ev->args[2];

	(void)is_strace;
	if (type == KCMP_FILE)
		return &kcmp_file;
	if (type == KCMP_EPOLL_TFD)
		return &kcmp_epoll;
	return type >= KCMP_FIRST_PLAIN && type <= KCMP_LAST_PLAIN ? &kcmp_plain : NULL;
}

static const struct call_spec specs[] = {
	{ "pidfd_open", RET_FD, IPC(PIDFD, CREATE, 0),
	  .args = { { "pid", &type_pid }, { "flags", &type_flags, .set = &set_pidfd_flags } } },
	{ "pidfd_getfd", RET_FD, IPC(PIDFD, DUP, 0),
	  .args = { { "pidfd", &type_fd }, { "targetfd", &type_int }, { "flags", &type_x32 } } },
	{ "pidfd_send_signal", RET_ZERO, IPC(SIGNAL, SEND, 0),
	  .args = { { "pidfd", &type_fd },
		    { "sig", &type_signo },
		    { "info", &type_ptr, .elem = &type_siginfo },
		    { "flags", &type_flags, .set = &set_signal_scopes } } },
	{ "kcmp", RET_INT, .refine = refine_kcmp,
	  .args = { KCMP_ARGS, { "idx1", &type_xlong }, { "idx2", &type_xlong } } },
};

const struct spec_family family_pidfd = SPEC_FAMILY("pidfd", specs);
