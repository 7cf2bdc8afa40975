/* ptrace: one process stops another, looks at it, changes it. It is how ipctrace itself works. */
#include "support/demo.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NUM_CALLS 3

static volatile long secret = 7; /* after the fork each process has its own */
static atomic_bool *may_start;

/*
 * Until its tracer is there the child makes no system call, so that it is watched from the first
 * one on. It spins on shared memory; the clock, read without a system call, ends a vain wait.
 */
static void traced(void)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > start.tv_sec + 10)
			_exit(1);
	} while (!atomic_load(may_start));
	for (int i = 0; i < NUM_CALLS; i++)
		syscall(SYS_getppid);
	_exit(secret);
}

/*
 * A process has one tracer at most. CLONE_UNTRACED keeps a tracer of this demo from becoming the
 * tracer of its child as well, so that the demo can be watched and still do its work.
 */
static pid_t start_child(void)
{
	pid_t pid;

	may_start = check_ptr(mmap(NULL, sizeof(*may_start), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	pid = check(syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0));
	if (pid == 0)
		traced();
	return pid;
}

/* Wait for the next stop of the child; its status, or -1 when it has exited. */
static int next_stop(pid_t pid, int *ret_exit_status)
{
	int status;

	check(retry(waitpid(pid, &status, __WALL)));
	if (WIFSTOPPED(status))
		return status;
	expect(WIFEXITED(status));
	*ret_exit_status = WEXITSTATUS(status);
	return -1;
}

static void seize(pid_t pid)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP;
	int status, unused;

	if (ptrace(PTRACE_SEIZE, pid, 0, options) == -1) {
		check(kill(pid, SIGKILL));
		skip("not permitted, or the child is traced already (ipctrace --no-seccomp)");
	}
	check(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	status = next_stop(pid, &unused);
	expect(status >> 16 == PTRACE_EVENT_STOP);
	say("seized and interrupted the child: it has stopped and noticed nothing");
}

static void watch(void)
{
	struct __ptrace_syscall_info info;
	pid_t child = start_child();
	int num_seen = 0, status, exit_status;
	long word;

	seize(child);
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, child, &secret, 0);
	expect(errno == 0 && word == 7);
	check(ptrace(PTRACE_POKEDATA, child, &secret, 42L));
	say("read the word %ld in its memory and made it 42", word);
	atomic_store(may_start, true);
	do {
		check(ptrace(PTRACE_SYSCALL, child, 0, 0)); /* on to the next entry or exit */
		status = next_stop(child, &exit_status);
		if (status == -1 || WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		check(ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info));
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_getppid)
			num_seen++;
	} while (status != -1);
	say("saw it call getppid %d times, and exit with %d", num_seen, exit_status);
	expect(num_seen == NUM_CALLS && exit_status == 42);
}

static pid_t seize_from_other(pid_t child, bool is_free)
{
	pid_t other = fork_peer("other");

	if (other == 0) {
		if (is_free) {
			check(ptrace(PTRACE_SEIZE, child, 0, 0));
			say("I have seized it now");
		} else {
			expect_errno(ptrace(PTRACE_SEIZE, child, 0, 0), EPERM);
			say("I tried the same: EPERM, it has a tracer");
		}
		_exit(0);
	}
	return other;
}

static void one_tracer(void)
{
	pid_t child = start_child();

	seize(child);
	reap(seize_from_other(child, false));
	check(ptrace(PTRACE_DETACH, child, 0, 0));
	say("detached: the child runs on as if nothing had been, free for another tracer");
	reap(seize_from_other(child, true));
	kill_and_reap(child);
}

static const struct variant variants[] = {
	{ NULL, watch, "stop a child, read and change its memory, see its calls" },
	{ "one-tracer", one_tracer, "a second tracer gets EPERM; detach" },
	{ 0 },
};

static const struct demo demo = { 29, "ptrace: the debugger's own IPC", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
