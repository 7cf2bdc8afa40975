/* Socket addresses. */
#include "decode/types/sockaddr.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "decode/consts/socket.h"
#include "decode/decode.h"
#include "decode/types/types.h"

enum {
	STORAGE_LEN = 128, /* struct sockaddr_storage */
	IN6_LEN_MIN = 24, /* without sin6_scope_id */
	FIELDS_MAX = 7,
};

static struct value quoted(const char *text)
{
	return value_bytes(text, (uint32_t)strlen(text), strlen(text));
}

/* A number in network order, as htons(80). */
static struct value call_of(struct decode *d, const char *name, struct value arg)
{
	struct value value = value_call(d->arena, name, 1);

	value.call.args[0] = arg;
	return value;
}

static uint16_t big16(const uint8_t *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

static uint32_t big32(const uint8_t *data)
{
	return (uint32_t)big16(data) << 16 | big16(data + 2);
}

struct value sockaddr_inet(struct decode *d, const uint8_t *data)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, data, text, sizeof(text));
	return call_of(d, "inet_addr", quoted(arena_copy(d->arena, text, strlen(text))));
}

struct value sockaddr_inet6(struct decode *d, const uint8_t *data, const char *name)
{
	struct value value = value_call(d->arena, "inet_pton", 3);
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, data, text, sizeof(text));
	value.call.args[0] = value_text("AF_INET6", AF_INET6);
	value.call.args[1] = quoted(arena_copy(d->arena, text, strlen(text)));
	value.call.args[2] = value_text(arena_printf(d->arena, "&%s", name), 0);
	return value;
}

/* The loopback device is the first of every network namespace; other names are not asked for. */
struct value sockaddr_ifindex(struct decode *d, uint32_t index)
{
	if (index == 1)
		return call_of(d, "if_nametoindex", quoted("lo"));
	return value_uint(index);
}

/* Bytes that are shown in full, whatever the string limit is. */
static struct value whole_bytes(struct decode *d, const uint8_t *data, size_t len)
{
	struct value value =
		value_bytes(arena_copy(d->arena, data, len), (uint32_t)len, (uint64_t)len);

	value.bytes.form = BYTES_PATH;
	return value;
}

/* Too short to be what it claims, or of a family whose addresses are not known. */
static void add_raw(struct decode *d, const struct span *span, struct value *ret_v)
{
	if (span->len > sizeof(sa_family_t))
		*value_field(ret_v, "sa_data") = whole_bytes(d, span->data + sizeof(sa_family_t),
							     span->len - sizeof(sa_family_t));
}

/* Nothing but the family is an unnamed socket; a leading NUL is the abstract namespace. */
static void add_unix(struct decode *d, const struct span *span, struct value *ret_v)
{
	const uint8_t *path = span->data + offsetof(struct sockaddr_un, sun_path);
	size_t len = span->len - offsetof(struct sockaddr_un, sun_path);
	struct value *field;

	if (len > sizeof(((struct sockaddr_un *)0)->sun_path))
		len = sizeof(((struct sockaddr_un *)0)->sun_path);
	if (!len)
		return;
	field = value_field(ret_v, "sun_path");
	if (path[0]) {
		*field = whole_bytes(d, path, strnlen((const char *)path, len));
	} else {
		*field = whole_bytes(d, path + 1, len - 1);
		field->bytes.form = BYTES_ABSTRACT;
	}
}

static void add_inet(struct decode *d, const struct span *span, struct value *ret_v)
{
	if (span->len < sizeof(struct sockaddr_in)) {
		add_raw(d, span, ret_v);
		return;
	}
	*value_field(ret_v, "sin_port") = call_of(d, "htons", value_uint(big16(span->data + 2)));
	*value_field(ret_v, "sin_addr") = sockaddr_inet(d, span->data + 4);
}

/* Scopes of link-local addresses are devices, others are just numbers. */
static bool is_link_local(const uint8_t *addr)
{
	return (addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80) ||
	       (addr[0] == 0xff && (addr[1] & 0x0f) == 2);
}

static void add_inet6(struct decode *d, const struct span *span, struct value *ret_v)
{
	const uint8_t *addr = span->data + offsetof(struct sockaddr_in6, sin6_addr);
	struct value *field;
	uint32_t scope;

	if (span->len < IN6_LEN_MIN) {
		add_raw(d, span, ret_v);
		return;
	}
	*value_field(ret_v, "sin6_port") = call_of(d, "htons", value_uint(big16(span->data + 2)));
	*value_field(ret_v, "sin6_flowinfo") =
		call_of(d, "htonl", value_uint(big32(span->data + 4)));
	field = value_field(ret_v, "sin6_addr");
	*field = sockaddr_inet6(d, addr, "sin6_addr");
	ret_v->st.fields[ret_v->st.n - 1].is_bare = true;
	if (span->len < sizeof(struct sockaddr_in6))
		return;
	scope = (uint32_t)decode_number(span->data + IN6_LEN_MIN, 4);
	*value_field(ret_v, "sin6_scope_id") =
		is_link_local(addr) ? sockaddr_ifindex(d, scope) : value_uint(scope);
}

static void add_netlink(struct decode *d, const struct span *span, struct value *ret_v)
{
	uint32_t groups, pad;

	if (span->len < sizeof(struct sockaddr_nl)) {
		add_raw(d, span, ret_v);
		return;
	}
	groups = (uint32_t)decode_number(span->data + 8, 4);
	pad = (uint32_t)decode_number(span->data + 2, 2);
	if (pad)
		*value_field(ret_v, "nl_pad") = value_hex(pad);
	*value_field(ret_v, "nl_pid") = value_int((int32_t)decode_number(span->data + 4, 4));
	*value_field(ret_v, "nl_groups") =
		value_text(arena_printf(d->arena, "%#08x", groups), groups);
}

