/* io_uring, and the asynchronous I/O that came before it. */
#include "decode/consts/io_uring.h"
#include "decode/decode.h"
#include "decode/types/aio.h"
#include "decode/types/fd.h"
#include "decode/types/io_uring.h"
#include "decode/types/iovec.h"
#include "decode/types/types.h"

enum { SIGSET_LEN = 8 };

#define ENTER(...)                                                                                 \
	{                                                                                          \
		.name = "io_uring_enter", .ret = RET_INT, IPC(IO_URING, TRANSFER, 0),              \
		.args = {                                                                          \
			{ "fd", &type_fd },                                                        \
			{ "to_submit", &type_uint },                                               \
			{ "min_complete", &type_uint },                                            \
			{ "flags", &type_flags, .set = &set_ring_enter },                          \
			{ "arg", __VA_ARGS__ },                                                    \
			{ "argsz", &type_size },                                                   \
		},                                                                                 \
	}

static const struct call_spec enter_sigset = ENTER(&type_ptr, .elem = &type_sigset);
static const struct call_spec enter_extended = ENTER(&type_ring_getevents, BYTES_ARG(5));

static const struct call_spec *refine_enter(const struct event *ev, bool is_strace)
{
	if (ev->args[3] & RING_ENTER_EXT_ARG)
		return is_strace ? NULL : &enter_extended;
	return ev->args[5] == SIGSET_LEN ? &enter_sigset : NULL;
}

/* strace shows the limits of before and after even where they are equal or out of reach. */
static void repeat_workers(struct decode *d, struct call *call)
{
	struct value *arg = &call->args[2];

	if (!d->options->is_strace || arg->kind != VALUE_ARRAY)
		return;
	*arg = value_change(d->arena, *arg, call->is_error ? value_addr(call->raw[2]) : *arg,
			    CHANGE_ARROW);
}

#define REGISTER(...)                                                                              \
	{                                                                                          \
		.name = "io_uring_register", .ret = RET_INT, IPC(IO_URING, CONTROL, 0),            \
		.args = {                                                                          \
			{ "fd", &type_fd },                                                        \
			{ "opcode", &type_ring_register },                                         \
			{ "arg", __VA_ARGS__ },                                                    \
			{ "nr_args", &type_uint },                                                 \
		},                                                                                 \
	}

/* By enum ring_register; what is missing takes no argument, or one that nobody knows. */
static const struct call_spec register_rows[RING_REGISTERS] = {
	[RING_REGISTER_BUFFERS] = REGISTER(&type_iovec_addr, COUNT_ARG(3)),
	[RING_REGISTER_FILES] = REGISTER(&type_ring_fds, COUNT_ARG(3)),
	[RING_REGISTER_EVENTFD] = REGISTER(&type_ring_fds, COUNT_ARG(3)),
	[RING_REGISTER_EVENTFD_ASYNC] = REGISTER(&type_ring_fds, COUNT_ARG(3)),
	[RING_REGISTER_FILES_UPDATE] = REGISTER(&type_ring_files_update, COUNT_ARG(3)),
	[RING_REGISTER_PROBE] = REGISTER(&type_ring_probe, .dir = DIR_OUT, COUNT_ARG(3)),
	[RING_REGISTER_RESTRICTIONS] =
		REGISTER(&type_array, .elem = &type_ring_restriction, COUNT_ARG(3)),
	[RING_REGISTER_FILES2] = REGISTER(&type_ring_files2, BYTES_ARG(3)),
	[RING_REGISTER_FILES_UPDATE2] = REGISTER(&type_ring_files_update2, BYTES_ARG(3)),
	[RING_REGISTER_BUFFERS2] = REGISTER(&type_ring_buffers2, BYTES_ARG(3)),
	[RING_REGISTER_BUFFERS_UPDATE] = REGISTER(&type_ring_buffers_update, BYTES_ARG(3)),
	[RING_REGISTER_IOWQ_AFF] = REGISTER(&type_ring_cpus, BYTES_ARG(3)),
	[RING_REGISTER_IOWQ_MAX_WORKERS] = {
		.name = "io_uring_register", .ret = RET_INT, IPC(IO_URING, CONTROL, 0),
		.aux = repeat_workers,
		.args = {
			{ "fd", &type_fd },
			{ "opcode", &type_ring_register },
			{ "arg", &type_ring_workers, .dir = DIR_INOUT, COUNT_ARG(3) },
			{ "nr_args", &type_uint },
		},
	},
	[RING_REGISTER_RING_FDS] =
		REGISTER(&type_array, .elem = &type_ring_fd_update, COUNT_ARG(3)),
	[RING_UNREGISTER_RING_FDS] =
		REGISTER(&type_array, .elem = &type_ring_fd_removal, COUNT_ARG(3)),
	[RING_REGISTER_PBUF_RING] = REGISTER(&type_ptr, .elem = &type_ring_buf_reg),
	[RING_UNREGISTER_PBUF_RING] = REGISTER(&type_ptr, .elem = &type_ring_buf_reg),
	[RING_REGISTER_SYNC_CANCEL] = REGISTER(&type_ptr, .elem = &type_ring_sync_cancel),
	[RING_REGISTER_FILE_ALLOC_RANGE] = REGISTER(&type_ptr, .elem = &type_ring_file_range),
	[RING_REGISTER_PBUF_STATUS] =
		REGISTER(&type_ptr, .elem = &type_ring_buf_status, .dir = DIR_INOUT),
	[RING_REGISTER_CLOCK] = REGISTER(&type_ptr, .elem = &type_ring_clock),
	[RING_REGISTER_CLONE_BUFFERS] = REGISTER(&type_ptr, .elem = &type_ring_clone_buffers),
};

