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
#include "model/left.h"
#include "render/text_finding.h"
#include "tests/unit/story.h"

enum { MAKER = 100, PATH = 0x1000, ADDR = 0x2000, PATH2 = 0x3000, ID = 7, INO = 60 };

static struct story story;
static struct buf report;
static bool is_counted; /* the first of the report */

static int set_up(void **state)
{
	struct model_options options = { true, true, true, true };

	(void)state;
	memset(&report, 0, sizeof(report));
	story_begin_with(&story, &options);
	story_attach(&story, MAKER, "maker");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	buf_finish(&report);
	return 0;
}

/* Somebody has looked: everything that would be left got this answer. */
static void look(enum left_answer answer)
{
	struct event ev = { .kind = EVENT_LOOKED };

	model_ask_left(story.model, &ev);
	for (uint32_t i = 0; i < ev.n_facts; i++)
		ev.facts[i].value[4] = answer;
	model_apply(story.model, &ev, NULL);
	event_finish(&ev);
}

static const char *leaks_unseen(void)
{
	struct findings found = { 0 };
	struct arena arena = { 0 };

	leaks_find(story.model, &arena, 1000000, &found);
	buf_clear(&report);
	is_counted = found.n && found.items[0].is_counted;
	for (size_t i = 0; i < found.n; i++)
		text_finding(&report, &found.items[i]);
	arena_finish(&arena);
	return buf_string(&report);
}

