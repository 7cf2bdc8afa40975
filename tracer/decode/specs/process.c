/* Birth, death and exit status of processes. */
#include <linux/sched.h>
#include <sys/wait.h>

#include "decode/consts/process.h"
#include "decode/decode.h"
#include "decode/types/process.h"
#include "decode/types/types.h"

/* --- clone(2), which shows those arguments that its flags give a meaning --- */

#define STACK_AND_FLAGS                                                                            \
	{ "child_stack", &type_clone_stack },                                                      \
	{                                                                                          \
		"flags", &type_clone_flags                                                         \
	}
#define PARENT                                                                                     \
	{                                                                                          \
		"parent_tid", &type_clone_parent_tid, .dir = DIR_EXIT                              \
	}
#define TLS                                                                                        \
	{                                                                                          \
		"tls", &type_clone_tls, .dir = DIR_EXIT                                            \
	}
#define CHILD                                                                                      \
	{                                                                                          \
		"child_tidptr", &type_clone_child_tid, .dir = DIR_EXIT                             \
	}
#define CLONE(...)                                                                                 \
	{                                                                                          \
		"clone", RET_PID, IPC(WAIT, CREATE, 0), .args = { STACK_AND_FLAGS, ##__VA_ARGS__ } \
	}

enum { HAS_PARENT = 1, HAS_TLS = 2, HAS_CHILD = 4 };

static const struct call_spec clones[] = {
	[0] = CLONE(),
	[HAS_PARENT] = CLONE(PARENT),
	[HAS_TLS] = CLONE(TLS),
	[HAS_PARENT | HAS_TLS] = CLONE(PARENT, TLS),
	[HAS_CHILD] = CLONE(CHILD),
	[HAS_PARENT | HAS_CHILD] = CLONE(PARENT, CHILD),
	[HAS_TLS | HAS_CHILD] = CLONE(TLS, CHILD),
	[HAS_PARENT | HAS_TLS | HAS_CHILD] = CLONE(PARENT, TLS, CHILD),
};

static const struct call_spec *refine_clone(const struct event *ev, bool is_strace)
{
	uint64_t flags = ev->args[0];
	unsigned which = 0;

	(void)is_strace;
	if (flags & (CLONE_PARENT_SETTID | CLONE_PIDFD))
		which |= HAS_PARENT;
	if (flags & CLONE_SETTLS)
		which |= HAS_TLS;
	if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))
		which |= HAS_CHILD;
	return &clones[which];
}

/* --- whom waitid(2) waits for --- */

static void show_wait_id(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	(void)slot;
	if ((uint32_t)d->siblings[0] == P_PIDFD)
		*ret_v = decode_fd(d, (int32_t)raw);
	else
		*ret_v = value_pid((int32_t)raw);
}

static size_t reach_wait_id(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)slot;
	if (d->options->has_fd_links && (uint32_t)d->siblings[0] == P_PIDFD && (int32_t)raw >= 0)
		mem_fact(&d->mem, FACT_FD, (int32_t)raw);
	return 0;
}

static const struct type type_wait_id = {
	.name = "wait_id", .len32 = 4, .len64 = 4, .show = show_wait_id, .reach = reach_wait_id
};

/* linux/fcntl.h: those flags that execveat(2) has. */
static const struct const_name execveat_flags[] = {
	{ 0x100, "AT_SYMLINK_NOFOLLOW" },
	{ 0x1000, "AT_EMPTY_PATH" },
	{ 0x10000, "AT_EXECVE_CHECK" },
};
static const struct const_set set_execveat_flags = CONST_SET(execveat_flags, "AT_???");

static const struct call_spec specs[] = {
	{ "clone", RET_PID, IPC(WAIT, CREATE, 0), .refine = refine_clone,
	  .args = { STACK_AND_FLAGS } },
	{ "clone3", RET_PID, IPC(WAIT, CREATE, 0),
	  .args = { { "uargs", &type_clone_args, .dir = DIR_BOTH, BYTES_ARG(1) },
		    { "size", &type_size } } },
	{ "fork", RET_PID, IPC(WAIT, CREATE, 0) },
	{ "vfork", RET_PID, IPC(WAIT, CREATE, 0) },
	{ "execve", RET_ZERO,
	  .args = { { "filename", &type_path }, { "argv", &type_argv }, { "envp", &type_envp } } },
	{ "execveat", RET_ZERO,
	  .args = { { "fd", &type_dirfd },
		    { "filename", &type_path },
		    { "argv", &type_argv },
		    { "envp", &type_envp },
		    { "flags", &type_flags, .set = &set_execveat_flags } } },
	{ "exit", RET_NONE, IPC(WAIT, CLOSE, 0), .args = { { "error_code", &type_int } } },
	{ "exit_group", RET_NONE, IPC(WAIT, CLOSE, 0), .args = { { "error_code", &type_int } } },
	{ "wait4", RET_PID, IPC(WAIT, WAIT, 0),
	  .args = { { "upid", &type_pid },
		    { "stat_addr", &type_wait_status, .dir = DIR_OUT },
		    { "options", &type_flags, .set = &set_wait_options },
		    { "ru", &type_wait_usage, .dir = DIR_OUT } } },
	{ "waitpid", RET_PID, IPC(WAIT, WAIT, 0),
	  .args = { { "pid", &type_pid },
		    { "stat_addr", &type_wait_status, .dir = DIR_OUT },
		    { "options", &type_flags, .set = &set_wait_options } } },
	{ "waitid", RET_ZERO, IPC(WAIT, WAIT, 1),
	  .args = { { "which", &type_enum, .set = &set_wait_ids },
		    { "upid", &type_wait_id },
		    { "infop", &type_ptr, .elem = &type_waitinfo, .dir = DIR_OUT },
		    { "options", &type_flags, .set = &set_wait_options },
		    { "ru", &type_ptr, .elem = &type_rusage, .dir = DIR_OUT } } },
};

const struct spec_family family_process = SPEC_FAMILY("process", specs);
