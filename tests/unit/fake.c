#include "tests/unit/fake.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>

#include "decode/syscalls.h"
#include "render/text_value.h"

static ssize_t image_read(void *data, const struct event *ev, uint64_t addr, void *buf, size_t len)
{
	struct fake *fake = data;
	struct mem mem = { .ev = &fake->image };

	(void)ev;
	fake->n_reads++;
	return mem_read(&mem, addr, buf, len);
}

static void image_prefetch(void *data, struct event *ev, const struct event_range *wanted, size_t n)
{
	struct fake *fake = data;
	struct mem mem = { .ev = &fake->image };

	fake->n_reads++;
	for (size_t i = 0; i < n; i++) {
		void *room = event_reserve_range(ev, wanted[i].addr, wanted[i].len);
		ssize_t got = mem_read(&mem, wanted[i].addr, room, wanted[i].len);

		event_trim_range(ev, got > 0 ? (size_t)got : 0);
	}
}

static int image_ask(void *data, struct event *ev, enum fact_kind kind, int64_t subject)
{
	struct fake *fake = data;
	const struct fact *known = event_fact(&fake->image, kind, subject);
	struct fact *fact;
	struct fact copy;

	if (!known)
		return -ENOENT;
	copy = *known;
	fact = event_add_fact(ev, kind, subject, event_fact_text(&fake->image, known),
			      known->text_len);
	copy.text = fact->text;
	*fact = copy;
	return 0;
}

void fake_init(struct fake *fake, bool is_strace)
{
	struct decode_options options = { .string_limit = 32,
					  .is_strace = is_strace,
					  .has_fd_links = !is_strace };

	memset(fake, 0, sizeof(*fake));
	fake->decoder = decoder_create(&options);
	fake->arch = AUDIT_ARCH_X86_64;
	fake->source = (struct mem_source){ image_read, image_prefetch, image_ask, fake };
}

void fake_verbose(struct fake *fake)
{
	struct decode_options options = { .string_limit = 32,
					  .is_strace = true,
					  .is_verbose = true };

	decoder_destroy(fake->decoder);
	fake->decoder = decoder_create(&options);
	fake->is_verbose = true;
}

void fake_finish(struct fake *fake)
{
	decoder_destroy(fake->decoder);
	event_finish(&fake->image);
	event_finish(&fake->enter);
	event_finish(&fake->exit);
	buf_finish(&fake->text);
}

void fake_poke(struct fake *fake, uint64_t addr, const void *data, size_t len)
{
	for (uint32_t i = 0; i < fake->image.n_ranges; i++) {
		struct event_range *range = &fake->image.ranges[i];

		if (range->addr == addr && range->len == len) {
			memcpy(fake->image.bytes.data + range->data, data, len);
			return;
		}
	}
	event_add_range(&fake->image, addr, data, len);
}

void fake_fd(struct fake *fake, int fd, enum fd_kind kind, const char *link)
{
	struct fact *fact = event_add_fact(&fake->image, FACT_FD, fd, link, strlen(link));

	fact->value[0] = kind;
}

static void gather(struct fake *fake, struct event *ev)
{
	struct mem mem = { .ev = ev, .live = &fake->source };

	decoder_gather(fake->decoder, &mem);
}

void fake_enter(struct fake *fake, const char *name, const uint64_t args[6])
{
	struct event *ev = &fake->enter;

	event_clear(ev);
	ev->kind = EVENT_ENTER;
	ev->tid = ev->tgid = 1000;
	ev->arch = fake->arch;
	ev->sp = fake->sp;
	ev->nr = (uint64_t)syscall_number(fake->arch, name);
	memcpy(ev->args, args, sizeof(ev->args));
	gather(fake, ev);
	decoder_apply(fake->decoder, ev);
}

static void add_result(struct fake *fake, const struct call *call, const struct text_style *style)
{
	if (call->is_error) {
		const char *name = decode_errno_name((int)-call->ret);

		buf_printf(&fake->text, " = -1 %s", name ? name : "?");
	} else {
		buf_text(&fake->text, " = ");
		if (call->ret_value.kind == VALUE_NONE)
			buf_char(&fake->text, '?');
		text_value(&fake->text, &call->ret_value, style);
	}
	for (unsigned i = 0; i < call->n_aux; i++) {
		buf_text(&fake->text, i ? ", " : " (");
		if (call->aux[i].label)
			buf_printf(&fake->text, "%s ", call->aux[i].label);
		text_value(&fake->text, &call->aux[i].value, style);
	}
	if (call->n_aux)
		buf_char(&fake->text, ')');
}

const char *fake_exit(struct fake *fake, int64_t ret)
{
	struct text_style style = { .string_limit = 32,
				    .has_links = true,
				    .is_verbose = fake->is_verbose };
	struct event *ev = &fake->exit;
	const struct call *call;

	event_clear(ev);
	ev->kind = EVENT_EXIT;
	ev->tid = ev->tgid = 1000;
	ev->arch = fake->enter.arch;
	ev->nr = fake->enter.nr;
	memcpy(ev->args, fake->enter.args, sizeof(ev->args));
	ev->ret = ret;
	ev->is_error = ret < 0 && ret >= -4095;
	gather(fake, ev);
	call = decoder_apply(fake->decoder, ev);
	buf_clear(&fake->text);
	buf_printf(&fake->text, "%s(", call->name);
	for (unsigned i = 0; i < call->n_args; i++) {
		if (!call->arg_names[i])
			continue;
		if (i)
			buf_text(&fake->text, ", ");
		text_value(&fake->text, &call->args[i], &style);
	}
	buf_char(&fake->text, ')');
	add_result(fake, call, &style);
	return buf_string(&fake->text);
}

const char *fake_call(struct fake *fake, const char *name, const uint64_t args[6], int64_t ret)
{
	fake_enter(fake, name, args);
	return fake_exit(fake, ret);
}
