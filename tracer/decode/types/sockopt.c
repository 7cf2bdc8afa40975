/* Socket options and their values. */
#include "decode/types/sockopt.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "decode/consts/socket.h"
#include "decode/consts/sockopt.h"
#include "decode/decode.h"
#include "decode/types/sockaddr.h"
#include "decode/types/types.h"

enum { ARG_LEVEL = 1, ARG_OPTION = 2 };

/* What an option's value is. */
enum shape {
	SHAPE_PLAIN, /* an int if it has 4 bytes, else bytes */
	SHAPE_INT, /* an int, whatever more there is; less of one is bytes */
	SHAPE_LINGER,
	SHAPE_CREDENTIALS,
	SHAPE_FD,
	SHAPE_FILTER,
	SHAPE_MREQ,
	SHAPE_MREQ6,
	SHAPE_GROUP,
	/* The default face shows these; strace leaves them as they are. */
	SHAPE_OWN_FIRST,
	SHAPE_TIMEVAL = SHAPE_OWN_FIRST, /* of the tracee's word */
	SHAPE_TIMEVAL64,
	SHAPE_ERROR,
	SHAPE_FAMILY,
	SHAPE_SOCKET_TYPE,
	SHAPE_PROTOCOL,
	SHAPE_U64,
	SHAPE_NAME, /* text up to its NUL */
	SHAPE_TCP_INFO,
};

struct option {
	uint16_t level, option;
	uint8_t shape; /* for getsockopt */
	uint8_t set_shape; /* for setsockopt */
};

#define SO_INT(n)                                                                                  \
	{                                                                                          \
		SOL_SOCKET, (n), SHAPE_INT, SHAPE_INT                                              \
	}

/*
 * Source: socket(7), ip(7), ipv6(7), tcp(7); asm-generic/socket.h for those newer than the pages.
 */
