/* inotify: news from the file system, read from a descriptor. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	uint32_t mask;
	const char *text;
} events[] = {
	{ IN_CREATE, "was created" },     { IN_OPEN, "was opened" },
	{ IN_MODIFY, "was written to" },  { IN_CLOSE_WRITE, "was closed after writing" },
	{ IN_MOVED_FROM, "was renamed" }, { IN_MOVED_TO, "is the new name" },
	{ IN_DELETE, "was deleted" },
};

#define NUM_EVENTS (sizeof(events) / sizeof(events[0]))

static const char *path, *new_path;
static int fd;

static void watch_dir(void)
{
	path = own_path("file");
	new_path = own_path("renamed");
	fd = check(inotify_init1(IN_CLOEXEC));
	check(inotify_add_watch(fd, own_dir(), IN_ALL_EVENTS));
}

static void change_files(void)
{
	int file = check(open(path, O_CREAT | O_EXCL | O_WRONLY, 0600));

	write_all(file, "news", 4);
	check(close(file));
	check(rename(path, new_path));
	check(unlink(new_path));
}

static void read_news(void)
{
	_Alignas(
		struct inotify_event) char buffer[NUM_EVENTS * (sizeof(struct inotify_event) + 32)];
	const struct inotify_event *event;
	size_t num_seen = 0;
	uint32_t cookie = 0;

	watch_dir();
	reap(spawn("other", change_files));
	say("another process has been busy in my directory:");
	while (num_seen < NUM_EVENTS) {
		ssize_t len = check(retry(read(fd, buffer, sizeof(buffer))));

		for (char *next = buffer; next < buffer + len;
		     next += sizeof(*event) + event->len) {
			event = (const struct inotify_event *)next;
			expect(num_seen < NUM_EVENTS && event->mask == events[num_seen].mask);
			say("%s %s", event->name, events[num_seen++].text);
			if (event->mask == IN_MOVED_FROM)
				cookie = event->cookie;
			if (event->mask == IN_MOVED_TO)
				expect(event->cookie == cookie); /* two halves of one rename */
		}
	}
	check(close(fd));
	own_dir_remove();
}

static void wait_for_news(void)
{
	char buffer[sizeof(struct inotify_event) + NAME_MAX + 1];

	check(read(fd, buffer, sizeof(buffer)));
	say("something has happened");
}

static void empty(void)
{
	pid_t child;

	watch_dir();
	child = spawn("watcher", wait_for_news);
	await_blocked(child, SYS_read);
	say("nothing happens, the watcher waits; now I make a file");
	change_files();
	reap(child);
	check(close(fd));
	own_dir_remove();
}

static const struct variant variants[] = {
	{ NULL, read_news, "a file created, written, renamed, deleted" },
	{ "empty", empty, "the reader waits until something happens" },
	{ 0 },
};

static const struct demo demo = { 22, "inotify: news from the file system", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
