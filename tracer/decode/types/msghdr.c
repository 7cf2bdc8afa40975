/* Messages of sockets: data, address and control messages in one. */
#include "decode/types/msghdr.h"

#include "decode/consts/socket.h"
#include "decode/decode.h"
#include "decode/types/cmsg.h"
#include "decode/types/iovec.h"
#include "decode/types/netlink.h"
#include "decode/types/sockaddr.h"
#include "decode/types/types.h"

enum {
	VLEN_MAX = 1024, /* UIO_MAXIOV, also the kernel's limit of sendmmsg and recvmmsg */
	ARG_FD = 0,
	ARG_MSG = 1,
	FIELDS_MAX = 7,
};

/* struct msghdr as it is in memory. */
struct header {
	uint64_t name, iov, iovlen, control, controllen;
	uint32_t namelen, flags;
};

/* How to look at one message. */
struct view {
	uint64_t limit; /* bytes of data that are there */
	bool has_room; /* room is known */
	uint32_t room; /* bytes msg_name had room for at entry */
};

static size_t header_len(const struct decode *d)
{
	return d->word_len == 8 ? 56 : 28;
}

/* msg_len follows, padded to the word. */
static size_t vector_step(const struct decode *d)
{
	return header_len(d) + d->word_len;
}

static int read_header(struct decode *d, uint64_t addr, struct header *ret_header)
{
	size_t word = d->word_len;
	uint8_t data[56];

	if (!addr || mem_read_all(&d->mem, addr, data, header_len(d)) < 0)
		return -1;
	*ret_header = (struct header){
		.name = decode_number(data, word),
		.namelen = (uint32_t)decode_number(data + word, 4),
		.iov = decode_number(data + 2 * word, word),
		.iovlen = decode_number(data + 3 * word, word),
		.control = decode_number(data + 4 * word, word),
		.controllen = decode_number(data + 5 * word, word),
		.flags = (uint32_t)decode_number(data + 6 * word, 4),
	};
	return 0;
}

/* Buffers of a netlink socket hold messages, however they are scattered. */
static void show_netlink_bases(struct decode *d, struct value *iov)
{
	int fd = (int)d->siblings[ARG_FD];

	for (uint32_t i = 0; iov->kind == VALUE_ARRAY && i < iov->array.n; i++) {
		struct value *base = &iov->array.items[i].st.fields[0].value;

		if (base->kind != VALUE_BYTES)
			continue;
		if (!netlink_show(d, fd, base->addr, base->bytes.total, base))
			break;
	}
}

static void show_name(struct decode *d, const struct header *header, const struct view *view,
		      struct value *ret_v)
{
	uint64_t len = header->namelen;

	if (view->has_room && view->room < len)
		len = view->room;
	sockaddr_show(d, header->name, len, value_field(ret_v, "msg_name"));
	*value_field(ret_v, "msg_namelen") =
		view->has_room && view->room != header->namelen
			? value_change(d->arena, value_int((int32_t)view->room),
				       value_int((int32_t)header->namelen), CHANGE_ARROW)
			: value_int((int32_t)header->namelen);
}

static void show_header(struct decode *d, const struct header *header, const struct view *view,
			struct value *ret_v)
{
	struct value *iov;

	*ret_v = value_struct(d->arena, FIELDS_MAX);
	show_name(d, header, view, ret_v);
	iov = value_field(ret_v, "msg_iov");
	iovec_show(d, header->iov, header->iovlen, view->limit, iov);
	show_netlink_bases(d, iov);
	*value_field(ret_v, "msg_iovlen") = value_uint(header->iovlen);
	if (header->controllen)
		cmsg_show(d, header->control, header->controllen,
			  value_field(ret_v, "msg_control"));
	*value_field(ret_v, "msg_controllen") = value_uint(header->controllen);
	*value_field(ret_v, "msg_flags") =
		decode_flags(d->arena, &set_message_flags, header->flags);
}

static void show_in(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	struct view view = { .limit = UINT64_MAX };
	struct header header;

	(void)slot;
	if (read_header(d, raw, &header) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	show_header(d, &header, &view, ret_v);
	ret_v->addr = raw;
}

/*
 * At entry of a call that receives nothing is shown yet; what is remembered are the lengths of
 * the room for addresses, as an array that is no value.
 */
static void remember_rooms(struct decode *d, uint64_t addr, uint64_t n, struct value *ret_v)
{
	struct header header;

	if (n > VLEN_MAX)
		n = VLEN_MAX;
	*ret_v = value_array(d->arena, (uint32_t)n);
	ret_v->array.n = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (read_header(d, addr + i * vector_step(d), &header) < 0)
			break;
		ret_v->array.items[ret_v->array.n++] = value_uint(header.namelen);
	}
	ret_v->kind = VALUE_NONE;
}

