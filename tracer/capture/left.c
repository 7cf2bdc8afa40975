#include "capture/left.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/facts_cache.h"
#include "capture/facts_file.h"
#include "capture/facts_holders.h"
#include "capture/facts_ns.h"
#include "capture/facts_sysv.h"
#include "capture/facts_text.h"
#include "capture/proc.h"

enum { KIND = 0, DEV_OR_ID = 1, INODE = 2, NAMESPACE = 3, ANSWER = 4, THROUGH = 5 };
enum { SHM_MODE = 4, INFO_MAX_LEN = 16384 };

struct look {
	struct facts_cache cache;
	struct tracee_table others;
	struct tracee *through; /* in the namespace that was asked about last */
	uint64_t ns; /* that one; 0: none yet */
	bool is_all_seen; /* every process has told its namespace */
};

static enum left_answer same_file(const struct stat *st, const struct fact *fact)
{
	return st->st_dev == (uint64_t)fact->value[DEV_OR_ID] &&
			       st->st_ino == (uint64_t)fact->value[INODE]
		       ? LEFT_THERE
		       : LEFT_GONE;
}

static enum left_answer look_at_file(const struct fact *fact, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return same_file(&st, fact);
	return errno == ENOENT || errno == ENOTDIR ? LEFT_GONE : LEFT_UNKNOWN;
}

/* Who hides its namespace and is older than we are has been elsewhere before: as a container's init. */
static bool is_younger(pid_t pid)
{
	return proc_start_time(pid) >= proc_start_time(getpid());
}

