#ifndef STACK_PROCESS_H
#define STACK_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <libunwind.h>

#include "base/hash.h"
#include "stack/asking.h"
#include "stack/maps.h"
#include "stack/modules.h"
#include "stack/pages.h"

/* One file, or the vdso, mapped into a process. */
struct module {
	uint64_t start, end;
	bool is_vdso;
	bool is_located; /* its unwind table was looked for */
	bool has_table; /* and found: described by table */
	unw_dyn_info_t table;
	struct elf_unwind_entry *entries; /* the table itself, where the file has none */
	size_t n_entries;
	struct elf_image *image; /* of the vdso; others belong to module_files */
};

/* What the helper knows of a process from one stack to the next. */
struct process {
	uint64_t id;
	const struct asking *asking;
	bool is_stale; /* the mappings may be others now */
	bool is_32bit;
	uint64_t last_used;
	unw_addr_space_t space;
	struct maps maps;
	struct module *modules; /* in order of address */
	size_t n_modules, cap_modules;
	struct pages pages;
	UT_hash_handle hh;
};

/* NULL when libunwind is out of memory. */
struct process *process_create(uint64_t id, const struct asking *asking,
			       unw_accessors_t *accessors);
void process_destroy(struct process *process);

/* Read the mappings again; what was learnt is kept if no file's mapping has changed. */
int process_refresh(struct process *process);

/* The module that addr lies in, or NULL. */
struct module *process_module(struct process *process, uint64_t addr);

/* len bytes of its memory: 0 or -EFAULT. */
int process_read(struct process *process, uint64_t addr, void *buf, size_t len);

/* Where libunwind is told that entries of modules[i] lie: no process can have memory there. */
#define PROCESS_ENTRIES_AT   0x8000000000000000ull
#define PROCESS_ENTRIES_SPAN 0x1000000000ull

/* Find the unwind table of a module: true if module->table is good. */
bool process_locate(struct process *process, struct module_files *files, struct module *module);

#endif
