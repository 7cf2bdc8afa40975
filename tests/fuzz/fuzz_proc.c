/*
 * Damaged texts and messages of the kernel: names of files and processes in them are up to
 * strangers.
 */
#include <err.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/array.h"
#include "capture/facts_text.h"
#include "capture/proc.h"
#include "capture/procmap.h"
#include "capture/sock_diag.h"
#include "tests/fuzz/fuzz.h"

const unsigned long fuzz_rounds = 100000;

static unsigned long n_taken;

static const char *const seeds[] = {
	"pos:\t0\nflags:\t02\nmnt_id:\t15\nino:\t26\neventfd-count:                7\n"
	"eventfd-id: 12\neventfd-semaphore: 0\n",
	"1: FLOCK  ADVISORY  WRITE 812 fe:01:42 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 9 fe:01:42 0 "
	"EOF\n"
	"2: OFDLCK ADVISORY  READ -1 fe:01:42 5 6\n",
	"Name:\tsh\nState:\tS (sleeping)\nTgid:\t812\nPPid:\t1\nTracerPid:\t0\nUid:\t0\t0\t0\t0\n"
	"VmSize:\t 5 kB\nSigPnd:\t0000000000000200\nShdPnd:\t0000000000000001\n"
	"SigBlk:\tffffffffffffffff\nSigIgn:\t0000000000001000\nSigCgt:\t0000000180004002\n",
	"7f19659c2000-7f19659c5000 rw-s 00001000 fe:01 4242                      /dev/shm/sem.x "
	"y\n",
};

/* A unix answer with a name, a peer and queues. */
static size_t make_answer(uint8_t *bytes)
{
	static const char attributes[] =
		"\x08\0\0\0\0abc\x08\0\2\0\x15\0\0\0\x0c\0\4\0\5\0\0\0\6\0\0";
	struct nlmsghdr header = { .nlmsg_type = SOCK_DIAG_BY_FAMILY };
	struct unix_diag_msg head = { .udiag_ino = 99 };
	size_t len = NLMSG_LENGTH(sizeof(head)) + sizeof(attributes);

	header.nlmsg_len = (uint32_t)len;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + NLMSG_HDRLEN, &head, sizeof(head));
	memcpy(bytes + NLMSG_LENGTH(sizeof(head)), attributes, sizeof(attributes));
	return len;
}

/* What is picked are whole lines of the text. */
static void check_locks(const char *text, size_t len)
{
	struct buf found = { 0 };
	size_t at = 0;

	facts_text_locks(text, len, makedev(0xfe, 1), 42, &found);
	while (at < found.len) {
		const char *line = found.data + at;
		const char *end = memchr(line, '\n', found.len - at);

		if (!end)
			errx(1, "a line without its end was picked");
		if (!memmem(text, len, line, (size_t)(end + 1 - line)))
			errx(1, "a line was made up");
		if (!memmem(line, (size_t)(end - line), " fe:01:42 ", 10))
			errx(1, "a line about another file was picked");
		at = (size_t)(end + 1 - found.data);
	}
	buf_finish(&found);
}

/* Each in a block of exactly its size, so that ASan sees every step too far. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *exact = malloc(len + 1), *bare = malloc(len ? len : 1);
	struct procmap *map = malloc(sizeof(*map));
	struct sock_info info;
	struct proc_status status;
	uint64_t value;

	if (!exact || !bare || !map)
		err(1, "malloc");
	memcpy(exact, bytes, len);
	memcpy(bare, bytes, len);
	exact[len] = '\0';
	n_taken += facts_text_number(exact, "eventfd-id", 10, &value);
	proc_parse_status(exact, &status);
	if (strnlen(status.comm, sizeof(status.comm)) == sizeof(status.comm))
		errx(1, "a name without end");
	check_locks(bare, len);
	n_taken += procmap_parse(bare, len, map) == 0;
	if (sock_diag_parse_unix(bare, len, &info) == 0) {
		n_taken++;
		if (info.name_len > sizeof(info.name))
			errx(1, "a name of %zu bytes", info.name_len);
	}
	free(exact);
	free(bare);
	free(map);
	return 0;
}

size_t fuzz_make(uint8_t *bytes, size_t room)
{
	size_t which = fuzz_random(ARRAY_LEN(seeds) + 1), len;

	if (which == ARRAY_LEN(seeds)) {
		len = make_answer(bytes);
	} else {
		len = strlen(seeds[which]);
		memcpy(bytes, seeds[which], len);
	}
	return fuzz_mutate(bytes, len, room);
}

/* If nothing gets through, nothing was tested. */
void fuzz_judge(unsigned long rounds)
{
	if (n_taken < rounds / 10)
		errx(1, "only %lu of %lu were taken", n_taken, rounds);
}
