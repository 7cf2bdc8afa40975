/* What mechanisms have in common: quantities, peers, holders. */
#include "model/mech.h"
#include "model/model_core.h"

const struct fact *mech_before(const struct mech_call *m, enum fact_kind kind, int64_t subject)
{
	return m->enter ? event_fact(m->enter, kind, subject) : NULL;
}

const struct fact *mech_after(const struct mech_call *m, enum fact_kind kind, int64_t subject)
{
	return m->is_over ? event_fact(m->ev, kind, subject) : NULL;
}

bool mech_is_late(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;

	return ev->kind == EVENT_HANG || (ev->kind == EVENT_ENTER && ev->is_blind);
}

const struct fact *mech_latest(const struct mech_call *m, enum fact_kind kind, int64_t subject,
			       const struct event **ret_ev)
{
	const struct fact *fact = event_fact(m->ev, kind, subject);

	*ret_ev = fact ? m->ev : m->enter;
	return fact || !m->enter ? fact : event_fact(m->enter, kind, subject);
}

void mech_add_quantity(struct mech_call *m, const char *name, const char *unit,
		       const struct fact *before, const struct fact *after, unsigned index,
		       int64_t limit)
{
	struct quantity *quantity;

	if (!m->touch || m->touch->n_quantities == TOUCH_QUANTITIES || (!before && !after))
		return;
	quantity = &m->touch->quantities[m->touch->n_quantities++];
	*quantity = (struct quantity){ .name = name,
				       .unit = unit,
				       .limit = limit,
				       .has_before = before,
				       .has_after = after,
				       .has_limit = limit >= 0 };
	if (before)
		quantity->before = before->value[index];
	if (after)
		quantity->after = after->value[index];
}

struct peer *mech_add_peer(struct mech_call *m, enum peer_direction direction,
			   enum certainty certainty, pid_t pid, int fd)
{
	struct annotation *annotation = m->annotation;
	struct peer *peer;

	if (annotation->n_peers == PEERS_MAX) {
		annotation->n_more_peers++;
		peer = arena_new(m->arena, struct peer);
	} else {
		peer = &annotation->peers[annotation->n_peers++];
	}
	*peer = (struct peer){ .direction = direction,
			       .certainty = certainty,
			       .pid = pid,
			       .fd = fd,
			       .comm = pid ? model_comm(m->model, pid) : NULL };
	return peer;
}

static bool is_named(const struct mech_call *m, unsigned from, pid_t pid)
{
	for (unsigned i = from; i < m->annotation->n_peers; i++) {
		if (m->annotation->peers[i].pid == pid)
			return true;
	}
	return false;
}

/* Holders of the traced set, other than the caller unless wants_self. */
static unsigned add_traced(struct mech_call *m, const struct object *object, unsigned access,
			   enum peer_direction direction, bool wants_self)
{
	unsigned first = m->annotation->n_peers, n = 0;

	for (const struct holding *h = object->holdings; h; h = h->next) {
		bool is_self = h->process == m->process;

		if (!(h->access & access) || is_self != wants_self ||
		    is_named(m, first, h->process->tgid))
			continue;
		mech_add_peer(m, direction, CERTAIN, h->process->tgid, h->fd)->is_older =
			h->is_older;
		n++;
	}
	return n;
}

/* Where nobody is stopped, what a process had when it was looked at may be no more than that. */
static bool follows(const struct mech_call *m)
{
	return model_follows_descriptors(m->model) && !(m->enter && m->enter->is_blind);
}

static unsigned add_untraced(struct mech_call *m, const struct object *object,
			     const struct event *ev, unsigned access, enum peer_direction direction,
			     unsigned first)
{
	unsigned n = 0;

	for (uint32_t i = 0; ev && i < ev->n_facts; i++) {
		const struct fact *fact = &ev->facts[i];
		pid_t pid = (pid_t)fact->value[0];
		const struct process *process;
		struct peer *peer;

		if (fact->kind != FACT_HOLDER || fact->subject != (int64_t)object->key.b ||
		    !(fact->value[2] & access))
			continue;
		process = model_process(m->model, pid);
		/* Of a process whose descriptors we follow we know better than a list of before. */
		if ((process && process->is_alive && follows(m)) || pid == m->process->tgid ||
		    is_named(m, first, pid))
			continue;
		peer = mech_add_peer(m, direction, INFERRED, pid, (int)fact->value[1]);
		peer->comm = arena_copy(m->arena, event_fact_text(ev, fact), fact->text_len);
		peer->is_older = !process;
		n++;
	}
	return n;
}

