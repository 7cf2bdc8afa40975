#include "render/text_model.h"

#include <string.h>

#include "model/seen.h"
#include "render/text_time.h"
#include "render/text_value.h"

enum { MATCHES_SHOWN = 3 };

static void add_escaped(struct buf *out, const char *text)
{
	text_escape(out, text, strlen(text), "<>{}");
}

/* Between braces arrows are no markers. */
static void add_inner(struct buf *out, const char *text)
{
	text_escape(out, text, strlen(text), "{}");
}

static void add_number(struct buf *out, const struct quantity *q, int64_t number)
{
	if (q->is_unsigned)
		buf_uint(out, (uint64_t)number);
	else
		buf_int(out, number);
}

static void add_quantity(struct buf *out, const struct quantity *q)
{
	bool is_changed = q->has_before && q->has_after && q->before != q->after;

	if (q->name[0]) {
		buf_text(out, q->name);
		buf_char(out, ' ');
	}
	if (is_changed) {
		add_number(out, q, q->before);
		buf_text(out, " -> ");
	}
	add_number(out, q, q->has_after ? q->after : q->before);
	if (q->has_limit) {
		buf_char(out, '/');
		buf_int(out, q->limit);
	}
	if (q->unit[0]) {
		buf_char(out, ' ');
		buf_text(out, q->unit);
	}
	if (q->words) {
		buf_text(out, ", ");
		add_inner(out, q->words);
	}
}

/* Is there more to say than the name, which the call's arguments have? */
static bool is_telling(const struct touch *touch)
{
	const struct object *object = touch->object;

	return touch->part || touch->is_created || touch->n_quantities || touch->note ||
	       (touch->is_new && (object->label || object->identity[0]));
}

static void add_touch(struct buf *out, const struct touch *touch)
{
	const struct object *object = touch->object;
	bool is_first = true;

	if (!is_telling(touch))
		return;
	buf_text(out, " {");
	buf_text(out, object_short_name(object));
	if (touch->part)
		buf_text(out, touch->part);
	if (touch->is_created)
		buf_text(out, " new");
	if (touch->is_new && object->label) {
		buf_char(out, ' ');
		add_inner(out, object->label);
	}
	if (touch->is_new && object->identity[0]) {
		buf_char(out, ' ');
		buf_text(out, object->identity);
	}
	for (unsigned i = 0; i < touch->n_quantities; i++) {
		buf_text(out, !is_first ? ", " : touch->is_new ? ": " : " ");
		add_quantity(out, &touch->quantities[i]);
		is_first = false;
	}
	if (touch->note) {
		buf_text(out, !is_first ? ", " : touch->is_new ? ": " : " ");
		add_inner(out, touch->note);
	}
	buf_char(out, '}');
}

static void add_unknown(struct buf *out, const struct peer *peer)
{
	if (!peer->inner_pid) {
		buf_text(out, "? (");
		add_escaped(out, peer->text ? peer->text : "unknown");
		buf_char(out, ')');
		return;
	}
	buf_printf(out, "? (PID %d inside its namespace)", peer->inner_pid);
	if (peer->text) {
		buf_text(out, ": ");
		add_escaped(out, peer->text);
	}
}

void text_peer(struct buf *out, const struct peer *peer)
{
	if (peer->certainty == UNKNOWN && !peer->pid) {
		add_unknown(out, peer);
		return;
	}
	add_escaped(out, peer->comm ? peer->comm : "?");
	buf_char(out, '[');
	buf_int(out, peer->pid);
	if (peer->inner_pid)
		buf_printf(out, ", %d inside", peer->inner_pid);
	buf_text(out, peer->certainty == CERTAIN ? "]" : "]~");
	if (peer->tid && peer->tid != peer->pid)
		buf_printf(out, " thread %d", peer->tid);
	if (peer->fd >= 0) {
		buf_text(out, " fd ");
		buf_int(out, peer->fd);
	}
	if (peer->is_older)
		buf_text(out, " (older than the trace)");
	if (peer->text) {
		buf_text(out, ": ");
		add_escaped(out, peer->text);
	}
}

/* Where a message was meanwhile. */
static const char *place(const struct object *object)
{
	switch ((enum mech)object->key.mech) {
	case MECH_PIPE:
		return " in pipe";
	case MECH_FIFO:
		return " in fifo";
	case MECH_SYSV_MSG:
	case MECH_POSIX_MQ:
		return " in queue";
	case MECH_EVENTFD:
		return " in counter";
	case MECH_SYSV_SEM:
		return " in semaphore";
	case MECH_FUTEX:
		return " after the wake";
	case MECH_SIGNAL:
		return " pending";
	default:
		return " in socket";
	}
}

