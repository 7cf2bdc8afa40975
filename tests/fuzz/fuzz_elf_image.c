/*
 * Damaged ELF files: what is mapped into a tracee can be anything. The good one is this very program.
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stack/elf_image.h"
#include "tests/fuzz/fuzz.h"

const unsigned long fuzz_rounds = 300;

static unsigned long n_names;

struct bytes {
	const uint8_t *data;
	size_t len;
};

static ssize_t read_bytes(void *data, void *buf, size_t len, uint64_t offset)
{
	const struct bytes *bytes = data;

	if (offset >= bytes->len)
		return 0;
	if (len > bytes->len - offset)
		len = bytes->len - offset;
	memcpy(buf, bytes->data + offset, len);
	return (ssize_t)len;
}

/* Load it and ask for names all over it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes bytes = { data, len };
	struct elf_source source = { read_bytes, &bytes, len };
	const struct elf_unwind_entry *entries;
	struct elf_image *image;
	size_t n;

	if (elf_image_load(&source, &image) < 0)
		return 0;
	for (uint64_t offset = 0; offset < len; offset += 509) {
		uint64_t vaddr, from;
		const char *name;

		if (elf_image_vaddr(image, offset, &vaddr) < 0)
			continue;
		name = elf_image_symbol(image, vaddr, &from);
		n_names += name && strlen(name) > 0;
	}
	n = elf_image_unwind(image, &source, &entries);
	for (size_t i = 1; i < n; i++) {
		if (entries[i].start < entries[i - 1].start)
			errx(1, "unwind table is not sorted");
	}
	elf_image_destroy(image);
	return 0;
}

/* Most of a file is code, which nobody looks at: aim at headers, sections' heads and .eh_frame. */
static size_t target(const uint8_t *data, size_t len)
{
	uint64_t at;
	Elf64_Ehdr header;

	memcpy(&header, data, sizeof(header));
	switch (fuzz_random(4)) {
	case 0:
		return fuzz_random(sizeof(header));
	case 1:
		at = header.e_phoff + fuzz_random(1024);
		break;
	case 2:
		at = header.e_shoff + fuzz_random(64 * 48);
		break;
	default:
		at = fuzz_random(len);
	}
	return at < len ? at : 0;
}

size_t fuzz_make(uint8_t *data, size_t room)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, data, room);

	if (len < (ssize_t)sizeof(Elf64_Ehdr))
		err(1, "/proc/self/exe");
	close(fd);
	for (uint64_t n = fuzz_random(7); n--;) {
		size_t at = target(data, (size_t)len);

		if (fuzz_random(2))
			data[at] = (uint8_t)fuzz_random(256);
		else
			data[at] = (uint8_t)(fuzz_random(2) ? 0xff : 0);
	}
	return fuzz_random(16) ? (size_t)len : fuzz_random((size_t)len) + 1;
}

void fuzz_judge(unsigned long rounds)
{
	if (n_names < rounds)
		errx(1, "%lu names in %lu files", n_names, rounds);
}
