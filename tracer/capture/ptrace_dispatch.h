#ifndef CAPTURE_PTRACE_DISPATCH_H
#define CAPTURE_PTRACE_DISPATCH_H

struct engine;
struct wait_status;

/*
 * If it is a signal-delivery-stop let the tracee go on at once, with its signal: were we killed
 * before, the signal would be lost (reference E1).
 */
void dispatch_signal(struct engine *engine, struct wait_status *wait);

/* Make events of what wait said of a tracee, and let it go on unless that was done. */
void dispatch(struct engine *engine, const struct wait_status *wait);

#endif
