/*
 * Short programs for test_steps.py, by name: what a tracer finds hard, in few system calls. Each
 * ends by itself whatever signal is lost on the way.
 */
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#include "step_cases.h"

static int threads(void)
{
	pthread_t list[N_THREADS];

	for (int i = 0; i < N_THREADS; i++)
		if (pthread_create(&list[i], NULL, call_thread, NULL))
			return 98;
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(list[i], NULL);
	return OWN;
}

static int thread_ends_all(void)
{
	start_thread(pause_thread);
	start_thread(end_thread);
	pause_thread(NULL);
	return 0;
}

static int leader_exits(void)
{
	start_thread(end_thread);
	syscall(SYS_exit, 3);
	return 0;
}

static int fork_one(void)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		some_calls(1);
		_exit(3);
	}
	await(pid);
	return OWN;
}

/* The grandchild outlives both. */
static int daemons(void)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		syscall(SYS_setsid);
		if (fork_child() == 0) {
			some_calls(3);
			_exit(4);
		}
		_exit(0);
	}
	await(pid);
	return OWN;
}

static int thread_forks(void)
{
	start_thread(call_thread);
	return fork_many();
}

static int vfork_one(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(3);
	await(pid);
	return OWN;
}

static int vfork_exec(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execute("plain");
		_exit(97);
	}
	await(pid);
	return OWN;
}

static int exec_one(void)
{
	execute("plain");
	return 97;
}

static int exec_fails(void)
{
	char *none[] = { NULL };

	execve("/nonexistent/program", none, none);
	return OWN;
}

static int exec_without_leader(void)
{
	start_thread(exec_thread);
	syscall(SYS_exit, 0);
	return 0;
}

static int exec_by_two(void)
{
	start_thread(exec_thread);
	start_thread(exec_thread);
	pause_thread(NULL);
	return 0;
}

static int fork_exec_thread(void)
{
	pid_t pid = fork_dependent();

	if (pid == 0)
		_exit(exec_by_thread());
	await(pid);
	return OWN;
}

/* Watches a child stop and go on, as a shell does; the stop may get lost. */
static int see_stop(int (*child)(void))
{
	pid_t pid = fork_dependent();
	int status;

	if (pid == 0)
		_exit(child());
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status))
		kill(pid, SIGCONT);
	return OWN;
}

static int stop_self(void)
{
	raise(SIGSTOP);
	some_calls(1);
	return 5;
}

static int stop_threads(void)
{
	start_thread(call_thread);
	start_thread(pause_thread);
	return stop_self();
}

static int group_stop(void)
{
	return see_stop(stop_self);
}

static int group_stop_threads(void)
{
	return see_stop(stop_threads);
}

static int kill_stopped(void)
{
	pid_t pid = fork_dependent();
	int status;

	if (pid == 0)
		_exit(stop_self());
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGKILL);
	await(pid);
	return OWN;
}

static volatile sig_atomic_t n_signals;

static void count(int sig)
{
	(void)sig;
	n_signals++;
}

static int signals(void)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 3; i++)
		kill(getpid(), SIGUSR1);
	return OWN;
}

static int signals_queued(void)
{
	struct sigaction action = { .sa_handler = count };
	sigset_t set;

	sigaction(SIGRTMIN, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int n = 0; n < 5; n++)
		sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_ptr = (void *)(intptr_t)n });
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return OWN;
}

/* A timer that comes again until it was seen. */
static int signal_ends_call(void)
{
	struct sigaction action = { .sa_handler = count };
	struct itimerval soon = { { 0, 20000 }, { 0, 2000 } }, never = { 0 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	while (!n_signals)
		syscall(SYS_pause);
	setitimer(ITIMER_REAL, &never, NULL);
	return OWN;
}

static int signal_restarts_call(void)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_RESTART };
	pid_t pid;

	sigaction(SIGCHLD, &action, NULL);
	pid = fork_child();
	if (pid == 0)
		_exit(3);
	await(pid);
	return OWN;
}

/* Not known to the compiler. */
static volatile char *volatile nowhere;

static sigjmp_buf back;

static void jump(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

static int segfault_handled(void)
{
	struct sigaction action = { .sa_handler = jump };

	sigaction(SIGSEGV, &action, NULL);
	if (sigsetjmp(back, 1) == 0)
		*nowhere = 1;
	return OWN;
}

static int core_dump(void)
{
	struct rlimit limit = { 1 << 16, 1 << 16 };
	pid_t pid = fork_dependent();

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &limit);
		start_thread(pause_thread);
		start_thread(pause_thread);
		for (;;)
			*nowhere = 1;
	}
	await(pid);
	return OWN;
}

static void filter_getppid(unsigned action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	some_calls(1);
}

static int filter_errno(void)
{
	filter_getppid(SECCOMP_RET_ERRNO | EPERM);
	return fork_one();
}

static int filter_trap(void)
{
	struct sigaction action = { .sa_handler = count };

	sigaction(SIGSYS, &action, NULL);
	filter_getppid(SECCOMP_RET_TRAP);
	return OWN;
}

