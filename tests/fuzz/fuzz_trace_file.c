/*
 * Damaged trace files: whatever the bytes are, reading ends, touches nothing that is not there
 * (run it under ASan) and gives events whose offsets are all good.
 *
 *   fuzz_trace_file [ROUNDS [SEED]]    mutate a good file, checksums repaired
 *   fuzz_trace_file FILE...            read these
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "event/trace_file.h"
#include "event/trace_record.h"

enum { BLOCK_HEAD_LEN = 28, HEADER_LEN = 20 };

static uint64_t random_state = 1;
static unsigned looked_at; /* so that looking is not optimised away */

static uint32_t random_number(uint32_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % limit;
}

/* Look at every byte an event refers to. */
static unsigned look_at(const struct event *ev)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < ev->n_ranges; i++) {
		for (uint32_t j = 0; j < ev->ranges[i].len && j < 64; j++)
			sum += (unsigned char)ev->bytes.data[ev->ranges[i].data + j];
		if (ev->ranges[i].len)
			sum += (unsigned char)
				       ev->bytes.data[ev->ranges[i].data + ev->ranges[i].len - 1];
	}
	for (uint32_t i = 0; i < ev->n_facts; i++) {
		for (uint32_t j = 0; j < ev->facts[i].text_len; j++)
			sum += (unsigned char)event_fact_text(ev, &ev->facts[i])[j];
	}
	for (uint32_t i = 0; i < ev->n_frames; i++) {
		for (uint32_t j = 0; j < ev->frames[i].module_len; j++)
			sum += (unsigned char)ev->bytes.data[ev->frames[i].module + j];
		for (uint32_t j = 0; j < ev->frames[i].symbol_len; j++)
			sum += (unsigned char)ev->bytes.data[ev->frames[i].symbol + j];
	}
	return sum;
}

/* Returns the events read. */
static unsigned read_all(int fd)
{
	struct trace_reader *r = trace_reader_create(fd);
	struct event ev = { 0 };
	unsigned n = 0;
	int result;

	while ((result = trace_reader_next(r, &ev)) == 1) {
		looked_at += look_at(&ev);
		n++;
	}
	if (result > 0 || trace_reader_position(r).n_events != n)
		errx(1, "result %d after %u events", result, n);
	event_finish(&ev);
	trace_reader_destroy(r);
	return n;
}

static void add_event(struct trace_writer *w, unsigned i)
{
	struct event ev = { .kind = (enum event_kind)(1 + i % (EVENT_KINDS - 1)) };
	char bytes[64] = "some bytes of the tracee";

	for (unsigned j = 0; j < i % 4; j++)
		event_add_range(&ev, 0x1000 * j, bytes, random_number(sizeof(bytes)));
	if (i % 3 == 0)
		event_add_fact(&ev, FACT_FD, (int)i, "pipe:[12]", 9);
	if (i % 5 == 0)
		event_add_frame(&ev, "/bin/x", "main");
	if (trace_writer_add(w, &ev) < 0)
		errx(1, "cannot write");
	event_finish(&ev);
}

static size_t make_file(uint8_t *data, size_t capacity, int level)
{
	static const char *const argv[] = { "a", "b", NULL };
	const struct trace_meta meta = { "h", "k", "p", argv, 1, 2, 3, 4 };
	int fd = memfd_create("good", MFD_CLOEXEC);
	struct trace_writer *w = trace_writer_create(fd, &meta);
	ssize_t len;

	trace_writer_compress(w, level);
	for (unsigned i = 0; i < 12; i++) {
		add_event(w, i);
		if (i % 4 == 3 && trace_writer_flush(w) < 0)
			errx(1, "cannot flush");
	}
	trace_writer_destroy(w);
	len = pread(fd, data, capacity, 0);
	close(fd);
	if (len <= 0)
		err(1, "no file");
	return (size_t)len;
}

static uint32_t number_at(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void set_number(uint8_t *p, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(number >> 8 * i);
}

/* Make the checksums right again, so that what is behind them is reached. */
static void repair(uint8_t *data, size_t len)
{
	size_t at, meta_len;

	if (len < HEADER_LEN)
		return;
	meta_len = number_at(data + 12);
	if (meta_len > len - HEADER_LEN)
		return;
	set_number(data + 16, (uint32_t)crc32_z(crc32_z(0, data, 16), data + HEADER_LEN, meta_len));
	for (at = HEADER_LEN + meta_len; len - at >= BLOCK_HEAD_LEN;) {
		size_t stored_len = number_at(data + at + 4);

		if (stored_len <= len - at - BLOCK_HEAD_LEN)
			set_number(data + at + 20,
				   (uint32_t)crc32_z(0, data + at + BLOCK_HEAD_LEN, stored_len));
		set_number(data + at + 24, (uint32_t)crc32_z(0, data + at, 24));
		if (stored_len > len - at - BLOCK_HEAD_LEN)
			return;
		at += BLOCK_HEAD_LEN + stored_len;
	}
}

static size_t mutate(uint8_t *data, size_t len)
{
	static const uint32_t odd[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 0x1ffffff
	};
	unsigned n = 1 + random_number(4);

	while (n--) {
		size_t at = random_number((uint32_t)len);

		switch (random_number(4)) {
		case 0:
			data[at] ^= (uint8_t)(1 << random_number(8));
			break;
		case 1:
			data[at] = (uint8_t)random_number(256);
			break;
		case 2:
			if (len - at >= 4)
				set_number(data + at, odd[random_number(7)]);
			break;
		default:
			if (random_number(8) == 0)
				len = at + 1;
		}
	}
	return len;
}

static void fuzz(unsigned rounds)
{
	static uint8_t good[65536], bad[65536];
	unsigned n_events = 0;

	for (unsigned i = 0; i < rounds; i++) {
		size_t len = make_file(good, sizeof(good), i % 4 == 3);
		int fd = memfd_create("bad", MFD_CLOEXEC);

		memcpy(bad, good, len);
		len = mutate(bad, len);
		if (i % 8)
			repair(bad, len);
		if (write(fd, bad, len) != (ssize_t)len)
			err(1, "write");
		lseek(fd, 0, SEEK_SET);
		n_events += read_all(fd);
		close(fd);
	}
	printf("%u rounds, %u events, sum %u\n", rounds, n_events, looked_at);
	if (rounds > 100 && n_events < rounds)
		errx(1, "hardly anything could be read: the checksums are not repaired");
}

int main(int argc, char **argv)
{
	char *end = NULL;
	unsigned long rounds = argc > 1 ? strtoul(argv[1], &end, 10) : 20000;

	if (argc > 2 && *end == '\0')
		random_state = strtoul(argv[2], NULL, 10);
	if (!end || *end == '\0') {
		fuzz((unsigned)rounds);
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			err(1, "%s", argv[i]);
		printf("%s: %u events\n", argv[i], read_all(fd));
		close(fd);
	}
	return 0;
}
