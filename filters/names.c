#include "filters/names.h"

#include <linux/audit.h>
#include <string.h>

#define X32_BIT 0x40000000u

static const uint32_t audit_archs[ARCH_KINDS] = {
	[ARCH_X86_64] = AUDIT_ARCH_X86_64,
	[ARCH_I386] = AUDIT_ARCH_I386,
	[ARCH_X32] = SYSCALL_ARCH_X32,
	[ARCH_AARCH64] = AUDIT_ARCH_AARCH64,
};

void names_init(struct call_names *names)
{
	memset(names, 0, sizeof(*names));
	for (int arch = 0; arch < ARCH_KINDS; arch++)
		for (uint64_t nr = 0; nr < SYSCALL_NR_MAX; nr++)
			names->name[arch][nr] = syscall_name(&names->arena, audit_archs[arch], nr);
}

void names_finish(struct call_names *names)
{
	arena_finish(&names->arena);
}

int names_arch(uint32_t arch, uint64_t *nr)
{
	if (arch == AUDIT_ARCH_X86_64 && (*nr & X32_BIT))
		arch = SYSCALL_ARCH_X32;
	if (arch == SYSCALL_ARCH_X32)
		*nr &= ~(uint64_t)X32_BIT;
	for (int i = 0; i < ARCH_KINDS; i++)
		if (audit_archs[i] == arch)
			return i;
	return -1;
}

uint32_t names_audit_arch(enum arch_index arch)
{
	return audit_archs[arch];
}

unsigned names_personality(const char *designator)
{
	if (strcmp(designator, "64") == 0)
		return 1u << ARCH_X86_64 | 1u << ARCH_AARCH64;
	if (strcmp(designator, "32") == 0)
		return 1u << ARCH_I386;
	return strcmp(designator, "x32") == 0 ? 1u << ARCH_X32 : 0;
}
