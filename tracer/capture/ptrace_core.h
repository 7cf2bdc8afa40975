#ifndef CAPTURE_PTRACE_CORE_H
#define CAPTURE_PTRACE_CORE_H

#include "capture/facts_cache.h"
#include "capture/monitor.h"
#include "capture/ptrace_engine.h"
#include "capture/ptrace_launch.h"
#include "capture/tracee.h"

/* What the files of the ptrace engine share; nobody else includes it. */
/* What wait said of a tracee. */
struct wait_status {
	pid_t tid;
	int status;
	bool is_delivered; /* a signal-delivery-stop that was restarted already */
	bool is_deadly; /* one at a SIGNAL_IS_DEADLY, which was not */
	uint64_t system_ns; /* system time of its process so far; 0 unless it is wanted */
	siginfo_t info; /* of that signal; si_signo 0 = not known */
};

/* What is said once only. */
enum { WARNED_NESTED = 1, WARNED_UNTRACED = 2 };

enum { BUSY_MAX = 32 };

/* A tracee that stops often. */
struct busy {
	pid_t tid;
	uint64_t seen_ns; /* CLOCK_MONOTONIC, its last stop */
};

struct engine {
	struct capture capture;
	struct ptrace_config config;
	struct tracee_table tracees;
	struct monitor monitor;
	struct mem_source source;
	struct facts_cache facts;
	struct launch launch;
	int options;
	size_t n_held, n_doubted;
	bool has_call_info; /* PTRACE_GET_SYSCALL_INFO has worked: the kernel has it */
	bool has_adopted_orphans; /* their births may still be told, and come too late */
	bool is_restricted; /* no_new_privs was set when we began: so it is for all that we start */
	int n_filters; /* seccomp filters that we are under ourselves, and so all that we start */

	/* Events made and not yet taken. Their memory is used again. */
	struct event **events;
	size_t n_events, next_event, cap_events, n_made;

	struct wait_status *batch;
	size_t n_batch, cap_batch;

	/* In a crowd: who was busy lately, and until when to wait for them alone. ptrace_batch.c */
	struct busy busy[BUSY_MAX];
	size_t n_busy;
	unsigned n_rounds;
	uint64_t scan_due_ns;

	struct tracee *asking; /* whose stop is being handled: answers questions */
	bool is_detaching, has_started, is_idle_told;
	bool is_request_noted; /* it was told who is awake, for somebody who wants to know how things are */
	bool is_muted; /* nobody reads any more: no events, the command goes on */
	bool has_executed; /* the command's first execve has succeeded */
	bool is_batch_ready; /* taken before the first wait */
	bool has_command_ended;
	int command_status;
	uint64_t next_tick_ns;
	unsigned warned; /* WARNED_* bits */
	struct {
		uint64_t dev, ino;
	} told[64]; /* programs whose lost privileges were told */
	size_t n_told;
	int fatal; /* -errno: we cannot go on, capture.error says why */
};

/* A new event about tracee, at this moment, at the end of the queue. */
struct event *engine_event(struct engine *engine, enum event_kind kind,
			   const struct tracee *tracee);

/* Let the session ask about a stop; its verdict counts for entries only. */
enum capture_verdict engine_ask_hook(struct engine *engine, struct tracee *tracee,
				     struct event *ev);

/* Take the newest event back. */
void engine_drop_event(struct engine *engine);

/* Say what is to be known about the trace; the other one only once for each of WARNED_*. */
void engine_warn(struct engine *engine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void engine_warn_once(struct engine *engine, unsigned which, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A tracee that is stopped cannot be asked: err (-errno) other than -ESRCH is our end. */
void engine_refuse_kernel(struct engine *engine, int err);

/* Say what strace says on stderr; format takes two numbers. */
void engine_note(struct engine *engine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
