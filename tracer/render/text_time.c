#include "render/text_time.h"

#include "base/clock.h"

/* ns in units of unit_ns, rounded, with one digit behind the point if it is less than ten. */
static void add_rounded(struct buf *out, uint64_t ns, uint64_t unit_ns, const char *unit)
{
	uint64_t tenths = (ns + unit_ns / 20) / (unit_ns / 10);

	if (tenths < 100) {
		buf_uint(out, tenths / 10);
		buf_char(out, '.');
		buf_char(out, (char)('0' + tenths % 10));
	} else {
		buf_uint(out, (ns + unit_ns / 2) / unit_ns);
	}
	buf_text(out, unit);
}

void text_time(struct buf *out, uint64_t ns)
{
	if (ns >= NS_PER_SEC) {
		add_rounded(out, ns, NS_PER_SEC, " s");
	} else if (ns >= 1000 * 1000) {
		add_rounded(out, ns, 1000 * 1000, " ms");
	} else {
		buf_uint(out, (ns + 500) / 1000);
		buf_text(out, " us");
	}
}
