#include "capture/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t proc_read(pid_t tid, const char *name, char *buf, size_t len)
{
	char path[96];
	size_t done = 0;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	while (done < len - 1 && (n = read(fd, buf + done, len - 1 - done)) > 0)
		done += (size_t)n;
	if (n < 0 && !done)
		n = -errno;
	close(fd);
	buf[done] = '\0';
	return n < 0 ? n : (ssize_t)done;
}

/* The text behind "\nNAME:" and its blanks, or NULL. */
static const char *field(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}

static long number(const char *text, const char *name)
{
	const char *value = field(text, name);

	return value ? strtol(value, NULL, 10) : 0;
}

static uint64_t mask(const char *text, const char *name)
{
	const char *value = field(text, name);

	return value ? strtoull(value, NULL, 16) : 0;
}

/* The first three of a line of ids: real, effective, saved. */
static void ids(const char *text, const char *name, uint32_t *ret_ids)
{
	const char *value = field(text, name);
	char *end;

	for (int i = 0; i < 3; i++) {
		ret_ids[i] = value ? (uint32_t)strtoul(value, &end, 10) : 0;
		value = value && end != value && *end == '\t' ? end : NULL;
	}
}

/* The numbers of a line, at most max: how many. */
static unsigned numbers(const char *text, const char *name, pid_t *ret_numbers, unsigned max)
{
	const char *at = field(text, name);
	unsigned n = 0;
	char *end;

	while (at && n < max && *at >= '0' && *at <= '9') {
		ret_numbers[n++] = (pid_t)strtol(at, &end, 10);
		at = end + strspn(end, " \t");
	}
	return n;
}

void proc_parse_status(const char *text, struct proc_status *ret_status)
{
	const char *state = field(text, "State");
	const char *comm = field(text, "Name");

	memset(ret_status, 0, sizeof(*ret_status));
	ret_status->tgid = (pid_t)number(text, "Tgid");
	ret_status->ppid = (pid_t)number(text, "PPid");
	ret_status->tracer = (pid_t)number(text, "TracerPid");
	ids(text, "Uid", ret_status->uids);
	ids(text, "Gid", ret_status->gids);
	ret_status->permitted = mask(text, "CapPrm");
	ret_status->effective = mask(text, "CapEff");
	ret_status->state = state ? *state : '?';
	ret_status->pending = mask(text, "SigPnd");
	ret_status->shared_pending = mask(text, "ShdPnd");
	ret_status->blocked = mask(text, "SigBlk");
	ret_status->ignored = mask(text, "SigIgn");
	ret_status->caught = mask(text, "SigCgt");
	ret_status->seccomp = (int)number(text, "Seccomp");
	ret_status->no_new_privs = number(text, "NoNewPrivs") == 1;
	ret_status->n_filters = (int)number(text, "Seccomp_filters");
	ret_status->has_vm = field(text, "VmSize") != NULL;
	ret_status->n_switches = (uint64_t)number(text, "voluntary_ctxt_switches") +
				 (uint64_t)number(text, "nonvoluntary_ctxt_switches");
	ret_status->n_inner = numbers(text, "NSpid", ret_status->inner, PID_LEVELS);
	if (comm)
		snprintf(ret_status->comm, sizeof(ret_status->comm), "%.*s",
			 (int)strcspn(comm, "\n"), comm);
}

int proc_status(pid_t tid, struct proc_status *ret_status)
{
	char text[8192];
	ssize_t n = proc_read(tid, "status", text, sizeof(text));

	if (n <= 0)
		return n ? (int)n : -ESRCH;
	proc_parse_status(text, ret_status);
	return 0;
}

uint64_t proc_parse_start_time(const char *text)
{
	const char *at = strrchr(text, ')'); /* the name before it may hold anything */
	enum { FIELDS_BETWEEN = 20 };

	for (int i = 0; at && i < FIELDS_BETWEEN; i++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

uint64_t proc_start_time(pid_t tid)
{
	char text[1024];

	return proc_read(tid, "stat", text, sizeof(text)) > 0 ? proc_parse_start_time(text) : 0;
}
