#include "stack/unwinder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libunwind.h>

#include "base/clock.h"
#include "stack/process.h"
#include "stack/protocol.h"

enum { PROCESSES_MAX = 64 };

/*
 * Words that one stack may make us look at, and processor time that it may take. Unwind information
 * and symbols are data of the tracee: they can describe endless loops and gigabytes of nothing.
 */
enum { WORDS_MAX = 1 << 20, CHECK_WORDS = 1 << 12, TIME_MAX_NS = 1000 * 1000 * 1000 };

struct unwinder {
	const struct asking *asking;
	struct process *processes;
	unsigned n_processes;
	uint64_t clock;
	struct module_files files;
	unw_accessors_t accessors;
	struct buf message; /* struct told and what follows it, not sent yet */
	struct buf names; /* of those frames */
};

/* What libunwind's questions are answered from, while one stack is walked. */
struct walk {
	struct unwinder *unwinder;
	struct process *process;
	const uint64_t *registers;
	unsigned n_words;
	uint64_t begin_ns; /* CLOCK_MONOTONIC */
	uint64_t end_ns; /* CLOCK_THREAD_CPUTIME_ID */
	bool has_refreshed;
	bool is_over; /* more than one stack may take: the rest is not known */
};

/* From libunwind-x86_64; its headers do not declare what unwinders of other processes need. */
extern int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t ip,
					      unw_dyn_info_t *table, unw_proc_info_t *info,
					      int is_info_wanted, void *arg);

/* --- telling --- */

static struct told *told_of(struct unwinder *unwinder)
{
	return (struct told *)unwinder->message.data;
}

static void begin_message(struct unwinder *unwinder)
{
	struct told told = { .kind = TELL_FRAMES };

	buf_clear(&unwinder->message);
	buf_clear(&unwinder->names);
	buf_add(&unwinder->message, &told, sizeof(told));
}

/* The frames so far: the tracer reads their mappings' numbers as of now. */
static void send_message(struct unwinder *unwinder)
{
	buf_add(&unwinder->message, unwinder->names.data, unwinder->names.len);
	if (send(unwinder->asking->fd, unwinder->message.data, unwinder->message.len,
		 MSG_NOSIGNAL) != (ssize_t)unwinder->message.len)
		_exit(0);
	begin_message(unwinder);
}

static void tell_frame(struct unwinder *unwinder, struct told_frame frame, const char *symbol)
{
	static const char cut[] = "...";
	size_t len = symbol ? strlen(symbol) : 0, kept = len;

	if (len > SYMBOL_MAX) {
		len = SYMBOL_MAX;
		kept = len - strlen(cut);
	}

	if (unwinder->message.len + unwinder->names.len + sizeof(frame) + len > MESSAGE_MAX)
		send_message(unwinder);
	frame.symbol_len = (uint32_t)len;
	buf_add(&unwinder->message, &frame, sizeof(frame));
	buf_add(&unwinder->names, symbol, kept);
	buf_add(&unwinder->names, cut, len - kept);
	told_of(unwinder)->n_frames++;
}

static void tell_end(struct unwinder *unwinder, int error, bool is_over)
{
	told_of(unwinder)->is_last = true;
	told_of(unwinder)->is_over = is_over;
	told_of(unwinder)->error = error;
	send_message(unwinder);
}

/* --- what libunwind asks --- */

/* The mappings are others now: what was told of frames has to arrive before. */
static int refresh(struct walk *walk)
{
	if (told_of(walk->unwinder)->n_frames)
		send_message(walk->unwinder);
	return process_refresh(walk->process);
}

/* The module of an address; mappings that the caller does not know of yet are looked for once. */
static struct module *module_of(struct walk *walk, uint64_t addr)
{
	struct module *module = process_module(walk->process, addr);

	if (module || walk->has_refreshed)
		return module;
	walk->has_refreshed = true;
	/* Code that is in no file needs no second look: it was there before. */
	if (maps_find(&walk->process->maps, addr) || refresh(walk) < 0)
		return NULL;
	return process_module(walk->process, addr);
}

