/* Memory: mapping, placement, other processes' memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { AT = 0x1000, AT2 = 0x2000, AT3 = 0x3000 };

static struct fake fake;

static int set_up(void **state)
{
	(void)state;
	fake_init(&fake, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_finish(&fake);
	return 0;
}

/* Calls whose arguments are plain numbers; the text is strace's. */
static const struct {
	const char *name;
	uint64_t args[6];
	int64_t ret;
	const char *text;
} plain[] = {
	{ "mmap",
	  { 0, 8192, 3, 0x8021, -1, 0 },
	  0x7f70fd56b000,
	  "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS|MAP_POPULATE, -1, 0) = "
	  "0x7f70fd56b000" },
	{ "mmap",
	  { 0x1000, 4096, 0, 0x126062, -1, 4096 },
	  -12,
	  "mmap(0x1000, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_32BIT|MAP_NORESERVE|"
	  "MAP_LOCKED|MAP_STACK|MAP_FIXED_NOREPLACE, -1, 0x1000) = -1 ENOMEM" },
	{ "mmap",
	  { 0, 4096, 0xff, 3, 5, 0 },
	  -9,
	  "mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC|PROT_SEM|0xf0, MAP_SHARED_VALIDATE, 5, "
	  "0) = -1 EBADF" },
	{ "mmap",
	  { 0, 4096, 0x10, 0x40022 | 21 << 26, -1, 0 },
	  -12,
	  "mmap(NULL, 4096, 0x10 /* PROT_??? */, "
	  "MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|21<<MAP_HUGE_SHIFT, -1, 0) = -1 ENOMEM" },
	{ "mmap",
	  { 0, 1, 4, 0x15, -1, -4096 },
	  -9,
	  "mmap(NULL, 1, PROT_EXEC, 0x5 /* MAP_??? */|MAP_FIXED, -1, 0xfffffffffffff000) = -1 "
	  "EBADF" },
	{ "mmap",
	  { 0, 1, 0x1000009, 0, 0, 0 },
	  -22,
	  "mmap(NULL, 1, PROT_READ|PROT_SEM|PROT_GROWSDOWN, MAP_FILE, 0, 0) = -1 EINVAL" },
	{ "mmap",
	  { 0, 1, 0, 0x7fffffff & ~0x80, -1, 0 },
	  -22,
	  "mmap(NULL, 1, PROT_NONE, 0xf /* MAP_??? */|MAP_FIXED|MAP_ANONYMOUS|MAP_32BIT|"
	  "MAP_NORESERVE|MAP_POPULATE|MAP_NONBLOCK|MAP_GROWSDOWN|MAP_DENYWRITE|MAP_EXECUTABLE|"
	  "MAP_LOCKED|MAP_STACK|MAP_HUGETLB|MAP_SYNC|MAP_FIXED_NOREPLACE|0x3e00600|"
	  "31<<MAP_HUGE_SHIFT, -1, 0) = -1 EINVAL" },
	{ "munmap", { 0x1000, 44271 }, 0, "munmap(0x1000, 44271) = 0" },
	{ "mremap",
	  { 0x1000, 2, 3, 1, 4 },
	  -22,
	  "mremap(0x1000, 2, 3, MREMAP_MAYMOVE) = -1 EINVAL" },
	{ "mremap",
	  { 0x1000, 2, 3, 7, 4 },
	  0x4000,
	  "mremap(0x1000, 2, 3, MREMAP_MAYMOVE|MREMAP_FIXED|MREMAP_DONTUNMAP, 0x4) = 0x4000" },
	{ "mremap",
	  { 0x1000, 2, 3, 8 },
	  -22,
	  "mremap(0x1000, 2, 3, 0x8 /* MREMAP_??? */) = -1 EINVAL" },
	{ "mprotect", { 0x1000, 4096, 1 }, 0, "mprotect(0x1000, 4096, PROT_READ) = 0" },
	{ "pkey_mprotect",
	  { 0x1000, 4096, 3, -1 },
	  0,
	  "pkey_mprotect(0x1000, 4096, PROT_READ|PROT_WRITE, -1) = 0" },
	{ "pkey_alloc", { 0, 1 }, 1, "pkey_alloc(0, PKEY_DISABLE_ACCESS) = 1" },
	{ "pkey_alloc",
	  { 0xffffffff, 8 },
	  -22,
	  "pkey_alloc(0xffffffff, 0x8 /* PKEY_??? */) = -1 EINVAL" },
	{ "pkey_free", { 1 }, 0, "pkey_free(1) = 0" },
	{ "msync",
	  { 0x1000, 4096, 14 },
	  -22,
	  "msync(0x1000, 4096, MS_SYNC|MS_INVALIDATE|0x8) = -1 EINVAL" },
	{ "msync", { 0x1000, 4096, 0 }, 0, "msync(0x1000, 4096, 0) = 0" },
	{ "madvise", { 0x1000, 4096, 21 }, 0, "madvise(0x1000, 4096, MADV_PAGEOUT) = 0" },
	{ "madvise",
	  { 0x1000, 0, 999 },
	  -22,
	  "madvise(0x1000, 0, 0x3e7 /* MADV_??? */) = -1 EINVAL" },
	{ "mlock", { 0x1000, 4096 }, 0, "mlock(0x1000, 4096) = 0" },
	{ "mlock2", { 0x1000, 4096, 1 }, 0, "mlock2(0x1000, 4096, MLOCK_ONFAULT) = 0" },
	{ "munlock", { 0x1000, 4096 }, 0, "munlock(0x1000, 4096) = 0" },
	{ "mlockall", { 15 }, -22, "mlockall(MCL_CURRENT|MCL_FUTURE|MCL_ONFAULT|0x8) = -1 EINVAL" },
	{ "munlockall", { 0 }, 0, "munlockall() = 0" },
	{ "brk", { 0 }, 0x561b6170e000, "brk(NULL) = 0x561b6170e000" },
	{ "remap_file_pages",
	  { 0x1000, 1, 2, 3, 1 },
	  -22,
	  "remap_file_pages(0x1000, 1, PROT_WRITE, 3, MAP_SHARED) = -1 EINVAL" },
	{ "memfd_secret", { 02000003 }, 3, "memfd_secret(O_CLOEXEC|0x3) = 3" },
	{ "mseal", { 0x1000, 4096, 0 }, 0, "mseal(0x1000, 4096, 0) = 0" },
	{ "map_shadow_stack",
	  { 0, 4096, 1 },
	  0x7000,
	  "map_shadow_stack(NULL, 4096, SHADOW_STACK_SET_TOKEN) = 0x7000" },
	{ "userfaultfd",
	  { 02004001 },
	  8,
	  "userfaultfd(UFFD_USER_MODE_ONLY|O_NONBLOCK|O_CLOEXEC) = 8" },
	{ "userfaultfd", { 2 }, -22, "userfaultfd(0x2 /* UFFD_??? */) = -1 EINVAL" },
	{ "membarrier", { 1, 0 }, 0, "membarrier(MEMBARRIER_CMD_GLOBAL, 0) = 0" },
	{ "membarrier",
	  { 128, 1, 2 },
	  -1,
	  "membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, 2) = -1 "
	  "EPERM" },
	{ "membarrier",
	  { 0, 0 },
	  0x803,
	  "membarrier(MEMBARRIER_CMD_QUERY, 0) = 0x803 "
	  "(MEMBARRIER_CMD_GLOBAL|MEMBARRIER_CMD_GLOBAL_EXPEDITED|0x800)" },
	{ "set_mempolicy_home_node",
	  { 1, 2, 3, 4 },
	  -22,
	  "set_mempolicy_home_node(0x1, 2, 3, 0x4) = -1 EINVAL" },
	{ "process_mrelease", { 18, 0 }, -22, "process_mrelease(18, 0) = -1 EINVAL" },
};

