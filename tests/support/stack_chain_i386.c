/* Stops itself; a 32-bit program. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
	kill(getpid(), SIGSTOP);
	return 0;
}
