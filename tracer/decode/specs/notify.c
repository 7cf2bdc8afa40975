/* Descriptors that report: eventfd, signalfd, timerfd, inotify, fanotify. */
#include <fcntl.h>
#include <linux/audit.h>

#include "decode/consts/fd.h"
#include "decode/consts/notify.h"
#include "decode/decode.h"
#include "decode/types/fd.h"
#include "decode/types/types.h"

static const struct slot itimerspec64_fields[] = {
	{ "it_interval", &type_timespec64 },
	{ "it_value", &type_timespec64 },
	{ 0 },
};
static const struct type type_itimerspec64 = { .name = "itimerspec64",
					       .fields = itimerspec64_fields };

#define FANOTIFY_CLASS 0xcull

/* Two bits are an enumeration, the others are flags: FAN_CLASS_NOTIF|FAN_CLOEXEC. */
static void show_fanotify_init(struct decode *d, const struct slot *slot, uint64_t raw,
			       struct value *ret_v)
{
	uint64_t class = raw & FANOTIFY_CLASS;
	const char *name = const_set_name(&set_fanotify_class, class);
	const char **names;

	(void)slot;
	*ret_v = decode_flags(d->arena, &set_fanotify_init, (uint32_t)(raw & ~FANOTIFY_CLASS));
	names = arena_array(d->arena, const char *, ret_v->flags.n + 2);
	names[0] = name ? name
			: arena_printf(d->arena, "%#llx /* %s */", (unsigned long long)class,
				       set_fanotify_class.unknown);
	for (uint32_t i = 0; i < ret_v->flags.n; i++)
		names[i + 1] = ret_v->flags.names[i];
	ret_v->flags.names = names;
	ret_v->flags.n++;
	ret_v->flags.raw = (uint32_t)raw;
}

static const struct type type_fanotify_init = {
	.name = "fanotify_init", .len32 = 4, .len64 = 4, .show = show_fanotify_init
};

/* Event masks are 64 bits wide: on 32 bits the hidden slot BYTES_ARG(i) has the upper ones. */
static void show_fanotify_mask(struct decode *d, const struct slot *slot, uint64_t raw,
			       struct value *ret_v)
{
	if (d->word_len == 4)
		raw = (uint32_t)raw | d->siblings[slot->len.slot] << 32;
	*ret_v = decode_flags(d->arena, &set_fanotify_events, raw);
}

static const struct type type_fanotify_mask = {
	.name = "fanotify_mask", .len32 = 4, .len64 = 8, .show = show_fanotify_mask
};

static void show_fanotify_dirfd(struct decode *d, const struct slot *slot, uint64_t raw,
				struct value *ret_v)
{
	if ((int32_t)raw == -1)
		*ret_v = value_text("FAN_NOFD", UINT32_MAX);
	else
		type_dirfd.show(d, slot, raw, ret_v);
}

static size_t reach_fanotify_dirfd(struct decode *d, const struct slot *slot, uint64_t raw)
{
	return type_dirfd.reach(d, slot, raw);
}

static const struct type type_fanotify_dirfd = { .name = "fanotify_dirfd",
						 .len32 = 4,
						 .len64 = 4,
						 .show = show_fanotify_dirfd,
						 .reach = reach_fanotify_dirfd };

#define FD                                                                                         \
	{                                                                                          \
		"fd", &type_fd                                                                     \
	}
#define MARK                                                                                       \
	{                                                                                          \
		"flags", &type_flags, .set = &set_fanotify_mark                                    \
	}
#define MASK                                                                                       \
	{                                                                                          \
		"mask", &type_fanotify_mask, BYTES_ARG(3)                                          \
	}
#define MARK_DIR                                                                                   \
	{                                                                                          \
		"dirfd", &type_fanotify_dirfd                                                      \
	}
#define PATH                                                                                       \
	{                                                                                          \
		"pathname", &type_path                                                             \
	}

static const struct call_spec fanotify_mark_32 = {
	"fanotify_mark",
	RET_ZERO,
	IPC(FD, CONTROL, 0),
	.args = { FD, MARK, MASK, { "mask_upper", &type_uint, .is_hidden = true }, MARK_DIR, PATH },
};

static const struct call_spec *refine_mark(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return event_word_len(ev) == 4 && ev->arch != AUDIT_ARCH_X86_64 ? &fanotify_mark_32 : NULL;
}

#define SETTIME(name_, spec_)                                                                      \
	{                                                                                          \
		name_, RET_ZERO, IPC(TIMERFD, CONTROL, 0), .args = {                               \
			FD,                                                                        \
			{ "flags", &type_flags, .set = &set_timerfd_settime_flags },               \
			{ "new_value", &type_ptr, .elem = &(spec_) },                              \
			{ "old_value", &type_ptr, .elem = &(spec_), .dir = DIR_OUT },              \
		}                                                                                  \
	}

#define GETTIME(name_, spec_)                                                                      \
	{                                                                                          \
		name_, RET_ZERO, IPC(TIMERFD, CONTROL, 0), .args = {                               \
			FD,                                                                        \
			{ "curr_value", &type_ptr, .elem = &(spec_), .dir = DIR_OUT },             \
		}                                                                                  \
	}

#define SIGNALS                                                                                    \
	{ "mask", &type_sigset_arg, BYTES_ARG(2) },                                                \
	{                                                                                          \
		"sizemask", &type_size                                                             \
	}

static const struct call_spec specs[] = {
	{ "eventfd", RET_FD, IPC(EVENTFD, CREATE, 0), .args = { { "initval", &type_uint } } },
	{ "eventfd2", RET_FD, IPC(EVENTFD, CREATE, 0),
	  .args = { { "initval", &type_uint },
		    { "flags", &type_flags, .set = &set_eventfd_flags } } },
	{ "signalfd", RET_FD, IPC(SIGNALFD, CREATE, 0), .args = { FD, SIGNALS } },
	{ "signalfd4", RET_FD, IPC(SIGNALFD, CREATE, 0),
	  .args = { FD, SIGNALS, { "flags", &type_flags, .set = &set_signalfd_flags } } },
	{ "timerfd_create", RET_FD, IPC(TIMERFD, CREATE, 0),
	  .args = { { "clockid", &type_enum, .set = &set_clockids },
		    { "flags", &type_flags, .set = &set_timerfd_flags } } },
	SETTIME("timerfd_settime", type_itimerspec),
	SETTIME("timerfd_settime64", type_itimerspec64),
	GETTIME("timerfd_gettime", type_itimerspec),
	GETTIME("timerfd_gettime64", type_itimerspec64),
	{ "inotify_init", RET_FD, IPC(INOTIFY, CREATE, 0) },
	{ "inotify_init1", RET_FD, IPC(INOTIFY, CREATE, 0),
	  .args = { { "flags", &type_flags, .set = &set_inotify_init } } },
	{ "inotify_add_watch", RET_INT, IPC(INOTIFY, CONTROL, 0),
	  .args = { FD, PATH, { "mask", &type_flags, .set = &set_inotify_events } } },
	{ "inotify_rm_watch", RET_ZERO, IPC(INOTIFY, CONTROL, 0),
	  .args = { FD, { "wd", &type_int } } },
	{ "fanotify_init", RET_FD, IPC(FD, CREATE, 0),
	  .args = { { "flags", &type_fanotify_init }, { "event_f_flags", &type_open_flags } } },
	{ "fanotify_mark", RET_ZERO, IPC(FD, CONTROL, 0), .refine = refine_mark,
	  .args = { FD, MARK, MASK, MARK_DIR, PATH } },
};

const struct spec_family family_notify = SPEC_FAMILY("notify", specs);
