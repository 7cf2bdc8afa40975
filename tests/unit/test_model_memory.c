/* What the model says of memory that processes share: files of it, memfds, mappings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/story.h"

enum {
	PATH = 0x1000,
	OTHER_PATH = 0x1100,
	AT = 0x700000,
	ELSEWHERE = 0x900000,
	LEN = 4096,
	PARENT = 100,
	CHILD = 200,
	INO = 60,
	SHARED_BITS = MAPPING_READ | MAPPING_WRITE | MAPPING_SHARED,
};

static const char name[] = "/dev/shm/data";
static struct story story;

static int set_up(void **state)
{
	(void)state;
	story_begin(&story);
	story_poke(&story, PATH, name, sizeof(name));
	story_poke(&story, OTHER_PATH, "/dev/shm/sem.x", 15);
	story_attach(&story, PARENT, "parent");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

static void maps_at(pid_t pid, uint64_t addr, uint64_t ino, int64_t bits, const char *text)
{
	struct fact *fact = story_fact(&story, pid, FACT_MAPPING, (int64_t)addr, text);

	fact->dev = 1;
	fact->ino = ino;
	fact->value[0] = (int64_t)addr;
	fact->value[1] = (int64_t)addr + LEN;
	fact->value[3] = bits;
}

static void has_size(pid_t pid, int fd, int64_t size, int64_t seals)
{
	struct fact *fact = story_fact(&story, pid, FACT_FILE, fd, NULL);

	fact->value[0] = size;
	fact->value[1] = seals;
}

/* It is no link, so that the path and the name mean the same. */
static void path_means(int64_t arg, int64_t mode)
{
	static const enum fact_kind kinds[] = { FACT_PATH, FACT_NAME };

	for (unsigned i = 0; i < 2; i++) {
		struct fact *fact = story_fact(&story, 0, kinds[i], arg, NULL);

		fact->dev = 1;
		fact->ino = INO;
		fact->value[0] = mode;
	}
}

/* fd of pid, with the text of its link. */
static void has_fd(pid_t pid, int fd, enum fd_kind kind, uint64_t ino, const char *link)
{
	struct fact *fact = story_fact(&story, pid, FACT_FD, fd, link);

	fact->dev = 1;
	fact->ino = ino;
	fact->value[0] = kind;
	fact->value[1] = 0700;
}

static void has_shm(pid_t pid, int fd)
{
	has_fd(pid, fd, FD_SHM, INO, name);
}

static const char *opens(pid_t pid, bool is_there)
{
	path_means(1, is_there ? 0100600 : -ENOENT);
	has_shm(pid, 3);
	return STORY_CALL(&story, pid, "openat", 3, (uint64_t)AT_FDCWD, PATH, O_RDWR | O_CREAT,
			  0600);
}

static const char *maps(pid_t pid, uint64_t addr)
{
	maps_at(pid, addr, INO, SHARED_BITS, name);
	return STORY_CALL(&story, pid, "mmap", (int64_t)addr, 0, LEN, PROT_READ | PROT_WRITE,
			  MAP_SHARED, 3, 0);
}

static const char *maps_anonymous(pid_t pid)
{
	maps_at(pid, AT, 70, SHARED_BITS, "/dev/zero (deleted)");
	return STORY_CALL(&story, pid, "mmap", AT, 0, LEN, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, (uint64_t)-1, 0);
}

static void a_file_that_was_not_there_is_new(void **state)
{
	(void)state;
	assert_string_equal(opens(PARENT, false), " {mem:1 new /dev/shm/data inode 60}");
	assert_string_equal(opens(PARENT, true), "");
}

static void a_file_that_was_there_is_not_new(void **state)
{
	(void)state;
	assert_string_equal(opens(PARENT, true), " {mem:1 /dev/shm/data inode 60}");
}

static void its_size_is_told_before_and_after(void **state)
{
	(void)state;
	opens(PARENT, false);
	has_size(PARENT, 3, 0, -1);
	STORY_ENTER(&story, PARENT, "ftruncate", 3, LEN);
	has_size(PARENT, 3, LEN, -1);
	assert_string_equal(story_exit(&story, PARENT, 0), " {mem:1 0 -> 4096 B}");
}

