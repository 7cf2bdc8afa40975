#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include "base/buf.h"
#include "decode/decode.h"
#include "event/event.h"
#include "event/mem.h"

/*
 * A tracee that does not exist: an image of memory, answers about descriptors, and one call at a
 * time. What it decodes went through the same steps as live: gathered, then decoded from the
 * event alone, then written by the text renderer.
 */
struct fake {
	struct decoder *decoder;
	struct event image; /* its ranges are the tracee's memory, its facts the answers */
	struct event enter, exit;
	struct mem_source source;
	struct buf text;
	uint32_t arch; /* AUDIT_ARCH_X86_64 unless set */
	uint64_t sp; /* of the next call, at entry */
	bool is_verbose;
	unsigned n_reads; /* live reads asked for, prefetches counted as one */
};

void fake_init(struct fake *fake, bool is_strace);
void fake_finish(struct fake *fake);

/* From here on decode and show in full, as strace -v. */
void fake_verbose(struct fake *fake);

/* Place len bytes at addr of the tracee's memory. Later ones win where they overlap exactly. */
void fake_poke(struct fake *fake, uint64_t addr, const void *data, size_t len);

/* Say what an fd is. link as in /proc/PID/fd. */
void fake_fd(struct fake *fake, int fd, enum fd_kind kind, const char *link);

/*
 * The text of a whole call, `name(args) = ret` without padding, after its entry and its exit;
 * ret -1..-4095 is an error. Valid until the next call.
 */
const char *fake_call(struct fake *fake, const char *name, const uint64_t args[6], int64_t ret);

/* Only the entry, then memory may be poked, then the exit. */
void fake_enter(struct fake *fake, const char *name, const uint64_t args[6]);
const char *fake_exit(struct fake *fake, int64_t ret);

/* fake_call() with arguments written out: FAKE_CALL(&fake, "close", 0, 3). */
#define FAKE_CALL(fake, name, ret, ...)                                                            \
	fake_call((fake), (name), (const uint64_t[6]){ __VA_ARGS__ }, (ret))

#endif
