/*
 * Sets of watched descriptors. What is watched is known from epoll_ctl, or for a set that is
 * older than the trace from its fdinfo; an event names it by the data it was added with. epoll(7)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "model/mech/details.h"
#include "model/mech/poll.h"

enum {
	EVENT_LEN = 12, /* struct epoll_event of linux/eventpoll.h: packed on x86 */
	EVENTS_MAX = 64,
	NAMES_MAX = 6,
	WATCHES_MAX = 65536,
};

struct watch {
	int fd; /* of the process that added it */
	uint32_t events;
	uint64_t data;
	struct object *object; /* NULL: no object of communication, or not known */
};

struct watches {
	unsigned n, cap;
	struct watch items[];
};

/* "tfd:        5 events:       19 data:                5  pos:0 ino:2a sdev:f" */
static bool parse_watch(const char *line, struct watch *ret_watch)
{
	unsigned long long data;
	unsigned events;
	int fd;

	if (sscanf(line, "tfd: %d events: %x data: %llx", &fd, &events, &data) != 3)
		return false;
	*ret_watch = (struct watch){ .fd = fd, .events = events, .data = data };
	return true;
}

/* The next watch of a set's fdinfo; *at starts at 0. False at its end. */
static bool next_watch(const struct event *ev, const struct fact *fact, size_t *at,
		       struct watch *ret_watch)
{
	const char *text = event_fact_text(ev, fact);

	while (*at < fact->text_len) {
		const char *newline = memchr(text + *at, '\n', fact->text_len - *at);
		size_t len = newline ? (size_t)(newline - text) - *at : fact->text_len - *at;
		char line[128];

		snprintf(line, sizeof(line), "%.*s", (int)len, text + *at);
		*at += len + 1;
		if (parse_watch(line, ret_watch))
			return true;
	}
	return false;
}

static enum ipc_op watched_for(const struct watch *watch)
{
	return watch->events & EPOLLIN ? OP_RECV : OP_SEND;
}

/* What is watched by a call that has blocked. */
static void ask_watched(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	const struct fact *fact = mem_fact(ask->mem, FACT_FDINFO, ask->handle.id);
	struct watch watch;
	unsigned n = 0;
	size_t at = 0;

	while (fact && n++ < EVENTS_MAX && next_watch(ev, fact, &at, &watch)) {
		poll_ask_for(ask, watch.fd, watched_for(&watch));
		fact = event_fact(ev, FACT_FDINFO, ask->handle.id);
	}
}

static void ask(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	uint8_t events[EVENT_LEN * EVENTS_MAX];
	size_t len;

	/* Whose making was not seen: what it watches already, asked once. */
	if (!ask->is_exit && ask->handle.op != OP_CREATE &&
	    (!ask->object || (!ask->object->creator && !ask->object->data)))
		mem_fact(ask->mem, FACT_FDINFO, ask->handle.id);
	if (ask->handle.op == OP_WAIT && !ask->is_exit && mech_is_late(ask))
		ask_watched(ask);
	if (ask->handle.op == OP_CONTROL && !ask->is_exit &&
	    strcmp(ask->spec->name, "epoll_ctl") == 0)
		mem_read(ask->mem, ev->args[3], events, EVENT_LEN);
	if (ask->handle.op == OP_WAIT && ask->is_exit && !ev->is_error && ev->ret > 0) {
		len = (size_t)(ev->ret < EVENTS_MAX ? ev->ret : EVENTS_MAX) * EVENT_LEN;
		mem_read(ask->mem, ev->args[1], events, len);
	}
}

/* The list with room for one more; NULL if it has reached its limit. */
static struct watches *grow(struct object *object)
{
	struct watches *watches = object->data;
	unsigned n = watches ? watches->n : 0;
	unsigned cap = watches ? watches->cap : 0;

	if (watches && n < cap)
		return watches;
	cap = cap ? cap * 2 : 8;
	if (cap > WATCHES_MAX)
		return NULL;
	watches = realloc(object->data, sizeof(*watches) + cap * sizeof(struct watch));
	if (!watches)
		abort();
	watches->n = n;
	watches->cap = cap;
	object->data = watches;
	return watches;
}

static struct watch *add_watch(struct object *object, int fd)
{
	struct watches *watches = object->data;

