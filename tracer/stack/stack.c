#include "stack/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libunwind-ptrace.h>

#include "base/clock.h"
#include "stack/process.h"

enum { PROCESSES_MAX = 64 };

/*
 * Words that one stack may make us look at, and processor time that it may take. Unwind information
 * and symbols are data of the tracee: they can describe endless loops and gigabytes of nothing. A
 * process that does so again and again is not looked at any more, as everybody waits meanwhile.
 */
enum {
	WORDS_MAX = 1 << 20,
	CHECK_WORDS = 1 << 12,
	TIME_MAX_NS = 1000 * 1000 * 1000,
	FAILURES_MAX = 3
};

struct stack {
	struct process *processes;
	unsigned n_processes;
	uint64_t clock;
	struct module_files files;
};

/* What libunwind's questions are answered from, while one stack is walked. */
struct walk {
	struct stack *stack;
	struct process *process;
	pid_t tid;
	void *registers; /* libunwind-ptrace's */
	unsigned n_words;
	uint64_t end_ns; /* CLOCK_THREAD_CPUTIME_ID */
	bool has_refreshed;
	bool is_over; /* more than one stack may take: the rest is not known */
};

/* From libunwind-x86_64; its headers do not declare what unwinders of other processes need. */
extern int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t ip,
					      unw_dyn_info_t *table, unw_proc_info_t *info,
					      int is_info_wanted, void *arg);

/* The module of an address; mappings that the caller does not know of yet are looked for once. */
static struct module *module_of(struct walk *walk, uint64_t addr)
{
	struct module *module = process_module(walk->process, addr);

	if (module || walk->has_refreshed)
		return module;
	walk->has_refreshed = true;
	/* Code that is in no file needs no second look: it was there before. */
	if (maps_find(&walk->process->maps, addr) || process_refresh(walk->process, walk->tid) < 0)
		return NULL;
	return process_module(walk->process, addr);
}

static int find_proc_info(unw_addr_space_t space, unw_word_t ip, unw_proc_info_t *info,
			  int is_info_wanted, void *arg)
{
	struct walk *walk = arg;
	struct module *module = module_of(walk, ip);
	unw_dyn_info_t table;

	if (!module || !process_locate(walk->process, &walk->stack->files, walk->tid, module))
		return -UNW_ENOINFO;
	table = module->table;
	return UNW_OBJ(dwarf_search_unwind_table)(space, ip, &table, info, is_info_wanted, arg);
}

static void put_unwind_info(unw_addr_space_t space, unw_proc_info_t *info, void *arg)
{
	(void)space;
	(void)info;
	(void)arg;
}

static int get_dyn_info_list_addr(unw_addr_space_t space, unw_word_t *ret_addr, void *arg)
{
	(void)space;
	(void)ret_addr;
	(void)arg;
	return -UNW_ENOINFO;
}

/* A word of a table of ours. */
static int read_entries(const struct process *process, uint64_t addr, unw_word_t *ret_word)
{
	uint64_t i = (addr - PROCESS_ENTRIES_AT) / PROCESS_ENTRIES_SPAN;
	uint64_t offset = (addr - PROCESS_ENTRIES_AT) % PROCESS_ENTRIES_SPAN;
	const struct module *module = i < process->n_modules ? &process->modules[i] : NULL;

	if (!module || offset + sizeof(*ret_word) > module->n_entries * sizeof(*module->entries))
		return -UNW_EINVAL;
	memcpy(ret_word, (const uint8_t *)module->entries + offset, sizeof(*ret_word));
	return 0;
}

static bool is_too_much(struct walk *walk)
{
	if (++walk->n_words > WORDS_MAX ||
	    (walk->n_words % CHECK_WORDS == 0 && clock_ns(CLOCK_THREAD_CPUTIME_ID) > walk->end_ns))
		walk->is_over = true;
	return walk->is_over;
}

