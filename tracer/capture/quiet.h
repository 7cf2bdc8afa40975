#ifndef CAPTURE_QUIET_H
#define CAPTURE_QUIET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Looking at files without asking anybody. A file system's server may be a tracee too (FUSE): stopped
 * by us, it could not answer what stat(2) and statfs(2) ask it.
 */

/* As stat(2), with what the kernel knows of the file already: 0 or -1 and errno. */
int quiet_stat(const char *path, struct stat *ret_st);

/*
 * The same of a path of thread tid's: rest, from where start leads, a link of /proc/TID. 0 or -errno; -EAGAIN where
 * the kernel does not know a name on the way and a FUSE server would be asked for it.
 */
int quiet_stat_path(pid_t tid, const char *start, const char *rest, struct stat *ret_st);

/* The same of a link itself, where the path ends at one; and of an open file: 0 or -1 and errno. */
int quiet_lstat_path(pid_t tid, const char *start, const char *rest, struct stat *ret_st);
int quiet_stat_fd(int fd, struct stat *ret_st);

/* Open such a path with O_PATH and further flags: the descriptor or -errno, as quiet_stat_path(). */
int quiet_open_path(pid_t tid, const char *start, const char *rest, int flags);

/*
 * Is what is mounted with device number dev, where thread tid sees it, on some disk or at some server?
 * False for memory file systems, whose files may be queues and shared memory, and for what cannot be found
 * there. Source: /proc/TID/mountinfo.
 */
bool quiet_is_plain(pid_t tid, uint64_t dev);

#endif