static struct value link_address(struct decode *d, const uint8_t *data, unsigned len)
{
	unsigned n = len > 8 ? 8 : len;
	struct value value = value_array(d->arena, n);

	for (unsigned i = 0; i < n; i++)
		value.array.items[i] = value_text(
			data[i] ? arena_printf(d->arena, "%#x", data[i]) : "00", data[i]);
	value.array.total = len;
	value.is_cut = len > n;
	return value;
}

static void add_packet(struct decode *d, const struct span *span, struct value *ret_v)
{
	struct arena *arena = d->arena;
	unsigned len;

	if (span->len < sizeof(struct sockaddr_ll)) {
		add_raw(d, span, ret_v);
		return;
	}
	*value_field(ret_v, "sll_protocol") =
		call_of(d, "htons", decode_enum(arena, &set_ether_types, big16(span->data + 2)));
	*value_field(ret_v, "sll_ifindex") =
		sockaddr_ifindex(d, (uint32_t)decode_number(span->data + 4, 4));
	*value_field(ret_v, "sll_hatype") =
		decode_enum(arena, &set_arp_types, decode_number(span->data + 8, 2));
	*value_field(ret_v, "sll_pkttype") = decode_enum(arena, &set_packet_types, span->data[10]);
	len = span->data[11];
	*value_field(ret_v, "sll_halen") = value_uint(len);
	if (len)
		*value_field(ret_v, "sll_addr") = link_address(d, span->data + 12, len);
}

static void add_vsock(struct decode *d, const struct span *span, struct value *ret_v)
{
	static const uint8_t zero[3] = { 0 };
	struct value *field;

	if (span->len < sizeof(struct sockaddr_vm)) {
		add_raw(d, span, ret_v);
		return;
	}
	*value_field(ret_v, "svm_cid") =
		decode_enum(d->arena, &set_vsock_cids, decode_number(span->data + 8, 4));
	*value_field(ret_v, "svm_port") =
		decode_enum(d->arena, &set_vsock_ports, decode_number(span->data + 4, 4));
	*value_field(ret_v, "svm_flags") = decode_flags(d->arena, &set_vsock_flags, span->data[12]);
	if (memcmp(span->data + 13, zero, sizeof(zero)) == 0)
		return;
	field = value_field(ret_v, "svm_zero");
	*field = whole_bytes(d, span->data + 13, sizeof(zero));
	field->bytes.form = BYTES_HEX;
}

static void add_address(struct decode *d, const struct span *span, unsigned family,
			struct value *ret_v)
{
	switch (family) {
	case AF_UNIX:
		add_unix(d, span, ret_v);
		break;
	case AF_INET:
		add_inet(d, span, ret_v);
		break;
	case AF_INET6:
		add_inet6(d, span, ret_v);
		break;
	case AF_NETLINK:
		add_netlink(d, span, ret_v);
		break;
	case AF_PACKET:
		add_packet(d, span, ret_v);
		break;
	case AF_VSOCK:
		add_vsock(d, span, ret_v);
		break;
	default:
		add_raw(d, span, ret_v);
		break;
	}
}

/*
 * Shape:   { sa_family_t sa_family; ... }, read by family.
 * Units:   len in bytes; more than a struct sockaddr_storage has is not looked at.
 * Errors:  fewer than two bytes, or an unreadable one, give the address.
 * Source:  unix(7), ip(7), ipv6(7), netlink(7), packet(7), vsock(7) and their uapi headers.
 */
void sockaddr_show(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v)
{
	uint8_t data[STORAGE_LEN + 1] = { 0 };
	struct span span = { data, len < STORAGE_LEN ? (size_t)len : STORAGE_LEN, addr };
	unsigned family;

	if (!addr || len < sizeof(sa_family_t) || mem_read_all(&d->mem, addr, data, span.len) < 0) {
		*ret_v = value_addr(addr);
		return;
	}
	family = (unsigned)decode_number(data, 2);
	*ret_v = value_struct(d->arena, FIELDS_MAX);
	ret_v->addr = addr;
	*value_field(ret_v, "sa_family") = decode_enum(d->arena, &set_socket_families, family);
	add_address(d, &span, family, ret_v);
}

static void show_in(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	sockaddr_show(d, raw, (uint32_t)decode_len(d, slot), ret_v);
}

/* No more was stored than there was room for at entry, which may have been less than it is. */
static void show_out(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint64_t len = decode_len(d, slot);
	const struct value *room = d->call ? &d->call->args[slot->len.slot] : NULL;

	if (room && room->kind == VALUE_ARRAY && room->array.n == 1 &&
	    (uint64_t)room->array.items[0].i < len)
		len = (uint64_t)room->array.items[0].i;
	sockaddr_show(d, raw, len, ret_v);
}

static size_t reach_sockaddr(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t len = raw ? (uint32_t)decode_len(d, slot) : 0;

	return len < STORAGE_LEN ? (size_t)len : STORAGE_LEN;
}

const struct type type_sockaddr = {
	.name = "sockaddr", .len32 = 4, .len64 = 8, .show = show_in, .reach = reach_sockaddr
};

/* Its length is in memory too: nothing to foresee. */
const struct type type_sockaddr_out = {
	.name = "sockaddr", .len32 = 4, .len64 = 8, .show = show_out, .is_nested = true
};
