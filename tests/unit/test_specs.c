/*
 * The rows as data: one test per row of every family, made at run time, and some over all of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decode/families.h"
#include "decode/syscalls.h"
#include "decode/types/types.h"

enum { ARGS_MAX = 6, FIELDS_MAX = 64, DEPTH_MAX = 8 };

static bool is_shape(const struct type *type)
{
	return type->show || type->show_bytes || type->fields;
}

static bool uses_sibling(const struct slot *slot)
{
	return slot->len.kind == LEN_SLOT || slot->len.kind == LEN_RET_SLOT ||
	       slot->len.kind == LEN_DEREF || slot->len.kind == LEN_DEREF_SIZE;
}

static bool needs_set(const struct type *type)
{
	static const struct type *const types[] = {
		&type_enum8,  &type_enum16,  &type_enum,  &type_enum64,  &type_enuml,
		&type_flags8, &type_flags16, &type_flags, &type_flags64, &type_flagsl,
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (type == types[i])
			return true;
	}
	return false;
}

static void check_set(const struct const_set *set, const char *name)
{
	if (!set->n)
		fail_msg("%s: an empty set of names", name);
	for (size_t i = 0; i < set->n; i++) {
		if (!set->names[i].name || !*set->names[i].name)
			fail_msg("%s: value %#llx has no name", name,
				 (unsigned long long)set->names[i].value);
	}
}

static void check_type(const struct type *type, const char *name, unsigned depth);

/* What holds for arguments and for fields. */
static void check_slot(const struct slot *slot, unsigned n_siblings, const char *name,
		       unsigned depth)
{
	if (!slot->type)
		fail_msg("%s: %s has no type", name, slot->name);
	if (!is_shape(slot->type))
		fail_msg("%s: %s is of a type that shows nothing", name, slot->name);
	if (uses_sibling(slot) && slot->len.slot >= n_siblings)
		fail_msg("%s: %s counts by slot %u of %u", name, slot->name, slot->len.slot,
			 n_siblings);
	if ((slot->type == &type_ptr || slot->type == &type_array) && !slot->elem)
		fail_msg("%s: %s points to nothing known", name, slot->name);
	if ((slot->type == &type_array || slot->type == &type_buffer ||
	     slot->type == &type_binary) &&
	    slot->len.kind == LEN_NONE)
		fail_msg("%s: %s has no length", name, slot->name);
	if (needs_set(slot->type) || (slot->elem && needs_set(slot->elem))) {
		if (!slot->set)
			fail_msg("%s: %s has no set of names", name, slot->name);
		check_set(slot->set, name);
	}
	check_type(slot->type, name, depth);
	if (slot->elem)
		check_type(slot->elem, name, depth);
}

static void check_type(const struct type *type, const char *name, unsigned depth)
{
	unsigned n = 0;

	if (!is_shape(type))
		fail_msg("%s: a type shows nothing", name);
	if (!type->fields) {
		if (!type->len32 || !type->len64)
			fail_msg("%s: type %s has no length", name, type->name);
		return;
	}
	if (depth >= DEPTH_MAX)
		fail_msg("%s: type %s is too deep", name, type->name);
	while (type->fields[n].name)
		n++;
	if (!n || n > FIELDS_MAX)
		fail_msg("%s: type %s has %u fields", name, type->name, n);
	for (unsigned i = 0; i < n; i++)
		check_slot(&type->fields[i], n, name, depth + 1);
}

static void check_row(const struct call_spec *spec)
{
	unsigned n = 0;

	while (n < ARGS_MAX && spec->args[n].name)
		n++;
	for (unsigned i = n; i < ARGS_MAX; i++) {
		if (spec->args[i].name || spec->args[i].type)
			fail_msg("%s: argument %u comes after a gap", spec->name, i);
	}
	for (unsigned i = 0; i < n; i++) {
		if (!spec->args[i].type || !spec->args[i].type->show)
			fail_msg("%s: %s does not fit a register", spec->name, spec->args[i].name);
		check_slot(&spec->args[i], n, spec->name, 0);
	}
	if (spec->ipc.mech >= MECH_KINDS || spec->ipc.arg >= ARGS_MAX)
		fail_msg("%s: mechanism %u of argument %u", spec->name, spec->ipc.mech,
			 spec->ipc.arg);
	/* A row for all operations need not know what they do. */
	if (spec->ipc.mech != MECH_NONE && !spec->ipc.op && !spec->refine)
		fail_msg("%s: mechanism %u without an operation", spec->name, spec->ipc.mech);
}

