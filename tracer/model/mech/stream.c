#include "model/mech/stream.h"

#include <stdlib.h>

enum { SEGMENTS_MIN = 8, SEGMENTS_MAX = 1024 };

/* A ring of cap segments in place of the object's own. */
static struct stream *resize(struct object *object, unsigned cap)
{
	struct stream *old = object->ledger;
	struct stream *stream = calloc(1, sizeof(*stream) + cap * sizeof(stream->segments[0]));

	if (!stream)
		abort();
	stream->cap = cap;
	stream->is_inexact = object->is_older;
	if (old) {
		stream->is_inexact = old->is_inexact;
		stream->debt = old->debt;
		stream->last = old->last;
		stream->last_other = old->last_other;
		for (unsigned i = 0; i < old->n; i++)
			stream->segments[i] = old->segments[(old->first + i) % old->cap];
		stream->n = old->n;
	}
	free(old);
	object->ledger = stream;
	return stream;
}

struct stream *stream_of(struct object *object)
{
	return object->ledger ? object->ledger : resize(object, SEGMENTS_MIN);
}

void stream_refer(const struct object *object, void (*keep)(void *data, struct object *object),
		  void *data)
{
	const struct stream *stream = object->ledger;

	for (unsigned i = 0; stream && i < stream->n; i++)
		keep(data,
		     (struct object *)stream->segments[(stream->first + i) % stream->cap].from);
}

static struct segment *segment_at(struct stream *stream, unsigned i)
{
	return &stream->segments[(stream->first + i) % stream->cap];
}

static void append(struct object *object, const struct segment *segment)
{
	struct stream *stream = stream_of(object);

	if (stream->n == SEGMENTS_MAX) {
		stream->is_inexact = true;
		return;
	}
	if (stream->n == stream->cap)
		stream = resize(object, stream->cap * 2);
	*segment_at(stream, stream->n++) = *segment;
}

static void drop_first(struct stream *stream)
{
	stream->first = (stream->first + 1) % stream->cap;
	stream->n--;
}

/*
 * Puts whose calls overlap in time may have happened in either order. The entry of a call was
 * seen before it did anything, its exit after.
 */
static bool is_racing(const struct mech_call *m, const struct object *object)
{
	const struct stream *stream = object->ledger;
	pid_t pid = m->process->tgid;
	const struct put *other = stream->last.pid == pid ? &stream->last_other : &stream->last;

	if (other->pid && other->exit_ns > m->call->enter_ns)
		return true;
	for (const struct waiter *w = object->waiters; w; w = w->next) {
		if (w->op == OP_SEND && w->tgid != pid)
			return true;
	}
	return false;
}

static void note_put(const struct mech_call *m, struct stream *stream)
{
	if (stream->last.pid != m->process->tgid)
		stream->last_other = stream->last;
	stream->last = (struct put){ m->process->tgid, m->call->exit_ns };
}

void stream_put(struct mech_call *m, struct object *object, int fd, uint64_t len)
{
	struct stream *stream = stream_of(object);
	struct segment segment = { m->process->tgid, fd, 0, NULL, is_racing(m, object) };
	uint64_t paid = len < stream->debt ? len : stream->debt;
	struct segment *last = stream->n ? segment_at(stream, stream->n - 1) : NULL;

	note_put(m, stream);
	stream->debt -= paid;
	segment.len = len - paid;
	if (!segment.len)
		return;
	if (last && last->pid == segment.pid && last->fd == fd &&
	    last->is_racing == segment.is_racing)
		last->len += segment.len;
	else
		append(object, &segment);
}

static void name_writer(struct mech_call *m, const struct segment *segment)
{
	for (unsigned i = 0; i < m->annotation->n_peers; i++) {
		const struct peer *peer = &m->annotation->peers[i];

		if (peer->direction == PEER_FROM && peer->pid == segment->pid)
			return;
	}
	mech_add_peer(m, PEER_FROM, segment->is_racing ? INFERRED : CERTAIN, segment->pid,
		      segment->fd);
}

/*
 * What the ledger does not have was put by calls that have not returned yet. They have been
 * entered for sure, so that one alone must be it. False if there is none.
 */
static bool name_putters(struct mech_call *m, const struct object *object)
{
	unsigned n = 0;

	for (const struct waiter *w = object->waiters; w; w = w->next)
		n += w->op == OP_SEND && w->tid != m->call->tid;
	for (const struct waiter *w = object->waiters; w; w = w->next) {
		const struct process *process = model_process(m->model, w->tgid);
		const struct holding *holding =
			process ? process_holding(process, (int)w->raw[0]) : NULL;

		if (w->op == OP_SEND && w->tid != m->call->tid)
			mech_add_peer(m, PEER_FROM, n == 1 ? CERTAIN : INFERRED, w->tgid,
				      holding && holding->object == object ? holding->fd : -1);
	}
	return n;
}

bool stream_take(struct mech_call *m, struct object *object, uint64_t len, bool is_peek)
{
	struct stream *stream = stream_of(object);
	unsigned n_peers = m->annotation->n_peers, n_more = m->annotation->n_more_peers;
	unsigned at = 0;

	while (len && at < stream->n) {
		struct segment *segment = segment_at(stream, at);
		uint64_t part = len < segment->len ? len : segment->len;

		name_writer(m, segment);
		len -= part;
		if (is_peek) {
			at++;
			continue;
		}
		segment->len -= part;
		if (!segment->len)
			drop_first(stream);
	}
	if (len && !stream->is_inexact && !name_putters(m, object))
		stream->is_inexact = true;
	if (!is_peek && !stream->is_inexact)
		stream->debt += len;
	if (!stream->is_inexact)
		return true;
	m->annotation->n_peers = n_peers;
	m->annotation->n_more_peers = n_more;
	return false;
}

void stream_doubt(struct mech_call *m, const struct object *object, unsigned access, unsigned from)
{
	bool is_own = false;

	for (const struct holding *h = object ? object->holdings : NULL; h; h = h->next)
		is_own |= (h->access & access) && h->process == m->process->files_of;
	for (unsigned i = from; i < m->annotation->n_peers; i++) {
		struct peer *peer = &m->annotation->peers[i];

		if (peer->certainty == CERTAIN && (is_own || m->annotation->n_peers > from + 1))
			peer->certainty = INFERRED;
	}
}

void stream_put_message(struct mech_call *m, struct object *object, const struct segment *message)
{
	struct stream *stream = stream_of(object);
	struct segment segment = *message;

	segment.is_racing = is_racing(m, object);
	note_put(m, stream);
	if (stream->debt)
		stream->debt--;
	else
		append(object, &segment);
}

bool stream_take_message(struct object *object, uint64_t len, bool is_peek,
			 struct segment *ret_message)
{
	struct stream *stream = stream_of(object);

	if (!stream->n) {
		if (!is_peek && !stream->is_inexact)
			stream->debt++;
		return false;
	}
	*ret_message = *segment_at(stream, 0);
	/* Not what we thought comes next: somebody else sends too, or messages were lost. */
	if (ret_message->len < len) {
		stream->is_inexact = true;
		stream->n = 0;
		return false;
	}
	if (!is_peek)
		drop_first(stream);
	return true;
}
