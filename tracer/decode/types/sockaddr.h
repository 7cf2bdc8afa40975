#ifndef DECODE_TYPES_SOCKADDR_H
#define DECODE_TYPES_SOCKADDR_H

#include "decode/spec.h"

/*
 * The address of a struct sockaddr:
 * - type_sockaddr: slot.len bytes that the caller passed;
 * - type_sockaddr_out: what the call stored; slot.len is BYTES_DEREF of the socklen_t * argument,
 *   whose value at entry is the room there was and at exit the length there is.
 */
extern const struct type type_sockaddr, type_sockaddr_out;

/*
 * Show len bytes at addr as a socket address; those of families not known here as raw bytes.
 * Fewer than two bytes, or unreadable ones, give the address. For shapes that find it in memory.
 */
void sockaddr_show(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v);

/* The value inet_addr("127.0.0.1") of the four bytes at data. */
struct value sockaddr_inet(struct decode *d, const uint8_t *data);

/* The value inet_pton(AF_INET6, "::1", &name) of the sixteen bytes at data. */
struct value sockaddr_inet6(struct decode *d, const uint8_t *data, const char *name);

/* The value if_nametoindex("lo"), or the number where the name is not known. */
struct value sockaddr_ifindex(struct decode *d, uint32_t index);

#endif
