/*
 * Decoding knows nothing but the event. For every row, with arguments and memory made up at random,
 * on both architectures and in both faces:
 *   - an event that went through a file gives the same text as before;
 *   - what was gathered while the tracee was stopped is all that decoding asks for: an event that
 *     holds all of the memory and all facts gives the same text, too;
 *   - nothing that a tracee can pass makes text or event grow without bound.
 * IPCTRACE_ROUNDS sets the number of calls made up per row, IPCTRACE_SEED where to begin.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decode/decode.h"
#include "decode/families.h"
#include "decode/syscalls.h"
#include "event/trace_file.h"
#include "render/text_value.h"

enum {
	IMAGE_ADDR = 0x20000,
	IMAGE_LEN = 0x10000,
	N_FDS = 24,
	N_SEMIDS = 24,
	TEXT_MAX = 6 * DECODE_TOTAL_MAX, /* entry and exit; escapes take up to four bytes */
	EVENT_MAX = 16 * 1024 * 1024,
};

static uint64_t random_state = 1;

static uint64_t random_number(uint64_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return limit ? (random_state >> 17) % limit : random_state ^ random_state >> 31;
}

/* A tracee: memory from IMAGE_ADDR on, nothing around it, and some descriptors. */
struct tracee {
	uint8_t image[IMAGE_LEN];
	struct event known; /* facts for every question that has an answer */
};

/* Numbers as they are found in arguments and in memory. */
static uint64_t random_word(void)
{
	switch (random_number(10)) {
	case 0:
	case 1:
	case 2:
		return IMAGE_ADDR + random_number(IMAGE_LEN) / 8 * 8;
	case 3:
		return IMAGE_ADDR + IMAGE_LEN - random_number(64);
	case 4:
		return random_number(0);
	case 5:
		return UINT64_MAX - random_number(4);
	case 6:
		return 1ull << random_number(64);
	case 7:
		return 0;
	default:
		return random_number(70);
	}
}

static void make_tracee(struct tracee *tracee)
{
	/* Fields of 2, 4 and 8 bytes all have to make some sense. */
	for (size_t at = 0; at < IMAGE_LEN;) {
		size_t len = 1u << random_number(4);
		uint64_t word = random_word();

		if (random_number(6) == 0)
			word = 0x612f62617a2f6161u >> 8 * random_number(8);
		if (at + len > IMAGE_LEN)
			break;
		memcpy(tracee->image + at, &word, len);
		at += len;
	}
	event_clear(&tracee->known);
	for (int fd = 0; fd < N_FDS; fd++) {
		struct fact *fact = event_add_fact(&tracee->known, FACT_FD, fd, "pipe:[7]", 8);

		fact->value[0] = FD_CLOSED + (int64_t)random_number(FD_KINDS - FD_CLOSED);
	}
	for (int semid = 0; semid < N_SEMIDS; semid++) {
		struct fact *fact = event_add_fact(&tracee->known, FACT_SEM_NSEMS, semid, "", 0);

		fact->value[0] = (int64_t)random_word();
	}
}

static ssize_t read_image(void *data, const struct event *ev, uint64_t addr, void *buf, size_t len)
{
	const struct tracee *tracee = data;

	(void)ev;
	if (addr < IMAGE_ADDR || addr >= IMAGE_ADDR + IMAGE_LEN)
		return -EFAULT;
	if (len > IMAGE_ADDR + IMAGE_LEN - addr)
		len = IMAGE_ADDR + IMAGE_LEN - addr;
	memcpy(buf, tracee->image + (addr - IMAGE_ADDR), len);
	return (ssize_t)len;
}

static void prefetch_image(void *data, struct event *ev, const struct event_range *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		void *room = event_reserve_range(ev, wanted[i].addr, wanted[i].len);
		ssize_t got = read_image(data, ev, wanted[i].addr, room, wanted[i].len);

		event_trim_range(ev, got > 0 ? (size_t)got : 0);
	}
}

