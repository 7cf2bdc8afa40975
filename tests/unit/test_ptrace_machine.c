/* The laws of the state machine of one tracee, in every state and for every stop that there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>

#include "capture/ptrace_machine.h"
#include "capture/tracee.h"

enum {
	N_FLAGS = 7,
	N_STATES = TRACEE_LISTENING + 1,
	N_KINDS = STOP_OTHER + 1,
	N_OPS = CALL_OP_FOREIGN + 1
};

struct moment {
	struct tracee before, after;
	struct stop stop;
	enum call_op op;
	struct machine_step step;
};

static struct tracee tracee_with(unsigned state, unsigned flags)
{
	return (struct tracee){
		.state = state,
		.is_filtered = flags & 1,
		.is_in_call = flags & 2,
		/* Nothing is wanted of a call that there is not. */
		.is_call_kept = (flags & 4) && (flags & 2),
		.has_changed_arg = (flags & 8) && (flags & 2),
		.is_installing = (flags & 16) && (flags & 2),
		.is_at_entry = flags & 32,
		.is_leaving = flags & 64,
	};
}

/* Calls check for each combination. */
static void try_all(void (*check)(const struct moment *moment))
{
	unsigned n = 0;

	for (unsigned state = 0; state < N_STATES; state++) {
		for (unsigned flags = 0; flags < 1u << N_FLAGS; flags++) {
			for (unsigned kind = 0; kind < N_KINDS; kind++) {
				for (unsigned op = 0; op < N_OPS; op++) {
					struct moment moment = { .before =
									 tracee_with(state, flags),
								 .stop = { kind, SIGUSR1, false },
								 .op = op };

					moment.after = moment.before;
					moment.step = machine_stop(&moment.after, moment.stop, op);
					check(&moment);
					n++;
				}
			}
		}
	}
	assert_int_equal(n, N_STATES * (1u << N_FLAGS) * N_KINDS * N_OPS);
}

static bool is_traced(const struct moment *moment)
{
	return !moment->before.is_leaving && moment->before.state != TRACEE_HELD;
}

static void check_held(const struct moment *moment)
{
	bool is_held = !moment->before.is_leaving && moment->before.state == TRACEE_HELD;

	assert_int_equal(moment->step.act == ACT_LEAVE, moment->before.is_leaving);
	assert_int_equal(moment->step.act == ACT_HOLD, is_held);
	if (!is_held)
		return;
	assert_int_equal(moment->after.state, TRACEE_HELD);
	assert_int_equal(moment->after.is_dead, stop_is_end(moment->stop));
}

static void who_is_held_stays_and_who_leaves_goes(void **state)
{
	(void)state;
	try_all(check_held);
}

static void check_call(const struct moment *moment)
{
	const struct tracee *before = &moment->before, *after = &moment->after;
	bool is_syscall = is_traced(moment) && moment->stop.kind == STOP_SYSCALL;
	bool is_filter =
		is_traced(moment) && moment->stop.kind == STOP_SECCOMP && !before->is_at_entry;
	bool enters = (is_syscall && moment->op == CALL_OP_ENTRY) ||
		      (is_filter && moment->op == CALL_OP_FILTER);
	bool enters_only = is_filter && moment->op == CALL_OP_VSYSCALL;
	bool leaves = is_syscall && moment->op == CALL_OP_EXIT;

	assert_int_equal(moment->step.act == ACT_ENTRY, enters);
	assert_int_equal(moment->step.act == ACT_ENTRY_ONLY, enters_only);
	assert_int_equal(moment->step.act == ACT_EXIT, leaves && before->is_in_call);
	assert_int_equal(moment->step.act == ACT_BLIND_EXIT, leaves && !before->is_in_call);
	/* A call that is wanted is closed exactly once: by its exit, or by the next entry. */
	assert_int_equal(moment->step.closes_call,
			 (enters || enters_only) && before->is_in_call && before->is_call_kept);
	if (enters || enters_only) {
		assert_true(after->is_in_call);
		assert_false(after->is_call_kept);
	} else if (leaves) {
		assert_false(after->is_in_call);
	} else {
		assert_int_equal(after->is_in_call, before->is_in_call);
		assert_int_equal(after->is_call_kept, before->is_call_kept);
	}
}

static void entries_and_exits_are_told_by_the_op_alone(void **state)
{
	(void)state;
	try_all(check_call);
}

static void check_restart(const struct moment *moment)
{
	struct tracee after = moment->after;
	enum stop_restart how;

	if (!is_traced(moment))
		return;
	assert_int_equal(moment->step.act == ACT_DEATH, stop_is_end(moment->stop));
	assert_int_equal(after.state, TRACEE_STOPPED);
	how = machine_restart(&after, moment->stop);
	assert_int_equal(how == RESTART_NONE, moment->step.act == ACT_DEATH);
	assert_int_equal(how == RESTART_LISTEN, moment->step.act == ACT_GROUP_STOP);
	assert_int_equal(after.state, how == RESTART_NONE     ? TRACEE_STOPPED
				      : how == RESTART_LISTEN ? TRACEE_LISTENING
							      : TRACEE_RUNNING);
	if (how == RESTART_CONT) {
		assert_true(after.is_filtered || moment->stop.kind == STOP_EXIT);
		assert_false(after.is_in_call);
	}
	if (moment->step.act != ACT_SIGNAL)
		assert_int_equal(stop_signal(moment->stop), 0);
}

static void the_living_go_on_and_only_group_stops_are_listened_to(void **state)
{
	(void)state;
	try_all(check_restart);
}

static void check_keep(const struct moment *moment)
{
	struct tracee after = moment->after;

	if (moment->step.act != ACT_ENTRY)
		return;
	machine_keep(&after);
	assert_true(machine_wants_exit(&after));
	assert_int_equal(machine_restart(&after, moment->stop), RESTART_SYSCALL);
	assert_true(after.is_in_call && after.is_call_kept);
}

static void the_exit_of_a_call_that_is_wanted_is_waited_for(void **state)
{
	(void)state;
	try_all(check_keep);
}

/* With both kinds of stops at one entry, as when a filter of ours is there and one of its own. */
static void an_entry_that_stops_twice_is_one(void **state)
{
	struct tracee tracee = { .state = TRACEE_RUNNING };
	struct stop syscall = { STOP_SYSCALL, 0, false }, seccomp = { STOP_SECCOMP, 0, false };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(machine_stop(&tracee, syscall, CALL_OP_ENTRY).act, ACT_ENTRY);
		machine_keep(&tracee);
		assert_int_equal(machine_restart(&tracee, syscall), RESTART_SYSCALL);
		assert_int_equal(machine_stop(&tracee, seccomp, CALL_OP_FILTER).act, ACT_NONE);
		assert_int_equal(machine_restart(&tracee, seccomp), RESTART_SYSCALL);
		assert_int_equal(machine_stop(&tracee, syscall, CALL_OP_EXIT).act, ACT_EXIT);
		assert_int_equal(machine_restart(&tracee, syscall), RESTART_SYSCALL);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_held_stays_and_who_leaves_goes),
		cmocka_unit_test(entries_and_exits_are_told_by_the_op_alone),
		cmocka_unit_test(the_living_go_on_and_only_group_stops_are_listened_to),
		cmocka_unit_test(the_exit_of_a_call_that_is_wanted_is_waited_for),
		cmocka_unit_test(an_entry_that_stops_twice_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
