/* Sockets of all families; i386's socketcall, which is the same calls behind one number. */
#include <sys/socket.h>

#include "decode/consts/socket.h"
#include "decode/consts/sockopt.h"
#include "decode/decode.h"
#include "decode/types/fd.h"
#include "decode/types/msghdr.h"
#include "decode/types/sockaddr.h"
#include "decode/types/sockopt.h"
#include "decode/types/types.h"

enum { TYPE_MASK = 0xf };

/* --- socket(2)'s type and protocol --- */

/* A type and flags in one number; what has no name is a hexadecimal rest. */
static void show_type(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint32_t number = (uint32_t)raw;
	const char *name = const_set_name(&set_socket_types, number & TYPE_MASK);
	struct value flags;
	const char **names;

	(void)slot;
	flags = decode_flags(d->arena, &set_socket_flags, number & ~(uint32_t)TYPE_MASK);
	names = arena_array(d->arena, const char *, 1 + flags.flags.n);
	if (name)
		names[0] = name;
	for (uint32_t i = 0; i < flags.flags.n; i++)
		names[(name ? 1 : 0) + i] = flags.flags.names[i];
	*ret_v = flags;
	ret_v->flags.raw = number;
	ret_v->flags.names = names;
	ret_v->flags.n += name ? 1 : 0;
	ret_v->flags.rest |= name ? 0 : number & TYPE_MASK;
	ret_v->comment = ret_v->flags.rest || !name ? "SOCK_???" : NULL;
}

static struct value packet_protocol(struct decode *d, uint32_t raw)
{
	struct value value = value_call(d->arena, "htons", 1);
	uint16_t number = (uint16_t)(raw >> 8 | raw << 8);

	value.call.args[0] = decode_enum(d->arena, &set_ether_types, number);
	return value;
}

static void show_protocol(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	uint32_t number = (uint32_t)raw;

	(void)slot;
	switch ((int)d->siblings[0]) {
	case AF_INET:
	case AF_INET6:
		*ret_v = decode_enum(d->arena, &set_ip_protocols, number);
		break;
	case AF_NETLINK:
		*ret_v = decode_enum(d->arena, &set_netlink_protocols, number);
		break;
	case AF_PACKET:
		*ret_v = packet_protocol(d, number);
		break;
	case AF_BLUETOOTH:
		*ret_v = decode_enum(d->arena, &set_bt_protocols, number);
		break;
	case AF_CAN:
		*ret_v = decode_enum(d->arena, &set_can_protocols, number);
		break;
	default:
		*ret_v = value_uint(number);
		break;
	}
}

static const struct type type_socket_type = {
	.name = "socket_type", .len32 = 4, .len64 = 4, .show = show_type
};
static const struct type type_protocol = {
	.name = "protocol", .len32 = 4, .len64 = 4, .show = show_protocol
};
/* --- what is left of recvmmsg's time --- */

static void aux_left(struct decode *d, struct call *call, const struct type *timespec)
{
	static const struct slot slot = { "timeout", &type_ptr };
	struct value left = { 0 };

	if (call->is_error || !call->raw[4])
		return;
	if (call->ret == 0)
		decode_add_aux(call, NULL, value_text("Timeout", 0));
	else if (decode_at(d, &slot, timespec, call->raw[4], &left) == 0)
		decode_add_aux(call, "left", left);
}

static void aux_recvmmsg(struct decode *d, struct call *call)
{
	aux_left(d, call, &type_timespec);
}

static void aux_recvmmsg64(struct decode *d, struct call *call)
{
	aux_left(d, call, &type_timespec64);
}

/* --- rows: INDIRECT says that the arguments are in memory --- */

#define FD                                                                                         \
	{                                                                                          \
		"fd", &type_fd                                                                     \
	}
#define FLAGS                                                                                      \
	{                                                                                          \
		"flags", &type_flags, .set = &set_message_flags                                    \
	}
