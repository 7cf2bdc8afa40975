#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "decode/syscalls.h"
#include "decode/types/types.h"
#include "filters/filter.h"

#define X86_64 AUDIT_ARCH_X86_64
#define I386   AUDIT_ARCH_I386

static struct filter *filter_of(bool is_strace_face, const char *expr)
{
	struct filter *filter = filter_create(is_strace_face);
	char error[256] = "";

	if (expr && filter_add(filter, expr, error, sizeof(error)) != 0)
		fail_msg("%s: %s", expr, error);
	return filter;
}

/* An event with the facts that conditions ask for. */
struct scene {
	struct event ev;
	struct mem mem;
};

static void scene_init(struct scene *scene, uint32_t arch, const char *call)
{
	int nr = syscall_number(arch, call);

	memset(scene, 0, sizeof(*scene));
	assert_true(nr >= 0);
	scene->ev.kind = EVENT_ENTER;
	scene->ev.arch = arch;
	scene->ev.nr = (uint64_t)nr;
	scene->mem.ev = &scene->ev;
}

static struct fact *add_fd(struct scene *scene, int fd, enum fd_kind kind)
{
	struct fact *fact = event_add_fact(&scene->ev, FACT_FD, fd, "x", 1);

	fact->value[0] = kind;
	return fact;
}

static void add_path(struct scene *scene, int arg, const char *path, unsigned mode)
{
	uint64_t addr = 0x1000 * (uint64_t)(arg + 1);

	scene->ev.args[arg] = addr;
	event_add_range(&scene->ev, addr, path, strlen(path) + 1);
	event_add_fact(&scene->ev, FACT_PATH, arg, NULL, 0)->value[0] = mode ? (int)mode : -ENOENT;
}

static void check_scene(struct scene *scene, const char *expr, enum filter_answer expected)
{
	struct filter *filter = filter_of(false, expr);

	if (filter_enter(filter, NULL, &scene->ev, &scene->mem) != expected)
		fail_msg("nr %d under %s", (int)scene->ev.nr, expr ? expr : "default");
	filter_destroy(filter);
}

static void check_fd(const char *expr, const char *call, enum fd_kind kind,
		     enum filter_answer expected)
{
	struct scene scene;

	scene_init(&scene, X86_64, call);
	scene.ev.args[0] = 7;
	add_fd(&scene, 7, kind);
	check_scene(&scene, expr, expected);
	event_finish(&scene.ev);
}

static void reading_is_ipc_by_what_the_descriptor_is(void **state)
{
	(void)state;
	for (int kind = 0; kind < FD_KINDS; kind++) {
		bool is_ipc = kind > FD_LAST_PLAIN || kind == FD_UNKNOWN;

		check_fd(NULL, "read", (enum fd_kind)kind, is_ipc ? FILTER_YES : FILTER_NO);
		check_fd("!ipc", "read", (enum fd_kind)kind, is_ipc ? FILTER_NO : FILTER_YES);
		check_fd("read", "read", (enum fd_kind)kind, FILTER_YES);
		check_fd("%desc,ipc", "read", (enum fd_kind)kind, FILTER_YES);
	}
	check_fd("pipe", "write", FD_PIPE, FILTER_YES);
	check_fd("pipe", "write", FD_FIFO, FILTER_NO);
	check_fd("pipe,fifo", "write", FD_FIFO, FILTER_YES);
	check_fd("eventfd", "close", FD_EVENTFD, FILTER_YES);
	check_fd("eventfd", "close", FD_TIMERFD, FILTER_NO);
	check_fd("eventfd", "close_range", FD_FILE, FILTER_YES);
	check_fd("unix", "sendmsg", FD_UNIX, FILTER_YES);
	check_fd("unix", "sendmsg", FD_INET, FILTER_NO);
	check_fd("socket", "read", FD_SOCKET, FILTER_YES);
}