static const struct option options[] = {
	SO_INT(1),
	SO_INT(2),
	SO_INT(5),
	SO_INT(6),
	SO_INT(7),
	SO_INT(8),
	SO_INT(9),
	SO_INT(10),
	SO_INT(11),
	SO_INT(12),
	SO_INT(14),
	SO_INT(15),
	SO_INT(16),
	SO_INT(18),
	SO_INT(19),
	SO_INT(27),
	SO_INT(29),
	SO_INT(30),
	SO_INT(32),
	SO_INT(33),
	SO_INT(34),
	SO_INT(35),
	SO_INT(36),
	SO_INT(40),
	SO_INT(41),
	SO_INT(42),
	SO_INT(43),
	SO_INT(44),
	SO_INT(45),
	SO_INT(46),
	SO_INT(49),
	SO_INT(53),
	SO_INT(56),
	SO_INT(60),
	SO_INT(63),
	SO_INT(64),
	SO_INT(68),
	SO_INT(69),
	SO_INT(70),
	SO_INT(73),
	SO_INT(75),
	SO_INT(76),
	SO_INT(82),
	SO_INT(83),
	{ SOL_SOCKET, 37, SHAPE_INT, SHAPE_INT }, /* SO_TIMESTAMPING */
	{ SOL_SOCKET, 65, SHAPE_INT, SHAPE_INT },
	{ SOL_SOCKET, 3, SHAPE_SOCKET_TYPE, SHAPE_PLAIN },
	{ SOL_SOCKET, 4, SHAPE_ERROR, SHAPE_PLAIN },
	{ SOL_SOCKET, 13, SHAPE_LINGER, SHAPE_LINGER },
	{ SOL_SOCKET, 17, SHAPE_CREDENTIALS, SHAPE_PLAIN },
	{ SOL_SOCKET, 20, SHAPE_TIMEVAL, SHAPE_TIMEVAL },
	{ SOL_SOCKET, 21, SHAPE_TIMEVAL, SHAPE_TIMEVAL },
	{ SOL_SOCKET, 25, SHAPE_NAME, SHAPE_NAME }, /* SO_BINDTODEVICE */
	{ SOL_SOCKET, 26, SHAPE_PLAIN, SHAPE_FILTER },
	{ SOL_SOCKET, 31, SHAPE_NAME, SHAPE_PLAIN }, /* SO_PEERSEC */
	{ SOL_SOCKET, 38, SHAPE_PROTOCOL, SHAPE_PLAIN },
	{ SOL_SOCKET, 39, SHAPE_FAMILY, SHAPE_PLAIN },
	{ SOL_SOCKET, 51, SHAPE_PLAIN, SHAPE_FILTER },
	{ SOL_SOCKET, 57, SHAPE_U64, SHAPE_PLAIN }, /* SO_COOKIE */
	{ SOL_SOCKET, 66, SHAPE_TIMEVAL64, SHAPE_TIMEVAL64 },
	{ SOL_SOCKET, 67, SHAPE_TIMEVAL64, SHAPE_TIMEVAL64 },
	{ SOL_SOCKET, 71, SHAPE_U64, SHAPE_PLAIN }, /* SO_NETNS_COOKIE */
	{ SOL_SOCKET, 77, SHAPE_FD, SHAPE_PLAIN }, /* SO_PEERPIDFD */
	{ IPPROTO_IP, IP_ADD_MEMBERSHIP, SHAPE_PLAIN, SHAPE_MREQ },
	{ IPPROTO_IP, IP_DROP_MEMBERSHIP, SHAPE_PLAIN, SHAPE_MREQ },
	{ IPPROTO_IPV6, 20, SHAPE_PLAIN, SHAPE_MREQ6 }, /* IPV6_ADD_MEMBERSHIP */
	{ IPPROTO_IPV6, 21, SHAPE_PLAIN, SHAPE_MREQ6 },
	{ IPPROTO_IPV6, 27, SHAPE_PLAIN, SHAPE_MREQ6 }, /* IPV6_JOIN_ANYCAST */
	{ IPPROTO_IPV6, 28, SHAPE_PLAIN, SHAPE_MREQ6 },
	{ IPPROTO_IP, MCAST_JOIN_GROUP, SHAPE_PLAIN, SHAPE_GROUP },
	{ IPPROTO_IP, MCAST_LEAVE_GROUP, SHAPE_PLAIN, SHAPE_GROUP },
	{ IPPROTO_IPV6, MCAST_JOIN_GROUP, SHAPE_PLAIN, SHAPE_GROUP },
	{ IPPROTO_IPV6, MCAST_LEAVE_GROUP, SHAPE_PLAIN, SHAPE_GROUP },
	{ IPPROTO_TCP, TCP_INFO, SHAPE_TCP_INFO, SHAPE_PLAIN },
	{ IPPROTO_TCP, TCP_CONGESTION, SHAPE_NAME, SHAPE_NAME },
	{ IPPROTO_TCP, TCP_ULP, SHAPE_NAME, SHAPE_NAME },
};

static enum shape shape_of(const struct decode *d, bool is_set)
{
	uint64_t level = d->siblings[ARG_LEVEL], option = d->siblings[ARG_OPTION];
	/* Netlink's options are all ints, and what is set may be longer. */
	enum shape shape =
		is_set && level == SOL_NETLINK && option - 1 < 12 ? SHAPE_INT : SHAPE_PLAIN;

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (options[i].level == (uint32_t)level && options[i].option == (uint32_t)option)
			shape = is_set ? options[i].set_shape : options[i].shape;
	}
	if (d->options->is_strace && shape >= SHAPE_OWN_FIRST)
		return shape == SHAPE_ERROR ? SHAPE_INT : SHAPE_PLAIN;
	return shape;
}

static void show_option(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	const struct const_set *set = sockopt_names((uint32_t)d->siblings[ARG_LEVEL]);

	(void)slot;
	*ret_v = set ? decode_enum(d->arena, set, (uint32_t)raw) : value_uint((uint32_t)raw);
}

const struct type type_sockopt = { .name = "sockopt", .len32 = 4, .len64 = 4, .show = show_option };

