/*
 * Any sequence of events, such as a damaged or made up trace file can hold, through decoder, model,
 * analyses and renderers: nothing crashes, and what comes out is printable.
 */
#include <err.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/leaks.h"
#include "analysis/waits.h"
#include "base/array.h"
#include "decode/syscalls.h"
#include "render/json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/input.h"

enum { EVENTS_MAX = 400, PAGE = 4096, THREADS = 9 };

const unsigned long fuzz_rounds = 10000;

static unsigned long n_annotated;

static const char *const calls[] = {
	"pipe2",
	"read",
	"write",
	"close",
	"dup",
	"dup2",
	"fcntl",
	"socketpair",
	"socket",
	"bind",
	"listen",
	"accept4",
	"connect",
	"sendto",
	"recvfrom",
	"sendmsg",
	"recvmsg",
	"shutdown",
	"msgget",
	"msgsnd",
	"msgrcv",
	"msgctl",
	"semget",
	"semop",
	"semtimedop",
	"semctl",
	"shmget",
	"shmat",
	"shmdt",
	"shmctl",
	"mq_open",
	"mq_timedsend",
	"mq_timedreceive",
	"mq_notify",
	"mq_unlink",
	"futex",
	"eventfd2",
	"signalfd4",
	"timerfd_create",
	"timerfd_settime",
	"epoll_create1",
	"epoll_ctl",
	"epoll_wait",
	"poll",
	"select",
	"inotify_init1",
	"inotify_add_watch",
	"openat",
	"unlink",
	"rename",
	"mknod",
	"flock",
	"mmap",
	"munmap",
	"memfd_create",
	"ftruncate",
	"kill",
	"tgkill",
	"rt_sigqueueinfo",
	"rt_sigtimedwait",
	"pause",
	"wait4",
	"waitid",
	"pidfd_open",
	"pidfd_send_signal",
	"pidfd_getfd",
	"splice",
	"tee",
	"vmsplice",
	"sendfile",
	"process_vm_readv",
	"io_uring_setup",
	"io_uring_enter",
	"ptrace",
	"clone",
	"fork",
	"vfork",
	"execve",
	"exit_group",
	"prctl",
	"ioctl",
	"close_range",
};

/* What a tracee's memory and the kernel answer comes out of the input. */
static ssize_t world_read(void *data, const struct event *ev, uint64_t addr, void *buf, size_t len)
{
	struct input *input = data;
	const uint8_t *bytes;
	size_t got;

	(void)ev;
	if (len > PAGE - addr % PAGE)
		len = PAGE - addr % PAGE;
	bytes = input_bytes(input, len, &got);
	memcpy(buf, bytes, got);
	return got ? (ssize_t)got : -EFAULT;
}

static void world_prefetch(void *data, struct event *ev, const struct event_range *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = wanted[i].len < 64 ? wanted[i].len : 64;
		void *room = event_reserve_range(ev, wanted[i].addr, len);
		ssize_t got = world_read(data, ev, wanted[i].addr, room, len);

		event_trim_range(ev, got > 0 ? (size_t)got : 0);
	}
}

static void take_fact(struct input *input, struct event *ev, enum fact_kind kind, int64_t subject)
{
	size_t len;
	const uint8_t *text = input_bytes(input, input_byte(input) % 40, &len);
	struct fact *fact = event_add_fact(ev, kind, subject, (const char *)text, len);

	fact->dev = input_byte(input) & 1;
	fact->ino = input_byte(input) & 7;
	fact->id = input_byte(input) & 3;
	for (size_t i = 0; i < ARRAY_LEN(fact->value); i++)
		fact->value[i] = (int64_t)input_odd(input);
}

static int world_ask(void *data, struct event *ev, enum fact_kind kind, int64_t subject)
{
	struct input *input = data;

	if (input_byte(input) & 1)
		return -ENOENT;
	take_fact(input, ev, kind, subject);
	for (uint8_t n = input_byte(input) % 4; n--;)
		take_fact(input, ev, (enum fact_kind)(kind + n % 2), subject);
	return 0;
}

/* --- an event --- */

static void take_call(struct input *input, struct event *ev)
{
	ev->nr = (uint64_t)syscall_number(ev->arch, calls[input_byte(input) % ARRAY_LEN(calls)]);
	for (size_t i = 0; i < ARRAY_LEN(ev->args); i++)
		ev->args[i] = input_odd(input);
	ev->ret = (int64_t)input_odd(input);
	ev->is_error = ev->ret < 0 && ev->ret >= -4095;
	ev->is_blind = !(input_byte(input) & 7);
}

static void take_event(struct input *input, struct event *ev, uint64_t *time_ns)
{
	static const uint8_t common[] = { EVENT_ENTER, EVENT_EXIT,    EVENT_ENTER, EVENT_EXIT,
					  EVENT_ENTER, EVENT_BLOCKED, EVENT_HANG,  EVENT_CREATED };
	uint8_t kind = input_byte(input), who = input_byte(input);

	event_clear(ev);
	ev->kind = kind & 1 ? (enum event_kind)common[kind / 2 % ARRAY_LEN(common)]
			    : (enum event_kind)(kind / 2 % EVENT_KINDS);
	ev->arch = who & 128 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
	ev->tid = 1 + who % 8;
	ev->tgid = who & 64 ? 0 : 1 + who % 4;
	ev->other = 1 + input_byte(input) % THREADS;
	ev->sig = (int)input_odd(input);
	ev->code = (int)input_odd(input);
	*time_ns += input_odd(input);
	ev->time_ns = ev->real_ns = *time_ns;
	take_call(input, ev);
	if (ev->kind == EVENT_SIGNAL || ev->kind == EVENT_NOTE) {
		size_t len;
		const uint8_t *bytes = input_bytes(input, input_byte(input), &len);

		event_add_range(ev, 0, bytes, len);
	}
	if (ev->kind == EVENT_RENAMED)
		take_fact(input, ev, FACT_COMM, ev->tid);
}

