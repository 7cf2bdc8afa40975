/* -P: calls on a path, by what they name and by what their descriptors are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "decode/syscalls.h"
#include "decode/types/types.h"
#include "filters/filter.h"

#define X86_64 AUDIT_ARCH_X86_64
#define I386   AUDIT_ARCH_I386

enum { MEMORY = 0x1000, OTHER_FD = 4, FD = 5, CLOSED_FD = 6, DELETED_FD = 70 };

static const char wanted[] = "/tmp/wanted";

/* A call and what its process has: descriptors FD and DELETED_FD of the path, OTHER_FD of another. */
struct scene {
	struct filter *filter;
	struct event ev;
	struct mem mem;
};

static void add_fd(struct scene *scene, int fd, enum fd_kind kind, const char *link)
{
	event_add_fact(&scene->ev, FACT_FD, fd, link, strlen(link))->value[0] = kind;
}

static void scene_begin(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->filter = filter_create(true);
	scene->mem.ev = &scene->ev;
	filter_add_path(scene->filter, "/elsewhere");
	filter_add_path(scene->filter, wanted);
	add_fd(scene, OTHER_FD, FD_FILE, "/tmp/wanted2");
	add_fd(scene, FD, FD_FILE, wanted);
	add_fd(scene, CLOSED_FD, FD_CLOSED, "");
	add_fd(scene, DELETED_FD, FD_FILE, "/tmp/wanted (deleted)");
}

static void scene_end(struct scene *scene)
{
	filter_destroy(scene->filter);
	event_finish(&scene->ev);
}

static bool is_wanted(struct scene *scene, uint32_t arch, const char *call, const uint64_t args[6])
{
	scene->ev.kind = EVENT_ENTER;
	scene->ev.arch = arch;
	scene->ev.nr = (uint64_t)syscall_number(arch, call);
	memcpy(scene->ev.args, args, sizeof(scene->ev.args));
	return filter_enter(scene->filter, NULL, &scene->ev, &scene->mem) == FILTER_YES;
}

#define IS_WANTED(scene, arch, call, ...)                                                          \
	is_wanted((scene), (arch), (call), (const uint64_t[6]){ __VA_ARGS__ })

static void a_descriptor_is_on_the_path_that_it_links_to(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin(&scene);
	assert_true(IS_WANTED(&scene, X86_64, "read", FD));
	assert_true(IS_WANTED(&scene, X86_64, "read", DELETED_FD));
	assert_false(IS_WANTED(&scene, X86_64, "read", OTHER_FD));
	assert_false(IS_WANTED(&scene, X86_64, "read", CLOSED_FD));
	assert_false(IS_WANTED(&scene, X86_64, "read", (uint32_t)-1));
	assert_false(IS_WANTED(&scene, X86_64, "getpid", FD));
	/* Nothing is known of that one. */
	assert_true(IS_WANTED(&scene, X86_64, "read", 99));
	assert_true(IS_WANTED(&scene, X86_64, "dup2", OTHER_FD, FD));
	assert_true(IS_WANTED(&scene, X86_64, "epoll_ctl", OTHER_FD, 1, FD));
	assert_false(IS_WANTED(&scene, X86_64, "epoll_ctl", FD, 1, OTHER_FD));
	assert_false(IS_WANTED(&scene, X86_64, "accept", FD));
	scene_end(&scene);
}

static void a_name_has_to_be_the_same_text(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin(&scene);
	event_add_range(&scene.ev, MEMORY, wanted, sizeof(wanted));
	event_add_range(&scene.ev, 2 * MEMORY, "/tmp/want", sizeof("/tmp/want"));
	event_add_range(&scene.ev, 3 * MEMORY, wanted, sizeof(wanted) - 1);
	assert_true(IS_WANTED(&scene, X86_64, "openat", (uint32_t)-100, MEMORY));
	assert_true(IS_WANTED(&scene, X86_64, "rename", MEMORY, 2 * MEMORY));
	assert_false(IS_WANTED(&scene, X86_64, "rename", 2 * MEMORY, MEMORY));
	assert_false(IS_WANTED(&scene, X86_64, "openat", (uint32_t)-100, 2 * MEMORY));
	assert_false(IS_WANTED(&scene, X86_64, "open", 3 * MEMORY));
	assert_false(IS_WANTED(&scene, X86_64, "open", 4 * MEMORY));
	scene_end(&scene);
}

