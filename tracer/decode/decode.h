#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "decode/spec.h"
#include "decode/value.h"
#include "event/mem.h"

/* Limits on what a tracee can make us read and keep. */
enum {
	DECODE_BYTES_MAX = 64 * 1024, /* of one buffer, whatever -s says */
	DECODE_ITEMS_MAX = 4096, /* of one array, whatever -s says */
	DECODE_PATH_MAX = 4096,
	DECODE_TOTAL_MAX = 1024 * 1024, /* of all that one event shows, whatever -s says */
	DECODE_FDS_MAX = 512, /* descriptors that are looked up for one event */
	DECODE_ARGS_MAX = 6,
};

struct decode_options {
	uint32_t string_limit; /* bytes of a string, items of an array (-s) */
	bool is_strace; /* decode what strace decodes, as far as it does */
	bool is_verbose; /* -v: structs in full (the tree is always full; more is read) */
	bool has_fd_links; /* ask for what each fd is, to show it (-y, the default face) */
};

enum call_state {
	CALL_ENTERED, /* outputs and result are not known yet */
	CALL_RETURNED, /* complete */
	CALL_BLIND, /* complete, but the entry was not seen: arguments as they were at exit */
	CALL_REFUSED, /* a seccomp filter of the program's did not let it happen: no result */
	CALL_UNSEEN, /* a vsyscall: its return cannot be seen, nor what it has written */
	CALL_UNFINISHED, /* it will never return: the thread died, executed or was detached */
};

struct aux {
	const char *label; /* "left" in "left {tv_sec=0, ...}"; NULL = none */
	struct value value;
};

/* One system call, from its entry on. Lives in the arena of its thread until the next one. */
struct call {
	const struct call_spec *spec; /* never NULL: unknown calls have a row of hex arguments */
	const char *name;
	enum call_state state;
	pid_t tid, tgid;
	uint32_t arch;
	uint64_t nr;
	uint64_t raw[6];
	unsigned n_args;
	struct value args[DECODE_ARGS_MAX];
	const char *arg_names[DECODE_ARGS_MAX]; /* NULL: shown by a sibling, not by itself */
	int64_t ret; /* as the kernel returned it */
	bool is_error;
	struct value ret_value; /* VALUE_NONE if is_error or without result */
	struct aux aux[4];
	unsigned n_aux;
	uint64_t enter_ns, exit_ns; /* CLOCK_MONOTONIC; 0 = not seen */
	uint64_t real_ns; /* CLOCK_REALTIME at entry */
	uint64_t ip;
	struct arena *arena;
	const char *resumes; /* of restart_syscall: the call that it goes on with, or NULL */
};

struct layouts;

/* What a type's show() works with. */
struct decode {
	struct mem mem;
	struct layouts *layouts; /* the decoder's, of the structs that it has met */
	struct arena *arena;
	const struct decode_options *options;
	const struct event *ev;
	struct call *call; /* NULL while ranges are gathered */
	unsigned word_len; /* 4 or 8, of the tracee */
	bool is_exit;
	const uint64_t *siblings; /* raw values of the slots beside this one: args or fields */
	unsigned n_siblings;
	unsigned depth;
	uint64_t n_shown; /* bytes and items so far, against DECODE_TOTAL_MAX */
};

/* Is it over, so that no more will be known of it than now is? */
static inline bool call_is_over(const struct call *call)
{
	return call->state != CALL_ENTERED && call->state != CALL_UNFINISHED;
}

/* Has it a result, which may be an error? */
static inline bool call_has_result(const struct call *call)
{
	return call->state == CALL_RETURNED || call->state == CALL_BLIND;
}

/* Is it the call of that name, or of one that begins so? The first letter tells of most. */
static inline bool call_is(const struct call *call, const char *name)
{
	return call->name[0] == name[0] && strcmp(call->name, name) == 0;
}

static inline bool call_begins(const struct call *call, const char *name)
{
	return call->name[0] == name[0] && strncmp(call->name, name, strlen(name)) == 0;
}

struct decoder;

/* Rows and numbers are indexed once; options are copied. NULL only when out of memory. */
struct decoder *decoder_create(const struct decode_options *options);
void decoder_destroy(struct decoder *decoder);

/*
 * The row of a call number of an architecture. Unknown numbers have none: NULL.
 * nr includes x32's bit. Source: libseccomp's tables, decode/syscalls.c for newer calls.
 */
