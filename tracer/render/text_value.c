#include "render/text_value.h"

#include <string.h>

static bool is_printable(unsigned char c)
{
	return c >= ' ' && c <= '~';
}

static char c_escape(unsigned char c)
{
	switch (c) {
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '\v':
		return 'v';
	default:
		return 0;
	}
}

static void add_octal(struct buf *out, unsigned char c, bool is_full)
{
	buf_char(out, '\\');
	if (is_full || c >= 0100)
		buf_char(out, (char)('0' + (c >> 6)));
	if (is_full || c >= 010)
		buf_char(out, (char)('0' + (c >> 3 & 7)));
	buf_char(out, (char)('0' + (c & 7)));
}

/* Is it written as it is? */
static bool is_plain(unsigned char c, const char *extra)
{
	if (!is_printable(c) || c == '"' || c == '\\')
		return false;
	for (; *extra; extra++) {
		if (c == (unsigned char)*extra)
			return false;
	}
	return true;
}

void text_escape(struct buf *out, const char *data, size_t len, const char *extra)
{
	for (size_t i = 0; i < len; i++) {
		size_t run = i;
		unsigned char c;
		bool is_digit_next;

		while (run < len && is_plain((unsigned char)data[run], extra))
			run++;
		buf_add(out, data + i, run - i);
		i = run;
		if (i == len)
			break;
		c = (unsigned char)data[i];
		is_digit_next = i + 1 < len && data[i + 1] >= '0' && data[i + 1] <= '7';
		if (c == '"' || c == '\\') {
			buf_char(out, '\\');
			buf_char(out, (char)c);
		} else if (c_escape(c)) {
			buf_char(out, '\\');
			buf_char(out, c_escape(c));
		} else {
			add_octal(out, c, is_digit_next);
		}
	}
}

static void escape_hex(struct buf *out, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		buf_text(out, "\\x");
		buf_char(out, "0123456789abcdef"[c >> 4]);
		buf_char(out, "0123456789abcdef"[c & 15]);
	}
}

static bool has_non_ascii(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (!is_printable(c) && !c_escape(c))
			return true;
	}
	return false;
}

static bool is_full(const struct buf *out, const struct text_style *style)
{
	return style->room && out->len >= style->room;
}

/* How many of len bytes there is room for; each of them may need four characters. */
static size_t fitting(const struct buf *out, const struct text_style *style, size_t len)
{
	size_t left = is_full(out, style) ? 0 : style->room - out->len;

	return style->room && len > left / 4 ? left / 4 : len;
}

static void add_bytes(struct buf *out, const struct value *value, const struct text_style *style)
{
	size_t len = fitting(out, style, value->bytes.len);
	bool is_cut = value->is_cut || len < value->bytes.len;

	if (value->bytes.form != BYTES_PATH && value->bytes.form != BYTES_ABSTRACT &&
	    len > style->string_limit) {
		len = style->string_limit;
		is_cut = true;
	}
	if (value->bytes.form == BYTES_ABSTRACT)
		buf_char(out, '@');
	buf_char(out, '"');
	if (value->bytes.form == BYTES_HEX || style->strings == STRING_HEX ||
	    (style->strings == STRING_HEX_NON_ASCII && has_non_ascii(value->bytes.data, len)))
		escape_hex(out, value->bytes.data, len);
	else
		text_escape(out, value->bytes.data, len, "");
	buf_char(out, '"');
	if (is_cut)
		buf_text(out, "...");
}

static void add_number(struct buf *out, uint64_t number, unsigned base)
{
	if (base == 10)
		buf_int(out, (int64_t)number);
	else if (base == 8)
		buf_printf(out, "%#03llo", (unsigned long long)number);
	else if (!number)
		buf_char(out, '0');
	else
		buf_hex(out, number);
}

static void add_comment(struct buf *out, const char *comment)
{
	if (comment)
		buf_printf(out, " /* %s */", comment);
}

static void add_enum(struct buf *out, const struct value *value, const struct text_style *style)
{
	const char *name = value->sym.name;

	if (!name || style->consts == CONST_RAW) {
		add_number(out, value->sym.raw, value->base);
		if (style->consts != CONST_RAW)
			add_comment(out, value->comment);
		return;
	}
	if (style->consts == CONST_BOTH) {
		add_number(out, value->sym.raw, value->base);
		add_comment(out, name);
		return;
	}
	buf_text(out, name);
	add_comment(out, value->comment);
}

static void add_flag_names(struct buf *out, const struct value *value)
{
	bool has_rest = value->flags.rest || value->flags.has_rest || !value->flags.n;

	for (uint32_t i = 0; i < value->flags.n; i++) {
		if (i)
			buf_char(out, '|');
		buf_text(out, value->flags.names[i]);
	}
	if (!has_rest)
		return;
	if (value->flags.n)
		buf_char(out, '|');
	add_number(out, value->flags.rest, value->base);
}

static void add_flags(struct buf *out, const struct value *value, const struct text_style *style)
{
	if (style->consts == CONST_NAME) {
		add_flag_names(out, value);
		add_comment(out, value->comment);
		return;
	}
	add_number(out, value->flags.raw, value->base);
	if (style->consts == CONST_BOTH && value->flags.n) {
		buf_text(out, " /* ");
		add_flag_names(out, value);
		buf_text(out, " */");
	}
}

static void add_bitset(struct buf *out, const struct value *value, const struct text_style *style)
{
	if (value->bits.is_inverted)
		buf_char(out, '~');
	buf_char(out, '[');
	for (uint32_t i = 0; i < value->bits.n; i++) {
		if (is_full(out, style)) {
			buf_text(out, "...");
			break;
		}
		if (i)
			buf_char(out, ' ');
		buf_text(out, value->bits.names[i]);
	}
	buf_char(out, ']');
}

