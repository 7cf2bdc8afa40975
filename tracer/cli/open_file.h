#ifndef CLI_OPEN_FILE_H
#define CLI_OPEN_FILE_H

#include <stdbool.h>

/*
 * Open path for a trace to be written, empty unless is_append, above the descriptor numbers that
 * people redirect. A new file is readable by nobody else when we are root, who sees what everybody
 * does, and else as umask says.
 *
 * Root can be made to overwrite a file by a link of its name in a directory where everybody may
 * make some, such as /tmp: there, what belongs to somebody else is not opened, and a link of
 * somebody else's not followed. Elsewhere links are followed. A program that was installed
 * set-user-ID opens what its user may open.
 *
 * Returns the descriptor or -errno: -EACCES also for somebody else's file in such a directory.
 */
int open_trace_file(const char *path, bool is_append);

/* What more there is to be said about such an error, or "". */
const char *open_trace_hint(int error);

/*
 * Keep out of the way of the descriptor numbers that people redirect; but below 64, from where on a
 * launched command would see a larger table of descriptors than without us. Returns the new number,
 * or fd where that fails.
 */
int move_fd_up(int fd);

#endif
