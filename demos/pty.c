/* A pseudo-terminal: a pair of ends with a line discipline between them. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int master, slave;
static int is_ready; /* a turn */

static void make_pty(void)
{
	master = check(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
	check(grantpt(master));
	check(unlockpt(master));
	slave = check(open(check_ptr(ptsname(master)), O_RDWR | O_NOCTTY | O_CLOEXEC));
}

static void close_pty(void)
{
	check(close(slave));
	check(close(master));
}

static void lines(void)
{
	char text[32];
	ssize_t len;

	make_pty();
	expect(isatty(slave));
	write_all(master, "helo\177lo\n", 8); /* 0177: the erase character */
	len = check(read(slave, text, sizeof(text)));
	say("typed: h e l o ERASE l o ENTER; the program reads one line of %zd: %.*s", len,
	    (int)len - 1, text);
	expect(len == 6 && !memcmp(text, "hello\n", 6));
	read_all(master, text, 11);
	expect(!memcmp(text, "helo\b \blo\r\n", 11));
	say("the terminal echoed what was typed, with the erasing");
	write_all(slave, "out\n", 4);
	read_all(master, text, 5);
	expect(!memcmp(text, "out\r\n", 5));
	say("the program writes out\\n, the screen gets out\\r\\n");
	close_pty();
}

static void raw(void)
{
	struct termios settings;
	char text[4];

	make_pty();
	check(tcgetattr(slave, &settings));
	cfmakeraw(&settings);
	check(tcsetattr(slave, TCSANOW, &settings));
	write_all(master, "\003x\177", 3);
	read_all(slave, text, 3);
	expect(!memcmp(text, "\003x\177", 3));
	say("raw: Ctrl-C and ERASE are bytes like others, no line is waited for");
	close_pty();
}

static void wait_for_winch(void)
{
	struct winsize size;
	sigset_t set;
	int sig;

	check(close(master)); /* or the terminal would never be closed */
	check(sigemptyset(&set));
	check(sigaddset(&set, SIGWINCH));
	check(sigprocmask(SIG_BLOCK, &set, NULL));
	check(setsid());
	check(ioctl(slave, TIOCSCTTY, 0));
	turn_pass(is_ready);
	check_pthread(sigwait(&set, &sig)); /* returns an error number, too */
	check(ioctl(slave, TIOCGWINSZ, &size));
	say("SIGWINCH: the window has %d rows and %d columns", size.ws_row, size.ws_col);
	expect(size.ws_row == 25 && size.ws_col == 80);
	turn_pass(is_ready);
	pause();
}

static void window(void)
{
	const struct winsize size = { .ws_row = 25, .ws_col = 80 };
	pid_t child;

	make_pty();
	is_ready = turn_create();
	child = spawn("program", wait_for_winch);
	turn_wait(is_ready);
	check(ioctl(master, TIOCSWINSZ, &size));
	turn_wait(is_ready);
	say("I close the terminal");
	check(close(slave));
	check(close(master));
	reap_killed(child, SIGHUP);
	say("the program was ended by SIGHUP");
}

static const struct variant variants[] = {
	{ NULL, lines, "the line discipline: lines, erasing, echo, CR LF" },
	{ "raw", raw, "raw mode: bytes as they come" },
	{ "window", window, "SIGWINCH and SIGHUP" },
	{ 0 },
};

static const struct demo demo = { 28, "a pseudo-terminal and its line discipline", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