#define LEN_OUT                                                                                    \
	{                                                                                          \
		"addrlen", &type_ptr, .elem = &type_int, .dir = DIR_INOUT                          \
	}

#define SOCKET(mech_, indirect_)                                                                   \
	{                                                                                          \
		"socket", RET_FD, IPC(mech_, CREATE, 0), .is_indirect = (indirect_), .args = {     \
			{ "family", &type_enum, .set = &set_socket_families },                     \
			{ "type", &type_socket_type },                                             \
			{ "protocol", &type_protocol }                                             \
		}                                                                                  \
	}

#define SOCKETPAIR(mech_, indirect_)                                                               \
	{                                                                                          \
		"socketpair", RET_ZERO, IPC(mech_, CREATE, 3),                                     \
			.is_indirect = (indirect_), .args = {                                      \
				{ "family", &type_enum, .set = &set_socket_families },             \
				{ "type", &type_socket_type },                                     \
				{ "protocol", &type_protocol },                                    \
				{ "usockvec", &type_fd_pair, .dir = DIR_OUT }                      \
			}                                                                          \
	}

#define ADDRESS_IN(name_, op_, indirect_)                                                          \
	{                                                                                          \
		name_, RET_ZERO, IPC(SOCKET, op_, 0), .is_indirect = (indirect_), .args = {        \
			FD,                                                                        \
			{ "addr", &type_sockaddr, BYTES_ARG(2) },                                  \
			{ "addrlen", &type_int }                                                   \
		}                                                                                  \
	}

#define ADDRESS_OUT(name_, ret_, op_, indirect_)                                                   \
	{                                                                                          \
		name_, ret_, IPC(SOCKET, op_, 0), .is_indirect = (indirect_), .args = {            \
			FD,                                                                        \
			{ "addr", &type_sockaddr_out, .dir = DIR_OUT, BYTES_DEREF(2) },            \
			LEN_OUT                                                                    \
		}                                                                                  \
	}

#define ACCEPT4(indirect_)                                                                         \
	{                                                                                          \
		"accept4", RET_FD, IPC(SOCKET, ACCEPT, 0), .is_indirect = (indirect_), .args = {   \
			FD,                                                                        \
			{ "addr", &type_sockaddr_out, .dir = DIR_OUT, BYTES_DEREF(2) },            \
			LEN_OUT,                                                                   \
			{ "flags", &type_flags, .set = &set_socket_flags }                         \
		}                                                                                  \
	}

#define LISTEN(indirect_)                                                                          \
	{                                                                                          \
		"listen", RET_ZERO, IPC(SOCKET, LISTEN, 0), .is_indirect = (indirect_), .args = {  \
			FD,                                                                        \
			{ "backlog", &type_int }                                                   \
		}                                                                                  \
	}

#define SHUTDOWN(indirect_)                                                                        \
	{                                                                                          \
		"shutdown", RET_ZERO, IPC(SOCKET, CONTROL, 0),                                     \
			.is_indirect = (indirect_), .args = {                                      \
				FD,                                                                \
				{ "how", &type_enum, .set = &set_shutdown_modes }                  \
			}                                                                          \
	}

#define BUFFER_IN                                                                                  \
	{ "buff", &type_socket_buffer, BYTES_ARG(2) },                                             \
	{                                                                                          \
		"len", &type_size                                                                  \
	}
#define BUFFER_OUT                                                                                 \
	{ "ubuf", &type_socket_buffer, .dir = DIR_OUT, BYTES_RET_ARG(2) },                         \
	{                                                                                          \
		"size", &type_size                                                                 \
	}

#define SENDTO(indirect_)                                                                          \
	{                                                                                          \
		"sendto", RET_LEN, IPC(SOCKET, SEND, 0), .is_indirect = (indirect_), .args = {     \
			FD,                                                                        \
			BUFFER_IN,                                                                 \
			FLAGS,                                                                     \
			{ "addr", &type_sockaddr, BYTES_ARG(5) },                                  \
			{ "addrlen", &type_int }                                                   \
		}                                                                                  \
	}

