#ifndef STACK_PROTOCOL_H
#define STACK_PROTOCOL_H

#include <stdint.h>
#include <sys/types.h>

/*
 * What the tracer and the process that unwinds for it say to each other, each in one message of a
 * SOCK_SEQPACKET socket:
 *
 *   tracer   an order: unwind this stack, or forget a process
 *   helper   any number of questions, each of which gets a struct answer
 *   helper   the frames (struct told and what is behind it), in as many messages as it takes
 *
 * Memory, maps and files of a tracee reach the helper through pages that both have and only the
 * tracer fills: the stack at STACK_AT, answers at ANSWER_AT. The tracer never looks at them, so
 * nothing that the helper puts there matters to it. It believes nothing that the helper says.
 */
enum {
	STACK_AT = 0,
	STACK_LEN = 32 * 1024,
	ANSWER_AT = STACK_LEN,
	ANSWER_LEN = 224 * 1024,
	AREA_LEN = ANSWER_AT + ANSWER_LEN,
	REGISTERS = 17, /* rax rdx rcx rbx rsi rdi rbp rsp r8..r15 rip: as DWARF counts them */
	REGISTER_SP = 7,
	REGISTER_IP = 16,
	MESSAGE_MAX = 64 * 1024,
	SYMBOL_MAX = 16 * 1024, /* of a name, what is more is cut off */
};

enum order_kind { ORDER_UNWIND, ORDER_FORGET };

struct order {
	uint32_t kind;
	uint32_t max_frames;
	uint64_t process; /* a number that no other process gets, not even with the same pid */
	uint8_t is_stale; /* its mappings may be others than before */
	uint32_t stack_len; /* bytes at STACK_AT, of the memory from stack_addr on */
	uint64_t stack_addr;
	uint64_t registers[REGISTERS];
};

enum question_kind {
	TELL_FRAMES, /* no question: a struct told */
	ASK_MAPS, /* at: 0: read them; bytes of their text from there on */
	ASK_MEMORY, /* at: address, len bytes; as many of them as can be read */
	ASK_OPEN, /* at: index of a mapping, by order of address: the length of its file */
	ASK_READ, /* at: offset in the file opened last, len bytes */
};

struct question {
	uint32_t kind;
	uint32_t len; /* at most ANSWER_LEN */
	uint64_t at;
};

struct answer {
	int64_t result; /* bytes at ANSWER_AT; of ASK_OPEN: the file's length; or -errno */
};

/* Followed by n_frames struct told_frame, each of them by its symbol's name. */
struct told {
	uint32_t kind; /* TELL_FRAMES */
	uint32_t n_frames;
	int32_t error; /* in the last message: 0, -ENOTSUP, -ESRCH */
	uint8_t is_last, is_over; /* is_over: there are more frames, but they took too much */
};

struct told_frame {
	uint64_t ip, offset; /* as in struct event_frame */
	uint32_t mapping; /* its index by order of address; NO_MAPPING: in none */
	uint32_t symbol_len; /* 0: not known */
};

#define NO_MAPPING UINT32_MAX

#endif
