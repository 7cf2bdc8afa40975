#ifndef STACK_MODULES_H
#define STACK_MODULES_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/asking.h"
#include "stack/elf_image.h"
#include "stack/maps.h"
#include "stack/pages.h"

/* Symbols by file, shared by all processes. A zeroed struct is ready to use. */
struct module_files {
	struct module_file *files;
	unsigned n;
};

void module_files_finish(struct module_files *files);

/*
 * The image of the file that a mapping is of, NULL if it cannot be had or is none. Valid until the
 * next call.
 */
struct elf_image *module_files_get(struct module_files *files, const struct asking *asking,
				   const struct maps *maps, const struct mapping *mapping);

/* As elf_image_unwind(), opening the file again. */
size_t module_files_unwind(struct elf_image *image, const struct asking *asking,
			   const struct maps *maps, const struct mapping *mapping,
			   const struct elf_unwind_entry **ret_entries);

#endif
