#include "render/text_stack.h"

#include "render/text_value.h"

void text_stack(struct buf *out, const struct event *ev)
{
	for (uint32_t i = 0; i < ev->n_frames; i++) {
		const struct event_frame *frame = &ev->frames[i];

		if (!frame->ip) {
			buf_text(out, " > (unwinding failed)\n");
			continue;
		}
		buf_text(out, " > ");
		text_escape(out, ev->bytes.data + frame->module, frame->module_len, "");
		if (frame->symbol_len) {
			buf_char(out, '(');
			text_escape(out, ev->bytes.data + frame->symbol, frame->symbol_len, "");
			buf_printf(out, "+0x%llx)", (unsigned long long)frame->offset);
		} else {
			buf_text(out, "()");
		}
		buf_printf(out, " [0x%llx]\n",
			   (unsigned long long)(frame->symbol_len ? frame->ip : frame->offset));
	}
	if (ev->n_frames)
		buf_char(out, '\n');
}
