#include "render/json_model.h"

#include <string.h>

#include "model/seen.h"
#include "render/json_value.h"

enum { MATCHES_MAX = 128 }; /* of one record */

static void member_text(struct json *json, const char *key, const char *text)
{
	json_member_text(json, key, text, text ? strlen(text) : 0);
}

/* 0 and less: there is none. */
static void member_id(struct json *json, const char *key, pid_t id)
{
	json_key(json, key);
	if (id > 0)
		json_int(json, id);
	else
		json_null(json);
}

static void member_maybe(struct json *json, const char *key, int64_t number, bool is_known)
{
	json_key(json, key);
	if (is_known)
		json_int(json, number);
	else
		json_null(json);
}

static void member_number(struct json *json, const char *key, const struct quantity *q,
			  int64_t number, bool is_known)
{
	json_key(json, key);
	if (!is_known)
		json_null(json);
	else if (q->is_unsigned)
		json_uint(json, (uint64_t)number);
	else
		json_int(json, number);
}

static void write_quantity(struct json *json, const struct quantity *q)
{
	json_object(json);
	json_member_name(json, "name", q->name && q->name[0] ? q->name : NULL);
	json_member_name(json, "unit", q->unit && q->unit[0] ? q->unit : NULL);
	member_number(json, "before", q, q->before, q->has_before);
	member_number(json, "after", q, q->after, q->has_after);
	member_number(json, "limit", q, q->limit, q->has_limit);
	json_object_end(json);
}

static void write_details(struct json *json, const struct value *details)
{
	json_key(json, "details");
	if (details)
		json_value(json, details);
	else
		json_null(json);
}

static void write_touch(struct json *json, const struct touch *touch)
{
	json_object(json);
	json_member_name(json, "object", object_short_name(touch->object));
	member_text(json, "part", touch->part);
	json_member_bool(json, "created", touch->is_created);
	json_key(json, "state");
	json_array(json);
	for (unsigned i = 0; i < touch->n_quantities; i++)
		write_quantity(json, &touch->quantities[i]);
	json_array_end(json);
	write_details(json, touch->details);
	member_text(json, "note", touch->note);
	json_object_end(json);
}

static const char *direction_name(enum peer_direction direction)
{
	switch (direction) {
	case PEER_TO:
		return "to";
	case PEER_FROM:
		return "from";
	case PEER_WAITS_FOR:
		return "waits_for";
	}
	return "to";
}

static const char *certainty_name(enum certainty certainty)
{
	switch (certainty) {
	case CERTAIN:
		return "exact";
	case INFERRED:
		return "inferred";
	case UNKNOWN:
		return "unknown";
	}
	return "unknown";
}

static void write_peer(struct json *json, const struct peer *peer)
{
	json_object(json);
	json_member_name(json, "direction", direction_name(peer->direction));
	json_member_name(json, "certainty", certainty_name(peer->certainty));
	member_id(json, "pid", peer->pid);
	member_id(json, "tid", peer->tid);
	member_id(json, "inner_pid", peer->inner_pid);
	member_text(json, "comm", peer->comm);
	member_maybe(json, "fd", peer->fd, peer->fd >= 0);
	json_member_bool(json, "older", peer->is_older);
	write_details(json, peer->details);
	member_text(json, "text", peer->text);
	json_object_end(json);
}

static void write_match(struct json *json, const struct match *match)
{
	bool is_received = !match->is_sent;

	json_object(json);
	json_member_name(json, "object", object_short_name(match->object));
	json_member_name(json, "direction", is_received ? "received" : "sent");
	json_member_name(json, "certainty", certainty_name(match->certainty));
	json_member_uint(json, "number", match->number);
	json_member_uint(json, "first", match->first);
	json_member_uint(json, "end", match->end);
	member_maybe(json, "len", (int64_t)match->len, match->len != UINT64_MAX);
	member_id(json, "pid", match->pid);
	member_id(json, "tid", match->tid);
	member_maybe(json, "fd", match->fd, match->fd >= 0);
	member_maybe(json, "sent_ns", (int64_t)match->sent_ns, match->sent_ns);
	member_maybe(json, "latency_ns", (int64_t)match->latency_ns, is_received && match->sent_ns);
	member_maybe(json, "held_ns", (int64_t)match->held_ns, is_received && match->sent_ns);
	member_maybe(json, "merged", (int64_t)match->n_merged, is_received);
	json_object_end(json);
}

