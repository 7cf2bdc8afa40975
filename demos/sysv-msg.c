/* A System V message queue: typed messages, found by a key, living until it is removed. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <unistd.h>

struct message {
	long type;
	char text[1024];
};

static int queue;

static void make_queue(void)
{
	queue = own_msg(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
}

static void remove_queue(void)
{
	check(msgctl(queue, IPC_RMID, NULL));
}

static void send(long type, const char *text)
{
	struct message message = { .type = type };

	snprintf(message.text, sizeof(message.text), "%s", text);
	check(msgsnd(queue, &message, strlen(text), 0)); /* the size is that of the text alone */
}

static void receive(long wanted)
{
	struct message message;
	ssize_t len = check(msgrcv(queue, &message, sizeof(message.text), wanted, 0));

	say("asked for type %ld, got type %ld: %.*s", wanted, message.type, (int)len, message.text);
}

static struct msqid_ds status(void)
{
	struct msqid_ds ds;

	check(msgctl(queue, IPC_STAT, &ds));
	return ds;
}

static void receive_all_ways(void)
{
	receive(0); /* the first, whatever its type */
	receive(5); /* the first of this type */
	receive(-2); /* the lowest type up to 2 */
	receive(-2);
}

static void types(void)
{
	make_queue();
	send(3, "first in");
	send(2, "two");
	send(5, "five");
	send(1, "one");
	expect(status().msg_qnum == 4);
	say("four messages are queued, types 3, 2, 5, 1");
	reap(spawn("receiver", receive_all_ways));
	expect(status().msg_qnum == 0);
	remove_queue();
}

static void server(void)
{
	receive(1);
	send(2, "answer");
}

static void two_way(void)
{
	pid_t child;

	make_queue();
	child = spawn("server", server);
	set_role("client");
	say("one queue, two directions: type 1 to the server, type 2 back");
	send(1, "question");
	receive(2);
	reap(child);
	remove_queue();
}

static void receive_type_2(void)
{
	receive(2);
}

static pid_t receiver_of_2_with_1_queued(void)
{
	pid_t child;

	make_queue();
	send(1, "not for you");
	child = spawn("receiver", receive_type_2);
	await_blocked(child, SYS_msgrcv);
	expect(status().msg_qnum == 1);
	say("a message of type 1 is queued, the receiver wants type 2 and waits");
	return child;
}

static void wait_type(void)
{
	pid_t child = receiver_of_2_with_1_queued();

	send(2, "for you");
	reap(child);
	expect(status().msg_qnum == 1);
	say("type 1 is still there");
	remove_queue();
}

static void never(void)
{
	pid_t child = receiver_of_2_with_1_queued();

	stay_if_asked();
	kill_and_reap(child);
	say("nobody sends type 2, so I killed it");
	remove_queue();
}

static void removed(void)
{
	pid_t child;

	make_queue();
	child = fork_peer("receiver");
	if (child == 0) {
		struct message message;

		expect_errno(msgrcv(queue, &message, sizeof(message.text), 0, 0), EIDRM);
		say("woken with EIDRM: the queue was removed");
		_exit(0);
	}
	await_blocked(child, SYS_msgrcv);
	say("the receiver waits; I remove the queue");
	remove_queue();
	reap(child);
}

static void outlive(void)
{
	struct msqid_ds ds;
	pid_t child;

	make_queue();
	child = fork_peer("sender");
	if (child == 0) {
		send(7, "my last will");
		_exit(0);
	}
	reap(child);
	ds = status();
	expect(ds.msg_qnum == 1 && ds.msg_lspid == child);
	say("the sender has ended, its message is in the queue");
	child = fork_peer("receiver");
	if (child == 0) {
		receive(7);
		_exit(0);
	}
	reap(child);
	expect(status().msg_lrpid == child);
	say("the receiver has ended too, the queue is still there");
	remove_queue();
	expect(msgctl(queue, IPC_STAT, &ds) == -1 && (errno == EINVAL || errno == EIDRM));
	say("only IPC_RMID ends it");
}

static void found_by_key(void)
{
	const char *path = own_path("key");
	char project = 'A';
	key_t key;

	check(close(check(open(path, O_CREAT | O_EXCL | O_WRONLY, 0600))));
	/* A key has few bits of the inode, so that two files can have the same: try the next one. */
	do {
		key = check(ftok(path, project++));
	} while (msgget(key, 0) != -1);
	expect_errno(msgget(key, 0), ENOENT);
	say("ftok makes a key from a file's inode and a letter; no queue has it: ENOENT");
	queue = own_msg(msgget(key, IPC_CREAT | IPC_EXCL | 0600));
	expect(check(msgget(key, 0)) == queue);
	say("after IPC_CREAT everyone who knows the file finds the same queue");
	expect_errno(msgget(key, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
	say("IPC_CREAT|IPC_EXCL now fails with EEXIST");
	remove_queue();
	check(unlink(path));
	own_dir_remove();
}

static void leak(void)
{
	make_queue();
	send(1, "nobody will read this");
	say("queue %d stays behind with one message; ipcs -q shows it", queue);
	say("clean up: ipcrm -q %d", queue);
	own_forget_all();
}

static const struct variant variants[] = {
	{ NULL, types, "receiving the first, a type, the lowest type up to a limit" },
	{ "two-way", two_way, "one queue serves two directions with two types" },
	{ "wait-type", wait_type, "a receiver of type 2 waits though type 1 is there" },
	{ "never", never, "a receiver waits for a type that never comes" },
	{ "removed", removed, "IPC_RMID wakes who waits with EIDRM" },
	{ "outlive", outlive, "the queue outlives both processes until IPC_RMID" },
	{ "ftok", found_by_key, "the key: ftok, ENOENT, IPC_CREAT, EEXIST" },
	{ "leak", leak, "leave the queue behind" },
	{ 0 },
};

static const struct demo demo = { 9, "a System V message queue: messages with types", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
