/* The arguments of System V IPC calls: keys, commands, messages, operations, values. */
#include "decode/types/sysv.h"

#include "decode/consts/sysv.h"
#include "decode/decode.h"
#include "decode/types/shift.h"
#include "decode/types/types.h"

/* SEMMSL can be set up to this. */
enum { SEM_VALUES_MAX = 65536 };

static void show_key(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint32_t key = (uint32_t)raw;

	(void)d;
	(void)slot;
	*ret_v = (struct value){ .kind = VALUE_ENUM, .sym = { key, key ? NULL : "IPC_PRIVATE" } };
}

/* Flags, if there are any, and always the permissions. */
static void add_permissions(struct decode *d, uint64_t raw, struct value *flags)
{
	if (flags->flags.rest)
		decode_add_flag(
			d->arena, flags,
			arena_printf(d->arena, "%#llx", (unsigned long long)flags->flags.rest));
	flags->base = 8;
	flags->flags.raw = raw;
	flags->flags.rest = raw & 0777;
	flags->flags.has_rest = true;
}

static void show_get(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	raw = (uint32_t)raw;
	*ret_v = decode_flags(d->arena, slot->set, raw & ~0777ull);
	add_permissions(d, raw, ret_v);
}

static void show_shm_get(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	raw = (uint32_t)raw;
	*ret_v = decode_huge_flags(d->arena, slot->set, raw & ~0777ull, "SHM_HUGE_SHIFT");
	add_permissions(d, raw, ret_v);
}

static void show_command(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	struct value flags = { .kind = VALUE_FLAGS, .flags = { .raw = (uint32_t)raw } };
	struct value plain = decode_enum(d->arena, slot->set, (uint32_t)raw & ~IPC_64_BIT);

	if (!(raw & IPC_64_BIT)) {
		*ret_v = plain;
		return;
	}
	decode_add_flag(d->arena, &flags, "IPC_64");
	if (plain.sym.name) {
		decode_add_flag(d->arena, &flags, plain.sym.name);
	} else {
		flags.flags.rest = plain.sym.raw;
		flags.comment = plain.comment;
	}
	*ret_v = flags;
}

static void show_msgbuf(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	uint64_t mtype;

	if (!raw || decode_word_at(d, raw, &mtype) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	*ret_v = value_struct(d->arena, 2);
	ret_v->addr = raw;
	*value_field(ret_v, "mtype") =
		value_int(d->word_len == 4 ? (int32_t)mtype : (int64_t)mtype);
	decode_buffer_at(d, raw + d->word_len, decode_len(d, slot), value_field(ret_v, "mtext"));
}

static size_t reach_msgbuf(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t len = decode_len(d, slot);

	(void)raw;
	if (len > d->options->string_limit)
		len = d->options->string_limit;
	return d->word_len + (len < DECODE_BYTES_MAX ? len : DECODE_BYTES_MAX);
}

/* The set's semaphores, 0 if nobody can or should tell. */
static uint64_t count_values(struct decode *d)
{
	const struct fact *fact = NULL;

	if (!d->options->is_strace && d->n_siblings)
		fact = mem_fact(&d->mem, FACT_SEM_NSEMS, (int32_t)d->siblings[0]);
	if (!fact || fact->value[0] > SEM_VALUES_MAX)
		return 0;
	return fact->value[0];
}

static void show_sem_values(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	static const struct slot value_slot = { "semval", &type_u16 };
	uint64_t n = raw ? count_values(d) : 0;

	(void)slot;
	if (n)
		decode_array_at(d, &value_slot, &type_u16, raw, n, ret_v);
	else
		*ret_v = value_addr(raw);
}

static void show_sem_value(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	(void)slot;
	*ret_v = d->options->is_strace ? value_addr(raw) : value_int((int32_t)raw);
}

/* [x], as strace writes a union semun that ipc() takes by address. */
static void show_indirect(struct decode *d, uint64_t word, struct value *ret_v)
{
	*ret_v = value_ref(d->arena);
	ret_v->array.items[0] = value_addr(word);
}

static bool has_failed(const struct decode *d)
{
	return d->is_exit && d->ev->is_error;
}

static void show_semun(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint64_t word;

	if (!raw || decode_word_at(d, raw, &word) < 0)
		*ret_v = value_addr(raw);
	else if (has_failed(d) || !slot->elem || decode_at(d, slot, slot->elem, word, ret_v) < 0)
		show_indirect(d, word, ret_v);
}

static void show_semun_values(struct decode *d, const struct slot *slot, uint64_t raw,
			      struct value *ret_v)
{
	uint64_t word;

	if (!raw || decode_word_at(d, raw, &word) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	if (!has_failed(d))
		show_sem_values(d, slot, word, ret_v);
	if (has_failed(d) || ret_v->kind == VALUE_ADDR)
		show_indirect(d, word, ret_v);
}

static void show_kludge_msgbuf(struct decode *d, const struct slot *slot, uint64_t raw,
			       struct value *ret_v)
{
	uint64_t word;

	if (!raw || decode_word_at(d, raw, &word) < 0)
		*ret_v = value_addr(raw);
	else if (has_failed(d))
		*ret_v = value_addr(word);
	else
		show_msgbuf(d, slot, word, ret_v);
}

static void show_kludge_msgtyp(struct decode *d, const struct slot *slot, uint64_t raw,
			       struct value *ret_v)
{
	uint64_t word;

	(void)slot;
	if (!raw || decode_word_at(d, raw + d->word_len, &word) < 0)
		*ret_v = value_addr(raw);
	else
		*ret_v = value_int((int32_t)word);
}

#define ARGUMENT(name_, len_, show_)                                                               \
	const struct type type_##name_ = {                                                         \
		.name = #name_, .len32 = (len_), .len64 = (len_), .show = (show_)                  \
	}

ARGUMENT(ipc_key, 4, show_key);
ARGUMENT(ipc_get, 4, show_get);
ARGUMENT(shm_get, 4, show_shm_get);
ARGUMENT(ipc_command, 4, show_command);

#define POINTER(name_, show_, reach_, is_nested_)                                                  \
	const struct type type_##name_ = { .name = #name_,                                         \
					   .len32 = 4,                                             \
					   .len64 = 8,                                             \
					   .show = (show_),                                        \
					   .reach = (reach_),                                      \
					   .is_nested = (is_nested_) }

POINTER(msgbuf, show_msgbuf, reach_msgbuf, false);
POINTER(sem_values, show_sem_values, NULL, true);
POINTER(sem_value, show_sem_value, NULL, false);
POINTER(semun, show_semun, NULL, true);
POINTER(semun_values, show_semun_values, NULL, true);
POINTER(kludge_msgbuf, show_kludge_msgbuf, NULL, true);
POINTER(kludge_msgtyp, show_kludge_msgtyp, NULL, true);

static const struct slot sembuf_fields[] = {
	{ "sem_num", &type_u16 },
	{ "sem_op", &type_s16 },
	{ "sem_flg", &type_flags16, .set = &set_sem_flags },
	{ 0 },
};
const struct type type_sembuf = { .name = "sembuf", .fields = sembuf_fields };
