/* How processes are made: clone(2)'s arguments and struct clone_args. */
#include <errno.h>
#include <linux/sched.h>
#include <string.h>

#include "decode/consts/process.h"
#include "decode/decode.h"
#include "decode/types/process.h"
#include "decode/types/types.h"

enum { SIGNAL_MASK = 0xff };

/* Registers of clone(2); the last two change places on x86_64. */
enum { REG_FLAGS, REG_STACK, REG_PARENT_TID, REG_FOURTH, REG_FIFTH };

static uint64_t reg(const struct decode *d, unsigned i)
{
	return i < d->n_siblings ? d->siblings[i] : 0;
}

static struct value labelled(struct value value, const char *label)
{
	value.label = label;
	return value;
}

static void show_stack(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	(void)raw;
	*ret_v = labelled(value_addr(reg(d, REG_STACK)), "child_stack");
}

/* The lowest byte is the signal that the parent gets, the rest are flags. */
static void show_flags(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint64_t number = reg(d, REG_FLAGS);
	unsigned signal = number & SIGNAL_MASK;
	struct value flags = decode_flags(d->arena, &set_clone_flags, number - signal);
	const char *name = decode_signal_name(d->arena, (int)signal);
	const char **names = arena_array(d->arena, const char *, flags.flags.n + 1);

	(void)slot;
	(void)raw;
	if (signal && !name)
		name = arena_printf(d->arena, "%u", signal);
	for (uint32_t i = 0; i < flags.flags.n; i++)
		names[i] = flags.flags.names[i];
	if (signal)
		names[flags.flags.n++] = name;
	flags.flags.names = names;
	flags.flags.raw = number;
	flags.comment = NULL;
	*ret_v = labelled(flags, "flags");
}

static void show_id_at(struct decode *d, uint64_t addr, bool is_fd, struct value *ret_v)
{
	uint32_t id;

	if (!addr || decode_u32_at(d, addr, &id) < 0) {
		*ret_v = value_addr(addr);
		return;
	}
	*ret_v = value_ref(d->arena);
	ret_v->addr = addr;
	ret_v->array.items[0] = is_fd ? decode_fd(d, (int32_t)id) : value_pid((int32_t)id);
}

/* With CLONE_PIDFD the same argument is where the pidfd goes. */
static void show_parent_tid(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	uint64_t addr = reg(d, REG_PARENT_TID);
	bool is_fd = !(reg(d, REG_FLAGS) & CLONE_PARENT_SETTID);

	(void)slot;
	(void)raw;
	if (d->ev->is_error)
		*ret_v = value_addr(addr);
	else
		show_id_at(d, addr, is_fd, ret_v);
	ret_v->label = "parent_tid";
}

/* struct user_desc, which is what a 32-bit caller's TLS argument points to. */
static void show_segment(struct decode *d, uint64_t addr, struct value *ret_v)
{
	static const char *const names[] = { "seg_32bit",      "contents",        "read_exec_only",
					     "limit_in_pages", "seg_not_present", "useable" };
	static const uint8_t shifts[] = { 0, 1, 3, 4, 5, 6 }, widths[] = { 1, 2, 1, 1, 1, 1 };
	uint8_t data[16];
	uint32_t flags;

	if (!addr || mem_read_all(&d->mem, addr, data, sizeof(data)) < 0) {
		*ret_v = value_addr(addr);
		return;
	}
	*ret_v = value_struct(d->arena, 3 + ARRAY_LEN(names));
	ret_v->addr = addr;
	*value_field(ret_v, "entry_number") = value_int((int32_t)decode_number(data, 4));
	*value_field(ret_v, "base_addr") = value_hex(decode_number(data + 4, 4));
	*value_field(ret_v, "limit") =
		value_text(arena_printf(d->arena, "0x%06x", (unsigned)decode_number(data + 8, 4)),
			   decode_number(data + 8, 4));
	flags = (uint32_t)decode_number(data + 12, 4);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		*value_field(ret_v, names[i]) =
			value_uint(flags >> shifts[i] & ((1u << widths[i]) - 1));
}

static void show_tls_value(struct decode *d, uint64_t tls, struct value *ret_v)
{
	if (d->word_len == 8)
		*ret_v = value_hex(tls);
	else
		show_segment(d, tls, ret_v);
}

static void show_tls(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	(void)raw;
	show_tls_value(d, reg(d, d->word_len == 8 ? REG_FIFTH : REG_FOURTH), ret_v);
	ret_v->label = "tls";
}

static void show_child_tid(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	(void)slot;
	(void)raw;
	*ret_v = labelled(value_addr(reg(d, d->word_len == 8 ? REG_FOURTH : REG_FIFTH)),
			  "child_tidptr");
}

#define ARGUMENT(name_, show_, is_nested_)                                                         \
	const struct type type_clone_##name_ = { .name = "clone_" #name_,                          \
						 .len32 = 4,                                       \
						 .len64 = 8,                                       \
						 .show = (show_),                                  \
						 .is_nested = (is_nested_) }

ARGUMENT(stack, show_stack, false);
ARGUMENT(flags, show_flags, false);
ARGUMENT(parent_tid, show_parent_tid, true);
ARGUMENT(tls, show_tls, true);
ARGUMENT(child_tid, show_child_tid, false);

/* --- struct clone_args --- */