/* --- what is done with it --- */

struct views {
	struct decoder *decoder;
	struct model *model;
	struct renderer *renderers[2];
	struct arena arena;
	struct buf out;
};

/* To make one takes longer than to use it; threads that are born again are new ones to it. */
static struct decoder *fresh_decoder(const struct decode_options *options)
{
	static struct decoder *decoder;

	if (!decoder)
		decoder = decoder_create(options);
	for (pid_t tid = 1; tid <= THREADS; tid++) {
		struct event born = { .kind = EVENT_CREATED, .tid = tid, .tgid = tid };

		decoder_apply(decoder, &born);
	}
	return decoder;
}

static void views_make(struct views *views, uint8_t flags)
{
	const struct decode_options decode = { .string_limit = 32, .has_fd_links = true };
	const struct model_options model = { .has_state = !(flags & 1),
					     .has_peers = !(flags & 2),
					     .follows_descriptors = flags & 4,
					     .follows_removals = flags & 8 };
	const struct render_options render = { .style = { .string_limit = 32, .has_links = true },
					       .is_whole = true };
	struct sink sink = input_sink(&views->out);

	views->decoder = fresh_decoder(&decode);
	views->model = model_create(&model);
	views->renderers[0] = text_renderer_create(&render, &sink);
	views->renderers[1] = json_renderer_create(&render, &sink, views->model);
}

static void views_finish(struct views *views)
{
	for (size_t i = 0; i < ARRAY_LEN(views->renderers); i++) {
		views->renderers[i]->impl->end(views->renderers[i]);
		views->renderers[i]->impl->destroy(views->renderers[i]);
	}
	model_destroy(views->model);
	arena_finish(&views->arena);
	buf_finish(&views->out);
}

static void apply(struct views *views, struct event *ev)
{
	struct call *call = decoder_apply(views->decoder, ev);
	const struct annotation *annotation = model_apply(views->model, ev, call);
	bool is_shown_alone =
		ev->kind != EVENT_ENTER && ev->kind != EVENT_EXIT && ev->kind != EVENT_BLOCKED;

	n_annotated += annotation && annotation->n_touches;
	for (size_t i = 0; i < ARRAY_LEN(views->renderers); i++) {
		struct renderer *renderer = views->renderers[i];
		struct value siginfo = { 0 };

		if (call)
			renderer->impl->call(renderer, call, ev, annotation);
		if (ev->kind == EVENT_SIGNAL)
			siginfo = decoder_siginfo(views->decoder, ev, &views->arena);
		if (is_shown_alone)
			renderer->impl->event(renderer, ev,
					      ev->kind == EVENT_SIGNAL ? &siginfo : NULL,
					      annotation);
	}
}

static void analyse(struct views *views)
{
	struct findings findings = { 0 };
	struct waits waits = { 0 };

	waits_find(views->model, &views->arena, &waits);
	waits_judge(views->model, &waits, &views->arena, &findings);
	leaks_find(views->model, &views->arena, 0, &findings);
	for (size_t i = 0; i < ARRAY_LEN(views->renderers); i++) {
		struct renderer *renderer = views->renderers[i];
		const struct object *object = NULL;

		while ((object = model_next_object(views->model, object)))
			renderer->impl->object(renderer, object);
		renderer->impl->waits(renderer, &waits, 0);
		for (size_t k = 0; k < findings.n; k++)
			renderer->impl->finding(renderer, &findings.items[k]);
	}
	arena_reset(&views->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input input = { data, len };
	struct mem_source source = { world_read, world_prefetch, world_ask, &input };
	struct views views = { 0 };
	struct event ev = { 0 };
	uint64_t time_ns = 1;

	views_make(&views, input_byte(&input));
	for (unsigned i = 0; i < EVENTS_MAX && input.len; i++) {
		struct mem mem = { &ev, &source };
		const struct call_spec *spec = NULL;

		take_event(&input, &ev, &time_ns);
		if (ev.kind == EVENT_ENTER || ev.kind == EVENT_EXIT) {
			decoder_gather(views.decoder, &mem);
			spec = decoder_refine(views.decoder, &ev);
		}
		model_gather(views.model, spec, &mem);
		apply(&views, &ev);
		if (ev.kind == EVENT_HANG)
			analyse(&views);
	}
	analyse(&views);
	input_check_output(&views.out);
	views_finish(&views);
	event_finish(&ev);
	return 0;
}

size_t fuzz_make(uint8_t *data, size_t room)
{
	return fuzz_noise(data, 64 + fuzz_random(4096), room);
}

void fuzz_judge(unsigned long rounds)
{
	if (n_annotated < rounds)
		errx(1, "%lu annotations in %lu rounds", n_annotated, rounds);
}