static void plain_arguments_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_string_equal(fake_call(&fake, plain[i].name, plain[i].args, plain[i].ret),
				    plain[i].text);
}

static void memfd_flags_hold_a_huge_page_size(void **state)
{
	(void)state;
	fake_poke(&fake, AT, "shm-ring", 9);
	assert_string_equal(FAKE_CALL(&fake, "memfd_create", 15, AT, 3),
			    "memfd_create(\"shm-ring\", MFD_CLOEXEC|MFD_ALLOW_SEALING) = 15");
	assert_string_equal(FAKE_CALL(&fake, "memfd_create", -22, AT, 0x24 | 21 << 26),
			    "memfd_create(\"shm-ring\", MFD_HUGETLB|0x20|21<<MFD_HUGE_SHIFT) = -1 "
			    "EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "memfd_create", -14, 0x10, 0),
			    "memfd_create(0x10, 0) = -1 EFAULT");
}

static void mincore_shows_a_bit_per_page(void **state)
{
	uint8_t vec[3] = { 1, 0xfe, 3 };

	(void)state;
	fake_poke(&fake, AT, vec, sizeof(vec));
	assert_string_equal(FAKE_CALL(&fake, "mincore", 0, 0x8000, 8193, AT),
			    "mincore(0x8000, 8193, [1, 0, 1]) = 0");
	assert_string_equal(FAKE_CALL(&fake, "mincore", 0, 0x8000, 0, AT),
			    "mincore(0x8000, 0, []) = 0");
	assert_string_equal(
		FAKE_CALL(&fake, "mincore", 0, 0x8000, UINT64_MAX, AT),
		"mincore(0x8000, 18446744073709551615, [1, 0, 1, ... /* 0x1003 */]) = 0");
	assert_string_equal(FAKE_CALL(&fake, "mincore", -12, 0, 1ull << 40, 0),
			    "mincore(NULL, 1099511627776, NULL) = -1 ENOMEM");
}

