#ifndef CAPTURE_TRACEE_H
#define CAPTURE_TRACEE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/hash.h"
#include "event/event.h"

/* What is remembered of a descriptor number until it is closed. */
struct fd_entry {
	int fd;
	bool is_volatile; /* a close by one of several users may be under way: never trust it */
	bool is_known;
	struct fact fact;
	char *link;
	struct fd_table *files; /* that it is in */
	struct fd_entry *previous, *next; /* facts_anon.c: ring of its likes, NULL: in none */
	UT_hash_handle hh;
};

/* Descriptors of one table, which threads, and processes made with CLONE_FILES, share. */
struct fd_table {
	unsigned n_users;
	pid_t last_user; /* a hint: it may be gone */
	struct fd_entry *entries;
};

enum tracee_state {
	TRACEE_HELD, /* born, stopped, waiting for its creator's report */
	TRACEE_RUNNING, /* resumed; may be blocked in a call */
	TRACEE_STOPPED, /* reaped from wait, not resumed yet */
	TRACEE_LISTENING, /* in group-stop, resumed by PTRACE_LISTEN */
};

/* Has it a seccomp filter besides ours? */
enum own_filter { OWN_FILTER_UNKNOWN, OWN_FILTER_NO, OWN_FILTER_YES };

struct tracee {
	pid_t tid, tgid;
	enum tracee_state state;
	bool is_seized_late; /* attached to, so it may have been blocked in a call */
	bool is_launching; /* the command before its execve */
	bool is_filtered; /* runs under our seccomp program: stops are asked for there */
	bool is_disturbed; /* interrupted by us, in a call that may have to be mended */
	bool is_leaving; /* not ours to trace: to be let go where it stops next */
	bool is_left; /* that is done, but it is the command: its end is still to come */
	bool is_freed; /* at our end: it stops nowhere any more */
	bool is_unreadable; /* its memory: that has been said */
	pid_t waits_for; /* at its entry of ptrace(2), until that tracee has left; 0 = does not */
	bool is_dead; /* held, and ended before its creator reported it */
	bool is_stranger; /* never announced: maybe no tracee at all, or not the one that was meant */
	bool has_changed_arg; /* args[0] is not what its register says */
	bool is_in_call, is_call_kept, is_wait_noted;
	bool is_told_asleep, is_hang_due; /* ptrace_waits.c */
	uint64_t sleep_switches; /* how often it was switched off before the sleep that was told */
	bool is_at_entry; /* stopped there by PTRACE_SYSCALL: a seccomp stop is the same call's */
	bool is_installing; /* in a call that gives it a seccomp filter of its own */
	enum own_filter own_filter;
	struct event *doubted; /* an exit that is kept back, see ptrace_filters.h */
	bool is_running_on; /* nobody stops it while it is asked about: borrow nothing from it */
	uint32_t arch; /* of the call it is in */
	uint64_t nr, args[6];
	uint64_t locked_pipe; /* inode of one that its call may keep locked, 0: none */
	uint64_t again_rip,
		again_nr; /* where it was made to begin a call again, and which; 0 = none */
	int resumable; /* 1 + nr of a call that restart_syscall would go on with; 0 = none known */
	uint64_t enter_ns;
	uint64_t system_ns, enter_system_ns; /* of its process, at this stop and at the entry */
	uint64_t hang_enter_ns, hang_due_ns; /* when to tell that it hangs in the call of then */
	uint64_t hang_looked_ns; /* the due time for which it was first looked at */
	uint64_t held_ns; /* since when it is held */
	int status; /* of the stop that is being handled */
	struct fd_table *files;
	int pidfd; /* -1 until needed */
	int maps_fd;
	uint64_t ipc_ns; /* the inode of its namespace, 0 until needed */
	unsigned n_pid_levels; /* PID namespaces that number it, 0 until needed */
	UT_hash_handle hh;
};

struct tracee_table {
	struct tracee *by_tid;
	size_t n_locking; /* those that have a locked_pipe */
};

struct tracee *tracee_find(struct tracee_table *table, pid_t tid);

/* A new tracee, running, with a descriptor table of its own unless files is given. */
struct tracee *tracee_add(struct tracee_table *table, pid_t tid, pid_t tgid,
			  struct fd_table *files);
void tracee_remove(struct tracee_table *table, struct tracee *tracee);

/* Its call may keep the pipe with inode ino locked; 0: it does not any more. */
void tracee_lock_pipe(struct tracee_table *table, struct tracee *tracee, uint64_t ino);

/* Forget the exit that is kept back. */
void tracee_drop_doubted(struct tracee *tracee);

/* Give tracee another id, as execve by a thread does. Nobody else may have it. */
void tracee_rename(struct tracee_table *table, struct tracee *tracee, pid_t tid);
size_t tracee_count(const struct tracee_table *table);
void tracee_table_finish(struct tracee_table *table);

/* Let tracee use files (counted) instead of what it uses. */
void tracee_share_files(struct tracee *tracee, struct fd_table *files);

/* Stop sharing, forgetting what was known. */
void tracee_unshare_files(struct tracee *tracee);

/* Descriptors that are kept open for tracee's process image: drop them, it has another one. */
void tracee_forget_image(struct tracee *tracee);

/*
 * The descriptors of a child that was just born, before it ran: those of its parent, if nobody
 * can have changed either since.
 */
void tracee_inherit_files(struct tracee *child, const struct tracee *parent);

/* The entry of a number, NULL if there is none; the other makes one. */
struct fd_entry *fd_table_find(struct fd_table *files, int fd);
struct fd_entry *fd_table_get(struct fd_table *files, int fd);
void fd_table_forget(struct fd_table *files, int fd);
void fd_table_clear(struct fd_table *files);

#endif
