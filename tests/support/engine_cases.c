/*
 * Small programs that are hard to trace, by name. Each prints what it finds, which has to be the
 * same traced and untraced.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *const echo_argv[] = { "echo", "executed", NULL };

static void say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(3);
}

static void *wait_for_go(void *data)
{
	char c;

	if (read(STDIN_FILENO, &c, 1) != 1)
		_exit(3);
	if (data)
		execv("/bin/echo", echo_argv);
	syscall(SYS_exit_group, 7);
	return NULL;
}

static int leave_leader(void *data)
{
	pthread_t thread;

	pthread_create(&thread, NULL, wait_for_go, data);
	say("ready\n");
	syscall(SYS_exit, 0);
	return 0;
}

static int leader_gone(void)
{
	return leave_leader(NULL);
}

static int leader_gone_exec(void)
{
	return leave_leader("");
}

static void *spin(void *data)
{
	for (;;)
		syscall(SYS_getppid);
	return data;
}

static void *execute(void *data)
{
	execv("/bin/echo", data);
	return NULL;
}

/* Siblings are running and blocked while a thread that is not the leader executes. */
static int exec_thread(void)
{
	pthread_t thread;

	for (int i = 0; i < 4; i++)
		pthread_create(&thread, NULL, spin, NULL);
	pthread_create(&thread, NULL, execute, (void *)echo_argv);
	pause();
	return 1;
}

/* Executes itself from a thread, again and again, with siblings that have to be waited for. */
static int exec_storm(void)
{
	char *const argv[] = { "engine_cases", "exec_storm", NULL };
	pthread_t thread;

	for (int i = 0; i < 6; i++)
		pthread_create(&thread, NULL, spin, NULL);
	usleep(500);
	execv("/proc/self/exe", argv);
	return 1;
}

static volatile sig_atomic_t n_signals, is_disordered;

static void count(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	if (info->si_value.sival_int != n_signals)
		is_disordered = 1;
	n_signals++;
}

/* 2000 queued signals arrive complete, in order, with what they carry. */
static int sigqueue_2000(void)
{
	struct sigaction action = { .sa_sigaction = count, .sa_flags = SA_SIGINFO };
	sigset_t set;
	int n;

	sigaction(SIGRTMIN, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (n = 0; n < 2000; n++)
		if (sigqueue(getpid(), SIGRTMIN,
			     (union sigval){ .sival_ptr = (void *)(intptr_t)n }) < 0)
			break;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	printf("%d of %d signals, %s\n", n_signals, n, is_disordered ? "disordered" : "in order");
	return 0;
}

static void ignore_siginfo(int sig, siginfo_t *info, void *context)
{
	(void)context;
	printf("signal %d code %x\n", sig, (unsigned)info->si_code);
}

/* A siginfo that looks like a ptrace event is none. */
static int forged_siginfo(void)
{
	struct sigaction action = { .sa_sigaction = ignore_siginfo, .sa_flags = SA_SIGINFO };
	static const int codes[] = { SIGTRAP | (PTRACE_EVENT_EXEC << 8),
				     SIGTRAP | (PTRACE_EVENT_CLONE << 8), SIGTRAP | 0x80 };

	sigaction(SIGTRAP, &action, NULL);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		siginfo_t info = { .si_signo = SIGTRAP, .si_code = codes[i] };

		printf("queued: %ld\n", syscall(SYS_rt_sigqueueinfo, getpid(), SIGTRAP, &info));
	}
	raise(SIGTRAP);
	return 0;
}

static int say_child(void *text)
{
	say(text);
	return 5;
}

static int clone_with(int flags)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));
	int status = 0;
	pid_t pid = clone(say_child, stack + sizeof(stack), flags, "child speaks\n");

	if (pid < 0 || waitpid(pid, &status, __WALL) != pid)
		printf("clone: %s\n", strerror(errno));
	printf("child: exited %d code %d\n", WIFEXITED(status), WEXITSTATUS(status));
	return 0;
}