static void nodemasks_have_the_words_that_the_kernel_reads(void **state)
{
	uint64_t mask[3] = { 1, 2, 0 };
	uint32_t mode = 2;

	(void)state;
	fake_poke(&fake, AT, mask, sizeof(mask));
	fake_poke(&fake, AT2, &mode, sizeof(mode));
	assert_string_equal(FAKE_CALL(&fake, "mbind", 0, 0x8000, 4096, 0x8001, AT, 64, 3),
			    "mbind(0x8000, 4096, MPOL_PREFERRED|MPOL_F_STATIC_NODES, "
			    "[0x00000000000001], 64, MPOL_MF_STRICT|MPOL_MF_MOVE) = 0");
	assert_string_equal(FAKE_CALL(&fake, "mbind", -22, 0x8000, 4096, 9, AT, 1, 8),
			    "mbind(0x8000, 4096, 0x9 /* MPOL_??? */, 0x1000, 1, "
			    "0x8 /* MPOL_??? */) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "set_mempolicy", 0, 0xffffffff, AT, 130),
			    "set_mempolicy(MPOL_F_STATIC_NODES|MPOL_F_RELATIVE_NODES|"
			    "MPOL_F_NUMA_BALANCING|0xffff1fff, [0x00000000000001, "
			    "0x00000000000002, 0000000000000000], 130) = 0");
	assert_string_equal(FAKE_CALL(&fake, "set_mempolicy", 0, 0, 0, 0),
			    "set_mempolicy(MPOL_DEFAULT, NULL, 0) = 0");
	assert_string_equal(FAKE_CALL(&fake, "get_mempolicy", 0, AT2, AT, 65, 0, 3),
			    "get_mempolicy([MPOL_BIND], [0x00000000000001], 65, NULL, "
			    "MPOL_F_NODE|MPOL_F_ADDR) = 0");
	assert_string_equal(FAKE_CALL(&fake, "migrate_pages", 0, 0, 64, AT, 0x10),
			    "migrate_pages(0, 64, [0x00000000000001], 0x10) = 0");
	assert_string_equal(
		FAKE_CALL(&fake, "set_mempolicy", -22, 0, AT, UINT64_MAX),
		"set_mempolicy(MPOL_DEFAULT, [0x00000000000001, 0x00000000000002, "
		"0000000000000000, ... /* 0x1018 */], 18446744073709551615) = -1 EINVAL");
}

