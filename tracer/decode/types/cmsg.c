/* Control messages: descriptors, credentials and what else goes along with data. */
#include "decode/types/cmsg.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "decode/consts/sockopt.h"
#include "decode/decode.h"
#include "decode/types/sockaddr.h"
#include "decode/types/types.h"

enum {
	SCM_PIDFD_TYPE = 4, /* linux/socket.h, since 6.5 */
	TIMESTAMP_OLD = 29,
	TIMESTAMPNS_OLD = 35,
	TIMESTAMPING_OLD = 37,
	TIMESTAMP_NEW = 63,
	TIMESTAMPNS_NEW = 64,
	TIMESTAMPING_NEW = 65,
	N_TIMESTAMPING = 3,
	MESSAGES_MAX = 256,
};

/* linux/socket.h and asm-generic/socket.h: what SOL_SOCKET sends along. */
static const struct const_name scm_names[] = {
	{ SCM_RIGHTS, "SCM_RIGHTS" },
	{ SCM_CREDENTIALS, "SCM_CREDENTIALS" },
	{ 3, "SCM_SECURITY" },
	{ SCM_PIDFD_TYPE, "SCM_PIDFD" },
	{ TIMESTAMP_OLD, "SO_TIMESTAMP_OLD" },
	{ TIMESTAMPNS_OLD, "SO_TIMESTAMPNS_OLD" },
	{ TIMESTAMPING_OLD, "SO_TIMESTAMPING_OLD" },
	{ TIMESTAMP_NEW, "SO_TIMESTAMP_NEW" },
	{ TIMESTAMPNS_NEW, "SO_TIMESTAMPNS_NEW" },
	{ TIMESTAMPING_NEW, "SO_TIMESTAMPING_NEW" },
};
static const struct const_set set_scm = CONST_SET(scm_names, "SCM_???");

/* linux/in.h: what SOL_IP sends along. */
static const struct const_name ip_names[] = {
	{ IP_TOS, "IP_TOS" },           { IP_TTL, "IP_TTL" },
	{ IP_RECVOPTS, "IP_RECVOPTS" }, { IP_RETOPTS, "IP_RETOPTS" },
	{ IP_PKTINFO, "IP_PKTINFO" },   { IP_RECVERR, "IP_RECVERR" },
	{ 18, "SCM_SECURITY" },         { IP_ORIGDSTADDR, "IP_ORIGDSTADDR" },
	{ IP_CHECKSUM, "IP_CHECKSUM" },
};
static const struct const_set set_ip = CONST_SET(ip_names, "IP_???");

/* The payload of one message. */
struct payload {
	const uint8_t *data;
	size_t len;
	uint64_t addr;
};

static uint32_t u32_at(const struct payload *payload, size_t offset)
{
	return (uint32_t)decode_number(payload->data + offset, 4);
}

static void show_fds(struct decode *d, const struct payload *payload, struct value *ret_v)
{
	uint32_t n = (uint32_t)(payload->len / 4);

	if (n > DECODE_ITEMS_MAX)
		n = DECODE_ITEMS_MAX;
	*ret_v = value_array(d->arena, n);
	ret_v->addr = payload->addr;
	for (uint32_t i = 0; i < n; i++)
		ret_v->array.items[i] = decode_fd(d, (int32_t)u32_at(payload, 4 * i));
}

static void show_credentials(struct decode *d, const struct payload *payload, struct value *ret_v)
{
	static const struct slot uid = { "uid", &type_uid };

	*ret_v = value_struct(d->arena, 3);
	ret_v->addr = payload->addr;
	*value_field(ret_v, "pid") = value_pid((int32_t)u32_at(payload, 0));
	type_uid.show(d, &uid, u32_at(payload, 4), value_field(ret_v, "uid"));
	type_uid.show(d, &uid, u32_at(payload, 8), value_field(ret_v, "gid"));
}

