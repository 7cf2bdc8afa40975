#include "decode/syscalls.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define X32_BIT 0x40000000u

/* Where a call exists. From 424 on every architecture gets the same numbers, with few exceptions. */
enum where {
	EVERYWHERE,
	NOT_X32,
	X86_64_ONLY, /* nor x32 */
};

/*
 * Calls that the packaged library (2.5.4) may not know yet, up to Linux 7.2. What it does know goes
 * first, so rows need not leave when it learns them.
 * Mirrors arch/x86/entry/syscalls/syscall_64.tbl and scripts/syscall.tbl, sorted by number.
 */
static const struct new_call {
	const char *name;
	uint16_t nr;
	uint16_t where;
} new_calls[] = {
	{ "uretprobe", 335, X86_64_ONLY },
	{ "uprobe", 336, X86_64_ONLY },
	{ "process_mrelease", 448, EVERYWHERE },
	{ "futex_waitv", 449, EVERYWHERE },
	{ "set_mempolicy_home_node", 450, EVERYWHERE },
	{ "cachestat", 451, EVERYWHERE },
	{ "fchmodat2", 452, EVERYWHERE },
	{ "map_shadow_stack", 453, NOT_X32 },
	{ "futex_wake", 454, EVERYWHERE },
	{ "futex_wait", 455, EVERYWHERE },
	{ "futex_requeue", 456, EVERYWHERE },
	{ "statmount", 457, EVERYWHERE },
	{ "listmount", 458, EVERYWHERE },
	{ "lsm_get_self_attr", 459, EVERYWHERE },
	{ "lsm_set_self_attr", 460, EVERYWHERE },
	{ "lsm_list_modules", 461, EVERYWHERE },
	{ "mseal", 462, EVERYWHERE },
	{ "setxattrat", 463, EVERYWHERE },
	{ "getxattrat", 464, EVERYWHERE },
	{ "listxattrat", 465, EVERYWHERE },
	{ "removexattrat", 466, EVERYWHERE },
	{ "open_tree_attr", 467, EVERYWHERE },
	{ "file_getattr", 468, EVERYWHERE },
	{ "file_setattr", 469, EVERYWHERE },
	{ "listns", 470, EVERYWHERE },
	{ "rseq_slice_yield", 471, EVERYWHERE },
};

static bool is_there(const struct new_call *call, uint32_t arch)
{
	return call->where == EVERYWHERE || arch == AUDIT_ARCH_X86_64 ||
	       (call->where == NOT_X32 && arch != SYSCALL_ARCH_X32);
}

const char *syscall_name(struct arena *arena, uint32_t arch, uint64_t nr)
{
	char *found;
	const char *name;

	if (arch == AUDIT_ARCH_X86_64 && (nr & X32_BIT))
		arch = SYSCALL_ARCH_X32;
	if ((arch == SYSCALL_ARCH_X32 ? nr & ~(uint64_t)X32_BIT : nr) > SYSCALL_NR_MAX)
		return NULL;
	/* The library takes and gives x32's numbers with the bit, and makes up negative ones. */
	if (arch == SYSCALL_ARCH_X32)
		nr |= X32_BIT;
	found = seccomp_syscall_resolve_num_arch(arch, (int)nr);
	if (found) {
		name = arena_copy(arena, found, strlen(found));
		free(found);
		return name;
	}
	for (size_t i = 0; i < ARRAY_LEN(new_calls); i++)
		if (new_calls[i].nr == (nr & ~(uint64_t)X32_BIT) && is_there(&new_calls[i], arch))
			return new_calls[i].name;
	return NULL;
}

/*
 * For i386 the library answers with numbers of its own (< 0) for what can also be called through
 * socketcall and ipc; the direct calls, added in Linux 4.3 and 5.1, are in this range.
 */
static int find_direct_i386(const char *name)
{
	for (int nr = 337; nr <= 402; nr++) {
		char *found = seccomp_syscall_resolve_num_arch(AUDIT_ARCH_I386, nr);
		bool is_same = found && strcmp(found, name) == 0;

		free(found);
		if (is_same)
			return nr;
	}
	return -1;
}

int syscall_number(uint32_t arch, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, name);

	if (nr >= 0)
		return nr;
	if (nr != __NR_SCMP_ERROR && arch == AUDIT_ARCH_I386)
		nr = find_direct_i386(name);
	if (nr >= 0)
		return nr;
	for (size_t i = 0; i < ARRAY_LEN(new_calls); i++)
		if (strcmp(new_calls[i].name, name) == 0 && is_there(&new_calls[i], arch))
			return (int)(new_calls[i].nr | (arch == SYSCALL_ARCH_X32 ? X32_BIT : 0));
	return -1;
}
