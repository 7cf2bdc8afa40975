/* Shapes of the calls that make, join and wait for descriptors. */
#include "decode/types/fd.h"

#include "decode/consts/fd.h"
#include "decode/decode.h"
#include "decode/types/types.h"

/* --- open's flags --- */

struct value decode_open_flags(struct arena *arena, uint64_t raw)
{
	struct value value = decode_flags(arena, &set_open_flags, raw & ~3ull);
	const char **names = arena_array(arena, const char *, value.flags.n + 1);

	names[0] = const_set_name(&set_access_modes, raw & 3);
	for (uint32_t i = 0; i < value.flags.n; i++)
		names[i + 1] = value.flags.names[i];
	value.flags.names = names;
	value.flags.n++;
	value.flags.raw = raw;
	value.comment = NULL;
	return value;
}

static void show_open_flags(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	*ret_v = decode_open_flags(d->arena, slot->type == &type_open_flags ? (uint32_t)raw : raw);
}

const struct type type_open_flags = {
	.name = "open_flags", .len32 = 4, .len64 = 4, .show = show_open_flags
};
const struct type type_open_flags64 = {
	.name = "open_flags64", .len32 = 8, .len64 = 8, .show = show_open_flags
};

/* --- pairs --- */

static void show_fd_pair(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	uint32_t fds[2];

	(void)slot;
	if (decode_u32_at(d, raw, &fds[0]) < 0 || decode_u32_at(d, raw + 4, &fds[1]) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	*ret_v = value_array(d->arena, 2);
	ret_v->addr = raw;
	for (int i = 0; i < 2; i++)
		ret_v->array.items[i] = decode_fd(d, (int32_t)fds[i]);
}

static size_t reach_fd_pair(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)d;
	(void)slot;
	(void)raw;
	return 8;
}

const struct type type_fd_pair = { .name = "fd_pair",
				   .len32 = 4,
				   .len64 = 8,
				   .show = show_fd_pair,
				   .reach = reach_fd_pair,
				   .is_nested = true };

/* --- locks and owners: asm-generic/fcntl.h --- */

#define LOCK_FIELDS(off_)                                                                          \
	{ "l_type", &type_enum16, .set = &set_lock_types },                                        \
		{ "l_whence", &type_enum16, .set = &set_lock_whence }, { "l_start", &(off_) },     \
	{                                                                                          \
		"l_len", &(off_)                                                                   \
	}

#define LOCK(name_, off_)                                                                          \
	static const struct slot name_##_fields[] = { LOCK_FIELDS(off_),                           \
						      { "l_pid", &type_pid, .is_hidden = true },   \
						      { 0 } };                                     \
	const struct type type_##name_ = { .name = #name_, .fields = name_##_fields };             \
	static const struct slot name_##_got_fields[] = { LOCK_FIELDS(off_),                       \
							  { "l_pid", &type_pid },                  \
							  { 0 } };                                 \
	const struct type type_##name_##_got = { .name = #name_, .fields = name_##_got_fields }

LOCK(flock, type_off);
LOCK(flock64, type_s64);

static const struct slot f_owner_ex_fields[] = {
	{ "type", &type_enum, .set = &set_owner_types },
	{ "pid", &type_pid },
	{ 0 },
};
const struct type type_f_owner_ex = { .name = "f_owner_ex", .fields = f_owner_ex_fields };

/* --- epoll: packed on x86 --- */

static void show_epoll_event(struct decode *d, const struct slot *slot, const struct span *span,
			     struct value *ret_v)
{
	(void)slot;
	*ret_v = value_struct(d->arena, 2);
	ret_v->addr = span->addr;
	*value_field(ret_v, "events") =
		decode_flags(d->arena, &set_epoll_events, decode_number(span->data, 4));
	*value_field(ret_v, "data") = value_hex(decode_number(span->data + 4, 8));
}

const struct type type_epoll_event = {
	.name = "epoll_event", .len32 = 12, .len64 = 12, .align = 4, .show_bytes = show_epoll_event
};

/* Behind a result strace writes no links, not even with -y. */
static struct value ready_fd(struct decode *d, int32_t fd)
{
	return d->options->is_strace ? value_int(fd) : decode_fd(d, fd);
}

/* --- poll: asm-generic/poll.h --- */

enum { POLLFD_LEN = 8, POLLFD_EVENTS = 4, POLLFD_REVENTS = 6 };

static void show_pollfd(struct decode *d, const struct slot *slot, const struct span *span,
			struct value *ret_v)
{
	int32_t fd = (int32_t)decode_number(span->data, 4);

	(void)slot;
	*ret_v = value_struct(d->arena, 2);
	ret_v->addr = span->addr;
	*value_field(ret_v, "fd") = decode_fd(d, fd);
	if (fd >= 0)
		*value_field(ret_v, "events") = decode_flags(
			d->arena, &set_poll_events, decode_number(span->data + POLLFD_EVENTS, 2));
}

static const struct type type_pollfd = {
	.name = "pollfd", .len32 = 8, .len64 = 8, .align = 4, .show_bytes = show_pollfd
};

static void show_pollfds(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	decode_array_at(d, slot, &type_pollfd, raw, decode_len(d, slot) & UINT32_MAX, ret_v);
}

static uint64_t pollfds_limit(const struct decode *d, uint64_t count)
{
	uint64_t limit = d->options->is_verbose ? DECODE_ITEMS_MAX : d->options->string_limit;

	if (limit > DECODE_ITEMS_MAX)
		limit = DECODE_ITEMS_MAX;
	return count < limit ? count : limit;
}

static size_t reach_pollfds(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)raw;
	return pollfds_limit(d, decode_len(d, slot) & UINT32_MAX) * POLLFD_LEN;
}

