/* What a recording knows, for the one who makes it and for the one who shows it again. */
#include <linux/audit.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"
#include "cli/session_core.h"
#include "cli/timezone.h"
#include "cli/why.h"
#include "decode/syscalls.h"

/* Bits of trace_meta.flags. Appended to only: they are in files. */
enum known_flags {
	KNOWS_ITSELF = 1 << 0, /* else the file is of version 1.0, and nothing of this is known */
	KNOWS_SEVERAL = 1 << 1, /* processes were, or might have been, traced */
	KNOWS_DESCRIPTORS = 1 << 2, /* as in struct model_options, as are the next */
	KNOWS_REMOVALS = 1 << 3,
	KNOWS_STATE = 1 << 4,
	KNOWS_PEERS = 1 << 5,
	KNOWS_USES = 1 << 6,
};

struct skipped {
	pid_t tid;
	UT_hash_handle hh;
};

/* --- calls that are not asked for --- */

bool session_wants_call(struct session *session, const struct event *ev, const struct mem *mem)
{
	const struct filter *filter = session->options->filter;

	if (!filter_wants_nr(filter, ev->arch, ev->nr))
		return false;
	return filter_enter(filter, decoder_spec(session->decoder, ev->arch, ev->nr), ev, mem) ==
	       FILTER_YES;
}

static void skip(struct session *session, pid_t tid)
{
	struct skipped *skipped = calloc(1, sizeof(*skipped));

	if (!skipped)
		abort();
	skipped->tid = tid;
	HASH_ADD_INT(session->skipped, tid, skipped);
}

bool session_is_skipped(struct session *session, const struct event *ev)
{
	struct mem mem = { .ev = (struct event *)ev };
	struct skipped *skipped;
	pid_t tid = ev->tid;

	if (session->wants_all)
		return false;
	HASH_FIND_INT(session->skipped, &tid, skipped);
	if (ev->kind == EVENT_ENTER) {
		if (session_wants_call(session, ev, &mem))
			return false;
		if (!skipped)
			skip(session, tid);
		return true;
	}
	if (!skipped)
		return false;
	if (ev->kind == EVENT_EXIT) {
		HASH_DEL(session->skipped, skipped);
		free(skipped);
	}
	return ev->kind == EVENT_EXIT || ev->kind == EVENT_BLOCKED || ev->kind == EVENT_HANG ||
	       ev->kind == EVENT_AWAKE;
}

void session_forget_skipped(struct session *session)
{
	struct skipped *skipped, *next;

	HASH_ITER (hh, session->skipped, skipped, next) {
		HASH_DEL(session->skipped, skipped);
		free(skipped);
	}
}

/* --- what the model can rely on --- */

static bool wants_all(const struct filter *filter, const char *const *calls, size_t n)
{
	if (filter_is_partial(filter))
		return false;
	for (size_t i = 0; i < n; i++) {
		int nr = syscall_number(AUDIT_ARCH_X86_64, calls[i]);

		if (nr < 0 || !filter_wants_nr(filter, AUDIT_ARCH_X86_64, (uint64_t)nr))
			return false;
	}
	return true;
}

/* Is nothing hidden from the model that changes who holds what? */
static bool follows_descriptors(const struct filter *filter)
{
	static const char *const calls[] = { "close",      "dup",    "dup2",    "dup3",
					     "fcntl",      "pipe",   "pipe2",   "socket",
					     "socketpair", "accept", "accept4", "recvmsg",
					     "eventfd2",   "openat", "open",    "memfd_create",
					     "close_range" };

	return wants_all(filter, calls, ARRAY_LEN(calls));
}

/* And nothing that removes what would last? */
static bool follows_removals(const struct filter *filter)
{
	static const char *const calls[] = { "unlink", "unlinkat", "mq_unlink",
					     "msgctl", "semctl",   "shmctl" };

	return wants_all(filter, calls, ARRAY_LEN(calls));
}

/* Nothing that uses a descriptor of an IPC object? */
static bool follows_uses(const struct filter *filter)
{
	static const char *const calls[] = {
		"read",     "write",       "readv",         "writev",   "poll",    "ppoll",
		"select",   "pselect6",    "epoll_ctl",     "dup",      "dup2",    "dup3",
		"fcntl",    "ioctl",       "sendto",        "recvfrom", "sendmsg", "recvmsg",
		"sendmmsg", "recvmmsg",    "accept",        "accept4",  "connect", "listen",
		"splice",   "tee",         "vmsplice",      "sendfile", "mmap",    "shutdown",
		"bind",     "getsockname", "io_uring_enter"
	};

	return wants_all(filter, calls, ARRAY_LEN(calls));
}

