/*
 * Run a command where something is not as usual:
 *
 *   confined pid=N COMMAND         as process N
 *   confined no-ptrace COMMAND     where ptrace(2) is not permitted
 *   confined old-kernel COMMAND    where ptrace(2) does not know PTRACE_GET_SYSCALL_INFO
 *   confined no-vm-readv COMMAND   where process_vm_readv(2) is not permitted
 */
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GET_SYSCALL_INFO = 0x420e };

/* Let the call nr fail with error, if request is not 0 only with that as first argument. */
static void forbid(unsigned nr, unsigned request, unsigned error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, request, 0, request != 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		err(3, "seccomp");
}

/* The child is the command, we wait for it: its number is what it is all about. */
static void become(pid_t pid)
{
	pid_t tids[1] = { pid };
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uint64_t)(uintptr_t)tids,
				   .set_tid_size = 1 };
	int status;
	long child;

	child = syscall(SYS_clone3, &args, sizeof(args));
	if (child < 0)
		err(3, "clone3");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	while (waitpid((pid_t)child, &status, 0) < 0 && errno == EINTR)
		;
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	if (strncmp(argv[1], "pid=", 4) == 0)
		become((pid_t)atoi(argv[1] + 4));
	else if (strcmp(argv[1], "no-ptrace") == 0)
		forbid(SYS_ptrace, 0, EPERM);
	else if (strcmp(argv[1], "old-kernel") == 0)
		forbid(SYS_ptrace, GET_SYSCALL_INFO, EIO);
	else if (strcmp(argv[1], "no-vm-readv") == 0)
		forbid(SYS_process_vm_readv, 0, EPERM);
	else
		return 2;
	execvp(argv[2], argv + 2);
	err(3, "%s", argv[2]);
}
