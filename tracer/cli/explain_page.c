#include "cli/explain_page.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cli/pages.h"

enum { WORD_MAX = 64, NEAR_MAX = 5, NEAR_ENOUGH = 2, PAGES_MAX = 64 };

static const char *text_of(const char *name, size_t len)
{
	for (const struct page *page = pages; page->name; page++) {
		if (strlen(page->name) == len && memcmp(page->name, name, len) == 0)
			return page->text;
	}
	return NULL;
}

/* --- words in `...` of the section about calls --- */

struct words {
	const char *start, *at, *end;
	bool is_first; /* the word that was found begins its row */
};

static struct words words_of(const char *page)
{
	static const char heading[] = "\n## The calls\n";
	const char *start = strstr(page, heading);
	const char *end;

	if (!start)
		return (struct words){ page, page, page };
	start += sizeof(heading) - 1;
	end = strstr(start, "\n## ");
	return (struct words){ start, start, end ? end : start + strlen(start) };
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The next name of a call: `name` or `name(...)`. False at the end. */
static bool next_word(struct words *words, char ret_word[WORD_MAX])
{
	while (words->at < words->end) {
		const char *start = memchr(words->at, '`', (size_t)(words->end - words->at));
		const char *close;
		size_t n = 0;

		if (!start)
			return false;
		start++;
		close = memchr(start, '`', (size_t)(words->end - start));
		words->at = close ? close + 1 : words->end;
		while (start + n < words->at && is_word(start[n]))
			n++;
		if (!n || n >= WORD_MAX || (start[n] != '`' && start[n] != '('))
			continue;
		memcpy(ret_word, start, n);
		ret_word[n] = '\0';
		words->is_first = start - words->start > 4 && memcmp(start - 4, "\n| `", 4) == 0;
		return true;
	}
	return false;
}

/* wants_first: in the first place of a row, where it is the row's subject. */
static bool lists_call(const char *page, const char *name, bool wants_first)
{
	struct words words = words_of(page);
	char word[WORD_MAX];

	while (next_word(&words, word)) {
		if (strcmp(word, name) == 0 && (words.is_first || !wants_first))
			return true;
	}
	return false;
}

/* The pages in the order of the README: the next link to one behind *at. */
static const char *next_linked(const char **at, const char **ret_name, size_t *ret_len)
{
	const char *end, *text;

	while ((*at = strstr(*at, "]("))) {
		*at += 2;
		end = strpbrk(*at, ".)/");
		if (!end || strncmp(end, ".md)", 4) != 0)
			continue;
		*ret_name = *at;
		*ret_len = (size_t)(end - *at);
		text = text_of(*ret_name, *ret_len);
		if (text)
			return text;
	}
	return NULL;
}

/* --- what is meant --- */

/* How many letters have to be changed, added or left out to make one of the other. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[WORD_MAX + 1];
	size_t len = strlen(b);

	if (len > WORD_MAX)
		return WORD_MAX;
	for (unsigned j = 0; j <= len; j++)
		row[j] = j;
	for (unsigned i = 1; *a; a++, i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			unsigned best = diagonal + (*a != b[j - 1]);

			diagonal = row[j];
			if (best > row[j] + 1)
				best = row[j] + 1;
			if (best > row[j - 1] + 1)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[len];
}

struct near {
	char words[NEAR_MAX][WORD_MAX];
	unsigned n;
};

static void consider(struct near *near, const char *wanted, const char *word)
{
	bool is_part = strlen(wanted) > NEAR_ENOUGH && strstr(word, wanted);

	if (near->n == NEAR_MAX || strlen(word) >= WORD_MAX ||
	    (!is_part && distance(wanted, word) > NEAR_ENOUGH))
		return;
	for (unsigned i = 0; i < near->n; i++) {
		if (strcmp(near->words[i], word) == 0)
			return;
	}
	strcpy(near->words[near->n++], word);
}

static void add_near(struct buf *out, const char *name)
{
	struct near near = { .n = 0 };
	char word[WORD_MAX];

	for (const struct page *page = pages; page->name; page++)
		consider(&near, name, page->name);
	for (const struct page *page = pages; page->name; page++) {
		struct words words = words_of(page->text);

		while (next_word(&words, word))
			consider(&near, name, word);
	}
	for (unsigned i = 0; i < near.n; i++)
		buf_printf(out, "%s%s", i ? ", " : "; near it: ", near.words[i]);
	if (!near.n)
		buf_text(out, "; --explain=README lists the pages");
}

static void add_quoted(struct buf *out, const char *name)
{
	for (size_t i = 0; i < WORD_MAX && name[i]; i++)
		buf_char(out, isprint((unsigned char)name[i]) ? name[i] : '?');
}

/* The page without what is there for tools only: lines of <!-- ... -->. */
static void add_page(struct buf *out, const char *text)
{
	while (*text) {
		const char *newline = strchrnul(text, '\n');
		size_t len = (size_t)(newline - text) + (*newline != '\0');

		if (strncmp(text, "<!--", 4) != 0)
			buf_add(out, text, len);
		text += len;
	}
}

static bool is_among(const char *const *found, unsigned n, const char *page)
{
	for (unsigned i = 0; i < n; i++) {
		if (found[i] == page)
			return true;
	}
	return false;
}

struct found {
	const char *pages[PAGES_MAX];
	unsigned n;
};

static void add_pages_of_call(struct buf *out, const char *name, bool wants_first,
			      struct found *found)
{
	const char *at = text_of("README", strlen("README"));
	const char *page, *page_name;
	size_t len;

	while (at && found->n < PAGES_MAX && (page = next_linked(&at, &page_name, &len))) {
		if (!lists_call(page, name, wants_first) || is_among(found->pages, found->n, page))
			continue;
		if (!found->n)
			add_page(out, page);
		else
			buf_printf(out, "%s--explain=%.*s",
				   found->n > 1 ? ", " : "\nThe call is on other pages, too: ",
				   (int)len, page_name);
		found->pages[found->n++] = page;
	}
}

int explain_page(struct buf *out, const char *name)
{
	const char *page = text_of(name, strlen(name));
	struct found found = { .n = 0 };

	if (page) {
		add_page(out, page);
		return 0;
	}
	add_pages_of_call(out, name, true, &found);
	add_pages_of_call(out, name, false, &found);
	if (found.n > 1)
		buf_char(out, '\n');
	if (found.n)
		return 0;
	buf_text(out, "no page explains '");
	add_quoted(out, name);
	buf_char(out, '\'');
	add_near(out, name);
	return -ENOENT;
}
