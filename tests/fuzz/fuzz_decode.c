/*
 * One call with any number, arguments and memory: some pages are missing, and what lies in the
 * others is another at exit than at entry. Decoding ends, reads no more than it should, and shows
 * printable bytes only; and the event alone decodes to the same text as the live tracee.
 */
#include <err.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "render/json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/input.h"

enum { PAGE = 4096, PAGES = 4, PAGE_BYTES = 256, READS_MAX = 20000, X32_BIT = 0x40000000 };

const unsigned long fuzz_rounds = 30000;

static unsigned long n_shown;

/* PAGES pages, each readable in its last len bytes only, so that to read on is to fault. */
struct world {
	const uint8_t *pages[PAGES];
	size_t lens[PAGES];
	uint8_t mask; /* what the bytes are changed by */
	unsigned n_reads;
	struct input input; /* for facts */
};

static uint64_t page_addr(unsigned page)
{
	return 0x10000u * (page + 1u);
}

static ssize_t world_read(void *data, const struct event *ev, uint64_t addr, void *buf, size_t len)
{
	struct world *world = data;
	uint8_t *to = buf;

	(void)ev;
	if (++world->n_reads > READS_MAX)
		errx(1, "it reads and reads");
	for (unsigned i = 0; i < PAGES; i++) {
		uint64_t end = page_addr(i) + PAGE, start = end - world->lens[i];

		if (addr < start || addr >= end)
			continue;
		if (len > end - addr)
			len = end - addr;
		for (size_t k = 0; k < len; k++)
			to[k] = world->pages[i][addr - start + k] ^ world->mask;
		return (ssize_t)len;
	}
	return -EFAULT;
}

static void world_prefetch(void *data, struct event *ev, const struct event_range *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		void *room = event_reserve_range(ev, wanted[i].addr, wanted[i].len);
		ssize_t got = world_read(data, ev, wanted[i].addr, room, wanted[i].len);

		event_trim_range(ev, got > 0 ? (size_t)got : 0);
	}
}

static int world_ask(void *data, struct event *ev, enum fact_kind kind, int64_t subject)
{
	struct world *world = data;
	size_t len;
	const uint8_t *text = input_bytes(&world->input, input_byte(&world->input) % 32, &len);
	struct fact *fact;

	if (!world->input.len)
		return -ENOENT;
	fact = event_add_fact(ev, kind, subject, (const char *)text, len);
	for (size_t i = 0; i < ARRAY_LEN(fact->value); i++)
		fact->value[i] = (int64_t)input_odd(&world->input);
	return 0;
}

/* An argument: often a place in one of the pages. */
static uint64_t take_arg(struct input *input, const struct world *world)
{
	uint8_t kind = input_byte(input);
	unsigned page = kind % PAGES;

	if (kind < 64)
		return page_addr(page) + PAGE - world->lens[page];
	if (kind < 96)
		return page_addr(page) + PAGE - 8;
	if (kind < 128)
		return kind & 15;
	return input_odd(input);
}

static void take_world(struct input *input, struct world *world)
{
	for (unsigned i = 0; i < PAGES; i++) {
		size_t max = input_byte(input);

		world->pages[i] =
			input_bytes(input, max < PAGE_BYTES ? max : PAGE_BYTES, &world->lens[i]);
	}
}

struct views {
	struct decoder *decoder;
	struct renderer *text, *json;
	struct buf out;
};

/* To make one takes longer than to use it; a thread that is born again is a new one to it. */
static struct decoder *decoders[8];

static struct decoder *decoder_with(const struct decode_options *options, unsigned number)
{
	if (!decoders[number])
		decoders[number] = decoder_create(options);
	return decoders[number];
}

static void views_make(struct views *views, uint8_t flags)
{
	static const struct event born = { .kind = EVENT_CREATED, .tid = 7, .tgid = 7 };
	struct decode_options decode = { .string_limit = 32,
					 .is_strace = flags & 1,
					 .is_verbose = flags & 2,
					 .has_fd_links = flags & 4 };
	struct render_options render = {
		.style = { .string_limit = 32, .has_links = flags & 4, .is_verbose = flags & 2 },
		.is_whole = !(flags & 1)
	};
	struct sink sink = input_sink(&views->out);

	views->decoder = decoder_with(&decode, flags % ARRAY_LEN(decoders));
	decoder_apply(views->decoder, &born);
	views->text = text_renderer_create(&render, &sink);
	views->json = json_renderer_create(&render, &sink, NULL);
}

static void views_finish(struct views *views)
{
	views->text->impl->destroy(views->text);
	views->json->impl->destroy(views->json);
	buf_finish(&views->out);
}

static void show(struct views *views, const struct event *ev)
{
	const struct call *call = decoder_apply(views->decoder, ev);

	if (!call)
		errx(1, "no call");
	views->text->impl->call(views->text, call, ev, NULL);
	if (ev->kind == EVENT_EXIT)
		views->json->impl->call(views->json, call, ev, NULL);
}

/* The same events without anybody to ask. */
static void check_replay(const struct views *live, uint8_t flags, const struct event *enter,
			 const struct event *exit)
{
	struct views replay = { 0 };

	views_make(&replay, flags);
	show(&replay, enter);
	show(&replay, exit);
	if (replay.out.len != live->out.len ||
	    memcmp(replay.out.data, live->out.data, live->out.len) != 0)
		errx(1, "live:\n%.*sreplay:\n%.*s", (int)live->out.len, live->out.data,
		     (int)replay.out.len, replay.out.data);
	views_finish(&replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input input = { data, len };
	struct world world = { .mask = 0 };
	struct mem_source source = { world_read, world_prefetch, world_ask, &world };
	struct event enter = { .kind = EVENT_ENTER, .tid = 7, .tgid = 7 };
	struct event exit = { .kind = EVENT_EXIT, .tid = 7, .tgid = 7 };
	struct views views = { 0 };
	uint8_t flags = input_byte(&input);

	enter.nr = input_number(&input, 2) % 512;
	enter.arch = flags & 8 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
	if ((flags & 24) == 16)
		enter.nr |= X32_BIT;
	take_world(&input, &world);
	for (size_t i = 0; i < ARRAY_LEN(enter.args); i++)
		enter.args[i] = take_arg(&input, &world);
	exit.ret = (int64_t)input_odd(&input);
	exit.is_error = exit.ret < 0 && exit.ret >= -4095;
	exit.nr = enter.nr;
	exit.arch = enter.arch;
	memcpy(exit.args, enter.args, sizeof(exit.args));
	world.input = input;

	views_make(&views, flags);
	decoder_gather(views.decoder, &(struct mem){ &enter, &source });
	show(&views, &enter);
	world.mask = input_byte(&input) & 3;
	decoder_gather(views.decoder, &(struct mem){ &exit, &source });
	show(&views, &exit);
	input_check_output(&views.out);
	n_shown += views.out.len > 100;
	check_replay(&views, flags, &enter, &exit);
	views_finish(&views);
	event_finish(&enter);
	event_finish(&exit);
	return 0;
}

size_t fuzz_make(uint8_t *data, size_t room)
{
	return fuzz_noise(data, 64 + fuzz_random(1024), room);
}

void fuzz_judge(unsigned long rounds)
{
	if (n_shown < rounds / 2)
		errx(1, "%lu of %lu calls shown", n_shown, rounds);
}
