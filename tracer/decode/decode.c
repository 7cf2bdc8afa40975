#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "decode/families.h"
#include "decode/syscalls.h"
#include "decode/types/types.h"

/* The open or last call of one thread. */
struct thread {
	pid_t tid;
	bool is_open;
	struct call call;
	struct arena arena;
	UT_hash_handle hh;
};

enum { NR_SLOTS = SYSCALL_NR_MAX, MAX_ARCHS = 4 };

/* Rows by number, made when an architecture is first seen. */
struct arch_index {
	uint32_t arch;
	bool is_x32;
	const struct call_spec *specs[NR_SLOTS];
};

struct decoder {
	struct decode_options options;
	struct thread *threads;
	struct thread
		*gone; /* no longer one of them: its last call is valid until the next event */
	struct arch_index *archs[MAX_ARCHS];
	unsigned n_archs;
	struct arena names; /* of rows for calls that no family has */
	struct arena scratch; /* of decoding that only gathers */
	struct layouts *layouts;
};

/* What a call without a row looks like: six numbers. */
#define HEX_ARGS                                                                                   \
	{                                                                                          \
		{ "a0", &type_addr }, { "a1", &type_addr }, { "a2", &type_addr },                  \
			{ "a3", &type_addr }, { "a4", &type_addr }, { "a5", &type_addr },          \
	}

static const struct call_spec unknown_spec = { NULL, RET_INT, .args = HEX_ARGS };

struct decoder *decoder_create(const struct decode_options *options)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return NULL;
	decoder->options = *options;
	decoder->layouts = layouts_create();
	return decoder;
}

static void thread_free(struct thread *thread)
{
	if (!thread)
		return;
	arena_finish(&thread->arena);
	free(thread);
}

static void thread_destroy(struct decoder *decoder, struct thread *thread)
{
	HASH_DEL(decoder->threads, thread);
	thread_free(thread);
}

void decoder_destroy(struct decoder *decoder)
{
	struct thread *thread, *next;

	if (!decoder)
		return;
	HASH_ITER (hh, decoder->threads, thread, next)
		thread_destroy(decoder, thread);
	thread_free(decoder->gone);
	for (unsigned i = 0; i < decoder->n_archs; i++)
		free(decoder->archs[i]);
	arena_finish(&decoder->names);
	arena_finish(&decoder->scratch);
	layouts_destroy(decoder->layouts);
	free(decoder);
}

/* A row for a call that has a name but no row of its own. */
static const struct call_spec *plain_spec(struct decoder *decoder, const char *name)
{
	struct call_spec *spec = arena_new(&decoder->names, struct call_spec);

	memcpy(spec, &unknown_spec, sizeof(*spec));
	spec->name = name;
	return spec;
}

static struct arch_index *index_create(struct decoder *decoder, uint32_t arch, bool is_x32)
{
	struct arch_index *index = calloc(1, sizeof(*index));

	if (!index)
		abort();
	index->arch = arch;
	index->is_x32 = is_x32;
	for (uint64_t nr = 0; nr < NR_SLOTS; nr++) {
		uint64_t full = is_x32 ? nr | 0x40000000 : nr;
		const char *name = syscall_name(&decoder->names, arch, full);

		if (!name)
			continue;
		index->specs[nr] = families_find(name);
		if (!index->specs[nr])
			index->specs[nr] = plain_spec(decoder, name);
	}
	return index;
}

const struct call_spec *decoder_spec(struct decoder *decoder, uint32_t arch, uint64_t nr)
{
	bool is_x32 = (nr & 0x40000000) != 0 && nr < 0x40000000 + NR_SLOTS;
	uint64_t slot = is_x32 ? nr - 0x40000000 : nr;

	if (slot >= NR_SLOTS)
		return NULL;
	for (unsigned i = 0; i < decoder->n_archs; i++) {
		const struct arch_index *index = decoder->archs[i];

		if (index->arch == arch && index->is_x32 == is_x32)
			return index->specs[slot];
	}
	if (decoder->n_archs == MAX_ARCHS)
		return NULL;
	decoder->archs[decoder->n_archs] = index_create(decoder, arch, is_x32);
	return decoder->archs[decoder->n_archs++]->specs[slot];
}

const struct call_spec *decoder_refine(struct decoder *decoder, const struct event *ev)
{
	const struct call_spec *spec = decoder_spec(decoder, ev->arch, ev->nr);

	while (spec && spec->refine) {
		const struct call_spec *finer = spec->refine(ev, decoder->options.is_strace);

		if (!finer || finer == spec)
			break;
		spec = finer;
	}
	return spec ? spec : &unknown_spec;
}

static unsigned count_args(const struct call_spec *spec)
{
	unsigned n = 0;

	while (n < DECODE_ARGS_MAX && spec->args[n].name)
		n++;
	return n;
}

