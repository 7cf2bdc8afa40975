/*
 * Damaged trace files: whatever the bytes are, reading ends, touches nothing that is not there
 * and gives events whose offsets are all good. Checksums are repaired, for else nothing is read.
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
#include "tests/fuzz/fuzz.h"

enum { BLOCK_HEAD_LEN = 28, HEADER_LEN = 20 };

const unsigned long fuzz_rounds = 20000;

static unsigned looked_at; /* so that looking is not optimised away */
static unsigned long n_events;

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
		event_add_range(&ev, 0x1000 * j, bytes, fuzz_random(sizeof(bytes)));
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
	unsigned n = 1 + fuzz_random(4);

	while (n--) {
		size_t at = fuzz_random(len);

		switch (fuzz_random(4)) {
		case 0:
			data[at] ^= (uint8_t)(1 << fuzz_random(8));
			break;
		case 1:
			data[at] = (uint8_t)fuzz_random(256);
			break;
		case 2:
			if (len - at >= 4)
				set_number(data + at, odd[fuzz_random(7)]);
			break;
		default:
			if (fuzz_random(8) == 0)
				len = at + 1;
		}
	}
	return len;
}

size_t fuzz_make(uint8_t *data, size_t room)
{
	size_t len = mutate(data, make_file(data, room, fuzz_random(4) == 3));

	if (fuzz_random(8))
		repair(data, len);
	return len;
}

static void read_bytes(const uint8_t *data, size_t len)
{
	int fd = memfd_create("bad", MFD_CLOEXEC);

	if (write(fd, data, len) != (ssize_t)len)
		err(1, "write");
	lseek(fd, 0, SEEK_SET);
	n_events += read_all(fd);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *repaired = malloc(len ? len : 1);

	if (!repaired)
		err(1, "malloc");
	read_bytes(data, len);
	memcpy(repaired, data, len);
	repair(repaired, len);
	read_bytes(repaired, len);
	free(repaired);
	return 0;
}

void fuzz_judge(unsigned long rounds)
{
	if (n_events < rounds)
		errx(1, "only %lu events in %lu files: the checksums are not repaired", n_events,
		     rounds);
}
