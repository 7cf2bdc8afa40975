#ifndef FILTERS_CLASSES_H
#define FILTERS_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "filters/condition.h"
#include "filters/names.h"

/* A named set of calls, for -e trace=%NAME and --list-classes. */
struct call_class {
	const char *name; /* without the first %: "file", "%stat", "sysv-msg" */
	const char *meaning; /* one line, no full stop */
	bool is_mechanism; /* of IPC; its name without % is the class, even if a call has it */
	/* What follows is for classes.c alone. */
	bool is_strace; /* strace has it */
	bool is_bare; /* strace takes it without % */
	uint32_t strace_classes;
	uint64_t mechanisms;
};

/* The class behind previous (NULL: the first one) of a face, in name order; NULL at the end. */
const struct call_class *class_next(const struct call_class *previous, bool is_strace_face);

/* A class by its name, with or without one % in front, aliases included; NULL if there is none. */
const struct call_class *class_named(const char *name, bool is_strace_face);

/*
 * The class that name means in -e, aliases included: %NAME, or NAME alone where that is a class
 * rather than a call. NULL if there is none.
 */
const struct call_class *class_find(const char *name, bool is_strace_face);

/* On what conditions a call of an architecture is in a class: added to *rule. */
void class_rule(const struct call_class *class, enum arch_index arch, const char *call,
		struct rule *rule);

/*
 * The names of the calls in a class that exist on an architecture (AUDIT_ARCH_*,
 * SYSCALL_ARCH_X32), in name order, each once, in arena. Returns their number. Members on a
 * condition are listed like the others.
 */
size_t class_members(const struct call_class *class, uint32_t arch, struct arena *arena,
		     const char *const **ret_names);

#endif
