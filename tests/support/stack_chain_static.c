/* Stops itself in a known chain of calls; a static program, which has no index of its unwind tables. */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __clang__
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE __attribute__((noinline, noclone))
#endif

NOINLINE static void chain_leaf(void)
{
	syscall(SYS_kill, getpid(), SIGSTOP);
	__asm__ volatile("");
}

NOINLINE static void chain_recurse(int n)
{
	if (n)
		chain_recurse(n - 1);
	else
		chain_leaf();
	__asm__ volatile("");
}

int main(void)
{
	chain_recurse(3);
	return 0;
}
