/* Whom a number means that a process of another PID namespace names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>

#include "model/known.h"
#include "tests/unit/story.h"

/* Ours; the namespace A of a container, whose first process is INIT; B within it, SIBLING beside. */
enum { A = 4000, B = 5000, SIBLING = 6000 };
enum { OUTSIDE = 2, TWO = 7, INIT = 500, CHILD = 501, THREAD = 502, DEEP = 503, OTHER = 504 };

/* The numbers of a thread in the namespaces it is in, its own first; ns 0 ends them. */
struct level {
	uint64_t ns;
	pid_t id;
};

static struct story story, later;

static void happen(const struct event *ev)
{
	model_apply(story.model, ev, NULL);
}

static void born(pid_t tid, pid_t tgid, pid_t parent, const char *comm, const struct level *levels,
		 unsigned n)
{
	struct event ev = { .kind = EVENT_CREATED, .tid = tid, .tgid = tgid, .other = parent };

	event_add_fact(&ev, FACT_COMM, tid, comm, strlen(comm));
	for (unsigned i = 0; i < n; i++) {
		struct fact *fact = event_add_fact(&ev, FACT_PID_NS, tid, NULL, 0);

		fact->ino = levels[i].ns;
		fact->value[0] = levels[i].id;
	}
	happen(&ev);
	event_finish(&ev);
}

#define BORN(tid, tgid, parent, comm, ...)                                                         \
	born((tid), (tgid), (parent), (comm), (const struct level[]){ __VA_ARGS__ },               \
	     sizeof((const struct level[]){ __VA_ARGS__ }) / sizeof(struct level))

static int set_up(void **state)
{
	(void)state;
	story_begin(&story);
	story_begin(&later);
	/* The numbers 2 and 7 are somebody else's here. */
	story_attach(&story, OUTSIDE, "outside");
	story_attach(&story, TWO, "seven");
	BORN(INIT, INIT, OUTSIDE, "init", { A, 1 });
	BORN(CHILD, CHILD, INIT, "child", { A, 2 });
	BORN(THREAD, CHILD, INIT, "child", { A, 3 });
	BORN(DEEP, DEEP, CHILD, "deep", { B, 1 }, { A, 4 });
	BORN(OTHER, OTHER, OUTSIDE, "other", { SIBLING, 2 });
	story_fact(&story, 0, FACT_SIGNALS, CHILD, "child")->value[3] = 1 << (SIGUSR1 - 1);
	story_fact(&story, 0, FACT_SIGNALS, OUTSIDE, "outside")->value[2] = 1 << (SIGUSR1 - 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	story_end(&later);
	return 0;
}

static void ends(pid_t tid, pid_t tgid)
{
	struct event ev = { .kind = EVENT_EXITED, .tid = tid, .tgid = tgid };

	happen(&ev);
}

static void a_call_names_processes_by_numbers_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(STORY_CALL(&story, INIT, "kill", 0, 2, SIGUSR1),
			    " -> child[501, 2 inside]: caught #1");
	assert_string_equal(STORY_CALL(&story, CHILD, "kill", 0, 1, 0),
			    " -> init[500, 1 inside]: asked whether it exists");
	assert_string_equal(STORY_CALL(&story, OUTSIDE, "kill", 0, CHILD, SIGUSR1),
			    " -> child[501]: caught #2");
	assert_string_equal(STORY_CALL(&story, INIT, "process_vm_readv", 8, 2, 0, 0, 0, 0, 0),
			    " <- child[501, 2 inside]");
	assert_string_equal(STORY_CALL(&story, INIT, "ptrace", 0, 7, 2, 0, 0),
			    " -> child[501, 2 inside]: PTRACE_CONT");
}

static void who_is_not_known_is_nobody_of_that_number_here(void **state)
{
	(void)state;
	assert_string_equal(STORY_CALL(&story, INIT, "kill", 0, TWO, SIGUSR1),
			    " -> ? (PID 7 inside its namespace)");
	STORY_ENTER(&story, INIT, "wait4", TWO, 0, 0, 0);
	assert_string_equal(story_blocked(&story, INIT),
			    " waits for ? (PID 7 inside its namespace): to end");
	assert_string_equal(story_exit(&story, INIT, TWO), " <- ? (PID 7 inside its namespace)");
}

static void namespaces_nest(void **state)
{
	(void)state;
	assert_string_equal(STORY_CALL(&story, INIT, "kill", 0, 4, 0),
			    " -> deep[503, 4 inside]: asked whether it exists");
	assert_string_equal(STORY_CALL(&story, DEEP, "kill", 0, 1, 0),
			    " -> deep[503, 1 inside]: asked whether it exists");
	assert_string_equal(STORY_CALL(&story, DEEP, "kill", 0, 2, 0),
			    " -> ? (PID 2 inside its namespace): asked whether it exists");
	assert_string_equal(STORY_CALL(&story, OTHER, "kill", 0, 2, 0),
			    " -> other[504, 2 inside]: asked whether it exists");
}

static void threads_have_numbers_too(void **state)
{
	(void)state;
	assert_string_equal(STORY_CALL(&story, INIT, "tgkill", 0, 2, 3, 0),
			    " -> ?[502, 3 inside]: asked whether it exists");
}