static const struct call_spec *refine_register(const struct event *ev, bool is_strace)
{
	uint32_t command = (uint32_t)ev->args[1] & ~RING_USE_REGISTERED_RING;

	(void)is_strace;
	return command < RING_REGISTERS && register_rows[command].name ? &register_rows[command]
								       : NULL;
}

#define CONTEXT                                                                                    \
	{                                                                                          \
		"ctx_id", &type_addr                                                               \
	}
#define EVENTS                                                                                     \
	CONTEXT, { "min_nr", &type_long }, { "nr", &type_long },                                   \
	{                                                                                          \
		"events", &type_array, .elem = &type_aio_event, .dir = DIR_OUT, COUNT_RET          \
	}
#define TIMEOUT(time)                                                                              \
	{                                                                                          \
		"timeout", &type_ptr, .elem = &(time)                                              \
	}

static const struct call_spec specs[] = {
	{ "io_uring_setup", RET_FD, IPC(IO_URING, CREATE, 0),
	  .args = { { "entries", &type_uint },
		    { "params", &type_ptr, .elem = &type_ring_params, .dir = DIR_EXIT } } },
	{
		.name = "io_uring_enter", .ret = RET_INT, IPC(IO_URING, TRANSFER, 0),
		.refine = refine_enter,
		.args = {
			{ "fd", &type_fd },
			{ "to_submit", &type_uint },
			{ "min_complete", &type_uint },
			{ "flags", &type_flags, .set = &set_ring_enter },
			{ "arg", &type_addr },
			{ "argsz", &type_size },
		},
	},
	{
		.name = "io_uring_register", .ret = RET_INT, IPC(IO_URING, CONTROL, 0),
		.refine = refine_register,
		.args = {
			{ "fd", &type_fd },
			{ "opcode", &type_ring_register },
			{ "arg", &type_addr },
			{ "nr_args", &type_uint },
		},
	},
	{ "io_setup", RET_ZERO,
	  .args = { { "nr_events", &type_uint },
		    { "ctx_idp", &type_ptr, .elem = &type_addr, .dir = DIR_OUT } } },
	{ "io_destroy", RET_ZERO, .args = { CONTEXT } },
	{ "io_submit", RET_INT,
	  .args = { CONTEXT,
		    { "nr", &type_long },
		    { "iocbpp", &type_array, .elem = &type_iocb_ptr, COUNT_ARG(1) } } },
	{ "io_cancel", RET_ZERO,
	  .args = { CONTEXT,
		    { "iocb", &type_ptr, .elem = &type_iocb_head },
		    { "result", &type_ptr, .elem = &type_aio_event, .dir = DIR_OUT } } },
	{ "io_getevents", RET_INT, .args = { EVENTS, TIMEOUT(type_timespec) } },
	{ "io_pgetevents", RET_INT,
	  .args = { EVENTS, TIMEOUT(type_timespec), { "usig", &type_sigmask_arg } } },
	{ "io_pgetevents_time64", RET_INT,
	  .args = { EVENTS, TIMEOUT(type_timespec64), { "usig", &type_sigmask_arg } } },
};

const struct spec_family family_io_uring = SPEC_FAMILY("io_uring", specs);