/* Is the argument's memory looked at in this event? */
static bool is_shown_now(const struct slot *slot, const struct event *ev)
{
	if (slot->is_hidden)
		return false;
	if (ev->kind == EVENT_ENTER)
		return slot->dir != DIR_OUT && slot->dir != DIR_EXIT;
	if (ev->is_blind && slot->dir == DIR_IN)
		return true;
	return slot->dir == DIR_EXIT || slot->dir == DIR_BOTH ||
	       (slot->dir != DIR_IN && !ev->is_error);
}

static struct decode decode_begin(struct decoder *decoder, const struct mem *mem,
				  struct arena *arena, const uint64_t *raw)
{
	return (struct decode){
		.mem = *mem,
		.layouts = decoder->layouts,
		.arena = arena,
		.options = &decoder->options,
		.ev = mem->ev,
		.word_len = event_word_len(mem->ev),
		.is_exit = mem->ev->kind == EVENT_EXIT,
		.siblings = raw,
		.n_siblings = DECODE_ARGS_MAX,
	};
}

/* Arguments that the second register points to; those that cannot be read are 0. */
static void indirect_args(const struct mem *mem, unsigned n, uint64_t raw[DECODE_ARGS_MAX])
{
	unsigned word_len = event_word_len(mem->ev);
	uint64_t addr = word_len == 4 ? (uint32_t)mem->ev->args[1] : mem->ev->args[1];
	uint8_t words[DECODE_ARGS_MAX * 8] = { 0 };

	if (n)
		mem_read(mem, addr, words, n * word_len);
	for (unsigned i = 0; i < DECODE_ARGS_MAX; i++)
		raw[i] = decode_number(words + i * word_len, word_len);
}

/* Registers as the kernel saw them: 32 bits of them for a 32-bit caller; in the row's order. */
static void raw_args(const struct mem *mem, const struct call_spec *spec,
		     uint64_t raw[DECODE_ARGS_MAX])
{
	uint64_t mask = event_word_len(mem->ev) == 4 ? UINT32_MAX : UINT64_MAX;
	unsigned n = spec->regs ? count_args(spec) : DECODE_ARGS_MAX;

	if (spec->is_indirect) {
		indirect_args(mem, count_args(spec), raw);
		return;
	}
	for (unsigned i = 0; i < DECODE_ARGS_MAX; i++)
		raw[i] = i < n ? mem->ev->args[spec->regs ? spec->regs[i] : i] & mask : 0;
}

static bool is_nested(const struct type *type, unsigned depth)
{
	if (!type || depth > 8)
		return false;
	if (type->is_nested)
		return true;
	for (const struct slot *field = type->fields; field && field->name; field++) {
		if (field->type->reach || is_nested(field->type, depth + 1) ||
		    is_nested(field->elem, depth + 1))
			return true;
	}
	return false;
}

/* What the words behind the result ask for. */
static void gather_aux(struct decode *d, const struct call_spec *spec,
		       const uint64_t raw[DECODE_ARGS_MAX])
{
	struct call call = {
		.spec = spec, .ret = d->ev->ret, .is_error = d->ev->is_error, .arena = d->arena
	};

	memcpy(call.raw, raw, sizeof(call.raw));
	spec->aux(d, &call);
}

void decoder_gather(struct decoder *decoder, struct mem *mem)
{
	const struct call_spec *spec = decoder_refine(decoder, mem->ev);
	struct event_range wanted[DECODE_ARGS_MAX];
	uint64_t raw[DECODE_ARGS_MAX];
	bool nested[DECODE_ARGS_MAX] = { false };
	bool has_nested = false;
	struct decode d;
	size_t n = 0;

	raw_args(mem, spec, raw);
	d = decode_begin(decoder, mem, &decoder->scratch, raw);
	for (unsigned i = 0; i < DECODE_ARGS_MAX && spec->args[i].name; i++) {
		const struct slot *slot = &spec->args[i];
		size_t len;

		if (!is_shown_now(slot, mem->ev))
			continue;
		nested[i] = is_nested(slot->type, 0) || is_nested(slot->elem, 0);
		has_nested |= nested[i];
		len = slot->type->reach ? slot->type->reach(&d, slot, raw[i]) : 0;
		if (len && raw[i])
			wanted[n++] = (struct event_range){ .addr = raw[i], .len = (uint32_t)len };
	}
	if (n)
		mem->live->prefetch(mem->live->data, mem->ev, wanted, n);
	if (d.is_exit && spec->ret == RET_FD && !mem->ev->is_error)
		decode_fd(&d, (int32_t)mem->ev->ret);
	if (d.is_exit && spec->aux)
		gather_aux(&d, spec, raw);
	for (unsigned i = 0; has_nested && i < DECODE_ARGS_MAX; i++) {
		struct value value = { 0 };

		if (nested[i])
			spec->args[i].type->show(&d, &spec->args[i], raw[i], &value);
	}
	arena_reset(&decoder->scratch);
}