static void any_of_those_polled_will_do(void **state)
{
	struct pollfd fds[2000] = { { .fd = OTHER_FD }, { .fd = -1 }, { .fd = FD } };
	uint64_t bits[2] = { 1ull << OTHER_FD, 1ull << (DELETED_FD - 64) };
	struct scene scene;

	(void)state;
	scene_begin(&scene);
	for (size_t i = 3; i < ARRAY_LEN(fds); i++)
		fds[i].fd = OTHER_FD;
	event_add_range(&scene.ev, MEMORY, fds, 3 * sizeof(*fds));
	event_add_range(&scene.ev, 2 * MEMORY, bits, sizeof(bits));
	event_add_range(&scene.ev, 16 * MEMORY, fds + 3, 1500 * sizeof(*fds));
	assert_true(IS_WANTED(&scene, X86_64, "poll", MEMORY, 3));
	assert_false(IS_WANTED(&scene, X86_64, "poll", MEMORY, 2));
	assert_false(IS_WANTED(&scene, X86_64, "poll", MEMORY, 0));
	assert_false(IS_WANTED(&scene, X86_64, "poll", 9 * MEMORY, UINT32_MAX));
	/* More than are looked at. */
	assert_false(IS_WANTED(&scene, X86_64, "poll", 16 * MEMORY, 1024));
	assert_true(IS_WANTED(&scene, X86_64, "poll", 16 * MEMORY, 1500));
	assert_true(IS_WANTED(&scene, X86_64, "pselect6", 100, 0, 2 * MEMORY));
	assert_false(IS_WANTED(&scene, X86_64, "select", 64, 2 * MEMORY));
	assert_false(IS_WANTED(&scene, X86_64, "select", UINT32_MAX, 2 * MEMORY));
	assert_false(IS_WANTED(&scene, X86_64, "select", INT32_MAX, 2 * MEMORY));
	scene_end(&scene);
}

static void arguments_of_i386_may_lie_in_memory(void **state)
{
	uint32_t args[6] = { 0, 4096, 1, 1, FD, 0 };
	uint32_t sets[5] = { 32, 2 * MEMORY };
	uint32_t bits = 1u << FD, first = FD;
	struct scene scene;

	(void)state;
	scene_begin(&scene);
	event_add_range(&scene.ev, MEMORY, args, sizeof(args));
	event_add_range(&scene.ev, 2 * MEMORY, &bits, sizeof(bits));
	event_add_range(&scene.ev, 3 * MEMORY, sets, sizeof(sets));
	event_add_range(&scene.ev, 4 * MEMORY, &first, sizeof(first));
	assert_true(IS_WANTED(&scene, I386, "mmap", MEMORY));
	assert_false(IS_WANTED(&scene, I386, "mmap", 0, 0, 0, 0, FD));
	assert_true(IS_WANTED(&scene, I386, "mmap2", 0, 0, 0, 0, FD));
	assert_true(IS_WANTED(&scene, I386, "select", 3 * MEMORY));
	assert_true(IS_WANTED(&scene, I386, "_newselect", 32, 2 * MEMORY));
	assert_true(IS_WANTED(&scene, I386, "socketcall", 9, 4 * MEMORY));
	assert_false(IS_WANTED(&scene, I386, "socketcall", 1, 4 * MEMORY));
	assert_false(IS_WANTED(&scene, I386, "socketcall", 9, 9 * MEMORY));
	scene_end(&scene);
}

static void numbers_of_descriptors_are_as_good_as_paths(void **state)
{
	const struct call_spec spec = { "read", .args = { { "fd", &type_fd } } };
	struct scene scene;
	char error[64];

	(void)state;
	scene_begin(&scene);
	assert_true(filter_is_partial(scene.filter));
	assert_true(filter_asks_fds(scene.filter));
	assert_int_equal(filter_set(scene.filter, "trace-fds", "4", error, sizeof(error)), 0);
	scene.ev.arch = X86_64;
	scene.ev.nr = 0;
	for (uint64_t fd = OTHER_FD; fd <= CLOSED_FD; fd++) {
		scene.ev.args[0] = fd;
		assert_int_equal(filter_enter(scene.filter, &spec, &scene.ev, &scene.mem),
				 fd == CLOSED_FD ? FILTER_NO : FILTER_YES);
	}
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_descriptor_is_on_the_path_that_it_links_to),
		cmocka_unit_test(a_name_has_to_be_the_same_text),
		cmocka_unit_test(any_of_those_polled_will_do),
		cmocka_unit_test(arguments_of_i386_may_lie_in_memory),
		cmocka_unit_test(numbers_of_descriptors_are_as_good_as_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
