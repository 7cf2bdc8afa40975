/* The thread beside the tracer's: whom it takes for stuck. The test's own thread is the tracer. */
#include "capture/monitor.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

#define NS_PER_MS 1000000ull

enum { TID = 4711, BUSY_MS = 2600, PATIENCE_MS = 60000 };

/* What the monitor says goes to the pipe as long as it runs. */
struct watch {
	struct monitor monitor;
	int said[2], err;
};

static void begin(struct watch *w)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*w = (struct watch){ .monitor.command_fd = -1 };
	assert_int_equal(pipe2(w->said, O_NONBLOCK), 0);
	w->err = dup(STDERR_FILENO);
	dup2(w->said[1], STDERR_FILENO);
	assert_int_equal(monitor_start(&w->monitor), 0);
	monitor_watch(&w->monitor, TID, 0x1234);
}

static void end(struct watch *w)
{
	monitor_end(&w->monitor);
	dup2(w->err, STDERR_FILENO);
	close(w->err);
	close(w->said[0]);
	close(w->said[1]);
}

static void who_waits_for_an_answer_is_told(void **state)
{
	struct watch w;
	struct pollfd said;
	char text[256] = "";
	int n;

	(void)state;
	begin(&w);
	said = (struct pollfd){ .fd = w.said[0], .events = POLLIN };
	do
		n = poll(&said, 1, PATIENCE_MS); /* signals wake us */
	while (n < 0);
	n = (int)read(w.said[0], text, sizeof(text) - 1);
	end(&w);
	assert_true(n > 0);
	assert_non_null(strstr(text, "thread 4711 does not let us read its memory at 0x1234"));
}

static void who_computes_waits_for_nobody(void **state)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + BUSY_MS * NS_PER_MS;
	struct watch w;
	char text[256];
	ssize_t n;

	(void)state;
	begin(&w);
	while (clock_ns(CLOCK_MONOTONIC) < until)
		;
	n = read(w.said[0], text, sizeof(text));
	end(&w);
	assert_int_equal(n, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_for_an_answer_is_told),
		cmocka_unit_test(who_computes_waits_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