static const char *leaks(void)
{
	look(LEFT_THERE);
	return leaks_unseen();
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

static void what_nobody_looked_for_is_inferred(void **state)
{
	(void)state;
	STORY_CALL(&story, MAKER, "msgget", ID, IPC_PRIVATE, 0600);
	story_exits(&story, MAKER);
	assert_string_equal(
		leaks_unseen(),
		"=== left behind~ (inferred): msg:1 id 7, made by maker[100] with msgget "
		"0.002 s after the start; nobody looked for it in the end\n"
		"    remove it with: ipcrm -q 7\n");
	look(LEFT_UNKNOWN);
	assert_non_null(strstr(leaks_unseen(), "; that it is still there could not be seen\n"));
}

static void what_others_have_removed_is_not_left(void **state)
{
	(void)state;
	STORY_CALL(&story, MAKER, "msgget", ID, IPC_PRIVATE, 0600);
	look(LEFT_GONE);
	assert_string_equal(leaks_unseen(), "");
}

static void who_still_runs_may_remove_it(void **state)
{
	(void)state;
	STORY_CALL(&story, MAKER, "msgget", ID, IPC_PRIVATE, 0600);
	is_left("after the start; maker[100], which still runs, may remove it\n");
	assert_false(is_counted);
	story_exits(&story, MAKER);
	is_left("after the start\n");
	assert_true(is_counted);
}

/* --- names of files --- */

enum { DIR_INO = 40 };

/* The name in argument arg has that file, and that place: here NULL: none is known. */
static void name_is(int64_t arg, int64_t mode, uint64_t ino, const char *here)
{
	struct fact *fact = story_fact(&story, 0, FACT_NAME, arg, here);

	fact->dev = ino ? 1 : 0;
	fact->ino = ino;
	fact->id = here ? DIR_INO : 0;
	fact->value[0] = mode;
	fact->value[1] = 1;
	fact->value[2] = here != NULL;
	fact->value[3] = ino ? 1 : 0;
}

static void poke_path(uint64_t addr, const char *path)
{
	story_poke(&story, addr, path, strlen(path) + 1);
}

static void makes_fifo(const char *path, uint64_t ino)
{
	poke_path(PATH, path);
	name_is(0, S_IFIFO | 0600, ino, path[0] == '/' ? path : NULL);
	STORY_CALL(&story, MAKER, "mknod", 0, PATH, S_IFIFO | 0600, 0);
}

static void a_fifo_is_left_until_its_name_goes(void **state)
{
	(void)state;
	makes_fifo("/tmp/it's one", INO);
	is_left("=== left behind: fifo:1 /tmp/it's one inode 60, made by maker[100] with mknod");
	is_left("    remove it with: rm '/tmp/it'\\''s one'\n");
	STORY_CALL(&story, MAKER, "unlink", 0, PATH);
	nothing_is_left();
}

static void a_relative_name_is_removed_where_it_is(void **state)
{
	(void)state;
	poke_path(PATH, "-rf");
	name_is(0, S_IFIFO | 0600, INO, "/tmp/a%b\n\\");
	STORY_CALL(&story, MAKER, "mknod", 0, PATH, S_IFIFO | 0600, 0);
	is_left("    remove it with: printf '/tmp/a%%b\\012\\134\\000' | xargs -0 rm\n");
}

static void a_name_without_a_place_is_inferred(void **state)
{
	(void)state;
	makes_fifo("-rf", INO);
	is_left("=== left behind~ (inferred): fifo:1 -rf inode 60");
	is_left("    remove it with: rm ./-rf\n");
}

static void renames(const char *call, const char *from, uint64_t ino, const char *to,
		    uint64_t to_ino)
{
	poke_path(PATH, from);
	poke_path(PATH2, to);
	name_is(0, S_IFIFO | 0600, ino, from);
	name_is(1, to_ino ? S_IFIFO | 0600 : -ENOENT, to_ino, to);
	STORY_CALL(&story, MAKER, call, 0, PATH, PATH2);
}

static void a_renamed_fifo_is_left_under_its_new_name(void **state)
{
	(void)state;
	makes_fifo("/tmp/a", INO);
	renames("rename", "/tmp/a", INO, "/tmp/b", 0);
	is_left("=== left behind: fifo:1 /tmp/b inode 60");
	is_left("rm /tmp/b\n");
}

static void a_fifo_that_another_one_replaces_is_gone(void **state)
{
	(void)state;
	makes_fifo("/tmp/a", INO);
	makes_fifo("/tmp/b", INO + 1);
	renames("rename", "/tmp/a", INO, "/tmp/b", INO + 1);
	is_left("=== left behind: fifo:1 /tmp/b inode 60");
	assert_null(strstr(leaks(), "inode 61"));
}

static void each_name_is_removed(void **state)
{
	(void)state;
	makes_fifo("/tmp/a", INO);
	renames("link", "/tmp/a", INO, "/tmp/b", 0);
	is_left("=== left behind: fifo:1 /tmp/a (and 1 more name) inode 60");
	is_left("rm /tmp/a /tmp/b\n");
	/* Two names of one file: rename does nothing. */
	renames("rename", "/tmp/a", INO, "/tmp/b", INO);
	is_left("rm /tmp/a /tmp/b\n");
	name_is(0, S_IFIFO | 0600, INO, "/tmp/a");
	STORY_CALL(&story, MAKER, "unlink", 0, PATH);
	is_left("rm /tmp/b\n");
}

static void names_change_places(void **state)
{
	enum { AT_CWD = -100, EXCHANGE = 2 };

	(void)state;
	makes_fifo("/tmp/a", INO);
	makes_fifo("/tmp/b", INO + 1);
	name_is(1, S_IFIFO | 0600, INO, "/tmp/a");
	name_is(3, S_IFIFO | 0600, INO + 1, "/tmp/b");
	poke_path(PATH2, "/tmp/b");
	poke_path(PATH, "/tmp/a");
	STORY_CALL(&story, MAKER, "renameat2", 0, (uint64_t)AT_CWD, PATH, (uint64_t)AT_CWD, PATH2,
		   EXCHANGE);
	is_left("fifo:1 /tmp/b inode 60");
	is_left("fifo:2 /tmp/a inode 61");
}

static void a_directory_takes_its_names_along(void **state)
{
	(void)state;
	makes_fifo("/tmp/d/a", INO);
	poke_path(PATH, "/tmp/d");
	poke_path(PATH2, "/tmp/e");
	name_is(0, S_IFDIR | 0700, 90, "/tmp/d");
	name_is(1, -ENOENT, 0, "/tmp/e");
	STORY_CALL(&story, MAKER, "rename", 0, PATH, PATH2);
	is_left("rm /tmp/e/a\n");
}

static void a_link_to_a_fifo_is_not_the_fifo(void **state)
{
	(void)state;
	makes_fifo("/tmp/a", INO);
	name_is(0, S_IFLNK | 0777, INO + 1, NULL);
	poke_path(PATH, "/tmp/link");
	STORY_CALL(&story, MAKER, "unlink", 0, PATH);
	is_left("rm /tmp/a\n");
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
	if (path[0] == '/')
		name_is(fact_name_in(ADDR + 2, len), S_IFSOCK | 0600, INO, path);
	STORY_CALL(&story, MAKER, "bind", 0, 3, ADDR, offsetof(struct sockaddr_un, sun_path) + len);
}

static void the_path_of_a_socket_is_left_though_it_is_closed(void **state)
{
	(void)state;
	binds("/tmp/s");
	STORY_CALL(&story, MAKER, "close", 0, 3);
	is_left("=== left behind: unix:1 /tmp/s");
	is_left("rm /tmp/s\n");
	renames("rename", "/tmp/s", INO, "/tmp/t", 0);
	is_left("rm /tmp/s\n"); /* that was a FIFO of this inode, on another file system */
	name_is(0, S_IFSOCK | 0600, INO, "/tmp/s");
	STORY_CALL(&story, MAKER, "rename", 0, PATH, PATH2);
	is_left("unix:1 /tmp/t");
	name_is(0, S_IFSOCK | 0600, INO, "/tmp/t");
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
		TEST(what_nobody_looked_for_is_inferred),
		TEST(what_others_have_removed_is_not_left),
		TEST(who_still_runs_may_remove_it),
		TEST(a_fifo_is_left_until_its_name_goes),
		TEST(a_relative_name_is_removed_where_it_is),
		TEST(a_name_without_a_place_is_inferred),
		TEST(a_renamed_fifo_is_left_under_its_new_name),
		TEST(a_fifo_that_another_one_replaces_is_gone),
		TEST(each_name_is_removed),
		TEST(names_change_places),
		TEST(a_directory_takes_its_names_along),
		TEST(a_link_to_a_fifo_is_not_the_fifo),
		TEST(the_path_of_a_socket_is_left_though_it_is_closed),
		TEST(an_abstract_name_goes_with_its_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