static void a_socket_of_unknown_family_may_be_any(void **state)
{
	struct scene scene;
	(void)state;

	check_fd("unix", "recvfrom", FD_SOCKET, FILTER_YES);
	check_fd("pipe", "read", FD_SOCKET, FILTER_NO);
	scene_init(&scene, X86_64, "recvfrom");
	add_fd(&scene, 0, FD_SOCKET)->value[2] = AF_PACKET;
	check_scene(&scene, "unix,inet,netlink", FILTER_NO);
	check_scene(&scene, "socket", FILTER_YES);
	event_finish(&scene.ev);
}

static void either_descriptor_of_two_counts(void **state)
{
	struct scene scene;
	(void)state;

	scene_init(&scene, X86_64, "splice");
	scene.ev.args[0] = 3;
	scene.ev.args[2] = 4;
	add_fd(&scene, 3, FD_FILE);
	add_fd(&scene, 4, FD_PIPE);
	check_scene(&scene, "pipe", FILTER_YES);
	check_scene(&scene, "unix", FILTER_NO);
	event_finish(&scene.ev);
}

static void no_descriptor_is_no_ipc(void **state)
{
	struct scene scene;
	(void)state;

	scene_init(&scene, X86_64, "read");
	scene.ev.args[0] = 0xffffffff;
	check_scene(&scene, NULL, FILTER_NO);
	event_finish(&scene.ev);
}

static void check_open(const char *expr, const char *path, unsigned mode, int flags,
		       enum filter_answer expected)
{
	struct scene scene;

	scene_init(&scene, X86_64, "openat");
	scene.ev.args[0] = (uint64_t)AT_FDCWD;
	add_path(&scene, 1, path, mode);
	scene.ev.args[2] = (uint64_t)flags;
	check_scene(&scene, expr, expected);
	event_finish(&scene.ev);
}

static void opening_is_ipc_by_where_the_path_leads(void **state)
{
	(void)state;
	check_open(NULL, "/tmp/queue", S_IFIFO | 0600, O_RDONLY, FILTER_YES);
	check_open("fifo", "/tmp/queue", S_IFIFO | 0600, O_RDONLY, FILTER_YES);
	check_open("shared-mem", "/tmp/queue", S_IFIFO | 0600, O_RDONLY, FILTER_NO);
	check_open(NULL, "/tmp/file", S_IFREG | 0600, O_RDONLY, FILTER_NO);
	check_open(NULL, "/tmp/new", 0, O_CREAT, FILTER_NO);
	check_open(NULL, "/tmp", S_IFDIR | 0700, O_DIRECTORY, FILTER_NO);
	check_open(NULL, "/tmp/queue", S_IFIFO | 0600, O_DIRECTORY, FILTER_NO);
	check_open(NULL, "/dev/shm/area", 0, O_CREAT | O_RDWR, FILTER_YES);
	check_open("shared-mem", "/dev/shm/area", S_IFREG | 0600, O_RDWR, FILTER_YES);
	check_open(NULL, "/dev/shmall", S_IFREG | 0600, O_RDWR, FILTER_NO);
	check_open("pty", "/dev/ptmx", S_IFCHR | 0666, O_RDWR, FILTER_YES);
	check_open("pty", "/dev/pts/5", S_IFCHR | 0600, O_RDWR, FILTER_YES);
	check_open("pty", "/dev/null", S_IFCHR | 0666, O_RDWR, FILTER_NO);
	check_open("posix-mq", "/dev/mqueue/q", S_IFREG | 0600, O_RDWR, FILTER_YES);
	check_open("!fifo", "/tmp/queue", S_IFIFO | 0600, O_RDONLY, FILTER_NO);
	check_open("!fifo", "/tmp/file", S_IFREG | 0600, O_RDONLY, FILTER_YES);
}

