#include "stack/modules.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { FILES_MAX = 512 };

struct file_key {
	uint64_t dev, ino;
};

struct module_file {
	struct file_key key;
	struct elf_image *image; /* NULL: there is none to be had */
	UT_hash_handle hh;
};

void module_files_finish(struct module_files *files)
{
	struct module_file *file, *next;

	if (!files)
		return;
	HASH_ITER (hh, files->files, file, next) {
		HASH_DEL(files->files, file);
		elf_image_destroy(file->image);
		free(file);
	}
	files->n = 0;
}

/* A mapped file, which the tracer opens and reads for us; data: struct asking. */
static ssize_t read_file(void *data, void *buf, size_t len, uint64_t offset)
{
	const uint8_t *bytes;
	ssize_t n = asking_read(data, offset, len, &bytes);

	if (n > 0)
		memcpy(buf, bytes, (size_t)n);
	return n;
}

static struct elf_source open_mapped(const struct asking *asking, const struct maps *maps,
				     const struct mapping *mapping)
{
	int64_t len = asking_open(asking, (size_t)(mapping - maps->items));

	return (struct elf_source){ read_file, (void *)asking, len < 0 ? 0 : (uint64_t)len };
}

struct elf_image *module_files_get(struct module_files *files, const struct asking *asking,
				   const struct maps *maps, const struct mapping *mapping)
{
	struct file_key key = { mapping->dev, mapping->ino };
	struct elf_source source;
	struct module_file *file;

	if (!mapping->ino)
		return NULL;
	HASH_FIND(hh, files->files, &key, sizeof(key), file);
	if (file)
		return file->image;
	if (files->n >= FILES_MAX)
		module_files_finish(files);
	file = calloc(1, sizeof(*file));
	if (!file)
		abort();
	file->key = key;
	source = open_mapped(asking, maps, mapping);
	elf_image_load(&source, &file->image);
	HASH_ADD(hh, files->files, key, sizeof(file->key), file);
	files->n++;
	return file->image;
}

size_t module_files_unwind(struct elf_image *image, const struct asking *asking,
			   const struct maps *maps, const struct mapping *mapping,
			   const struct elf_unwind_entry **ret_entries)
{
	struct elf_source source = open_mapped(asking, maps, mapping);

	return elf_image_unwind(image, &source, ret_entries);
}
