/* One JSON object a line, as docs/json.md says; tests/scenario/test_json.py holds it to the schema. */
#include "render/json.h"

#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "render/json_finding.h"
#include "render/json_model.h"
#include "render/json_summary.h"
#include "render/json_value.h"

enum { X32_BIT = 0x40000000 };

struct json_renderer {
	struct renderer renderer;
	const struct model *model;
	const struct object *last_named; /* of those that have a record already */
	struct buf line, objects;
	struct arena scratch;
	uint64_t n_calls;
};

/*
 * Bytes of a record from which on the parts of a call are cut, in the order in which they are
 * written; behind each there is room for what is not: brackets, names of members, numbers.
 */
enum {
	ROOM_ARGS = 32 * 1024,
	ROOM_RESULT = 38 * 1024,
	ROOM_TOUCHED = 44 * 1024,
	ROOM_REST = 60 * 1024, /* of any other record, too */
};

/* --- lines --- */

static struct json begin_record(struct buf *line, const char *record)
{
	struct json json = { .out = line, .room = line->len + ROOM_REST };

	json_object(&json);
	json_member_int(&json, "v", JSON_VERSION);
	json_member_name(&json, "record", record);
	return json;
}

static void end_record(struct json *json)
{
	if (json->is_cut)
		json_member_bool(json, "truncated", true);
	json_object_end(json);
	buf_char(json->out, '\n');
}

static void add_object(struct buf *line, const struct object *object, const char *moment)
{
	struct json json = begin_record(line, "object");

	json_member_name(&json, "moment", moment);
	json_object_members(&json, object);
	end_record(&json);
}

/* An object's first record comes before the line that names it. */
static void add_named_objects(struct json_renderer *self)
{
	const struct object *first = self->model ? model_next_object(self->model, NULL) : NULL;
	const struct object *object;

	if (!first)
		return;
	while ((object = object_next_named(first->table, self->last_named))) {
		self->last_named = object;
		add_object(&self->objects, object, "new");
	}
}

static void write_lines(struct json_renderer *self)
{
	const struct sink *sink = &self->renderer.sink;

	add_named_objects(self);
	if (self->objects.len)
		sink->write(sink->data, self->objects.data, self->objects.len);
	buf_clear(&self->objects);
	sink->write(sink->data, self->line.data, self->line.len);
	buf_clear(&self->line);
}

static void add_process(const struct json_renderer *self, struct json *json, pid_t tgid, pid_t tid)
{
	const struct process *process = self->model ? model_process(self->model, tgid) : NULL;
	const char *comm = process && process->comm[0] ? process->comm : NULL;

	json_member_int(json, "pid", tgid);
	json_member_int(json, "tid", tid);
	json_member_text(json, "comm", comm, comm ? strlen(comm) : 0);
}

static void add_times(struct json *json, uint64_t time_ns, uint64_t real_ns)
{
	json_member_uint(json, "time_ns", time_ns);
	json_member_uint(json, "real_ns", real_ns);
}

/* --- calls --- */

static const struct arch_name {
	uint32_t arch;
	const char *name;
} arch_names[] = {
	{ AUDIT_ARCH_X86_64, "x86_64" },   { AUDIT_ARCH_I386, "i386" },
	{ AUDIT_ARCH_AARCH64, "aarch64" }, { AUDIT_ARCH_ARM, "arm" },
	{ AUDIT_ARCH_RISCV64, "riscv64" }, { AUDIT_ARCH_S390X, "s390x" },
	{ AUDIT_ARCH_PPC64LE, "ppc64le" },
};

static void add_number(struct json *json, const struct call *call)
{
	bool is_x32 = call->arch == AUDIT_ARCH_X86_64 && (call->nr & X32_BIT);
	const char *name = is_x32 ? "x32" : NULL;

	for (size_t i = 0; i < ARRAY_LEN(arch_names) && !name; i++) {
		if (arch_names[i].arch == call->arch)
			name = arch_names[i].name;
	}
	json_member_uint(json, "nr", is_x32 ? call->nr & ~(uint64_t)X32_BIT : call->nr);
	if (name)
		json_member_name(json, "arch", name);
	else
		json_member_hex(json, "arch", call->arch);
}

static void add_args(struct json *json, const struct call *call)
{
	json_key(json, "args");
	json_object(json);
	for (unsigned i = 0; i < call->n_args; i++) {
		unsigned n_same = 0;

		if (!call->arg_names[i])
			continue;
		for (unsigned other = 0; other < i; other++)
			n_same += call->arg_names[other] &&
				  strcmp(call->arg_names[other], call->arg_names[i]) == 0;
		json_unique_key(json, call->arg_names[i], n_same);
		json_value(json, &call->args[i]);
	}
	json_object_end(json);
}

static const char *state_name(const struct call *call, const struct event *ev)
{
	if (ev->kind == EVENT_BLOCKED)
		return "blocked";
	if (ev->kind == EVENT_DETACHED)
		return "detached";
	switch (call->state) {
	case CALL_ENTERED:
		return "entered";
	case CALL_RETURNED:
	case CALL_BLIND:
		return "returned";
	case CALL_REFUSED:
		return "refused";
	case CALL_UNSEEN:
		return "unseen";
	case CALL_UNFINISHED:
		return "unfinished";
	}
	return "unfinished";
}

