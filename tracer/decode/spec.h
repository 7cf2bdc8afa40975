#ifndef DECODE_SPEC_H
#define DECODE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "decode/value.h"

struct decode;
struct call;
struct type;

/* A table of names. The header that it mirrors is named in its comment. */
struct const_name {
	uint64_t value;
	const char *name;
};

struct const_set {
	const struct const_name *names; /* for flags: multi-bit masks before their parts */
	size_t n;
	const char *unknown; /* what strace writes behind a value without name: "EPOLL_CTL_???" */
};

#define CONST_SET(table, unknown_)                                                                 \
	{                                                                                          \
		.names = (table), .n = ARRAY_LEN(table), .unknown = (unknown_)                     \
	}

/* When an argument's memory is meaningful. */
enum dir {
	DIR_IN, /* at entry */
	DIR_OUT, /* at exit, if the call succeeded */
	DIR_INOUT, /* at both: shown as before => after where they differ */
	DIR_EXIT, /* at exit, even if the call failed: what was passed, seen as late as that */
	DIR_BOTH, /* at both, even if the call failed: what the exit shows replaces the entry's */
};

/* Where a count of bytes or elements comes from. */
enum len_kind {
	LEN_NONE,
	LEN_CONST, /* n */
	LEN_SLOT, /* the value of the sibling slot: argument or struct field */
	LEN_RET, /* the return value */
	LEN_RET_SLOT, /* the smaller of return value and sibling slot */
	LEN_DEREF, /* the 32-bit number that the sibling slot points to (socklen_t *) */
	LEN_DEREF_SIZE, /* the same for a word-sized one (size_t *) */
};

struct len {
	uint8_t kind;
	uint8_t slot;
	uint32_t n;
};

/* BYTES_ and COUNT_ read better at the use; they are the same. */
#define BYTES_CONST(n_)  .len = { .kind = LEN_CONST, .n = (n_) }
#define BYTES_ARG(i)     .len = { .kind = LEN_SLOT, .slot = (i) }
#define BYTES_RET        .len = { .kind = LEN_RET }
#define BYTES_RET_ARG(i) .len = { .kind = LEN_RET_SLOT, .slot = (i) }
#define BYTES_DEREF(i)   .len = { .kind = LEN_DEREF, .slot = (i) }
#define COUNT_CONST(n_)  BYTES_CONST(n_)
#define COUNT_ARG(i)     BYTES_ARG(i)
#define COUNT_RET        BYTES_RET
#define COUNT_RET_ARG(i) BYTES_RET_ARG(i)

/* One argument of a call or one field of a struct. */
struct slot {
	const char *name;
	const struct type *type;
	const struct type *elem; /* what a pointer or array type refers to */
	enum dir dir; /* arguments only */
	const struct const_set *set;
	struct len len;
	uint16_t n; /* struct fields: an inline array of n elements; 0 = a single one */
	bool is_hidden; /* padding, or shown by a sibling; an argument too may be */
	bool is_verbose; /* only with -v */
	bool is_bare; /* text shows no name= */
};

/* Bytes of an aggregate: len of the size it has in full could be read at addr. */
struct span {
	const uint8_t *data;
	size_t len;
	uint64_t addr;
};

/*
 * How to show something of some shape. A scalar has show(); an aggregate, which exists in memory
 * only, has fields or show_bytes().
 */
struct type {
	const char *name;
	uint16_t len32, len64; /* bytes in memory; an aggregate with fields leaves them 0 */
	uint8_t align; /* 0: that of a scalar of this length; for aggregates its largest */

	/* raw: what a register, or the bytes in memory, held; not sign-extended from memory. */
	void (*show)(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v);

	const struct slot *fields; /* ends at name == NULL */
	void (*show_bytes)(struct decode *d, const struct slot *slot, const struct span *span,
			   struct value *ret_v);

	/*
	 * Bytes at raw that show() is going to read: they are fetched, with those of the other
	 * arguments, in one go while the tracee is stopped. NULL or 0: none, or not foreseeable.
	 */
	size_t (*reach)(struct decode *d, const struct slot *slot, uint64_t raw);