static struct thread *thread_find(struct decoder *decoder, pid_t tid)
{
	struct thread *thread;

	HASH_FIND_INT(decoder->threads, &tid, thread);
	return thread;
}

static struct thread *thread_get(struct decoder *decoder, pid_t tid)
{
	struct thread *thread = thread_find(decoder, tid);

	if (thread)
		return thread;
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		abort();
	thread->tid = tid;
	HASH_ADD_INT(decoder->threads, tid, thread);
	return thread;
}

/* The call that restart_syscall would go on with after this one, as far as that can be told. */
static const char *interrupted(const struct call *call)
{
	enum { ERESTART_RESTARTBLOCK = 516 };
	bool is_interrupted = call->is_error && call->ret == -ERESTART_RESTARTBLOCK;

	if (!is_interrupted || strcmp(call->name, "restart_syscall") == 0)
		return NULL;
	return call->spec->name;
}

static void call_begin(struct decoder *decoder, struct thread *thread, const struct event *ev)
{
	struct mem mem = { .ev = (struct event *)ev };
	struct call *call = &thread->call;
	const char *resumes = interrupted(call);

	arena_reset(&thread->arena);
	memset(call, 0, sizeof(*call));
	call->resumes = resumes;
	call->arena = &thread->arena;
	call->spec = decoder_refine(decoder, ev);
	call->name = call->spec->name;
	if (!call->name)
		call->name =
			arena_printf(call->arena, "syscall_0x%llx", (unsigned long long)ev->nr);
	if (ev->kind == EVENT_ENTER && ev->code)
		call->resumes = syscall_name(call->arena, ev->arch, (uint64_t)ev->code - 1);
	call->tid = ev->tid;
	call->tgid = ev->tgid;
	call->arch = ev->arch;
	call->nr = ev->nr;
	call->ip = ev->ip;
	call->real_ns = ev->real_ns;
	call->n_args = count_args(call->spec);
	raw_args(&mem, call->spec, call->raw);
	for (unsigned i = 0; i < call->n_args; i++)
		call->arg_names[i] =
			call->spec->args[i].is_hidden ? NULL : call->spec->args[i].name;
	thread->is_open = true;
}

static struct call *apply_enter(struct decoder *decoder, struct thread *thread,
				const struct event *ev)
{
	struct mem mem = { .ev = (struct event *)ev };
	struct call *call = &thread->call;
	struct decode d;

	call_begin(decoder, thread, ev);
	call->state = CALL_ENTERED;
	call->enter_ns = ev->is_blind ? 0 : ev->time_ns;
	d = decode_begin(decoder, &mem, call->arena, call->raw);
	d.call = call;
	for (unsigned i = 0; i < call->n_args; i++) {
		const struct slot *slot = &call->spec->args[i];

		if (is_shown_now(slot, ev))
			slot->type->show(&d, slot, call->raw[i], &call->args[i]);
	}
	return call;
}

/* Fill in what became known of argument i by the return of the call. */
static void arg_exit(struct decode *d, struct call *call, unsigned i)
{
	const struct slot *slot = &call->spec->args[i];
	struct value before = call->args[i];
	struct value after = { 0 };

	if (call->state == CALL_BLIND && slot->dir == DIR_IN && !slot->is_hidden) {
		slot->type->show(d, slot, call->raw[i], &call->args[i]);
		return;
	}
	if (slot->dir == DIR_IN || slot->is_hidden)
		return;
	if (d->ev->is_error && slot->dir != DIR_EXIT && slot->dir != DIR_BOTH) {
		if (slot->dir == DIR_OUT)
			call->args[i] = value_addr(call->raw[i]);
		return;
	}
	slot->type->show(d, slot, call->raw[i], &after);
	if (slot->dir != DIR_INOUT || before.kind == VALUE_NONE || value_equal(&before, &after))
		call->args[i] = after;
	else if (before.kind == VALUE_ARRAY && before.array.n == 1 && after.kind == VALUE_ARRAY &&
		 after.array.n == 1)
		call->args[i] = value_change(d->arena, before.array.items[0], after.array.items[0],
					     CHANGE_BRACKETED);
	else if (before.kind != VALUE_ADDR)
		call->args[i] = value_change(d->arena, before, after, CHANGE_ARROW);
	else
		call->args[i] = after;
}