static void names_of_shared_memory_count_when_linked_and_removed(void **state)
{
	struct scene scene;
	(void)state;

	scene_init(&scene, X86_64, "unlink");
	add_path(&scene, 0, "/dev/shm/area", S_IFREG | 0600);
	check_scene(&scene, "shared-mem", FILTER_YES);
	check_scene(&scene, "fifo", FILTER_NO);
	event_finish(&scene.ev);
	scene_init(&scene, X86_64, "linkat");
	add_path(&scene, 1, "/tmp/x", S_IFREG | 0600);
	add_path(&scene, 3, "/dev/shm/sem.x", 0);
	check_scene(&scene, "shared-mem", FILTER_YES);
	event_finish(&scene.ev);
}

static void an_unreadable_path_is_no_ipc(void **state)
{
	struct scene scene;
	(void)state;

	scene_init(&scene, X86_64, "openat");
	scene.ev.args[1] = 0xdead0000;
	check_scene(&scene, NULL, FILTER_NO);
	event_finish(&scene.ev);
}

static void check_args(const char *expr, const char *call, uint64_t a0, uint64_t a1, uint64_t a2,
		       uint64_t a3, enum filter_answer expected)
{
	struct scene scene;

	scene_init(&scene, X86_64, call);
	scene.ev.args[0] = a0;
	scene.ev.args[1] = a1;
	scene.ev.args[2] = a2;
	scene.ev.args[3] = a3;
	add_fd(&scene, 9, FD_FILE);
	check_scene(&scene, expr, expected);
	event_finish(&scene.ev);
}

static void arguments_decide(void **state)
{
	(void)state;
	check_args(NULL, "mmap", 0, 4096, 3, MAP_SHARED, FILTER_YES);
	check_args(NULL, "mmap", 0, 4096, 3, MAP_PRIVATE, FILTER_NO);
	check_args("!shared-mem", "mmap", 0, 4096, 3, MAP_PRIVATE, FILTER_YES);
	check_args("mmap", "mmap", 0, 4096, 3, MAP_PRIVATE, FILTER_YES);
	check_args("unix", "socket", AF_UNIX, SOCK_STREAM, 0, 0, FILTER_YES);
	check_args("unix", "socket", AF_INET, SOCK_STREAM, 0, 0, FILTER_NO);
	check_args("inet", "socket", AF_INET6, SOCK_STREAM, 0, 0, FILTER_YES);
	check_args("netlink", "socket", AF_NETLINK, SOCK_RAW, 0, 0, FILTER_YES);
	check_args(NULL, "socket", AF_PACKET, SOCK_RAW, 0, 0, FILTER_YES);
	check_args(NULL, "mknod", 0, S_IFIFO | 0600, 0, 0, FILTER_YES);
	check_args(NULL, "mknod", 0, S_IFCHR | 0600, 0, 0, FILTER_NO);
	check_args(NULL, "fcntl", 9, F_SETLK, 0, 0, FILTER_YES);
	check_args("locks", "fcntl", 9, F_SETLEASE, 0, 0, FILTER_YES);
	check_args("locks", "fcntl", 9, F_OFD_SETLKW, 0, 0, FILTER_YES);
	check_args(NULL, "fcntl", 9, F_GETFL, 0, 0, FILTER_NO);
	check_args("pidfd", "clone", 0x1000, 0, 0, 0, FILTER_YES);
	check_args("pidfd", "clone", SIGCHLD, 0, 0, 0, FILTER_NO);
	check_args("namespaces", "clone", 0x20000000 | SIGCHLD, 0, 0, 0, FILTER_YES);
}

static void add_mapping(struct scene *scene, uint64_t addr, int bits)
{
	struct fact *fact = event_add_fact(&scene->ev, FACT_MAPPING, (int64_t)addr, "", 0);

	fact->value[3] = bits;
}

static void unmapping_is_ipc_if_the_mapping_was_shared(void **state)
{
	struct scene scene;
	(void)state;

	scene_init(&scene, X86_64, "munmap");
	scene.ev.args[0] = 0x10000;
	scene.ev.args[1] = 0x2000;
	add_mapping(&scene, 0x10000, MAPPING_READ);
	check_scene(&scene, NULL, FILTER_NO);
	add_mapping(&scene, 0x11fff, MAPPING_READ | MAPPING_SHARED);
	check_scene(&scene, NULL, FILTER_YES);
	check_scene(&scene, "munmap", FILTER_YES);
	event_finish(&scene.ev);
}

