#include "analysis/shell.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

/* In quotes unless nothing in it needs them. */
static void add_word(struct buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./-+:@%,";

	buf_char(out, ' ');
	if (*word && strspn(word, plain) == strlen(word)) {
		buf_text(out, word);
		return;
	}
	buf_char(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_text(out, "'\\''");
		else
			buf_char(out, *word);
	}
	buf_char(out, '\'');
}

/* As printf(1) takes it, in quotes, and a NUL. */
static void add_bytes(struct buf *out, const char *word)
{
	for (; *word; word++) {
		if (*word < ' ' || *word > '~' || *word == '\'' || *word == '\\')
			buf_printf(out, "\\%03o", (unsigned char)*word);
		else if (*word == '%')
			buf_text(out, "%%");
		else
			buf_char(out, *word);
	}
	buf_text(out, "\\000");
}

const char *shell_command(struct arena *arena, const char *command, const char *const *words,
			  size_t n)
{
	struct buf out = { 0 };
	bool are_printable = true;
	const char *text;

	for (size_t i = 0; i < n; i++)
		are_printable = are_printable && is_printable(words[i]);
	if (!are_printable) {
		buf_text(&out, "printf '");
		for (size_t i = 0; i < n; i++)
			add_bytes(&out, words[i]);
		buf_text(&out, "' | xargs -0 ");
	}
	buf_text(&out, command);
	for (size_t i = 0; i < n && are_printable; i++)
		add_word(&out, words[i]);
	text = arena_copy(arena, out.data, out.len);
	buf_finish(&out);
	return text;
}
