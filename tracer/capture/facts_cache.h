#ifndef CAPTURE_FACTS_CACHE_H
#define CAPTURE_FACTS_CACHE_H

#include <stdint.h>

#include "capture/tracee.h"

struct holder_index;
struct known_socket;

enum { KEPT_INFOS = 8 };

/* A file of /proc/TID/fdinfo that is kept open: it says what the number is now, at each read. */
struct kept_info {
	pid_t tid; /* 0: none */
	int fd; /* the tracee's */
	int file; /* ours */
};

/*
 * What answering keeps from one question to the next. Owned by the engine, used by its thread
 * alone; never holds a tracee's descriptor. Members belong to the file that is named.
 */
struct facts_cache {
	struct tracee_table *tracees;
	struct fd_entry anon; /* facts_anon.c: head of the ring of descriptors with made-up ids */
	uint64_t last_anon_id;
	struct holder_index *holders; /* facts_holders.c: NULL until needed */
	struct {
		uint64_t dev;
		bool is_plain; /* a file system whose files are just files */
	} devs[8]; /* facts_fd.c */
	unsigned n_devs;
	struct known_socket *sockets; /* facts_socket.c: NULL until needed */
	int diag_fd; /* sock_diag.c: -1 until needed, -2 if there is none to be had */
	uint32_t diag_seq;
	int locks_fd; /* facts_ipc.c: /proc/locks, -1 until needed */
	struct kept_info infos[KEPT_INFOS]; /* facts_info.c */
	unsigned next_info; /* the one that gives way */
	int ipc_ns_fd; /* facts_ns.c: our own namespace, -1 until needed */
	uint64_t ipc_ns; /* its inode, 0 until needed */
	unsigned n_pid_levels; /* PID namespaces that number ourselves, 0 until needed */
	bool is_ipc_ns_lost; /* we could not return from another one: no answers from any */
};

void facts_cache_init(struct facts_cache *cache, struct tracee_table *tracees);

/* Tracees must be gone before: their descriptors are linked here. */
void facts_cache_finish(struct facts_cache *cache);

#endif
