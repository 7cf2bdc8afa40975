#define HASH_IS_LARGE
#include "analysis/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

/* More objects, flows and pairs than that are not told apart: they count for their mechanism only. */
enum { ROWS_MAX = 16384, NAME_MAX_LEN = 24 };

/* What a row is known by; hashed as bytes, so all of it is set: no padding. */
struct row_key {
	const char *prefix; /* of a mechanism; static */
	uint32_t kind; /* enum summary_kind */
	uint32_t mech, number; /* the object's */
	pid_t from, to;
	uint32_t pad;
};

struct entry {
	struct row_key key;
	char name[NAME_MAX_LEN];
	struct summary_row row;
	struct entry *flows, *last_flow; /* of an object, in order of appearance */
	struct entry *next_flow;
	struct entry *next; /* in order of appearance */
	UT_hash_handle hh;
};

/* Rows that were asked for lately, at a place that their key tells: most calls are about these. */
enum { RECENT = 256 };

struct summary {
	struct entry *recent[RECENT];
	struct entry *by_key;
	struct entry *first, *last;
	size_t n;
	uint64_t n_left_out;
	const struct summary_row **rows;
};

struct summary *summary_create(void)
{
	return calloc(1, sizeof(struct summary));
}

static char *copy(const char *text)
{
	char *text_copy = text ? strdup(text) : NULL;

	if (text && !text_copy)
		abort();
	return text_copy;
}

void summary_destroy(struct summary *summary)
{
	struct entry *next;

	if (!summary)
		return;
	HASH_CLEAR(hh, summary->by_key);
	for (struct entry *entry = summary->first; entry; entry = next) {
		next = entry->next;
		latency_finish(&entry->row.latency);
		free((char *)entry->row.label);
		free((char *)entry->row.from_comm);
		free((char *)entry->row.to_comm);
		free(entry);
	}
	free(summary->rows);
	free(summary);
}

/* name: of the object or the mechanism, NULL of a pair. */
static struct entry *make(struct summary *summary, const struct row_key *key, const char *name)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		abort();
	entry->key = *key;
	snprintf(entry->name, sizeof(entry->name), "%s", name ? name : "");
	entry->row = (struct summary_row){ .kind = (enum summary_kind)key->kind,
					   .name = name ? entry->name : NULL,
					   .from = key->from,
					   .to = key->to,
					   .fill = -1,
					   .limit = -1 };
	HASH_ADD(hh, summary->by_key, key, sizeof(entry->key), entry);
	if (summary->last)
		summary->last->next = entry;
	else
		summary->first = entry;
	summary->last = entry;
	summary->n++;
	return entry;
}

/* NULL: there are too many already. */
static struct entry *entry_of(struct summary *summary, const struct row_key *key, const char *name)
{
	uint32_t place = key->kind + key->mech * 5 + key->number * 3 + (uint32_t)key->from * 17 +
			 (uint32_t)key->to * 13 + (uint32_t)((uintptr_t)key->prefix >> 2);
	struct entry **recent = &summary->recent[place % RECENT];
	struct entry *entry;

	if (*recent && memcmp(&(*recent)->key, key, sizeof(*key)) == 0)
		return *recent;
	HASH_FIND(hh, summary->by_key, key, sizeof(*key), entry);
	if (!entry && (summary->n < ROWS_MAX || key->kind == SUMMARY_MECHANISM))
		entry = make(summary, key, name);
	if (entry)
		*recent = entry;
	else
		summary->n_left_out++;
	return entry;
}

static struct entry *mechanism_entry(struct summary *summary, const struct object *object)
{
	const struct row_key key = { object->prefix, SUMMARY_MECHANISM, 0, 0, 0, 0, 0 };

	return entry_of(summary, &key, object->prefix);
}

static struct entry *pair_entry(struct summary *summary, pid_t from, pid_t to)
{
	const struct row_key key = { NULL, SUMMARY_PAIR, 0, 0, from, to, 0 };

	return entry_of(summary, &key, NULL);
}

static struct entry *object_entry(struct summary *summary, const struct object *object)
{
	/* It has no number before it has a name. */
	const char *name = object_short_name(object);
	const struct row_key key = {
		NULL, SUMMARY_OBJECT, object->key.mech, object->number, 0, 0, 0
	};
	struct entry *entry = entry_of(summary, &key, name);

	if (entry && !entry->row.label && object->label)
		entry->row.label = copy(object->label);
	return entry;
}

static struct entry *flow_of(struct summary *summary, struct entry *object, pid_t from, pid_t to)
{
	const struct row_key key = {
		NULL, SUMMARY_FLOW, object->key.mech, object->key.number, from, to, 0
	};
	size_t n = summary->n;
	struct entry *flow = entry_of(summary, &key, object->row.name);

	if (n == summary->n)
		return flow;
	if (object->last_flow)
		object->last_flow->next_flow = flow;
	else
		object->flows = flow;
	object->last_flow = flow;
	return flow;
}

/* The latest name counts: programs execute others. */
static void set_comm(const char **comm, const struct process *process)
{
	if (!process || (*comm && strcmp(*comm, process->comm) == 0))
		return;
	free((char *)*comm);
	*comm = process->comm[0] ? copy(process->comm) : NULL;
}