/* Indices of its 64-bit words. */
enum {
	WORD_FLAGS,
	WORD_PIDFD,
	WORD_CHILD_TID,
	WORD_PARENT_TID,
	WORD_EXIT_SIGNAL,
	WORD_STACK,
	WORD_STACK_SIZE,
	WORD_TLS,
	WORD_SET_TID,
	WORD_SET_TID_SIZE,
	WORD_CGROUP,
	N_WORDS,
	N_WORDS_MIN = WORD_SET_TID,
};

/* Returns how many words there are, those that are not being 0; -EFAULT or -EINVAL. */
static int read_words(struct decode *d, uint64_t addr, uint64_t len, uint64_t words[N_WORDS])
{
	uint8_t data[8 * N_WORDS];
	unsigned n = len / 8 < N_WORDS ? (unsigned)(len / 8) : N_WORDS;

	if (!addr || n < N_WORDS_MIN)
		return -EINVAL;
	if (mem_read_all(&d->mem, addr, data, 8 * n) < 0)
		return -EFAULT;
	memset(words, 0, N_WORDS * sizeof(*words));
	for (unsigned i = 0; i < n; i++)
		words[i] = decode_number(data + 8 * i, 8);
	return (int)n;
}

static void add_signal(struct decode *d, uint64_t signal, struct value *ret_v)
{
	const char *name = signal <= INT32_MAX ? decode_signal_name(d->arena, (int)signal) : NULL;

	*value_field(ret_v, "exit_signal") =
		(struct value){ .kind = VALUE_ENUM, .base = 10, .sym = { signal, name } };
}

static void add_set_tid(struct decode *d, const uint64_t *words, struct value *ret_v)
{
	static const struct slot slot = { "set_tid", &type_array, .elem = &type_pid };

	decode_array_at(d, &slot, &type_pid, words[WORD_SET_TID], words[WORD_SET_TID_SIZE],
			value_field(ret_v, "set_tid"));
	*value_field(ret_v, "set_tid_size") = value_uint(words[WORD_SET_TID_SIZE]);
}

static void show_args_in(struct decode *d, const uint64_t *words, bool has_more,
			 struct value *ret_v)
{
	uint64_t flags = words[WORD_FLAGS];

	*ret_v = value_struct(d->arena, N_WORDS);
	*value_field(ret_v, "flags") = decode_flags(d->arena, &set_clone3_flags, flags);
	if (flags & CLONE_PIDFD)
		*value_field(ret_v, "pidfd") = value_addr(words[WORD_PIDFD]);
	if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))
		*value_field(ret_v, "child_tid") = value_addr(words[WORD_CHILD_TID]);
	if (flags & CLONE_PARENT_SETTID)
		*value_field(ret_v, "parent_tid") = value_addr(words[WORD_PARENT_TID]);
	add_signal(d, words[WORD_EXIT_SIGNAL], ret_v);
	*value_field(ret_v, "stack") = value_addr(words[WORD_STACK]);
	*value_field(ret_v, "stack_size") = value_hex(words[WORD_STACK_SIZE]);
	if (flags & CLONE_SETTLS)
		show_tls_value(d, words[WORD_TLS], value_field(ret_v, "tls"));
	if (words[WORD_SET_TID] || words[WORD_SET_TID_SIZE])
		add_set_tid(d, words, ret_v);
	if (flags & CLONE_INTO_CGROUP)
		*value_field(ret_v, "cgroup") = value_uint(words[WORD_CGROUP]);
	ret_v->is_cut = has_more;
}

/* What the call stored: the pidfd and the new thread's id, where they were asked for. */
static bool show_args_out(struct decode *d, const uint64_t *words, struct value *ret_v)
{
	uint64_t flags = words[WORD_FLAGS];

	*ret_v = value_struct(d->arena, 2);
	if (flags & CLONE_PIDFD)
		show_id_at(d, words[WORD_PIDFD], true, value_field(ret_v, "pidfd"));
	if (flags & CLONE_PARENT_SETTID)
		show_id_at(d, words[WORD_PARENT_TID], false, value_field(ret_v, "parent_tid"));
	return ret_v->st.n > 0;
}

/*
 * Shape:   struct clone_args, 64-bit words for all callers; at exit in => out.
 * Errors:  an unreadable one, or one smaller than the first version, gives the address.
 * Source:  clone(2); linux/sched.h.
 */
static void show_args(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint64_t len = decode_len(d, slot), words[N_WORDS];
	struct value out;
	int n = read_words(d, raw, len, words);

	if (n < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	if (d->is_exit && d->call && d->call->state == CALL_RETURNED)
		*ret_v = d->call->args[0];
	else
		show_args_in(d, words, len > 8 * N_WORDS, ret_v);
	ret_v->addr = raw;
	if (d->is_exit && !d->ev->is_error && show_args_out(d, words, &out))
		*ret_v = value_change(d->arena, *ret_v, out, CHANGE_ARROW);
}

static size_t reach_args(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t len = decode_len(d, slot);

	(void)raw;
	return len < 8 * N_WORDS ? (size_t)len : 8 * N_WORDS;
}

const struct type type_clone_args = { .name = "clone_args",
				      .len32 = 4,
				      .len64 = 8,
				      .show = show_args,
				      .reach = reach_args,
				      .is_nested = true };
