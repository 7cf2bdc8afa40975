/* A POSIX message queue: messages with priorities, found by a name, announced by notification. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TEXT_LEN 64

static const char *name;
static mqd_t queue;
static int is_read; /* a turn */

static void make_queue(int flags)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = TEXT_LEN };

	name = own_name(OWN_MQ, unique_name("mq"));
	queue = check(mq_open(name, O_CREAT | O_EXCL | O_RDWR | flags, 0600, &attr));
}

static void remove_queue(void)
{
	check(mq_close(queue));
	check(mq_unlink(name));
}

static void send(const char *text, unsigned int priority)
{
	check(mq_send(queue, text, strlen(text), priority));
}

static void receive(void)
{
	char text[TEXT_LEN]; /* never less than mq_msgsize, or EMSGSIZE */
	unsigned int priority;
	ssize_t len = check(mq_receive(queue, text, sizeof(text), &priority));

	say("received with priority %u: %.*s", priority, (int)len, text);
}

static long num_queued(void)
{
	struct mq_attr attr;

	check(mq_getattr(queue, &attr));
	return attr.mq_curmsgs;
}

static void receive_all(void)
{
	while (num_queued() > 0)
		receive();
}

static void priorities(void)
{
	make_queue(0);
	send("first in", 1);
	send("urgent", 9);
	send("normal", 5);
	send("urgent as well", 9);
	expect(num_queued() == 4);
	say("sent four messages with priorities 1, 9, 5, 9");
	reap(spawn("receiver", receive_all));
	expect(num_queued() == 0);
	remove_queue();
}

static void send_one(void)
{
	send("news", 0);
}

static void notify_signal(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	siginfo_t info;
	sigset_t set;
	pid_t child;

	make_queue(0);
	check(sigemptyset(&set));
	check(sigaddset(&set, SIGUSR1));
	check(sigprocmask(SIG_BLOCK, &set, NULL));
	event.sigev_value.sival_int = 42;
	check(mq_notify(queue, &event));
	expect_errno(mq_notify(queue, &event), EBUSY);
	say("asked to be told by SIGUSR1 when the empty queue gets a message");
	child = spawn("sender", send_one);
	expect(check(retry(sigwaitinfo(&set, &info))) == SIGUSR1);
	expect(info.si_code == SI_MESGQ && info.si_pid == child && info.si_value.sival_int == 42);
	say("SIGUSR1 came (SI_MESGQ) with the sender's pid and my value 42");
	reap(child);
	receive();
	check(mq_notify(queue, &event));
	say("a notification comes once; I asked again with success");
	check(mq_notify(queue, NULL));
	remove_queue();
}

static void on_message(union sigval value)
{
	expect(value.sival_int == 42);
	say("a new thread was started for the message");
	receive();
	turn_pass(is_read);
}

static void notify_thread(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD };

	make_queue(0);
	is_read = turn_create();
	event.sigev_notify_function = on_message;
	event.sigev_value.sival_int = 42;
	check(mq_notify(queue, &event));
	say("asked for a thread when the empty queue gets a message");
	reap(spawn("sender", send_one));
	turn_wait(is_read);
	remove_queue();
}

static void send_and_tell(void)
{
	send("the fifth", 0);
	say("sent the fifth");
}

static void full(void)
{
	char text[TEXT_LEN];
	pid_t child;

	make_queue(0);
	for (int i = 0; i < 4; i++)
		send("one of four", 0);
	child = spawn("sender", send_and_tell);
	await_blocked(child, SYS_mq_timedsend);
	say("4 messages fill the queue (mq_maxmsg), the sender of the fifth waits; I take one");
	check(mq_receive(queue, text, sizeof(text), NULL));
	reap(child);
	expect(num_queued() == 4);
	remove_queue();
}

static void empty(void)
{
	pid_t child;

	make_queue(0);
	child = spawn("receiver", receive);
	await_blocked(child, SYS_mq_timedreceive);
	say("the queue is empty, the receiver waits; now I send");
	send("at last", 3);
	reap(child);
	remove_queue();
}

static void nonblock(void)
{
	char text[TEXT_LEN + 1] = "";

	make_queue(O_NONBLOCK);
	expect_errno(mq_receive(queue, text, TEXT_LEN, NULL), EAGAIN);
	for (int i = 0; i < 4; i++)
		send("one of four", 0);
	expect_errno(mq_send(queue, "five", 4, 0), EAGAIN);
	say("O_NONBLOCK: EAGAIN from the empty queue and from the full one");
	expect_errno(mq_send(queue, text, TEXT_LEN + 1, 0), EMSGSIZE);
	expect_errno(mq_receive(queue, text, TEXT_LEN - 1, NULL), EMSGSIZE);
	say("EMSGSIZE: a message over mq_msgsize, and a buffer under it");
	remove_queue();
}

static void timeouts(void)
{
	struct timespec limit; /* a point in time, not a duration */
	char text[TEXT_LEN];

	make_queue(0);
	check(clock_gettime(CLOCK_REALTIME, &limit));
	limit.tv_sec += (limit.tv_nsec + 20000000) / 1000000000;
	limit.tv_nsec = (limit.tv_nsec + 20000000) % 1000000000;
	expect_errno(retry(mq_timedreceive(queue, text, TEXT_LEN, NULL, &limit)), ETIMEDOUT);
	say("mq_timedreceive from the empty queue: ETIMEDOUT after 20 ms");
	for (int i = 0; i < 4; i++)
		send("one of four", 0);
	expect_errno(retry(mq_timedsend(queue, "five", 4, 0, &limit)), ETIMEDOUT);
	say("mq_timedsend to the full queue: ETIMEDOUT at once, since that time has passed");
	remove_queue();
}

static void outlive(void)
{
	make_queue(0);
	check(mq_close(queue));
	queue = check(mq_open(name, O_WRONLY));
	reap(spawn("sender", send_one));
	check(mq_close(queue));
	say("the sender has ended and nobody has the queue open");
	queue = check(mq_open(name, O_RDONLY));
	receive();
	say("opened by its name it still has the message; only mq_unlink ends it");
	remove_queue();
	expect_errno(mq_open(name, O_RDONLY), ENOENT);
}

static void leak(void)
{
	make_queue(0);
	send("nobody will read this", 0);
	say("queue %s stays behind; it would be a file where mqueue is mounted", name);
	say("clean up: build/demos/posix-mq --remove %s", name);
	own_forget_all();
}

static void remove_named(void)
{
	check(mq_unlink(demo_arg()));
}

static const struct variant variants[] = {
	{ NULL, priorities, "the highest priority first, and in order within one" },
	{ "notify-signal", notify_signal,
	  "mq_notify: a signal when the empty queue gets a message" },
	{ "notify-thread", notify_thread, "mq_notify: a thread" },
	{ "full", full, "a full queue blocks the sender" },
	{ "empty", empty, "an empty queue blocks the receiver" },
	{ "nonblock", nonblock, "O_NONBLOCK: EAGAIN; wrong sizes: EMSGSIZE" },
	{ "timeout", timeouts, "ETIMEDOUT, receiving and sending" },
	{ "outlive", outlive, "the queue outlives its makers" },
	{ "leak", leak, "leave the queue behind" },
	{ "remove", remove_named, "remove a queue that was left behind", "NAME" },
	{ 0 },
};

static const struct demo demo = { 13, "a POSIX message queue: priorities and notification",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