static int access_mem(unw_addr_space_t space, unw_word_t addr, unw_word_t *word, int is_write,
		      void *arg)
{
	struct walk *walk = arg;

	(void)space;
	if (is_write || is_too_much(walk))
		return -UNW_EINVAL;
	if (addr >= PROCESS_ENTRIES_AT)
		return read_entries(walk->process, addr, word);
	if (process_read(walk->process, walk->tid, addr, word, sizeof(*word)) < 0)
		return -UNW_EINVAL;
	return 0;
}

static int access_reg(unw_addr_space_t space, unw_regnum_t reg, unw_word_t *value, int is_write,
		      void *arg)
{
	struct walk *walk = arg;

	return is_write ? -UNW_EREADONLYREG
			: _UPT_access_reg(space, reg, value, 0, walk->registers);
}

static int access_fpreg(unw_addr_space_t space, unw_regnum_t reg, unw_fpreg_t *value, int is_write,
			void *arg)
{
	(void)space;
	(void)reg;
	(void)value;
	(void)is_write;
	(void)arg;
	return -UNW_EBADREG;
}

static int resume(unw_addr_space_t space, unw_cursor_t *cursor, void *arg)
{
	(void)space;
	(void)cursor;
	(void)arg;
	return -UNW_EINVAL;
}

static int get_proc_name(unw_addr_space_t space, unw_word_t addr, char *name, size_t len,
			 unw_word_t *offset, void *arg)
{
	(void)space;
	(void)addr;
	(void)name;
	(void)len;
	(void)offset;
	(void)arg;
	return -UNW_ENOINFO;
}

static unw_accessors_t accessors = {
	.find_proc_info = find_proc_info,
	.put_unwind_info = put_unwind_info,
	.get_dyn_info_list_addr = get_dyn_info_list_addr,
	.access_mem = access_mem,
	.access_reg = access_reg,
	.access_fpreg = access_fpreg,
	.resume = resume,
	.get_proc_name = get_proc_name,
};

struct stack *stack_create(void)
{
	struct stack *stack = calloc(1, sizeof(*stack));

	if (!stack)
		abort();
	return stack;
}

static void drop(struct stack *stack, struct process *process)
{
	HASH_DEL(stack->processes, process);
	stack->n_processes--;
	process_destroy(process);
}

void stack_destroy(struct stack *stack)
{
	struct process *process, *next;

	if (!stack)
		return;
	HASH_ITER (hh, stack->processes, process, next)
		drop(stack, process);
	module_files_finish(&stack->files);
	free(stack);
}

static struct process *process_find(struct stack *stack, pid_t tgid)
{
	struct process *process;

	HASH_FIND_INT(stack->processes, &tgid, process);
	return process;
}

void stack_invalidate(struct stack *stack, pid_t tgid)
{
	struct process *process = process_find(stack, tgid);

	if (process) {
		process->is_stale = true;
		process->n_failures = 0;
	}
}

void stack_forget(struct stack *stack, pid_t tgid)
{
	struct process *process = process_find(stack, tgid);

	if (process)
		drop(stack, process);
}

static void drop_oldest(struct stack *stack)
{
	struct process *process, *next, *oldest = stack->processes;

	HASH_ITER (hh, stack->processes, process, next) {
		if (process->last_used < oldest->last_used)
			oldest = process;
	}
	drop(stack, oldest);
}

static struct process *process_get(struct stack *stack, pid_t tgid)
{
	struct process *process = process_find(stack, tgid);

	if (!process) {
		if (stack->n_processes >= PROCESSES_MAX)
			drop_oldest(stack);
		process = process_create(tgid, &accessors);
		if (!process)
			abort();
		HASH_ADD_INT(stack->processes, tgid, process);
		stack->n_processes++;
	}
	process->last_used = ++stack->clock;
	return process;
}

static ssize_t read_vdso(void *data, void *buf, size_t len, uint64_t offset)
{
	struct walk *walk = data;
	uint64_t start = 0;

	for (size_t i = 0; i < walk->process->n_modules; i++) {
		if (walk->process->modules[i].is_vdso)
			start = walk->process->modules[i].start;
	}
	if (process_read(walk->process, walk->tid, start + offset, buf, len) < 0)
		return -EFAULT;
	return (ssize_t)len;
}

