#ifndef FILTERS_STRACE_CLASSES_H
#define FILTERS_STRACE_CLASSES_H

#include <stdint.h>

/* The classes of strace 7.2, as bits. */
enum strace_class {
	IN_FILE = 1 << 0,
	IN_DESC = 1 << 1,
	IN_NETWORK = 1 << 2,
	IN_PROCESS = 1 << 3,
	IN_SIGNAL = 1 << 4,
	IN_SYSV_IPC = 1 << 5,
	IN_MEMORY = 1 << 6,
	IN_CREDS = 1 << 7,
	IN_CLOCK = 1 << 8,
	IN_PURE = 1 << 9,
	IN_STAT = 1 << 10,
	IN_LSTAT = 1 << 11,
	IN_FSTAT = 1 << 12,
	IN_ALL_STAT = 1 << 13,
	IN_STATFS = 1 << 14,
	IN_FSTATFS = 1 << 15,
	IN_ALL_STATFS = 1 << 16,
};

/* The classes that a call, of any architecture, is in; 0 for none or no such call. */
uint32_t strace_classes_of(const char *call);

#endif
