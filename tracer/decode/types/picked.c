/* Some fields of a struct, in an order of their own. */
#include "decode/types/picked.h"

#include <string.h>

#include "decode/decode.h"

static const struct value *find_field(const struct value *st, const char *name)
{
	for (uint32_t i = 0; i < st->st.n; i++) {
		if (strcmp(st->st.fields[i].name, name) == 0)
			return &st->st.fields[i].value;
	}
	return NULL;
}

static uint32_t count_picks(const struct pick *picks)
{
	uint32_t n = 0;

	while (picks[n].name)
		n++;
	return n;
}

void picked_show(struct decode *d, const struct slot *slot, const struct span *span,
		 struct value *ret_v)
{
	const struct picked_type *self =
		(const struct picked_type *)((const char *)slot->type -
					     offsetof(struct picked_type, type));
	struct value all = { 0 };

	decode_bytes(d, slot, self->full, span, &all);
	if (all.kind != VALUE_STRUCT) {
		*ret_v = all;
		return;
	}
	*ret_v = value_struct(d->arena, count_picks(self->picks));
	ret_v->addr = span->addr;
	ret_v->is_cut = all.is_cut;
	for (const struct pick *pick = self->picks; pick->name; pick++) {
		const struct value *value = find_field(&all, pick->name);

		if (value && !(pick->is_new && d->options->is_strace))
			*value_field(ret_v, pick->name) = *value;
	}
}
