#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/asker.h"

void asker_init(struct asker *asker)
{
	memset(asker, 0, sizeof(*asker));
	facts_cache_init(&asker->cache, &asker->tracees);
	asker->self = tracee_add(&asker->tracees, getpid(), getpid(), NULL);
}

void asker_finish(struct asker *asker)
{
	tracee_table_finish(&asker->tracees);
	facts_cache_finish(&asker->cache);
	event_finish(&asker->ev);
}

const struct fact *asker_ask(struct asker *asker, struct tracee *tracee, enum fact_kind kind,
			     int64_t subject)
{
	struct mem mem = { .ev = &asker->ev };
	const struct fact *fact;

	event_clear(&asker->ev);
	asker->ev.tid = tracee->tid;
	asker->ev.tgid = tracee->tgid;
	asker->error = facts_ask(&asker->cache, tracee, &asker->ev, &mem, kind, subject);
	fact = event_fact(&asker->ev, kind, subject);
	/* No answer adds nothing, an answer is no error. */
	assert_int_equal(asker->error == 0, fact != NULL);
	if (asker->error)
		assert_int_equal(asker->ev.n_facts, 0);
	return fact;
}

const struct fact *asker_get(struct asker *asker, enum fact_kind kind, int64_t subject)
{
	const struct fact *fact = asker_ask(asker, asker->self, kind, subject);

	assert_int_equal(asker->error, 0);
	assert_non_null(fact);
	return fact;
}

void assert_fact_text(const struct asker *asker, const struct fact *fact, const char *text,
		      size_t len)
{
	assert_int_equal(fact->text_len, len);
	assert_memory_equal(event_fact_text(&asker->ev, fact), text, len);
}

static void run_child(int control, int (*prepare)(void *data), void *data)
{
	int result;
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	result = prepare ? prepare(data) : 0;
	if (write(control, &result, sizeof(result)) == sizeof(result))
		result = (int)read(control, &c, 1);
	_exit(0);
}

void child_start(struct child *child, int (*prepare)(void *data), void *data)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	child->pid = fork();
	assert_true(child->pid >= 0);
	if (!child->pid) {
		close(ends[0]);
		run_child(ends[1], prepare, data);
	}
	close(ends[1]);
	child->control = ends[0];
	assert_int_equal(read(child->control, &child->result, sizeof(int)), sizeof(int));
}

void child_end(struct child *child)
{
	/* Others may have inherited our end, so that closing it would not do. */
	assert_int_equal(write(child->control, "", 1), 1);
	assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
	close(child->control);
}
