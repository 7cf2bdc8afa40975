#ifndef CAPTURE_FACTS_SOCKET_H
#define CAPTURE_FACTS_SOCKET_H

#include "capture/facts_cache.h"
#include "event/event.h"

/*
 * Answer FACT_SOCKET. 0, -ENOTSOCK, or -errno.
 * Numbers:  bytes are -1 where the kernel does not tell them: it counts memory instead of bytes
 *           for what unix and UDP sockets have sent, and of datagrams the first one alone.
 *           States are TCP_* for all families. value[4] and [5] of a listening socket are the
 *           connections that wait and the backlog; else [5] is the pid that connected or listened
 *           at the other end (unix, perhaps long gone), the peer's port id (netlink), or 0.
 * Text:     "OWN -> PEER", either may be empty; "OWN" without a peer. Unix names are raw bytes,
 *           abstract ones begin with '@'; inet "1.2.3.4:80", "[::1]:80"; netlink port ids;
 *           vsock "cid:port".
 * Peers:    only of sockets in our own network namespace.
 */
int facts_socket_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd);

/*
 * Answer FACT_PEER_QUEUE, which costs less than half of that. 0; -ENOTCONN: ask FACT_SOCKET, which
 * makes the connection known; or -errno.
 */
int facts_socket_ask_peer_queue(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
				int fd);

/* Answer FACT_UNIX_QUEUE: 0, -ENOENT if our network namespace has no such socket, or -errno. */
int facts_socket_ask_unix_queue(struct facts_cache *cache, struct event *ev, uint64_t ino);

/* Answer FACT_NOT_TAKEN, of TCP: what the other end's kernel has not acknowledged. 0 or -errno. */
int facts_socket_ask_not_taken(struct tracee *tracee, struct event *ev, int fd);

/* Forget what is known of connections. */
void facts_socket_finish(struct facts_cache *cache);

/* Answer FACT_LIMITS. 0 or -errno. */
int facts_socket_ask_limits(struct tracee *tracee, struct event *ev, int fd);

#endif
