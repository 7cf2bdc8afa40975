/*
 * What is read from and written to descriptors that carry no byte stream. Layouts:
 * linux/signalfd.h, linux/inotify.h, linux/fanotify.h; eventfd(2), timerfd_create(2).
 */
#include "decode/types/payload.h"

#include <signal.h>

#include "base/array.h"
#include "decode/consts/notify.h"
#include "decode/consts/siginfo.h"
#include "decode/decode.h"
#include "decode/types/types.h"

enum {
	NUMBER_LEN = 8,
	SIGNALFD_LEN = 128,
	INOTIFY_LEN = 16,
	FANOTIFY_LEN = 24,
	FANOTIFY_VERSION = 3,
};

/* The bytes of one read or write, and how far they have been shown. */
struct stream {
	const uint8_t *data;
	size_t len, at;
	uint64_t addr;
};

/* A field of siginfo's successor at offset, 4 or 8 bytes wide. */
static uint64_t number_at(const struct stream *s, size_t offset, size_t len)
{
	return decode_number(s->data + s->at + offset, len);
}

static int32_t i32_at(const struct stream *s, size_t offset)
{
	return (int32_t)number_at(s, offset, 4);
}

/* What is meaningful besides signal, code and sender depends on both of the former. */
static void add_signal_details(const struct stream *s, int signo, int code, struct value *v)
{
	if (code == SI_TIMER) {
		*value_field(v, "ssi_tid") = value_uint(number_at(s, 24, 4));
		*value_field(v, "ssi_overrun") = value_uint(number_at(s, 32, 4));
	} else {
		*value_field(v, "ssi_pid") = value_pid(i32_at(s, 12));
		*value_field(v, "ssi_uid") = value_uint(number_at(s, 16, 4));
	}
	if (code < 0 && code != SI_TKILL) {
		*value_field(v, "ssi_int") = value_int(i32_at(s, 44));
		*value_field(v, "ssi_ptr") = value_hex(number_at(s, 48, 8));
	}
	if (signo == SIGCHLD && code > 0) {
		*value_field(v, "ssi_status") = value_int(i32_at(s, 40));
		*value_field(v, "ssi_utime") = value_uint(number_at(s, 56, 8));
		*value_field(v, "ssi_stime") = value_uint(number_at(s, 64, 8));
	} else if (signo == SIGIO && code > 0) {
		*value_field(v, "ssi_band") = value_uint(number_at(s, 28, 4));
		*value_field(v, "ssi_fd") = value_int(i32_at(s, 20));
	}
}

static bool show_signal(struct decode *d, struct stream *s, struct value *ret_v)
{
	int signo, code;
	const char *name;

	if (s->len - s->at < SIGNALFD_LEN)
		return false;
	signo = i32_at(s, 0);
	code = i32_at(s, 8);
	name = decode_signal_name(d->arena, signo);
	*ret_v = value_struct(d->arena, 10);
	ret_v->addr = s->addr + s->at;
	*value_field(ret_v, "ssi_signo") =
		(struct value){ .kind = VALUE_ENUM, .base = 10, .sym = { (uint32_t)signo, name } };
	name = siginfo_code_name(signo, code);
	*value_field(ret_v, "ssi_code") = name ? value_text(name, (uint64_t)code) : value_int(code);
	add_signal_details(s, signo, code, ret_v);
	s->at += SIGNALFD_LEN;
	return true;
}

static bool show_number(struct decode *d, struct stream *s, struct value *ret_v)
{
	(void)d;
	if (s->len - s->at < NUMBER_LEN)
		return false;
	*ret_v = value_uint(number_at(s, 0, NUMBER_LEN));
	s->at += NUMBER_LEN;
	return true;
}