const struct call_spec *decoder_spec(struct decoder *decoder, uint32_t arch, uint64_t nr);

/* The row that this very event is decoded with; never NULL. */
const struct call_spec *decoder_refine(struct decoder *decoder, const struct event *ev);

/*
 * While the tracee is stopped at mem->ev, an entry or exit: make the event remember all that
 * decoding it will ask for, with one read where that is foreseeable.
 */
void decoder_gather(struct decoder *decoder, struct mem *mem);

/*
 * Feed the decoder an event, after which the call that it concerns is up to date. Returns that
 * call for EVENT_ENTER, EVENT_EXIT, EVENT_BLOCKED (the blocked one), and for EVENT_EXITED,
 * EVENT_KILLED, EVENT_DETACHED and EVENT_SUPERSEDED if a call was open, now CALL_UNFINISHED;
 * otherwise NULL. Valid until the next event of the same thread.
 */
struct call *decoder_apply(struct decoder *decoder, const struct event *ev);

/* The siginfo that an EVENT_SIGNAL carries, as a struct value in arena. */
struct value decoder_siginfo(struct decoder *decoder, const struct event *ev, struct arena *arena);

/* --- for types and rows --- */

/* The bytes or elements that slot's length says there are; 0 while they are not known. */
uint64_t decode_len(struct decode *d, const struct slot *slot);

/* Where the fields of structs are, found out once for each: a decoder has one of these. */
struct layouts *layouts_create(void);
void layouts_destroy(struct layouts *layouts);

/* Bytes of one element of type in the tracee's memory. */
size_t decode_type_len(const struct decode *d, const struct type *type);

/*
 * Show what lies in memory at span as type (with slot's set, len...): scalar or aggregate. Too
 * few bytes for a scalar give VALUE_NONE.
 */
void decode_bytes(struct decode *d, const struct slot *slot, const struct type *type,
		  const struct span *span, struct value *ret_v);

/* Show the object of type at addr: 0, or -EFAULT with *ret_v set to the address. */
int decode_at(struct decode *d, const struct slot *slot, const struct type *type, uint64_t addr,
	      struct value *ret_v);

/*
 * Show count elements of type at addr, as many as the limit allows; unreadable ones become the
 * array's fault address, an unreadable first one an address.
 */
void decode_array_at(struct decode *d, const struct slot *slot, const struct type *type,
		     uint64_t addr, uint64_t count, struct value *ret_v);

/*
 * Would n items of len bytes be too much for one event? Messages of vectors of buffers multiply:
 * what is beyond the limit is shown as its address.
 */
bool decode_is_too_much(struct decode *d, uint64_t n, uint64_t len);

/* The buffer of len bytes at addr, cut at the string limit. */
void decode_buffer_at(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v);

/* A little-endian number of len (1, 2, 4, 8) bytes. */
uint64_t decode_number(const uint8_t *data, size_t len);

/* A number of the tracee's word at addr (pointer, long): 0 or -EFAULT. */
int decode_word_at(struct decode *d, uint64_t addr, uint64_t *ret_word);
int decode_u32_at(struct decode *d, uint64_t addr, uint32_t *ret_number);

/* Names for a value of set. Both never fail; names are static, the flags array is in arena. */
struct value decode_enum(struct arena *arena, const struct const_set *set, uint64_t raw);
struct value decode_flags(struct arena *arena, const struct const_set *set, uint64_t raw);

/* The name of a value, or NULL. */
const char *const_set_name(const struct const_set *set, uint64_t value);

/* A signal's name as strace writes it ("SIGUSR1", "SIGRT_2"), or NULL if nr is none. */
const char *decode_signal_name(struct arena *arena, int nr);

/* Signals of a mask as VALUE_BITSET; more than half of them set: shown inverted. */
struct value decode_sigset(struct arena *arena, uint64_t mask);

/* An errno's name ("EAGAIN"), or NULL. */
const char *decode_errno_name(int error);

/* The fd with its fact, if options ask for facts. */
struct value decode_fd(struct decode *d, int32_t fd);

/* What fd of the event's process is: enum fd_kind, FD_UNKNOWN if it cannot be told. */
enum fd_kind decode_fd_kind(const struct mem *mem, int fd);

/* Append to call's aux. */
void decode_add_aux(struct call *call, const char *label, struct value value);

#endif