static int filter_trace(void)
{
	filter_getppid(SECCOMP_RET_TRACE | 7);
	return OWN;
}

static int filter_kill(void)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		filter_getppid(SECCOMP_RET_KILL_PROCESS);
		_exit(0);
	}
	await(pid);
	return OWN;
}

static int clone_with(unsigned long flags)
{
	pid_t pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);

	if (pid == 0) {
		some_calls(1);
		_exit(3);
	}
	await(pid);
	return OWN;
}

static int clone_untraced(void)
{
	return clone_with(CLONE_UNTRACED | SIGCHLD);
}

static int clone_ptrace(void)
{
	return clone_with(CLONE_PTRACE | SIGCHLD);
}

static int clone_quiet(void)
{
	return clone_with(0);
}

static int clone_files(void)
{
	return clone_with(CLONE_FILES | SIGCHLD);
}

static int clone_parent(void)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
			_exit(6);
		_exit(0);
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	return OWN;
}

static int ptrace_me(void)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		_exit(3);
	}
	await(pid);
	return OWN;
}

static int ptrace_child(void)
{
	pid_t pid = fork_dependent();

	if (pid == 0)
		pause_thread(NULL);
	ptrace(PTRACE_SEIZE, pid, 0, 0);
	kill(pid, SIGKILL);
	await(pid);
	return OWN;
}

static int zombie(void)
{
	pid_t pid = fork_child();
	siginfo_t info;

	if (pid == 0)
		_exit(3);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	some_calls(2);
	await(pid);
	return OWN;
}

/* Nobody tells of the grandchild's birth. */
static int orphan(void)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		if (fork_child() == 0) {
			some_calls(1);
			_exit(0);
		}
		kill(getpid(), SIGKILL);
	}
	await(pid);
	return OWN;
}

static int kill_busy(void)
{
	pid_t pid = fork_dependent();

	if (pid == 0)
		for (;;)
			syscall(SYS_sched_yield);
	some_calls(1);
	kill(pid, SIGKILL);
	await(pid);
	return OWN;
}

static int kill_threads(void)
{
	pid_t pid = fork_dependent();

	if (pid == 0) {
		start_thread(pause_thread);
		start_thread(call_thread);
		pause_thread(NULL);
	}
	some_calls(1);
	kill(pid, SIGKILL);
	await(pid);
	return OWN;
}

static int pipe_talk(void)
{
	int ends[2];
	pid_t pid;
	char c = 0;

	if (pipe(ends) < 0)
		return 96;
	pid = fork_child();
	if (pid == 0) {
		close(ends[0]);
		if (write(ends[1], "x", 1) != 1)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	while (read(ends[0], &c, 1) < 0 && errno == EINTR)
		;
	await(pid);
	return OWN;
}

static int mapped_memory(void)
{
	int *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork_child();

	if (pid == 0) {
		__atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
		syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
		_exit(0);
	}
	while (!__atomic_load_n(word, __ATOMIC_SEQ_CST)) {
		struct timespec limit = { 0, 20000000 };

		syscall(SYS_futex, word, FUTEX_WAIT, 0, &limit, NULL, 0);
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return OWN;
	}
	await(pid);
	return OWN;
}

static int pid_namespace(void)
{
	return clone_with(CLONE_NEWPID | SIGCHLD);
}

static int names(void)
{
	prctl(PR_SET_NAME, "other name");
	close(dup(0));
	return OWN;
}

static int sleeps(void)
{
	struct timespec nap = { 0, 1000000 };

	while (nanosleep(&nap, &nap) < 0 && errno == EINTR)
		;
	return OWN;
}

static const struct step_case cases[] = {
	CASE(plain),
	CASE(threads),
	CASE(thread_ends_all),
	CASE(leader_exits),
	CASE(fork_one),
	CASE(fork_many),
	CASE(daemons),
	CASE(thread_forks),
	CASE(vfork_one),
	CASE(vfork_exec),
	CASE(exec_one),
	CASE(exec_fails),
	CASE(exec_by_thread),
	CASE(exec_without_leader),
	CASE(exec_by_two),
	CASE(fork_exec_thread),
	CASE(group_stop),
	CASE(group_stop_threads),
	CASE(kill_stopped),
	CASE(signals),
	CASE(signals_queued),
	CASE(signal_ends_call),
	CASE(signal_restarts_call),
	CASE(segfault_handled),
	CASE(core_dump),
	CASE(filter_errno),
	CASE(filter_trap),
	CASE(filter_trace),
	CASE(filter_kill),
	CASE(clone_untraced),
	CASE(clone_ptrace),
	CASE(clone_quiet),
	CASE(clone_files),
	CASE(clone_parent),
	CASE(ptrace_me),
	CASE(ptrace_child),
	CASE(zombie),
	CASE(orphan),
	CASE(kill_busy),
	CASE(kill_threads),
	CASE(pipe_talk),
	CASE(mapped_memory),
	CASE(pid_namespace),
	CASE(names),
	CASE(sleeps),
};

int main(int argc, char **argv)
{
	return run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
