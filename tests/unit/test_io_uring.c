/* io_uring and asynchronous I/O. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/aio_abi.h>
#include <linux/audit.h>
#include <linux/io_uring.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { AT = 0x1000, AT2 = 0x2000, AT3 = 0x3000, TIME = 0x4000, MASK = 0x5000 };

static struct fake strace_face, default_face;

static void poke_both(uint64_t addr, const void *data, size_t len)
{
	fake_poke(&strace_face, addr, data, len);
	fake_poke(&default_face, addr, data, len);
}

static int set_up(void **state)
{
	int64_t time[2] = { 0, 1 };
	uint64_t mask = 1 << 9;

	(void)state;
	fake_init(&strace_face, true);
	fake_init(&default_face, false);
	poke_both(TIME, time, sizeof(time));
	poke_both(MASK, &mask, sizeof(mask));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_finish(&strace_face);
	fake_finish(&default_face);
	return 0;
}

static void setup_shows_what_it_filled(void **state)
{
	struct io_uring_params params = { .sq_entries = 4,
					  .cq_entries = 8,
					  .features = 0x2003,
					  .sq_off = { 0, 4, 16, 24, 36, 32, 192 },
					  .cq_off = { 8, 12, 20, 28, 44, 64, 40 } };

	(void)state;
	fake_poke(&strace_face, AT, &params, sizeof(params));
	assert_string_equal(
		FAKE_CALL(&strace_face, "io_uring_setup", 6, 4, AT),
		"io_uring_setup(4, {flags=0, sq_thread_cpu=0, sq_thread_idle=0, sq_entries=4, "
		"cq_entries=8, features=IORING_FEAT_SINGLE_MMAP|IORING_FEAT_NODROP|"
		"IORING_FEAT_REG_REG_RING, sq_off={head=0, tail=4, ring_mask=16, ring_entries=24, "
		"flags=36, dropped=32, array=192}, cq_off={head=8, tail=12, ring_mask=20, "
		"ring_entries=28, overflow=44, cqes=64, flags=40}}) = 6");
	params.flags = 0x822;
	params.sq_thread_cpu = 1;
	params.wq_fd = 3;
	params.resv[1] = 4;
	fake_poke(&strace_face, AT, &params, sizeof(params));
	assert_string_equal(FAKE_CALL(&strace_face, "io_uring_setup", -22, 4, AT),
			    "io_uring_setup(4, {flags=IORING_SETUP_SQPOLL|IORING_SETUP_ATTACH_WQ|"
			    "IORING_SETUP_CQE32, sq_thread_cpu=0x1, sq_thread_idle=0, wq_fd=3, "
			    "resv=[0, 0x4, 0]}) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&strace_face, "io_uring_setup", -14, 4, 0x10),
			    "io_uring_setup(4, 0x10) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(&strace_face, "io_uring_setup", -14, 4, 0),
			    "io_uring_setup(4, NULL) = -1 EFAULT");
}

static void enter_shows_the_signals_it_waits_with(void **state)
{
	struct {
		uint64_t sigmask;
		uint32_t sigmask_sz, min_wait;
		uint64_t ts;
	} arg = { MASK, 8, 5, TIME };

	(void)state;
	poke_both(AT, &arg, sizeof(arg));
	assert_string_equal(FAKE_CALL(&strace_face, "io_uring_enter", 1, 6, 1, 1, 1, 0, 8),
			    "io_uring_enter(6, 1, 1, IORING_ENTER_GETEVENTS, NULL, 8) = 1");
	assert_string_equal(FAKE_CALL(&strace_face, "io_uring_enter", 0, 6, 0, 0, 1, MASK, 8),
			    "io_uring_enter(6, 0, 0, IORING_ENTER_GETEVENTS, [USR1], 8) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "io_uring_enter", -9, 6, 0, 0, 0x100, 0x10, 4),
			    "io_uring_enter(6, 0, 0, 0x100 /* IORING_ENTER_??? */, 0x10, 4) = -1 "
			    "EBADF");
	assert_string_equal(FAKE_CALL(&strace_face, "io_uring_enter", 0, 6, 0, 0, 9, AT, 24),
			    "io_uring_enter(6, 0, 0, IORING_ENTER_GETEVENTS|IORING_ENTER_EXT_ARG, "
			    "0x1000, 24) = 0");
	assert_string_equal(FAKE_CALL(&default_face, "io_uring_enter", 0, 6, 0, 0, 9, AT, 24),
			    "io_uring_enter(6, 0, 0, IORING_ENTER_GETEVENTS|IORING_ENTER_EXT_ARG, "
			    "{sigmask=[USR1], sigmask_sz=8, min_wait_usec=5, "
			    "ts={tv_sec=0, tv_nsec=1}}, 24) = 0");
}