static struct elf_image *image_of(struct walk *walk, struct module *module,
				  const struct mapping *mapping)
{
	struct elf_source source = { read_vdso, walk, module->end - module->start };

	if (!module->is_vdso)
		return module_files_get(&walk->stack->files, walk->tid, &walk->process->maps,
					mapping);
	if (!module->image)
		elf_image_load(&source, &module->image);
	return module->image;
}

/* lookup: an address in the instruction that the frame is at; ip is behind it if that is a call. */
static void add_frame(struct walk *walk, struct event *ev, uint64_t ip, uint64_t lookup)
{
	struct module *module = module_of(walk, lookup);
	const struct mapping *mapping = maps_find(&walk->process->maps, lookup);
	const char *symbol = NULL;
	uint64_t offset = 0, file_offset, vaddr;
	struct event_frame *frame;
	struct elf_image *image;

	if (module && mapping) {
		file_offset = lookup - mapping->start + mapping->offset;
		offset = ip - mapping->start + mapping->offset;
		image = image_of(walk, module, mapping);
		if (image && elf_image_vaddr(image, file_offset, &vaddr) == 0)
			symbol = elf_image_symbol(image, vaddr, &vaddr);
		if (symbol)
			offset = vaddr + (ip - lookup);
	}
	frame = event_add_frame(ev, mapping ? mapping_path(&walk->process->maps, mapping) : NULL,
				symbol);
	frame->ip = ip;
	frame->offset = offset;
}

static unsigned add_frames(struct walk *walk, struct event *ev, unw_cursor_t *cursor,
			   unsigned max_frames)
{
	bool was_signal_frame = true; /* nothing was called by the first */
	unsigned n = 0;
	unw_word_t ip;

	while (n < max_frames && !walk->is_over && unw_get_reg(cursor, UNW_REG_IP, &ip) == 0 &&
	       ip) {
		bool is_signal_frame = unw_is_signal_frame(cursor) > 0;
		bool is_exact = is_signal_frame || was_signal_frame;

		add_frame(walk, ev, ip, is_exact ? ip : ip - 1);
		n++;
		was_signal_frame = is_signal_frame;
		/* Names cost time, too. */
		if (clock_ns(CLOCK_THREAD_CPUTIME_ID) > walk->end_ns)
			walk->is_over = true;
		if (walk->is_over || unw_step(cursor) <= 0)
			break;
	}
	return n;
}

/* The rest is not known: a frame without an address stands for it. */
static int add_failure(struct walk *walk, struct event *ev, int n)
{
	event_add_frame(ev, NULL, NULL);
	walk->process->n_failures++;
	return n + 1;
}

int stack_capture(struct stack *stack, struct event *ev, pid_t tid, pid_t tgid, unsigned max_frames)
{
	struct walk walk = { .stack = stack, .tid = tid };
	unw_cursor_t cursor;
	unw_word_t sp;
	int result;

	if (ev->arch && event_word_len(ev) == 4)
		return -ENOTSUP;
	walk.process = process_get(stack, tgid);
	if (walk.process->n_failures >= FAILURES_MAX)
		return add_failure(&walk, ev, 0);
	walk.end_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) + TIME_MAX_NS;
	if (walk.process->is_stale && process_refresh(walk.process, tid) < 0)
		return -ESRCH;
	if (walk.process->is_32bit)
		return -ENOTSUP;
	walk.registers = _UPT_create(tid);
	if (!walk.registers)
		abort();
	if (max_frames > STACK_FRAMES_MAX)
		max_frames = STACK_FRAMES_MAX;
	if (unw_init_remote(&cursor, walk.process->space, &walk) < 0 ||
	    unw_get_reg(&cursor, UNW_REG_SP, &sp) < 0) {
		result = -ESRCH;
	} else {
		pages_begin(&walk.process->pages, tid, sp);
		result = (int)add_frames(&walk, ev, &cursor, max_frames);
		if (walk.is_over)
			result = add_failure(&walk, ev, result);
	}
	_UPT_destroy(walk.registers);
	return result;
}
