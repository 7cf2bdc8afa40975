#ifndef STACK_ELF_IMAGE_H
#define STACK_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What a 64-bit ELF file says about the code in it: names of functions, and where unwind
 * information is for those that have no index of it. The file may be anything: every offset is
 * checked, every size is limited.
 */
struct elf_image;

/* Where the bytes come from: as pread(2), short only at the end; len is of the whole. */
struct elf_source {
	ssize_t (*read)(void *data, void *buf, size_t len, uint64_t offset);
	void *data;
	uint64_t len;
};

/* 0, -ENOEXEC if it is no 64-bit x86 ELF file, or an error of the source. */
int elf_image_load(const struct elf_source *source, struct elf_image **ret_image);
void elf_image_destroy(struct elf_image *image);

/* The address, as the file has it, of what is at an offset in it: 0 or -ENOENT. */
int elf_image_vaddr(const struct elf_image *image, uint64_t offset, uint64_t *ret_vaddr);

/*
 * The function that vaddr lies in; NULL if none is known to. The name lives as long as the image.
 * Source: .symtab and .dynsym; a symbol with a size covers just that, one without reaches up to
 * the next one in its section.
 */
const char *elf_image_symbol(const struct elf_image *image, uint64_t vaddr, uint64_t *ret_offset);

/* An entry as in the table of .eh_frame_hdr: relative to elf_image_unwind_base(). */
struct elf_unwind_entry {
	int32_t start, fde;
};

/*
 * The index of .eh_frame, in order of start: made when first asked for. Returns the number of
 * entries, 0 without any.
 */
size_t elf_image_unwind(struct elf_image *image, const struct elf_source *source,
			const struct elf_unwind_entry **ret_entries);

/* The virtual address of .eh_frame, 0 if there is none. */
uint64_t elf_image_unwind_base(const struct elf_image *image);

#endif