/* What sends and receives by each mechanism, besides calls that nothing can be hidden by. */
static const struct traffic {
	uint64_t mechs; /* bits 1 << enum mech */
	const char *calls[16];
} traffics[] = {
	{ 1ull << MECH_PIPE | 1ull << MECH_FIFO,
	  { "read", "readv", "write", "writev", "splice", "tee", "vmsplice", "sendfile" } },
	{ 1ull << MECH_UNIX | 1ull << MECH_INET | 1ull << MECH_NETLINK | 1ull << MECH_SOCKET,
	  { "read", "readv", "write", "writev", "splice", "sendfile", "sendto", "sendmsg",
	    "sendmmsg", "recvfrom", "recvmsg", "recvmmsg" } },
	{ 1ull << MECH_EVENTFD, { "read", "readv", "write", "writev", "eventfd2" } },
	{ 1ull << MECH_SYSV_MSG, { "msgsnd", "msgrcv" } },
	{ 1ull << MECH_POSIX_MQ, { "mq_timedsend", "mq_timedreceive" } },
	{ 1ull << MECH_SYSV_SEM, { "semop", "semtimedop", "semctl" } },
	{ 1ull << MECH_FUTEX, { "futex" } },
	{ 1ull << MECH_SIGNAL,
	  { "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal",
	    "rt_sigaction", "rt_sigtimedwait" } },
};

/* The mechanisms of which nothing is hidden that sends or receives. */
static uint64_t followed_messages(const struct filter *filter)
{
	uint64_t mechs = 0;

	for (size_t i = 0; i < ARRAY_LEN(traffics); i++) {
		size_t n = 0;

		while (n < ARRAY_LEN(traffics[i].calls) && traffics[i].calls[n])
			n++;
		if (wants_all(filter, traffics[i].calls, n))
			mechs |= traffics[i].mechs;
	}
	return mechs;
}

struct model_options session_model_options(const struct options *options)
{
	const struct filter *filter = options->filter;
	struct model_options model = options->model;

	/* Of what is only looked at all descriptors are listed. */
	model.follows_descriptors =
		why_is_snapshot(options) || (options->is_following && follows_descriptors(filter));
	model.follows_removals = follows_removals(filter);
	model.follows_uses = model.follows_descriptors && follows_uses(filter);
	model.follows_messages = followed_messages(filter);
	model.has_details = options->format == FORMAT_JSON;
	return model;
}

bool session_may_have_several(const struct options *options)
{
	return options->is_following || options->n_targets > 1;
}

void session_fill_meta(const struct options *options, struct trace_meta *meta)
{
	struct model_options model = session_model_options(options);

	meta->flags = KNOWS_ITSELF;
	if (session_may_have_several(options))
		meta->flags |= KNOWS_SEVERAL;
	/* Strace's face does not ask. */
	if (options->is_strace)
		return;
	if (model.follows_descriptors)
		meta->flags |= KNOWS_DESCRIPTORS;
	if (model.follows_removals)
		meta->flags |= KNOWS_REMOVALS;
	if (model.follows_uses)
		meta->flags |= KNOWS_USES;
	if (model.has_state)
		meta->flags |= KNOWS_STATE;
	if (model.has_peers)
		meta->flags |= KNOWS_PEERS;
	meta->mechs = model.follows_messages;
}

void session_use_meta(struct session *session, const struct trace_meta *meta)
{
	const struct model_options known = {
		.has_state = meta->flags & KNOWS_STATE,
		.has_peers = meta->flags & KNOWS_PEERS,
		.follows_descriptors = meta->flags & KNOWS_DESCRIPTORS,
		.follows_removals = meta->flags & KNOWS_REMOVALS,
		.follows_uses = meta->flags & KNOWS_USES,
		.follows_messages = meta->mechs,
	};

	session->wants_all = filter_wants_all(session->options->filter);
	if (meta->timezone)
		timezone_use(meta->timezone);
	if (!(meta->flags & KNOWS_ITSELF))
		return;
	if (session->model)
		model_know_less(session->model, &known);
	if (!(meta->flags & KNOWS_SEVERAL))
		session->renderer->options.has_pid_column = false;
}
