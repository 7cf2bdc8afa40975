#ifndef DEMO_OWN_H
#define DEMO_OWN_H
/*
 * Kernel objects that outlive a process are removed by the demo itself, as a program should. This
 * is for the other ends: a failed check, the deadline, Ctrl-C, SIGTERM. Only the process that made
 * an object removes it. Signal handlers are installed with the first object, not before, so that a
 * demo without such objects has none.
 */
enum own_kind {
	OWN_NOTHING,
	OWN_MSG,
	OWN_SEM,
	OWN_SHM,
	OWN_FILE,
	OWN_DIR,
	OWN_MQ,
	OWN_SHM_NAME,
	OWN_SEM_NAME,
};

/* Between the two an interruption waits, so that no object is made and not yet known. */
void own_begin(void);
void own_end(void);
int own_id(enum own_kind kind, long id);

#define own_msg(get) (own_begin(), own_id(OWN_MSG, check(get)))
#define own_sem(get) (own_begin(), own_id(OWN_SEM, check(get)))
#define own_shm(get) (own_begin(), own_id(OWN_SHM, check(get)))

/* A name, to be told before the object is made; kept by reference; returned as it came. */
const char *own_name(enum own_kind kind, const char *name);

/*
 * A path in a directory of this run's own, made with the first call (mode 0700 in $TMPDIR or /tmp).
 * The file is owned; own_dir_remove() removes the directory when the files are gone.
 */
const char *own_path(const char *file);
const char *own_dir(void);
void own_dir_remove(void);

/* A name for POSIX objects, "/ipctrace-WHAT-PID", that no other running demo uses; not owned. */
const char *unique_name(const char *what);

/* What is left behind on purpose is no longer removed. */
void own_forget_all(void);

/* Remove what this process owns; errors do not matter any more. Async-signal-safe. */
void own_remove_all(void);

#endif
