/*
 * Damaged ELF files: what is mapped into a tracee can be anything. Run it under ASan.
 *
 *   fuzz_elf_image [ROUNDS [SEED]]    mutate this very program
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

static uint64_t random_state = 1;

static uint64_t random_number(uint64_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 20) % limit;
}

struct bytes {
	uint8_t *data;
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

/* Load it and ask for names all over it. Returns how many there were. */
static unsigned look_at(struct bytes *bytes)
{
	struct elf_source source = { read_bytes, bytes, bytes->len };
	const struct elf_unwind_entry *entries;
	struct elf_image *image;
	unsigned n_names = 0;
	size_t n;

	if (elf_image_load(&source, &image) < 0)
		return 0;
	for (uint64_t offset = 0; offset < bytes->len; offset += 509) {
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
	return n_names + (n > 0);
}

/* Most of a file is code, which nobody looks at: aim at headers, sections' heads and .eh_frame. */
static size_t target(const struct bytes *bytes)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes->data;
	uint64_t at;

	switch (random_number(4)) {
	case 0:
		return random_number(sizeof(*header));
	case 1:
		at = header->e_phoff + random_number(1024);
		break;
	case 2:
		at = header->e_shoff + random_number(64 * 48);
		break;
	default:
		at = random_number(bytes->len);
	}
	return at < bytes->len ? at : 0;
}

static void mutate(struct bytes *bytes)
{
	unsigned n = 1 + (unsigned)random_number(6);

	while (n--) {
		size_t at = target(bytes);

		if (random_number(2))
			bytes->data[at] = (uint8_t)random_number(256);
		else
			bytes->data[at] = (uint8_t)(random_number(2) ? 0xff : 0);
	}
	if (random_number(16) == 0)
		bytes->len = random_number(bytes->len) + 1;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 300;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct bytes bad = { 0 };
	unsigned n_names = 0;
	uint8_t *good;
	struct stat st;

	if (argc > 2)
		random_state = strtoul(argv[2], NULL, 10);
	if (fd < 0 || fstat(fd, &st) < 0)
		err(1, "/proc/self/exe");
	good = malloc((size_t)st.st_size);
	bad.data = malloc((size_t)st.st_size);
	if (!good || !bad.data || read(fd, good, (size_t)st.st_size) != st.st_size)
		err(1, "/proc/self/exe");
	for (unsigned long i = 0; i < rounds; i++) {
		memcpy(bad.data, good, (size_t)st.st_size);
		bad.len = (size_t)st.st_size;
		mutate(&bad);
		n_names += look_at(&bad);
	}
	printf("%lu rounds, %u names\n", rounds, n_names);
	free(good);
	free(bad.data);
	close(fd);
	return n_names ? 0 : 1;
}
