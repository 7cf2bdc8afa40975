/* Messages of netlink sockets. */
#include "decode/types/netlink.h"

#include <linux/netlink.h>

#include "decode/consts/netlink.h"
#include "decode/decode.h"
#include "decode/types/types.h"

enum {
	NO_PROTOCOL = 255,
	HEADER_LEN = 16, /* struct nlmsghdr */
	MESSAGES_MAX = 256,
	BYTES_MAX = 16 * 1024, /* of one buffer */
	FACT_PROTOCOL = 4, /* index in fact.value of a socket */
};

/* struct nlmsghdr as it is in memory. */
struct header {
	uint32_t len;
	uint16_t type, flags;
	uint32_t seq, pid;
};

static struct header header_of(const uint8_t *data)
{
	return (struct header){
		.len = (uint32_t)decode_number(data, 4),
		.type = (uint16_t)decode_number(data + 4, 2),
		.flags = (uint16_t)decode_number(data + 6, 2),
		.seq = (uint32_t)decode_number(data + 8, 4),
		.pid = (uint32_t)decode_number(data + 12, 4),
	};
}

static struct value header_value(struct decode *d, unsigned protocol, const struct header *header)
{
	struct value value = value_struct(d->arena, 5);

	*value_field(&value, "nlmsg_len") = value_uint(header->len);
	*value_field(&value, "nlmsg_type") =
		decode_enum(d->arena, netlink_types(protocol), header->type);
	*value_field(&value, "nlmsg_flags") =
		decode_flags(d->arena, netlink_flags(protocol, header->type), header->flags);
	*value_field(&value, "nlmsg_seq") = value_uint(header->seq);
	*value_field(&value, "nlmsg_pid") = value_pid((int32_t)header->pid);
	return value;
}

static struct value raw_value(struct decode *d, const uint8_t *data, size_t len)
{
	size_t limit = d->options->string_limit;
	size_t n = len < limit ? len : limit;

	struct value value = value_bytes(arena_copy(d->arena, data, n), (uint32_t)n, len);

	value.bytes.form = BYTES_HEX;
	return value;
}

static struct value message_value(struct decode *d, unsigned protocol, const struct header *header,
				  const uint8_t *data, size_t room);

/*
 * What an answer says: 0 or -errno, then the message it answers, which is none that answers one
 * itself: those are shown as bytes, so that no data can nest more than twice.
 */
static struct value answer_value(struct decode *d, unsigned protocol, const uint8_t *data,
				 size_t len)
{
	struct value value = value_struct(d->arena, 2);
	int32_t error = (int32_t)decode_number(data, 4);
	const char *name = error < 0 ? decode_errno_name(-error) : NULL;
	struct header header;

	*value_field(&value, "error") =
		name ? value_text(arena_printf(d->arena, "-%s", name), (uint64_t)error)
		     : value_int(error);
	if (len >= 4 + HEADER_LEN) {
		header = header_of(data + 4);
		if (header.type == NLMSG_ERROR)
			*value_field(&value, "msg") = raw_value(d, data + 4, len - 4);
		else
			*value_field(&value, "msg") =
				message_value(d, protocol, &header, data + 4, len - 4);
	}
	return value;
}

static struct value payload_value(struct decode *d, unsigned protocol, unsigned type,
				  const uint8_t *data, size_t len)
{
	if (type == NLMSG_ERROR && len >= (d->options->is_strace ? 4 + HEADER_LEN : 4))
		return answer_value(d, protocol, data, len);
	if (type == NLMSG_DONE && len == 4)
		return value_int((int32_t)decode_number(data, 4));
	return raw_value(d, data, len);
}

/* One message: its header, or [header, payload]. */
static struct value message_value(struct decode *d, unsigned protocol, const struct header *header,
				  const uint8_t *data, size_t room)
{
	size_t len = header->len < room ? header->len : room;
	struct value value;

	if (len <= HEADER_LEN)
		return header_value(d, protocol, header);
	value = value_array(d->arena, 2);
	value.array.items[0] = header_value(d, protocol, header);
	value.array.items[1] =
		payload_value(d, protocol, header->type, data + HEADER_LEN, len - HEADER_LEN);
	return value;
}

static void show_messages(struct decode *d, unsigned protocol, const struct span *span,
			  struct value *ret_v)
{
	size_t most = span->len / HEADER_LEN < MESSAGES_MAX ? span->len / HEADER_LEN : MESSAGES_MAX;
	struct value items = value_array(d->arena, (uint32_t)most);
	uint32_t n = 0;
	size_t at = 0;

	while (span->len - at >= HEADER_LEN && n < most) {
		struct header header = header_of(span->data + at);
		size_t step = ((size_t)header.len + 3) & ~(size_t)3;

		items.array.items[n++] =
			message_value(d, protocol, &header, span->data + at, span->len - at);
		if (header.len < HEADER_LEN || step > span->len - at)
			break;
		at += step;
	}
	items.array.n = n;
	items.array.total = n;
	items.addr = span->addr;
	*ret_v = n == 1 ? items.array.items[0] : items;
}

bool netlink_show(struct decode *d, int fd, uint64_t addr, uint64_t len, struct value *ret_v)
{
	struct span span = { .addr = addr };
	const struct fact *fact;
	uint32_t first;
	uint8_t *data;
	ssize_t got;
	size_t n;

	if (!addr || len < HEADER_LEN || decode_u32_at(d, addr, &first) < 0)
		return false;
	/* No message; only strace takes it for one. */
	if (first < HEADER_LEN || (first > len && !d->options->is_strace))
		return false;
	if (decode_fd_kind(&d->mem, fd) != FD_NETLINK)
		return false;
	fact = mem_fact(&d->mem, FACT_FD, fd);
	if (fact->value[FACT_PROTOCOL] == NETLINK_KOBJECT_UEVENT)
		return false;
	n = len < BYTES_MAX ? (size_t)len : BYTES_MAX;
	/* A header is four values of four bytes. */
	if (decode_is_too_much(d, n / 4, 4))
		return false;
	data = arena_alloc(d->arena, n);
	got = mem_read(&d->mem, addr, data, n);
	if (got < HEADER_LEN)
		return false;
	if (first > len) {
		struct header header = header_of(data);

		/* What is no message of any protocol has no type of one. */
		*ret_v = value_ref(d->arena);
		ret_v->array.items[0] = header_value(d, NO_PROTOCOL, &header);
		ret_v->is_cut = true;
		ret_v->addr = addr;
		return true;
	}
	span.data = data;
	span.len = (size_t)got;
	show_messages(d, (unsigned)fact->value[FACT_PROTOCOL], &span, ret_v);
	ret_v->addr = addr;
	return true;
}