static struct value show_ret(struct decode *d, const struct call *call)
{
	switch (call->spec->ret) {
	case RET_FD:
		return decode_fd(d, (int32_t)call->ret);
	case RET_PID:
		return value_pid(call->ret);
	case RET_ADDR:
	case RET_HEX:
		return value_hex(d->word_len == 4 ? (uint32_t)call->ret : (uint64_t)call->ret);
	case RET_OCT:
		return value_oct((uint64_t)call->ret);
	case RET_UINT:
		return value_uint((uint64_t)call->ret);
	case RET_NONE:
		return (struct value){ .kind = VALUE_NONE };
	case RET_INT:
	case RET_ZERO:
	case RET_LEN:
		break;
	}
	return value_int(call->ret);
}

static struct call *apply_exit(struct decoder *decoder, struct thread *thread,
			       const struct event *ev)
{
	struct mem mem = { .ev = (struct event *)ev };
	struct call *call = &thread->call;
	/* strace shows what is in the register then: the number of the call. */
	bool is_refused = ev->code == EXIT_REFUSED && !decoder->options.is_strace;
	struct decode d;

	if (!thread->is_open || ev->is_blind) {
		call_begin(decoder, thread, ev);
		call->state = CALL_BLIND;
	} else {
		call->state = CALL_RETURNED;
	}
	if (is_refused)
		call->state = CALL_REFUSED;
	else if (ev->code == EXIT_UNSEEN)
		call->state = CALL_UNSEEN;
	thread->is_open = false;
	call->exit_ns = ev->time_ns;
	call->ret = ev->ret;
	call->is_error = ev->is_error && (is_refused || ev->code != EXIT_REFUSED);
	d = decode_begin(decoder, &mem, call->arena, call->raw);
	d.call = call;
	for (unsigned i = 0; i < call->n_args; i++)
		arg_exit(&d, call, i);
	if (!call->is_error)
		call->ret_value = show_ret(&d, call);
	if (call->spec->aux)
		call->spec->aux(&d, call);
	return call;
}

/* The thread is gone or out of sight; its open call will not return. */
static struct call *apply_gone(struct decoder *decoder, struct thread *thread)
{
	if (!thread)
		return NULL;
	HASH_DEL(decoder->threads, thread);
	decoder->gone = thread;
	if (!thread->is_open)
		return NULL;
	thread->is_open = false;
	thread->call.state = CALL_UNFINISHED;
	return &thread->call;
}

/* After an execve by another thread its call goes on under the leader's id. */
static void apply_exec(struct decoder *decoder, const struct event *ev)
{
	struct thread *caller = thread_find(decoder, ev->other);
	struct thread *leader = thread_find(decoder, ev->tid);

	if (!caller || ev->other == ev->tid || !ev->other)
		return;
	if (leader)
		thread_destroy(decoder, leader);
	HASH_DEL(decoder->threads, caller);
	caller->tid = ev->tid;
	caller->call.tid = ev->tid;
	HASH_ADD_INT(decoder->threads, tid, caller);
}

struct call *decoder_apply(struct decoder *decoder, const struct event *ev)
{
	struct thread *thread;

	thread_free(decoder->gone);
	decoder->gone = NULL;
	switch (ev->kind) {
	case EVENT_ENTER:
		return apply_enter(decoder, thread_get(decoder, ev->tid), ev);
	case EVENT_EXIT:
		return apply_exit(decoder, thread_get(decoder, ev->tid), ev);
	case EVENT_BLOCKED:
		thread = thread_find(decoder, ev->tid);
		return thread && thread->is_open ? &thread->call : NULL;
	case EVENT_EXITED:
	case EVENT_KILLED:
	case EVENT_DETACHED:
	case EVENT_SUPERSEDED:
		return apply_gone(decoder, thread_find(decoder, ev->tid));
	case EVENT_ATTACHED:
	case EVENT_CREATED:
		/* A reused id: nothing of its former owner may live on. */
		thread = thread_find(decoder, ev->tid);
		if (thread)
			thread_destroy(decoder, thread);
		return NULL;
	case EVENT_EXEC:
		apply_exec(decoder, ev);
		return NULL;
	default:
		return NULL;
	}
}

struct value decoder_siginfo(struct decoder *decoder, const struct event *ev, struct arena *arena)
{
	static const struct slot slot = { "siginfo", &type_siginfo };
	struct mem mem = { .ev = (struct event *)ev };
	struct decode d = decode_begin(decoder, &mem, arena, ev->args);
	struct value value = { 0 };

	/* The engine has read a native siginfo, whatever the tracee is. */
	d.word_len = 8;
	if (ev->n_ranges && ev->ranges[0].addr == 0) {
		struct span span = { (const uint8_t *)ev->bytes.data + ev->ranges[0].data,
				     ev->ranges[0].len, 0 };

		decode_bytes(&d, &slot, &type_siginfo, &span, &value);
	}
	return value;
}
