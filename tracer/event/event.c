#include "event/event.h"

#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { X32_BIT = 0x40000000 };

/* Memory that an event took for something enormous is not kept for the next one. */
enum { KEPT_BYTES = 16 * 1024, KEPT_ITEMS = 128 };

struct outgrown {
	struct outgrown *next;
	struct fact *facts;
};

static void free_outgrown(struct event *ev)
{
	struct outgrown *next;

	for (; ev->outgrown; ev->outgrown = next) {
		next = ev->outgrown->next;
		free(ev->outgrown->facts);
		free(ev->outgrown);
	}
}

static void *keep_items(void *items, size_t *capacity)
{
	if (*capacity <= KEPT_ITEMS)
		return items;
	free(items);
	*capacity = 0;
	return NULL;
}

void event_clear(struct event *ev)
{
	if (ev->outgrown)
		free_outgrown(ev);
	ev->ranges = keep_items(ev->ranges, &ev->cap_ranges);
	ev->facts = keep_items(ev->facts, &ev->cap_facts);
	ev->frames = keep_items(ev->frames, &ev->cap_frames);
	if (ev->bytes.capacity > KEPT_BYTES)
		buf_finish(&ev->bytes);
	*ev = (struct event){ .ranges = ev->ranges,
			      .facts = ev->facts,
			      .frames = ev->frames,
			      .cap_ranges = ev->cap_ranges,
			      .cap_facts = ev->cap_facts,
			      .cap_frames = ev->cap_frames,
			      .bytes = { ev->bytes.data, 0, ev->bytes.capacity } };
}

void event_finish(struct event *ev)
{
	if (!ev)
		return;
	free_outgrown(ev);
	free(ev->ranges);
	free(ev->facts);
	free(ev->frames);
	buf_finish(&ev->bytes);
	memset(ev, 0, sizeof(*ev));
}

unsigned event_word_len(const struct event *ev)
{
	if (ev->arch == AUDIT_ARCH_X86_64 && (ev->nr & X32_BIT))
		return 4;
	return ev->arch & __AUDIT_ARCH_64BIT ? 8 : 4;
}

void *event_reserve_range(struct event *ev, uint64_t addr, size_t len)
{
	void *p = buf_reserve(&ev->bytes, len);
	struct event_range *range;

	ev->ranges = array_grow(ev->ranges, ev->n_ranges, &ev->cap_ranges, sizeof(*ev->ranges));
	range = &ev->ranges[ev->n_ranges++];
	range->addr = addr;
	range->len = (uint32_t)len;
	range->data = (uint32_t)ev->bytes.len;
	ev->bytes.len += len;
	return p;
}

void event_trim_range(struct event *ev, size_t len)
{
	struct event_range *range = &ev->ranges[ev->n_ranges - 1];

	ev->bytes.len = range->data + len;
	range->len = (uint32_t)len;
	if (!len)
		ev->n_ranges--;
}

void event_add_range(struct event *ev, uint64_t addr, const void *data, size_t len)
{
	void *p = event_reserve_range(ev, addr, len);

	if (len)
		memcpy(p, data, len);
}

/* Those who were given facts go on reading them where they were. */
static void grow_facts(struct event *ev)
{
	struct outgrown *outgrown = malloc(sizeof(*outgrown));
	size_t capacity = ev->cap_facts ? ev->cap_facts * 2 : 8;
	struct fact *facts = reallocarray(NULL, capacity, sizeof(*facts));

	if (!outgrown || !facts)
		abort();
	if (ev->n_facts)
		memcpy(facts, ev->facts, ev->n_facts * sizeof(*facts));
	*outgrown = (struct outgrown){ ev->outgrown, ev->facts };
	ev->outgrown = outgrown;
	ev->facts = facts;
	ev->cap_facts = capacity;
}

struct fact *event_add_fact(struct event *ev, enum fact_kind kind, int64_t subject,
			    const char *text, size_t text_len)
{
	struct fact *fact;

	if (ev->n_facts == ev->cap_facts)
		grow_facts(ev);
	fact = &ev->facts[ev->n_facts++];
	memset(fact, 0, sizeof(*fact));
	fact->kind = (uint16_t)kind;
	fact->subject = subject;
	fact->text = (uint32_t)ev->bytes.len;
	fact->text_len = (uint32_t)text_len;
	buf_add(&ev->bytes, text, text_len);
	return fact;
}

