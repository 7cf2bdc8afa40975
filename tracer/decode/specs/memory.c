/* Memory: mapping, placement, and what processes share or reach of each other's. */
#include <linux/audit.h>

#include "decode/consts/memory.h"
#include "decode/decode.h"
#include "decode/types/iovec.h"
#include "decode/types/memory.h"
#include "decode/types/types.h"

enum { TYPE_MASK = 0xf, TYPE_SHARED = 1, TYPE_SHARED_VALIDATE = 3, MREMAP_TAKES_ADDR = 2 };

#define ADDR                                                                                       \
	{                                                                                          \
		"addr", &type_addr                                                                 \
	}
#define LENGTH                                                                                     \
	{                                                                                          \
		"length", &type_size                                                               \
	}
#define PROT                                                                                       \
	{                                                                                          \
		"prot", &type_flagsl, .set = &set_prot                                             \
	}

#define MMAP_ARGS(offset_type)                                                                     \
	.args = { ADDR,                                                                            \
		  LENGTH,                                                                          \
		  PROT,                                                                            \
		  { "flags", &type_map_flags },                                                    \
		  { "fd", &type_fd },                                                              \
		  { "offset", &(offset_type) } }

/* i386's first mmap takes the address of its arguments. */
static const uint8_t regs_old_mmap[] = { 0, 0, 0, 0, 0, 0 };
#define OLD_MEMBER(name_, i, type_, ...)                                                           \
	{                                                                                          \
		name_, &type_old_mmap_arg, .elem = &(type_), .len = { .n = (i) }, __VA_ARGS__      \
	}

static const struct call_spec old_mmap = {
	.name = "mmap", .ret = RET_ADDR, IPC(SHARED_MEM, MAP, 0), .regs = regs_old_mmap,
	.args = {
		OLD_MEMBER("addr", 0, type_addr),
		OLD_MEMBER("length", 1, type_size),
		OLD_MEMBER("prot", 2, type_flags, .set = &set_prot),
		OLD_MEMBER("flags", 3, type_map_flags),
		OLD_MEMBER("fd", 4, type_fd),
		OLD_MEMBER("offset", 5, type_xlong),
	},
};

/* A private mapping is nobody else's business. */
static const struct call_spec private_mmap = { .name = "mmap",
					       .ret = RET_ADDR,
					       MMAP_ARGS(type_xlong) };
static const struct call_spec private_mmap2 = { .name = "mmap2",
						.ret = RET_ADDR,
						MMAP_ARGS(type_page_offset) };

static bool is_shared(const struct event *ev)
{
	uint64_t type = ev->args[3] & TYPE_MASK;

	return type == TYPE_SHARED || type == TYPE_SHARED_VALIDATE;
}

static const struct call_spec *refine_mmap(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	if (ev->arch == AUDIT_ARCH_I386)
		return &old_mmap;
	return is_shared(ev) ? NULL : &private_mmap;
}

static const struct call_spec *refine_mmap2(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return is_shared(ev) ? NULL : &private_mmap2;
}

#define MREMAP_ARGS                                                                                \
	{ "old_address", &type_addr }, { "old_size", &type_size }, { "new_size", &type_size },     \
	{                                                                                          \
		"flags", &type_flags, .set = &set_mremap                                           \
	}

static const struct call_spec mremap_fixed = {
	.name = "mremap",
	.ret = RET_ADDR,
	IPC(SHARED_MEM, MAP, 0),
	.args = { MREMAP_ARGS, { "new_address", &type_addr } },
};

static const struct call_spec *refine_mremap(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->args[3] & MREMAP_TAKES_ADDR ? &mremap_fixed : NULL;
}

enum { MEMBARRIER_QUERY = 0, MEMBARRIER_GET_REGISTRATIONS = 512, MEMBARRIER_FLAG_CPU = 1 };

#define MEMBARRIER_ARGS                                                                            \
	{ "cmd", &type_enum, .set = &set_membarrier },                                             \
	{                                                                                          \
		"flags", &type_flags, .set = &set_membarrier_flags                                 \
	}