static void who_maps_the_same_file_is_named_with_the_address(void **state)
{
	(void)state;
	story_attach(&story, CHILD, "other");
	opens(PARENT, false);
	assert_string_equal(maps(PARENT, AT), " {mem:1 4096 B mapped}");
	STORY_CALL(&story, PARENT, "close", 0, 3);
	assert_string_equal(opens(CHILD, true), " -> parent[100]: maps it at 0x700000");
	assert_string_equal(maps(CHILD, ELSEWHERE),
			    " {mem:1 4096 B mapped} -> parent[100]: maps it at 0x700000");
	STORY_CALL(&story, CHILD, "close", 0, 3);
	assert_string_equal(STORY_CALL(&story, PARENT, "munmap", 0, AT, LEN),
			    " {mem:1 unmapped} -> other[200]: maps it at 0x900000");
	assert_string_equal(STORY_CALL(&story, CHILD, "munmap", 0, ELSEWHERE, LEN),
			    " {mem:1 unmapped}");
}

static const char *unmaps_anonymous(pid_t pid)
{
	maps_at(pid, AT, 70, SHARED_BITS, "/dev/zero (deleted)");
	return STORY_CALL(&story, pid, "munmap", 0, AT, LEN);
}

static void a_child_has_what_was_mapped_at_its_birth(void **state)
{
	(void)state;
	assert_string_equal(maps_anonymous(PARENT), " {mem:1 anonymous inode 70: 4096 B mapped}");
	story_fork(&story, PARENT, CHILD);
	/* It may have unmapped it unseen. */
	assert_string_equal(unmaps_anonymous(PARENT),
			    " {mem:1 unmapped} -> parent[200]~: maps it at 0x700000");
	assert_string_equal(unmaps_anonymous(CHILD), " {mem:1 unmapped}");
}

static void a_child_that_unmapped_it_has_it_no_more(void **state)
{
	(void)state;
	maps_anonymous(PARENT);
	story_fork(&story, PARENT, CHILD);
	assert_string_equal(unmaps_anonymous(CHILD),
			    " {mem:1 unmapped} -> parent[100]: maps it at 0x700000");
	assert_string_equal(unmaps_anonymous(PARENT), " {mem:1 unmapped}");
}

static void a_child_has_nothing_that_was_mapped_later(void **state)
{
	(void)state;
	story_fork(&story, PARENT, CHILD);
	maps_anonymous(PARENT);
	assert_string_equal(unmaps_anonymous(PARENT), " {mem:1 unmapped}");
}

static void a_private_mapping_is_nobody_elses(void **state)
{
	(void)state;
	maps_at(PARENT, AT, INO, MAPPING_READ, name);
	assert_string_equal(STORY_CALL(&story, PARENT, "munmap", 0, AT, LEN), "");
}

static void a_mapping_to_be_read_is_said_to_be_so(void **state)
{
	(void)state;
	maps_at(PARENT, AT, INO, MAPPING_READ | MAPPING_SHARED, name);
	assert_string_equal(
		STORY_CALL(&story, PARENT, "mmap", AT, 0, LEN, PROT_READ, MAP_SHARED, 3, 0),
		" {mem:1 /dev/shm/data inode 60: 4096 B mapped to be read}");
}

static void a_memfd_and_its_mapping_are_one_object(void **state)
{
	(void)state;
	has_fd(PARENT, 4, FD_MEMFD, 61, "/memfd:box (deleted)");
	assert_string_equal(STORY_CALL(&story, PARENT, "memfd_create", 4, PATH, 0),
			    " {memfd:1 new box inode 61}");
	maps_at(PARENT, AT, 61, SHARED_BITS, "/memfd:box (deleted)");
	assert_string_equal(
		STORY_CALL(&story, PARENT, "mmap", AT, 0, LEN, PROT_READ, MAP_SHARED, 4, 0),
		" {memfd:1 4096 B mapped}");
}

static void seals_are_told_when_they_come(void **state)
{
	(void)state;
	story_fd(&story, PARENT, 4, FD_MEMFD, 61);
	has_size(PARENT, 4, 8, 0);
	STORY_ENTER(&story, PARENT, "fcntl", 4, 1033, 10);
	has_size(PARENT, 4, 8, 10);
	assert_string_equal(story_exit(&story, PARENT, 0),
			    " {memfd:1 inode 61: 8 B, sealed: shrink, write}");
	assert_string_equal(STORY_CALL(&story, PARENT, "ftruncate", -EPERM, 4, 0),
			    " {memfd:1 8 B}");
}

