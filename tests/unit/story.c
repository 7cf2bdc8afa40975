#include "tests/unit/story.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

#include "base/array.h"
#include "decode/syscalls.h"
#include "render/text_model.h"

/* --- the world --- */

static ssize_t world_read(void *data, const struct event *ev, uint64_t addr, void *buf, size_t len)
{
	struct story *story = data;
	struct mem mem = { .ev = &story->image };

	(void)ev;
	return mem_read(&mem, addr, buf, len);
}

static void world_prefetch(void *data, struct event *ev, const struct event_range *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		void *room = event_reserve_range(ev, wanted[i].addr, wanted[i].len);
		ssize_t got = world_read(data, ev, wanted[i].addr, room, wanted[i].len);

		event_trim_range(ev, got > 0 ? (size_t)got : 0);
	}
}

static void tell(struct event *ev, const struct story_fact *known)
{
	struct fact *fact = event_add_fact(ev, (enum fact_kind)known->fact.kind,
					   known->fact.subject, known->text, known->text_len);
	struct fact copy = known->fact;

	copy.text = fact->text;
	copy.text_len = fact->text_len;
	*fact = copy;
}

static bool is_about(const struct story_fact *known, pid_t pid, enum fact_kind kind,
		     int64_t subject)
{
	return (!known->pid || known->pid == pid) && known->fact.kind == kind &&
	       known->fact.subject == subject;
}

static int world_ask(void *data, struct event *ev, enum fact_kind kind, int64_t subject)
{
	struct story *story = data;
	bool is_known = false;

	story->n_asked++;
	for (size_t i = 0; i < story->n_facts; i++) {
		const struct story_fact *known = &story->facts[i];

		if (is_about(known, ev->tgid, kind, subject)) {
			tell(ev, known);
			is_known = true;
		} else if ((kind == FACT_HOLDERS && is_about(known, 0, FACT_HOLDER, subject)) ||
			   (kind == FACT_FDS && is_about(known, ev->tgid, FACT_HOLDING, subject)) ||
			   (kind == FACT_LOCK_FDS &&
			    is_about(known, ev->tgid, FACT_LOCK_FD, subject))) {
			tell(ev, known);
		}
	}
	return is_known ? 0 : -ENOENT;
}

struct fact *story_fact(struct story *story, pid_t pid, enum fact_kind kind, int64_t subject,
			const char *text)
{
	struct story_fact *known;

	if (kind != FACT_HOLDER && kind != FACT_LOCK_FD)
		story_forget(story, pid, kind, subject);
	story->facts =
		array_grow(story->facts, story->n_facts, &story->cap_facts, sizeof(*story->facts));
	known = &story->facts[story->n_facts++];
	memset(known, 0, sizeof(*known));
	known->pid = pid;
	known->fact.kind = kind;
	known->fact.subject = subject;
	snprintf(known->text, sizeof(known->text), "%s", text ? text : "");
	known->text_len = strlen(known->text);
	return &known->fact;
}

struct fact *story_data(struct story *story, pid_t pid, enum fact_kind kind, int64_t subject,
			const void *data, size_t len)
{
	struct fact *fact = story_fact(story, pid, kind, subject, NULL);
	struct story_fact *known = &story->facts[story->n_facts - 1];

	known->text_len = len < sizeof(known->text) ? len : sizeof(known->text);
	memcpy(known->text, data, known->text_len);
	return fact;
}

void story_forget(struct story *story, pid_t pid, enum fact_kind kind, int64_t subject)
{
	for (size_t i = 0; i < story->n_facts; i++) {
		if (story->facts[i].pid == pid && is_about(&story->facts[i], pid, kind, subject))
			story->facts[i--] = story->facts[--story->n_facts];
	}
}

struct fact *story_fd(struct story *story, pid_t pid, int fd, enum fd_kind kind, uint64_t ino)
{
	struct fact *fact = story_fact(story, pid, FACT_FD, fd, NULL);

	fact->dev = 1;
	fact->ino = ino;
	fact->value[0] = kind;
	fact->value[1] = 0700;
	return fact;
}

void story_holder(struct story *story, uint64_t ino, pid_t pid, int fd, const char *comm)
{
	struct fact *fact;

	story_fact(story, 0, FACT_HOLDERS, (int64_t)ino, NULL)->value[0] = 1;
	fact = story_fact(story, 0, FACT_HOLDER, (int64_t)ino, comm);
	fact->value[0] = pid;
	fact->value[1] = fd;
	fact->value[2] = 0700;
}

void story_poke(struct story *story, uint64_t addr, const void *data, size_t len)
{
	for (uint32_t i = 0; i < story->image.n_ranges; i++) {
		struct event_range *range = &story->image.ranges[i];

		if (range->addr == addr && range->len == len) {
			memcpy(story->image.bytes.data + range->data, data, len);
			return;
		}
	}
	event_add_range(&story->image, addr, data, len);
}

/* --- what happens --- */

void story_begin_with(struct story *story, const struct model_options *options)
{
	struct decode_options decode = { .string_limit = 32, .has_fd_links = true };

	memset(story, 0, sizeof(*story));
	story->decoder = decoder_create(&decode);
	story->model = model_create(options);
	story->arch = AUDIT_ARCH_X86_64;
	story->source = (struct mem_source){ world_read, world_prefetch, world_ask, story };
}

