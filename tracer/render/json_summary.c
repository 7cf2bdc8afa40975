#include "render/json_summary.h"

#include <string.h>

static void member_text(struct json *json, const char *key, const char *text)
{
	json_member_text(json, key, text, text ? strlen(text) : 0);
}

static void member_maybe(struct json *json, const char *key, uint64_t number, bool is_known)
{
	json_key(json, key);
	if (is_known)
		json_uint(json, number);
	else
		json_null(json);
}

static const char *kind_name(enum summary_kind kind)
{
	static const char *const names[SUMMARY_KINDS] = {
		[SUMMARY_OBJECT] = "object",
		[SUMMARY_FLOW] = "flow",
		[SUMMARY_PAIR] = "pair",
		[SUMMARY_MECHANISM] = "mechanism",
	};

	return names[kind];
}

void json_summary_members(struct json *json, const struct summary_row *row)
{
	const struct latency *latency = &row->latency;
	bool has_ends = row->from != 0;

	json_member_name(json, "of", kind_name(row->kind));
	json_member_name(json, "name", row->name);
	member_text(json, "label", row->label);
	member_maybe(json, "from", (uint64_t)row->from, has_ends);
	member_text(json, "from_comm", row->from_comm);
	member_maybe(json, "to", (uint64_t)row->to, has_ends);
	member_text(json, "to_comm", row->to_comm);
	member_maybe(json, "sent", row->n_sent, !has_ends);
	member_maybe(json, "bytes_sent", row->bytes_sent, !has_ends);
	json_member_uint(json, "received", row->n_received);
	json_member_uint(json, "bytes_received", row->bytes_received);
	json_member_uint(json, "inferred", row->n_inferred);
	member_maybe(json, "latency_p50_ns", latency_percentile(latency, 500), latency->n);
	member_maybe(json, "latency_p99_ns", latency_percentile(latency, 990), latency->n);
	member_maybe(json, "latency_max_ns", latency->max_ns, latency->n);
	member_maybe(json, "sending_ns", row->send_ns, !has_ends);
	member_maybe(json, "receiving_ns", row->receive_ns, !has_ends);
	member_maybe(json, "fullest", (uint64_t)row->fill, row->fill >= 0);
	member_maybe(json, "limit", (uint64_t)row->limit, row->limit >= 0);
	json_member_name(json, "unit", row->unit && row->unit[0] ? row->unit : NULL);
}