static struct view view_out(const struct decode *d, uint32_t i, uint64_t limit)
{
	const struct value *rooms = d->call ? &d->call->args[ARG_MSG] : NULL;
	struct view view = { .limit = limit };

	if (rooms && d->call->state == CALL_RETURNED && rooms->kind == VALUE_NONE &&
	    i < rooms->array.n) {
		view.has_room = true;
		view.room = (uint32_t)rooms->array.items[i].u;
	}
	return view;
}

/* A call that failed leaves nothing but the room that there was. */
static void show_out(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	struct header header;
	struct view view;

	(void)slot;
	if (!d->is_exit) {
		remember_rooms(d, raw, 1, ret_v);
		return;
	}
	if (read_header(d, raw, &header) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	view = view_out(d, 0, d->ev->ret > 0 ? (uint64_t)d->ev->ret : 0);
	if (d->ev->is_error) {
		*ret_v = value_struct(d->arena, 1);
		*value_field(ret_v, "msg_namelen") = value_int((int32_t)header.namelen);
	} else {
		show_header(d, &header, &view, ret_v);
	}
	ret_v->addr = raw;
}

/* One of several: { struct msghdr msg_hdr; unsigned msg_len; }. */
static int show_element(struct decode *d, uint64_t addr, uint32_t i, bool is_done, bool is_out,
			struct value *ret_v)
{
	struct view view = { .limit = UINT64_MAX };
	struct header header;
	uint32_t len = 0;

	if (read_header(d, addr, &header) < 0)
		return -1;
	if (is_done)
		decode_u32_at(d, addr + header_len(d), &len);
	if (is_out)
		view = view_out(d, i, len);
	*ret_v = value_struct(d->arena, 2);
	ret_v->addr = addr;
	show_header(d, &header, &view, value_field(ret_v, "msg_hdr"));
	if (is_done)
		*value_field(ret_v, "msg_len") = value_uint(len);
	return 0;
}

/* n_done of count messages have been sent or received. */
static void show_vector(struct decode *d, uint64_t addr, uint64_t count, uint64_t n_done,
			bool is_out, struct value *ret_v)
{
	uint32_t limit = d->options->is_verbose ? VLEN_MAX : d->options->string_limit;
	uint32_t n;

	if (limit > VLEN_MAX)
		limit = VLEN_MAX;
	n = count < limit ? (uint32_t)count : limit;
	if (!addr) {
		*ret_v = value_addr(0);
		return;
	}
	*ret_v = value_array(d->arena, n);
	ret_v->addr = addr;
	ret_v->array.total = count;
	ret_v->is_cut = n < count;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t at = addr + i * vector_step(d);

		if (show_element(d, at, i, i < n_done, is_out, &ret_v->array.items[i]) == 0)
			continue;
		ret_v->array.n = i;
		ret_v->array.fault = at;
		ret_v->is_cut = false;
		if (!i)
			*ret_v = value_addr(addr);
		return;
	}
}

static uint64_t count_done(const struct decode *d)
{
	return d->is_exit && !d->ev->is_error && d->ev->ret > 0 ? (uint64_t)d->ev->ret : 0;
}

static void show_vector_in(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	show_vector(d, raw, (uint32_t)decode_len(d, slot), count_done(d), false, ret_v);
}

static void show_vector_out(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	if (!d->is_exit)
		remember_rooms(d, raw, (uint32_t)decode_len(d, slot), ret_v);
	else if (d->ev->is_error)
		*ret_v = value_addr(raw);
	else
		show_vector(d, raw, count_done(d), count_done(d), true, ret_v);
}

static size_t reach_one(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)slot;
	(void)raw;
	return header_len(d);
}

static size_t reach_vector(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t n = (uint32_t)decode_len(d, slot);

	(void)raw;
	return (size_t)(n < VLEN_MAX ? n : VLEN_MAX) * vector_step(d);
}

#define MESSAGE(name_, show_, reach_)                                                              \
	const struct type type_##name_ = { .name = #name_,                                         \
					   .len32 = 4,                                             \
					   .len64 = 8,                                             \
					   .show = (show_),                                        \
					   .reach = (reach_),                                      \
					   .is_nested = true }

MESSAGE(msghdr_in, show_in, reach_one);
MESSAGE(msghdr_out, show_out, reach_one);
MESSAGE(mmsghdr_in, show_vector_in, reach_vector);
MESSAGE(mmsghdr_out, show_vector_out, reach_vector);

static void show_buffer(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	uint64_t len = decode_len(d, slot);

	if (!netlink_show(d, (int)d->siblings[ARG_FD], raw, len, ret_v))
		decode_buffer_at(d, raw, len, ret_v);
}

static size_t reach_buffer(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t len = raw ? decode_len(d, slot) : 0;

	if (len > d->options->string_limit)
		len = d->options->string_limit;
	return len < DECODE_BYTES_MAX ? len : DECODE_BYTES_MAX;
}

MESSAGE(socket_buffer, show_buffer, reach_buffer);