static void add_error(struct json *json, int64_t error)
{
	json_key(json, "error");
	json_object(json);
	json_member_name(json, "name", decode_errno_name((int)error));
	json_member_int(json, "errno", error);
	json_object_end(json);
}

/* What it returned: as a number, as what that means, or as an error. */
static void add_result(struct json *json, const struct call *call)
{
	bool is_over = call_has_result(call);

	json_key(json, "ret");
	if (is_over)
		json_int(json, call->ret);
	else
		json_null(json);
	json_key(json, "result");
	if (is_over && !call->is_error)
		json_value(json, &call->ret_value);
	else
		json_null(json);
	if (is_over && call->is_error) {
		add_error(json, -call->ret);
	} else {
		json_key(json, "error");
		json_null(json);
	}
	json_key(json, "aux");
	json_array(json);
	for (unsigned i = 0; i < call->n_aux; i++) {
		json_object(json);
		json_member_name(json, "label", call->aux[i].label);
		json_key(json, "value");
		json_value(json, &call->aux[i].value);
		json_object_end(json);
	}
	json_array_end(json);
}

/* Until it returned; of a blocked one until now. */
static void add_duration(struct json *json, const struct call *call, const struct event *ev)
{
	uint64_t end_ns = call->exit_ns ? call->exit_ns : ev->time_ns;

	json_key(json, "duration_ns");
	if (call->enter_ns && end_ns >= call->enter_ns && ev->kind != EVENT_ENTER)
		json_uint(json, end_ns - call->enter_ns);
	else
		json_null(json);
}

static void add_call(struct json_renderer *self, const struct call *call, const struct event *ev,
		     const struct annotation *annotation)
{
	struct json json =
		begin_record(&self->line, ev->kind == EVENT_BLOCKED ? "blocked" : "call");

	json_member_name(&json, "state", state_name(call, ev));
	add_times(&json, call->enter_ns ? call->enter_ns : ev->time_ns,
		  call->enter_ns ? call->real_ns : ev->real_ns);
	add_process(self, &json, call->tgid, call->tid);
	json_member_name(&json, "call", call->name);
	add_number(&json, call);
	json_member_bool(&json, "entry_seen", call->enter_ns != 0);
	json.room = ROOM_ARGS;
	add_args(&json, call);
	json.room = ROOM_RESULT;
	add_result(&json, call);
	add_duration(&json, call, ev);
	json_member_hex(&json, "ip", call->ip);
	json.room = ROOM_TOUCHED;
	json_annotation(&json, annotation);
	json.room = ROOM_REST;
	json_stack_member(&json, ev);
	end_record(&json);
}

static void json_call(struct renderer *renderer, const struct call *call, const struct event *ev,
		      const struct annotation *annotation)
{
	struct json_renderer *self = (struct json_renderer *)renderer;
	bool never_returns = call->spec->ret == RET_NONE;

	if (ev->kind == EVENT_ENTER && !never_returns)
		return;
	if (call->state == CALL_UNFINISHED && never_returns)
		return; /* its record was written at entry */
	self->n_calls += ev->kind != EVENT_BLOCKED;
	add_call(self, call, ev, annotation);
	write_lines(self);
}

/* --- everything else --- */

static void add_signal(struct json_renderer *self, struct json *json, int sig)
{
	arena_reset(&self->scratch);
	json_key(json, "signal");
	json_object(json);
	json_member_name(json, "name", decode_signal_name(&self->scratch, sig));
	json_member_int(json, "number", sig);
	json_object_end(json);
}

static void add_creation(struct json *json, const struct event *ev)
{
	/* PTRACE_EVENT_FORK, _VFORK, _CLONE: ptrace(2). */
	static const char *const ways[] = { NULL, "fork", "vfork", "clone" };
	bool is_known = ev->code > 0 && (size_t)ev->code < ARRAY_LEN(ways);

	json_key(json, "parent_tid");
	if (ev->other)
		json_int(json, ev->other);
	else
		json_null(json);
	json_member_name(json, "how", is_known ? ways[ev->code] : NULL);
	json_member_bool(json, "thread", ev->tid != ev->tgid);
}

static void add_end(struct json_renderer *self, struct json *json, const struct event *ev)
{
	json_key(json, "code");
	if (ev->kind == EVENT_EXITED)
		json_int(json, ev->code);
	else
		json_null(json);
	if (ev->kind == EVENT_KILLED) {
		add_signal(self, json, ev->sig);
	} else {
		json_key(json, "signal");
		json_null(json);
	}
	json_member_bool(json, "core", ev->is_core);
}

static void add_note(struct json *json, const struct event *ev)
{
	const struct event_range *range = ev->n_ranges ? &ev->ranges[0] : NULL;

	json_member_text(json, "text", range ? ev->bytes.data + range->data : NULL,
			 range ? range->len : 0);
}