static int clone_untraced(void)
{
	return clone_with(CLONE_UNTRACED | SIGCHLD);
}

static int clone_vm(void)
{
	return clone_with(CLONE_VM | SIGCHLD);
}

static int clone_usr1(void)
{
	signal(SIGUSR1, SIG_IGN);
	return clone_with(SIGUSR1);
}

static int clone_ptrace(void)
{
	return clone_with(CLONE_PTRACE | SIGCHLD);
}

static int clone_newpid(void)
{
	return clone_with(CLONE_NEWPID | SIGCHLD);
}

static int exit_thread(void *text)
{
	say(text);
	syscall(SYS_exit, 0);
	return 0;
}

/* Threads, though the kernel announces them as children made by vfork and by fork. */
static int clone_odd_threads(void)
{
	enum { THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FS | CLONE_FILES };
	static const int flags[] = { THREAD | CLONE_VFORK, THREAD | CLONE_VFORK | SIGCHLD };
	static char stack[64 * 1024] __attribute__((aligned(16)));

	for (int i = 0; i < 2; i++)
		printf("clone: %d\n",
		       clone(exit_thread, stack + sizeof(stack), flags[i], "thread speaks\n") > 0);
	return 0;
}

/* clone3 with CLONE_UNTRACED may be refused, but then at once and with ENOSYS. */
static int clone3_untraced(void)
{
	uint64_t args[11] = { CLONE_UNTRACED, 0, 0, 0, SIGCHLD };
	long pid = syscall(435, args, 64);
	int status;

	if (pid == 0) {
		say("child speaks\n");
		_exit(0);
	}
	if (pid < 0)
		printf("%s\n", errno == ENOSYS ? "child speaks" : strerror(errno));
	else
		waitpid((pid_t)pid, &status, __WALL);
	return 0;
}

/* The parent of the grandchild is us. */
static int clone_parent(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
			_exit(6);
		_exit(0);
	}
	for (int i = 0; i < 2; i++)
		if (wait(&status) > 0)
			printf("code %s\n", WIFEXITED(status) ? "ok" : "?");
	printf("then %d\n", wait(&status));
	return 0;
}

static int vforks(void)
{
	int status;
	volatile int sum = 0;

	for (volatile int i = 0; i < 50; i++) {
		pid_t pid = vfork();

		if (pid == 0)
			_exit(i);
		if (waitpid(pid, &status, 0) == pid)
			sum += WEXITSTATUS(status);
	}
	printf("sum %d\n", sum);
	return 0;
}

/* Waits in vfork until the child is killed. */
static int vfork_sleep(void)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) ? 0 : 1;
}

static int n_orphans = 500;

/* A parent that dies right after its fork must not take the child with it. */
static int orphans(void)
{
	int pair[2], n = 0, status;
	char c;

	if (pipe(pair) < 0)
		return 1;
	for (int i = 0; i < n_orphans; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (fork() == 0) {
				if (write(pair[1], "x", 1) != 1)
					_exit(1);
				_exit(0);
			}
			kill(getpid(), SIGKILL);
		}
		waitpid(pid, &status, 0);
	}
	close(pair[1]);
	while (read(pair[0], &c, 1) == 1)
		n++;
	printf("%d orphans of %d\n", n, n_orphans);
	return 0;
}

static int traceme(void)
{
	printf("traceme: %ld\n", (long)ptrace(PTRACE_TRACEME, 0, 0, 0));
	return 0;
}

/* Attach to our tracer, which both would not survive. */
static int attach_tracer(void)
{
	char line[256];
	int tracer = 0;
	FILE *file = fopen("/proc/self/status", "r");

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "TracerPid: %d", &tracer);
	if (file)
		fclose(file);
	if (tracer)
		printf("attach: %s\n",
		       ptrace(PTRACE_SEIZE, tracer, 0, 0) < 0 ? strerror(errno) : "!");
	else
		printf("attach: %s\n", strerror(EPERM));
	return 0;
}