static void i386_multiplexers_are_looked_into(void **state)
{
	const uint32_t args[] = { AF_UNIX, SOCK_STREAM, 0 }, flags[] = { 0, 4096, 3, MAP_SHARED };
	struct scene scene;
	(void)state;

	scene_init(&scene, I386, "socketcall");
	scene.ev.args[0] = 1;
	scene.ev.args[1] = 0x1000;
	event_add_range(&scene.ev, 0x1000, args, sizeof(args));
	check_scene(&scene, "unix", FILTER_YES);
	check_scene(&scene, "inet", FILTER_NO);
	event_finish(&scene.ev);
	scene_init(&scene, I386, "ipc");
	scene.ev.args[0] = 11;
	check_scene(&scene, "sysv-msg", FILTER_YES);
	check_scene(&scene, "sysv-sem", FILTER_NO);
	check_scene(&scene, NULL, FILTER_YES);
	event_finish(&scene.ev);
	scene_init(&scene, I386, "mmap");
	scene.ev.args[0] = 0x1000;
	check_scene(&scene, NULL, FILTER_NO);
	event_add_range(&scene.ev, 0x1000, flags, sizeof(flags));
	check_scene(&scene, NULL, FILTER_YES);
	event_finish(&scene.ev);
}

static void trace_fds_keeps_calls_on_these_descriptors(void **state)
{
	static const struct call_spec spec = { .name = "read",
					       .args = { { .name = "fd", .type = &type_fd } } };
	struct filter *filter = filter_of(true, "trace-fds=3,5");
	struct scene scene;
	(void)state;

	scene_init(&scene, X86_64, "read");
	assert_true(filter_is_conditional(filter, X86_64, 0));
	scene.ev.args[0] = 3;
	assert_int_equal(filter_enter(filter, &spec, &scene.ev, &scene.mem), FILTER_YES);
	scene.ev.args[0] = 4;
	assert_int_equal(filter_enter(filter, &spec, &scene.ev, &scene.mem), FILTER_NO);
	assert_int_equal(filter_enter(filter, NULL, &scene.ev, &scene.mem), FILTER_NO);
	event_finish(&scene.ev);
	filter_destroy(filter);
}

static void conditional_calls_are_told_from_the_others(void **state)
{
	struct filter *filter = filter_create(false);
	(void)state;

	assert_true(filter_is_conditional(filter, X86_64, 0));
	assert_false(filter_is_conditional(filter, X86_64, 22));
	assert_false(filter_is_conditional(filter, X86_64, 4));
	filter_destroy(filter);
	filter = filter_of(false, "read,ipc");
	assert_false(filter_is_conditional(filter, X86_64, 0));
	assert_true(filter_is_conditional(filter, X86_64, 1));
	filter_destroy(filter);
	filter = filter_of(false, "ipc,read");
	assert_false(filter_is_conditional(filter, X86_64, 0));
	filter_destroy(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_is_ipc_by_what_the_descriptor_is),
		cmocka_unit_test(a_socket_of_unknown_family_may_be_any),
		cmocka_unit_test(either_descriptor_of_two_counts),
		cmocka_unit_test(no_descriptor_is_no_ipc),
		cmocka_unit_test(opening_is_ipc_by_where_the_path_leads),
		cmocka_unit_test(names_of_shared_memory_count_when_linked_and_removed),
		cmocka_unit_test(an_unreadable_path_is_no_ipc),
		cmocka_unit_test(arguments_decide),
		cmocka_unit_test(unmapping_is_ipc_if_the_mapping_was_shared),
		cmocka_unit_test(i386_multiplexers_are_looked_into),
		cmocka_unit_test(trace_fds_keeps_calls_on_these_descriptors),
		cmocka_unit_test(conditional_calls_are_told_from_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