/* The handle is an argument; what creates something may name it by its result alone. */
static void check_handle(const struct call_spec *spec)
{
	if (spec->ipc.mech == MECH_NONE || (!spec->ipc.arg && !spec->args[0].name))
		return;
	if (!spec->args[spec->ipc.arg].name)
		fail_msg("%s: argument %u is no handle", spec->name, spec->ipc.arg);
}

/* The rows that small numbers in any argument refine it to. */
static void check_refined(const struct call_spec *spec, uint32_t arch)
{
	struct event ev = { .kind = EVENT_ENTER, .arch = arch };
	int nr = syscall_number(arch, spec->name);

	if (nr < 0)
		return;
	ev.nr = (uint64_t)nr;
	for (unsigned arg = 0; arg < ARGS_MAX; arg++) {
		for (unsigned value = 0; value < 5000; value++) {
			const struct call_spec *finer;

			memset(ev.args, 0, sizeof(ev.args));
			ev.args[arg] = value;
			finer = spec->refine(&ev, value & 1);
			if (!finer || finer == spec)
				continue;
			/* socketcall and ipc name the call that they stand for in their own way. */
			if (!finer->name || !*finer->name)
				fail_msg("%s: refined to a row without name", spec->name);
			check_row(finer);
		}
	}
}

static void a_row_is_well_formed(void **state)
{
	const struct call_spec *spec = *state;

	if (syscall_number(AUDIT_ARCH_X86_64, spec->name) < 0 &&
	    syscall_number(AUDIT_ARCH_I386, spec->name) < 0)
		fail_msg("%s: no such call on x86_64 or i386", spec->name);
	check_row(spec);
	check_handle(spec);
	if (spec->refine) {
		check_refined(spec, AUDIT_ARCH_X86_64);
		check_refined(spec, AUDIT_ARCH_I386);
	}
}

static void no_call_has_two_rows(void **state)
{
	size_t n_families;
	const struct spec_family *const *families = families_all(&n_families);
	unsigned n_doubles = 0;

	(void)state;
	for (size_t i = 0; i < n_families; i++) {
		for (size_t j = 0; j < families[i]->n; j++) {
			const struct call_spec *spec = &families[i]->specs[j];

			if (families_find(spec->name) == spec)
				continue;
			print_error("%s of %s has another row\n", spec->name, families[i]->name);
			n_doubles++;
		}
	}
	assert_int_equal(n_doubles, 0);
}

static unsigned count_missing(uint32_t arch)
{
	struct arena arena = { 0 };
	unsigned n_missing = 0, n = 0;

	for (unsigned nr = 0; nr <= SYSCALL_NR_MAX; nr++) {
		const char *name = syscall_name(&arena, arch, nr);

		if (!name)
			continue;
		n++;
		if (families_find(name))
			continue;
		print_error("%s (%u of %#x) has no row\n", name, nr, arch);
		n_missing++;
	}
	arena_finish(&arena);
	assert_true(n > 350);
	return n_missing;
}

static void every_call_of_x86_64_has_a_row(void **state)
{
	(void)state;
	assert_int_equal(count_missing(AUDIT_ARCH_X86_64), 0);
}

static void every_call_of_i386_has_a_row(void **state)
{
	(void)state;
	assert_int_equal(count_missing(AUDIT_ARCH_I386), 0);
}

int main(void)
{
	const struct CMUnitTest overall[] = {
		cmocka_unit_test(no_call_has_two_rows),
		cmocka_unit_test(every_call_of_x86_64_has_a_row),
		cmocka_unit_test(every_call_of_i386_has_a_row),
	};
	size_t n_families, n = 0, n_rows = 0;
	const struct spec_family *const *families = families_all(&n_families);
	struct CMUnitTest *tests;
	int n_failed;

	for (size_t i = 0; i < n_families; i++)
		n_rows += families[i]->n;
	tests = calloc(n_rows + ARRAY_LEN(overall), sizeof(*tests));
	if (!tests)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(overall); i++)
		tests[n++] = overall[i];
	for (size_t i = 0; i < n_families; i++) {
		for (size_t j = 0; j < families[i]->n; j++) {
			const struct call_spec *spec = &families[i]->specs[j];

			tests[n++] = (struct CMUnitTest){ spec->name, a_row_is_well_formed, NULL,
							  NULL, (void *)spec };
		}
	}
	n_failed = _cmocka_run_group_tests("specs", tests, n, NULL, NULL);
	free(tests);
	return n_failed;
}
