#include "stack/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/hash.h"
#include "stack/helper.h"
#include "stack/mapped_file.h"
#include "stack/maps.h"
#include "stack/protocol.h"

enum { TARGETS_MAX = 64, FAILURES_MAX = 3, QUESTIONS_MAX = 50000, RED_ZONE = 128, PAGE_LEN = 4096 };

/* A process whose stacks are taken. One that fails again and again is left alone: all wait for it. */
struct target {
	pid_t tgid;
	uint64_t id; /* in orders */
	uint64_t last_used;
	bool is_stale; /* the mappings may be others now */
	unsigned n_failures; /* stacks that took too much, of its image */
	struct maps maps; /* as the helper was told last */
	UT_hash_handle hh;
};

struct stack {
	int (*registers)(pid_t tid, uint64_t *ret_registers);
	struct helper helper;
	struct target *targets;
	unsigned n_targets;
	uint64_t clock;
	const char *trouble;
	struct buf text; /* of /proc/PID/maps */
	uint8_t message[MESSAGE_MAX];
};

/* The stack that is taken now. */
struct taking {
	struct stack *stack;
	struct target *target;
	struct event *ev;
	pid_t tid;
	unsigned n_frames, max_frames;
	int file; /* that it reads, -1: none */
	int64_t file_len;
};

_Static_assert((int)STACK_REGISTERS == (int)REGISTERS, "the same registers");

int stack_create(int (*registers)(pid_t tid, uint64_t *ret_registers), struct stack **ret_stack)
{
	struct stack *stack = calloc(1, sizeof(*stack));
	int error;

	if (!stack)
		return -ENOMEM;
	stack->registers = registers;
	error = helper_create(&stack->helper);
	if (error < 0) {
		free(stack);
		return error;
	}
	*ret_stack = stack;
	return 0;
}

static void drop(struct stack *stack, struct target *target)
{
	HASH_DEL(stack->targets, target);
	stack->n_targets--;
	maps_finish(&target->maps);
	free(target);
}

void stack_destroy(struct stack *stack)
{
	struct target *target, *next;

	if (!stack)
		return;
	HASH_ITER (hh, stack->targets, target, next)
		drop(stack, target);
	helper_destroy(&stack->helper);
	buf_finish(&stack->text);
	free(stack);
}

const char *stack_trouble(const struct stack *stack)
{
	return stack->trouble;
}

/* --- processes --- */

static struct target *target_find(struct stack *stack, pid_t tgid)
{
	struct target *target;

	HASH_FIND_INT(stack->targets, &tgid, target);
	return target;
}

void stack_invalidate(struct stack *stack, pid_t tgid)
{
	struct target *target = target_find(stack, tgid);

	if (target) {
		target->is_stale = true;
		target->n_failures = 0;
	}
}

static void forget(struct stack *stack, struct target *target)
{
	const struct order order = { .kind = ORDER_FORGET, .process = target->id };

	if (stack->helper.fd >= 0 && helper_order(&stack->helper, &order) < 0)
		helper_kill(&stack->helper);
	drop(stack, target);
}

void stack_forget(struct stack *stack, pid_t tgid)
{
	struct target *target = target_find(stack, tgid);

	if (target)
		forget(stack, target);
}

static void forget_oldest(struct stack *stack)
{
	struct target *target, *next, *oldest = stack->targets;

	HASH_ITER (hh, stack->targets, target, next) {
		if (target->last_used < oldest->last_used)
			oldest = target;
	}
	forget(stack, oldest);
}

static struct target *target_get(struct stack *stack, pid_t tgid)
{
	struct target *target = target_find(stack, tgid);

	stack->clock++;
	if (!target) {
		if (stack->n_targets >= TARGETS_MAX)
			forget_oldest(stack);
		target = calloc(1, sizeof(*target));
		if (!target)
			abort();
		target->tgid = tgid;
		target->id = stack->clock;
		HASH_ADD_INT(stack->targets, tgid, target);
		stack->n_targets++;
	}
	target->last_used = stack->clock;
	return target;
}