#define RECVFROM(indirect_)                                                                        \
	{                                                                                          \
		"recvfrom", RET_LEN, IPC(SOCKET, RECV, 0), .is_indirect = (indirect_), .args = {   \
			FD,                                                                        \
			BUFFER_OUT,                                                                \
			FLAGS,                                                                     \
			{ "addr", &type_sockaddr_out, .dir = DIR_OUT, BYTES_DEREF(5) },            \
			LEN_OUT                                                                    \
		}                                                                                  \
	}

#define MESSAGE(name_, op_, type_, dir_, indirect_)                                                \
	{                                                                                          \
		name_, RET_LEN, IPC(SOCKET, op_, 0), .is_indirect = (indirect_), .args = {         \
			FD,                                                                        \
			{ "msg", &(type_), .dir = (dir_) },                                        \
			FLAGS                                                                      \
		}                                                                                  \
	}

#define SENDMMSG(indirect_)                                                                        \
	{                                                                                          \
		"sendmmsg", RET_INT, IPC(SOCKET, SEND, 0), .is_indirect = (indirect_), .args = {   \
			FD,                                                                        \
			{ "mmsg", &type_mmsghdr_in, .dir = DIR_BOTH, COUNT_ARG(2) },               \
			{ "vlen", &type_uint },                                                    \
			FLAGS                                                                      \
		}                                                                                  \
	}

#define RECVMMSG(name_, timespec_, aux_, indirect_)                                                \
	{                                                                                          \
		name_, RET_INT, IPC(SOCKET, RECV, 0),                                              \
			.is_indirect = (indirect_), .aux = (aux_), .args = {                       \
				FD,                                                                \
				{ "mmsg", &type_mmsghdr_out, .dir = DIR_BOTH, COUNT_ARG(2) },      \
				{ "vlen", &type_uint },                                            \
				FLAGS,                                                             \
				{ "timeout", &type_ptr, .elem = &(timespec_) }                     \
			}                                                                          \
	}

#define SETSOCKOPT(indirect_)                                                                      \
	{                                                                                          \
		"setsockopt", RET_ZERO, IPC(SOCKET, CONTROL, 0),                                   \
			.is_indirect = (indirect_), .args = {                                      \
				FD,                                                                \
				{ "level", &type_enum, .set = &set_sockopt_levels },               \
				{ "optname", &type_sockopt },                                      \
				{ "optval", &type_sockopt_in, BYTES_ARG(4) },                      \
				{ "optlen", &type_int }                                            \
			}                                                                          \
	}

#define GETSOCKOPT(indirect_)                                                                      \
	{                                                                                          \
		"getsockopt", RET_ZERO, IPC(SOCKET, CONTROL, 0),                                   \
			.is_indirect = (indirect_), .args = {                                      \
				FD,                                                                \
				{ "level", &type_enum, .set = &set_sockopt_levels },               \
				{ "optname", &type_sockopt },                                      \
				{ "optval", &type_sockopt_out, .dir = DIR_OUT, BYTES_DEREF(4) },   \
				{ "optlen", &type_ptr, .elem = &type_int, .dir = DIR_INOUT }       \
			}                                                                          \
	}

/* Which object is made depends on the family. */
static const struct call_spec socket_specs[] = { SOCKET(UNIX, false), SOCKET(INET, false),
						 SOCKET(NETLINK, false) };
static const struct call_spec socketpair_specs[] = { SOCKETPAIR(UNIX, false),
						     SOCKETPAIR(INET, false),
						     SOCKETPAIR(NETLINK, false) };

static const struct call_spec *by_family(const struct call_spec *specs_, uint64_t family)
{
	switch ((int)family) {
	case AF_UNIX:
		return &specs_[0];
	case AF_INET:
	case AF_INET6:
		return &specs_[1];
	case AF_NETLINK:
		return &specs_[2];
	default:
		return NULL;
	}
}

