#ifndef DECODE_VALUE_H
#define DECODE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "event/event.h"

/*
 * What an argument means, between bytes and text: a typed tree in the arena of its call. A
 * renderer is one walk of it and needs to know nothing else.
 */
enum value_kind {
	VALUE_NONE, /* not known (yet): an output before the call returned */
	VALUE_INT, /* i, decimal */
	VALUE_UINT, /* u, decimal */
	VALUE_HEX, /* u as 0x2a; 0 as 0 */
	VALUE_OCT, /* u as 0600, three digits at least */
	VALUE_ADDR, /* u, a tracee address; NULL for 0 */
	VALUE_ENUM, /* sym: one name out of a set */
	VALUE_FLAGS, /* flags: names or-ed together, and a rest */
	VALUE_BITSET, /* bits: members of a set, [USR1 CHLD] or ~[USR1] */
	VALUE_BYTES, /* bytes: a string or a buffer */
	VALUE_FD, /* fd */
	VALUE_PID, /* i: a process or thread id */
	VALUE_STRUCT, /* st: named fields */
	VALUE_ARRAY, /* array: items of one type */
	VALUE_CHANGE, /* change: what was there at entry and what at exit */
	VALUE_CALL, /* call: a notation such as htons(80) */
	VALUE_TEXT, /* text: a symbolic notation of the number raw, as {WIFEXITED(s) ...} */
};

/* How strings are written where it is not a plain quoted one. */
enum bytes_form {
	BYTES_QUOTED,
	BYTES_ABSTRACT, /* @"..." abstract socket address */
	BYTES_HEX, /* always \xNN: binary by nature */
	BYTES_PATH, /* never cut short */
};

enum change_form {
	CHANGE_ARROW, /* before => after, as struct clone_args is shown */
	CHANGE_BRACKETED, /* [before => after], as *addrlen is shown */
};

struct value {
	uint8_t kind; /* enum value_kind */
	uint8_t base; /* of numbers behind names: 8, 10, 16; 0 = 16 */
	bool is_cut; /* bytes or items follow that were not kept: shown as ... */
	bool is_verbose; /* as a field: shown only with -v, where it is hidden behind ... */
	/*
	 * Short name of the IPC object that it means; the model knows; or NULL. Behind a blank may
	 * stand more about it, as in "pipe:1 r".
	 */
	const char *object;
	const char *comment; /* shown behind it as / * comment * /; NULL = none */
	const char *label; /* shown in front of it as label=, where only that tells what it is */
	union {
		int64_t i;
		uint64_t u;
		struct {
			uint64_t raw;
			const char *name; /* NULL: not in the set */
		} sym;
		struct {
			uint64_t raw;
			const char *const *names;
			uint32_t n;
			uint64_t
				rest; /* bits that have no name; shown in base if not 0 or n == 0 */
			bool has_rest; /* show the rest even if it is 0, as in O_CREAT|000 */
		} flags;
		struct {
			uint64_t raw;
			const char *const *names;
			uint32_t n;
			bool is_inverted;
		} bits;
		struct {
			const char *data;
			uint32_t len;
			uint32_t form; /* enum bytes_form */
			uint64_t total; /* bytes that the call was about; len of them are here */
		} bytes;
		struct {
			int32_t fd;
			bool is_cwd; /* AT_FDCWD */
			const struct fact *fact; /* FACT_FD in the arena, or NULL */
			const char *link; /* the link's text, NUL-terminated, or NULL */
		} fd;
		struct {
			struct field *fields;
			uint32_t n;
			bool has_more; /* fields exist that are not shown without -v: ... */
		} st;
		struct {
			struct value *items;
			uint32_t n;
			uint64_t total; /* items that the call was about */
			bool is_single; /* what one pointer refers to: no list that -s could cut */
			uint64_t fault; /* address where reading stopped; 0 = it did not */
			bool is_set; /* members of a set: all of them, as in [5 7] */
		} array;
		struct {
			struct value *before, *after;
			uint32_t form;
		} change;
		struct {
			const char *name;
			struct value *args;
			uint32_t n;
		} call;
		struct {
			uint64_t raw;
			const char *text;
		} text;
	};
	uint64_t addr; /* of what an array, struct or buffer was read from; 0 = a register */
};

struct field {
	const char *name;
	struct value value;
	bool is_bare; /* text shows the value without name= in front */
};

/* Constructors of the simple kinds. Strings are not copied. */
static inline struct value value_int(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .i = i };
}

static inline struct value value_uint(uint64_t u)
{
	return (struct value){ .kind = VALUE_UINT, .u = u };
}

static inline struct value value_hex(uint64_t u)
{
	return (struct value){ .kind = VALUE_HEX, .u = u };
}

static inline struct value value_oct(uint64_t u)
{
	return (struct value){ .kind = VALUE_OCT, .u = u };
}

static inline struct value value_addr(uint64_t u)
{
	return (struct value){ .kind = VALUE_ADDR, .u = u };
}

static inline struct value value_pid(int64_t pid)
{
	return (struct value){ .kind = VALUE_PID, .i = pid };
}

/* A symbolic notation, not copied, of the number raw. */
static inline struct value value_text(const char *text, uint64_t raw)
{
	return (struct value){ .kind = VALUE_TEXT, .text = { raw, text } };
}

/* A string of len bytes, not copied; total is what it was cut from. */
static inline struct value value_bytes(const char *data, uint32_t len, uint64_t total)
{
	return (struct value){ .kind = VALUE_BYTES,
			       .is_cut = len < total,
			       .bytes = { data, len, BYTES_QUOTED, total } };
}

/* A struct with room for n fields, none of them set: value_field() adds them. */
struct value value_struct(struct arena *arena, uint32_t n);

/* Append a field to a value_struct() of enough room; returns where its value goes. */
struct value *value_field(struct value *st, const char *name);

/* An array with n zeroed items. */
struct value value_array(struct arena *arena, uint32_t n);

/* The one item that a pointer to a number refers to: [x]. No list that -s could cut short. */
struct value value_ref(struct arena *arena);

/* A notation name(args) with n zeroed arguments. */
struct value value_call(struct arena *arena, const char *name, uint32_t n);

struct value value_change(struct arena *arena, struct value before, struct value after,
			  enum change_form form);

/* Do both mean the same, down to the last field? */
bool value_equal(const struct value *a, const struct value *b);

#endif
