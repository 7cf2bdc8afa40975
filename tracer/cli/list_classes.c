#include "cli/list_classes.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdio.h>

#include "filters/classes.h"

int list_classes(struct buf *out, const struct options *options)
{
	const struct call_class *class = NULL;
	const char *const *names;
	struct arena arena = { 0 };
	size_t n;

	if (!options->class_name) {
		while ((class = class_next(class, options->is_strace)))
			buf_printf(out, "%-16s %s\n", class->name, class->meaning);
		return 0;
	}
	class = class_named(options->class_name, options->is_strace);
	if (!class) {
		fprintf(stderr, "%s: no class is called '%s'; --list-classes lists them\n",
			options->program, options->class_name);
		return -EINVAL;
	}
	n = class_members(class, AUDIT_ARCH_X86_64, &arena, &names);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s\n", names[i]);
	arena_finish(&arena);
	return 0;
}