static bool show_inotify(struct decode *d, struct stream *s, struct value *ret_v)
{
	size_t room = s->len - s->at;
	uint32_t name_len, len = 0;
	const char *name;

	if (room < INOTIFY_LEN)
		return false;
	name_len = (uint32_t)number_at(s, 12, 4);
	if (name_len > room - INOTIFY_LEN)
		name_len = (uint32_t)(room - INOTIFY_LEN);
	*ret_v = value_struct(d->arena, 4);
	ret_v->addr = s->addr + s->at;
	*value_field(ret_v, "wd") = value_int(i32_at(s, 0));
	*value_field(ret_v, "mask") =
		decode_flags(d->arena, &set_inotify_events, number_at(s, 4, 4));
	*value_field(ret_v, "cookie") = value_uint(number_at(s, 8, 4));
	name = (const char *)s->data + s->at + INOTIFY_LEN;
	while (len < name_len && name[len])
		len++;
	if (name_len)
		*value_field(ret_v, "name") =
			value_bytes(arena_copy(d->arena, name, len), len, len);
	s->at += INOTIFY_LEN + name_len;
	return true;
}

static bool show_fanotify(struct decode *d, struct stream *s, struct value *ret_v)
{
	size_t room = s->len - s->at;
	uint32_t event_len;

	if (room < FANOTIFY_LEN)
		return false;
	event_len = (uint32_t)number_at(s, 0, 4);
	*ret_v = value_struct(d->arena, 6);
	ret_v->addr = s->addr + s->at;
	*value_field(ret_v, "event_len") = value_uint(event_len);
	if (s->data[s->at + 4] != FANOTIFY_VERSION)
		*value_field(ret_v, "vers") = value_uint(s->data[s->at + 4]);
	*value_field(ret_v, "mask") =
		decode_flags(d->arena, &set_fanotify_events, number_at(s, 8, 8));
	*value_field(ret_v, "fd") = i32_at(s, 16) == -1 ? value_text("FAN_NOFD", UINT32_MAX)
							: decode_fd(d, i32_at(s, 16));
	*value_field(ret_v, "pid") = value_pid(i32_at(s, 20));
	/* Records about the file follow in an event of more than its header: not shown. */
	ret_v->is_cut = event_len > FANOTIFY_LEN;
	s->at += event_len < FANOTIFY_LEN || event_len > room ? room : event_len;
	return true;
}

typedef bool show_item_fn(struct decode *d, struct stream *s, struct value *ret_v);

static show_item_fn *const show_items[FD_KINDS] = {
	[FD_EVENTFD] = show_number,  [FD_TIMERFD] = show_number,    [FD_SIGNALFD] = show_signal,
	[FD_INOTIFY] = show_inotify, [FD_FANOTIFY] = show_fanotify,
};

static show_item_fn *item_of(struct decode *d, uint64_t len)
{
	if (d->options->is_strace || len < NUMBER_LEN || !d->n_siblings)
		return NULL;
	return show_items[decode_fd_kind(&d->mem, (int32_t)d->siblings[0])];
}

static size_t reach_payload(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t len = raw ? decode_len(d, slot) : 0;

	if (len > d->options->string_limit && !item_of(d, len))
		len = d->options->string_limit;
	return len < DECODE_BYTES_MAX ? len : DECODE_BYTES_MAX;
}

static void show_payload(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	uint64_t len = decode_len(d, slot);
	show_item_fn *show_item = item_of(d, len);
	struct stream s = { .addr = raw };
	uint32_t n = 0, limit = d->options->string_limit;
	ssize_t got;
	uint8_t *bytes;

	if (len > DECODE_BYTES_MAX)
		len = DECODE_BYTES_MAX;
	bytes = show_item ? arena_alloc(d->arena, len) : NULL;
	got = show_item ? mem_read(&d->mem, raw, bytes, len) : 0;
	if (got <= 0) {
		decode_buffer_at(d, raw, decode_len(d, slot), ret_v);
		return;
	}
	s.data = bytes;
	s.len = (size_t)got;
	if (d->options->is_verbose || limit > DECODE_ITEMS_MAX)
		limit = DECODE_ITEMS_MAX;
	*ret_v = value_array(d->arena, limit);
	ret_v->addr = raw;
	while (n < limit && show_item(d, &s, &ret_v->array.items[n]))
		n++;
	ret_v->array.n = n;
	ret_v->array.total = n;
	ret_v->is_cut = s.at < s.len;
}

/* Nested: a fanotify event holds a descriptor that is asked about. */
const struct type type_payload = { .name = "payload",
				   .len32 = 4,
				   .len64 = 8,
				   .show = show_payload,
				   .reach = reach_payload,
				   .is_nested = true };