static void copy_fact(struct event *ev, const struct event *from, const struct fact *fact)
{
	struct fact copy = *fact, *added;

	added = event_add_fact(ev, fact->kind, fact->subject, event_fact_text(from, fact),
			       fact->text_len);
	copy.text = added->text;
	*added = copy;
}

static int ask_image(void *data, struct event *ev, enum fact_kind kind, int64_t subject)
{
	const struct tracee *tracee = data;
	const struct fact *fact = event_fact(&tracee->known, kind, subject);

	if (!fact)
		return -ENOENT;
	copy_fact(ev, &tracee->known, fact);
	return 0;
}

static void add_call_text(struct buf *text, const struct call *call, const struct text_style *style)
{
	buf_printf(text, "%s(", call->name);
	for (unsigned i = 0; i < call->n_args; i++) {
		buf_text(text, i ? ", " : "");
		text_value(text, &call->args[i], style);
	}
	buf_printf(text, ") = %lld ", (long long)call->ret);
	text_value(text, &call->ret_value, style);
	for (unsigned i = 0; i < call->n_aux; i++) {
		buf_printf(text, " (%s ", call->aux[i].label ? call->aux[i].label : "");
		text_value(text, &call->aux[i].value, style);
		buf_char(text, ')');
	}
	buf_char(text, '\n');
}

/* One way of decoding: its decoder, and the text of the call at hand. */
struct view {
	struct decoder *decoder;
	struct buf text;
};

struct bench {
	struct decode_options options;
	struct text_style style;
	struct tracee tracee;
	struct mem_source source;
	struct event enter, exit, all;
	struct view gathered, complete, recorded;
	int fd;
};

static void bench_init(struct bench *bench, bool is_strace, uint32_t string_limit, bool is_verbose)
{
	memset(bench, 0, sizeof(*bench));
	bench->options = (struct decode_options){ .string_limit = string_limit,
						  .is_strace = is_strace,
						  .is_verbose = is_verbose,
						  .has_fd_links = !is_strace };
	bench->style = (struct text_style){ .string_limit = string_limit,
					    .is_verbose = is_verbose,
					    .has_links = !is_strace };
	bench->gathered.decoder = decoder_create(&bench->options);
	bench->complete.decoder = decoder_create(&bench->options);
	bench->recorded.decoder = decoder_create(&bench->options);
	bench->source =
		(struct mem_source){ read_image, prefetch_image, ask_image, &bench->tracee };
	bench->fd = memfd_create("trace", MFD_CLOEXEC);
}

static void bench_finish(struct bench *bench)
{
	decoder_destroy(bench->gathered.decoder);
	decoder_destroy(bench->complete.decoder);
	decoder_destroy(bench->recorded.decoder);
	buf_finish(&bench->gathered.text);
	buf_finish(&bench->complete.text);
	buf_finish(&bench->recorded.text);
	event_finish(&bench->tracee.known);
	event_finish(&bench->enter);
	event_finish(&bench->exit);
	event_finish(&bench->all);
	close(bench->fd);
}

static void view_apply(struct view *view, const struct event *ev, const struct text_style *style)
{
	const struct call *call = decoder_apply(view->decoder, ev);

	assert_non_null(call);
	add_call_text(&view->text, call, style);
}

/* The event with all that could ever be asked for. */
static const struct event *with_everything(struct bench *bench, const struct event *ev)
{
	event_copy(&bench->all, ev);
	event_add_range(&bench->all, IMAGE_ADDR, bench->tracee.image, IMAGE_LEN);
	for (uint32_t i = 0; i < bench->tracee.known.n_facts; i++)
		copy_fact(&bench->all, &bench->tracee.known, &bench->tracee.known.facts[i]);
	return &bench->all;
}

