/*
 * Watched files and directories. The kernel tells what changed, not who did it. inotify(7),
 * fanotify(7)
 */
#include <stdio.h>
#include <string.h>

#include "model/mech/state.h"

enum { WATCHES_MAX = 64, PATH_MAX_LEN = 120, NAMES_MAX = 4, READ_MAX = 4096, HEAD_LEN = 16 };

struct watch {
	int wd;
	char path[PATH_MAX_LEN];
};

struct watches {
	unsigned n; /* of them WATCHES_MAX are remembered */
	struct watch items[WATCHES_MAX];
};

static void ask(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	char events[READ_MAX];

	if (ask->handle.op != OP_RECV)
		return;
	if (ask->has_state)
		mem_fact(ask->mem, FACT_QUEUED, ask->handle.id);
	if (ask->is_exit && !ev->is_error && ev->ret > 0)
		mem_read(ask->mem, ev->args[1], events,
			 ev->ret < READ_MAX ? (size_t)ev->ret : READ_MAX);
}

static struct watch *find_watch(struct watches *watches, int wd)
{
	for (unsigned i = 0; i < watches->n && i < WATCHES_MAX; i++) {
		if (watches->items[i].wd == wd)
			return &watches->items[i];
	}
	return NULL;
}

static void added(struct mech_call *m, struct watches *watches)
{
	const char *path = state_string(m, &m->call->args[1]);
	int wd = (int)m->call->ret;
	struct watch *watch = find_watch(watches, wd);

	if (!watch && watches->n < WATCHES_MAX)
		watch = &watches->items[watches->n++];
	if (!watch)
		return;
	watch->wd = wd;
	snprintf(watch->path, sizeof(watch->path), "%s", path ? path : "?");
}

static void removed(struct watches *watches, int wd)
{
	struct watch *watch = find_watch(watches, wd);

	if (watch)
		*watch = watches->items[--watches->n];
}

/* The paths that the events read are about, each once. */
static const char *changed(const struct mech_call *m, struct watches *watches)
{
	struct mem mem = { .ev = (struct event *)m->ev };
	const struct watch *seen[NAMES_MAX];
	uint64_t addr = m->call->raw[1], end = addr + (uint64_t)m->call->ret;
	const char *names = NULL;
	unsigned n = 0;

	while (addr + HEAD_LEN <= end && n < NAMES_MAX) {
		const struct watch *watch;
		bool is_seen = false;
		uint32_t head[4];

		if (mem_read_all(&mem, addr, head, sizeof(head)) < 0)
			break;
		addr += HEAD_LEN + head[3];
		watch = find_watch(watches, (int)head[0]);
		for (unsigned i = 0; i < n; i++)
			is_seen = is_seen || seen[i] == watch;
		if (!watch || is_seen)
			continue;
		seen[n++] = watch;
		names = state_join(m, names, watch->path);
	}
	return names ? arena_printf(m->arena, "about %s", names) : NULL;
}

static const char *watched(const struct mech_call *m, const struct watches *watches)
{
	const char *names = NULL;

	for (unsigned i = 0; i < watches->n && i < NAMES_MAX; i++)
		names = state_join(m, names, watches->items[i].path);
	if (!names)
		return "waits for a change";
	return arena_printf(m->arena, "waits for a change of %s%s", names,
			    watches->n > NAMES_MAX ? " and others" : "");
}

static void apply(struct mech_call *m)
{
	struct watches *watches = state_data(m->object, sizeof(*watches));
	bool is_read = m->handle.op == OP_RECV;

	if (is_read)
		state_add(m, "queued", "B", state_fact(m->enter, FACT_QUEUED, m->handle.id, 0),
			  state_fact(state_after(m), FACT_QUEUED, m->handle.id, 0), -1);
	if (!m->is_over && m->touch)
		m->touch->note = watched(m, watches);
	if (!m->is_success)
		return;
	if (strcmp(m->call->name, "inotify_add_watch") == 0)
		added(m, watches);
	else if (strcmp(m->call->name, "inotify_rm_watch") == 0)
		removed(watches, (int)m->call->raw[1]);
	if (!is_read || m->call->ret <= 0)
		return;
	m->object->n_receives++;
	m->object->bytes_received += (uint64_t)m->call->ret;
	if (m->touch && m->object->key.mech == MECH_INOTIFY)
		m->touch->note = changed(m, watches);
}

static void describe(struct object *object, const struct fact *fact, const char *text)
{
	(void)fact;
	(void)text;
	/* The inode is that of all anonymous files. */
	object->identity[0] = '\0';
}

const struct ipc_mech mech_inotify = {
	.mech = MECH_INOTIFY,
	.prefix = "inotify",
	.fd_kinds = 1ull << FD_INOTIFY,
	.ask = ask,
	.apply = apply,
	.describe = describe,
};

const struct ipc_mech mech_fanotify = {
	.mech = MECH_FANOTIFY,
	.prefix = "fanotify",
	.fd_kinds = 1ull << FD_FANOTIFY,
	.ask = ask,
	.apply = apply,
	.describe = describe,
};

/* Page faults as messages to whoever reads them. userfaultfd(2) */
static void apply_userfaultfd(struct mech_call *m)
{
	if (!m->is_over && m->touch)
		m->touch->note = "waits for a page fault";
	else if (m->is_success && m->handle.op == OP_RECV)
		m->object->n_receives++;
}

const struct ipc_mech mech_userfaultfd = {
	.mech = MECH_USERFAULTFD,
	.prefix = "userfaultfd",
	.fd_kinds = 1ull << FD_USERFAULTFD,
	.apply = apply_userfaultfd,
	.describe = describe,
};