static void name_commands(struct decode *d, struct call *call)
{
	if (!call->is_error && call->ret)
		decode_add_aux(
			call, NULL,
			decode_flags(d->arena, &set_membarrier_commands, (uint64_t)call->ret));
}

static const struct call_spec membarrier_query = {
	.name = "membarrier", .ret = RET_HEX, .aux = name_commands, .args = { MEMBARRIER_ARGS }
};
static const struct call_spec membarrier_on_cpu = {
	.name = "membarrier",
	.ret = RET_ZERO,
	.args = { MEMBARRIER_ARGS, { "cpu_id", &type_int } },
};

static const struct call_spec *refine_membarrier(const struct event *ev, bool is_strace)
{
	uint32_t command = (uint32_t)ev->args[0];

	(void)is_strace;
	if (command == MEMBARRIER_QUERY || command == MEMBARRIER_GET_REGISTRATIONS)
		return &membarrier_query;
	return ev->args[1] & MEMBARRIER_FLAG_CPU ? &membarrier_on_cpu : NULL;
}

static const struct call_spec specs[] = {
	{ "mmap", RET_ADDR, IPC(SHARED_MEM, MAP, 0), .refine = refine_mmap, MMAP_ARGS(type_xlong) },
	{ "mmap2", RET_ADDR, IPC(SHARED_MEM, MAP, 0), .refine = refine_mmap2,
	  MMAP_ARGS(type_page_offset) },
	{ "munmap", RET_ZERO, IPC(SHARED_MEM, UNMAP, 0), .args = { ADDR, LENGTH } },
	{ "mremap", RET_ADDR, IPC(SHARED_MEM, MAP, 0), .refine = refine_mremap,
	  .args = { MREMAP_ARGS } },
	{ "mprotect", RET_ZERO, .args = { ADDR, LENGTH, PROT } },
	{ "pkey_mprotect", RET_ZERO, .args = { ADDR, LENGTH, PROT, { "pkey", &type_int } } },
	{ "pkey_alloc", RET_INT,
	  .args = { { "flags", &type_x32 },
		    { "access_rights", &type_flags, .set = &set_pkey_rights } } },
	{ "pkey_free", RET_ZERO, .args = { { "pkey", &type_int } } },
	{ "msync", RET_ZERO, IPC(SHARED_MEM, CONTROL, 0),
	  .args = { ADDR, LENGTH, { "flags", &type_flags, .set = &set_msync } } },
	{ "madvise", RET_ZERO,
	  .args = { ADDR, LENGTH, { "advice", &type_enum, .set = &set_madvise } } },
	{ "mincore", RET_ZERO,
	  .args = { ADDR, LENGTH, { "vec", &type_mincore_vec, .dir = DIR_OUT } } },
	{ "mlock", RET_ZERO, .args = { ADDR, LENGTH } },
	{ "mlock2", RET_ZERO,
	  .args = { ADDR, LENGTH, { "flags", &type_flags, .set = &set_mlock2 } } },
	{ "munlock", RET_ZERO, .args = { ADDR, LENGTH } },
	{ "mlockall", RET_ZERO, .args = { { "flags", &type_flags, .set = &set_mlockall } } },
	{ "munlockall", RET_ZERO },
	{ "brk", RET_ADDR, .args = { ADDR } },
	{ "remap_file_pages", RET_ZERO, IPC(SHARED_MEM, CONTROL, 0),
	  .args = { ADDR, LENGTH, PROT, { "pgoff", &type_ulong }, { "flags", &type_map_flags } } },
	{ "memfd_create", RET_FD, IPC(MEMFD, CREATE, 0),
	  .args = { { "name", &type_string }, { "flags", &type_memfd_flags } } },
	{ "memfd_secret", RET_FD, IPC(MEMFD, CREATE, 0),
	  .args = { { "flags", &type_flags, .set = &set_memfd_secret } } },
	{ "mseal", RET_ZERO, .args = { ADDR, LENGTH, { "flags", &type_xlong } } },
	{ "map_shadow_stack", RET_ADDR,
	  .args = { ADDR, LENGTH, { "flags", &type_flags, .set = &set_shadow_stack } } },
	{ "userfaultfd", RET_FD, IPC(FD, CREATE, 0),
	  .args = { { "flags", &type_flags, .set = &set_userfaultfd } } },
	{ "membarrier", RET_ZERO, .refine = refine_membarrier, .args = { MEMBARRIER_ARGS } },

	/* Placement on nodes. */
	{ "mbind", RET_ZERO,
	  .args = { ADDR,
		    LENGTH,
		    { "mode", &type_mempolicy },
		    { "nodemask", &type_nodemask, BYTES_ARG(4) },
		    { "maxnode", &type_ulong },
		    { "flags", &type_flags, .set = &set_mpol_move } } },
	{ "set_mempolicy", RET_ZERO,
	  .args = { { "mode", &type_mempolicy },
		    { "nodemask", &type_nodemask, BYTES_ARG(2) },
		    { "maxnode", &type_ulong } } },
	{ "get_mempolicy", RET_ZERO,
	  .args = { { "mode", &type_ptr, .elem = &type_mempolicy, .dir = DIR_OUT },
		    { "nodemask", &type_nodemask, .dir = DIR_OUT, BYTES_ARG(2) },
		    { "maxnode", &type_ulong },
		    ADDR,
		    { "flags", &type_flagsl, .set = &set_mpol_get } } },
	{ "migrate_pages", RET_INT,
	  .args = { { "pid", &type_pid },
		    { "maxnode", &type_ulong },
		    { "old_nodes", &type_nodemask, BYTES_ARG(1) },
		    { "new_nodes", &type_nodemask, BYTES_ARG(1) } } },
	{ "move_pages", RET_INT,
	  .args = { { "pid", &type_pid },
		    { "count", &type_ulong },
		    { "pages", &type_array, .elem = &type_addr, COUNT_ARG(1) },
		    { "nodes", &type_array, .elem = &type_int, COUNT_ARG(1) },
		    { "status", &type_array, .elem = &type_page_status, .dir = DIR_OUT,
		      COUNT_ARG(1) },
		    { "flags", &type_flags, .set = &set_mpol_move_pages } } },
	{ "set_mempolicy_home_node", RET_ZERO,
	  .args = { ADDR, LENGTH, { "home_node", &type_ulong }, { "flags", &type_xlong } } },

	/* Other processes. */
	{ "process_madvise", RET_LEN, IPC(PIDFD, CONTROL, 0),
	  .args = { { "pidfd", &type_fd },
		    { "vec", &type_iovec_addr, COUNT_ARG(2) },
		    { "vlen", &type_size },
		    { "advice", &type_enum, .set = &set_madvise },
		    { "flags", &type_x32 } } },
	{ "process_mrelease", RET_ZERO, IPC(PIDFD, CONTROL, 0),
	  .args = { { "pidfd", &type_fd }, { "flags", &type_x32 } } },
	{ "process_vm_readv", RET_LEN, IPC(PROCESS_VM, RECV, 0),
	  .args = { { "pid", &type_pid },
		    { "local_iov", &type_iovec_out, .dir = DIR_EXIT, COUNT_ARG(2) },
		    { "liovcnt", &type_ulong },
		    { "remote_iov", &type_iovec_addr, COUNT_ARG(4) },
		    { "riovcnt", &type_ulong },
		    { "flags", &type_ulong } } },
	{ "process_vm_writev", RET_LEN, IPC(PROCESS_VM, SEND, 0),
	  .args = { { "pid", &type_pid },
		    { "local_iov", &type_iovec_in, COUNT_ARG(2) },
		    { "liovcnt", &type_ulong },
		    { "remote_iov", &type_iovec_addr, COUNT_ARG(4) },
		    { "riovcnt", &type_ulong },
		    { "flags", &type_ulong } } },
};

const struct spec_family family_memory = SPEC_FAMILY("memory", specs);