/* A process that is in the namespace, 0: none. */
static pid_t find_process(uint64_t ns, bool *ret_is_all_seen)
{
	DIR *dir = opendir("/proc");
	struct dirent *item;
	pid_t found = 0;

	*ret_is_all_seen = dir != NULL;
	while (dir && !found && (item = readdir(dir))) {
		struct tracee tracee = { .tid = atoi(item->d_name) };

		if (tracee.tid <= 0)
			continue;
		errno = 0;
		if (facts_ns_ipc(&tracee) == ns)
			found = tracee.tid;
		else if ((errno == EACCES || errno == EPERM) && is_younger(tracee.tid))
			*ret_is_all_seen = false;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Find out through whom the namespace can be entered; NULL: nobody. */
static struct tracee *enter_through(struct look *look, uint64_t ns)
{
	struct tracee own = { .tid = getpid() };
	pid_t pid;

	if (look->ns && look->ns == ns)
		return look->through;
	if (look->through)
		tracee_remove(&look->others, look->through);
	look->is_all_seen = true;
	pid = !ns || facts_ns_ipc(&own) == ns ? own.tid : find_process(ns, &look->is_all_seen);
	look->through = pid ? tracee_add(&look->others, pid, pid, NULL) : NULL;
	look->ns = ns;
	return look->through;
}

static enum left_answer look_at_id(struct look *look, struct tracee *through, enum fact_kind kind,
				   int id)
{
	enum left_answer answer = LEFT_UNKNOWN;
	struct event ev = { 0 };
	int err = facts_sysv_ask(&look->cache, through, &ev, kind, id);

	if (!err)
		answer = LEFT_THERE;
	else if (err == -EIDRM || err == -EINVAL)
		answer = LEFT_GONE;
	/* Removed while somebody has it attached: it goes by itself. */
	if (!err && kind == FACT_SHM && (ev.facts[0].value[SHM_MODE] & SHM_DEST))
		answer = LEFT_GONE;
	event_finish(&ev);
	return answer;
}

static enum left_answer look_at_queue(struct look *look, struct tracee *through, struct fact *fact,
				      const char *name)
{
	char path[32 + NAME_MAX];
	struct stat st = { 0 };
	int err = facts_ns_enter(&look->cache, through);

	if (err < 0)
		return LEFT_UNKNOWN;
	err = facts_file_find_queue(name, &st);
	facts_ns_leave(&look->cache, through);
	if (err < 0)
		return err == -ENOENT ? LEFT_GONE : LEFT_UNKNOWN;
	snprintf(path, sizeof(path), "/dev/mqueue/%.*s", NAME_MAX, name);
	if (!fact->value[THROUGH] && look_at_file(fact, path) != LEFT_THERE)
		fact->value[THROUGH] = -1;
	return same_file(&st, fact);
}

static enum left_answer look_in_namespace(struct look *look, struct fact *fact, const char *text)
{
	struct tracee *through = enter_through(look, (uint64_t)fact->value[NAMESPACE]);

	if (!through)
		return look->is_all_seen ? LEFT_GONE : LEFT_UNKNOWN;
	if (through->tid != getpid())
		fact->value[THROUGH] = through->tid;
	switch ((enum left_kind)fact->value[KIND]) {
	case LEFT_MSG:
		return look_at_id(look, through, FACT_MSG, (int)fact->value[DEV_OR_ID]);
	case LEFT_SEM:
		return look_at_id(look, through, FACT_SEM_NSEMS, (int)fact->value[DEV_OR_ID]);
	case LEFT_SHM:
		return look_at_id(look, through, FACT_SHM, (int)fact->value[DEV_OR_ID]);
	case LEFT_QUEUE:
		return look_at_queue(look, through, fact, text);
	default:
		return LEFT_UNKNOWN;
	}
}

/* Whose descriptor it is, if locks come with it. */
static bool add_locker(struct event *ev, const struct fact *asked, const struct fact *holder,
		       const char *comm)
{
	pid_t pid = (pid_t)holder->value[0];
	char name[32], text[INFO_MAX_LEN];
	struct buf lines = { 0 };
	struct fact *fact;
	ssize_t n;

	snprintf(name, sizeof(name), "fdinfo/%d", (int)holder->value[1]);
	n = holder->dev == asked->dev ? proc_read(pid, name, text, sizeof(text)) : 0;
	if (n > 0)
		facts_text_fd_locks(text, (size_t)n, holder->dev, asked->ino, &lines);
	if (lines.len) {
		fact = event_add_fact(ev, FACT_LEFT_LOCK, asked->subject, lines.data, lines.len);
		fact->dev = asked->dev;
		fact->ino = asked->ino;
		fact->id = asked->id;
		fact->value[0] = pid;
		fact->value[1] = holder->value[1];
		if (!event_fact(ev, FACT_COMM, pid))
			event_add_fact(ev, FACT_COMM, pid, comm, holder->text_len);
	}
	n = (ssize_t)lines.len;
	buf_finish(&lines);
	return n > 0;
}

static enum left_answer look_at_locks(struct look *look, struct event *ev, const struct fact *asked)
{
	enum left_answer answer = LEFT_GONE;
	struct event found = { 0 };

	if (facts_holders_ask(&look->cache, &found, asked->ino) < 0) {
		event_finish(&found);
		return LEFT_UNKNOWN;
	}
	for (uint32_t i = 0; i < found.n_facts; i++) {
		const struct fact *fact = &found.facts[i];

		if (fact->kind == FACT_HOLDER &&
		    add_locker(ev, asked, fact, event_fact_text(&found, fact)))
			answer = LEFT_THERE;
	}
	event_finish(&found);
	return answer;
}

static enum left_answer answer_one(struct look *look, struct event *ev, struct fact *asked)
{
	char *text = strndup(event_fact_text(ev, asked), asked->text_len);
	enum left_answer answer;

	if (!text)
		abort();
	if (asked->value[KIND] == LEFT_FILE)
		answer = look_at_file(asked, text);
	else if (asked->value[KIND] == LEFT_LOCK)
		answer = look_at_locks(look, ev, asked);
	else
		answer = look_in_namespace(look, asked, text);
	free(text);
	return answer;
}

void left_answer(struct event *ev)
{
	struct look look = { 0 };

	facts_cache_init(&look.cache, &look.others);
	for (uint32_t i = 0; i < ev->n_facts; i++) {
		struct fact asked = ev->facts[i];

		if (asked.kind != FACT_LEFT)
			continue;
		/* Others may be added, and all of them move. */
		asked.value[ANSWER] = answer_one(&look, ev, &asked);
		memcpy(ev->facts[i].value, asked.value, sizeof(asked.value));
	}
	if (look.through)
		tracee_remove(&look.others, look.through);
	facts_cache_finish(&look.cache);
}
