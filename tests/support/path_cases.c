/*
 * path_cases PATH: makes every call with PATH, then with a descriptor of it, in the place of each
 * argument in turn. None of them happens: a seccomp filter of its own is in the way.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FD = 50, NOTHING = 0x70000000, ARGS = 6, FIRST_GAP = 335, AFTER_GAP = 424, CALLS = 463 };

static void try_call(long nr, const char *path)
{
	const long values[] = { (long)(intptr_t)path, FD };

	for (int at = 0; at < ARGS; at++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			long args[ARGS] = { NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING };

			args[at] = values[i];
			syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
		}
	}
}

int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (argc != 2 || dup2(open(argv[1], O_RDONLY), FD) != FD ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("path_cases");
		return 1;
	}
	for (long nr = 0; nr < CALLS; nr++) {
		if (nr != SYS_exit_group && nr != SYS_rt_sigreturn &&
		    (nr < FIRST_GAP || nr >= AFTER_GAP))
			try_call(nr, argv[1]);
	}
	return 0;
}
