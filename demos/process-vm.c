/* process_vm_readv and process_vm_writev: one process reads and writes the memory of another. */
#include "support/demo.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* After the fork both have these at the same address, each in memory of its own. */
static char name[16] = "nobody";
static char text[32];
static int is_ready, is_written; /* turns */

static void target(void)
{
	snprintf(name, sizeof(name), "the child");
	turn_pass(is_ready);
	turn_wait(is_written);
	say("I did no call for it, and find in my memory: %s", text);
	expect(!strcmp(text, "two pieces joined"));
}

static void read_and_write(void)
{
	static char answer[] = "two pieces joined";
	char found[sizeof(name)];
	struct iovec local[] = { { found, sizeof(found) }, { NULL, 0 } };
	struct iovec remote = { name, sizeof(name) };
	pid_t child;

	is_ready = turn_create();
	is_written = turn_create();
	child = spawn("target", target);
	turn_wait(is_ready);
	if (process_vm_readv(child, local, 1, &remote, 1, 0) == -1) {
		if (errno == EPERM || errno == ENOSYS)
			skip("process_vm_readv is not permitted here");
		check(-1);
	}
	expect(!strcmp(found, "the child") && !strcmp(name, "nobody"));
	say("in my memory the name is %s, in the child's it is %s", name, found);
	local[0] = (struct iovec){ answer, 4 };
	local[1] = (struct iovec){ answer + 4, sizeof(answer) - 4 };
	remote = (struct iovec){ text, sizeof(answer) };
	expect(check(process_vm_writev(child, local, 2, &remote, 1, 0)) == sizeof(answer));
	say("wrote %d bytes, gathered from two places, into the child's memory",
	    (int)sizeof(answer));
	turn_pass(is_written);
	reap(child);
}

static void wait_for_ever(void)
{
	pause();
}

static void errors(void)
{
	char found[8];
	struct iovec local = { found, sizeof(found) };
	struct iovec remote = { NULL, sizeof(found) };
	pid_t child = spawn("target", wait_for_ever);

	expect(process_vm_readv(child, &local, 1, &remote, 1, 0) == -1);
	if (errno == EPERM || errno == ENOSYS) {
		kill_and_reap(child);
		skip("process_vm_readv is not permitted here");
	}
	expect(errno == EFAULT);
	say("address 0 of the child: EFAULT");
	kill_and_reap(child);
	remote.iov_base = name;
	expect_errno(process_vm_readv(child, &local, 1, &remote, 1, 0), ESRCH);
	say("the child has gone: ESRCH");
}

static const struct variant variants[] = {
	{ NULL, read_and_write, "read and write the memory of a child" },
	{ "errors", errors, "EFAULT and ESRCH" },
	{ 0 },
};

static const struct demo demo = { 26, "process_vm: reading and writing another's memory",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