static const struct call_spec *refine_socket(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return by_family(socket_specs, ev->args[0]);
}

static const struct call_spec *refine_socketpair(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return by_family(socketpair_specs, ev->args[0]);
}

/* By the numbers of linux/net.h: SYS_SOCKET is 1. */
static const struct call_spec indirect[] = {
	[1] = SOCKET(SOCKET, true),
	[2] = ADDRESS_IN("bind", BIND, true),
	[3] = ADDRESS_IN("connect", CONNECT, true),
	[4] = LISTEN(true),
	[5] = ADDRESS_OUT("accept", RET_FD, ACCEPT, true),
	[6] = ADDRESS_OUT("getsockname", RET_ZERO, CONTROL, true),
	[7] = ADDRESS_OUT("getpeername", RET_ZERO, CONTROL, true),
	[8] = SOCKETPAIR(SOCKET, true),
	[9] = { "send", RET_LEN, IPC(SOCKET, SEND, 0), .is_indirect = true,
		.args = { FD, BUFFER_IN, FLAGS } },
	[10] = { "recv", RET_LEN, IPC(SOCKET, RECV, 0), .is_indirect = true,
		 .args = { FD, BUFFER_OUT, FLAGS } },
	[11] = SENDTO(true),
	[12] = RECVFROM(true),
	[13] = SHUTDOWN(true),
	[14] = SETSOCKOPT(true),
	[15] = GETSOCKOPT(true),
	[16] = MESSAGE("sendmsg", SEND, type_msghdr_in, DIR_IN, true),
	[17] = MESSAGE("recvmsg", RECV, type_msghdr_out, DIR_BOTH, true),
	[18] = ACCEPT4(true),
	[19] = RECVMMSG("recvmmsg", type_timespec, aux_recvmmsg, true),
	[20] = SENDMMSG(true),
};

static const struct call_spec *refine_socketcall(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	if (ev->args[0] < 1 || ev->args[0] >= ARRAY_LEN(indirect))
		return NULL;
	return &indirect[ev->args[0]];
}

static const struct call_spec specs[] = {
	{ "socket", RET_FD, IPC(SOCKET, CREATE, 0), .refine = refine_socket,
	  .args = { { "family", &type_enum, .set = &set_socket_families },
		    { "type", &type_socket_type },
		    { "protocol", &type_protocol } } },
	{ "socketpair", RET_ZERO, IPC(SOCKET, CREATE, 3), .refine = refine_socketpair,
	  .args = { { "family", &type_enum, .set = &set_socket_families },
		    { "type", &type_socket_type },
		    { "protocol", &type_protocol },
		    { "usockvec", &type_fd_pair, .dir = DIR_OUT } } },
	ADDRESS_IN("bind", BIND, false),
	ADDRESS_IN("connect", CONNECT, false),
	LISTEN(false),
	ADDRESS_OUT("accept", RET_FD, ACCEPT, false),
	ADDRESS_OUT("getsockname", RET_ZERO, CONTROL, false),
	ADDRESS_OUT("getpeername", RET_ZERO, CONTROL, false),
	SENDTO(false),
	RECVFROM(false),
	SHUTDOWN(false),
	SETSOCKOPT(false),
	GETSOCKOPT(false),
	MESSAGE("sendmsg", SEND, type_msghdr_in, DIR_IN, false),
	MESSAGE("recvmsg", RECV, type_msghdr_out, DIR_BOTH, false),
	ACCEPT4(false),
	RECVMMSG("recvmmsg", type_timespec, aux_recvmmsg, false),
	RECVMMSG("recvmmsg_time64", type_timespec64, aux_recvmmsg64, false),
	SENDMMSG(false),
	{ "socketcall", RET_INT, IPC(SOCKET, CONTROL, 0), .refine = refine_socketcall,
	  .args = { { "call", &type_int }, { "args", &type_addr } } },
};

const struct spec_family family_socket = SPEC_FAMILY("socket", specs);
