#include "analysis/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

/* More objects, flows and pairs than that are not told apart: they count for their mechanism only. */
enum { ROWS_MAX = 16384, NAME_MAX_LEN = 24 };

/* What a row is known by; hashed as bytes, so all of it is set. */
struct row_key {
	uint32_t kind;
	pid_t from, to;
	char name[NAME_MAX_LEN];
};

struct entry {
	struct row_key key;
	struct summary_row row;
	struct entry *flows, *last_flow; /* of an object, in order of appearance */
	struct entry *next_flow;
	struct entry *next; /* in order of appearance */
	UT_hash_handle hh;
};

struct summary {
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

static struct entry *make(struct summary *summary, const struct row_key *key)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		abort();
	entry->key = *key;
	entry->row = (struct summary_row){ .kind = (enum summary_kind)key->kind,
					   .name = key->name[0] ? entry->key.name : NULL,
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
static struct entry *entry_of(struct summary *summary, enum summary_kind kind, const char *name,
			      pid_t from, pid_t to)
{
	struct row_key key;
	struct entry *entry;

	memset(&key, 0, sizeof(key));
	key.kind = kind;
	key.from = from;
	key.to = to;
	if (name)
		strncpy(key.name, name, sizeof(key.name) - 1);
	HASH_FIND(hh, summary->by_key, &key, sizeof(key), entry);
	if (entry)
		return entry;
	if (summary->n < ROWS_MAX || kind == SUMMARY_MECHANISM)
		return make(summary, &key);
	summary->n_left_out++;
	return NULL;
}

static struct entry *object_entry(struct summary *summary, const struct object *object)
{
	struct entry *entry = entry_of(summary, SUMMARY_OBJECT, object_short_name(object), 0, 0);

	if (entry && !entry->row.label && object->label)
		entry->row.label = copy(object->label);
	return entry;
}

static struct entry *flow_of(struct summary *summary, struct entry *object, pid_t from, pid_t to)
{
	size_t n = summary->n;
	struct entry *flow = entry_of(summary, SUMMARY_FLOW, object->row.name, from, to);

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
static void name_processes(struct entry *entry, const struct model *model)
{
	const struct process *from = model_process(model, entry->row.from);
	const struct process *to = model_process(model, entry->row.to);

	if (from && (!entry->row.from_comm || strcmp(entry->row.from_comm, from->comm) != 0)) {
		free((char *)entry->row.from_comm);
		entry->row.from_comm = from->comm[0] ? copy(from->comm) : NULL;
	}
	if (to && (!entry->row.to_comm || strcmp(entry->row.to_comm, to->comm) != 0)) {
		free((char *)entry->row.to_comm);
		entry->row.to_comm = to->comm[0] ? copy(to->comm) : NULL;
	}
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

static void add_matches(struct summary *summary, const struct model *model, const struct call *call,
			const struct annotation *annotation)
{
	for (unsigned i = 0; i < annotation->n_matches; i++) {
		const struct match *match = &annotation->matches[i];
		struct entry *object = object_entry(summary, match->object);
		struct entry *flow, *pair;

		add_match(object, match);
		add_match(entry_of(summary, SUMMARY_MECHANISM, match->object->prefix, 0, 0), match);
		if (match->is_sent)
			continue;
		flow = object ? flow_of(summary, object, match->pid, call->tgid) : NULL;
		pair = entry_of(summary, SUMMARY_PAIR, NULL, match->pid, call->tgid);
		add_match(flow, match);
		add_match(pair, match);
		if (flow)
			name_processes(flow, model);
		if (pair)
			name_processes(pair, model);
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
		struct entry *mechanism =
			entry_of(summary, SUMMARY_MECHANISM, touch->object->prefix, 0, 0);
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
	add_matches(summary, model, call, annotation);
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
