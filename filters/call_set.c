#include "filters/call_set.h"

#include <errno.h>
#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "filters/classes.h"
#include "filters/token_list.h"

#define X32_BIT 0x40000000

/* Bounds on what regcomp(3) may take in memory and time: of length, and of repetitions multiplied out. */
enum { REGEX_LEN_MAX = 256, REGEX_REPEAT_MAX = 16 };

static const unsigned all_archs = (1u << ARCH_KINDS) - 1;

void call_set_finish(struct call_set *set)
{
	free(set->rules);
	memset(set, 0, sizeof(*set));
}

static struct rule *add_rule(struct call_set *set, uint16_t *slot)
{
	set->rules = array_grow(set->rules, set->n_rules, &set->cap_rules, sizeof(*set->rules));
	set->rules[set->n_rules] = (struct rule){ 0 };
	*slot = (uint16_t)(CALL_RULES + set->n_rules);
	return &set->rules[set->n_rules++];
}

static bool is_always(const struct rule *rule)
{
	return rule->n && rule->conditions[0].kind == IF_ALWAYS;
}

static void add_class_call(struct call_set *set, const struct call_class *class, int arch,
			   const char *name, uint16_t *slot)
{
	struct rule more = { 0 };
	struct rule *rule;

	if (*slot == CALL_YES)
		return;
	class_rule(class, (enum arch_index)arch, name, &more);
	if (!more.n)
		return;
	if (is_always(&more)) {
		*slot = CALL_YES;
		return;
	}
	rule = *slot == CALL_NO ? add_rule(set, slot) : &set->rules[*slot - CALL_RULES];
	for (unsigned i = 0; i < more.n; i++)
		rule_add(rule, &more.conditions[i]);
	if (is_always(rule))
		*slot = CALL_YES;
}

/* One value of the list, taken apart. */
struct pick {
	struct call_set *set;
	const struct call_names *names;
	bool is_strace_face;
	unsigned archs; /* 1 << enum arch_index */
	bool is_found;
};

static void pick_all(struct pick *pick)
{
	pick->is_found = true;
	if (pick->archs == all_archs)
		pick->set->has_unnamed = true;
	for (int arch = 0; arch < ARCH_KINDS; arch++) {
		if (!(pick->archs >> arch & 1))
			continue;
		for (size_t nr = 0; nr < SYSCALL_NR_MAX; nr++)
			if (pick->names->name[arch][nr])
				pick->set->rule[arch][nr] = CALL_YES;
	}
}

static void pick_class(struct pick *pick, const struct call_class *class)
{
	pick->is_found = true;
	for (int arch = 0; arch < ARCH_KINDS; arch++) {
		if (!(pick->archs >> arch & 1))
			continue;
		for (size_t nr = 0; nr < SYSCALL_NR_MAX; nr++) {
			const char *name = pick->names->name[arch][nr];

			if (name)
				add_class_call(pick->set, class, arch, name,
					       &pick->set->rule[arch][nr]);
		}
	}
}

/* A number means that call of every architecture picked that has it; with x32's bit, x32's only. */
static void pick_number(struct pick *pick, int number)
{
	unsigned archs = pick->archs;

	if (number & X32_BIT) {
		archs &= 1u << ARCH_X32;
		number &= ~X32_BIT;
	}
	if (number >= SYSCALL_NR_MAX)
		return;
	for (int arch = 0; arch < ARCH_KINDS; arch++) {
		if (!(archs >> arch & 1) || !pick->names->name[arch][number])
			continue;
		pick->set->rule[arch][number] = CALL_YES;
		pick->is_found = true;
	}
}

static void pick_names(struct pick *pick, const char *name, const regex_t *regex)
{
	for (int arch = 0; arch < ARCH_KINDS; arch++) {
		if (!(pick->archs >> arch & 1))
			continue;
		for (size_t nr = 0; nr < SYSCALL_NR_MAX; nr++) {
			const char *candidate = pick->names->name[arch][nr];

			if (!candidate || (name && strcmp(name, candidate) != 0) ||
			    (regex && regexec(regex, candidate, 0, NULL, 0) != 0))
				continue;
			pick->set->rule[arch][nr] = CALL_YES;
			pick->is_found = true;
		}
	}
}

/*
 * The repetitions of a pattern multiplied, as nesting them would. glibc makes {n} n copies and of x+
 * xx*, and follows a repetition of a repetition in every way; a comma ends a pattern.
 */
