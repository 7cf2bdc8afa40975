#ifndef DEMO_H
#define DEMO_H
/*
 * What every demo needs and no demo is about: options, narration, checked calls, the deadline.
 * own.h removes objects when a demo is interrupted, peer.h starts processes and makes them meet.
 */
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "support/own.h"
#include "support/peer.h"

/* One way to run a demo; the table ends with a variant whose run is NULL. */
struct variant {
	const char *option; /* "full" for --full; NULL for the demo without an option */
	void (*run)(void);
	const char *summary;
	const char *arg; /* name of the argument it needs, NULL for none; see demo_arg() */
};

struct demo {
	int row; /* of the scenarios: the order in which a newcomer meets the demos */
	const char *summary;
	const struct variant *variants;
};

/*
 * Parse the options, set the deadline, run the chosen variant. Returns the exit status: 0 when what
 * the demo claims did happen. Everything else ends in die(): the process exits with 1.
 */
int demo_main(const struct demo *demo, int argc, char **argv);

/* The argument of a variant that needs one. */
const char *demo_arg(void);

/* One line of the story, preceded by the name of the speaking process: one write, never doubled. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * The hang that the demo is about has come. Run with --stay, wait here for a child to end, as a
 * program would, so that one can look at it; else go on.
 */
void stay_if_asked(void);

/* Who speaks from here on in this process; also its name in ps and in a trace. */
void set_role(const char *name);

/* For sigqueue(3), which sends the bytes beside the int as well: they are 0. */
union sigval sent_value(int number);

/* The time on the monotonic clock. */
double now_s(void);

/* This machine lacks what the demo needs: say so and exit with 77, as test drivers expect. */
void skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Report a failure, remove what this process owns, exit with 1. */
void die(const char *file, int line, const char *what, int error) __attribute__((noreturn));

long check_result(long result, const char *call, const char *file, int line);
void *check_pointer(void *pointer, const char *call, const char *file, int line);

/* For calls that return -1 and set errno; the value of a call that worked. */
#define check(call) check_result((call), #call, __FILE__, __LINE__)

/* The same for calls that return a pointer: NULL, MAP_FAILED and (void *)-1 are failures. */
#define check_ptr(call) check_pointer((call), #call, __FILE__, __LINE__)

/* The same for calls that return an error number, as those of pthreads. */
#define check_pthread(call)                                                                        \
	do {                                                                                       \
		int check_error_ = (call);                                                         \
		if (check_error_)                                                                  \
			die(__FILE__, __LINE__, #call, check_error_);                              \
	} while (0)

/* The claim of a demo: die when it is not true. */
#define expect(claim)                                                                              \
	do {                                                                                       \
		if (!(claim))                                                                      \
			die(__FILE__, __LINE__, "expected " #claim, 0);                            \
	} while (0)

/* A call that must fail, and with this error. */
#define expect_errno(call, error)                                                                  \
	do {                                                                                       \
		errno = 0;                                                                         \
		if ((long)(call) != -1 || errno != (error))                                        \
			die(__FILE__, __LINE__, "expected " #error " from " #call, errno);         \
	} while (0)

/* A call that a signal handler or an attaching tracer may interrupt before it has done anything. */
#define retry(call) TEMP_FAILURE_RETRY(call)

#endif