	for (unsigned i = 0; watches && i < watches->n; i++) {
		if (watches->items[i].fd == fd)
			return &watches->items[i];
	}
	watches = grow(object);
	if (!watches)
		return NULL;
	watches->items[watches->n] = (struct watch){ .fd = fd };
	return &watches->items[watches->n++];
}

static void drop_watch(struct object *object, int fd)
{
	struct watches *watches = object->data;

	for (unsigned i = 0; watches && i < watches->n; i++) {
		if (watches->items[i].fd == fd)
			watches->items[i--] = watches->items[--watches->n];
	}
}

static void refer(const struct object *object, void (*keep)(void *data, struct object *object),
		  void *data)
{
	const struct watches *watches = object->data;

	for (unsigned i = 0; watches && i < watches->n; i++)
		keep(data, watches->items[i].object);
}

static struct object *object_of_fd(const struct mech_call *m, int fd)
{
	struct holding *holding = process_holding(m->process, fd);

	return holding ? holding->object : NULL;
}

static void seed(struct mech_call *m)
{
	const struct fact *fact = m->enter ? event_fact(m->enter, FACT_FDINFO, m->handle.id) : NULL;
	struct watch found, *watch;
	size_t at = 0;

	if (m->object->data || !fact)
		return;
	grow(m->object);
	while (next_watch(m->enter, fact, &at, &found)) {
		watch = add_watch(m->object, found.fd);
		found.object = object_of_fd(m, found.fd);
		if (watch)
			*watch = found;
	}
}

/* Its object's name, else its number. */
static const char *watch_name(const struct mech_call *m, const struct watch *watch)
{
	if (watch->object)
		return object_short_name(watch->object);
	return arena_printf(m->arena, "fd %d", watch->fd);
}

/* The only watch that was added with data; NULL if there is none or several. */
static const struct watch *find_watch(const struct object *object, uint64_t data)
{
	const struct watches *watches = object->data;
	const struct watch *found = NULL;

	for (unsigned i = 0; watches && i < watches->n; i++) {
		if (watches->items[i].data != data)
			continue;
		if (found)
			return NULL;
		found = &watches->items[i];
	}
	return found;
}

static bool event_at(const struct event *ev, uint64_t addr, uint32_t *ret_events,
		     uint64_t *ret_data)
{
	struct mem mem = { .ev = (struct event *)ev };
	uint8_t event[EVENT_LEN];

	if (!ev || mem_read_all(&mem, addr, event, sizeof(event)) < 0)
		return false;
	memcpy(ret_events, event, sizeof(*ret_events));
	memcpy(ret_data, event + sizeof(*ret_events), sizeof(*ret_data));
	return true;
}

static struct number count(const struct object *object)
{
	const struct watches *watches = object->data;

	return (struct number){ true, watches ? watches->n : 0 };
}

static void control(struct mech_call *m)
{
	struct number before = count(m->object);
	int fd = (int)(int32_t)m->call->raw[2];
	struct watch *watch;

	if (strcmp(m->call->name, "epoll_ctl") != 0)
		return;
	if ((int32_t)m->call->raw[1] == EPOLL_CTL_DEL) {
		drop_watch(m->object, fd);
	} else {
		watch = add_watch(m->object, fd);
		if (!watch)
			return;
		event_at(m->enter, m->call->raw[3], &watch->events, &watch->data);
		watch->object = object_of_fd(m, fd);
	}
	state_add(m, "watches", "", before, count(m->object), -1);
}

/* "ready: pipe:1, unix:2" */
static void ready(struct mech_call *m)
{
	const char *names = NULL;
	int64_t n = m->call->ret, i;

	m->object->n_receives += n > 0;
	for (i = 0; i < n && i < NAMES_MAX; i++) {
		const struct watch *watch;
		uint32_t events;
		uint64_t data;

		if (!event_at(m->ev, m->call->raw[1] + (uint64_t)i * EVENT_LEN, &events, &data))
			break;
		watch = find_watch(m->object, data);
		names = state_join(m, names, watch ? watch_name(m, watch) : "?");
	}
	if (!m->touch || !names)
		return;
	m->touch->note =
		i < n ? arena_printf(m->arena, "ready: %s and %lld more", names, (long long)(n - i))
		      : arena_printf(m->arena, "ready: %s", names);
}