static void make_event(struct event *ev, enum event_kind kind, uint32_t arch, uint64_t nr,
		       const uint64_t args[6], int64_t ret)
{
	event_clear(ev);
	ev->kind = kind;
	ev->tid = ev->tgid = 1000;
	ev->arch = arch;
	ev->nr = nr;
	memcpy(ev->args, args, sizeof(ev->args));
	if (kind == EVENT_EXIT) {
		ev->ret = ret;
		ev->is_error = ret < 0 && ret >= -4095;
	}
}

/* Stop at ev: gather, decode what was gathered, and decode with everything. */
static void stop_at(struct bench *bench, struct event *ev)
{
	struct mem mem = { .ev = ev, .live = &bench->source };

	decoder_gather(bench->gathered.decoder, &mem);
	assert_true(ev->bytes.len < EVENT_MAX);
	view_apply(&bench->gathered, ev, &bench->style);
	view_apply(&bench->complete, with_everything(bench, ev), &bench->style);
}

static void record_and_replay(struct bench *bench)
{
	static const struct trace_meta meta;
	struct trace_writer *w;
	struct trace_reader *r;
	struct event ev = { 0 };

	assert_int_equal(ftruncate(bench->fd, 0), 0);
	lseek(bench->fd, 0, SEEK_SET);
	w = trace_writer_create(bench->fd, &meta);
	assert_int_equal(trace_writer_add(w, &bench->enter), 0);
	assert_int_equal(trace_writer_add(w, &bench->exit), 0);
	trace_writer_destroy(w);
	lseek(bench->fd, 0, SEEK_SET);
	r = trace_reader_create(bench->fd);
	while (trace_reader_next(r, &ev) == 1)
		view_apply(&bench->recorded, &ev, &bench->style);
	trace_reader_destroy(r);
	event_finish(&ev);
}

static int64_t random_ret(void)
{
	switch (random_number(6)) {
	case 0:
		return -(int64_t)random_number(140);
	case 1:
		return (int64_t)random_word();
	case 2:
		return -512 - (int64_t)random_number(5);
	default:
		return (int64_t)random_number(100);
	}
}

static bool texts_equal(const struct view *a, const struct view *b)
{
	return a->text.len == b->text.len && memcmp(a->text.data, b->text.data, a->text.len) == 0;
}

/* What was gathered and what another view has to say, from shortly before they differ. */
static void print_difference(const char *name, struct view *gathered, struct view *other)
{
	const char *a = buf_string(&gathered->text), *b = buf_string(&other->text);
	size_t at = 0;

	if (texts_equal(gathered, other))
		return;
	while (a[at] && a[at] == b[at])
		at++;
	print_error("%.80s...\n", a);
	at = at > 100 ? at - 100 : 0;
	print_error("byte %zu, gathered: %.300s\n", at, a + at);
	print_error("byte %zu, %s: %.300s\n", at, name, b + at);
}

/* One made-up call. Returns whether all three views are of one mind. */
static bool make_call(struct bench *bench, const struct call_spec *spec, uint32_t arch, uint64_t nr,
		      const uint64_t args[6])
{
	bool is_same;

	buf_clear(&bench->gathered.text);
	buf_clear(&bench->complete.text);
	buf_clear(&bench->recorded.text);
	make_event(&bench->enter, EVENT_ENTER, arch, nr, args, 0);
	stop_at(bench, &bench->enter);
	make_event(&bench->exit, EVENT_EXIT, arch, nr, args, random_ret());
	bench->exit.is_blind = random_number(8) == 0;
	stop_at(bench, &bench->exit);
	record_and_replay(bench);
	if (bench->gathered.text.len > TEXT_MAX)
		fail_msg("%s: %zu bytes of text", spec->name, bench->gathered.text.len);
	is_same = texts_equal(&bench->gathered, &bench->complete) &&
		  texts_equal(&bench->gathered, &bench->recorded);
	if (!is_same) {
		print_difference("recorded", &bench->gathered, &bench->recorded);
		print_difference("complete", &bench->gathered, &bench->complete);
	}
	return is_same;
}