#define REGISTER(ret, ...) FAKE_CALL(&strace_face, "io_uring_register", ret, 6, __VA_ARGS__)

static void files_and_buffers_are_registered(void **state)
{
	int32_t fds[2] = { 8, -1 };
	uint64_t vec[2] = { AT, 8 };
	struct {
		uint32_t offset, resv;
		uint64_t data;
	} update = { 1, 0, AT };

	(void)state;
	fake_poke(&strace_face, AT, fds, sizeof(fds));
	fake_poke(&strace_face, AT2, vec, sizeof(vec));
	fake_poke(&strace_face, AT3, &update, sizeof(update));
	assert_string_equal(REGISTER(0, 0, AT2, 1), "io_uring_register(6, IORING_REGISTER_BUFFERS, "
						    "[{iov_base=0x1000, iov_len=8}], 1) = 0");
	assert_string_equal(REGISTER(0, 2, AT, 2),
			    "io_uring_register(6, IORING_REGISTER_FILES, [8, -1], 2) = 0");
	assert_string_equal(
		REGISTER(-24, 2, AT, 0x80000000),
		"io_uring_register(6, IORING_REGISTER_FILES, [8, -1, ... /* 0x1008 */], "
		"2147483648) = -1 EMFILE");
	assert_string_equal(REGISTER(0, 4, AT, 1),
			    "io_uring_register(6, IORING_REGISTER_EVENTFD, [8], 1) = 0");
	assert_string_equal(REGISTER(1, 6, AT3, 1),
			    "io_uring_register(6, IORING_REGISTER_FILES_UPDATE, "
			    "{offset=1, fds=[8]}, 1) = 1");
	assert_string_equal(REGISTER(1, 20, AT3, 1),
			    "io_uring_register(6, IORING_REGISTER_RING_FDS, "
			    "[{offset=1, data=4096}], 1) = 1");
	assert_string_equal(REGISTER(0, 21, AT3, 1),
			    "io_uring_register(6, IORING_UNREGISTER_RING_FDS, "
			    "[{offset=1, data=0x1000}], 1) = 0");
	assert_string_equal(REGISTER(0, 3, 0, 0),
			    "io_uring_register(6, IORING_UNREGISTER_FILES, NULL, 0) = 0");
}

static void tagged_resources_need_the_right_size(void **state)
{
	int32_t fds[2] = { 8, -1 };
	uint64_t vec[2] = { AT, 8 }, tag = 7;
	struct {
		uint32_t nr, flags;
		uint64_t resv, data, tags;
	} files = { 1, 3, 0, AT, MASK }, buffers = { 1, 0, 0, AT2, 0 };
	struct {
		uint32_t offset, resv;
		uint64_t data, tags;
		uint32_t nr, resv2;
	} update = { 5, 0, AT, 0, 1, 0 };

	(void)state;
	fake_poke(&strace_face, MASK, &tag, sizeof(tag));
	fake_poke(&strace_face, AT, fds, sizeof(fds));
	fake_poke(&strace_face, AT2, vec, sizeof(vec));
	fake_poke(&strace_face, AT3, &files, sizeof(files));
	fake_poke(&strace_face, 0x6000, &buffers, sizeof(buffers));
	fake_poke(&strace_face, 0x7000, &update, sizeof(update));
	assert_string_equal(
		REGISTER(0, 13, AT3, 32),
		"io_uring_register(6, IORING_REGISTER_FILES2, {nr=1, "
		"flags=IORING_RSRC_REGISTER_SPARSE|0x2, data=[8], tags=[0x7]}, 32) = 0");
	assert_string_equal(REGISTER(-22, 13, AT3, 31),
			    "io_uring_register(6, IORING_REGISTER_FILES2, 0x3000, 31) = -1 EINVAL");
	assert_string_equal(REGISTER(0, 15, 0x6000, 32),
			    "io_uring_register(6, IORING_REGISTER_BUFFERS2, {nr=1, flags=0, "
			    "data=[{iov_base=0x1000, iov_len=8}], tags=NULL}, 32) = 0");
	assert_string_equal(REGISTER(0, 14, 0x7000, 32),
			    "io_uring_register(6, IORING_REGISTER_FILES_UPDATE2, "
			    "{offset=5, data=[8], tags=NULL, nr=1}, 32) = 0");
	assert_string_equal(REGISTER(-22, 16, 0x10, 32),
			    "io_uring_register(6, IORING_REGISTER_BUFFERS_UPDATE, 0x10, 32) = -1 "
			    "EINVAL");
}