/* Is it watched for that, and for nothing that goes the other way? */
static bool is_only(const struct watch *watch, uint32_t event)
{
	return (watch->events & (EPOLLIN | EPOLLOUT | EPOLLPRI)) == event;
}

/* Whoever has the set, too, or another thread, can let it watch more. */
static bool is_shared(const struct mech_call *m)
{
	for (const struct holding *h = m->object->holdings; h; h = h->next) {
		if (h->process != m->process)
			return true;
	}
	return m->process->n_threads > 1;
}

static void blocked(struct mech_call *m)
{
	const struct watches *watches = m->object->data;
	const char *names = NULL;
	unsigned i;

	for (i = 0; watches && i < watches->n && i < NAMES_MAX; i++) {
		const struct watch *watch = &watches->items[i];

		names = state_join(m, names, watch_name(m, watch));
		m->annotation->is_open |= !is_only(watch, EPOLLIN) && !is_only(watch, EPOLLOUT);
		/* Closed since: it is watched no more, unless a copy of it is open. */
		if (!watch->object || object_of_fd(m, watch->fd) != watch->object)
			m->annotation->is_open = true;
		else
			poll_wait_for(m, watch->fd, watch->object, watched_for(watch));
	}
	m->annotation->is_open |= !watches || i < watches->n || is_shared(m);
	if (!m->touch || !names)
		return;
	m->touch->note = i < watches->n ? arena_printf(m->arena, "watches %s and %u more", names,
						       watches->n - i)
					: arena_printf(m->arena, "watches %s", names);
}

/* --- details --- */

static struct value watch_detail(const struct mech_call *m, const struct watch *watch,
				 uint32_t events, uint64_t data)
{
	struct value value = value_struct(m->arena, 3);

	if (watch) {
		*value_field(&value, "fd") = value_int(watch->fd);
		if (watch->object)
			value.st.fields[0].value.object = object_short_name(watch->object);
	} else {
		*value_field(&value, "fd") = (struct value){ 0 };
	}
	*value_field(&value, "events") = value_hex(events);
	*value_field(&value, "data") = value_hex(data);
	return value;
}

static struct value watched_detail(const struct mech_call *m, const struct watches *watches)
{
	uint32_t total = watches ? watches->n : 0, n = total < EVENTS_MAX ? total : EVENTS_MAX;
	struct value list = value_array(m->arena, n);

	list.array.total = total;
	list.is_cut = n < total;
	for (uint32_t i = 0; i < n; i++)
		list.array.items[i] = watch_detail(m, &watches->items[i], watches->items[i].events,
						   watches->items[i].data);
	return list;
}

static struct value ready_detail(const struct mech_call *m)
{
	uint64_t total = (uint64_t)m->call->ret;
	struct value list =
		value_array(m->arena, total < EVENTS_MAX ? (uint32_t)total : EVENTS_MAX);
	uint32_t n = 0;

	for (; n < list.array.n; n++) {
		uint32_t events;
		uint64_t data;

		if (!event_at(m->ev, m->call->raw[1] + (uint64_t)n * EVENT_LEN, &events, &data))
			break;
		list.array.items[n] = watch_detail(m, find_watch(m->object, data), events, data);
	}
	list.array.n = n;
	list.array.total = total;
	list.is_cut = n < total;
	return list;
}

static void add_details(struct mech_call *m)
{
	if (m->handle.op != OP_WAIT && m->handle.op != OP_CONTROL)
		return;
	details_add(m, "watches", watched_detail(m, m->object->data));
	if (m->handle.op == OP_WAIT && m->is_success)
		details_add(m, "ready", ready_detail(m));
}

static void apply(struct mech_call *m)
{
	seed(m);
	if (!m->is_over && m->handle.op == OP_WAIT)
		blocked(m);
	else if (m->is_success && m->handle.op == OP_CONTROL)
		control(m);
	else if (m->is_success && m->handle.op == OP_WAIT)
		ready(m);
	if (details_are_wanted(m))
		add_details(m);
}

static void describe(struct object *object, const struct fact *fact, const char *text)
{
	(void)fact;
	(void)text;
	object->identity[0] = '\0';
}

const struct ipc_mech mech_epoll = {
	.mech = MECH_EPOLL,
	.prefix = "epoll",
	.fd_kinds = 1ull << FD_EPOLL,
	.ask = ask,
	.apply = apply,
	.describe = describe,
	.refer = refer,
};
