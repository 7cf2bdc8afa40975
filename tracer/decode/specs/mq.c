/* POSIX message queues. */
#include <fcntl.h>

#include "decode/consts/fd.h"
#include "decode/decode.h"
#include "decode/types/fd.h"
#include "decode/types/sigevent.h"
#include "decode/types/types.h"

/*
 * struct mq_attr of linux/mqueue.h. mq_open(2) ignores the flags, whose bits then mean nothing;
 * the reserved words are read but not shown.
 */
static const struct slot new_attr_fields[] = {
	{ "mq_flags", &type_xlong },
	{ "mq_maxmsg", &type_long },
	{ "mq_msgsize", &type_long },
	{ "mq_curmsgs", &type_long },
	{ "reserved", &type_long, .n = 4, .is_hidden = true },
	{ 0 },
};
static const struct slot attr_fields[] = {
	{ "mq_flags", &type_flagsl, .set = &set_open_flags },
	{ "mq_maxmsg", &type_long },
	{ "mq_msgsize", &type_long },
	{ "mq_curmsgs", &type_long },
	{ "reserved", &type_long, .n = 4, .is_hidden = true },
	{ 0 },
};
static const struct type type_new_attr = { .name = "mq_attr", .fields = new_attr_fields };
static const struct type type_attr = { .name = "mq_attr", .fields = attr_fields };

static const struct call_spec open_existing = {
	.name = "mq_open", .ret = RET_FD, IPC(POSIX_MQ, OPEN, 0),
	.args = {
		{ "name", &type_path },
		{ "oflag", &type_open_flags },
	},
};

static const struct call_spec *refine_open(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->args[1] & O_CREAT ? NULL : &open_existing;
}

#define TIMEDSEND(name_, time_)                                                                    \
	{                                                                                          \
		.name = (name_), .ret = RET_ZERO, IPC(POSIX_MQ, SEND, 0),                          \
		.args = {                                                                          \
			{ "mqdes", &type_fd },                                                     \
			{ "msg_ptr", &type_buffer, BYTES_ARG(2) },                                 \
			{ "msg_len", &type_size },                                                 \
			{ "msg_prio", &type_uint },                                                \
			{ "abs_timeout", &type_ptr, .elem = &(time_) },                            \
		},                                                                                 \
	}

#define TIMEDRECEIVE(name_, time_)                                                                 \
	{                                                                                          \
		.name = (name_), .ret = RET_LEN, IPC(POSIX_MQ, RECV, 0),                           \
		.args = {                                                                          \
			{ "mqdes", &type_fd },                                                     \
			{ "msg_ptr", &type_buffer, .dir = DIR_OUT, BYTES_RET },                    \
			{ "msg_len", &type_size },                                                 \
			{ "msg_prio", &type_ptr, .elem = &type_uint, .dir = DIR_OUT },             \
			{ "abs_timeout", &type_ptr, .elem = &(time_) },                            \
		},                                                                                 \
	}

static const struct call_spec specs[] = {
	{
		.name = "mq_open", .ret = RET_FD, IPC(POSIX_MQ, CREATE, 0), .refine = refine_open,
		.args = {
			{ "name", &type_path },
			{ "oflag", &type_open_flags },
			{ "mode", &type_mode16 },
			{ "attr", &type_ptr, .elem = &type_new_attr },
		},
	},
	{
		.name = "mq_unlink", .ret = RET_ZERO, IPC(POSIX_MQ, REMOVE, 0),
		.args = { { "name", &type_path } },
	},
	TIMEDSEND("mq_timedsend", type_timespec),
	TIMEDSEND("mq_timedsend_time64", type_timespec64),
	TIMEDRECEIVE("mq_timedreceive", type_timespec),
	TIMEDRECEIVE("mq_timedreceive_time64", type_timespec64),
	{
		.name = "mq_notify", .ret = RET_ZERO, IPC(POSIX_MQ, CONTROL, 0),
		.args = {
			{ "mqdes", &type_fd },
			{ "sevp", &type_ptr, .elem = &type_sigevent },
		},
	},
	{
		.name = "mq_getsetattr", .ret = RET_ZERO, IPC(POSIX_MQ, CONTROL, 0),
		.args = {
			{ "mqdes", &type_fd },
			{ "newattr", &type_ptr, .elem = &type_attr },
			{ "oldattr", &type_ptr, .elem = &type_attr, .dir = DIR_OUT },
		},
	},
};

const struct spec_family family_mq = SPEC_FAMILY("mq", specs);
