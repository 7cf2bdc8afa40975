/* --why: who waits for whom, of processes that run on without being traced. */
#include "cli/why.h"

#include "capture/snapshot.h"

bool why_is_snapshot(const struct options *options)
{
	return options->is_why && options->n_targets && !options->argv && !options->replay;
}

/* Does it wait for somebody whose number in its PID namespace is all that is known? */
static bool is_for_stranger(const struct wait *wait)
{
	const struct annotation *annotation = wait->blocked.annotation;

	for (unsigned i = 0; i < annotation->n_peers; i++) {
		const struct peer *peer = &annotation->peers[i];

		if (peer->direction == PEER_WAITS_FOR && !peer->pid && peer->inner_pid)
			return true;
	}
	return false;
}

/*
 * Those who are waited for are looked at next; where anybody might end the wait, their relatives,
 * too. In replay they follow by themselves, but names are given in the order of such looks.
 */
static void add_peers(struct session *session)
{
	bool is_live = why_is_snapshot(session->options);
	struct arena arena = { 0 };
	struct waits waits;

	waits_find(session->model, &arena, &waits);
	for (size_t i = 0; is_live && i < waits.n; i++) {
		const struct wait *wait = &waits.items[i];

		for (size_t j = 0; j < wait->n_parties; j++) {
			if (wait->parties[j].is_alive)
				snapshot_add(session->capture, wait->parties[j].pid);
		}
		if (wait->is_anyones && !wait->is_open)
			snapshot_add_kin(session->capture, wait->blocked.tgid, KIN_GROUP);
		if (is_for_stranger(wait))
			snapshot_add_kin(session->capture, wait->blocked.tgid, KIN_PID_NAMESPACE);
	}
	arena_finish(&arena);
}

static void tell(struct session *session, uint64_t now_ns)
{
	session->has_looked = true;
	hang_show(&session->hang, session->model, session->renderer, now_ns, true);
	output_flush(&session->output);
}

void why_tell_rest(struct session *session)
{
	struct arena arena = { 0 };
	struct blocked *blocked;

	if (model_blocked(session->model, &arena, &blocked))
		tell(session, session->last_ns);
	arena_finish(&arena);
}

void why_step(struct session *session, const struct event *ev)
{
	if (!session->model)
		return;
	switch ((enum snapshot_step)ev->code) {
	case SNAPSHOT_BEGIN:
		session->is_looking = true;
		break;
	case SNAPSHOT_PEERS:
		add_peers(session);
		break;
	case SNAPSHOT_END:
		session->is_looking = false;
		tell(session, ev->time_ns);
		break;
	case SNAPSHOT_STATE:
	case SNAPSHOT_HANGS:
		break; /* the session's */
	case SNAPSHOT_ASKED:
		if (session->options->is_why)
			tell(session, ev->time_ns);
		break;
	}
}
