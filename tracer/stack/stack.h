#ifndef STACK_STACK_H
#define STACK_STACK_H

#include <sys/types.h>

#include "event/event.h"

/*
 * The functions that a stopped thread is in, from libunwind. Only the thread that traces it may
 * ask. Kept per process: mappings, unwind tables and what libunwind made of them; per file: names.
 */
struct stack;

/* Never NULL. */
struct stack *stack_create(void);
void stack_destroy(struct stack *stack);

enum { STACK_FRAMES_MAX = 1024 };

/*
 * Append the frames of thread tid of process tgid, which is in a ptrace-stop, to ev, innermost
 * first: at most max_frames and STACK_FRAMES_MAX. A frame's ip is as in the thread: behind the
 * call, but its symbol is that of the call. Its offset is from the symbol; without one from the
 * start of the file; without that 0. A last frame with ip 0 says that the stack goes on, but that
 * it took too much to unwind it; a process of which some did is not asked again until it executes.
 * Returns the number of frames, or -ESRCH if the thread is gone, -ENOTSUP for 32-bit programs.
 */
int stack_capture(struct stack *stack, struct event *ev, pid_t tid, pid_t tgid,
		  unsigned max_frames);

/* The mappings of process tgid may have changed: exec, mmap, munmap, mremap, mprotect. */
void stack_invalidate(struct stack *stack, pid_t tgid);

/* The process is gone: forget it. */
void stack_forget(struct stack *stack, pid_t tgid);

#endif
