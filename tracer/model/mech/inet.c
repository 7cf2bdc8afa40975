/* Sockets of the Internet. TCP's and UDP's are named tcp:N and udp:N. ip(7), tcp(7), udp(7) */
#include "model/mech/sock.h"

const struct ipc_mech mech_inet = {
	.mech = MECH_INET,
	.prefix = "inet",
	.fd_kinds = 1ull << FD_INET,
	.ask = sock_ask,
	.apply = sock_apply,
	.begin = sock_begin,
	.describe = sock_describe,
	.refer = sock_refer,
};
