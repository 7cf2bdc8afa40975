#include "capture/ptrace_withheld.h"

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/proc.h"

/* The capabilities that a file gives, as far as they are in its permitted set. */
static uint64_t file_capabilities(const char *path)
{
	struct vfs_ns_cap_data data = { 0 };
	ssize_t n = getxattr(path, "security.capability", &data, sizeof(data));

	if (n < (ssize_t)sizeof(struct vfs_cap_data))
		return 0;
	return le32toh(data.data[0].permitted) | (uint64_t)le32toh(data.data[1].permitted) << 32;
}

/* What the program has that the process has not got; NULL: nothing. */
static const char *missing(const char *path, const struct stat *st,
			   const struct proc_status *status)
{
	if ((st->st_mode & S_ISUID) && st->st_uid != status->uids[1])
		return "set-user-ID";
	if ((st->st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	    st->st_gid != status->gids[1])
		return "set-group-ID";
	if (file_capabilities(path) & ~status->permitted)
		return "file capabilities";
	return NULL;
}

static bool is_told(struct engine *engine, const struct stat *st)
{
	for (size_t i = 0; i < engine->n_told; i++)
		if (engine->told[i].dev == st->st_dev && engine->told[i].ino == st->st_ino)
			return true;
	if (engine->n_told < ARRAY_LEN(engine->told)) {
		engine->told[engine->n_told].dev = st->st_dev;
		engine->told[engine->n_told++].ino = st->st_ino;
	}
	return false;
}

void withheld_check(struct engine *engine, struct tracee *tracee)
{
	struct proc_status status, ours;
	char path[64], name[PATH_MAX];
	const char *what;
	struct statvfs fs;
	struct stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", tracee->tid);
	if (proc_status(getpid(), &ours) < 0 || (ours.effective >> CAP_SYS_PTRACE & 1) ||
	    proc_status(tracee->tid, &status) < 0 || stat(path, &st) < 0)
		return;
	/* Untraced it would not have them either. */
	if (statvfs(path, &fs) < 0 || (fs.f_flag & ST_NOSUID) || engine->is_restricted ||
	    (status.no_new_privs && !engine->config.filter))
		return;
	what = missing(path, &st, &status);
	if (!what || is_told(engine, &st))
		return;
	n = readlink(path, name, sizeof(name) - 1);
	engine_warn(engine,
		    "PID %d runs '%.*s' without its privileges (%s), as ipctrace has none to "
		    "trace those; run ipctrace as root",
		    tracee->tid, n > 0 ? (int)n : 1, n > 0 ? name : "?", what);
}

void withheld_note_unreadable(struct engine *engine, struct tracee *tracee, int err)
{
	struct tracee *leader = tracee_find(&engine->tracees, tracee->tgid);
	struct proc_status status;

	if (tracee->is_unreadable || (leader && leader->is_unreadable))
		return;
	tracee->is_unreadable = true;
	if (leader)
		leader->is_unreadable = true;
	if (proc_status(tracee->tid, &status) < 0)
		return;
	engine_warn(engine,
		    "the memory of PID %d (%s) cannot be read any more: %s; what its pointers "
		    "lead to is not shown%s",
		    tracee->tgid, status.comm, strerror(-err),
		    geteuid() ? "; run ipctrace as root" : "");
}
