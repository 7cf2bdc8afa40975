/*
 * Which waits can never end: first those are taken out that somebody could end, again and again
 * until none is left to take out; among what remains, circles are deadlocks. Tarjan's algorithm
 * finds them.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/waits.h"
#include "base/hash.h"

enum { NONE = -1, READ = 0400, WRITE = 0200 };

/* The blocked threads of one process. */
struct group {
	pid_t tgid;
	size_t n_stuck;
	int first; /* of its waits; the next one is in node.next_of_group */
	UT_hash_handle hh;
};

/* What there is to remember of one wait. */
struct node {
	int next_of_group;
	int index, low; /* Tarjan's; index NONE: not visited */
	int component; /* NONE: not known yet */
	bool is_on_stack, has_self_loop;
};

struct graph {
	const struct model *model;
	struct waits *waits;
	struct arena *arena;
	struct findings *findings;
	struct group *groups;
	struct node *nodes;
	int *stack;
	size_t n_stack, n_stuck;
	int next_index, n_components;
};

/* --- who can act --- */

static struct group *group_of(const struct graph *graph, pid_t tgid)
{
	struct group *group;

	HASH_FIND_INT(graph->groups, &tgid, group);
	return group;
}

static void make_groups(struct graph *graph)
{
	for (size_t i = graph->waits->n; i-- > 0;) {
		struct wait *wait = &graph->waits->items[i];
		struct group *group = group_of(graph, wait->blocked.tgid);

		if (!group) {
			group = arena_new(graph->arena, struct group);
			group->tgid = wait->blocked.tgid;
			group->first = NONE;
			HASH_ADD_INT(graph->groups, tgid, group);
		}
		graph->nodes[i] = (struct node){ .next_of_group = group->first,
						 .index = NONE,
						 .component = NONE };
		group->first = (int)i;
		wait->is_stuck = !wait->is_open;
		group->n_stuck += wait->is_stuck;
		graph->n_stuck += wait->is_stuck;
	}
}

/* Is thread i one that party stands for? */
static bool is_of_party(const struct graph *graph, const struct wait_party *party, int i)
{
	return !party->tid || graph->waits->items[i].blocked.tid == party->tid;
}

/* Who waits for the same semaphore is no holder of it, whatever it took before. */
static bool is_same_semaphore(const struct wait *a, const struct wait *b)
{
	return a->number >= 0 && a->number == b->number && a->blocked.object == b->blocked.object;
}

static bool can_act(const struct graph *graph, const struct wait *wait,
		    const struct wait_party *party)
{
	const struct process *process = model_process(graph->model, party->pid);
	const struct group *group = group_of(graph, party->pid);

	if (!party->is_alive)
		return false;
	if (!process || !group)
		return true;
	for (int i = group->first; i != NONE; i = graph->nodes[i].next_of_group) {
		const struct wait *other = &graph->waits->items[i];

		if (is_of_party(graph, party, i) && is_same_semaphore(wait, other))
			return true;
		if (party->tid && other->blocked.tid == party->tid)
			return !other->is_stuck;
	}
	return party->tid || group->n_stuck < process->n_threads;
}

/* Of those who share something with party i, itself included: can any act? */
static bool can_share_act(const struct graph *graph, const struct wait *wait, size_t i)
{
	uint32_t share = wait->parties[i].share;

	for (size_t j = 0; share && j < wait->n_parties; j++) {
		if (wait->parties[j].share == share && can_act(graph, wait, &wait->parties[j]))
			return true;
	}
	return !share && can_act(graph, wait, &wait->parties[i]);
}

static bool can_end(const struct graph *graph, const struct wait *wait)
{
	size_t n = 0;

	if (wait->is_anyones && graph->n_stuck < graph->waits->n_threads)
		return true;
	if (wait->is_anyones)
		return false;
	for (size_t i = 0; i < wait->n_parties; i++)
		n += can_share_act(graph, wait, i);
	return wait->needs_all ? n == wait->n_parties : n > 0;
}

static void take_out_what_can_end(struct graph *graph)
{
	bool has_changed = true;

	while (has_changed) {
		has_changed = false;
		for (size_t i = 0; i < graph->waits->n; i++) {
			struct wait *wait = &graph->waits->items[i];

			if (!wait->is_stuck || !can_end(graph, wait))
				continue;
			wait->is_stuck = false;
			group_of(graph, wait->blocked.tgid)->n_stuck--;
			graph->n_stuck--;
			has_changed = true;
		}
	}
}

/* --- circles --- */

