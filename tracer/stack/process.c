#include "stack/process.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { PHDRS_MAX = 64, PE_DATAREL_SDATA4 = 0x3b, PE_PCREL_SDATA4 = 0x1b, PE_UDATA4 = 0x03 };

struct process *process_create(uint64_t id, const struct asking *asking, unw_accessors_t *accessors)
{
	struct process *process = calloc(1, sizeof(*process));

	if (!process)
		abort();
	process->id = id;
	process->asking = asking;
	process->is_stale = true;
	process->space = unw_create_addr_space(accessors, 0);
	if (!process->space) {
		free(process);
		return NULL;
	}
	unw_set_caching_policy(process->space, UNW_CACHE_GLOBAL);
	return process;
}

static void forget_modules(struct process *process)
{
	for (size_t i = 0; i < process->n_modules; i++) {
		free(process->modules[i].entries);
		elf_image_destroy(process->modules[i].image);
	}
	process->n_modules = 0;
}

void process_destroy(struct process *process)
{
	if (!process)
		return;
	forget_modules(process);
	free(process->modules);
	maps_finish(&process->maps);
	pages_finish(&process->pages);
	unw_destroy_addr_space(process->space);
	free(process);
}

static bool is_vdso(const struct maps *maps, const struct mapping *mapping)
{
	return !mapping->ino && strcmp(mapping_path(maps, mapping), "[vdso]") == 0;
}

static void add_module(struct process *process, const struct mapping *mapping)
{
	process->modules = array_grow(process->modules, process->n_modules, &process->cap_modules,
				      sizeof(*process->modules));
	process->modules[process->n_modules++] =
		(struct module){ .start = mapping->start,
				 .end = mapping->end,
				 .is_vdso = is_vdso(&process->maps, mapping) };
}

/* A module begins where a file's offset 0 is, and goes on with more of the same file. */
static void find_modules(struct process *process)
{
	const struct mapping *last = NULL;

	forget_modules(process);
	for (size_t i = 0; i < process->maps.n; i++) {
		const struct mapping *mapping = &process->maps.items[i];

		if (!mapping->ino && !is_vdso(&process->maps, mapping))
			continue;
		if (last && mapping->ino && last->dev == mapping->dev &&
		    last->ino == mapping->ino && mapping->offset)
			process->modules[process->n_modules - 1].end = mapping->end;
		else
			add_module(process, mapping);
		last = mapping;
	}
}

static bool is_32bit(struct process *process)
{
	uint8_t ident[EI_NIDENT];

	return process->n_modules &&
	       process_read(process, process->modules[0].start, ident, sizeof(ident)) == 0 &&
	       memcmp(ident, ELFMAG, SELFMAG) == 0 && ident[EI_CLASS] == ELFCLASS32;
}

int process_refresh(struct process *process)
{
	struct buf text = { 0 };
	struct maps maps = { 0 };
	int error = asking_maps(process->asking, &text);
	bool is_same;

	if (!error)
		maps_parse(&maps, &text);
	buf_finish(&text);
	if (error < 0)
		return error;
	is_same = process->n_modules && maps_same_files(&maps, &process->maps);
	maps_finish(&process->maps);
	process->maps = maps;
	process->is_stale = false;
	if (is_same)
		return 0;
	pages_finish(&process->pages);
	unw_flush_cache(process->space, 0, 0);
	find_modules(process);
	process->is_32bit = is_32bit(process);
	return 0;
}

struct module *process_module(struct process *process, uint64_t addr)
{
	size_t low = 0, high = process->n_modules;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (process->modules[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == process->n_modules || process->modules[low].start > addr)
		return NULL;
	return &process->modules[low];
}

int process_read(struct process *process, uint64_t addr, void *buf, size_t len)
{
	const struct mapping *mapping = maps_find(&process->maps, addr);
	bool is_stable = mapping && !mapping->is_writable &&
			 (mapping->ino || is_vdso(&process->maps, mapping));

	return pages_read(&process->pages, process->asking, addr, buf, len,
			  is_stable ? mapping->end : 0);
}

/*
 * The table that .eh_frame_hdr at addr holds, if it is of the one form that linkers make.
 * Source: Linux Standard Base, "The .eh_frame_hdr section".
 */
static bool use_header(struct process *process, struct module *module, uint64_t addr)
{
	struct {
		uint8_t version, frame_enc, count_enc, table_enc;
		int32_t frame;
		uint32_t count;
	} header;

	if (process_read(process, addr, &header, sizeof(header)) < 0 || header.version != 1 ||
	    header.frame_enc != PE_PCREL_SDATA4 || header.count_enc != PE_UDATA4 ||
	    header.table_enc != PE_DATAREL_SDATA4)
		return false;
	module->table.u.rti.segbase = addr;
	module->table.u.rti.table_data = addr + sizeof(header);
	module->table.u.rti.table_len =
		header.count * sizeof(struct elf_unwind_entry) / sizeof(unw_word_t);
	return true;
}

/* A table of our own, from the file. bias: what addresses in the process are higher by. */
static bool use_file(struct process *process, struct module_files *files, struct module *module,
		     uint64_t bias)
{
	const struct mapping *mapping = maps_find(&process->maps, module->start);
	const struct elf_unwind_entry *entries = NULL;
	struct elf_image *image;
	size_t n;

	image = mapping ? module_files_get(files, process->asking, &process->maps, mapping) : NULL;
	n = image ? module_files_unwind(image, process->asking, &process->maps, mapping, &entries)
		  : 0;
	if (!n)
		return false;
	module->entries = malloc(n * sizeof(*entries));
	if (!module->entries)
		abort();
	memcpy(module->entries, entries, n * sizeof(*entries));
	module->n_entries = n;
	module->table.u.rti.segbase = elf_image_unwind_base(image) + bias;
	module->table.u.rti.table_data =
		PROCESS_ENTRIES_AT + (uint64_t)(module - process->modules) * PROCESS_ENTRIES_SPAN;
	module->table.u.rti.table_len = n * sizeof(*entries) / sizeof(unw_word_t);
	return true;
}

bool process_locate(struct process *process, struct module_files *files, struct module *module)
{
	Elf64_Phdr phdrs[PHDRS_MAX];
	uint64_t bias = 0, header_addr = 0;
	bool has_bias = false;
	Elf64_Ehdr ehdr;

	if (module->is_located)
		return module->has_table;
	module->is_located = true;
	if (process_read(process, module->start, &ehdr, sizeof(ehdr)) < 0 ||
	    memcmp(ehdr.e_ident, ELFMAG, SELFMAG) != 0 || ehdr.e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr.e_phentsize != sizeof(*phdrs) || ehdr.e_phnum > PHDRS_MAX ||
	    process_read(process, module->start + ehdr.e_phoff, phdrs,
			 ehdr.e_phnum * sizeof(*phdrs)) < 0)
		return false;
	for (unsigned i = 0; i < ehdr.e_phnum; i++) {
		if (phdrs[i].p_type == PT_LOAD && !has_bias) {
			bias = module->start - ((phdrs[i].p_vaddr - phdrs[i].p_offset) & ~4095ull);
			has_bias = true;
		} else if (phdrs[i].p_type == PT_GNU_EH_FRAME) {
			header_addr = phdrs[i].p_vaddr;
		}
	}
	module->table.format = UNW_INFO_FORMAT_REMOTE_TABLE;
	module->table.start_ip = module->start;
	module->table.end_ip = module->end;
	module->has_table =
		has_bias && ((header_addr && use_header(process, module, bias + header_addr)) ||
			     (!module->is_vdso && use_file(process, files, module, bias)));
	return module->has_table;
}
