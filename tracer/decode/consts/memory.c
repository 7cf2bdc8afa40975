/* Memory: linux/mman.h, asm-generic/mman*.h, linux/mempolicy.h, linux/membarrier.h... as x86 is. */
#include "decode/consts/memory.h"

static const struct const_name prot[] = {
	{ 0, "PROT_NONE" },
	{ 1, "PROT_READ" },
	{ 2, "PROT_WRITE" },
	{ 4, "PROT_EXEC" },
	{ 8, "PROT_SEM" },
	{ 0x1000000, "PROT_GROWSDOWN" },
	{ 0x2000000, "PROT_GROWSUP" },
};
const struct const_set set_prot = CONST_SET(prot, "PROT_???");

/* The lowest four bits of mmap's flags are a number. MAP_DROPPABLE: Linux 6.11. */
static const struct const_name map_types[] = {
	{ 0, "MAP_FILE" },      { 1, "MAP_SHARED" },
	{ 2, "MAP_PRIVATE" },   { 3, "MAP_SHARED_VALIDATE" },
	{ 8, "MAP_DROPPABLE" },
};
const struct const_set set_map_types = CONST_SET(map_types, "MAP_???");

/* MAP_ABOVE4G: Linux 6.6. */
static const struct const_name map_flags[] = {
	{ 0x10, "MAP_FIXED" },
	{ 0x20, "MAP_ANONYMOUS" },
	{ 0x40, "MAP_32BIT" },
	{ 0x80, "MAP_ABOVE4G" },
	{ 0x4000, "MAP_NORESERVE" },
	{ 0x8000, "MAP_POPULATE" },
	{ 0x10000, "MAP_NONBLOCK" },
	{ 0x100, "MAP_GROWSDOWN" },
	{ 0x800, "MAP_DENYWRITE" },
	{ 0x1000, "MAP_EXECUTABLE" },
	{ 0x2000, "MAP_LOCKED" },
	{ 0x20000, "MAP_STACK" },
	{ 0x40000, "MAP_HUGETLB" },
	{ 0x80000, "MAP_SYNC" },
	{ 0x100000, "MAP_FIXED_NOREPLACE" },
};
const struct const_set set_map_flags = CONST_SET(map_flags, NULL);

static const struct const_name mremap[] = {
	{ 1, "MREMAP_MAYMOVE" },
	{ 2, "MREMAP_FIXED" },
	{ 4, "MREMAP_DONTUNMAP" },
};
const struct const_set set_mremap = CONST_SET(mremap, "MREMAP_???");

static const struct const_name msync[] = {
	{ 4, "MS_SYNC" },
	{ 1, "MS_ASYNC" },
	{ 2, "MS_INVALIDATE" },
};
const struct const_set set_msync = CONST_SET(msync, "MS_???");

/* The guards: Linux 6.13. */
static const struct const_name madvise[] = {
	{ 0, "MADV_NORMAL" },          { 1, "MADV_RANDOM" },
	{ 2, "MADV_SEQUENTIAL" },      { 3, "MADV_WILLNEED" },
	{ 4, "MADV_DONTNEED" },        { 8, "MADV_FREE" },
	{ 9, "MADV_REMOVE" },          { 10, "MADV_DONTFORK" },
	{ 11, "MADV_DOFORK" },         { 12, "MADV_MERGEABLE" },
	{ 13, "MADV_UNMERGEABLE" },    { 14, "MADV_HUGEPAGE" },
	{ 15, "MADV_NOHUGEPAGE" },     { 16, "MADV_DONTDUMP" },
	{ 17, "MADV_DODUMP" },         { 18, "MADV_WIPEONFORK" },
	{ 19, "MADV_KEEPONFORK" },     { 20, "MADV_COLD" },
	{ 21, "MADV_PAGEOUT" },        { 22, "MADV_POPULATE_READ" },
	{ 23, "MADV_POPULATE_WRITE" }, { 24, "MADV_DONTNEED_LOCKED" },
	{ 25, "MADV_COLLAPSE" },       { 100, "MADV_HWPOISON" },
	{ 101, "MADV_SOFT_OFFLINE" },  { 102, "MADV_GUARD_INSTALL" },
	{ 103, "MADV_GUARD_REMOVE" },
};
const struct const_set set_madvise = CONST_SET(madvise, "MADV_???");

static const struct const_name mlockall[] = {
	{ 1, "MCL_CURRENT" },
	{ 2, "MCL_FUTURE" },
	{ 4, "MCL_ONFAULT" },
};
const struct const_set set_mlockall = CONST_SET(mlockall, "MCL_???");

static const struct const_name mlock2[] = { { 1, "MLOCK_ONFAULT" } };
const struct const_set set_mlock2 = CONST_SET(mlock2, "MLOCK_???");