/* The waits that keep wait i stuck, one after the other: *party and *at start at 0 and NONE. */
static int next_edge(const struct graph *graph, int i, size_t *party, int *at)
{
	const struct wait *wait = &graph->waits->items[i];

	for (; *party < wait->n_parties; (*party)++, *at = NONE) {
		const struct wait_party *one = &wait->parties[*party];
		const struct group *group = one->is_alive ? group_of(graph, one->pid) : NULL;

		if (!group)
			continue;
		*at = *at == NONE ? group->first : graph->nodes[*at].next_of_group;
		while (*at != NONE &&
		       (!graph->waits->items[*at].is_stuck || !is_of_party(graph, one, *at)))
			*at = graph->nodes[*at].next_of_group;
		if (*at != NONE)
			return *at;
	}
	return NONE;
}

static void close_component(struct graph *graph, int root)
{
	int i;

	do {
		i = graph->stack[--graph->n_stack];
		graph->nodes[i].is_on_stack = false;
		graph->nodes[i].component = graph->n_components;
	} while (i != root);
	graph->n_components++;
}

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* Recursion is bounded by WAITS_MAX. */
static void visit(struct graph *graph, int i)
{
	struct node *node = &graph->nodes[i];
	size_t party = 0;
	int at = NONE, to;

	node->index = node->low = graph->next_index++;
	node->is_on_stack = true;
	graph->stack[graph->n_stack++] = i;
	while ((to = next_edge(graph, i, &party, &at)) != NONE) {
		struct node *other = &graph->nodes[to];

		node->has_self_loop |= to == i;
		if (other->index == NONE) {
			visit(graph, to);
			node->low = smaller(node->low, other->low);
		} else if (other->is_on_stack) {
			node->low = smaller(node->low, other->index);
		}
	}
	if (node->low == node->index)
		close_component(graph, i);
}

/* --- what to say --- */

struct members {
	const struct wait **items;
	size_t n;
};

static bool is_member(const struct members *members, const struct wait *wait)
{
	for (size_t i = 0; i < members->n; i++) {
		if (members->items[i] == wait)
			return true;
	}
	return false;
}

/* The waits of a circle, each followed by one that it waits for, as far as that goes. */
static struct members collect(const struct graph *graph, int first)
{
	struct members members = { arena_array(graph->arena, const struct wait *, graph->waits->n),
				   0 };
	int component = graph->nodes[first].component;
	int i = first;

	while (i != NONE) {
		size_t party = 0;
		int at = NONE, to;

		members.items[members.n++] = &graph->waits->items[i];
		while ((to = next_edge(graph, i, &party, &at)) != NONE) {
			if (graph->nodes[to].component == component &&
			    !is_member(&members, &graph->waits->items[to]))
				break;
		}
		i = to;
	}
	for (size_t j = 0; j < graph->waits->n; j++) {
		if (graph->nodes[j].component == component &&
		    !is_member(&members, &graph->waits->items[j]))
			members.items[members.n++] = &graph->waits->items[j];
	}
	return members;
}

static enum certainty certainty_of(const struct members *members)
{
	enum certainty certainty = CERTAIN;

	for (size_t i = 0; i < members->n; i++) {
		const struct wait *wait = members->items[i];

		if (wait->certainty != CERTAIN)
			certainty = INFERRED;
		for (size_t j = 0; j < wait->n_parties; j++) {
			if (wait->parties[j].certainty != CERTAIN)
				certainty = INFERRED;
		}
	}
	return certainty;
}

static bool is_reader(const struct wait *wait)
{
	const struct object *object = wait->blocked.object;

	return wait->blocked.op == OP_RECV && object &&
	       (object->key.mech == MECH_PIPE || object->key.mech == MECH_FIFO);
}

/* "child[2] fd 4, parent[1] fd 4": the ends that keep the end of file away. */
static const char *write_ends(const struct wait *wait, struct arena *arena)
{
	const char *text = NULL;

	for (const struct holding *h = wait->blocked.object->holdings; h; h = h->next) {
		if (!(h->access & WRITE))
			continue;
		text = arena_printf(arena, "%s%sfd %d of %s[%d]", text ? text : "",
				    text ? ", " : "", h->fd,
				    h->process->comm[0] ? h->process->comm : "?", h->process->tgid);
	}
	return text;
}

static bool is_about(const struct wait *wait, enum mech mech)
{
	return wait->blocked.object && wait->blocked.object->key.mech == mech;
}

