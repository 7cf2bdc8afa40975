#ifndef CAPTURE_KIN_H
#define CAPTURE_KIN_H

#include <stddef.h>
#include <sys/types.h>

enum kin { KIN_GROUP, KIN_PID_NAMESPACE };

/*
 * Processes, itself included, that are in the same process group or the same PID namespace as pid,
 * as far as that can be read: how many were put into pids, at most max.
 * Source: /proc/PID/stat, /proc/PID/ns/pid.
 */
size_t kin_find(pid_t pid, enum kin kin, pid_t *pids, size_t max);

#endif