/* linux/memfd.h; the last two: Linux 6.3. */
static const struct const_name memfd_flags[] = {
	{ 1, "MFD_CLOEXEC" },     { 2, "MFD_ALLOW_SEALING" }, { 4, "MFD_HUGETLB" },
	{ 8, "MFD_NOEXEC_SEAL" }, { 16, "MFD_EXEC" },
};
const struct const_set set_memfd_flags = CONST_SET(memfd_flags, "MFD_???");

static const struct const_name memfd_secret[] = { { 02000000, "O_CLOEXEC" } };
const struct const_set set_memfd_secret = CONST_SET(memfd_secret, NULL);

/* linux/userfaultfd.h */
static const struct const_name userfaultfd[] = {
	{ 1, "UFFD_USER_MODE_ONLY" },
	{ 04000, "O_NONBLOCK" },
	{ 02000000, "O_CLOEXEC" },
};
const struct const_set set_userfaultfd = CONST_SET(userfaultfd, "UFFD_???");

/* asm/mman.h of x86, Linux 6.6 */
static const struct const_name shadow_stack[] = {
	{ 1, "SHADOW_STACK_SET_TOKEN" },
	{ 2, "SHADOW_STACK_SET_MARKER" },
};
const struct const_set set_shadow_stack = CONST_SET(shadow_stack, "SHADOW_STACK_???");

static const struct const_name pkey_rights[] = {
	{ 1, "PKEY_DISABLE_ACCESS" },
	{ 2, "PKEY_DISABLE_WRITE" },
	{ 4, "PKEY_DISABLE_EXECUTE" },
};
const struct const_set set_pkey_rights = CONST_SET(pkey_rights, "PKEY_???");

static const struct const_name mpol_modes[] = {
	{ 0, "MPOL_DEFAULT" },
	{ 1, "MPOL_PREFERRED" },
	{ 2, "MPOL_BIND" },
	{ 3, "MPOL_INTERLEAVE" },
	{ 4, "MPOL_LOCAL" },
	{ 5, "MPOL_PREFERRED_MANY" },
	{ 6, "MPOL_WEIGHTED_INTERLEAVE" },
};
const struct const_set set_mpol_modes = CONST_SET(mpol_modes, "MPOL_???");

static const struct const_name mpol_flags[] = {
	{ 0x8000, "MPOL_F_STATIC_NODES" },
	{ 0x4000, "MPOL_F_RELATIVE_NODES" },
	{ 0x2000, "MPOL_F_NUMA_BALANCING" },
};
const struct const_set set_mpol_flags = CONST_SET(mpol_flags, NULL);

static const struct const_name mpol_get[] = {
	{ 1, "MPOL_F_NODE" },
	{ 2, "MPOL_F_ADDR" },
	{ 4, "MPOL_F_MEMS_ALLOWED" },
};
const struct const_set set_mpol_get = CONST_SET(mpol_get, "MPOL_???");

static const struct const_name mpol_move[] = {
	{ 1, "MPOL_MF_STRICT" },
	{ 2, "MPOL_MF_MOVE" },
	{ 4, "MPOL_MF_MOVE_ALL" },
};
const struct const_set set_mpol_move = CONST_SET(mpol_move, "MPOL_???");

/* move_pages(2) knows only these of them. */
static const struct const_name mpol_move_pages[] = {
	{ 2, "MPOL_MF_MOVE" },
	{ 4, "MPOL_MF_MOVE_ALL" },
};
const struct const_set set_mpol_move_pages = CONST_SET(mpol_move_pages, "MPOL_???");

/* As an argument, and or-ed together in the answer to a query. */
#define MEMBARRIER_NAMES                                                                           \
	{ 1, "MEMBARRIER_CMD_GLOBAL" }, { 2, "MEMBARRIER_CMD_GLOBAL_EXPEDITED" },                  \
		{ 4, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED" },                                 \
		{ 8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED" },                                         \
		{ 16, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED" },                               \
		{ 32, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE" },                              \
		{ 64, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE" },                     \
		{ 128, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ" },                                  \
		{ 256, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ" },                         \
	{                                                                                          \
		512, "MEMBARRIER_CMD_GET_REGISTRATIONS"                                            \
	}

static const struct const_name membarrier[] = {
	{ 0, "MEMBARRIER_CMD_QUERY" },
	MEMBARRIER_NAMES,
};
const struct const_set set_membarrier = CONST_SET(membarrier, "MEMBARRIER_CMD_???");

static const struct const_name membarrier_commands[] = { MEMBARRIER_NAMES };
const struct const_set set_membarrier_commands = CONST_SET(membarrier_commands, NULL);

static const struct const_name membarrier_flags[] = { { 1, "MEMBARRIER_CMD_FLAG_CPU" } };
const struct const_set set_membarrier_flags =
	CONST_SET(membarrier_flags, "MEMBARRIER_CMD_FLAG_???");