static int find_proc_info(unw_addr_space_t space, unw_word_t ip, unw_proc_info_t *info,
			  int is_info_wanted, void *arg)
{
	struct walk *walk = arg;
	struct module *module = module_of(walk, ip);
	unw_dyn_info_t table;

	if (!module || !process_locate(walk->process, &walk->unwinder->files, module))
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

/* Who has taken no such time at all has not computed for as long: that clock costs a system call. */
static bool is_late(const struct walk *walk)
{
	return clock_ns(CLOCK_MONOTONIC) - walk->begin_ns > TIME_MAX_NS &&
	       clock_ns(CLOCK_THREAD_CPUTIME_ID) > walk->end_ns;
}

static bool is_too_much(struct walk *walk)
{
	if (++walk->n_words > WORDS_MAX || (walk->n_words % CHECK_WORDS == 0 && is_late(walk)))
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
	if (process_read(walk->process, addr, word, sizeof(*word)) < 0)
		return -UNW_EINVAL;
	return 0;
}

static int access_reg(unw_addr_space_t space, unw_regnum_t reg, unw_word_t *value, int is_write,
		      void *arg)
{
	struct walk *walk = arg;

	(void)space;
	if (is_write)
		return -UNW_EREADONLYREG;
	if (reg < 0 || reg >= REGISTERS)
		return -UNW_EBADREG;
	*value = walk->registers[reg];
	return 0;
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

static const unw_accessors_t accessors = {
	.find_proc_info = find_proc_info,
	.put_unwind_info = put_unwind_info,
	.get_dyn_info_list_addr = get_dyn_info_list_addr,
	.access_mem = access_mem,
	.access_reg = access_reg,
	.access_fpreg = access_fpreg,
	.resume = resume,
	.get_proc_name = get_proc_name,
};

/* --- what is known of processes --- */

static void drop(struct unwinder *unwinder, struct process *process)
{
	HASH_DEL(unwinder->processes, process);
	unwinder->n_processes--;
	process_destroy(process);
}

static struct process *process_find(struct unwinder *unwinder, uint64_t id)
{
	struct process *process;

	HASH_FIND(hh, unwinder->processes, &id, sizeof(id), process);
	return process;
}

static void drop_oldest(struct unwinder *unwinder)
{
	struct process *process, *next, *oldest = unwinder->processes;

	HASH_ITER (hh, unwinder->processes, process, next) {
		if (process->last_used < oldest->last_used)
			oldest = process;
	}
	drop(unwinder, oldest);
}

static struct process *process_get(struct unwinder *unwinder, uint64_t id)
{
	struct process *process = process_find(unwinder, id);

	if (!process) {
		if (unwinder->n_processes >= PROCESSES_MAX)
			drop_oldest(unwinder);
		process = process_create(id, unwinder->asking, &unwinder->accessors);
		if (!process)
			abort();
		HASH_ADD(hh, unwinder->processes, id, sizeof(process->id), process);
		unwinder->n_processes++;
	}
	process->last_used = ++unwinder->clock;
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
	if (process_read(walk->process, start + offset, buf, len) < 0)
		return -EFAULT;
	return (ssize_t)len;
}

static struct elf_image *image_of(struct walk *walk, struct module *module,
				  const struct mapping *mapping)
{
	struct elf_source source = { read_vdso, walk, module->end - module->start };

	if (!module->is_vdso)
		return module_files_get(&walk->unwinder->files, walk->process->asking,
					&walk->process->maps, mapping);
	if (!module->image)
		elf_image_load(&source, &module->image);
	return module->image;
}

/* lookup: an address in the instruction that the frame is at; ip is behind it if that is a call. */
static void add_frame(struct walk *walk, uint64_t ip, uint64_t lookup)
{
	struct module *module = module_of(walk, lookup);
	const struct mapping *mapping = maps_find(&walk->process->maps, lookup);
	const char *symbol = NULL;
	uint64_t offset = 0, file_offset, vaddr;
	struct told_frame frame = { .ip = ip, .mapping = NO_MAPPING };
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
	if (mapping)
		frame.mapping = (uint32_t)(mapping - walk->process->maps.items);
	frame.offset = offset;
	tell_frame(walk->unwinder, frame, symbol);
}

static void add_frames(struct walk *walk, unw_cursor_t *cursor, unsigned max_frames)
{
	bool was_signal_frame = true; /* nothing was called by the first */
	unsigned n = 0;
	unw_word_t ip;

	while (n < max_frames && !walk->is_over && unw_get_reg(cursor, UNW_REG_IP, &ip) == 0 &&
	       ip) {
		bool is_signal_frame = unw_is_signal_frame(cursor) > 0;
		bool is_exact = is_signal_frame || was_signal_frame;

		add_frame(walk, ip, is_exact ? ip : ip - 1);
		n++;
		was_signal_frame = is_signal_frame;
		/* Names cost time, too. */
		if (is_late(walk))
			walk->is_over = true;
		if (walk->is_over || unw_step(cursor) <= 0)
			break;
	}
}

/* 0, -ESRCH, -ENOTSUP; frames are told. */
static int unwind(struct walk *walk, const struct order *order)
{
	struct process *process = walk->process;
	unw_cursor_t cursor;

	process->is_stale |= order->is_stale;
	if (process->is_stale && process_refresh(process) < 0)
		return -ESRCH;
	if (process->is_32bit)
		return -ENOTSUP;
	pages_begin(&process->pages, walk->unwinder->asking->area + STACK_AT, order->stack_addr,
		    order->stack_len);
	if (unw_init_remote(&cursor, process->space, walk) < 0)
		return -ESRCH;
	add_frames(walk, &cursor, order->max_frames);
	return 0;
}

static void obey(struct unwinder *unwinder, const struct order *order)
{
	struct walk walk = {
		.unwinder = unwinder,
		.registers = order->registers,
		.begin_ns = clock_ns(CLOCK_MONOTONIC),
		.end_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) + TIME_MAX_NS,
	};
	struct process *process;
	int error;

	if (order->kind == ORDER_FORGET) {
		process = process_find(unwinder, order->process);
		if (process)
			drop(unwinder, process);
		return;
	}
	walk.process = process_get(unwinder, order->process);
	begin_message(unwinder);
	error = unwind(&walk, order);
	tell_end(unwinder, error, walk.is_over);
}

_Noreturn void unwinder_run(const struct asking *asking)
{
	struct unwinder unwinder = { .asking = asking, .accessors = accessors };
	struct order order;

	while (recv(asking->fd, &order, sizeof(order), 0) == sizeof(order))
		obey(&unwinder, &order);
	_exit(0);
}