static void a_probe_lists_operations(void **state)
{
	struct {
		uint8_t last_op, ops_len;
		uint16_t resv;
		uint32_t resv2[3];
		struct io_uring_probe_op ops[2];
	} probe = { .last_op = 200, .ops_len = 2, .ops = { { 0, 0, 1, 0 }, { 51, 0, 0, 0 } } };

	(void)state;
	fake_poke(&strace_face, AT, &probe, sizeof(probe));
	assert_string_equal(
		REGISTER(0, 8, AT, 4),
		"io_uring_register(6, IORING_REGISTER_PROBE, {last_op=200 "
		"/* IORING_OP_??? */, ops_len=2, ops=[{op=IORING_OP_NOP, "
		"flags=IO_URING_OP_SUPPORTED}, {op=IORING_OP_FUTEX_WAIT, flags=0}]}, 4) "
		"= 0");
	assert_string_equal(REGISTER(-22, 8, AT, 4),
			    "io_uring_register(6, IORING_REGISTER_PROBE, 0x1000, 4) = -1 EINVAL");
}

static void restrictions_say_what_they_allow(void **state)
{
	struct {
		uint16_t kind;
		uint8_t operand, resv;
		uint32_t resv2[3];
	} rules[3] = { { .kind = 0, .operand = 13 },
		       { .kind = 1, .operand = 1 },
		       { .kind = 3, .operand = 4, .resv = 2 } };

	(void)state;
	fake_poke(&strace_face, AT, rules, sizeof(rules));
	assert_string_equal(
		REGISTER(0, 11, AT, 3),
		"io_uring_register(6, IORING_REGISTER_RESTRICTIONS, "
		"[{opcode=IORING_RESTRICTION_REGISTER_OP, register_op=IORING_REGISTER_FILES2}, "
		"{opcode=IORING_RESTRICTION_SQE_OP, sqe_op=IORING_OP_READV}, "
		"{opcode=IORING_RESTRICTION_SQE_FLAGS_REQUIRED, sqe_flags=IOSQE_IO_LINK, "
		"resv=0x2}], 3) = 0");
}

static void workers_change_from_old_to_new(void **state)
{
	uint32_t before[2] = { 1, 2 }, after[2] = { 4, 96365 };
	uint64_t args[6] = { 6, 19, AT, 2 };

	(void)state;
	fake_poke(&strace_face, AT, before, sizeof(before));
	fake_enter(&strace_face, "io_uring_register", args);
	fake_poke(&strace_face, AT, after, sizeof(after));
	assert_string_equal(fake_exit(&strace_face, 0),
			    "io_uring_register(6, IORING_REGISTER_IOWQ_MAX_WORKERS, "
			    "[[IO_WQ_BOUND]=1, [IO_WQ_UNBOUND]=2] => "
			    "[[IO_WQ_BOUND]=4, [IO_WQ_UNBOUND]=96365], 2) = 0");
	assert_string_equal(REGISTER(0, 19, AT, 2),
			    "io_uring_register(6, IORING_REGISTER_IOWQ_MAX_WORKERS, "
			    "[[IO_WQ_BOUND]=4, [IO_WQ_UNBOUND]=96365] => "
			    "[[IO_WQ_BOUND]=4, [IO_WQ_UNBOUND]=96365], 2) = 0");
	assert_string_equal(REGISTER(-22, 19, AT, 1),
			    "io_uring_register(6, IORING_REGISTER_IOWQ_MAX_WORKERS, "
			    "[[IO_WQ_BOUND]=4] => 0x1000, 1) = -1 EINVAL");
	assert_string_equal(REGISTER(-14, 19, 0x10, 2),
			    "io_uring_register(6, IORING_REGISTER_IOWQ_MAX_WORKERS, 0x10, 2) = -1 "
			    "EFAULT");
}

