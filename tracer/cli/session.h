#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "capture/ptrace_engine.h"
#include "cli/options.h"

/* How a traced command ended, for our own end to be the same. */
struct session_end {
	int code; /* exit status to use, if signal is 0 */
	int signal; /* to die of */
};

/*
 * Trace, or replay, as options say, from beginning to end. launch_env is what a command inherits.
 * Says on stderr what went wrong.
 */
struct session_end session_run(const struct options *options, const struct launch_env *launch_env);

#endif
