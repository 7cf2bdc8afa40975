#include "stack/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/hash.h"

enum { FILES_MAX = 512, FILE_LEN_MAX = 2000 * 1024 * 1024 };

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

/*
 * Open name for reading if it is a regular file: looked at first, without reading or waking
 * anything. flags: O_NOFOLLOW or 0.
 */
static int open_regular(const char *name, int flags, struct stat *st)
{
	int probe = open(name, O_PATH | O_CLOEXEC | flags), fd;
	struct statfs fs;
	char self[64];

	if (probe < 0)
		return -errno;
	/* A file system served by a tracee, which is stopped now, would never answer. */
	if (fstat(probe, st) < 0 || !S_ISREG(st->st_mode) || st->st_size > FILE_LEN_MAX ||
	    fstatfs(probe, &fs) < 0 || fs.f_type == FUSE_SUPER_MAGIC) {
		close(probe);
		return -EINVAL;
	}
	snprintf(self, sizeof(self), "/proc/self/fd/%d", probe);
	fd = open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(probe);
	return fd;
}

/* The mapped file: by the kernel's own link where we may, else by its path as pid sees it. */
static int open_mapped(pid_t pid, const struct maps *maps, const struct mapping *mapping,
		       struct stat *st)
{
	const char *path = mapping_path(maps, mapping);
	char name[4200];
	int fd;

	/* A magic link: it has to be followed, and leads to nothing but the mapped file. */
	snprintf(name, sizeof(name), "/proc/%d/map_files/%llx-%llx", (int)pid,
		 (unsigned long long)mapping->start, (unsigned long long)mapping->end);
	fd = open_regular(name, 0, st);
	if (fd >= 0 || path[0] != '/')
		return fd;
	if (snprintf(name, sizeof(name), "/proc/%d/root%s", (int)pid, path) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	return open_regular(name, O_NOFOLLOW, st);
}

static ssize_t read_file(void *data, void *buf, size_t len, uint64_t offset)
{
	ssize_t n;

	do
		n = pread(*(int *)data, buf, len, (off_t)offset);
	while (n < 0 && errno == EINTR);
	return n;
}

struct elf_image *module_files_get(struct module_files *files, pid_t pid, const struct maps *maps,
				   const struct mapping *mapping)
{
	struct file_key key = { mapping->dev, mapping->ino };
	struct module_file *file;
	struct stat st;
	int fd;

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
	fd = open_mapped(pid, maps, mapping, &st);
	if (fd >= 0) {
		struct elf_source source = { read_file, &fd, (uint64_t)st.st_size };

		elf_image_load(&source, &file->image);
		close(fd);
	}
	HASH_ADD(hh, files->files, key, sizeof(file->key), file);
	files->n++;
	return file->image;
}

size_t module_files_unwind(struct elf_image *image, pid_t pid, const struct maps *maps,
			   const struct mapping *mapping,
			   const struct elf_unwind_entry **ret_entries)
{
	struct stat st;
	int fd = open_mapped(pid, maps, mapping, &st);
	struct elf_source source = { read_file, &fd, fd < 0 ? 0 : (uint64_t)st.st_size };
	size_t n = elf_image_unwind(image, &source, ret_entries);

	if (fd >= 0)
		close(fd);
	return n;
}
