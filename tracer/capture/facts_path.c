/* Names in the file system: what a tracee's path means. */
#include "capture/facts_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/facts_fd.h"
#include "capture/quiet.h"

enum { START_LEN = 64, TEXT_LEN = 4096 };

/* The directory that a relative path argument starts from: cwd, or the argument before it. */
static void start_of_path(const struct tracee *tracee, const struct event *ev, int arg, char *start)
{
	uint64_t dir = arg > 0 ? ev->args[arg - 1] : (uint64_t)AT_FDCWD;

	if ((int32_t)dir == AT_FDCWD || dir > INT32_MAX)
		snprintf(start, START_LEN, "/proc/%d/cwd", tracee->tid);
	else
		snprintf(start, START_LEN, "/proc/%d/fd/%d", tracee->tid, (int)dir);
}

/* /proc/self is the tracee; what is left of text goes behind start. */
static const char *skip_self(const struct tracee *tracee, const char *text, char *start)
{
	static const char *const selves[] = { "/proc/self/", "/proc/thread-self/" };

	for (size_t i = 0; i < 2; i++) {
		if (strncmp(text, selves[i], strlen(selves[i])) != 0)
			continue;
		snprintf(start, START_LEN, "/proc/%d", tracee->tid);
		return text + strlen(selves[i]);
	}
	snprintf(start, START_LEN, "/proc/%d/root", tracee->tid);
	return text;
}

/* A path as we have to write it: from where a link of /proc leads, and the tracee's own words. */
struct own_path {
	char start[START_LEN], rest[TEXT_LEN];
};

/* arg -1: what is relative starts from the working directory. */
static void make_path(const struct tracee *tracee, const struct event *ev, int arg,
		      const char *text, struct own_path *ret_path)
{
	if (text[0] == '/')
		text = skip_self(tracee, text, ret_path->start);
	else
		start_of_path(tracee, ev, arg, ret_path->start);
	snprintf(ret_path->rest, sizeof(ret_path->rest), "%s", text);
}

static int read_path(const struct tracee *tracee, const struct event *ev, const struct mem *mem,
		     int arg, struct own_path *ret_path)
{
	char text[TEXT_LEN];
	bool is_whole;
	ssize_t len;

	if (arg < 0 || arg > 5)
		return -EINVAL;
	len = mem_read_string(mem, ev->args[arg], text, sizeof(text) - 1, &is_whole);
	if (len < 0 || !is_whole)
		return -EFAULT;
	text[len] = '\0';
	make_path(tracee, ev, arg, text, ret_path);
	return 0;
}

static void add_stat(struct fact *fact, const struct stat *st)
{
	fact->dev = st->st_dev;
	fact->ino = st->st_ino;
	fact->value[0] = st->st_mode;
	fact->value[3] = (int64_t)st->st_nlink;
}

int facts_path_ask(struct tracee *tracee, struct event *ev, const struct mem *mem, int arg)
{
	struct own_path path;
	struct fact *fact;
	struct stat st;
	int err = read_path(tracee, ev, mem, arg, &path);

	if (err < 0)
		return err;
	err = quiet_stat_path(tracee->tid, path.start, path.rest, &st);
	if (err == -EAGAIN)
		return err;
	fact = event_add_fact(ev, FACT_PATH, arg, NULL, 0);
	if (err) {
		fact->value[0] = err;
		return 0;
	}
	add_stat(fact, &st);
	fact->id = st.st_rdev;
	return 0;
}

/* The path of a unix socket's address, of which no more than its length counts. */
static int read_address(const struct tracee *tracee, const struct event *ev, const struct mem *mem,
			struct name_at at, struct own_path *ret_path)
{
	char text[NAME_ADDRESS_MAX + 1];
	ssize_t len = mem_read(mem, at.addr, text, at.len);

	if (len <= 0)
		return -EFAULT;
	text[len] = '\0';
	make_path(tracee, ev, -1, text, ret_path);
	return 0;
}

/* Split the path of a name into that of its directory, in place, and the name: "" if it is none. */
static const char *split(struct own_path *path, char ret_name[NAME_MAX + 1])
{
	size_t len = strlen(path->rest), end;

	while (len && path->rest[len - 1] == '/')
		len--;
	end = len;
	while (len && path->rest[len - 1] != '/')
		len--;
	snprintf(ret_name, NAME_MAX + 1, "%.*s", (int)(end - len), path->rest + len);
	path->rest[len] = '\0';
	if (strcmp(ret_name, ".") == 0 || strcmp(ret_name, "..") == 0)
		ret_name[0] = '\0';
	return ret_name;
}

/* Write where the directory fd is, and say whether it is there for us too. Its path's length. */
static size_t locate(pid_t tid, int fd, struct fact *fact, char text[PATH_MAX])
{
	char own[32];
	struct stat st, here;
	ssize_t len;

	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	len = quiet_stat_fd(fd, &st) < 0 ? -1 : readlink(own, text, PATH_MAX - 1);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	fact->id = st.st_ino;
	fact->value[1] = (int64_t)st.st_dev;
	fact->value[2] = quiet_stat_path(tid, "/proc/self/root", text, &here) == 0 &&
			 here.st_dev == st.st_dev && here.st_ino == st.st_ino;
	return (size_t)len;
}

/* Add where the name is; returns the length of text. */
static size_t add_place(pid_t tid, struct own_path *path, struct fact *fact,
			char text[PATH_MAX + NAME_MAX + 2])
{
	char name_text[NAME_MAX + 1];
	const char *name = split(path, name_text);
	int dir = *name ? quiet_open_path(tid, path->start, path->rest, O_DIRECTORY) : -1;
	size_t len;

	if (dir < 0)
		return 0;
	len = locate(tid, dir, fact, text);
	close(dir);
	if (!len)
		return 0;
	if (text[len - 1] != '/')
		text[len++] = '/';
	return len + (size_t)snprintf(text + len, NAME_MAX + 1, "%.*s", NAME_MAX, name);
}

static bool may_be_ipc(struct facts_cache *cache, pid_t tid, const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return !facts_fd_is_plain_dev(cache, tid, st->st_dev);
	return S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode) || S_ISDIR(st->st_mode);
}

int facts_path_ask_name(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
			const struct mem *mem, int64_t subject)
{
	char text[PATH_MAX + NAME_MAX + 2];
	struct name_at at = fact_name_at(subject);
	struct own_path path;
	struct fact fact = { 0 }, *added;
	struct stat st;
	size_t len = 0;
	int err = at.len ? read_address(tracee, ev, mem, at, &path)
			 : read_path(tracee, ev, mem, at.arg, &path);

	if (err < 0)
		return err;
	err = quiet_lstat_path(tracee->tid, path.start, path.rest, &st);
	if (err == -EAGAIN)
		return err;
	if (err < 0)
		fact.value[0] = err;
	else
		add_stat(&fact, &st);
	if (err < 0 || may_be_ipc(cache, tracee->tid, &st))
		len = add_place(tracee->tid, &path, &fact, text);
	added = event_add_fact(ev, FACT_NAME, subject, text, len);
	added->dev = fact.dev;
	added->ino = fact.ino;
	added->id = fact.id;
	memcpy(added->value, fact.value, sizeof(added->value));
	return 0;
}
