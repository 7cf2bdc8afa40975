/*
 * The main() of fuzz targets without libFuzzer.
 *
 *   fuzz_x [ROUNDS [SEED]]     inputs of its own making, the same for the same seed
 *   fuzz_x FILE...             these inputs
 *   fuzz_x --corpus DIR N      write N inputs to DIR, for libFuzzer to start with
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { ROOM = 4 * 1024 * 1024 };

/* In a block of exactly its size, so that ASan sees every step too far. */
static void try(const uint8_t *data, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);

	if (!exact)
		err(1, "malloc");
	memcpy(exact, data, len);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

static void try_file(const char *path, uint8_t *room)
{
	FILE *file = fopen(path, "rb");

	if (!file)
		err(1, "%s", path);
	try(room, fread(room, 1, ROOM, file));
	fclose(file);
}

static void write_corpus(const char *dir, unsigned long n, uint8_t *room)
{
	for (unsigned long i = 0; i < n; i++) {
		size_t len = fuzz_make(room, ROOM);
		char path[PATH_MAX];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%04lu", dir, i);
		file = fopen(path, "wb");
		if (!file || fwrite(room, 1, len, file) != len || fclose(file) != 0)
			err(1, "%s", path);
	}
}

int main(int argc, char **argv)
{
	uint8_t *room = malloc(ROOM);
	char *end = NULL;
	unsigned long rounds = argc > 1 ? strtoul(argv[1], &end, 10) : fuzz_rounds;

	if (!room)
		err(1, "malloc");
	if (argc == 4 && strcmp(argv[1], "--corpus") == 0) {
		write_corpus(argv[2], strtoul(argv[3], NULL, 10), room);
	} else if (end && *end) {
		for (int i = 1; i < argc; i++)
			try_file(argv[i], room);
	} else {
		if (argc > 2)
			fuzz_seed = strtoull(argv[2], NULL, 10);
		for (unsigned long i = 0; i < rounds; i++)
			try(room, fuzz_make(room, ROOM));
		printf("%lu rounds\n", rounds);
		fuzz_judge(rounds);
	}
	free(room);
	return 0;
}
