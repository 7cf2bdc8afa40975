/*
 * What a process that unwinds stacks may say once a traced program has taken it over. The tracer's
 * end of the conversation is the real one; the other end says what is in the input: messages, each
 * behind its length in two bytes.
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stack/helper.h"
#include "stack/protocol.h"
#include "stack/stack.h"
#include "tests/fuzz/fuzz.h"

enum { FRAMES_MAX = 20 };

const unsigned long fuzz_rounds = 20000;

static unsigned long n_frames, n_whole;
static const uint8_t *rest;
static size_t rest_len;
static uint8_t area[AREA_LEN];

int __wrap_helper_create(struct helper *helper);
void __wrap_helper_destroy(struct helper *helper);
int __wrap_helper_ensure(struct helper *helper);
void __wrap_helper_kill(struct helper *helper);
int __wrap_helper_order(struct helper *helper, const struct order *order);
int __wrap_helper_answer(const struct helper *helper, int64_t result);
ssize_t __wrap_helper_receive(const struct helper *helper, void *message, size_t len);

int __wrap_helper_create(struct helper *helper)
{
	*helper = (struct helper){ .fd = -1, .area = area };
	return 0;
}

void __wrap_helper_destroy(struct helper *helper)
{
	(void)helper;
}

int __wrap_helper_ensure(struct helper *helper)
{
	(void)helper;
	return 0;
}

void __wrap_helper_kill(struct helper *helper)
{
	(void)helper;
}

int __wrap_helper_order(struct helper *helper, const struct order *order)
{
	(void)helper;
	(void)order;
	return 0;
}

int __wrap_helper_answer(const struct helper *helper, int64_t result)
{
	(void)helper;
	if (result > ANSWER_LEN && result > INT32_MAX)
		errx(1, "an answer of %lld", (long long)result);
	return 0;
}

ssize_t __wrap_helper_receive(const struct helper *helper, void *message, size_t len)
{
	uint16_t said;

	(void)helper;
	if (rest_len < sizeof(said))
		return -EPIPE;
	memcpy(&said, rest, sizeof(said));
	rest += sizeof(said);
	rest_len -= sizeof(said);
	if (len > said)
		len = said;
	if (len > rest_len)
		len = rest_len;
	memcpy(message, rest, len);
	rest += len;
	rest_len -= len;
	return len ? (ssize_t)len : -EPIPE;
}

/* Some address: whatever is there, or not. */
static int registers(pid_t tid, uint64_t *ret_registers)
{
	(void)tid;
	for (unsigned i = 0; i < STACK_REGISTERS; i++)
		ret_registers[i] = (uint64_t)(uintptr_t)area + i;
	return 0;
}

static void check(const struct event *ev, int n, const char *trouble)
{
	if (n > 0 ? (unsigned)n != ev->n_frames : ev->n_frames != 0)
		errx(1, "%d frames are %u", n, ev->n_frames);
	if (n > FRAMES_MAX + 1 || (trouble && ev->frames[n - 1].ip != 0))
		errx(1, "%d frames of %d, %s", n, FRAMES_MAX, trouble ? trouble : "all is well");
	for (unsigned i = 0; i < ev->n_frames; i++) {
		const struct event_frame *frame = &ev->frames[i];

		if (frame->symbol_len > SYMBOL_MAX ||
		    frame->symbol + frame->symbol_len > ev->bytes.len ||
		    frame->module + frame->module_len > ev->bytes.len)
			errx(1, "a name that is not there");
	}
	n_frames += ev->n_frames;
	n_whole += !trouble;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct event ev = { 0 };
	struct stack *stack;
	int n;

	rest = data;
	rest_len = len;
	if (stack_create(registers, &stack) < 0)
		errx(1, "no stacks");
	n = stack_capture(stack, &ev, getpid(), getpid(), FRAMES_MAX);
	check(&ev, n, stack_trouble(stack));
	stack_destroy(stack);
	event_finish(&ev);
	return 0;
}

/* --- inputs: a conversation as it might be, with lies --- */

struct input {
	uint8_t *data;
	size_t len, room;
};

static void say(struct input *input, const void *message, uint16_t len)
{
	if (input->room - input->len < sizeof(len) + len)
		return;
	memcpy(input->data + input->len, &len, sizeof(len));
	memcpy(input->data + input->len + sizeof(len), message, len);
	input->len += sizeof(len) + len;
}

/* Mostly small, at times anything. */
static uint64_t number(uint64_t max)
{
	return fuzz_random(16) ? fuzz_random(max) : fuzz_random(UINT64_MAX);
}

static void ask_something(struct input *input)
{
	struct question question = {
		.kind = (uint32_t)number(ASK_READ + 1),
		.len = (uint32_t)number(ANSWER_LEN + 2),
		.at = number(fuzz_random(2) ? 3 : UINT64_MAX),
	};

	if (question.kind == ASK_MEMORY && fuzz_random(2))
		question.at = (uint64_t)(uintptr_t)area + fuzz_random(sizeof(area));
	say(input, &question, (uint16_t)(fuzz_random(20) ? sizeof(question) : fuzz_random(16)));
}

static void tell_frames(struct input *input)
{
	struct {
		struct told told;
		struct told_frame frames[8];
		char names[64];
	} message = { .told = { .kind = TELL_FRAMES } };
	unsigned n = (unsigned)fuzz_random(9), len = 0;

	message.told.n_frames = fuzz_random(8) ? n : (uint32_t)number(20);
	message.told.is_last = fuzz_random(2);
	message.told.is_over = fuzz_random(8) == 0;
	message.told.error = fuzz_random(8) ? 0 : -(int32_t)fuzz_random(100);
	for (unsigned i = 0; i < n; i++) {
		struct told_frame frame = {
			.ip = fuzz_random(UINT64_MAX),
			.mapping = fuzz_random(4) ? NO_MAPPING : (uint32_t)number(20),
			.symbol_len = (uint32_t)(fuzz_random(8) ? fuzz_random(8) : number(100)),
		};

		len += frame.symbol_len < 8 ? frame.symbol_len : 8;
		message.frames[i] = frame;
	}
	memset(&message.frames[n], 'n', len);
	say(input, &message,
	    (uint16_t)(sizeof(message.told) + n * sizeof(message.frames[0]) + len));
}

size_t fuzz_make(uint8_t *data, size_t room)
{
	struct input input = { data, 0, room };

	for (uint64_t n = 1 + fuzz_random(6); n--;) {
		if (fuzz_random(2))
			ask_something(&input);
		else
			tell_frames(&input);
	}
	return input.len;
}

void fuzz_judge(unsigned long rounds)
{
	if (n_frames < rounds || n_whole < rounds / 20)
		errx(1, "%lu frames, %lu whole stacks in %lu conversations", n_frames, n_whole,
		     rounds);
}
