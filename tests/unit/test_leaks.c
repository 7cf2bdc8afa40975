/* What is left behind, who made it, and how to remove it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "analysis/leaks.h"
#include "render/text_finding.h"
#include "tests/unit/story.h"

enum { MAKER = 100, PATH = 0x1000, ADDR = 0x2000, ID = 7, INO = 60 };

static struct story story;
static struct buf report;

static void begin(bool follows_removals)
{
	struct model_options options = { true, true, true, follows_removals };

	story_begin_with(&story, &options);
	story_attach(&story, MAKER, "maker");
}

static int set_up(void **state)
{
	(void)state;
	memset(&report, 0, sizeof(report));
	begin(true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	buf_finish(&report);
	return 0;
}

static const char *leaks(void)
{
	struct findings found = { 0 };
	struct arena arena = { 0 };

	leaks_find(story.model, &arena, 1000000, &found);
	buf_clear(&report);
	for (size_t i = 0; i < found.n; i++)
		text_finding(&report, &found.items[i]);
	arena_finish(&arena);
	return buf_string(&report);
}

static void is_left(const char *what)
{
	assert_non_null(strstr(leaks(), what));
}

static void nothing_is_left(void)
{
	assert_string_equal(leaks(), "");
}

/* --- System V --- */

static void a_private_queue_is_left_until_it_is_removed(void **state)
{
	(void)state;
	STORY_CALL(&story, MAKER, "msgget", ID, IPC_PRIVATE, 0600);
	story_exits(&story, MAKER);
	assert_string_equal(leaks(),
			    "=== left behind: msg:1 id 7, made by maker[100] with msgget 0.002 s "
			    "after the start\n"
			    "    remove it with: ipcrm -q 7\n");
	STORY_CALL(&story, MAKER, "msgctl", 0, ID, IPC_RMID, 0);
	nothing_is_left();
}

static void a_set_that_was_only_looked_up_is_not_ours(void **state)
{
	(void)state;
	STORY_CALL(&story, MAKER, "semget", ID, 0x1234, 1, 0600);
	nothing_is_left();
}

static void a_set_that_may_have_been_there_is_inferred(void **state)
{
	(void)state;
	STORY_CALL(&story, MAKER, "semget", ID, 0x1234, 1, IPC_CREAT | 0600);
	is_left("=== left behind~ (inferred): sem:1");
	is_left("ipcrm -s 7\n");
}

static void a_set_that_was_made_exclusively_is_certain(void **state)
{
	(void)state;
	STORY_CALL(&story, MAKER, "semget", ID, 0x1234, 1, IPC_CREAT | IPC_EXCL | 0600);
	is_left("=== left behind: sem:1");
}

static void a_segment_tells_its_creator(void **state)
{
	struct fact *fact = story_fact(&story, 0, FACT_SHM, ID, NULL);

	(void)state;
	fact->value[2] = MAKER + 1;
	STORY_CALL(&story, MAKER, "shmget", ID, 0x1234, 4096, IPC_CREAT | 0600);
	nothing_is_left();
	story_fact(&story, 0, FACT_SHM, ID + 1, NULL)->value[2] = MAKER;
	STORY_CALL(&story, MAKER, "shmget", ID + 1, 0x1235, 4096, IPC_CREAT | 0600);
	is_left("=== left behind: shm:2");
	is_left("ipcrm -m 8\n");
}

static void a_queue_that_has_been_used_is_older(void **state)
{
	(void)state;
	story_fact(&story, 0, FACT_MSG, ID, NULL)->value[3] = 4242;
	STORY_CALL(&story, MAKER, "msgget", ID, 0x1234, IPC_CREAT | 0600);
	nothing_is_left();
}

static void without_the_removals_it_is_inferred(void **state)
{
	(void)state;
	story_end(&story);
	begin(false);
	STORY_CALL(&story, MAKER, "msgget", ID, IPC_PRIVATE, 0600);
	is_left("=== left behind~ (inferred): msg:1");
}

/* --- names of files --- */

static void path_means(int64_t arg, int64_t mode)
{
	struct fact *fact = story_fact(&story, 0, FACT_PATH, arg, NULL);

	fact->dev = 1;
	fact->ino = INO;
	fact->value[0] = mode;
}

static void makes_fifo(const char *path)
{
	story_poke(&story, PATH, path, strlen(path) + 1);
	path_means(0, S_IFIFO | 0600);
	STORY_CALL(&story, MAKER, "mknod", 0, PATH, S_IFIFO | 0600, 0);
}

static void a_fifo_is_left_until_its_name_goes(void **state)
{
	(void)state;
	makes_fifo("/tmp/it's one");
	is_left("=== left behind: fifo:1 /tmp/it's one inode 60, made by maker[100] with mknod");
	is_left("    remove it with: rm $'/tmp/it\\047s one'\n");
	STORY_CALL(&story, MAKER, "unlink", 0, PATH);
	nothing_is_left();
}

static void a_relative_name_is_said_to_be_one(void **state)
{
	(void)state;
	makes_fifo("-rf");
	is_left("rm ./-rf, in the directory that the maker was in\n");
}

static void binds(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	struct fact *fact;

	memcpy(addr.sun_path, path, len);
	if (addr.sun_path[0] == '@')
		addr.sun_path[0] = '\0';
	story_poke(&story, ADDR, &addr, sizeof(addr));
	fact = story_fd(&story, MAKER, 3, FD_UNIX, 70);
	fact->value[2] = AF_UNIX;
	fact->value[3] = SOCK_STREAM;
	STORY_CALL(&story, MAKER, "socket", 3, AF_UNIX, SOCK_STREAM, 0);
	STORY_CALL(&story, MAKER, "bind", 0, 3, ADDR, offsetof(struct sockaddr_un, sun_path) + len);
}

static void the_path_of_a_socket_is_left_though_it_is_closed(void **state)
{
	(void)state;
	binds("/tmp/s");
	STORY_CALL(&story, MAKER, "close", 0, 3);
	is_left("=== left behind: unix:1 /tmp/s");
	is_left("rm /tmp/s\n");
	story_poke(&story, PATH, "/tmp/s", 7);
	path_means(0, S_IFSOCK | 0600);
	STORY_CALL(&story, MAKER, "unlink", 0, PATH);
	nothing_is_left();
}

static void an_abstract_name_goes_with_its_socket(void **state)
{
	(void)state;
	binds("@s");
	nothing_is_left();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_private_queue_is_left_until_it_is_removed),
		TEST(a_set_that_was_only_looked_up_is_not_ours),
		TEST(a_set_that_may_have_been_there_is_inferred),
		TEST(a_set_that_was_made_exclusively_is_certain),
		TEST(a_segment_tells_its_creator),
		TEST(a_queue_that_has_been_used_is_older),
		TEST(without_the_removals_it_is_inferred),
		TEST(a_fifo_is_left_until_its_name_goes),
		TEST(a_relative_name_is_said_to_be_one),
		TEST(the_path_of_a_socket_is_left_though_it_is_closed),
		TEST(an_abstract_name_goes_with_its_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