/* --- values as structs --- */

static const struct slot linger_fields[] = { { "l_onoff", &type_int },
					     { "l_linger", &type_int },
					     { 0 } };
static const struct slot credentials_fields[] = {
	{ "pid", &type_pid }, { "uid", &type_uid }, { "gid", &type_uid }, { 0 }
};
static const struct slot filter_fields[] = { { "len", &type_u16 },
					     { "filter", &type_addr },
					     { 0 } };
static const struct slot timeval64_fields[] = { { "tv_sec", &type_s64 },
						{ "tv_usec", &type_s64 },
						{ 0 } };

static const struct type type_linger = { .name = "linger", .fields = linger_fields };
static const struct type type_credentials = { .name = "ucred", .fields = credentials_fields };
static const struct type type_filter = { .name = "sock_fprog", .fields = filter_fields };
static const struct type type_timeval64 = { .name = "timeval64", .fields = timeval64_fields };

static void show_mreq(struct decode *d, const struct slot *slot, const struct span *span,
		      struct value *ret_v)
{
	(void)slot;
	*ret_v = value_struct(d->arena, 2);
	*value_field(ret_v, "imr_multiaddr") = sockaddr_inet(d, span->data);
	*value_field(ret_v, "imr_interface") = sockaddr_inet(d, span->data + 4);
}

static void show_mreq6(struct decode *d, const struct slot *slot, const struct span *span,
		       struct value *ret_v)
{
	(void)slot;
	*ret_v = value_struct(d->arena, 2);
	*value_field(ret_v, "ipv6mr_multiaddr") = sockaddr_inet6(d, span->data, "ipv6mr_multiaddr");
	ret_v->st.fields[0].is_bare = true;
	*value_field(ret_v, "ipv6mr_interface") =
		sockaddr_ifindex(d, (uint32_t)decode_number(span->data + 16, 4));
}

/* { u32 gr_interface; struct sockaddr_storage gr_group; }, the latter aligned to the word. */
static void show_group(struct decode *d, const struct slot *slot, const struct span *span,
		       struct value *ret_v)
{
	size_t word = d->word_len;

	(void)slot;
	*ret_v = value_struct(d->arena, 2);
	*value_field(ret_v, "gr_interface") =
		sockaddr_ifindex(d, (uint32_t)decode_number(span->data, 4));
	sockaddr_show(d, span->addr + word, span->len - word, value_field(ret_v, "gr_group"));
}

static const struct type type_mreq = {
	.name = "ip_mreq", .len32 = 8, .len64 = 8, .align = 4, .show_bytes = show_mreq
};
static const struct type type_mreq6 = {
	.name = "ipv6_mreq", .len32 = 20, .len64 = 20, .align = 4, .show_bytes = show_mreq6
};
static const struct type type_group = {
	.name = "group_req", .len32 = 132, .len64 = 136, .show_bytes = show_group
};

/* linux/tcp.h */
static const struct const_name tcp_states[] = {
	{ 1, "TCP_ESTABLISHED" }, { 2, "TCP_SYN_SENT" },   { 3, "TCP_SYN_RECV" },
	{ 4, "TCP_FIN_WAIT1" },   { 5, "TCP_FIN_WAIT2" },  { 6, "TCP_TIME_WAIT" },
	{ 7, "TCP_CLOSE" },       { 8, "TCP_CLOSE_WAIT" }, { 9, "TCP_LAST_ACK" },
	{ 10, "TCP_LISTEN" },     { 11, "TCP_CLOSING" },   { 12, "TCP_NEW_SYN_RECV" },
};
static const struct const_set set_tcp_states = CONST_SET(tcp_states, "TCP_???");

