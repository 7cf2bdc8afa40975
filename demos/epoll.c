/* epoll: one wait for many descriptors; here a pipe, an eventfd, a timerfd and a signalfd. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { PIPE, EVENT, TIMER, SIGNAL, NUM_SOURCES };

static const char *const names[NUM_SOURCES] = { "pipe", "eventfd", "timerfd", "signalfd" };
static int sources[NUM_SOURCES];
static int pipe_write_fd;
static int epoll_fd;

static void watch(int source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u64 = source };

	check(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, sources[source], &event));
}

static int make_signalfd(void)
{
	sigset_t set;

	check(sigemptyset(&set));
	check(sigaddset(&set, SIGUSR1));
	check(sigprocmask(SIG_BLOCK, &set, NULL));
	return check(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

static void make_sources(void)
{
	int fds[2];

	check(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
	sources[PIPE] = fds[0];
	pipe_write_fd = fds[1];
	sources[EVENT] = check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	sources[TIMER] = check(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
	sources[SIGNAL] = make_signalfd();
	epoll_fd = check(epoll_create1(EPOLL_CLOEXEC));
}

static void close_sources(void)
{
	for (int i = 0; i < NUM_SOURCES; i++)
		check(close(sources[i]));
	check(close(epoll_fd));
}

static void cause(int source)
{
	const struct itimerspec in_1_ms = { .it_value.tv_nsec = 1000000 };
	uint64_t one = 1;

	switch (source) {
	case PIPE:
		write_all(pipe_write_fd, "p", 1);
		break;
	case EVENT:
		write_all(sources[EVENT], &one, sizeof(one));
		break;
	case TIMER:
		check(timerfd_settime(sources[TIMER], 0, &in_1_ms, NULL));
		break;
	case SIGNAL:
		check(kill(getpid(), SIGUSR1));
		break;
	}
}

static void loop(void)
{
	char buffer[128]; /* enough for what any of them gives */
	struct epoll_event event;

	make_sources();
	for (int i = 0; i < NUM_SOURCES; i++)
		watch(i, EPOLLIN);
	expect(check(epoll_wait(epoll_fd, &event, 1, 0)) == 0);
	say("watching four descriptors, nothing is ready");
	for (int i = 0; i < NUM_SOURCES; i++) {
		cause(i);
		expect(check(retry(epoll_wait(epoll_fd, &event, 1, -1))) == 1);
		expect(event.data.u64 == (uint64_t)i && event.events == EPOLLIN);
		say("%s is ready; read %zd bytes", names[i],
		    (ssize_t)check(read(sources[i], buffer, sizeof(buffer))));
	}
	check(close(pipe_write_fd));
	expect(check(retry(epoll_wait(epoll_fd, &event, 1, -1))) == 1);
	expect(event.data.u64 == PIPE && event.events == EPOLLHUP);
	say("the pipe's writer has gone: EPOLLHUP");
	close_sources();
}

static void edge(void)
{
	struct epoll_event event;

	make_sources();
	watch(PIPE, EPOLLIN | EPOLLET);
	cause(PIPE);
	expect(check(retry(epoll_wait(epoll_fd, &event, 1, -1))) == 1);
	expect(check(epoll_wait(epoll_fd, &event, 1, 0)) == 0);
	say("edge-triggered: one byte is told once, though it was not read");
	cause(PIPE);
	expect(check(retry(epoll_wait(epoll_fd, &event, 1, -1))) == 1);
	say("another byte is another edge");
	check(epoll_ctl(epoll_fd, EPOLL_CTL_DEL, sources[PIPE], NULL));
	watch(PIPE, EPOLLIN);
	for (int i = 0; i < 2; i++)
		expect(check(epoll_wait(epoll_fd, &event, 1, 0)) == 1);
	say("level-triggered: told as long as there is something to read");
	check(close(pipe_write_fd));
	close_sources();
}

static const struct variant variants[] = {
	{ NULL, loop, "a loop over pipe, eventfd, timerfd and signalfd" },
	{ "edge", edge, "edge-triggered against level-triggered" },
	{ 0 },
};

static const struct demo demo = { 22, "epoll: one wait for many descriptors", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