static const char *hint_for(const struct members *members, struct arena *arena)
{
	size_t n_full = 0, n_locks = 0, n_same = 0;

	for (size_t i = 0; i < members->n; i++) {
		const struct wait *wait = members->items[i];
		const char *ends = is_reader(wait) ? write_ends(wait, arena) : NULL;

		if (ends)
			return arena_printf(arena,
					    "no end of file comes to %s while write ends are open: "
					    "%s; close those that are not written to",
					    object_short_name(wait->blocked.object), ends);
		if (is_about(wait, MECH_SYSV_SEM) && wait->has_holders &&
		    !wait->parties[0].is_alive)
			return "with SEM_UNDO the kernel gives back what a process had that ends";
		n_same += is_about(wait, MECH_LOCK) &&
			  wait->blocked.object == members->items[0]->blocked.object;
		n_full += wait->blocked.op == OP_SEND;
		n_locks += is_about(wait, MECH_LOCK) || is_about(wait, MECH_FUTEX) ||
			   is_about(wait, MECH_SYSV_SEM);
	}
	if (n_full)
		return "what is written has to be read by somebody who does not wait for the "
		       "writer: read between writes, or write without blocking";
	if (n_same == members->n && strcmp(members->items[0]->blocked.call->name, "flock") == 0)
		return "an flock is of an open file, not of a process: lock by the descriptor that "
		       "has it, and close it where it was inherited";
	if (n_locks == members->n && members->n > 1)
		return "take them in the same order everywhere, or all at once";
	return NULL;
}

static void set_threads(const struct graph *graph, struct finding *finding,
			const struct members *members)
{
	pid_t *tids = arena_array(graph->arena, pid_t, members->n);

	for (size_t i = 0; i < members->n; i++) {
		tids[i] = members->items[i]->blocked.tid;
		if (members->items[i]->blocked.since_ns > finding->since_ns)
			finding->since_ns = members->items[i]->blocked.since_ns;
	}
	finding->tids = tids;
	finding->n_tids = members->n;
	finding->object = members->items[0]->blocked.object;
	for (size_t i = 1; i < members->n; i++) {
		if (members->items[i]->blocked.object != finding->object)
			finding->object = NULL;
	}
}

static void report(const struct graph *graph, enum finding_kind kind, const struct members *members,
		   const char *text)
{
	struct finding *finding =
		finding_add(graph->findings, graph->arena, kind, certainty_of(members), text);

	set_threads(graph, finding, members);
	finding->hint = hint_for(members, graph->arena);
}

static void report_circle(const struct graph *graph, int first)
{
	struct members members = collect(graph, first);
	const char *text = "";

	for (size_t i = 0; i < members.n; i++)
		text = arena_printf(graph->arena, "%s%s%s", text, i ? "; " : "",
				    members.items[i]->sentence);
	report(graph,
	       members.n == 1 && is_reader(members.items[0]) ? FINDING_ENDLESS : FINDING_DEADLOCK,
	       &members, text);
}

/* Nobody is left who could end it; told once for all who wait for the same. */
static void report_lonely(const struct graph *graph, int first)
{
	const struct wait *wait = &graph->waits->items[first];
	struct members members = { &wait, 1 };
	size_t n_more = 0;

	for (size_t i = 0; i < graph->waits->n; i++) {
		const struct wait *other = &graph->waits->items[i];
		bool is_same = other->is_stuck && wait->blocked.object &&
			       other->blocked.object == wait->blocked.object &&
			       strcmp(other->words, wait->words) == 0;

		if (is_same && (int)i < first)
			return;
		n_more += is_same && (int)i > first;
	}
	report(graph, FINDING_ENDLESS, &members,
	       n_more ? arena_printf(graph->arena, "%s; so do %zu more", wait->sentence, n_more)
		      : wait->sentence);
}

static void report_all(struct graph *graph)
{
	int component_told = NONE;
	bool *is_told = arena_array(graph->arena, bool, (size_t)graph->n_components + 1);

	for (size_t i = 0; i < graph->waits->n; i++) {
		const struct node *node = &graph->nodes[i];
		size_t n = 0, party = 0;
		int at = NONE, to;

		if (node->component == NONE || is_told[node->component])
			continue;
		component_told = node->component;
		for (size_t j = 0; j < graph->waits->n; j++)
			n += graph->nodes[j].component == component_told;
		to = next_edge(graph, (int)i, &party, &at);
		if (n > 1 || node->has_self_loop)
			report_circle(graph, (int)i);
		else if (to == NONE)
			report_lonely(graph, (int)i);
		is_told[component_told] = true;
	}
}

void waits_judge(const struct model *model, struct waits *waits, struct arena *arena,
		 struct findings *findings)
{
	struct graph graph = {
		.model = model, .waits = waits, .arena = arena, .findings = findings
	};

	if (!waits->n || waits->n > WAITS_MAX)
		return;
	graph.nodes = arena_array(arena, struct node, waits->n);
	graph.stack = arena_array(arena, int, waits->n);
	make_groups(&graph);
	take_out_what_can_end(&graph);
	for (size_t i = 0; i < waits->n; i++) {
		if (waits->items[i].is_stuck && graph.nodes[i].index == NONE)
			visit(&graph, (int)i);
	}
	report_all(&graph);
	HASH_CLEAR(hh, graph.groups);
}
