/* timerfd: time that is read from a descriptor, as the number of expirations since the last read. */
#include "support/demo.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL_NS 5000000

static void once(void)
{
	const struct itimerspec in_5_ms = { .it_value.tv_nsec = INTERVAL_NS };
	int fd = check(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	struct itimerspec left;
	uint64_t num_expirations;

	check(timerfd_settime(fd, 0, &in_5_ms, NULL));
	say("armed for once, in 5 ms");
	read_all(fd, &num_expirations, sizeof(num_expirations));
	say("read the number of expirations: %d", (int)num_expirations);
	expect(num_expirations == 1);
	check(timerfd_gettime(fd, &left));
	expect(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
	say("it is disarmed now");
	check(close(fd));
}

/* So that the count is exact: every 100 s, for the first time 250 s ago, so 250, 150 and 50 s ago. */
static void periodic(void)
{
	struct itimerspec timer = { .it_interval.tv_sec = 100 };
	int fd = check(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint64_t num_expirations;

	expect_errno(read(fd, &num_expirations, sizeof(num_expirations)), EAGAIN);
	say("not armed: EAGAIN");
	check(clock_gettime(CLOCK_REALTIME, &timer.it_value));
	timer.it_value.tv_sec -= 250;
	check(timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, NULL));
	expect(check(retry(poll(&poll_fd, 1, -1))) == 1);
	read_all(fd, &num_expirations, sizeof(num_expirations));
	say("every 100 s, first due 250 s ago: %d expirations in one read", (int)num_expirations);
	expect(num_expirations == 3);
	check(close(fd));
}

static const struct variant variants[] = {
	{ NULL, once, "a timer that expires once" },
	{ "periodic", periodic, "a periodic timer, read late" },
	{ 0 },
};

static const struct demo demo = { 22, "timerfd: a timer to wait for", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
