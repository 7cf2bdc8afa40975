#include "model/mech/details.h"

enum { DETAILS_MAX = 8 };

bool details_are_wanted(const struct mech_call *m)
{
	return m->touch && model_has_details(m->model);
}

void details_add(struct mech_call *m, const char *name, struct value value)
{
	struct value *details = m->touch->details;

	if (!details) {
		details = arena_new(m->arena, struct value);
		*details = value_struct(m->arena, DETAILS_MAX);
		m->touch->details = details;
	}
	if (details->st.n < DETAILS_MAX)
		*value_field(details, name) = value;
}

static struct value of_number(struct number number)
{
	return number.is_known ? value_int(number.value) : (struct value){ 0 };
}

struct value details_change_of(const struct mech_call *m, struct value before, struct value after)
{
	return value_change(m->arena, before, after, CHANGE_ARROW);
}

struct value details_change(const struct mech_call *m, struct number before, struct number after)
{
	return details_change_of(m, of_number(before), of_number(after));
}

struct value details_word(const char *word, uint64_t raw)
{
	return (struct value){ .kind = VALUE_ENUM, .sym = { raw, word } };
}

struct value details_flag(bool is_so)
{
	return value_int(is_so);
}

struct value details_pid(int64_t pid)
{
	return pid > 0 ? value_pid(pid) : (struct value){ 0 };
}

struct value details_pids(const struct mech_call *m, const struct fact *before,
			  const struct fact *after, unsigned index)
{
	return details_change_of(m, details_pid(before ? before->value[index] : 0),
				 details_pid(after ? after->value[index] : 0));
}
