/* Numbers of an object's state, wherever they were found. */
#include "model/mech/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_LEN = 64 };

/* The rest of the line of text that starts with "NAME:", or NULL. */
static const char *find_line(const char *text, size_t len, const char *name, size_t *ret_len)
{
	size_t name_len = strlen(name);
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline ? newline : end;

		if ((size_t)(line_end - text) > name_len && text[name_len] == ':' &&
		    memcmp(text, name, name_len) == 0) {
			*ret_len = (size_t)(line_end - text) - name_len - 1;
			return text + name_len + 1;
		}
		text = line_end + 1;
	}
	return NULL;
}

/* A copy of the rest of the line "NAME:..." of the descriptor's fdinfo; false if there is none. */
static bool copy_line(const struct event *ev, int64_t fd, const char *name, char copy[LINE_MAX_LEN])
{
	const struct fact *fact = ev ? event_fact(ev, FACT_FDINFO, fd) : NULL;
	const char *line;
	size_t len;

	line = fact ? find_line(event_fact_text(ev, fact), fact->text_len, name, &len) : NULL;
	if (!line || len >= LINE_MAX_LEN)
		return false;
	memcpy(copy, line, len);
	copy[len] = '\0';
	return true;
}

struct number state_fdinfo(const struct event *ev, int64_t fd, const char *name, int base)
{
	char copy[LINE_MAX_LEN];
	long long value;
	char *end;

	if (!copy_line(ev, fd, name, copy))
		return (struct number){ 0 };
	value = (long long)strtoull(copy, &end, base);
	return (struct number){ end != copy, value };
}

struct number state_fdinfo_time(const struct event *ev, int64_t fd, const char *name)
{
	long long seconds, ns;
	char copy[LINE_MAX_LEN];

	if (!copy_line(ev, fd, name, copy) || sscanf(copy, " (%lld, %lld)", &seconds, &ns) != 2)
		return (struct number){ 0 };
	return (struct number){ true, seconds * 1000000000ll + ns };
}

struct number state_memory(const struct event *ev, uint64_t addr)
{
	struct mem mem = { .ev = (struct event *)ev };
	int64_t value;

	if (!ev || mem_read_all(&mem, addr, &value, sizeof(value)) < 0)
		return (struct number){ 0 };
	return (struct number){ true, value };
}

struct number state_fact(const struct event *ev, enum fact_kind kind, int64_t subject,
			 unsigned index)
{
	const struct fact *fact = ev ? event_fact(ev, kind, subject) : NULL;

	return fact ? (struct number){ true, fact->value[index] } : (struct number){ 0 };
}

void state_add(struct mech_call *m, const char *name, const char *unit, struct number before,
	       struct number after, int64_t limit)
{
	struct fact first = { .value = { before.value } };
	struct fact second = { .value = { after.value } };

	mech_add_quantity(m, name, unit, before.is_known ? &first : NULL,
			  after.is_known ? &second : NULL, 0, limit);
}

const struct event *state_after(const struct mech_call *m)
{
	return m->is_over ? m->ev : NULL;
}

static int64_t number_of(const struct value *value, int64_t fallback)
{
	switch ((enum value_kind)value->kind) {
	case VALUE_INT:
	case VALUE_PID:
		return value->i;
	case VALUE_UINT:
	case VALUE_HEX:
	case VALUE_OCT:
	case VALUE_ADDR:
		return (int64_t)value->u;
	case VALUE_ENUM:
		return (int64_t)value->sym.raw;
	case VALUE_FLAGS:
		return (int64_t)value->flags.raw;
	case VALUE_TEXT:
		return (int64_t)value->text.raw;
	default:
		return fallback;
	}
}

int64_t state_member(const struct value *value, const char *name, int64_t fallback)
{
	if (value->kind != VALUE_STRUCT)
		return fallback;
	for (uint32_t i = 0; i < value->st.n; i++) {
		if (strcmp(value->st.fields[i].name, name) == 0)
			return number_of(&value->st.fields[i].value, fallback);
	}
	return fallback;
}

const char *state_join(const struct mech_call *m, const char *first, const char *next)
{
	return first ? arena_printf(m->arena, "%s, %s", first, next) : next;
}

const char *state_string(const struct mech_call *m, const struct value *value)
{
	if (value->kind != VALUE_BYTES)
		return NULL;
	return arena_copy(m->arena, value->bytes.data, value->bytes.len);
}

void state_doubt(struct mech_call *m, unsigned first)
{
	for (unsigned i = first; i < m->annotation->n_peers; i++) {
		if (m->annotation->peers[i].certainty == CERTAIN)
			m->annotation->peers[i].certainty = INFERRED;
	}
}

void *state_data(struct object *object, size_t len)
{
	if (!object->data) {
		object->data = calloc(1, len);
		if (!object->data)
			abort();
	}
	return object->data;
}

const char *state_duration(const struct mech_call *m, uint64_t ns)
{
	if (ns >= 1000 * 1000 * 1000ull)
		return arena_printf(m->arena, "%.3g s", (double)ns / 1e9);
	if (ns >= 1000 * 1000ull)
		return arena_printf(m->arena, "%.3g ms", (double)ns / 1e6);
	return arena_printf(m->arena, "%llu us", (unsigned long long)ns / 1000);
}
