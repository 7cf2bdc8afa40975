/* Unix sockets: connections and messages within the machine. unix(7) */
#include "model/mech/sock.h"

const struct ipc_mech mech_unix_socket = {
	.mech = MECH_UNIX,
	.prefix = "unix",
	.fd_kinds = 1ull << FD_UNIX,
	.ask = sock_ask,
	.apply = sock_apply,
	.begin = sock_begin,
	.describe = sock_describe,
	.refer = sock_refer,
};
