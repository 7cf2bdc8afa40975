#ifndef CAPTURE_SOCK_DIAG_H
#define CAPTURE_SOCK_DIAG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "capture/facts_cache.h"

enum { SOCK_NAME_MAX = 128 };

/* What the kernel says of one socket of our network namespace. */
struct sock_info {
	uint64_t ino, peer_ino; /* 0: none, or not known */
	unsigned state, type; /* TCP_*, SOCK_* */
	/* Bytes to read; of a listening one: pending connections. -1: not told */
	int64_t read_queue;
	int64_t write_queue; /* of a listening one its backlog */
	int64_t memory; /* of UDP: bytes that what is to be read takes */
	char name[SOCK_NAME_MAX]; /* unix: path, or '@' and the abstract name, any bytes */
	size_t name_len;
};

/*
 * The unix socket with that inode: 0, -ENOENT if our network namespace has none, or -errno.
 * Source: NETLINK_SOCK_DIAG, linux/unix_diag.h
 */
int sock_diag_unix(struct facts_cache *cache, uint64_t ino, struct sock_info *ret_info);

/*
 * The TCP or UDP socket whose own address is local and whose peer is remote, which are of the same
 * family: 0, -ENOENT, or -errno. A UDP socket without a peer that gets what remote sends to local
 * counts, too; read_queue of UDP is -1.
 * Source: NETLINK_SOCK_DIAG, linux/inet_diag.h
 */
int sock_diag_inet(struct facts_cache *cache, int protocol, const struct sockaddr *local,
		   const struct sockaddr *remote, struct sock_info *ret_info);

/* Take a unix answer's len bytes apart, header included, any bytes allowed: 0 or -EPROTO. */
int sock_diag_parse_unix(const void *message, size_t len, struct sock_info *ret_info);

#endif