static void show_time(struct decode *d, const struct payload *payload, size_t offset,
		      unsigned word_len, const char *fraction, struct value *ret_v)
{
	int64_t seconds = (int64_t)decode_number(payload->data + offset, word_len);
	int64_t rest = (int64_t)decode_number(payload->data + offset + word_len, word_len);

	*ret_v = value_struct(d->arena, 2);
	*value_field(ret_v, "tv_sec") = value_int(word_len == 4 ? (int32_t)seconds : seconds);
	*value_field(ret_v, fraction) = value_int(word_len == 4 ? (int32_t)rest : rest);
}

/* One time, or the three of SO_TIMESTAMPING: software, (unused), hardware. */
static bool show_times(struct decode *d, const struct payload *payload, int type,
		       struct value *ret_v)
{
	bool is_old = type < TIMESTAMP_NEW;
	unsigned word_len = is_old ? d->word_len : 8;
	bool is_micro = type == TIMESTAMP_OLD || type == TIMESTAMP_NEW;
	bool is_triple = type == TIMESTAMPING_OLD || type == TIMESTAMPING_NEW;
	unsigned n = is_triple ? N_TIMESTAMPING : 1;

	if (payload->len < (size_t)n * 2 * word_len)
		return false;
	if (!is_triple) {
		show_time(d, payload, 0, word_len, is_micro ? "tv_usec" : "tv_nsec", ret_v);
		return true;
	}
	*ret_v = value_array(d->arena, n);
	for (unsigned i = 0; i < n; i++)
		show_time(d, payload, (size_t)i * 2 * word_len, word_len, "tv_nsec",
			  &ret_v->array.items[i]);
	return true;
}

static void show_text(struct decode *d, const struct payload *payload, struct value *ret_v)
{
	uint32_t limit = d->options->string_limit;
	uint32_t n = payload->len < limit ? (uint32_t)payload->len : limit;

	*ret_v = value_bytes(arena_copy(d->arena, payload->data, n), n, payload->len);
	ret_v->addr = payload->addr;
}

static bool show_socket_data(struct decode *d, const struct payload *payload, int type,
			     struct value *ret_v)
{
	switch (type) {
	case SCM_RIGHTS:
	case SCM_PIDFD_TYPE:
		if (payload->len < 4)
			return false;
		show_fds(d, payload, ret_v);
		return true;
	case SCM_CREDENTIALS:
		if (payload->len < 12)
			return false;
		show_credentials(d, payload, ret_v);
		return true;
	case 3:
		show_text(d, payload, ret_v);
		return payload->len > 0;
	case TIMESTAMP_OLD:
	case TIMESTAMPNS_OLD:
	case TIMESTAMPING_OLD:
	case TIMESTAMP_NEW:
	case TIMESTAMPNS_NEW:
	case TIMESTAMPING_NEW:
		return show_times(d, payload, type, ret_v);
	default:
		return false;
	}
}

static void show_octets(struct decode *d, const struct payload *payload, struct value *ret_v)
{
	uint32_t n = payload->len < DECODE_ITEMS_MAX ? (uint32_t)payload->len : DECODE_ITEMS_MAX;

	*ret_v = value_array(d->arena, n);
	for (uint32_t i = 0; i < n; i++)
		ret_v->array.items[i] = value_hex(payload->data[i]);
}

static void show_pktinfo(struct decode *d, const struct payload *payload, struct value *ret_v)
{
	*ret_v = value_struct(d->arena, 3);
	*value_field(ret_v, "ipi_ifindex") = sockaddr_ifindex(d, u32_at(payload, 0));
	*value_field(ret_v, "ipi_spec_dst") = sockaddr_inet(d, payload->data + 4);
	*value_field(ret_v, "ipi_addr") = sockaddr_inet(d, payload->data + 8);
}

static bool show_ip_data(struct decode *d, const struct payload *payload, int type,
			 struct value *ret_v)
{
	switch (type) {
	case IP_PKTINFO:
		if (payload->len < 12)
			return false;
		show_pktinfo(d, payload, ret_v);
		return true;
	case IP_TTL:
	case IP_CHECKSUM:
		if (payload->len < 4)
			return false;
		*ret_v = value_array(d->arena, 1);
		ret_v->array.items[0] = value_uint(u32_at(payload, 0));
		return true;
	case IP_TOS:
	case IP_RECVOPTS:
	case IP_RETOPTS:
		show_octets(d, payload, ret_v);
		return payload->len > 0;
	case IP_ORIGDSTADDR:
		if (payload->len < sizeof(struct sockaddr_in))
			return false;
		sockaddr_show(d, payload->addr, sizeof(struct sockaddr_in), ret_v);
		return true;
	default:
		return false;
	}
}