/* The first part of struct tcp_info, as all kernels have it; what follows is left out. */
static const struct slot tcp_info_fields[] = {
	{ "tcpi_state", &type_enum8, .set = &set_tcp_states },
	{ "tcpi_ca_state", &type_u8, .is_verbose = true },
	{ "tcpi_retransmits", &type_u8 },
	{ "tcpi_probes", &type_u8, .is_verbose = true },
	{ "tcpi_backoff", &type_u8, .is_verbose = true },
	{ "tcpi_options", &type_x8, .is_verbose = true },
	{ "tcpi_wscale", &type_x8, .is_verbose = true },
	{ "tcpi_flags", &type_x8, .is_verbose = true },
	{ "tcpi_rto", &type_u32, .is_verbose = true },
	{ "tcpi_ato", &type_u32, .is_verbose = true },
	{ "tcpi_snd_mss", &type_u32 },
	{ "tcpi_rcv_mss", &type_u32 },
	{ "tcpi_unacked", &type_u32 },
	{ "tcpi_sacked", &type_u32, .is_verbose = true },
	{ "tcpi_lost", &type_u32 },
	{ "tcpi_retrans", &type_u32 },
	{ "tcpi_fackets", &type_u32, .is_verbose = true },
	{ "tcpi_last_data_sent", &type_u32, .is_verbose = true },
	{ "tcpi_last_ack_sent", &type_u32, .is_verbose = true },
	{ "tcpi_last_data_recv", &type_u32, .is_verbose = true },
	{ "tcpi_last_ack_recv", &type_u32, .is_verbose = true },
	{ "tcpi_pmtu", &type_u32 },
	{ "tcpi_rcv_ssthresh", &type_u32, .is_verbose = true },
	{ "tcpi_rtt", &type_u32 },
	{ "tcpi_rttvar", &type_u32 },
	{ "tcpi_snd_ssthresh", &type_u32, .is_verbose = true },
	{ "tcpi_snd_cwnd", &type_u32 },
	{ "tcpi_advmss", &type_u32, .is_verbose = true },
	{ "tcpi_reordering", &type_u32, .is_verbose = true },
	{ 0 },
};
static const struct type type_tcp_info = { .name = "tcp_info", .fields = tcp_info_fields };

static void show_scalar(struct decode *d, const struct type *type, const struct const_set *set,
			uint64_t addr, struct value *ret_v)
{
	struct slot slot = { "optval", type, .set = set };
	struct value item = { 0 };

	if (decode_at(d, &slot, type, addr, &item) < 0) {
		*ret_v = item;
		return;
	}
	*ret_v = value_ref(d->arena);
	ret_v->array.items[0] = item;
	ret_v->addr = addr;
}

static void show_error(struct decode *d, uint64_t addr, struct value *ret_v)
{
	struct value *item;

	show_scalar(d, &type_int, NULL, addr, ret_v);
	if (ret_v->kind != VALUE_ARRAY)
		return;
	item = &ret_v->array.items[0];
	*item = (struct value){ .kind = VALUE_ENUM,
				.base = 10,
				.sym = { item->u,
					 item->i ? decode_errno_name((int)item->i) : NULL } };
}

static void show_name(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v)
{
	decode_buffer_at(d, addr, len, ret_v);
	if (ret_v->kind != VALUE_BYTES)
		return;
	ret_v->bytes.len = (uint32_t)strnlen(ret_v->bytes.data, ret_v->bytes.len);
	ret_v->bytes.total = ret_v->bytes.len;
	ret_v->is_cut = false;
}

static const struct type *struct_of(enum shape shape)
{
	switch (shape) {
	case SHAPE_LINGER:
		return &type_linger;
	case SHAPE_CREDENTIALS:
		return &type_credentials;
	case SHAPE_FILTER:
		return &type_filter;
	case SHAPE_MREQ:
		return &type_mreq;
	case SHAPE_MREQ6:
		return &type_mreq6;
	case SHAPE_GROUP:
		return &type_group;
	case SHAPE_TIMEVAL:
		return &type_timeval;
	case SHAPE_TIMEVAL64:
		return &type_timeval64;
	case SHAPE_TCP_INFO:
		return &type_tcp_info;
	default:
		return NULL;
	}
}