static int int80(void)
{
#ifdef __x86_64__
	long pid, nr = 20; /* getpid there */

	__asm__ volatile("int $0x80" : "=a"(pid) : "a"(nr) : "memory", "r8", "r9", "r10", "r11");
	printf("int80: %s\n", pid == getpid() ? "my pid" : "something else");
#endif
	return 0;
}

static int vsyscall(void)
{
#ifdef __x86_64__
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	int is_there = 0;

	while (maps && fgets(line, sizeof(line), maps))
		is_there |= strstr(line, "[vsyscall]") != NULL;
	if (maps)
		fclose(maps);
	if (is_there) {
		time_t (*get)(time_t *) = (time_t(*)(time_t *))0xffffffffff600400ul;
		time_t now = get(NULL);

		printf("vsyscall: %s\n", labs((long)(now - time(NULL))) < 3 ? "now" : "wrong");
	}
#endif
	return 0;
}

static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	(void)context;
	printf("signal %d, code %d, call %d\n", sig, info->si_code, info->si_syscall);
}

/* Everything is allowed but getppid, for which action is done. */
static int filter_getppid(unsigned action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
	struct sigaction on_sys = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
	long ret;

	sigaction(SIGSYS, &on_sys, NULL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		printf("seccomp: %s\n", strerror(errno));
	errno = 0;
	ret = syscall(SYS_getppid);
	printf("getppid: %s, errno %d\n", ret > 0 ? "a pid" : "none", errno);
	/* Others are as ever. */
	printf("getpid: %d\n", getpid() > 0);
	if (fork() == 0) {
		errno = 0;
		ret = syscall(SYS_getppid);
		printf("child's getppid: %s, errno %d\n", ret > 0 ? "a pid" : "none", errno);
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
	return 0;
}

static int filter_errno(void)
{
	return filter_getppid(SECCOMP_RET_ERRNO | 42);
}

static int filter_trap(void)
{
	return filter_getppid(SECCOMP_RET_TRAP);
}

static int filter_trace(void)
{
	return filter_getppid(SECCOMP_RET_TRACE | 7);
}

static int filter_log(void)
{
	return filter_getppid(SECCOMP_RET_LOG);
}

static int filter_allow(void)
{
	return filter_getppid(SECCOMP_RET_ALLOW);
}

static int filter_kill(void)
{
	fflush(stdout);
	return filter_getppid(SECCOMP_RET_KILL_PROCESS);
}

static int strict(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0)
		say("strict\n");
	else
		say(strerror(errno));
	syscall(SYS_exit, 0);
	return 0;
}

static int thread_exit_first(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, execute, (void *)echo_argv);
	pthread_exit(NULL);
}

#define CASE(name)                                                                                 \
	{                                                                                          \
#name, name                                                                        \
	}
static const struct {
	const char *name;
	int (*run)(void);
} cases[] = {
	CASE(leader_gone),
	CASE(leader_gone_exec),
	CASE(exec_thread),
	CASE(exec_storm),
	CASE(sigqueue_2000),
	CASE(forged_siginfo),
	CASE(clone_untraced),
	CASE(clone_vm),
	CASE(clone_usr1),
	CASE(clone_newpid),
	CASE(clone_odd_threads),
	CASE(clone_ptrace),
	CASE(clone3_untraced),
	CASE(clone_parent),
	CASE(vforks),
	CASE(vfork_sleep),
	CASE(orphans),
	CASE(traceme),
	CASE(attach_tracer),
	CASE(int80),
	CASE(vsyscall),
	CASE(filter_errno),
	CASE(filter_trap),
	CASE(filter_trace),
	CASE(filter_log),
	CASE(filter_allow),
	CASE(filter_kill),
	CASE(strict),
	CASE(thread_exit_first),
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 2)
		n_orphans = atoi(argv[2]);
	for (size_t i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			return cases[i].run();
	return 2;
}