/* The last answer to who holds an object, or NULL: not asked, or too early to look again. */
static const struct fact *holders_fact(const struct mech_call *m, const struct object *object)
{
	const struct fact *after = event_fact(m->ev, FACT_HOLDERS, (int64_t)object->key.b);

	return after || !m->enter ? after
				  : event_fact(m->enter, FACT_HOLDERS, (int64_t)object->key.b);
}

bool mech_is_unreadable(const struct mech_call *m, const struct object *object)
{
	const struct fact *fact = holders_fact(m, object);

	return fact && fact->value[1] > 0;
}

/* Why nobody was found; an object that is older may have holders whom we do not see. */
static const char *why_nobody(const struct mech_call *m, const struct object *object,
			      const char *why)
{
	if (!model_follows_descriptors(m->model))
		return "the calls that make descriptors are not traced";
	if (object->is_older && !holders_fact(m, object))
		return "nobody traced";
	if (object->is_older && mech_is_unreadable(m, object))
		return "perhaps a process that may not be looked at";
	return why;
}

/* What was there before may be anybody's, unless all were asked since the call has blocked. */
static bool may_be_held_unseen(const struct mech_call *m, const struct object *object)
{
	int64_t ino = (int64_t)object->key.b;
	bool is_asked = event_fact(m->ev, FACT_HOLDERS, ino) ||
			(m->enter && m->enter->is_blind && event_fact(m->enter, FACT_HOLDERS, ino));

	return object->is_older && !is_asked;
}

unsigned mech_add_holders(struct mech_call *m, const struct object *object, unsigned access,
			  enum peer_direction direction, const char *why)
{
	unsigned first = m->annotation->n_peers;
	unsigned n = add_traced(m, object, access, direction, false);
	/* One that is on its way, or was taken by somebody unseen, may be used by him. */
	if (direction == PEER_WAITS_FOR)
		m->annotation->is_open |= object->n_passed || may_be_held_unseen(m, object);
	/* Of those who have it now the latest answer tells; of those who had it the earlier one. */
	bool is_known_anew = !m->is_over && event_fact(m->ev, FACT_HOLDERS, (int64_t)object->key.b);

	if (!is_known_anew)
		n += add_untraced(m, object, m->enter, access, direction, first);
	if (!n || is_known_anew)
		n += add_untraced(m, object, m->ev, access, direction, first);
	if (!n)
		n += add_traced(m, object, access, direction, true);
	if (!n && why)
		mech_add_peer(m, direction, UNKNOWN, 0, -1)->text = why_nobody(m, object, why);
	return n;
}

bool mech_ask_inode_holders(const struct mech_ask *ask, const struct object *object, uint64_t ino,
			    unsigned access)
{
	const struct process *self = ask->process;

	const struct fact *fact;

	if (!ask->has_peers || !ino)
		return false;
	for (const struct holding *h = object ? object->holdings : NULL; h && !mech_is_late(ask);
	     h = h->next) {
		if ((h->access & access) && h->process != self)
			return true;
	}
	fact = mem_fact(ask->mem, FACT_HOLDERS, (int64_t)ino);
	return fact && fact->value[0] > 0;
}

void mech_ask_holders(const struct mech_ask *ask, unsigned access)
{
	if (ask->handle.fact)
		mech_ask_inode_holders(ask, ask->object, ask->handle.fact->ino, access);
}

void model_name_object(struct model *model, const char *name, struct object *object)
{
	object_name(&model->objects, name, object);
}

struct object *model_named_object(struct model *model, const char *name)
{
	return object_named(&model->objects, name);
}
