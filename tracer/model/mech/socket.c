/* Sockets of families that have no file of their own: vsock(7), packet(7)... */
#include "model/mech/sock.h"

const struct ipc_mech mech_socket = {
	.mech = MECH_SOCKET,
	.prefix = "sock",
	.fd_kinds = 1ull << FD_SOCKET,
	.ask = sock_ask,
	.apply = sock_apply,
	.begin = sock_begin,
	.describe = sock_describe,
	.refer = sock_refer,
};
