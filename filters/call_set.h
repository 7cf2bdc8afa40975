#ifndef FILTERS_CALL_SET_H
#define FILTERS_CALL_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filters/condition.h"
#include "filters/names.h"

/* Values of call_set.rule below CALL_RULES; the others are CALL_RULES + an index of rules. */
enum { CALL_NO, CALL_YES, CALL_RULES };

/* A set of calls by architecture and number, some of them on a condition. A zeroed one is empty. */
struct call_set {
	bool has_unnamed; /* numbers without a name are in it */
	uint16_t rule[ARCH_KINDS][SYSCALL_NR_MAX];
	struct rule *rules;
	size_t n_rules, cap_rules;
};

void call_set_finish(struct call_set *set);

/*
 * Make *set, whatever it was, what a syscall_set of -e says.
 * Returns 0; -EINVAL or -EDOM (a wrong @personality) with error filled and *set as it was.
 */
int call_set_parse(struct call_set *set, const struct call_names *names, bool is_strace_face,
		   const char *text, char *error, size_t error_len);

/* CALL_NO, CALL_YES or a rule. */
unsigned call_set_find(const struct call_set *set, const struct call_names *names, uint32_t arch,
		       uint64_t nr);

#endif
