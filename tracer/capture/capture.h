#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include <stdbool.h>

#include "event/event.h"
#include "event/mem.h"

/*
 * A source of events: the ptrace engine, a recorded file, or a test. An engine embeds struct
 * capture as its first member.
 */
struct capture;

enum capture_result {
	CAPTURE_END = 0, /* there will be no more events */
	CAPTURE_EVENT = 1, /* *ret_ev is the next one */
	CAPTURE_IDLE = 2, /* nothing happened for a moment: a good time to flush output */
	CAPTURE_DUMP = 4, /* somebody wants to know how things are (SIGUSR1) */
	CAPTURE_STOP = 3, /* somebody asked us to end; capture_detach() is what to do */
};

struct capture_impl {
	const char *name;

	/* Begin: launch, attach, open. 0 or -errno; what went wrong is in capture->error. */
	int (*start)(struct capture *capture);

	/*
	 * The next event, valid until the following call: enum capture_result or -errno.
	 */
	int (*next)(struct capture *capture, const struct event **ret_ev);

	/* Let go of everything that is traced; next() then gives what that entails, and the end. */
	void (*detach)(struct capture *capture);

	void (*destroy)(struct capture *capture);
};

struct capture {
	const struct capture_impl *impl;
	char error[256]; /* one line about what failed, with what to do next; no newline */
};

/* What to do about a call whose entry is seen. */
enum capture_verdict {
	CAPTURE_SKIP, /* not wanted: no events, and no exit-stop where that can be had */
	CAPTURE_KEEP,
};

/*
 * Asked while the tracee is stopped. ev is the entry or exit, without ranges and facts; asking
 * mem for them adds them. For an exit the verdict is ignored: its entry was kept.
 */
struct capture_hooks {
	void *data;
	enum capture_verdict (*at_stop)(void *data, struct event *ev, struct mem *mem);
};

static inline int capture_start(struct capture *capture)
{
	return capture->impl->start(capture);
}

static inline int capture_next(struct capture *capture, const struct event **ret_ev)
{
	return capture->impl->next(capture, ret_ev);
}

static inline void capture_detach(struct capture *capture)
{
	capture->impl->detach(capture);
}

static inline void capture_destroy(struct capture *capture)
{
	if (capture)
		capture->impl->destroy(capture);
}

#endif