const struct type type_pollfds = { .name = "pollfds",
				   .len32 = 4,
				   .len64 = 8,
				   .show = show_pollfds,
				   .reach = reach_pollfds,
				   .is_nested = true };

struct value decode_pollfds_ready(struct decode *d, uint64_t addr, uint64_t count)
{
	uint64_t n = count < DECODE_ITEMS_MAX ? count : DECODE_ITEMS_MAX;
	uint64_t limit = pollfds_limit(d, count);
	uint8_t *bytes = arena_alloc(d->arena, n * POLLFD_LEN);
	ssize_t got = n ? mem_read(&d->mem, addr, bytes, n * POLLFD_LEN) : 0;
	struct value ready = value_array(d->arena, (uint32_t)limit);
	uint32_t n_ready = 0;

	ready.addr = addr;
	for (uint64_t i = 0; got > 0 && (i + 1) * POLLFD_LEN <= (uint64_t)got; i++) {
		const uint8_t *pollfd = bytes + i * POLLFD_LEN;
		uint64_t revents = decode_number(pollfd + POLLFD_REVENTS, 2);
		struct value item;

		if (!revents)
			continue;
		if (n_ready == limit) {
			ready.is_cut = true;
			break;
		}
		item = value_struct(d->arena, 2);
		*value_field(&item, "fd") = ready_fd(d, (int32_t)decode_number(pollfd, 4));
		*value_field(&item, "revents") = decode_flags(d->arena, &set_poll_events, revents);
		ready.array.items[n_ready++] = item;
	}
	ready.array.n = n_ready;
	ready.array.total = n_ready;
	return ready;
}

/* --- select --- */

/* What the kernel can have open at all is more; nobody selects among so many. */
enum { FD_SET_MAX = 64 * 1024 };

/* Bytes of an fd_set, which comes in words. */
static size_t fd_set_len(const struct decode *d, uint64_t n_fds)
{
	size_t bits = d->word_len * 8;
	size_t n = n_fds < FD_SET_MAX ? n_fds : FD_SET_MAX;

	return (n + bits - 1) / bits * d->word_len;
}

uint32_t decode_fd_set(struct decode *d, uint64_t addr, uint64_t n_fds, struct value *ret_v)
{
	size_t len = fd_set_len(d, n_fds);
	uint8_t *bits = arena_alloc(d->arena, len + 1);
	uint32_t n = 0;

	if (!addr || (int32_t)n_fds < 0 || mem_read_all(&d->mem, addr, bits, len) < 0) {
		*ret_v = value_addr(addr);
		return 0;
	}
	for (size_t fd = 0; fd < len * 8 && fd < n_fds; fd++)
		n += bits[fd / 8] >> fd % 8 & 1;
	*ret_v = value_array(d->arena, n < DECODE_ITEMS_MAX ? n : DECODE_ITEMS_MAX);
	ret_v->addr = addr;
	ret_v->is_cut = n > DECODE_ITEMS_MAX || n_fds > FD_SET_MAX;
	ret_v->array.is_set = true;
	ret_v->array.total = n;
	n = 0;
	for (size_t fd = 0; n < ret_v->array.n; fd++) {
		if (bits[fd / 8] >> fd % 8 & 1)
			ret_v->array.items[n++] =
				d->is_exit ? ready_fd(d, (int32_t)fd) : decode_fd(d, (int32_t)fd);
	}
	return (uint32_t)ret_v->array.total;
}

static void show_fd_set(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	(void)slot;
	decode_fd_set(d, raw, (uint32_t)d->siblings[0], ret_v);
}

static size_t reach_fd_set(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)slot;
	(void)raw;
	return (int32_t)d->siblings[0] < 0 ? 0 : fd_set_len(d, (uint32_t)d->siblings[0]);
}

const struct type type_fd_set = { .name = "fd_set",
				  .len32 = 4,
				  .len64 = 8,
				  .show = show_fd_set,
				  .reach = reach_fd_set,
				  .is_nested = true };

/* --- signal masks during a wait --- */

enum { SIGSET_LEN = 8 };

static void sigset_at(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v)
{
	uint8_t bytes[SIGSET_LEN];

	if (!addr || len > SIGSET_LEN || len % d->word_len ||
	    mem_read_all(&d->mem, addr, bytes, len) < 0)
		*ret_v = value_addr(addr);
	else
		*ret_v = decode_sigset(d->arena, decode_number(bytes, len));
}

static void show_sigset_arg(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	sigset_at(d, raw, decode_len(d, slot), ret_v);
}

static size_t reach_sigset_arg(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)d;
	(void)slot;
	(void)raw;
	return SIGSET_LEN;
}

const struct type type_sigset_arg = { .name = "sigset_arg",
				      .len32 = 4,
				      .len64 = 8,
				      .show = show_sigset_arg,
				      .reach = reach_sigset_arg };

static void show_sigmask_arg(struct decode *d, const struct slot *slot, uint64_t raw,
			     struct value *ret_v)
{
	uint64_t addr, len;

	(void)slot;
	if (!raw || decode_word_at(d, raw, &addr) < 0 ||
	    decode_word_at(d, raw + d->word_len, &len) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	*ret_v = value_struct(d->arena, 2);
	ret_v->addr = raw;
	sigset_at(d, addr, len, value_field(ret_v, "sigmask"));
	*value_field(ret_v, "sigsetsize") = value_uint(len);
}

static size_t reach_sigmask_arg(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)slot;
	(void)raw;
	return 2 * d->word_len;
}

const struct type type_sigmask_arg = { .name = "sigmask_arg",
				       .len32 = 4,
				       .len64 = 8,
				       .show = show_sigmask_arg,
				       .reach = reach_sigmask_arg,
				       .is_nested = true };
