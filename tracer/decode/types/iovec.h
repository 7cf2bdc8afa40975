#ifndef DECODE_TYPES_IOVEC_H
#define DECODE_TYPES_IOVEC_H

#include "decode/spec.h"

/*
 * The address of slot.len struct iovec:
 * - type_iovec_in: bases as the bytes they hold, for data that is there at entry;
 * - type_iovec_out: the same for data that the call brought: as many bytes as it returned, spread
 *   over the vector; the bases behind them are "". Of a failed call (DIR_EXIT) addresses;
 * - type_iovec_addr: bases as addresses: another process's memory, or data that nobody wants.
 */
extern const struct type type_iovec_in, type_iovec_out, type_iovec_addr;

/* One struct iovec with its base as an address; an aggregate. */
extern const struct type type_iovec;

/*
 * Show count struct iovec at addr with the first limit bytes of what they hold (UINT64_MAX: all).
 * For shapes that find their vector in memory, as struct msghdr does: those must be is_nested.
 */
void iovec_show(struct decode *d, uint64_t addr, uint64_t count, uint64_t limit,
		struct value *ret_v);

#endif
