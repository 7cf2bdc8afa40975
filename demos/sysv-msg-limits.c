/* The limits of a System V message queue: its bytes, the size of a message, a short buffer. */
#include "support/demo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TEXT_LEN     1000
#define NUM_MESSAGES 8

struct message {
	long type;
	char text[TEXT_LEN];
};

static int queue;

/* A queue with room for `capacity` messages. Anyone may lower msg_qbytes, only root raise it. */
static void make_queue(int capacity)
{
	struct msqid_ds ds;

	queue = own_msg(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
	check(msgctl(queue, IPC_STAT, &ds));
	ds.msg_qbytes = capacity * TEXT_LEN;
	check(msgctl(queue, IPC_SET, &ds));
}

static void remove_queue(void)
{
	check(msgctl(queue, IPC_RMID, NULL));
}

static int num_queued(void)
{
	struct msqid_ds ds;

	check(msgctl(queue, IPC_STAT, &ds));
	return ds.msg_qnum;
}

static void receive(void)
{
	struct message message;

	expect(check(msgrcv(queue, &message, TEXT_LEN, 0, 0)) == TEXT_LEN);
}

static void sender_of_one(void)
{
	struct message message = { .type = 1 };

	check(msgsnd(queue, &message, TEXT_LEN, 0));
	say("sent");
}

static void full(void)
{
	struct message message = { .type = 1 };
	pid_t child;

	make_queue(4);
	while (msgsnd(queue, &message, TEXT_LEN, IPC_NOWAIT) == 0)
		;
	expect(errno == EAGAIN && num_queued() == 4);
	say("4 messages of 1000 bytes fill the queue (msg_qbytes); with IPC_NOWAIT: EAGAIN");
	child = spawn("sender", sender_of_one);
	await_blocked(child, SYS_msgsnd);
	say("without it the sender waits; I receive one message");
	receive();
	reap(child);
	expect(num_queued() == 4);
	remove_queue();
}

static void sender(void)
{
	struct message message = { .type = 1 };

	for (int i = 0; i < NUM_MESSAGES; i++)
		check(msgsnd(queue, &message, TEXT_LEN, 0));
	say("all %d messages sent", NUM_MESSAGES);
}

static void slow_reader(void)
{
	pid_t child;

	make_queue(2);
	child = spawn("sender", sender);
	set_role("receiver");
	for (int taken = 0; taken < NUM_MESSAGES - 2; taken++) {
		await_blocked(child, SYS_msgsnd); /* so slow that it always finds the queue full */
		expect(num_queued() == 2);
		say("queue full, sender waiting; I take message %d", taken + 1);
		if (taken)
			stay_if_asked();
		receive();
	}
	reap(child);
	say("the last two are in the queue");
	receive();
	receive();
	remove_queue();
}

static void too_long(void)
{
	struct msginfo info;
	struct message *message;

	check(msgctl(0, IPC_INFO, (struct msqid_ds *)&info));
	make_queue(1);
	message = check_ptr(calloc(1, sizeof(long) + info.msgmax + 1));
	message->type = 1;
	expect_errno(msgsnd(queue, message, info.msgmax + 1, IPC_NOWAIT), EINVAL);
	say("%d bytes, one more than kernel.msgmax: EINVAL, the queue has no part in it",
	    info.msgmax + 1);
	message->type = 0;
	expect_errno(msgsnd(queue, message, 1, IPC_NOWAIT), EINVAL);
	say("type 0: EINVAL as well, types are positive");
	free(message);
	remove_queue();
}

static void cut(void)
{
	struct message message = { .type = 1, .text = "longer than ten bytes" };

	make_queue(1);
	check(msgsnd(queue, &message, strlen(message.text), 0));
	expect_errno(msgrcv(queue, &message, 10, 0, 0), E2BIG);
	expect(num_queued() == 1);
	say("21 bytes do not fit in a buffer of 10: E2BIG, the message stays queued");
	expect(check(msgrcv(queue, &message, 10, 0, MSG_NOERROR)) == 10);
	expect(num_queued() == 0);
	say("MSG_NOERROR cuts it: \"%.10s\", the rest is lost", message.text);
	remove_queue();
}

static const struct variant variants[] = {
	{ NULL, full, "a full queue blocks the sender, or EAGAIN with IPC_NOWAIT" },
	{ "slow-reader", slow_reader, "a queue that is always full because its reader is slow" },
	{ "too-long", too_long, "a message over MSGMAX, and type 0: EINVAL" },
	{ "noerror", cut, "a buffer too short: E2BIG, or cut with MSG_NOERROR" },
	{ 0 },
};

static const struct demo demo = { 9, "what a System V message queue does at its limits", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
