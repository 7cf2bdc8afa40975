#include "render/text_time.h"

#include "base/clock.h"

void text_time(struct buf *out, uint64_t ns)
{
	if (ns >= 10 * NS_PER_SEC)
		buf_printf(out, "%.0f s", (double)ns / 1e9);
	else if (ns >= NS_PER_SEC)
		buf_printf(out, "%.1f s", (double)ns / 1e9);
	else if (ns >= 10 * 1000 * 1000)
		buf_printf(out, "%.0f ms", (double)ns / 1e6);
	else if (ns >= 1000 * 1000)
		buf_printf(out, "%.1f ms", (double)ns / 1e6);
	else
		buf_printf(out, "%.0f us", (double)ns / 1e3);
}