static void move_pages_shows_what_became_of_each(void **state)
{
	uint64_t pages[2] = { 0x8000, 0x9000 };
	int32_t nodes[2] = { 0, 1 }, status[2] = { 1, -2 };

	(void)state;
	fake_poke(&fake, AT, pages, sizeof(pages));
	fake_poke(&fake, AT2, nodes, sizeof(nodes));
	fake_poke(&fake, AT3, status, sizeof(status));
	assert_string_equal(FAKE_CALL(&fake, "move_pages", 0, 0, 2, AT, AT2, AT3, 2),
			    "move_pages(0, 2, [0x8000, 0x9000], [0, 1], [1, -ENOENT], "
			    "MPOL_MF_MOVE) = 0");
	assert_string_equal(
		FAKE_CALL(&fake, "move_pages", -7, 0, 1ull << 40, 0x10, 0, 0x10, 9),
		"move_pages(0, 1099511627776, 0x10, NULL, 0x10, 0x9 /* MPOL_??? */) = -1 "
		"E2BIG");
}

static void another_process_s_memory_is_shown_by_address(void **state)
{
	uint64_t local[4] = { AT3, 16, AT3, 3 }, remote[2] = { 0x56515b21d026, 16 };

	(void)state;
	fake_poke(&fake, AT, local, sizeof(local));
	fake_poke(&fake, AT2, remote, sizeof(remote));
	fake_poke(&fake, AT3, "remote-data-1234", 16);
	assert_string_equal(FAKE_CALL(&fake, "process_vm_readv", 16, 2850, AT, 2, AT2, 1, 0),
			    "process_vm_readv(2850, [{iov_base=\"remote-data-1234\", iov_len=16}, "
			    "{iov_base=\"\", iov_len=3}], 2, [{iov_base=0x56515b21d026, "
			    "iov_len=16}], 1, 0) = 16");
	assert_string_equal(FAKE_CALL(&fake, "process_vm_readv", -3, 1, AT, 1, AT2, 1, 0),
			    "process_vm_readv(1, [{iov_base=0x3000, iov_len=16}], 1, "
			    "[{iov_base=0x56515b21d026, iov_len=16}], 1, 0) = -1 ESRCH");
	assert_string_equal(FAKE_CALL(&fake, "process_vm_writev", 16, 2850, AT, 1, AT2, 1, 0),
			    "process_vm_writev(2850, [{iov_base=\"remote-data-1234\", "
			    "iov_len=16}], 1, [{iov_base=0x56515b21d026, iov_len=16}], 1, 0) = 16");
	assert_string_equal(FAKE_CALL(&fake, "process_madvise", -22, 18, AT2, 1, 20, 0),
			    "process_madvise(18, [{iov_base=0x56515b21d026, iov_len=16}], 1, "
			    "MADV_COLD, 0) = -1 EINVAL");
}

static void i386_has_two_other_ways_to_map(void **state)
{
	uint32_t args[6] = { 0, 4096, 3, 0x22, UINT32_MAX, 0x1000 }, mask = 1;

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, AT, args, sizeof(args));
	fake_poke(&fake, AT2, &mask, sizeof(mask));
	assert_string_equal(FAKE_CALL(&fake, "mmap", 0xf7f00000, AT),
			    "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, "
			    "0x1000) = 0xf7f00000");
	assert_string_equal(FAKE_CALL(&fake, "mmap2", 0xf7eff000, 0, 4096, 1, 2, 3, 0xffffffff),
			    "mmap2(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0xffffffff000) = "
			    "0xf7eff000");
	assert_string_equal(FAKE_CALL(&fake, "mbind", -14, 0x1000, 4096, 1, AT2, 32, 0),
			    "mbind(0x1000, 4096, MPOL_PREFERRED, [0x000001], 32, 0) = -1 EFAULT");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_arguments_are_named),
		TEST(memfd_flags_hold_a_huge_page_size),
		TEST(mincore_shows_a_bit_per_page),
		TEST(nodemasks_have_the_words_that_the_kernel_reads),
		TEST(move_pages_shows_what_became_of_each),
		TEST(another_process_s_memory_is_shown_by_address),
		TEST(i386_has_two_other_ways_to_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
