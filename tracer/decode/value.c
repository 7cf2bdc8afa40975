#include "decode/value.h"

#include <string.h>

struct value value_struct(struct arena *arena, uint32_t n)
{
	return (struct value){ .kind = VALUE_STRUCT,
			       .st = { .fields = arena_array(arena, struct field, n) } };
}

struct value *value_field(struct value *st, const char *name)
{
	struct field *field = &st->st.fields[st->st.n++];

	field->name = name;
	return &field->value;
}

struct value value_array(struct arena *arena, uint32_t n)
{
	return (struct value){
		.kind = VALUE_ARRAY,
		.array = { .items = arena_array(arena, struct value, n), .n = n, .total = n }
	};
}

struct value value_ref(struct arena *arena)
{
	struct value value = value_array(arena, 1);

	value.array.is_single = true;
	return value;
}

struct value value_call(struct arena *arena, const char *name, uint32_t n)
{
	return (struct value){ .kind = VALUE_CALL,
			       .call = { name, arena_array(arena, struct value, n), n } };
}

struct value value_change(struct arena *arena, struct value before, struct value after,
			  enum change_form form)
{
	struct value *copies = arena_array(arena, struct value, 2);

	copies[0] = before;
	copies[1] = after;
	return (struct value){ .kind = VALUE_CHANGE, .change = { &copies[0], &copies[1], form } };
}

static bool values_equal(const struct value *a, const struct value *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (!value_equal(&a[i], &b[i]))
			return false;
	}
	return true;
}

static bool structs_equal(const struct value *a, const struct value *b)
{
	if (a->st.n != b->st.n)
		return false;
	for (uint32_t i = 0; i < a->st.n; i++) {
		if (!value_equal(&a->st.fields[i].value, &b->st.fields[i].value))
			return false;
	}
	return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	switch ((enum value_kind)a->kind) {
	case VALUE_NONE:
		return true;
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_HEX:
	case VALUE_OCT:
	case VALUE_ADDR:
	case VALUE_PID:
		return a->u == b->u;
	case VALUE_ENUM:
		return a->sym.raw == b->sym.raw;
	case VALUE_FLAGS:
		return a->flags.raw == b->flags.raw;
	case VALUE_BITSET:
		return a->bits.raw == b->bits.raw && a->bits.n == b->bits.n;
	case VALUE_TEXT:
		return a->text.raw == b->text.raw;
	case VALUE_FD:
		return a->fd.fd == b->fd.fd;
	case VALUE_BYTES:
		return a->bytes.total == b->bytes.total && a->bytes.len == b->bytes.len &&
		       memcmp(a->bytes.data, b->bytes.data, a->bytes.len) == 0;
	case VALUE_STRUCT:
		return structs_equal(a, b);
	case VALUE_ARRAY:
		return a->array.n == b->array.n && a->array.total == b->array.total &&
		       values_equal(a->array.items, b->array.items, a->array.n);
	case VALUE_CALL:
		return a->call.n == b->call.n &&
		       values_equal(a->call.args, b->call.args, a->call.n);
	case VALUE_CHANGE:
		return false;
	}
	return false;
}
