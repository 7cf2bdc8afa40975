#ifndef STACK_MODULES_H
#define STACK_MODULES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

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
 * The image of the file that mapping of process pid is of, NULL if it cannot be had or is none.
 * Valid until the next call. The file is opened as the process sees it, and only if it is a
 * regular file of a real file system: the process could stall us with others.
 */
struct elf_image *module_files_get(struct module_files *files, pid_t pid, const struct maps *maps,
				   const struct mapping *mapping);

/* As elf_image_unwind(), opening the file again. */
size_t module_files_unwind(struct elf_image *image, pid_t pid, const struct maps *maps,
			   const struct mapping *mapping,
			   const struct elf_unwind_entry **ret_entries);

#endif
