/* The kernel's texts and messages, and what could be in their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "capture/facts_text.h"
#include "capture/proc.h"
#include "capture/sock_diag.h"

static void number_is_found_at_the_start_of_a_line(void **state)
{
	static const char text[] = "pos:\t0\nxeventfd-id: 9\neventfd-count:   1f\neventfd-id: 4\n";
	uint64_t value = 0;

	(void)state;
	assert_true(facts_text_number(text, "eventfd-id", 10, &value));
	assert_int_equal(value, 4);
	assert_true(facts_text_number(text, "eventfd-count", 16, &value));
	assert_int_equal(value, 0x1f);
	assert_true(facts_text_number(text, "pos", 10, &value));
	assert_int_equal(value, 0);
}

static void text_without_the_number_changes_nothing(void **state)
{
	static const char *const texts[] = {
		"",        "\n\n",     "id",
		"id:",     "id:\n5",   "id: -5\n",
		"id: x\n", "ids: 5\n", "id: 99999999999999999999999\n"
	};
	uint64_t value = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_false(facts_text_number(texts[i], "id", 10, &value));
		assert_int_equal(value, 77);
	}
}

static const char locks[] = "1: FLOCK  ADVISORY  WRITE 812 fe:01:42 0 EOF\n"
			    "1: -> FLOCK  ADVISORY  WRITE 813 fe:01:42 0 EOF\n"
			    "2: POSIX  ADVISORY  READ 9 fe:01:421 0 EOF\n"
			    "3: POSIX  ADVISORY  READ 9 fe:00:42 0 EOF\n"
			    "4: OFDLCK ADVISORY  READ -1 fe:01:42 5 6\n"
			    "5: POSIX  ADVISORY  READ 9 fe:01:42 0 E";

static void locks_of_a_file_are_picked_with_their_waiters(void **state)
{
	static const char expected[] = "1: FLOCK  ADVISORY  WRITE 812 fe:01:42 0 EOF\n"
				       "1: -> FLOCK  ADVISORY  WRITE 813 fe:01:42 0 EOF\n"
				       "4: OFDLCK ADVISORY  READ -1 fe:01:42 5 6\n";
	struct buf found = { 0 };

	(void)state;
	facts_text_locks(locks, strlen(locks), makedev(0xfe, 1), 42, &found);
	assert_int_equal(found.len, strlen(expected));
	assert_memory_equal(found.data, expected, found.len);
	buf_clear(&found);
	facts_text_locks(locks, strlen(locks), makedev(0xfe, 1), 4, &found);
	facts_text_locks("", 0, makedev(0xfe, 1), 42, &found);
	facts_text_locks("\n\n", 2, makedev(0xfe, 1), 42, &found);
	assert_int_equal(found.len, 0);
	buf_finish(&found);
}

static void masks_are_read_from_status(void **state)
{
	struct proc_status status;

	(void)state;
	proc_parse_status(
		"Name:\ta\\nb\nState:\tS (sleeping)\nTgid:\t7\nSigPnd:\t0000000000000200\n"
		"ShdPnd:\t0000000000000001\nSigBlk:\tffffffffffffffff\n"
		"SigIgn:\t0000000000001000\nSigCgt:\t0000000180004002\n",
		&status);
	assert_int_equal(status.pending, 0x200);
	assert_int_equal(status.shared_pending, 1);
	assert_true(status.blocked == UINT64_MAX);
	assert_int_equal(status.ignored, 0x1000);
	assert_int_equal(status.caught, 0x180004002);
	proc_parse_status("Name:\nSigIgn", &status);
	assert_int_equal(status.ignored, 0);
	assert_string_equal(status.comm, "");
}

/* --- answers of sock_diag --- */

struct message {
	struct nlmsghdr header;
	struct unix_diag_msg head;
	char attributes[512];
	size_t len;
};

static void begin(struct message *message)
{
	memset(message, 0, sizeof(*message));
	message->header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	message->head.udiag_ino = 99;
	message->len = NLMSG_LENGTH(sizeof(message->head));
	message->header.nlmsg_len = (uint32_t)message->len;
}