/* NULL: nothing that has a record. */
static const char *record_name(const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_ATTACHED:
		return "attach";
	case EVENT_CREATED:
		return "fork";
	case EVENT_SIGNAL:
		return "signal";
	case EVENT_GROUP_STOP:
		return "stop";
	case EVENT_EXEC:
		return "exec";
	case EVENT_SUPERSEDED:
		return "superseded";
	case EVENT_EXITED:
	case EVENT_KILLED:
		return "exit";
	case EVENT_DETACHED:
		return "detach";
	case EVENT_NOTE:
		return "note";
	default:
		return NULL;
	}
}

static void add_details(struct json_renderer *self, struct json *json, const struct event *ev,
			const struct value *siginfo, const struct annotation *annotation)
{
	switch (ev->kind) {
	case EVENT_CREATED:
		add_creation(json, ev);
		break;
	case EVENT_SIGNAL:
		add_signal(self, json, ev->sig);
		json_key(json, "siginfo");
		if (siginfo)
			json_value(json, siginfo);
		else
			json_null(json);
		json_annotation(json, annotation);
		break;
	case EVENT_GROUP_STOP:
		add_signal(self, json, ev->sig);
		break;
	case EVENT_EXEC:
	case EVENT_SUPERSEDED:
		json_member_int(json, "by_tid", ev->other ? ev->other : ev->tid);
		break;
	case EVENT_EXITED:
	case EVENT_KILLED:
		add_end(self, json, ev);
		break;
	case EVENT_NOTE:
		add_note(json, ev);
		break;
	default:
		break;
	}
}

static void json_event(struct renderer *renderer, const struct event *ev,
		       const struct value *siginfo, const struct annotation *annotation)
{
	struct json_renderer *self = (struct json_renderer *)renderer;
	const struct render_options *options = &renderer->options;
	bool is_exit = ev->kind == EVENT_EXITED || ev->kind == EVENT_KILLED;
	struct json json;

	if (!record_name(ev) || (is_exit && options->hides_exits) ||
	    (ev->kind == EVENT_SUPERSEDED && options->hides_superseded))
		return;
	json = begin_record(&self->line, record_name(ev));
	add_times(&json, ev->time_ns, ev->real_ns);
	add_process(self, &json, ev->tgid, ev->tid);
	add_details(self, &json, ev, siginfo, annotation);
	end_record(&json);
	write_lines(self);
}

static void json_object_record(struct renderer *renderer, const struct object *object)
{
	struct json_renderer *self = (struct json_renderer *)renderer;

	add_object(&self->line, object, "list");
	write_lines(self);
}

static void json_begin(struct renderer *renderer)
{
	struct json_renderer *self = (struct json_renderer *)renderer;
	struct json json = begin_record(&self->line, "begin");

	json_member_name(&json, "program", "ipctrace " IPCTRACE_VERSION);
	end_record(&json);
	write_lines(self);
}

/* Who reads up to here has everything. */
static void json_waits(struct renderer *renderer, const struct waits *waits, uint64_t now_ns)
{
	struct json_renderer *self = (struct json_renderer *)renderer;

	for (size_t i = 0; i < waits->n; i++) {
		struct json json = begin_record(&self->line, "wait");

		json_wait_members(&json, &waits->items[i]);
		json_member_uint(&json, "now_ns", now_ns);
		end_record(&json);
		write_lines(self);
	}
}

static void json_finding(struct renderer *renderer, const struct finding *finding)
{
	struct json_renderer *self = (struct json_renderer *)renderer;
	struct json json = begin_record(&self->line, "finding");

	json_finding_members(&json, finding);
	end_record(&json);
	write_lines(self);
}

static void json_summary(struct renderer *renderer, struct summary *summary)
{
	struct json_renderer *self = (struct json_renderer *)renderer;
	const struct summary_row *const *rows;
	size_t n = summary_rows(summary, &rows);

	for (size_t i = 0; i < n; i++) {
		struct json json = begin_record(&self->line, "summary");

		json_summary_members(&json, rows[i]);
		end_record(&json);
		write_lines(self);
	}
}

static void json_end(struct renderer *renderer)
{
	struct json_renderer *self = (struct json_renderer *)renderer;
	struct json json = begin_record(&self->line, "end");

	json_member_uint(&json, "calls", self->n_calls);
	end_record(&json);
	write_lines(self);
}

static void json_destroy(struct renderer *renderer)
{
	struct json_renderer *self = (struct json_renderer *)renderer;

	buf_finish(&self->line);
	buf_finish(&self->objects);
	arena_finish(&self->scratch);
	free(self);
}

static const struct renderer_impl json_impl = {
	.name = "json",
	.begin = json_begin,
	.call = json_call,
	.event = json_event,
	.object = json_object_record,
	.waits = json_waits,
	.finding = json_finding,
	.summary = json_summary,
	.end = json_end,
	.destroy = json_destroy,
};

struct renderer *json_renderer_create(const struct render_options *options, const struct sink *sink,
				      const struct model *model)
{
	struct json_renderer *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->renderer.impl = &json_impl;
	self->renderer.options = *options;
	self->renderer.sink = *sink;
	self->model = model;
	return &self->renderer;
}