/* strace writes "(deleted)" right behind the quoted path, without the blank of the link. */
static void add_link(struct buf *out, const char *link, const struct text_style *style)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(link);
	size_t tail = sizeof(deleted) - 1;
	bool is_deleted = link[0] == '/' && len > tail && strcmp(link + len - tail, deleted) == 0;
	size_t shown;

	if (is_deleted)
		len -= tail;
	shown = fitting(out, style, len);
	buf_char(out, '<');
	text_escape(out, link, shown, "<>");
	buf_text(out, shown < len ? "...>" : ">");
	if (is_deleted)
		buf_text(out, "(deleted)");
}

static void add_fd(struct buf *out, const struct value *value, const struct text_style *style)
{
	if (value->fd.is_cwd)
		buf_text(out, "AT_FDCWD");
	else
		buf_int(out, value->fd.fd);
	if (style->has_links && value->fd.link && !value->object)
		add_link(out, value->fd.link, style);
}

/* Names of the model's may hold a path of the tracee's. */
static void add_object(struct buf *out, const char *object, const struct text_style *style)
{
	size_t len = object ? strlen(object) : 0, shown = fitting(out, style, len);

	if (!object)
		return;
	buf_char(out, '<');
	text_escape(out, object, shown, "<>");
	buf_text(out, shown < len ? "...>" : ">");
}

static void add_struct(struct buf *out, const struct value *value, const struct text_style *style)
{
	bool is_first = true, has_hidden = false;

	buf_char(out, '{');
	for (uint32_t i = 0; i < value->st.n; i++) {
		const struct field *field = &value->st.fields[i];

		if (is_full(out, style)) {
			has_hidden = true;
			break;
		}
		if (field->value.is_verbose && !style->is_verbose) {
			has_hidden = true;
			continue;
		}
		if (!is_first)
			buf_text(out, ", ");
		is_first = false;
		if (!field->is_bare) {
			buf_text(out, field->name);
			buf_char(out, '=');
		}
		text_value(out, &field->value, style);
	}
	if (has_hidden || value->is_cut)
		buf_text(out, is_first ? "..." : ", ...");
	buf_char(out, '}');
}

static void add_array(struct buf *out, const struct value *value, const struct text_style *style)
{
	const char *separator = value->array.is_set ? " " : ", ";
	uint32_t n = value->array.n;
	bool is_cut = value->is_cut;

	if (!style->is_verbose && !value->array.is_set && !value->array.is_single &&
	    n > style->string_limit) {
		n = style->string_limit;
		is_cut = true;
	}
	buf_char(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		if (is_full(out, style)) {
			n = i;
			is_cut = true;
			break;
		}
		if (i)
			buf_text(out, separator);
		text_value(out, &value->array.items[i], style);
	}
	if (n && (value->array.fault || is_cut))
		buf_text(out, separator);
	if (value->array.fault && n == value->array.n)
		buf_printf(out, "... /* 0x%llx */", (unsigned long long)value->array.fault);
	else if (is_cut)
		buf_text(out, "...");
	buf_char(out, ']');
}

static void add_change(struct buf *out, const struct value *value, const struct text_style *style)
{
	bool is_bracketed = value->change.form == CHANGE_BRACKETED;

	if (is_bracketed)
		buf_char(out, '[');
	text_value(out, value->change.before, style);
	buf_text(out, " => ");
	text_value(out, value->change.after, style);
	if (is_bracketed)
		buf_char(out, ']');
}

static void add_call(struct buf *out, const struct value *value, const struct text_style *style)
{
	buf_text(out, value->call.name);
	buf_char(out, '(');
	for (uint32_t i = 0; i < value->call.n; i++) {
		if (i)
			buf_text(out, ", ");
		text_value(out, &value->call.args[i], style);
	}
	buf_char(out, ')');
}

void text_value(struct buf *out, const struct value *value, const struct text_style *style)
{
	if (value->label)
		buf_printf(out, "%s=", value->label);
	switch ((enum value_kind)value->kind) {
	case VALUE_NONE:
		return;
	case VALUE_INT:
	case VALUE_PID:
		buf_int(out, value->i);
		break;
	case VALUE_UINT:
		buf_uint(out, value->u);
		break;
	case VALUE_HEX:
		add_number(out, value->u, 16);
		break;
	case VALUE_OCT:
		add_number(out, value->u, 8);
		break;
	case VALUE_ADDR:
		if (value->u)
			buf_hex(out, value->u);
		else
			buf_text(out, "NULL");
		break;
	case VALUE_ENUM:
		add_enum(out, value, style);
		return;
	case VALUE_FLAGS:
		add_flags(out, value, style);
		return;
	case VALUE_BITSET:
		add_bitset(out, value, style);
		break;
	case VALUE_BYTES:
		add_bytes(out, value, style);
		break;
	case VALUE_FD:
		add_fd(out, value, style);
		break;
	case VALUE_STRUCT:
		add_struct(out, value, style);
		break;
	case VALUE_ARRAY:
		add_array(out, value, style);
		break;
	case VALUE_CHANGE:
		add_change(out, value, style);
		break;
	case VALUE_CALL:
		add_call(out, value, style);
		break;
	case VALUE_TEXT:
		if (style->consts == CONST_RAW)
			buf_hex(out, value->text.raw);
		else
			buf_text(out, value->text.text);
		break;
	}
	add_object(out, value->object, style);
	add_comment(out, value->comment);
}
