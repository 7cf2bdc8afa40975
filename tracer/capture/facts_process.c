/* Other processes: whether they live, and whose children they are. */
#include "capture/facts_process.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/proc.h"

enum { CHILDREN_MAX = 64, CHILDREN_MAX_LEN = 4096 };

static bool is_number(int64_t tid)
{
	return tid > 0 && tid <= INT32_MAX;
}

int facts_process_ask(struct event *ev, int64_t tid)
{
	struct proc_status status = { 0 };
	struct fact *fact;
	int err;

	if (!is_number(tid))
		return -ESRCH;
	err = proc_status((pid_t)tid, &status);
	if (err < 0 && err != -ESRCH)
		return err;
	/* One that has ended and is not waited for yet does nothing any more. */
	if (status.state == 'Z' || status.state == 'X')
		err = -ESRCH;
	fact = event_add_fact(ev, FACT_PROCESS, tid, status.comm, strlen(status.comm));
	fact->value[0] = err ? 0 : status.tgid;
	return 0;
}

/* The children of one thread: how many, or -errno. */
static int add_children(struct event *ev, pid_t pid, const char *tid)
{
	char text[CHILDREN_MAX_LEN], name[64], *at = text, *end;
	struct proc_status status;
	struct fact *fact;
	int n = 0, err;

	snprintf(name, sizeof(name), "task/%.12s/children", tid);
	err = (int)proc_read(pid, name, text, sizeof(text));
	if (err < 0)
		return err;
	for (long child = strtol(at, &end, 10); end != at; child = strtol(at, &end, 10)) {
		at = end;
		if (n++ >= CHILDREN_MAX || child <= 0 || child > INT32_MAX ||
		    proc_status((pid_t)child, &status) < 0)
			continue;
		fact = event_add_fact(ev, FACT_CHILD, pid, status.comm, strlen(status.comm));
		fact->value[0] = child;
	}
	return n;
}

int facts_process_ask_children(struct event *ev, int64_t pid)
{
	int n_threads = 0, total = 0;
	struct dirent *item;
	char path[64];
	uint32_t head;
	DIR *dir;

	if (!is_number(pid))
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/task", (pid_t)pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	head = ev->n_facts;
	event_add_fact(ev, FACT_CHILDREN, pid, NULL, 0);
	while ((item = readdir(dir))) {
		int n = item->d_name[0] == '.' ? -ENOENT
					       : add_children(ev, (pid_t)pid, item->d_name);

		n_threads += n >= 0;
		total += n >= 0 ? n : 0;
	}
	closedir(dir);
	ev->facts[head].value[0] = total;
	if (n_threads)
		return 0;
	/* A kernel without CONFIG_PROC_CHILDREN: not known is not none. */
	ev->n_facts = head;
	return -ENOSYS;
}
