#ifndef TESTS_SOCKET_STORY_H
#define TESTS_SOCKET_STORY_H

#include <sys/socket.h>

#include "tests/unit/story.h"

/* What stories of sockets have in common. Addresses in everybody's memory, and processes. */
enum {
	PAIR = 0x1000,
	TEXT = 0x2000,
	ADDR = 0x3000,
	ADDR_LEN = 0x3100,
	HEADER = 0x4000,
	IOV = 0x5000,
	CONTROL = 0x6000,
	PARENT = 100,
	CHILD = 200,
};

extern struct story story;

int socket_story_begin(void **state);

int socket_story_end(void **state);

void has_socket(pid_t pid, int fd, int type, uint64_t ino);

struct fact *has_inet(pid_t pid, int fd, int type, uint64_t ino);

/* The state of a socket: its other end, what it has to read and what that has. */
struct fact *state_of(pid_t pid, int fd, uint64_t peer, int64_t to_read, int64_t peer_to_read,
		      const char *names);

void listens(pid_t pid, int fd, int64_t pending, int64_t backlog, const char *name);

/* An abstract name in memory; returns its length. */
socklen_t poke_name(const char *name);

socklen_t poke_inet(const char *host, int port);

/* A message of len bytes with one control message, or none if type is 0. */
void poke_message(size_t len, int type, const void *data, size_t data_len);

/* unix:1 is fd 3 and unix:2 fd 4 of parent and child: a family with a pair. */
const char *make_pair(int type);

void part(void);

#endif
