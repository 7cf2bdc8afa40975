#ifndef CAPTURE_FACTS_RECEIVER_H
#define CAPTURE_FACTS_RECEIVER_H

#include <sys/socket.h>

#include "capture/facts_cache.h"
#include "event/event.h"
#include "event/mem.h"

/*
 * Answer FACT_RECEIVER about a datagram that the descriptor args[0] sends to the struct sockaddr at
 * that address of the tracee; 0: to its peer. UDP alone. 0, -ENOTSOCK, or -errno: -EOPNOTSUPP where
 * several get it, or where our network namespace is not the socket's.
 * Source: NETLINK_SOCK_DIAG's look-up, which is that of an arriving packet.
 */
int facts_receiver_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
		       const struct mem *mem, int64_t address);

/* Is that an address of this machine, one that a single socket gets what is sent to it? */
bool facts_receiver_is_here(const struct sockaddr *address);

#endif
