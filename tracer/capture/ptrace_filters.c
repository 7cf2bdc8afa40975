#include "capture/ptrace_filters.h"

#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "capture/abi.h"
#include "capture/proc.h"
#include "capture/ptrace_attach.h"
#include "capture/ptrace_machine.h"
#include "capture/ptrace_stop.h"

enum { SETTLE_NS = 10 * 1000 * 1000, CODE_SYS_SECCOMP = 1 };

bool filters_is_install(const struct tracee *tracee)
{
	switch (abi_effect(tracee->arch, tracee->nr)) {
	case ABI_SECCOMP:
		return (uint32_t)tracee->args[0] == SECCOMP_SET_MODE_FILTER ||
		       (uint32_t)tracee->args[0] == SECCOMP_SET_MODE_STRICT;
	case ABI_PRCTL:
		return (uint32_t)tracee->args[0] == PR_SET_SECCOMP;
	default:
		return false;
	}
}

static bool is_for_all_threads(const struct tracee *tracee)
{
	return abi_effect(tracee->arch, tracee->nr) == ABI_SECCOMP &&
	       (uint32_t)tracee->args[0] == SECCOMP_SET_MODE_FILTER &&
	       (tracee->args[1] & SECCOMP_FILTER_FLAG_TSYNC);
}

void filters_installed(struct engine *engine, struct tracee *tracee)
{
	struct tracee *other, *next;

	tracee->is_filtered = false;
	tracee->own_filter = OWN_FILTER_YES;
	if (!is_for_all_threads(tracee))
		return;
	HASH_ITER (hh, engine->tracees.by_tid, other, next) {
		if (other->tgid != tracee->tgid || other == tracee)
			continue;
		other->own_filter = OWN_FILTER_YES;
		/* One that runs to its next filtered call would come by others unseen. */
		if (other->is_filtered && other->state == TRACEE_RUNNING &&
		    !machine_wants_exit(other))
			attach_disturb(other);
		other->is_filtered = false;
	}
}

/* How many filters a tracee would have that has none of its own. */
static int n_expected(const struct engine *engine)
{
	return engine->n_filters + (engine->config.filter != NULL);
}

bool filters_has_ours_only(const struct engine *engine, pid_t tid)
{
	struct proc_status status;

	return engine->config.filter && proc_status(tid, &status) == 0 &&
	       status.n_filters == n_expected(engine);
}

/* Where the number cannot be had (before Linux 5.9) any filter may be its own. */
static bool has_own_filter(const struct engine *engine, struct tracee *tracee)
{
	struct proc_status status;
	int n = tracee->is_filtered ? n_expected(engine) : 0;

	if (tracee->own_filter == OWN_FILTER_UNKNOWN && proc_status(tracee->tid, &status) == 0)
		tracee->own_filter = status.n_filters > n || (!status.n_filters && status.seccomp)
					     ? OWN_FILTER_YES
					     : OWN_FILTER_NO;
	return tracee->own_filter == OWN_FILTER_YES;
}

void filters_doubt(struct engine *engine, struct tracee *tracee, int64_t ret)
{
	struct event *ev = engine->events[engine->n_events - 1];

	if ((uint64_t)ret != tracee->nr || tracee->doubted || !has_own_filter(engine, tracee))
		return;
	tracee->doubted = calloc(1, sizeof(*tracee->doubted));
	if (!tracee->doubted)
		abort();
	event_copy(tracee->doubted, ev);
	engine_drop_event(engine);
	engine->n_doubted++;
}

void filters_settle(struct engine *engine, struct tracee *tracee, bool is_refused)
{
	struct event *ev;

	if (!tracee->doubted)
		return;
	ev = engine_event(engine, EVENT_EXIT, tracee);
	event_copy(ev, tracee->doubted);
	if (is_refused) {
		ev->code = EXIT_REFUSED;
		ev->is_error = true;
	}
	tracee_drop_doubted(tracee);
	engine->n_doubted--;
}

void filters_settle_old(struct engine *engine)
{
	uint64_t now = engine->n_doubted ? clock_ns(CLOCK_MONOTONIC) : 0;
	struct tracee *tracee, *next;

	if (!engine->n_doubted)
		return;
	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->doubted && now - tracee->doubted->time_ns > SETTLE_NS)
			filters_settle(engine, tracee, false);
	}
}

bool filters_is_refusal(const struct wait_status *wait)
{
	struct stop stop = stop_classify(wait->status);

	if (stop.kind == STOP_SIGNAL)
		return stop.code == SIGSYS && wait->info.si_signo == SIGSYS &&
		       wait->info.si_code == CODE_SYS_SECCOMP;
	return stop.kind == STOP_KILLED && stop.code == SIGSYS;
}