const struct fact *event_fact(const struct event *ev, enum fact_kind kind, int64_t subject)
{
	for (uint32_t i = 0; i < ev->n_facts; i++) {
		const struct fact *fact = &ev->facts[i];

		if (fact->kind == kind && fact->subject == subject)
			return fact;
	}
	return NULL;
}

const char *event_fact_text(const struct event *ev, const struct fact *fact)
{
	return ev->bytes.data ? ev->bytes.data + fact->text : "";
}

enum { ADDRESS_BITS = 57 };

int64_t fact_name_in(uint64_t addr, size_t len)
{
	uint64_t kept = len < NAME_ADDRESS_MAX ? len : NAME_ADDRESS_MAX;

	return (int64_t)(kept << ADDRESS_BITS | (addr & ((1ull << ADDRESS_BITS) - 1)));
}

struct name_at fact_name_at(int64_t subject)
{
	uint64_t len = (uint64_t)subject >> ADDRESS_BITS;

	if (!len)
		return (struct name_at){ .arg = subject < INT32_MAX ? (int)subject : -1 };
	return (struct name_at){ .arg = -1,
				 .addr = (uint64_t)subject & ((1ull << ADDRESS_BITS) - 1),
				 .len = len < NAME_ADDRESS_MAX ? len : NAME_ADDRESS_MAX };
}

enum fd_kind fact_fd_kind(const struct fact *fact)
{
	uint64_t kind = (uint64_t)fact->value[0];

	return kind < FD_KINDS ? (enum fd_kind)kind : FD_UNKNOWN;
}

struct event_frame *event_add_frame(struct event *ev, const char *module, const char *symbol)
{
	struct event_frame *frame;

	ev->frames = array_grow(ev->frames, ev->n_frames, &ev->cap_frames, sizeof(*ev->frames));
	frame = &ev->frames[ev->n_frames++];
	memset(frame, 0, sizeof(*frame));
	frame->module = (uint32_t)ev->bytes.len;
	frame->module_len = module ? (uint32_t)strlen(module) : 0;
	buf_add(&ev->bytes, module, frame->module_len);
	frame->symbol = (uint32_t)ev->bytes.len;
	frame->symbol_len = symbol ? (uint32_t)strlen(symbol) : 0;
	buf_add(&ev->bytes, symbol, frame->symbol_len);
	return frame;
}

static uint32_t copy_text(struct event *dst, const struct event *src, uint32_t at, uint32_t len)
{
	uint32_t copy = (uint32_t)dst->bytes.len;

	buf_add(&dst->bytes, src->bytes.data + at, len);
	return copy;
}

void event_add_stack(struct event *ev, const struct event *stack)
{
	for (uint32_t i = 0; i < stack->n_frames; i++) {
		struct event_frame frame = stack->frames[i];

		frame.module = copy_text(ev, stack, frame.module, frame.module_len);
		frame.symbol = copy_text(ev, stack, frame.symbol, frame.symbol_len);
		*event_add_frame(ev, NULL, NULL) = frame;
	}
}

struct event *event_stack(const struct event *src)
{
	struct event *stack = src->n_frames ? calloc(1, sizeof(*stack)) : NULL;

	if (!stack && src->n_frames)
		abort();
	if (stack)
		event_add_stack(stack, src);
	return stack;
}

void event_stack_free(struct event *stack)
{
	if (stack)
		event_finish(stack);
	free(stack);
}

/* Replace *items by a copy of n elements of src; capacity in elements. */
static void *copy_items(void *items, size_t *capacity, const void *src, size_t n, size_t item_len)
{
	if (*capacity < n) {
		items = reallocarray(items, n, item_len);
		if (!items)
			abort();
		*capacity = n;
	}
	if (n)
		memcpy(items, src, n * item_len);
	return items;
}

void event_copy(struct event *dst, const struct event *src)
{
	struct event kept = *dst;

	*dst = *src;
	dst->outgrown = kept.outgrown;
	dst->cap_ranges = kept.cap_ranges;
	dst->cap_facts = kept.cap_facts;
	dst->cap_frames = kept.cap_frames;
	dst->ranges = copy_items(kept.ranges, &dst->cap_ranges, src->ranges, src->n_ranges,
				 sizeof(*src->ranges));
	dst->facts = copy_items(kept.facts, &dst->cap_facts, src->facts, src->n_facts,
				sizeof(*src->facts));
	dst->frames = copy_items(kept.frames, &dst->cap_frames, src->frames, src->n_frames,
				 sizeof(*src->frames));
	dst->bytes = kept.bytes;
	buf_clear(&dst->bytes);
	buf_add(&dst->bytes, src->bytes.data, src->bytes.len);
}
