#include "capture/facts_receiver.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/facts_fd.h"
#include "capture/facts_ns.h"
#include "capture/sock_diag.h"

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* The last four bytes of an IPv4 address, mapped into IPv6 or not; NULL for others. */
static uint8_t *ipv4_of(union address *address)
{
	if (address->sa.sa_family == AF_INET)
		return (uint8_t *)&address->in.sin_addr;
	if (IN6_IS_ADDR_V4MAPPED(&address->in6.sin6_addr))
		return address->in6.sin6_addr.s6_addr + 12;
	return NULL;
}

static bool is_unspecified(union address *address)
{
	static const uint8_t none[4];
	const uint8_t *ipv4 = ipv4_of(address);

	return ipv4 ? memcmp(ipv4, none, sizeof(none)) == 0
		    : IN6_IS_ADDR_UNSPECIFIED(&address->in6.sin6_addr);
}

static bool is_group(union address *address)
{
	const uint8_t *ipv4 = ipv4_of(address);

	return ipv4 ? ipv4[0] >= 224 : IN6_IS_ADDR_MULTICAST(&address->in6.sin6_addr);
}

static bool is_port_zero(const union address *address)
{
	return address->sa.sa_family == AF_INET ? !address->in.sin_port : !address->in6.sin6_port;
}

static int take(const struct sockaddr *address, union address *ret_address)
{
	memset(ret_address, 0, sizeof(*ret_address));
	if (address->sa_family == AF_INET)
		memcpy(&ret_address->in, address, sizeof(ret_address->in));
	else if (address->sa_family == AF_INET6)
		memcpy(&ret_address->in6, address, sizeof(ret_address->in6));
	else
		return -EAFNOSUPPORT;
	return 0;
}

/* Only an address of our own can be bound to. */
bool facts_receiver_is_here(const struct sockaddr *address)
{
	union address own;
	bool is_here;
	int fd;

	if (take(address, &own) < 0 || is_unspecified(&own) || is_group(&own))
		return false;
	own.in.sin_port = 0; /* at the same place for both */
	fd = socket(own.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	is_here = bind(fd, &own.sa, sizeof(own)) == 0;
	close(fd);
	return is_here;
}

/* 0 or -errno. */
static int read_destination(const struct mem *mem, int own_fd, int64_t at,
			    union address *ret_address)
{
	socklen_t len = sizeof(*ret_address);
	sa_family_t family;
	int err;

	memset(ret_address, 0, sizeof(*ret_address));
	if (!at)
		return getpeername(own_fd, &ret_address->sa, &len) < 0 ? -errno : 0;
	err = mem_read_all(mem, (uint64_t)at, &family, sizeof(family));
	if (err < 0)
		return err;
	if (family != AF_INET && family != AF_INET6)
		return -EAFNOSUPPORT;
	return mem_read_all(mem, (uint64_t)at, ret_address,
			    family == AF_INET ? sizeof(ret_address->in) : sizeof(ret_address->in6));
}

/* Where a socket that is bound to no address sends from, as far as this machine is concerned. */
static void choose_source(union address *own, union address *destination)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	in_port_t port = own->in.sin_port;
	uint8_t *ipv4;

	if (!is_unspecified(own) && own->sa.sa_family == destination->sa.sa_family)
		return;
	*own = *destination;
	own->in.sin_port = port;
	ipv4 = ipv4_of(own);
	if (ipv4 && ipv4[0] == 127)
		memcpy(ipv4, loopback, sizeof(loopback));
}

/* Packets to a broadcast address are given to all; who may send one has said so before. */
static bool may_broadcast(int own_fd, union address *destination)
{
	const uint8_t *ipv4 = ipv4_of(destination);
	socklen_t len = sizeof(int);
	int value = 0;

	if (!ipv4 || ipv4[0] == 127)
		return false;
	return getsockopt(own_fd, SOL_SOCKET, SO_BROADCAST, &value, &len) < 0 || value;
}

/* The socket is one of ours, and what we ask is about the same network as it. */
static bool is_in_our_network(struct facts_cache *cache, struct tracee *tracee,
			      const union address *own, const union address *destination,
			      uint64_t ino)
{
	struct sock_info info;

	if (!facts_ns_has_our_network(tracee))
		return false;
	return is_port_zero(own) ||
	       (sock_diag_inet(cache, IPPROTO_UDP, &own->sa, &destination->sa, &info) == 0 &&
		info.ino == ino);
}

static int ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
	       const struct mem *mem, int64_t at, int own_fd, uint64_t ino)
{
	struct sock_info info = { .memory = -1 };
	union address destination, own = { 0 };
	socklen_t len = sizeof(own);
	struct fact *fact;
	bool is_here;
	int err = read_destination(mem, own_fd, at, &destination);

	if (err < 0)
		return err;
	if (getsockname(own_fd, &own.sa, &len) < 0)
		return -errno;
	if (is_unspecified(&destination) || is_group(&destination) ||
	    may_broadcast(own_fd, &destination))
		return -EOPNOTSUPP;
	choose_source(&own, &destination);
	if (!is_in_our_network(cache, tracee, &own, &destination, ino))
		return -EOPNOTSUPP;
	is_here = facts_receiver_is_here(&destination.sa);
	err = is_here ? sock_diag_inet(cache, IPPROTO_UDP, &destination.sa, &own.sa, &info) : 0;
	if (err < 0 && err != -ENOENT)
		return err;
	fact = event_add_fact(ev, FACT_RECEIVER, at, NULL, 0);
	fact->id = info.ino;
	fact->value[0] = info.memory;
	fact->value[1] = is_here;
	return 0;
}

int facts_receiver_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
		       const struct mem *mem, int64_t address)
{
	struct fd_entry *entry;
	int own_fd, err = facts_fd_look(cache, tracee, (int)ev->args[0], &entry);
	uint64_t ino;

	if (err < 0)
		return err;
	if (entry->fact.value[0] != FD_INET || entry->fact.value[4] != IPPROTO_UDP)
		return -ENOTSOCK;
	ino = entry->fact.ino;
	own_fd = facts_fd_borrow(tracee, (int)ev->args[0]);
	if (own_fd < 0)
		return own_fd;
	err = ask(cache, tracee, ev, mem, address, own_fd, ino);
	close(own_fd);
	return err;
}