static void other_registrations_are_shown(void **state)
{
	uint64_t ring[5] = { 0x7000, 4 | 1ull << 32 };
	uint64_t cancel[8] = { 1, 2 | 3ull << 32, 1, 2 };

	(void)state;
	fake_poke(&strace_face, AT, ring, sizeof(ring));
	fake_poke(&strace_face, AT2, cancel, sizeof(cancel));
	assert_string_equal(REGISTER(0, 17, MASK, 8),
			    "io_uring_register(6, IORING_REGISTER_IOWQ_AFF, [9], 8) = 0");
	assert_string_equal(REGISTER(-22, 17, MASK, 0),
			    "io_uring_register(6, IORING_REGISTER_IOWQ_AFF, [], 0) = -1 EINVAL");
	assert_string_equal(
		REGISTER(-14, 17, MASK, 1u << 31),
		"io_uring_register(6, IORING_REGISTER_IOWQ_AFF, 0x5000, 2147483648) = -1 "
		"EFAULT");
	assert_string_equal(REGISTER(0, 22, AT, 1),
			    "io_uring_register(6, IORING_REGISTER_PBUF_RING, {ring_addr=0x7000, "
			    "ring_entries=4, bgid=1, flags=0}, 1) = 0");
	assert_string_equal(REGISTER(0, 24, AT2, 1),
			    "io_uring_register(6, IORING_REGISTER_SYNC_CANCEL, {addr=0x1, fd=2, "
			    "flags=IORING_ASYNC_CANCEL_ALL|IORING_ASYNC_CANCEL_FD, "
			    "timeout={tv_sec=1, tv_nsec=2}, opcode=IORING_OP_NOP}, 1) = 0");
	assert_string_equal(REGISTER(0, 25, AT2, 0),
			    "io_uring_register(6, IORING_REGISTER_FILE_ALLOC_RANGE, "
			    "{off=1, len=0}, 0) = 0");
	assert_string_equal(REGISTER(-22, 77, 3, 2),
			    "io_uring_register(6, 0x4d /* IORING_REGISTER_??? */, 0x3, 2) = -1 "
			    "EINVAL");
	assert_string_equal(REGISTER(0, 0x80000001, 0, 0),
			    "io_uring_register(6, IORING_REGISTER_USE_REGISTERED_RING|"
			    "IORING_UNREGISTER_BUFFERS, NULL, 0) = 0");
}

