/* Calls that last: who sleeps in one, and has not been woken since that was told. */
#include "capture/ptrace_waits.h"

#include <string.h>

#include "base/clock.h"
#include "capture/proc.h"

/*
 * Does it sleep? On a busy machine a thread may be long in its call because it gets no processor,
 * or because we have not seen its return yet: that is no wait for anybody. *ret_n_switches is the
 * same as long as it has slept without a break.
 */
static bool is_asleep(const struct tracee *tracee, uint64_t *ret_n_switches)
{
	struct proc_status status;

	if (proc_status(tracee->tid, &status) < 0 || (status.state != 'S' && status.state != 'D'))
		return false;
	*ret_n_switches = status.n_switches;
	return true;
}

/* Has the call of a tracee lasted for limit_ns (0: never)? */
static bool lasts(const struct tracee *tracee, uint64_t now, uint64_t limit_ns)
{
	return limit_ns && tracee->is_in_call && tracee->is_call_kept &&
	       now - tracee->enter_ns >= limit_ns;
}

static struct event *note(struct engine *engine, enum event_kind kind, struct tracee *tracee,
			  uint64_t now)
{
	struct event *ev = engine_event(engine, kind, tracee);

	ev->arch = tracee->arch;
	ev->nr = tracee->nr;
	ev->code = (int)((now - tracee->enter_ns) / 1000000);
	return ev;
}

/* Much may have happened since the entry: it is asked again, though nobody stops it now. */
static void note_hang(struct engine *engine, struct tracee *tracee, uint64_t now)
{
	struct event *ev = note(engine, EVENT_HANG, tracee, now);

	memcpy(ev->args, tracee->args, sizeof(ev->args));
	tracee->is_running_on = true;
	engine_ask_hook(engine, tracee, ev);
	tracee->is_running_on = false;
}

static void note_blocked(struct engine *engine, struct tracee *tracee, uint64_t now)
{
	if (tracee->is_wait_noted || !lasts(tracee, now, engine->config.wait_note_ns) ||
	    !is_asleep(tracee, &tracee->sleep_switches))
		return;
	tracee->is_wait_noted = tracee->is_told_asleep = true;
	note(engine, EVENT_BLOCKED, tracee, now);
}

/* It was told to sleep and has been woken since, for however short a time. */
static void note_awake(struct engine *engine, struct tracee *tracee, uint64_t now)
{
	tracee->is_told_asleep = false;
	/* It may sleep again: that is told when it has lasted. */
	tracee->hang_due_ns = now + engine->config.hang_ns;
	note(engine, EVENT_AWAKE, tracee, now);
}

/* Its sleep has to last from one look to the next one before a hang is told of. */
static bool is_hang_due(struct engine *engine, struct tracee *tracee, uint64_t now)
{
	bool is_first_look, is_same_sleep;
	uint64_t n_switches;

	if (tracee->hang_enter_ns != tracee->enter_ns)
		tracee->hang_due_ns = tracee->enter_ns + engine->config.hang_ns;
	tracee->hang_enter_ns = tracee->enter_ns;
	if (now < tracee->hang_due_ns || !lasts(tracee, now, engine->config.hang_ns) ||
	    !is_asleep(tracee, &n_switches))
		return false;
	is_first_look = tracee->hang_looked_ns != tracee->hang_due_ns;
	is_same_sleep = tracee->sleep_switches == n_switches;
	tracee->hang_looked_ns = tracee->hang_due_ns;
	tracee->sleep_switches = n_switches;
	if (tracee->is_told_asleep && !is_same_sleep)
		note_awake(engine, tracee, now);
	return !is_first_look && is_same_sleep;
}

/* Of all that are told to be blocked: those that are not, or not since they were asked about. */
static void note_all_awake(struct engine *engine, uint64_t now)
{
	struct tracee *tracee, *next;
	uint64_t n_switches;

	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->is_told_asleep && tracee->is_in_call &&
		    !(is_asleep(tracee, &n_switches) && n_switches == tracee->sleep_switches))
			note_awake(engine, tracee, now);
	}
}

void waits_note(struct engine *engine)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	struct tracee *tracee, *next;
	unsigned n_due = 0;

	if ((!engine->config.wait_note_ns && !engine->config.hang_ns) || now < engine->next_tick_ns)
		return;
	engine->next_tick_ns = now + WAITS_TICK_NS;
	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		note_blocked(engine, tracee, now);
		tracee->is_hang_due = is_hang_due(engine, tracee, now);
		tracee->is_told_asleep |= tracee->is_hang_due;
		n_due += tracee->is_hang_due;
	}
	if (n_due)
		note_all_awake(engine, now);
	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (!n_due || !tracee->is_hang_due || !tracee->is_told_asleep)
			continue;
		/* Again later, ever more seldom: others may have hung up or died since. */
		tracee->hang_due_ns = now + (now - tracee->enter_ns);
		note_hang(engine, tracee, now);
	}
	if (!n_due)
		return;
	/* While we asked somebody may have got what it waited for: then the answers fit no wait. */
	note_all_awake(engine, now);
	engine_event(engine, EVENT_SNAPSHOT, NULL)->code = SNAPSHOT_HANGS;
}

void waits_note_awake(struct engine *engine)
{
	note_all_awake(engine, clock_ns(CLOCK_MONOTONIC));
}