	/* show() follows addresses it found in memory: decode once while the tracee is stopped. */
	bool is_nested;
};

/* What the return value is when it is no error. */
enum ret_kind {
	RET_INT, /* a number; 0 for success */
	RET_ZERO, /* the same: nothing but 0 is expected */
	RET_LEN, /* bytes */
	RET_FD,
	RET_PID,
	RET_ADDR, /* hexadecimal, 0 as 0 */
	RET_HEX, /* hexadecimal */
	RET_OCT,
	RET_UINT,
	RET_NONE, /* does not return; shown as ? */
};

/* Mechanisms of inter-process communication, as the model and the classes know them. */
enum mech {
	MECH_NONE,
	MECH_FD, /* whatever the descriptor refers to */
	MECH_PATH, /* whatever the path names */
	MECH_PIPE,
	MECH_FIFO,
	MECH_SYSV_MSG,
	MECH_SYSV_SEM,
	MECH_SYSV_SHM,
	MECH_POSIX_MQ,
	MECH_FUTEX,
	MECH_EVENTFD,
	MECH_SIGNALFD,
	MECH_TIMERFD,
	MECH_EPOLL,
	MECH_INOTIFY,
	MECH_UNIX,
	MECH_INET,
	MECH_NETLINK,
	MECH_SOCKET, /* a socket of any family */
	MECH_LOCK,
	MECH_SHARED_MEM,
	MECH_MEMFD,
	MECH_PTY,
	MECH_PROCESS_VM,
	MECH_PIDFD,
	MECH_SIGNAL,
	MECH_WAIT, /* birth, death and exit status of processes */
	MECH_PTRACE,
	MECH_IO_URING,
	MECH_NAMESPACE,
	MECH_FANOTIFY,
	MECH_USERFAULTFD,
	MECH_KINDS
};

/* What a call does to the object of its mechanism. */
enum ipc_op {
	OP_NONE,
	OP_CREATE, /* makes a handle or an object: the return value, or an out argument */
	OP_OPEN,
	OP_CLOSE,
	OP_DUP,
	OP_SEND,
	OP_RECV,
	OP_CONTROL, /* asks for or changes its state */
	OP_WAIT,
	OP_WAKE,
	OP_MAP,
	OP_UNMAP,
	OP_REMOVE,
	OP_BIND,
	OP_LISTEN,
	OP_ACCEPT,
	OP_CONNECT,
	OP_TRANSFER, /* from one handle to another: splice, tee, sendfile */
};

struct ipc_use {
	uint8_t mech, op;
	uint8_t arg; /* index of the argument that names the object */
};

#define IPC(mech_, op_, arg_) .ipc = { MECH_##mech_, OP_##op_, (arg_) }

struct call_spec {
	const char *name;
	enum ret_kind ret;
	struct ipc_use ipc;
	/*
	 * A more exact row for this very call (operations of futex, fcntl, semctl...), or NULL to
	 * stay with this one. is_strace: rows for strace's exact text are wanted.
	 */
	const struct call_spec *(*refine)(const struct event *ev, bool is_strace);

	/*
	 * At exit: what strace writes in parentheses behind the result. It may read memory: it is
	 * run once while the tracee is stopped, on a call that has its spec, raw and result only.
	 */
	void (*aux)(struct decode *d, struct call *call);

	/* The register of each argument, where a multiplexer moves them; NULL: 0, 1, 2... */
	const uint8_t *regs;

	/* The arguments are words in memory at the call's second one, as socketcall has them. */
	bool is_indirect;

	const struct slot args[6]; /* ends at name == NULL */
};

/* One file of rows: decode/specs/<family>.c defines it, decode/families.c lists it. */
struct spec_family {
	const char *name;
	const struct call_spec *specs;
	size_t n;
};

#define SPEC_FAMILY(name_, table)                                                                  \
	{                                                                                          \
		.name = (name_), .specs = (table), .n = ARRAY_LEN(table)                           \
	}

#endif
