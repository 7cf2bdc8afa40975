/* How a program asks to be told of an event: struct sigevent. */
#include "decode/types/sigevent.h"

#include <signal.h>

#include "decode/decode.h"
#include "decode/types/types.h"

enum { SIGEVENT_LEN = 64 };

/* asm-generic/siginfo.h */
static const struct const_name notify_names[] = {
	{ 0, "SIGEV_SIGNAL" },
	{ 1, "SIGEV_NONE" },
	{ 2, "SIGEV_THREAD" },
	{ 4, "SIGEV_THREAD_ID" },
};
static const struct const_set set_notify = CONST_SET(notify_names, "SIGEV_???");

static uint64_t word_of(const struct decode *d, const struct span *span, size_t offset)
{
	return decode_number(span->data + offset, d->word_len);
}

static void show_value(struct decode *d, uint64_t raw, struct value *ret_v)
{
	*ret_v = value_struct(d->arena, 2);
	*value_field(ret_v, "sival_int") = value_int((int32_t)raw);
	*value_field(ret_v, "sival_ptr") = value_addr(raw);
}

static void show_notify(struct decode *d, uint32_t notify, const struct span *span, size_t at,
			struct value *ret_v)
{
	if (notify == SIGEV_THREAD_ID) {
		*value_field(ret_v, "sigev_notify_thread_id") =
			value_pid((int32_t)decode_number(span->data + at, 4));
	} else if (notify == SIGEV_THREAD) {
		*value_field(ret_v, "sigev_notify_function") = value_addr(word_of(d, span, at));
		*value_field(ret_v, "sigev_notify_attributes") =
			value_addr(word_of(d, span, at + d->word_len));
	}
}

/*
 * Shape:   { sigval sigev_value; int sigev_signo, sigev_notify; union {...}; } in 64 bytes.
 * The value is left out when it is 0: it means nothing to most users of signals.
 * Source:  sigevent(7); asm-generic/siginfo.h.
 */
static void show_sigevent(struct decode *d, const struct slot *slot, const struct span *span,
			  struct value *ret_v)
{
	size_t at = d->word_len;
	uint64_t payload;
	uint32_t signo, notify;
	const char *name;
	bool has_signal;

	(void)slot;
	if (span->len < SIGEVENT_LEN) {
		*ret_v = value_addr(span->addr);
		return;
	}
	payload = word_of(d, span, 0);
	signo = (uint32_t)decode_number(span->data + at, 4);
	notify = (uint32_t)decode_number(span->data + at + 4, 4);
	*ret_v = value_struct(d->arena, 5);
	ret_v->addr = span->addr;
	if (payload)
		show_value(d, payload, value_field(ret_v, "sigev_value"));
	/* strace names the signal only where it knows that there is one. */
	has_signal = notify == SIGEV_SIGNAL || notify == SIGEV_THREAD || notify == SIGEV_THREAD_ID;
	name = has_signal ? decode_signal_name(d->arena, (int)signo) : NULL;
	*value_field(ret_v, "sigev_signo") = (struct value){
		.kind = VALUE_ENUM, .base = 10, .sym = { (uint64_t)(int32_t)signo, name }
	};
	*value_field(ret_v, "sigev_notify") = decode_enum(d->arena, &set_notify, notify);
	show_notify(d, notify, span, at + 8, ret_v);
}

const struct type type_sigevent = { .name = "sigevent",
				    .len32 = SIGEVENT_LEN,
				    .len64 = SIGEVENT_LEN,
				    .show_bytes = show_sigevent };
