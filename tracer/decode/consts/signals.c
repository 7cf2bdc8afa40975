/* Signal numbers: asm-generic/signal.h, as x86 and arm have them. */
#include <string.h>

#include "decode/decode.h"

enum { RT_FIRST = 32, NSIG_KERNEL = 64 };

static const char *const names[] = {
	[1] = "SIGHUP",     [2] = "SIGINT",   [3] = "SIGQUIT",   [4] = "SIGILL",   [5] = "SIGTRAP",
	[6] = "SIGABRT",    [7] = "SIGBUS",   [8] = "SIGFPE",    [9] = "SIGKILL",  [10] = "SIGUSR1",
	[11] = "SIGSEGV",   [12] = "SIGUSR2", [13] = "SIGPIPE",  [14] = "SIGALRM", [15] = "SIGTERM",
	[16] = "SIGSTKFLT", [17] = "SIGCHLD", [18] = "SIGCONT",  [19] = "SIGSTOP", [20] = "SIGTSTP",
	[21] = "SIGTTIN",   [22] = "SIGTTOU", [23] = "SIGURG",   [24] = "SIGXCPU", [25] = "SIGXFSZ",
	[26] = "SIGVTALRM", [27] = "SIGPROF", [28] = "SIGWINCH", [29] = "SIGIO",   [30] = "SIGPWR",
	[31] = "SIGSYS",
};

const char *decode_signal_name(struct arena *arena, int nr)
{
	if (nr > 0 && nr < (int)ARRAY_LEN(names))
		return names[nr];
	if (nr == RT_FIRST)
		return "SIGRTMIN";
	if (nr > RT_FIRST && nr <= NSIG_KERNEL)
		return arena_printf(arena, "SIGRT_%d", nr - RT_FIRST);
	return NULL;
}

struct value decode_sigset(struct arena *arena, uint64_t mask)
{
	unsigned n_set = (unsigned)__builtin_popcountll(mask);
	bool is_inverted = n_set >= NSIG_KERNEL * 2 / 3;
	uint64_t shown = is_inverted ? ~mask : mask;
	const char **members = arena_array(arena, const char *, NSIG_KERNEL);
	struct value value = { .kind = VALUE_BITSET };
	uint32_t n = 0;

	for (int nr = 1; nr <= NSIG_KERNEL; nr++) {
		if (shown >> (nr - 1) & 1)
			members[n++] = decode_signal_name(arena, nr) + strlen("SIG");
	}
	value.bits.raw = mask;
	value.bits.names = members;
	value.bits.n = n;
	value.bits.is_inverted = is_inverted;
	return value;
}
