#ifndef STACK_CONFINE_H
#define STACK_CONFINE_H

/*
 * For the calling process, which has just been forked: a session of its own, so that no terminal
 * signals it; no signal but those that a fault raises; no capability; no core; 1 GiB of addresses;
 * no descriptor but kept, which becomes number 0. Returns 0 or -errno.
 */
int confine_begin(int kept);

/* From now on it may only send and receive by kept, get memory and the time, and exit. 0 or -errno. */
int confine_calls(void);

#endif