/* A struct of which len bytes are there; what is set is shown in full or not at all. */
static void show_struct(struct decode *d, const struct slot *slot, const struct type *type,
			uint64_t addr, uint64_t len, bool is_set, struct value *ret_v)
{
	size_t full = decode_type_len(d, type);
	struct span span = { .len = len < full ? (size_t)len : full, .addr = addr };
	uint8_t *data = arena_alloc(d->arena, full);

	if ((is_set && len < full) || !addr || mem_read_all(&d->mem, addr, data, span.len) < 0) {
		*ret_v = value_addr(addr);
		return;
	}
	span.data = data;
	decode_bytes(d, slot, type, &span, ret_v);
	/* What is not there says so by its absence, as strace shows it. */
	ret_v->is_cut = false;
}

static void show_number(struct decode *d, enum shape shape, uint64_t addr, struct value *ret_v)
{
	switch (shape) {
	case SHAPE_ERROR:
		show_error(d, addr, ret_v);
		break;
	case SHAPE_FD:
		show_scalar(d, &type_fd, NULL, addr, ret_v);
		break;
	case SHAPE_FAMILY:
		show_scalar(d, &type_enum, &set_socket_families, addr, ret_v);
		break;
	case SHAPE_SOCKET_TYPE:
		show_scalar(d, &type_enum, &set_socket_types, addr, ret_v);
		break;
	case SHAPE_PROTOCOL:
		show_scalar(d, &type_int, NULL, addr, ret_v);
		break;
	default:
		show_scalar(d, &type_int, NULL, addr, ret_v);
		break;
	}
}

/* Less than an int: nothing that can be set, but what was got is worth a look. */
static void show_part(struct decode *d, uint64_t addr, uint64_t len, bool is_set,
		      struct value *ret_v)
{
	*ret_v = value_addr(addr);
	if (is_set)
		return;
	decode_buffer_at(d, addr, len, ret_v);
	if (ret_v->kind == VALUE_BYTES)
		ret_v->bytes.form = BYTES_HEX;
}

static void show_value(struct decode *d, const struct slot *slot, uint64_t addr, uint64_t len,
		       bool is_set, struct value *ret_v)
{
	enum shape shape = shape_of(d, is_set);
	const struct type *type = struct_of(shape);

	if (!is_set && !len)
		*ret_v = value_addr(addr);
	else if (type)
		show_struct(d, slot, type, addr, len, is_set, ret_v);
	else if (shape == SHAPE_U64 && len == 8)
		show_scalar(d, &type_u64, NULL, addr, ret_v);
	else if (shape == SHAPE_NAME)
		show_name(d, addr, len, ret_v);
	else if (shape == SHAPE_INT && len < 4)
		show_part(d, addr, len, is_set, ret_v);
	else if (len == 4 || shape == SHAPE_INT)
		show_number(d, shape, addr, ret_v);
	else
		decode_buffer_at(d, addr, len, ret_v);
}

static void show_in(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	int32_t len = (int32_t)decode_len(d, slot);

	if (len < 0)
		*ret_v = value_addr(raw);
	else
		show_value(d, slot, raw, (uint64_t)len, true, ret_v);
}

static void show_out(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	int32_t len = (int32_t)decode_len(d, slot);

	if (len < 0)
		*ret_v = value_addr(raw);
	else
		show_value(d, slot, raw, (uint64_t)len, false, ret_v);
}

static size_t reach_in(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t len = raw ? (uint32_t)decode_len(d, slot) : 0;

	return len < 256 ? (size_t)len : 256;
}

/* Its length is in memory too; a value may be an fd, of which is asked what it is. */
const struct type type_sockopt_in = { .name = "sockopt_in",
				      .len32 = 4,
				      .len64 = 8,
				      .show = show_in,
				      .reach = reach_in,
				      .is_nested = true };
const struct type type_sockopt_out = {
	.name = "sockopt_out", .len32 = 4, .len64 = 8, .show = show_out, .is_nested = true
};
