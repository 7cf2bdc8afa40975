/* Signal sets and siginfo_t. */
#include "decode/decode.h"
#include "decode/types/types.h"

static void show_sigset(struct decode *d, const struct slot *slot, const struct span *span,
			struct value *ret_v)
{
	(void)slot;
	*ret_v = decode_sigset(d->arena, decode_number(span->data, span->len));
}

const struct type type_sigset = {
	.name = "sigset", .len32 = 8, .len64 = 8, .align = 4, .show_bytes = show_sigset
};

static void show_siginfo(struct decode *d, const struct slot *slot, const struct span *span,
			 struct value *ret_v)
{
	(void)slot;
	*ret_v = value_struct(d->arena, 1);
	*value_field(ret_v, "si_signo") = value_uint(decode_number(span->data, 4));
}

const struct type type_siginfo = {
	.name = "siginfo", .len32 = 128, .len64 = 128, .show_bytes = show_siginfo
};
