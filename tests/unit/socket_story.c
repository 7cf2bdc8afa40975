#include "tests/unit/socket_story.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

struct story story;

int socket_story_begin(void **state)
{
	(void)state;
	story_begin(&story);
	story_poke(&story, TEXT, "hello, world", 13);
	story_attach(&story, PARENT, "parent");
	return 0;
}

int socket_story_end(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

/* --- the world --- */

void has_socket(pid_t pid, int fd, int type, uint64_t ino)
{
	struct fact *fact = story_fd(&story, pid, fd, FD_UNIX, ino);

	fact->value[2] = AF_UNIX;
	fact->value[3] = type;
}

struct fact *has_inet(pid_t pid, int fd, int type, uint64_t ino)
{
	struct fact *fact = story_fd(&story, pid, fd, FD_INET, ino);

	fact->value[2] = AF_INET;
	fact->value[3] = type;
	return fact;
}

/* The state of a socket: its other end, what it has to read and what that has. */
struct fact *state_of(pid_t pid, int fd, uint64_t peer, int64_t to_read, int64_t peer_to_read,
		      const char *names)
{
	struct fact *fact;

	/* The queue alone can be asked for, too; it is the same. */
	story_fact(&story, pid, FACT_QUEUE, fd, NULL)->value[0] = to_read;
	fact = story_fact(&story, pid, FACT_SOCKET, fd, names);
	fact->id = peer;
	fact->value[0] = to_read;
	fact->value[1] = -1;
	fact->value[2] = TCP_ESTABLISHED;
	fact->value[3] = peer_to_read;
	return fact;
}

void listens(pid_t pid, int fd, int64_t pending, int64_t backlog, const char *name)
{
	struct fact *fact = story_fact(&story, pid, FACT_SOCKET, fd, name);

	fact->value[0] = fact->value[1] = fact->value[3] = -1;
	fact->value[2] = TCP_LISTEN;
	fact->value[4] = pending;
	fact->value[5] = backlog;
}

/* An abstract name in memory; returns its length. */
socklen_t poke_name(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));

	memcpy(addr.sun_path + 1, name, strlen(name));
	story_poke(&story, ADDR, &addr, sizeof(addr));
	story_poke(&story, ADDR_LEN, &len, sizeof(len));
	return len;
}

socklen_t poke_inet(const char *host, int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t len = sizeof(addr);

	inet_pton(AF_INET, host, &addr.sin_addr);
	story_poke(&story, ADDR, &addr, sizeof(addr));
	story_poke(&story, ADDR_LEN, &len, sizeof(len));
	return len;
}

/* A message of len bytes with one control message, or none if type is 0. */
void poke_message(size_t len, int type, const void *data, size_t data_len)
{
	uint64_t iov[2] = { TEXT, len };
	uint64_t header[7] = { 0, 0, IOV, 1, CONTROL, type ? 32 : 0, 0 };
	struct {
		uint64_t len;
		int32_t level, type;
		uint8_t data[16];
	} control = { 16 + data_len, SOL_SOCKET, type, { 0 } };

	if (data_len)
		memcpy(control.data, data, data_len);
	story_poke(&story, IOV, iov, sizeof(iov));
	story_poke(&story, HEADER, header, sizeof(header));
	story_poke(&story, CONTROL, &control, sizeof(control));
}

/* unix:1 is fd 3 and unix:2 fd 4 of parent and child: a family with a pair. */
const char *make_pair(int type)
{
	int32_t fds[2] = { 3, 4 };

	story_poke(&story, PAIR, fds, sizeof(fds));
	has_socket(PARENT, 3, type, 10);
	has_socket(PARENT, 4, type, 11);
	return STORY_CALL(&story, PARENT, "socketpair", 0, AF_UNIX, (uint64_t)type, 0, PAIR);
}

void part(void)
{
	story_fork(&story, PARENT, CHILD);
	STORY_CALL(&story, PARENT, "close", 0, 4);
	STORY_CALL(&story, CHILD, "close", 0, 3);
}