static void name_processes(struct entry *entry, const struct process *from,
			   const struct process *to)
{
	if (!entry)
		return;
	set_comm(&entry->row.from_comm, from);
	set_comm(&entry->row.to_comm, to);
}

/* --- what a call says --- */

static void add_match(struct entry *entry, const struct match *match)
{
	struct summary_row *row = entry ? &entry->row : NULL;

	if (!row)
		return;
	if (match->is_sent) {
		row->n_sent++;
		row->bytes_sent += match->len;
		return;
	}
	row->bytes_received += match->end - match->first;
	row->n_inferred += match->certainty != CERTAIN;
	if (match->first)
		return;
	row->n_received++;
	if (match->sent_ns)
		latency_add(&row->latency, match->latency_ns);
}

static void add_matches(struct summary *summary, const struct model *model, pid_t tgid,
			const struct annotation *annotation)
{
	const struct process *to = annotation->n_matches ? model_process(model, tgid) : NULL;

	for (unsigned i = 0; i < annotation->n_matches; i++) {
		const struct match *match = &annotation->matches[i];
		const struct process *from;
		struct entry *object = object_entry(summary, match->object);
		struct entry *flow, *pair;

		add_match(object, match);
		add_match(mechanism_entry(summary, match->object), match);
		if (match->is_sent)
			continue;
		flow = object ? flow_of(summary, object, match->pid, tgid) : NULL;
		pair = pair_entry(summary, match->pid, tgid);
		add_match(flow, match);
		add_match(pair, match);
		from = model_process(model, match->pid);
		name_processes(flow, from, to);
		name_processes(pair, from, to);
	}
}

static void add_time(struct entry *entry, bool is_send, uint64_t ns)
{
	if (!entry)
		return;
	if (is_send)
		entry->row.send_ns += ns;
	else
		entry->row.receive_ns += ns;
}

static void add_fill(struct entry *entry, const struct quantity *q)
{
	int64_t fill = q->has_after ? q->after : q->before;

	if (q->has_before && q->before > fill)
		fill = q->before;
	if (!entry || q->is_unsigned || fill <= entry->row.fill)
		return;
	entry->row.fill = fill;
	entry->row.limit = q->has_limit ? q->limit : -1;
	entry->row.unit = q->unit;
}

static bool is_waiting(enum ipc_op op)
{
	return op == OP_RECV || op == OP_WAIT || op == OP_ACCEPT;
}

/* What the call did to objects besides messages: how full they were, how long it took. */
static void add_touches(struct summary *summary, const struct call *call,
			const struct annotation *annotation)
{
	enum ipc_op op = (enum ipc_op)call->spec->ipc.op;
	uint64_t ns = call->enter_ns && call->exit_ns > call->enter_ns
			      ? call->exit_ns - call->enter_ns
			      : 0;

	for (unsigned i = 0; i < annotation->n_touches; i++) {
		const struct touch *touch = &annotation->touches[i];
		struct entry *object = object_entry(summary, touch->object);
		struct entry *mechanism = mechanism_entry(summary, touch->object);
		/* Of a transfer the first object is what it takes from. */
		bool is_send = op == OP_SEND || (op == OP_TRANSFER && i == 1);

		if (touch->n_quantities && !touch->quantities[0].name[0])
			add_fill(object, &touch->quantities[0]);
		if (!is_send && !is_waiting(op) && op != OP_TRANSFER)
			continue;
		add_time(object, is_send, ns);
		add_time(mechanism, is_send, ns);
	}
}

void summary_add(struct summary *summary, const struct model *model, const struct call *call,
		 const struct annotation *annotation)
{
	add_touches(summary, call, annotation);
	add_matches(summary, model, call->tgid, annotation);
}

void summary_add_signal(struct summary *summary, const struct model *model, pid_t tgid,
			const struct annotation *annotation)
{
	add_matches(summary, model, tgid, annotation);
}

/* --- rows --- */

static bool is_empty(const struct summary_row *row)
{
	return !row->n_sent && !row->bytes_received && !row->send_ns && !row->receive_ns;
}

size_t summary_rows(struct summary *summary, const struct summary_row *const **ret_rows)
{
	static const enum summary_kind rest[] = { SUMMARY_PAIR, SUMMARY_MECHANISM };
	size_t n = 0;

	free(summary->rows);
	summary->rows = calloc(summary->n + 1, sizeof(struct summary_row *));
	if (!summary->rows)
		abort();
	for (const struct entry *object = summary->first; object; object = object->next) {
		if (object->key.kind != SUMMARY_OBJECT || is_empty(&object->row))
			continue;
		summary->rows[n++] = &object->row;
		for (const struct entry *flow = object->flows; flow; flow = flow->next_flow)
			summary->rows[n++] = &flow->row;
	}
	for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
		for (const struct entry *entry = summary->first; entry; entry = entry->next) {
			if (entry->key.kind == rest[i] && !is_empty(&entry->row))
				summary->rows[n++] = &entry->row;
		}
	}
	*ret_rows = summary->rows;
	return n;
}

uint64_t summary_left_out(const struct summary *summary)
{
	return summary->n_left_out;
}