static void write_matches(struct json *json, const struct annotation *annotation)
{
	unsigned n = annotation->n_matches < MATCHES_MAX ? annotation->n_matches : MATCHES_MAX;

	json_key(json, "messages");
	json_array(json);
	for (unsigned i = 0; i < n; i++)
		write_match(json, &annotation->matches[i]);
	json_array_end(json);
	json_member_uint(json, "more_messages", annotation->n_matches - n);
}

void json_annotation(struct json *json, const struct annotation *annotation)
{
	static const struct annotation nothing;

	if (!annotation)
		annotation = &nothing;
	json_key(json, "touched");
	json_array(json);
	for (unsigned i = 0; i < annotation->n_touches; i++)
		write_touch(json, &annotation->touches[i]);
	json_array_end(json);
	json_key(json, "peers");
	json_array(json);
	for (unsigned i = 0; i < annotation->n_peers; i++)
		write_peer(json, &annotation->peers[i]);
	json_array_end(json);
	json_member_uint(json, "more_peers", annotation->n_more_peers);
	write_matches(json, annotation);
}

static void write_holder(struct json *json, const struct holding *holding)
{
	static const char *const names[] = { "", "w", "r", "rw" };

	json_object(json);
	json_member_int(json, "pid", holding->process->tgid);
	member_text(json, "comm", holding->process->comm[0] ? holding->process->comm : NULL);
	json_member_int(json, "fd", holding->fd);
	json_member_name(json, "access", names[holding->access >> 7 & 3]);
	json_member_bool(json, "older", holding->is_older);
	json_object_end(json);
}

static void write_users(struct json *json, const struct object *object)
{
	json_key(json, "users");
	json_array(json);
	for (size_t i = 0; i < object->n_users && json_has_room(json); i++) {
		json_object(json);
		json_member_int(json, "pid", object->users[i].tgid);
		json_member_uint(json, "sends", object->users[i].n_sends);
		json_member_uint(json, "receives", object->users[i].n_receives);
		json_object_end(json);
	}
	json_array_end(json);
	if (object->n_users_forgotten)
		json_member_uint(json, "users_forgotten", object->n_users_forgotten);
}

static void write_seen(struct json *json, const struct object *object)
{
	json_key(json, "state");
	json_array(json);
	for (size_t i = 0; i < object->n_seen; i++) {
		struct quantity q = seen_quantity(&object->seen[i]);

		json_object(json);
		json_member_name(json, "name", q.name[0] ? q.name : NULL);
		json_member_name(json, "unit", q.unit && q.unit[0] ? q.unit : NULL);
		member_number(json, "value", &q, q.after, true);
		member_number(json, "limit", &q, q.limit, q.has_limit);
		json_object_end(json);
	}
	json_array_end(json);
}

void json_object_members(struct json *json, const struct object *object)
{
	json_member_name(json, "object", object_short_name(object));
	json_member_name(json, "kind", object->prefix);
	member_text(json, "label", object->label);
	json_member_name(json, "identity", object->identity[0] ? object->identity : NULL);
	member_id(json, "creator", object->creator);
	json_member_uint(json, "birth_ns", object->birth_ns);
	json_member_bool(json, "older", object->is_older);
	json_member_bool(json, "removed", object->is_removed);
	json_member_uint(json, "sends", object->n_sends);
	json_member_uint(json, "bytes_sent", object->bytes_sent);
	json_member_uint(json, "receives", object->n_receives);
	json_member_uint(json, "bytes_received", object->bytes_received);
	write_seen(json, object);
	json_key(json, "holders");
	json_array(json);
	for (const struct holding *h = object->holdings; h && json_has_room(json); h = h->next)
		write_holder(json, h);
	json_array_end(json);
	write_users(json, object);
}
