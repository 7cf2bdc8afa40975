#include "render/json_finding.h"

#include <string.h>

static void member_text(struct json *json, const char *key, const char *text)
{
	json_member_text(json, key, text, text ? strlen(text) : 0);
}

static void member_object(struct json *json, const struct object *object)
{
	json_member_name(json, "object", object ? object_short_name(object) : NULL);
}

static void member_number(struct json *json, const char *key, int64_t number, bool is_known)
{
	json_key(json, key);
	if (is_known)
		json_int(json, number);
	else
		json_null(json);
}

void json_stack_member(struct json *json, const struct event *ev)
{
	json_key(json, "stack");
	json_array(json);
	for (uint32_t i = 0; i < ev->n_frames && json_has_room(json); i++) {
		const struct event_frame *frame = &ev->frames[i];
		const char *bytes = ev->bytes.data;

		json_object(json);
		json_member_text(json, "module", frame->module_len ? bytes + frame->module : NULL,
				 frame->module_len);
		json_member_text(json, "symbol", frame->symbol_len ? bytes + frame->symbol : NULL,
				 frame->symbol_len);
		json_member_hex(json, "offset", frame->offset);
		json_member_hex(json, "ip", frame->ip);
		json_object_end(json);
	}
	json_array_end(json);
}

void json_finding_members(struct json *json, const struct finding *finding)
{
	json_member_name(json, "kind", finding_kind_name(finding->kind));
	json_member_name(json, "certainty", certainty_name(finding->certainty));
	member_text(json, "text", finding->text);
	member_text(json, "hint", finding->hint);
	member_text(json, "command", finding->command);
	member_object(json, finding->object);
	json_key(json, "tids");
	json_array(json);
	for (size_t i = 0; i < finding->n_tids && json_has_room(json); i++)
		json_int(json, finding->tids[i]);
	json_array_end(json);
	json_member_uint(json, "since_ns", finding->since_ns);
	if (finding->stack)
		json_stack_member(json, finding->stack);
}

static void write_party(struct json *json, const struct wait_party *party)
{
	json_object(json);
	json_member_int(json, "pid", party->pid);
	member_number(json, "tid", party->tid, party->tid > 0);
	member_text(json, "comm", party->comm);
	member_number(json, "fd", party->fd, party->fd >= 0);
	json_member_name(json, "certainty", certainty_name(party->certainty));
	json_member_bool(json, "alive", party->is_alive);
	json_object_end(json);
}

void json_wait_members(struct json *json, const struct wait *wait)
{
	json_member_int(json, "pid", wait->blocked.tgid);
	json_member_int(json, "tid", wait->blocked.tid);
	member_text(json, "comm", wait->comm);
	json_member_name(json, "call", wait->blocked.call->name);
	member_number(json, "since_ns", (int64_t)wait->blocked.since_ns, wait->blocked.since_ns);
	member_text(json, "text", wait->sentence);
	member_object(json, wait->blocked.object);
	json_member_bool(json, "stuck", wait->is_stuck);
	json_key(json, "waits_for");
	json_array(json);
	for (size_t i = 0; i < wait->n_parties && json_has_room(json); i++)
		write_party(json, &wait->parties[i]);
	json_array_end(json);
}