/* --- answers --- */

/*
 * As much as can be read of len bytes of memory at addr, at most ANSWER_LEN. By pages, since a part
 * that cannot be read in full is not read at all.
 */
static ssize_t read_memory(pid_t tid, uint64_t addr, void *buf, size_t len)
{
	struct iovec remote[ANSWER_LEN / PAGE_LEN + 1], local = { buf, len };
	unsigned n_parts = 0;
	ssize_t n;

	for (size_t done = 0; done < len;) {
		size_t part = PAGE_LEN - (addr + done) % PAGE_LEN;

		if (part > len - done)
			part = len - done;
		remote[n_parts++] = (struct iovec){ (void *)(uintptr_t)(addr + done), part };
		done += part;
	}
	n = process_vm_readv(tid, &local, 1, remote, n_parts, 0);
	return n < 0 ? -errno : n;
}

static int64_t answer_maps(struct taking *taking, uint64_t at, uint8_t *room, size_t len)
{
	struct buf *text = &taking->stack->text;
	int error;

	if (at == 0) {
		buf_clear(text);
		error = maps_read(taking->tid, text);
		if (error < 0)
			return error;
		maps_parse(&taking->target->maps, text);
	}
	if (at > text->len)
		return -EINVAL;
	if (len > text->len - at)
		len = text->len - at;
	memcpy(room, text->data + at, len);
	return (int64_t)len;
}

static void close_file(struct taking *taking)
{
	if (taking->file >= 0)
		close(taking->file);
	taking->file = -1;
}

static int64_t answer_open(struct taking *taking, uint64_t i)
{
	const struct maps *maps = &taking->target->maps;

	close_file(taking);
	if (i >= maps->n)
		return -EINVAL;
	taking->file = mapped_file_open(taking->tid, maps, &maps->items[i], &taking->file_len);
	return taking->file < 0 ? taking->file : taking->file_len;
}

