/*
 * Makes every x86_64 system call with counts, lengths and pointers chosen to make a tracer loop,
 * allocate and print without end. The kernel does none of it: a seccomp filter lets all of them
 * return 0 at once, so that outputs are looked at too. Then waits until standard input ends.
 *
 *   hostile_calls zero | ones | control | text | self | sizes
 *
 * The argument says what fills the GiB of memory that all pointers lead to: bytes of 0, 255, 1,
 * or 'a', its own address, or enormous sizes and its own address in turn.
 */
#include <err.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LAST_CALL 469
#define CHUNK     (1ul << 20)
#define CHUNKS    1024ul
#define HUGE      (1ul << 40)

/* Calls whose second or third argument says what the others are. */
static const int multiplexed[] = {
	SYS_fcntl,      SYS_ioctl,      SYS_prctl,    SYS_futex,    SYS_semctl,
	SYS_shmctl,     SYS_msgctl,     SYS_bpf,      SYS_keyctl,   SYS_ptrace,
	SYS_setsockopt, SYS_getsockopt, SYS_fsconfig, SYS_quotactl, SYS_io_uring_register,
	SYS_seccomp,    SYS_waitid,
};

static void fill(char *chunk, const char *pattern, uint64_t base)
{
	if (strcmp(pattern, "ones") == 0)
		memset(chunk, 255, CHUNK);
	else if (strcmp(pattern, "control") == 0)
		memset(chunk, 1, CHUNK);
	else if (strcmp(pattern, "text") == 0)
		memset(chunk, 'a', CHUNK);
	for (size_t i = 0; i + 8 <= CHUNK; i += 8) {
		if (strcmp(pattern, "self") == 0 ||
		    (strcmp(pattern, "sizes") == 0 && i / 8 % 2 == 0))
			memcpy(chunk + i, &base, 8);
		else if (strcmp(pattern, "sizes") == 0)
			memcpy(chunk + i, &(uint64_t){ HUGE }, 8);
	}
}

/* One chunk, mapped again and again. */
static uint64_t make_memory(const char *pattern)
{
	int fd = memfd_create("hostile", 0);
	char *base = mmap(NULL, CHUNK * CHUNKS, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (fd < 0 || ftruncate(fd, CHUNK) < 0 || base == MAP_FAILED)
		err(1, "memory");
	for (size_t i = 0; i < CHUNKS; i++) {
		if (mmap(base + i * CHUNK, CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 fd, 0) == MAP_FAILED)
			err(1, "mmap");
	}
	fill(base, pattern, (uint64_t)(uintptr_t)base);
	return (uint64_t)(uintptr_t)base;
}

/* All but read, of standard input, and exit_group do nothing and succeed. */
static void forbid_all(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x600d, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		err(1, "seccomp");
}

static void call(int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	syscall(nr, a, b, c, d, e, f);
}

static void make_calls(uint64_t base)
{
	for (int nr = 0; nr <= LAST_CALL; nr++) {
		/* A return made up of what lies on the stack; and two that only the kernel's code may make. */
		if (nr == SYS_rt_sigreturn || nr == 335 || nr == 336)
			continue;
		call(nr, 0, base, HUGE, base, HUGE, base);
		call(nr, base, HUGE, base, HUGE, base, HUGE);
		call(nr, base, base, base, base, base, base);
		call(nr, INT32_MAX, base, base, base, base, base);
		call(nr, 65536, base, base, base, base, base);
		call(nr, 0, 4096, base, 4096, base, 4096);
		call(nr, base, 4096, base, 4096, base, 4096);
		call(nr, 0, base, UINT32_MAX, base, UINT32_MAX, base);
	}
	for (size_t i = 0; i < sizeof(multiplexed) / sizeof(multiplexed[0]); i++) {
		for (uint64_t command = 0; command < 64; command++) {
			call(multiplexed[i], command, base, HUGE, base, HUGE, base);
			call(multiplexed[i], command, HUGE, base, HUGE, base, HUGE);
			call(multiplexed[i], base, command, HUGE, base, HUGE, base);
			call(multiplexed[i], 1, command, base, base, HUGE, base);
			call(multiplexed[i], 0, 1, command, base, base, HUGE);
		}
	}
}

int main(int argc, char **argv)
{
	uint64_t base = make_memory(argc > 1 ? argv[1] : "zero");
	char byte;

	forbid_all();
	make_calls(base);
	syscall(SYS_read, 0, &byte, 1, 0, 0, 0x600d);
	syscall(SYS_exit_group, 0, 0, 0, 0, 0, 0x600d);
	return 0;
}