static void add(struct message *message, unsigned type, const void *data, size_t len)
{
	struct rtattr attribute = { (unsigned short)RTA_LENGTH(len), (unsigned short)type };
	char *at = (char *)message + NLMSG_ALIGN(message->len);

	memcpy(at, &attribute, sizeof(attribute));
	memcpy(at + sizeof(attribute), data, len);
	message->len = NLMSG_ALIGN(message->len) + RTA_LENGTH(len);
	message->header.nlmsg_len = (uint32_t)message->len;
}

static void attributes_of_an_answer_are_taken(void **state)
{
	const struct unix_diag_rqlen queues = { 5, 6 };
	const uint32_t peer = 1234;
	struct message message;
	struct sock_info info;

	(void)state;
	begin(&message);
	add(&message, UNIX_DIAG_NAME, "\0x\0y", 4);
	add(&message, UNIX_DIAG_PEER, &peer, sizeof(peer));
	add(&message, UNIX_DIAG_RQLEN, &queues, sizeof(queues));
	assert_int_equal(sock_diag_parse_unix(&message, message.len, &info), 0);
	assert_int_equal(info.ino, 99);
	assert_int_equal(info.peer_ino, 1234);
	assert_int_equal(info.read_queue, 5);
	assert_int_equal(info.write_queue, 6);
	assert_int_equal(info.name_len, 4);
	assert_memory_equal(info.name, "@x\0y", 4);
	/* A path ends with its NUL. */
	begin(&message);
	add(&message, UNIX_DIAG_NAME, "/run/x\0", 7);
	assert_int_equal(sock_diag_parse_unix(&message, message.len, &info), 0);
	assert_int_equal(info.name_len, 6);
	assert_int_equal(info.peer_ino, 0);
	assert_int_equal(info.read_queue, -1);
}

static void damaged_answers_are_refused_or_cut(void **state)
{
	struct sock_info info = { .ino = 1 };
	struct message message;
	char name[300];

	(void)state;
	begin(&message);
	memset(name, 'n', sizeof(name));
	add(&message, UNIX_DIAG_NAME, name, sizeof(name));
	assert_int_equal(sock_diag_parse_unix(&message, message.len, &info), 0);
	assert_int_equal(info.name_len, SOCK_NAME_MAX);

	info.ino = 1;
	for (size_t len = 0; len < NLMSG_LENGTH(sizeof(message.head)); len++)
		assert_int_equal(sock_diag_parse_unix(&message, len, &info), -EPROTO);
	/* An attribute that reaches behind the end. */
	assert_int_equal(sock_diag_parse_unix(&message, message.len - 8, &info), -EPROTO);
	/* One that is shorter than its own head would not come to an end. */
	begin(&message);
	add(&message, UNIX_DIAG_PEER, name, 0);
	message.attributes[NLMSG_ALIGN(NLMSG_LENGTH(sizeof(message.head))) -
			   NLMSG_LENGTH(sizeof(message.head))] = 0;
	assert_int_equal(sock_diag_parse_unix(&message, message.len, &info), -EPROTO);
	begin(&message);
	message.header.nlmsg_type = NLMSG_ERROR;
	assert_int_equal(sock_diag_parse_unix(&message, message.len, &info), -EPROTO);
	assert_int_equal(info.ino, 1);
	/* Too short for what it should be: as if it were not there. */
	begin(&message);
	add(&message, UNIX_DIAG_PEER, name, 2);
	add(&message, UNIX_DIAG_RQLEN, name, 7);
	add(&message, UNIX_DIAG_NAME, name, 0);
	assert_int_equal(sock_diag_parse_unix(&message, message.len, &info), 0);
	assert_int_equal(info.peer_ino, 0);
	assert_int_equal(info.read_queue, -1);
	assert_int_equal(info.name_len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_is_found_at_the_start_of_a_line),
		cmocka_unit_test(text_without_the_number_changes_nothing),
		cmocka_unit_test(locks_of_a_file_are_picked_with_their_waiters),
		cmocka_unit_test(masks_are_read_from_status),
		cmocka_unit_test(attributes_of_an_answer_are_taken),
		cmocka_unit_test(damaged_answers_are_refused_or_cut),
	};

	return cmocka_run_group_tests_name("texts of the kernel", tests, NULL, NULL);
}