void story_begin(struct story *story)
{
	struct model_options options = { .has_state = true,
					 .has_peers = true,
					 .follows_messages = UINT64_MAX };

	story_begin_with(story, &options);
}

void story_end(struct story *story)
{
	decoder_destroy(story->decoder);
	model_destroy(story->model);
	event_finish(&story->image);
	event_finish(&story->ev);
	buf_finish(&story->text);
	free(story->facts);
}

static struct event *begin_event(struct story *story, enum event_kind kind, pid_t tid)
{
	struct event *ev = &story->ev;

	event_clear(ev);
	ev->kind = kind;
	ev->tid = ev->tgid = tid;
	ev->arch = story->arch;
	story->time_ns += 1000000;
	ev->time_ns = story->time_ns;
	return ev;
}

/* As live: ask at the stop, if it is one, then learn from the event alone. */
static const struct annotation *happen(struct story *story, struct event *ev)
{
	struct mem mem = { .ev = ev, .live = &story->source };
	const struct call_spec *spec = NULL;

	if (ev->kind == EVENT_ENTER || ev->kind == EVENT_EXIT) {
		decoder_gather(story->decoder, &mem);
		spec = decoder_refine(story->decoder, ev);
	}
	if (ev->kind != EVENT_BLOCKED && ev->kind != EVENT_EXITED)
		model_gather(story->model, spec, &mem);
	return model_apply(story->model, ev, decoder_apply(story->decoder, ev));
}

void story_attach(struct story *story, pid_t pid, const char *comm)
{
	story_fact(story, pid, FACT_COMM, pid, comm);
	happen(story, begin_event(story, EVENT_ATTACHED, pid));
}

void story_rename(struct story *story, pid_t pid, const char *comm)
{
	struct event *ev = begin_event(story, EVENT_RENAMED, pid);

	event_add_fact(ev, FACT_COMM, pid, comm, strlen(comm));
	model_apply(story->model, ev, NULL);
}

void story_fork(struct story *story, pid_t parent, pid_t pid)
{
	struct event *ev = begin_event(story, EVENT_CREATED, pid);

	ev->other = parent;
	ev->code = PTRACE_EVENT_FORK;
	/* Its descriptors are its parent's. */
	for (size_t i = 0, n = story->n_facts; i < n; i++) {
		struct story_fact known = story->facts[i];

		if (known.pid == parent && known.fact.kind == FACT_FD)
			*story_fact(story, pid, FACT_FD, known.fact.subject, known.text) =
				known.fact;
	}
	happen(story, ev);
}

static struct story_call *call_of(struct story *story, pid_t tid)
{
	for (unsigned i = 0; i < STORY_THREADS; i++) {
		if (story->calls[i].tid == tid || !story->calls[i].tid) {
			story->calls[i].tid = tid;
			return &story->calls[i];
		}
	}
	abort();
}

static struct event *begin_call_event(struct story *story, enum event_kind kind, pid_t tid)
{
	const struct story_call *call = call_of(story, tid);
	struct event *ev = begin_event(story, kind, tid);

	ev->nr = call->nr;
	memcpy(ev->args, call->args, sizeof(ev->args));
	return ev;
}

void story_enter(struct story *story, pid_t tid, const char *name, const uint64_t args[6])
{
	struct story_call *call = call_of(story, tid);

	call->nr = (uint64_t)syscall_number(story->arch, name);
	memcpy(call->args, args, sizeof(call->args));
	happen(story, begin_call_event(story, EVENT_ENTER, tid));
}

static const char *text_of(struct story *story, const struct annotation *annotation)
{
	buf_clear(&story->text);
	if (annotation)
		text_annotation(&story->text, annotation);
	return buf_string(&story->text);
}

const char *story_exit(struct story *story, pid_t tid, int64_t ret)
{
	struct event *ev = begin_call_event(story, EVENT_EXIT, tid);

	ev->ret = ret;
	ev->is_error = ret < 0 && ret >= -4095;
	return text_of(story, happen(story, ev));
}

const char *story_exits(struct story *story, pid_t pid)
{
	return text_of(story, happen(story, begin_event(story, EVENT_EXITED, pid)));
}

const char *story_blocked(struct story *story, pid_t tid)
{
	return text_of(story, happen(story, begin_call_event(story, EVENT_BLOCKED, tid)));
}

void story_lasts(struct story *story, pid_t tid)
{
	happen(story, begin_call_event(story, EVENT_HANG, tid));
}

void story_locker(struct story *story, pid_t asks, int asked_fd, uint64_t open_file, pid_t pid,
		  int fd, const char *lines)
{
	struct fact *head = story_fact(story, asks, FACT_LOCK_FDS, asked_fd, NULL);
	struct fact *fact;

	/* They are looked for when they are asked for. */
	head->value[2] = INT64_MAX;
	fact = story_fact(story, asks, FACT_LOCK_FD, asked_fd, lines);
	fact->id = open_file;
	fact->value[0] = pid;
	fact->value[1] = fd;
}

const char *story_call(struct story *story, pid_t tid, const char *name, const uint64_t args[6],
		       int64_t ret)
{
	story_enter(story, tid, name, args);
	return story_exit(story, tid, ret);
}