static int64_t answer_read(struct taking *taking, uint64_t at, uint8_t *room, size_t len)
{
	ssize_t n;

	if (taking->file < 0 || at > (uint64_t)taking->file_len)
		return -EINVAL;
	do
		n = pread(taking->file, room, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* -EPROTO: it asks what nobody asks who unwinds a stack. */
static int answer(struct taking *taking, const struct question *question)
{
	uint8_t *room = taking->stack->helper.area + ANSWER_AT;
	int64_t result;

	if (question->len > ANSWER_LEN)
		return -EPROTO;
	switch (question->kind) {
	case ASK_MAPS:
		result = answer_maps(taking, question->at, room, question->len);
		break;
	case ASK_MEMORY:
		result = read_memory(taking->tid, question->at, room, question->len);
		break;
	case ASK_OPEN:
		result = answer_open(taking, question->at);
		break;
	case ASK_READ:
		result = answer_read(taking, question->at, room, question->len);
		break;
	default:
		return -EPROTO;
	}
	return helper_answer(&taking->stack->helper, result);
}

/* --- frames --- */

/* name: len bytes, which are not terminated. */
static int take_frame(struct taking *taking, const struct told_frame *told, const uint8_t *name)
{
	const struct maps *maps = &taking->target->maps;
	char symbol[SYMBOL_MAX + 1];
	const char *module = NULL;
	struct event_frame *frame;

	if (taking->n_frames >= taking->max_frames ||
	    (told->mapping != NO_MAPPING && told->mapping >= maps->n))
		return -EPROTO;
	if (told->mapping != NO_MAPPING)
		module = mapping_path(maps, &maps->items[told->mapping]);
	memcpy(symbol, name, told->symbol_len);
	symbol[told->symbol_len] = '\0';
	frame = event_add_frame(taking->ev, module, told->symbol_len ? symbol : NULL);
	frame->ip = told->ip;
	frame->offset = told->offset;
	taking->n_frames++;
	return 0;
}

/* len bytes: struct told, frames, names. 0 or -EPROTO. */
static int take_frames(struct taking *taking, const uint8_t *message, size_t len,
		       struct told *ret_told)
{
	struct told_frame frame;
	size_t at, names;
	int error = 0;

	if (len < sizeof(*ret_told))
		return -EPROTO;
	memcpy(ret_told, message, sizeof(*ret_told));
	at = sizeof(*ret_told);
	if (ret_told->n_frames > (len - at) / sizeof(frame))
		return -EPROTO;
	names = at + ret_told->n_frames * sizeof(frame);
	for (uint32_t i = 0; i < ret_told->n_frames && !error; i++) {
		memcpy(&frame, message + at + i * sizeof(frame), sizeof(frame));
		if (frame.symbol_len > SYMBOL_MAX || frame.symbol_len > len - names)
			return -EPROTO;
		error = take_frame(taking, &frame, message + names);
		names += frame.symbol_len;
	}
	return error;
}

/* Questions and frames, until all are told: 0 or -errno of the conversation. */
static int converse(struct taking *taking, struct told *ret_told)
{
	struct stack *stack = taking->stack;
	unsigned n_questions = 0;
	int error = 0;

	while (!error && !ret_told->is_last) {
		struct question question = { 0 };
		ssize_t n = helper_receive(&stack->helper, stack->message, sizeof(stack->message));

		if (n < 0)
			return (int)n;
		if ((size_t)n < sizeof(question) || n_questions++ > QUESTIONS_MAX)
			return -EPROTO;
		memcpy(&question, stack->message, sizeof(question));
		error = question.kind == TELL_FRAMES
				? take_frames(taking, stack->message, (size_t)n, ret_told)
				: answer(taking, &question);
	}
	return error;
}

/* The rest is not known: a frame without an address stands for it. */
static int add_failure(struct taking *taking)
{
	event_add_frame(taking->ev, NULL, NULL);
	taking->target->n_failures++;
	return (int)taking->n_frames + 1;
}

static int give_up(struct taking *taking, int error)
{
	helper_kill(&taking->stack->helper);
	taking->stack->trouble = error == -ETIMEDOUT ? "took too long" : "crashed";
	return add_failure(taking);
}

static int take(struct taking *taking, struct order *order)
{
	struct helper *helper = &taking->stack->helper;
	uint64_t sp = order->registers[REGISTER_SP];
	struct told told = { 0 };
	int error = helper_ensure(helper);
	ssize_t n;

	if (error < 0)
		return give_up(taking, error);
	order->stack_addr = sp < RED_ZONE ? 0 : (sp - RED_ZONE) & ~7ull;
	n = read_memory(taking->tid, order->stack_addr, helper->area + STACK_AT, STACK_LEN);
	order->stack_len = n < 0 ? 0 : (uint32_t)n;
	buf_clear(&taking->stack->text); /* no maps but of this process */
	error = helper_order(helper, order);
	if (!error)
		error = converse(taking, &told);
	close_file(taking);
	if (error < 0)
		return give_up(taking, error);
	taking->target->is_stale = false;
	if (told.error && !taking->n_frames)
		return told.error == -ENOTSUP ? -ENOTSUP : -ESRCH;
	return told.is_over ? add_failure(taking) : (int)taking->n_frames;
}

int stack_capture(struct stack *stack, struct event *ev, pid_t tid, pid_t tgid, unsigned max_frames)
{
	struct taking taking = { .stack = stack, .ev = ev, .tid = tid, .file = -1 };
	struct order order = { .kind = ORDER_UNWIND };

	stack->trouble = NULL;
	if (ev->arch && event_word_len(ev) == 4)
		return -ENOTSUP;
	taking.target = target_get(stack, tgid);
	if (taking.target->n_failures >= FAILURES_MAX)
		return add_failure(&taking);
	if (stack->registers(tid, order.registers) < 0)
		return -ESRCH;
	taking.max_frames = max_frames < STACK_FRAMES_MAX ? max_frames : STACK_FRAMES_MAX;
	order.max_frames = taking.max_frames;
	order.process = taking.target->id;
	order.is_stale = taking.target->is_stale;
	return take(&taking, &order);
}