/* "#17" is all of the message, "#17[0..256)" a part of it. */
static void add_match(struct buf *out, const struct match *match)
{
	buf_text(out, match->certainty == CERTAIN ? "#" : "~#");
	buf_uint(out, match->number);
	if (match->first || match->end != match->len) {
		buf_char(out, '[');
		buf_uint(out, match->first);
		buf_text(out, "..");
		buf_uint(out, match->end);
		buf_char(out, ')');
	}
}

/* How long they were held, or, where the receive returned before the send, how long it all took. */
static void add_match_times(struct buf *out, const struct annotation *annotation)
{
	uint64_t held_ns = 0, latency_ns = 0;

	for (unsigned i = 0; i < annotation->n_matches; i++) {
		const struct match *match = &annotation->matches[i];

		if (match->is_sent)
			continue;
		held_ns = match->held_ns > held_ns ? match->held_ns : held_ns;
		latency_ns = match->latency_ns > latency_ns ? match->latency_ns : latency_ns;
	}
	if (!latency_ns)
		return;
	buf_text(out, annotation->n_matches > 1 ? ", up to " : ", ");
	text_time(out, held_ns ? held_ns : latency_ns);
	if (held_ns)
		buf_text(out, place(annotation->matches[0].object));
}

/* Signals that were pending already when they were sent once more. */
static void add_merged(struct buf *out, const struct annotation *annotation)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < annotation->n_matches; i++)
		n += annotation->matches[i].n_merged;
	if (!n)
		return;
	buf_text(out, ", ");
	buf_uint(out, n);
	buf_text(out, " more merged into it");
}

static void add_matches(struct buf *out, const struct annotation *annotation)
{
	unsigned n = annotation->n_matches;

	for (unsigned i = 0; i < n; i++) {
		bool is_left_out = n > MATCHES_SHOWN && i && i + 1 < n;

		if (is_left_out)
			continue;
		buf_text(out, !i ? " " : n > MATCHES_SHOWN ? ".." : ", ");
		add_match(out, &annotation->matches[i]);
	}
	if (n)
		add_match_times(out, annotation);
	add_merged(out, annotation);
}

static const char *arrow(enum peer_direction direction)
{
	switch (direction) {
	case PEER_TO:
		return " -> ";
	case PEER_FROM:
		return " <- ";
	case PEER_WAITS_FOR:
		return " waits for ";
	}
	return " ";
}

void text_annotation(struct buf *out, const struct annotation *annotation)
{
	for (unsigned i = 0; i < annotation->n_touches; i++)
		add_touch(out, &annotation->touches[i]);
	for (unsigned i = 0; i < annotation->n_peers; i++) {
		const struct peer *peer = &annotation->peers[i];
		bool is_list = i && annotation->peers[i - 1].direction == peer->direction;

		buf_text(out, is_list ? ", " : arrow(peer->direction));
		text_peer(out, peer);
	}
	if (annotation->n_more_peers)
		buf_printf(out, " and %u more", annotation->n_more_peers);
	add_matches(out, annotation);
}

static void add_holder(struct buf *out, const struct holding *h)
{
	buf_text(out, "    ");
	add_escaped(out, h->process->comm[0] ? h->process->comm : "?");
	buf_printf(out, "[%d] fd %d %s%s%s\n", h->process->tgid, h->fd, h->access & 0400 ? "r" : "",
		   h->access & 0200 ? "w" : "", h->is_older ? " (older than the trace)" : "");
}

static void add_seen(struct buf *out, const struct object *object)
{
	buf_text(out, ", last seen {");
	for (size_t i = 0; i < object->n_seen; i++) {
		struct quantity q = seen_quantity(&object->seen[i]);

		if (i)
			buf_text(out, ", ");
		add_quantity(out, &q);
	}
	buf_char(out, '}');
}

void text_object(struct buf *out, const struct object *object)
{
	buf_text(out, object_short_name(object));
	if (object->label) {
		buf_char(out, ' ');
		add_inner(out, object->label);
	}
	if (object->identity[0])
		buf_printf(out, " %s", object->identity);
	if (object->creator)
		buf_printf(out, ", made by PID %d", object->creator);
	else if (object->is_older)
		buf_text(out, ", older than the trace");
	if (object->n_sends)
		buf_printf(out, ", %llu sends of %llu B", (unsigned long long)object->n_sends,
			   (unsigned long long)object->bytes_sent);
	if (object->n_receives)
		buf_printf(out, ", %llu receives of %llu B", (unsigned long long)object->n_receives,
			   (unsigned long long)object->bytes_received);
	if (object->n_seen)
		add_seen(out, object);
	if (object->is_removed)
		buf_text(out, ", removed");
	else if (!object->holdings)
		buf_text(out, ", held by nobody traced");
	buf_char(out, '\n');
	for (const struct holding *h = object->holdings; h; h = h->next)
		add_holder(out, h);
}