static bool is_regex_small(const char *pattern)
{
	unsigned long product = 1;

	if (strlen(pattern) > REGEX_LEN_MAX)
		return false;
	for (const char *p = strpbrk(pattern, "{+*?"); p; p = strpbrk(p + 1, "{+*?")) {
		bool is_of_another = p > pattern && strchr("+*?})", p[-1]);
		unsigned long n = 1;

		if (*p == '{')
			n = strtoul(p + 1, NULL, 10);
		else if (*p == '+' || is_of_another)
			n = 2;
		if (n > REGEX_REPEAT_MAX)
			return false;
		product *= n ? n : 1;
		if (product > REGEX_REPEAT_MAX)
			return false;
	}
	return true;
}

static int pick_regex(struct pick *pick, const char *pattern, char *error, size_t error_len)
{
	char reason[128];
	regex_t regex;
	int err;

	if (!is_regex_small(pattern)) {
		snprintf(error, error_len, "regcomp: %.40s...: Regular expression too big",
			 pattern);
		return -EINVAL;
	}
	err = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);
	if (err) {
		regerror(err, &regex, reason, sizeof(reason));
		snprintf(error, error_len, "regcomp: %s: %s", pattern, reason);
		return -EINVAL;
	}
	pick_names(pick, NULL, &regex);
	regfree(&regex);
	return 0;
}

/* Take the @personality off name and note which it means. */
static int split_personality(struct pick *pick, char *name, char *error, size_t error_len)
{
	char *at = strrchr(name, '@');

	pick->archs = all_archs;
	if (!at)
		return 0;
	pick->archs = names_personality(at + 1);
	if (!pick->archs) {
		snprintf(error, error_len,
			 "incorrect personality designator '%s' in qualification '%s'", at + 1,
			 name);
		return -EDOM;
	}
	*at = '\0';
	return 0;
}

static int pick_name(struct pick *pick, const char *name, char *error, size_t error_len)
{
	const struct call_class *class = class_find(name, pick->is_strace_face);

	if (*name >= '0' && *name <= '9') {
		int number = token_number(name, INT_MAX);

		if (number >= 0)
			pick_number(pick, number);
	} else if (*name == '/') {
		return pick_regex(pick, name + 1, error, error_len);
	} else if (strcmp(name, "all") == 0) {
		pick_all(pick);
	} else if (class) {
		pick_class(pick, class);
	} else {
		pick_names(pick, name, NULL);
	}
	return 0;
}

static int add_token(void *data, const char *token, char *error, size_t error_len)
{
	struct pick *pick = data;
	bool is_optional = *token == '?';
	char *name;
	int err;

	while (*token == '?')
		token++;
	name = strdup(token);
	if (!name)
		abort();
	pick->is_found = false;
	err = split_personality(pick, name, error, error_len);
	if (!err)
		err = pick_name(pick, name, error, error_len);
	free(name);
	if (!err && !pick->is_found && !is_optional)
		return token_invalid("system call", token, error, error_len);
	return err;
}

static void invert(struct call_set *set, const struct call_names *names)
{
	set->has_unnamed = !set->has_unnamed;
	for (int arch = 0; arch < ARCH_KINDS; arch++) {
		for (size_t nr = 0; nr < SYSCALL_NR_MAX; nr++) {
			uint16_t *slot = &set->rule[arch][nr];

			if (names->name[arch][nr] && *slot < CALL_RULES)
				*slot = *slot == CALL_NO ? CALL_YES : CALL_NO;
		}
	}
	for (size_t i = 0; i < set->n_rules; i++)
		set->rules[i].is_negated = !set->rules[i].is_negated;
}

int call_set_parse(struct call_set *set, const struct call_names *names, bool is_strace_face,
		   const char *text, char *error, size_t error_len)
{
	struct call_set *fresh = calloc(1, sizeof(*fresh));
	struct pick pick = { .set = fresh, .names = names, .is_strace_face = is_strace_face };
	bool is_inverted;
	int err;

	if (!fresh)
		abort();
	err = token_list_parse(text, "system call", add_token, &pick, &is_inverted, error,
			       error_len);
	if (!err && is_inverted)
		invert(fresh, names);
	if (err) {
		call_set_finish(fresh);
	} else {
		call_set_finish(set);
		*set = *fresh;
	}
	free(fresh);
	return err;
}

unsigned call_set_find(const struct call_set *set, const struct call_names *names, uint32_t arch,
		       uint64_t nr)
{
	int index = names_arch(arch, &nr);

	if (index < 0 || nr >= SYSCALL_NR_MAX || !names->name[index][nr])
		return set->has_unnamed ? CALL_YES : CALL_NO;
	return set->rule[index][nr];
}
