#ifndef STACK_STACK_H
#define STACK_STACK_H

#include <sys/types.h>

#include "event/event.h"

/*
 * The functions that a stopped thread is in. A process of its own, which can do nothing else, finds
 * them out with libunwind from what it asks for here: memory, mappings and files of tracees are
 * theirs to forge. Only the thread that traces may ask.
 */
struct stack;

enum { STACK_REGISTERS = 17, STACK_FRAMES_MAX = 1024 };

/*
 * registers: fetch those of a stopped thread, as DWARF counts them (rax rdx rcx rbx rsi rdi rbp rsp
 * r8..r15 rip): 0 or -errno. To be called while the program has one thread: it forks.
 * Returns 0 or -errno.
 */
int stack_create(int (*registers)(pid_t tid, uint64_t *ret_registers), struct stack **ret_stack);
void stack_destroy(struct stack *stack);

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

/*
 * Why the stack taken last is not whole, if that was no fault of the tracee's that its unwinding
 * could tell: the unwinding process died or did not answer. NULL: no such thing.
 */
const char *stack_trouble(const struct stack *stack);

/* The mappings of process tgid may have changed: exec, mmap, munmap, mremap, mprotect. */
void stack_invalidate(struct stack *stack, pid_t tgid);

/* The process is gone: forget it. */
void stack_forget(struct stack *stack, pid_t tgid);

#endif