static void submitted_blocks_are_shown_by_operation(void **state)
{
	struct iocb blocks[4] = {
		{ .aio_data = 0x11,
		  .aio_lio_opcode = 1,
		  .aio_fildes = 9,
		  .aio_buf = AT2,
		  .aio_nbytes = 5 },
		{ .aio_lio_opcode = 7, .aio_buf = AT3, .aio_nbytes = 1, .aio_rw_flags = 3 },
		{ .aio_lio_opcode = 5, .aio_buf = 1, .aio_reqprio = 1 << 14, .aio_flags = 2 },
		{ .aio_lio_opcode = 9, .aio_key = 4, .aio_reqprio = -5 },
	};
	uint64_t pointers[5] = { AT, AT + 64, AT + 128, AT + 192, 0x10 };
	uint64_t vec[2] = { AT2, 8 };

	(void)state;
	fake_poke(&strace_face, AT, blocks, sizeof(blocks));
	fake_poke(&strace_face, AT2, "hello", 5);
	fake_poke(&strace_face, AT3, vec, sizeof(vec));
	fake_poke(&strace_face, MASK, pointers, sizeof(pointers));
	assert_string_equal(
		FAKE_CALL(&strace_face, "io_submit", 1, 0x7000, 5, MASK),
		"io_submit(0x7000, 5, [{aio_data=0x11, aio_lio_opcode=IOCB_CMD_PWRITE, "
		"aio_fildes=9, aio_buf=\"hello\", aio_nbytes=5, aio_offset=0}, {aio_data=0, "
		"aio_rw_flags=RWF_HIPRI|RWF_DSYNC, aio_lio_opcode=IOCB_CMD_PREADV, aio_fildes=0, "
		"aio_buf=[{iov_base=0x2000, iov_len=8}], aio_offset=0}, {aio_data=0, "
		"aio_lio_opcode=IOCB_CMD_POLL, aio_reqprio=IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 0), "
		"aio_fildes=0, aio_buf=POLLIN, aio_flags=IOCB_FLAG_IOPRIO}, {aio_data=0, "
		"aio_key=4, aio_lio_opcode=9 /* IOCB_CMD_??? */, aio_reqprio=-5, aio_fildes=0}, "
		"0x10]) = 1");
	assert_string_equal(FAKE_CALL(&strace_face, "io_submit", -14, 0x7000, 1, 0x10),
			    "io_submit(0x7000, 1, 0x10) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(&strace_face, "io_submit", 0, 0x7000, 0, MASK),
			    "io_submit(0x7000, 0, []) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "io_cancel", -22, 0x7000, AT, AT3),
			    "io_cancel(0x7000, {aio_data=0x11, aio_lio_opcode=IOCB_CMD_PWRITE, "
			    "aio_fildes=9}, 0x3000) = -1 EINVAL");
}

static void events_are_collected(void **state)
{
	uint64_t event[4] = { 0x11, 0x7ffc0000, 5, 0 }, sigset[2] = { MASK, 8 }, context = 0x7000;

	(void)state;
	fake_poke(&strace_face, AT, event, sizeof(event));
	fake_poke(&strace_face, AT2, sigset, sizeof(sigset));
	fake_poke(&strace_face, AT3, &context, sizeof(context));
	assert_string_equal(FAKE_CALL(&strace_face, "io_setup", 0, 8, AT3),
			    "io_setup(8, [0x7000]) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "io_setup", -14, 8, 0x10),
			    "io_setup(8, 0x10) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(&strace_face, "io_getevents", 1, 0x7000, 1, 4, AT, TIME),
			    "io_getevents(0x7000, 1, 4, [{data=0x11, obj=0x7ffc0000, res=5, "
			    "res2=0}], {tv_sec=0, tv_nsec=1}) = 1");
	assert_string_equal(FAKE_CALL(&strace_face, "io_pgetevents", 0, 0x7000, 0, 4, AT, 0, AT2),
			    "io_pgetevents(0x7000, 0, 4, [], NULL, {sigmask=[USR1], "
			    "sigsetsize=8}) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "io_destroy", 0, 0x7000),
			    "io_destroy(0x7000) = 0");
	strace_face.arch = AUDIT_ARCH_I386;
	assert_string_equal(
		FAKE_CALL(&strace_face, "io_pgetevents_time64", 0, 0x7000, 0, 4, AT, TIME, 0),
		"io_pgetevents_time64(0x7000, 0, 4, [], {tv_sec=0, tv_nsec=1}, NULL) = "
		"0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(setup_shows_what_it_filled),
		TEST(enter_shows_the_signals_it_waits_with),
		TEST(files_and_buffers_are_registered),
		TEST(tagged_resources_need_the_right_size),
		TEST(a_probe_lists_operations),
		TEST(restrictions_say_what_they_allow),
		TEST(workers_change_from_old_to_new),
		TEST(other_registrations_are_shown),
		TEST(submitted_blocks_are_shown_by_operation),
		TEST(events_are_collected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