static void a_link_gives_it_its_name(void **state)
{
	(void)state;
	opens(PARENT, false);
	path_means(0, 0100600);
	assert_string_equal(STORY_CALL(&story, PARENT, "link", 0, PATH, OTHER_PATH),
			    " {mem:1 now /dev/shm/sem.x}");
}

static void an_unlinked_name_leaves_its_descriptors(void **state)
{
	(void)state;
	opens(PARENT, false);
	path_means(0, 0100600);
	assert_string_equal(STORY_CALL(&story, PARENT, "unlink", 0, PATH),
			    " {mem:1 name removed; 1 descriptor of it left}");
}

static void a_file_that_is_no_object_stays_none(void **state)
{
	(void)state;
	path_means(0, 0100600);
	assert_string_equal(STORY_CALL(&story, PARENT, "unlink", 0, PATH), "");
}

static void a_futex_says_which_memory_it_lives_in(void **state)
{
	(void)state;
	opens(PARENT, false);
	maps(PARENT, AT);
	maps_at(PARENT, AT + 8, INO, SHARED_BITS, name);
	assert_string_equal(STORY_CALL(&story, PARENT, "futex", 0, AT + 8, FUTEX_WAKE, 1, 0, 0, 0),
			    " {futex:1 in mem:1 /dev/shm/data shared, offset 0}");
}

static void who_wakes_while_another_comes_to_wait_is_named(void **state)
{
	(void)state;
	opens(PARENT, false);
	maps(PARENT, AT);
	story_fork(&story, PARENT, CHILD);
	maps_at(PARENT, AT + 8, INO, SHARED_BITS, name);
	maps_at(CHILD, AT + 8, INO, SHARED_BITS, name);
	STORY_ENTER(&story, PARENT, "futex", AT + 8, FUTEX_WAKE, 1, 0, 0, 0);
	STORY_ENTER(&story, CHILD, "futex", AT + 8, FUTEX_WAIT, 0, 0, 0, 0);
	assert_non_null(strstr(story_exit(&story, PARENT, 1), " -> parent[200]"));
	assert_non_null(strstr(story_exit(&story, CHILD, 0), " <- parent[100]~"));
	/* One that woke nobody is no reason why the next wait ends. */
	STORY_ENTER(&story, PARENT, "futex", AT + 8, FUTEX_WAKE, 1, 0, 0, 0);
	STORY_ENTER(&story, CHILD, "futex", AT + 8, FUTEX_WAIT, 0, 0, 0, 0);
	story_exit(&story, PARENT, 0);
	assert_null(strstr(story_exit(&story, CHILD, 0), " <- "));
}

static void who_was_woken_before_the_waker_returned_is_named(void **state)
{
	(void)state;
	opens(PARENT, false);
	maps(PARENT, AT);
	story_fork(&story, PARENT, CHILD);
	maps_at(PARENT, AT + 8, INO, SHARED_BITS, name);
	maps_at(CHILD, AT + 8, INO, SHARED_BITS, name);
	STORY_ENTER(&story, CHILD, "futex", AT + 8, FUTEX_WAIT, 0, 0, 0, 0);
	STORY_ENTER(&story, PARENT, "futex", AT + 8, FUTEX_WAKE, 1, 0, 0, 0);
	assert_non_null(strstr(story_exit(&story, CHILD, 0), " <- parent[100]~"));
	assert_non_null(strstr(story_exit(&story, PARENT, 1), " -> parent[200]~"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_file_that_was_not_there_is_new),
		TEST(a_file_that_was_there_is_not_new),
		TEST(its_size_is_told_before_and_after),
		TEST(who_maps_the_same_file_is_named_with_the_address),
		TEST(a_child_has_what_was_mapped_at_its_birth),
		TEST(a_child_that_unmapped_it_has_it_no_more),
		TEST(a_child_has_nothing_that_was_mapped_later),
		TEST(a_private_mapping_is_nobody_elses),
		TEST(a_mapping_to_be_read_is_said_to_be_so),
		TEST(a_memfd_and_its_mapping_are_one_object),
		TEST(seals_are_told_when_they_come),
		TEST(a_link_gives_it_its_name),
		TEST(an_unlinked_name_leaves_its_descriptors),
		TEST(a_file_that_is_no_object_stays_none),
		TEST(a_futex_says_which_memory_it_lives_in),
		TEST(who_wakes_while_another_comes_to_wait_is_named),
		TEST(who_was_woken_before_the_waker_returned_is_named),
	};

	return cmocka_run_group_tests_name("model: shared memory", tests, NULL, NULL);
}