/* Operations and counts are small, most other things pointers. */
static void random_args(uint64_t args[6])
{
	for (unsigned i = 0; i < 6; i++)
		args[i] = random_number(3) ? random_word() : random_number(40);
}

/* Calls of all rows. Returns the number of rows in which the views differ. */
static unsigned make_calls(struct bench *bench, unsigned rounds)
{
	static const uint32_t archs[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386 };
	size_t n_families;
	const struct spec_family *const *families = families_all(&n_families);
	unsigned n_wrong = 0;

	for (size_t i = 0; i < n_families; i++) {
		for (size_t j = 0; j < 2 * families[i]->n; j++) {
			const struct call_spec *spec = &families[i]->specs[j / 2];
			int nr = syscall_number(archs[j % 2], spec->name);

			if (nr < 0)
				continue;
			make_tracee(&bench->tracee);
			for (unsigned round = 0; round < rounds; round++) {
				uint64_t args[6];

				random_args(args);
				if (make_call(bench, spec, archs[j % 2], (uint64_t)nr, args))
					continue;
				n_wrong++;
				break;
			}
		}
	}
	return n_wrong;
}

static unsigned rounds_wanted(unsigned usual)
{
	const char *text = getenv("IPCTRACE_ROUNDS");

	return text ? (unsigned)strtoul(text, NULL, 10) : usual;
}

static void check(bool is_strace, uint32_t string_limit, bool is_verbose, unsigned rounds)
{
	const char *seed = getenv("IPCTRACE_SEED");
	struct bench *bench = malloc(sizeof(*bench));
	unsigned n_wrong;

	assert_non_null(bench);
	random_state = seed ? strtoull(seed, NULL, 10) : 1;
	bench_init(bench, is_strace, string_limit, is_verbose);
	n_wrong = make_calls(bench, rounds_wanted(rounds));
	bench_finish(bench);
	free(bench);
	assert_int_equal(n_wrong, 0);
}

static void the_default_face_is_the_same_live_and_recorded(void **state)
{
	(void)state;
	check(false, 32, false, 40);
}

static void the_strace_face_is_the_same_live_and_recorded(void **state)
{
	(void)state;
	check(true, 32, false, 40);
}

/* A thousand messages of a thousand vectors of the same long buffer, in a few bytes of memory. */
static void what_multiplies_is_bounded(void **state)
{
	struct bench *bench = malloc(sizeof(*bench));
	const uint64_t vectors = IMAGE_ADDR + 0x8000;
	const uint64_t args[6] = { 3, IMAGE_ADDR, 512, 0 };
	struct call_spec spec = { .name = "sendmmsg" };
	uint64_t *words;

	(void)state;
	assert_non_null(bench);
	bench_init(bench, true, 30000, true);
	memset(bench->tracee.image, 'x', IMAGE_LEN);
	words = (uint64_t *)bench->tracee.image;
	for (size_t i = 0; i < 0x8000 / 64; i++) {
		const uint64_t header[8] = { 0, 0, vectors, 1024, 0, 0, 0, 0 };

		memcpy(words + 8 * i, header, sizeof(header));
	}
	for (size_t i = 0; i < 0x8000 / 16; i++) {
		words[0x1000 + 2 * i] = IMAGE_ADDR;
		words[0x1000 + 2 * i + 1] = 30000;
	}
	assert_true(make_call(bench, &spec, AUDIT_ARCH_X86_64,
			      (uint64_t)syscall_number(AUDIT_ARCH_X86_64, spec.name), args));
	assert_true(bench->gathered.text.len > DECODE_TOTAL_MAX);
	bench_finish(bench);
	free(bench);
}

static void long_strings_and_full_structs_are_the_same_live_and_recorded(void **state)
{
	(void)state;
	check(false, 1000, true, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_face_is_the_same_live_and_recorded),
		cmocka_unit_test(the_strace_face_is_the_same_live_and_recorded),
		cmocka_unit_test(what_multiplies_is_bounded),
		cmocka_unit_test(long_strings_and_full_structs_are_the_same_live_and_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