static void a_namespace_that_cannot_be_read_translates_nothing(void **state)
{
	(void)state;
	BORN(600, 600, OUTSIDE, "hidden", { 0, 5 });
	BORN(601, 601, OUTSIDE, "hidden", { 0, 2 });
	assert_string_equal(STORY_CALL(&story, 600, "kill", 0, 2, SIGUSR1),
			    " -> ? (PID 2 inside its namespace)");
	assert_string_equal(STORY_CALL(&story, 600, "kill", 0, 5, 0),
			    " -> hidden[600, 5 inside]: asked whether it exists");
}

static void a_child_that_has_ended_is_certain_to_its_parent_only(void **state)
{
	(void)state;
	STORY_ENTER(&story, INIT, "wait4", 2, 0, 0, 0);
	assert_string_equal(story_blocked(&story, INIT), " waits for child[501, 2 inside]: to end");
	ends(THREAD, CHILD);
	ends(CHILD, CHILD);
	assert_string_equal(story_exit(&story, INIT, 2), " <- child[501, 2 inside]");
	ends(DEEP, DEEP);
	assert_string_equal(STORY_CALL(&story, INIT, "wait4", 4, UINT64_MAX, 0, 0, 0),
			    " <- deep[503, 4 inside]~");
}

static void a_number_is_of_who_has_it_now(void **state)
{
	(void)state;
	ends(THREAD, CHILD);
	ends(CHILD, CHILD);
	BORN(700, 700, INIT, "next", { A, 2 });
	assert_string_equal(STORY_CALL(&story, INIT, "kill", 0, 2, 0),
			    " -> next[700, 2 inside]: asked whether it exists");
	/* Our number of the dead is given to one that is in our namespace. */
	BORN(CHILD, CHILD, OUTSIDE, "ours", { A, 9 });
	story_attach(&story, CHILD, "ours");
	assert_string_equal(STORY_CALL(&story, CHILD, "kill", 0, 2, 0),
			    " -> outside[2]: asked whether it exists");
}

static void a_pidfd_is_of_whom_its_opener_named(void **state)
{
	(void)state;
	story_fd(&story, INIT, 3, FD_PIDFD, 80);
	assert_string_equal(STORY_CALL(&story, INIT, "pidfd_open", 3, 2, 0),
			    " {pidfd:1 new of PID 501 inode 80}");
	story_fd(&story, INIT, 4, FD_PIDFD, 81);
	assert_string_equal(STORY_CALL(&story, INIT, "pidfd_open", 4, TWO, 0),
			    " {pidfd:2 new inode 81}");
}

static const struct peer *signal_to(pid_t tid, int sig, int code, pid_t sender)
{
	struct event ev = { .kind = EVENT_SIGNAL, .tid = tid, .tgid = tid, .sig = sig };
	siginfo_t info = { .si_signo = sig, .si_code = code };
	const struct annotation *annotation;

	info.si_pid = sender;
	event_add_range(&ev, 0, &info, sizeof(info));
	annotation = model_apply(story.model, &ev, NULL);
	event_finish(&ev);
	assert_non_null(annotation);
	assert_int_equal(annotation->n_peers, 1);
	return &annotation->peers[0];
}

static void a_signal_names_its_sender_as_the_receiver_calls_it(void **state)
{
	const struct peer *peer = signal_to(CHILD, SIGUSR1, SI_USER, 1);

	(void)state;
	assert_int_equal(peer->pid, INIT);
	assert_int_equal(peer->inner_pid, 1);
	assert_int_equal(peer->certainty, CERTAIN);
	peer = signal_to(CHILD, SIGUSR1, SI_QUEUE, TWO);
	assert_int_equal(peer->pid, 0);
	assert_int_equal(peer->inner_pid, TWO);
	assert_int_equal(peer->certainty, UNKNOWN);
	peer = signal_to(CHILD, SIGUSR1, SI_USER, 0);
	assert_int_equal(peer->pid, 0);
	assert_int_equal(peer->certainty, UNKNOWN);
	assert_string_equal(peer->text, "a process outside its PID namespace");
	ends(DEEP, DEEP);
	peer = signal_to(CHILD, SIGCHLD, CLD_EXITED, 4);
	assert_int_equal(peer->pid, DEEP);
	assert_int_equal(peer->certainty, CERTAIN);
}

static void tell_later(void *data, const struct event *ev)
{
	(void)data;
	model_apply(later.model, ev, decoder_apply(later.decoder, ev));
}

static void what_is_told_later_has_the_numbers(void **state)
{
	(void)state;
	model_tell_known(story.model, 5, 6, tell_later, NULL);
	assert_string_equal(STORY_CALL(&later, INIT, "kill", 0, 2, 0),
			    " -> child[501, 2 inside]: asked whether it exists");
	assert_string_equal(STORY_CALL(&later, INIT, "tgkill", 0, 2, 3, 0),
			    " -> ?[502, 3 inside]: asked whether it exists");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_names_processes_by_numbers_of_its_own),
		TEST(who_is_not_known_is_nobody_of_that_number_here),
		TEST(namespaces_nest),
		TEST(threads_have_numbers_too),
		TEST(a_namespace_that_cannot_be_read_translates_nothing),
		TEST(a_child_that_has_ended_is_certain_to_its_parent_only),
		TEST(a_number_is_of_who_has_it_now),
		TEST(a_pidfd_is_of_whom_its_opener_named),
		TEST(a_signal_names_its_sender_as_the_receiver_calls_it),
		TEST(what_is_told_later_has_the_numbers),
	};

	return cmocka_run_group_tests_name("PID namespaces in the model", tests, NULL, NULL);
}