static struct value type_value(struct decode *d, int level, uint32_t type)
{
	if (level == SOL_SOCKET)
		return decode_enum(d->arena, &set_scm, type);
	if (level == SOL_IP)
		return decode_enum(d->arena, &set_ip, type);
	if (d->options->is_strace)
		return value_hex(type);
	return decode_enum(d->arena, sockopt_names((uint32_t)level), type);
}

static void show_data(struct decode *d, const struct payload *payload, int level, int type,
		      struct value *ret_v)
{
	struct value data = { 0 };
	bool is_known = false;

	if (level == SOL_SOCKET)
		is_known = show_socket_data(d, payload, type, &data);
	else if (level == SOL_IP)
		is_known = show_ip_data(d, payload, type, &data);
	if (!is_known && !d->options->is_strace && payload->len) {
		show_text(d, payload, &data);
		is_known = true;
	}
	if (is_known)
		*value_field(ret_v, "cmsg_data") = data;
}

/* One message of which room bytes are there; returns its length as it claims to be. */
static uint64_t show_message(struct decode *d, const uint8_t *data, size_t room, uint64_t addr,
			     struct value *ret_v)
{
	size_t header = d->word_len + 8;
	uint64_t len = decode_number(data, d->word_len);
	int level = (int)decode_number(data + d->word_len, 4);
	uint32_t type = (uint32_t)decode_number(data + d->word_len + 4, 4);

	*ret_v = value_struct(d->arena, 4);
	ret_v->addr = addr;
	*value_field(ret_v, "cmsg_len") = value_uint(len);
	*value_field(ret_v, "cmsg_level") =
		decode_enum(d->arena, &set_socket_levels, (uint32_t)level);
	*value_field(ret_v, "cmsg_type") = type_value(d, level, type);
	if (len > header) {
		struct payload payload = { data + header,
					   (len < room ? (size_t)len : room) - header,
					   addr + header };

		show_data(d, &payload, level, (int)type, ret_v);
	}
	return len;
}

/*
 * Shape:   a sequence of { size_t cmsg_len; int cmsg_level, cmsg_type; data }, each aligned to
 *          the word.
 * Units:   len in bytes, no more than DECODE_BYTES_MAX of them are looked at; a cmsg_len counts
 *          its header. One smaller than that ends the walk: the rest is where nobody can tell.
 * Errors:  fewer bytes than a header has, or unreadable ones, give the address.
 * Source:  cmsg(3); linux/socket.h.
 */
void cmsg_show(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v)
{
	size_t header = d->word_len + 8;
	size_t n = len < DECODE_BYTES_MAX ? (size_t)len : DECODE_BYTES_MAX;
	size_t at = 0, most = n / header < MESSAGES_MAX ? n / header : MESSAGES_MAX;
	uint8_t *data;

	if (!addr || n < header || decode_is_too_much(d, most, n / most)) {
		*ret_v = value_addr(addr);
		return;
	}
	data = arena_alloc(d->arena, n);
	if (mem_read_all(&d->mem, addr, data, n) < 0) {
		*ret_v = value_addr(addr);
		return;
	}
	*ret_v = value_array(d->arena, (uint32_t)most);
	ret_v->array.n = 0;
	ret_v->addr = addr;
	while (n - at >= header && ret_v->array.n < most) {
		struct value *item = &ret_v->array.items[ret_v->array.n++];
		uint64_t own = show_message(d, data + at, n - at, addr + at, item);

		if (own < header) {
			ret_v->array.fault = n - at - header >= 1 ? addr + at + header : 0;
			break;
		}
		if (own > n - at)
			break;
		own = (own + d->word_len - 1) / d->word_len * d->word_len;
		at = own < n - at ? at + (size_t)own : n;
	}
	ret_v->array.total = ret_v->array.n;
	ret_v->is_cut = ret_v->array.n == most && n - at >= header;
}
