/*
 * Memory that is hard to read, for tests of a tracer.
 *
 *   memory_cases endless   prints the address of memory that nobody ever fills, waits for a line
 *                          on standard input and writes 10 bytes of that memory
 *   memory_cases mapped FILE   the same with memory that FILE is mapped to
 *   memory_cases reads     makes calls with pointers to the end of what is readable and beyond,
 *                          and prints how each begins in a trace
 */
#include <err.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SKIPPED = 77, PAGE_LEN = 4096 };

static char *map_pages(unsigned n)
{
	char *pages = mmap(NULL, (size_t)n * PAGE_LEN, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		err(1, "mmap");
	return pages;
}

/* No such descriptor: only a tracer looks at the memory. */
static void put(const void *addr, size_t len)
{
	syscall(SYS_write, -1, addr, len);
}

__attribute__((noreturn)) static void write_when_told(const char *page)
{
	printf("%p\n", (const void *)page);
	fflush(stdout);
	getchar();
	put(page, 10);
	/* To be found here when it is free again. */
	for (;;)
		pause();
}

static int endless(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	char *page = map_pages(1);

	if (fd < 0) {
		warn("userfaultfd");
		return SKIPPED;
	}
	range.range.start = (uintptr_t)page;
	range.range.len = PAGE_LEN;
	if (ioctl(fd, UFFDIO_API, &api) < 0 || ioctl(fd, UFFDIO_REGISTER, &range) < 0)
		err(1, "cannot register the page");
	write_when_told(page);
}

static int mapped(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char *page = mmap(NULL, PAGE_LEN, PROT_READ, MAP_PRIVATE, fd, 0);

	if (page == MAP_FAILED)
		err(1, "%s", file);
	write_when_told(page);
}

static void expect_address(const void *addr)
{
	printf("write(-1, %p, 10)\n", addr);
	put(addr, 10);
}

static int reads(void)
{
	char *pages = map_pages(3), *end = pages + 2L * PAGE_LEN;
	struct iovec *last = (struct iovec *)end - 1;
	struct iovec bad_first[2] = { { end, 3 }, { pages, 2 } };

	if (mprotect(end, PAGE_LEN, PROT_NONE) < 0)
		err(1, "mprotect");
	memcpy(pages, "yz", 2);

	memcpy(end - 5, "abcde", 5);
	printf("openat(AT_FDCWD, \"abcde\"..., O_RDONLY)\n");
	syscall(SYS_openat, AT_FDCWD, end - 5, O_RDONLY);
	printf("write(-1, \"abcde\"..., 10)\n");
	put(end - 5, 10);
	/* Across a page: in one piece. */
	memcpy(pages + PAGE_LEN - 3, "straddles", 10);
	printf("openat(AT_FDCWD, \"straddles\", O_RDONLY)\n");
	syscall(SYS_openat, AT_FDCWD, pages + PAGE_LEN - 3, O_RDONLY);

	expect_address(end);
	expect_address((void *)0xffffffff81000000);
	expect_address((void *)0x800000000000);
	expect_address((void *)-5L);

	*last = (struct iovec){ pages, 2 };
	printf("writev(-1, [{iov_base=\"yz\", iov_len=2}, ... /* %p */], 2)\n", (void *)end);
	syscall(SYS_writev, -1, last, 2);
	printf("writev(-1, [{iov_base=%p, iov_len=3}, {iov_base=\"yz\", iov_len=2}], 2)\n",
	       (void *)end);
	syscall(SYS_writev, -1, bad_first, 2);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "endless") == 0)
		return endless();
	if (argc == 3 && strcmp(argv[1], "mapped") == 0)
		return mapped(argv[2]);
	if (argc == 2 && strcmp(argv[1], "reads") == 0)
		return reads();
	errx(1, "usage: memory_cases endless | mapped FILE | reads");
}
