/*
 * Calls getppid() N times in a function whose unwind information never comes to an end, then
 * executes itself to do so once in one that is as usual.
 *
 *   hostile_stack_static N
 */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((noinline)) static void usual(void)
{
	syscall(SYS_getppid);
	__asm__ volatile("");
}

/* Where its frame is, says a DWARF expression that jumps back to its own beginning. */
__attribute__((noinline)) static void endless(void)
{
	__asm__ volatile(".cfi_escape 0x0f, 0x03, 0x2f, 0xfd, 0xff");
	syscall(SYS_getppid);
	__asm__ volatile("");
}

int main(int argc, char **argv)
{
	int n = argc == 2 ? atoi(argv[1]) : 0;

	if (argc == 2 && strcmp(argv[1], "usual") == 0) {
		usual();
		return 7;
	}
	for (int i = 0; i < n; i++)
		endless();
	execl("/proc/self/exe", argv[0], "usual", (char *)NULL);
	return 1;
}
