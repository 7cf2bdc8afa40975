#include "stack/eh_frame.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Encodings of pointers, DW_EH_PE_*: a format and what it is relative to. */
enum {
	PE_ABSPTR = 0x00,
	PE_UDATA4 = 0x03,
	PE_UDATA8 = 0x04,
	PE_SDATA4 = 0x0b,
	PE_SDATA8 = 0x0c,
	PE_PCREL = 0x10,
};

struct section {
	const uint8_t *data;
	size_t len;
	uint64_t vaddr;
};

struct reader {
	const struct section *section;
	size_t at, end;
};

static uint64_t number(struct reader *r, size_t len)
{
	uint64_t value = 0;

	if (r->end - r->at < len) {
		r->at = r->end;
		return 0;
	}
	memcpy(&value, r->section->data + r->at, len);
	r->at += len;
	return value;
}

static void skip_leb128(struct reader *r)
{
	while (r->at < r->end && r->section->data[r->at++] & 0x80)
		;
}

/* An encoded pointer; false if its encoding is not one that code is described with. */
static bool pointer(struct reader *r, uint8_t encoding, uint64_t *ret_value)
{
	uint64_t base = 0, value;

	if ((encoding & 0x70) == PE_PCREL)
		base = r->section->vaddr + r->at;
	else if (encoding & 0xf0)
		return false;
	switch (encoding & 0x0f) {
	case PE_ABSPTR:
	case PE_UDATA8:
	case PE_SDATA8:
		value = number(r, 8);
		break;
	case PE_UDATA4:
		value = number(r, 4);
		break;
	case PE_SDATA4:
		value = (uint64_t)(int64_t)(int32_t)number(r, 4);
		break;
	default:
		return false;
	}
	*ret_value = base + value;
	return true;
}

/* How the CIE at offset at encodes the addresses of its FDEs; 0xff if it cannot be told. */
static uint8_t cie_encoding(const struct section *section, size_t at)
{
	struct reader r = { section, at, section->len };
	const char *augmentation;
	uint64_t len = number(&r, 4), personality;
	uint8_t version;

	if (len == UINT32_MAX || len > r.end - r.at || number(&r, 4) != 0)
		return 0xff;
	version = (uint8_t)number(&r, 1);
	augmentation = (const char *)section->data + r.at;
	if (!memchr(augmentation, '\0', r.end - r.at))
		return 0xff;
	if (!*augmentation)
		return PE_ABSPTR;
	if (*augmentation != 'z')
		return 0xff;
	r.at += strlen(augmentation) + 1;
	skip_leb128(&r); /* code alignment */
	skip_leb128(&r); /* data alignment */
	if (version == 1)
		number(&r, 1); /* return address register */
	else
		skip_leb128(&r);
	skip_leb128(&r); /* length of what the letters stand for */
	for (const char *c = augmentation + 1; *c; c++) {
		if (*c == 'R')
			return (uint8_t)number(&r, 1);
		if (*c == 'L')
			number(&r, 1);
		else if (*c == 'P' && !pointer(&r, (uint8_t)number(&r, 1), &personality))
			return 0xff;
	}
	return PE_ABSPTR;
}

static int by_start(const void *a, const void *b)
{
	const struct elf_unwind_entry *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

size_t eh_frame_index(const uint8_t *data, size_t len, uint64_t vaddr,
		      struct elf_unwind_entry **ret_entries)
{
	const struct section section = { data, len, vaddr };
	struct elf_unwind_entry *entries = NULL;
	size_t n = 0, capacity = 0, last_cie = SIZE_MAX, at = 0;
	uint8_t encoding = 0xff;

	while (len - at >= 8) {
		struct reader r = { &section, at, len };
		uint64_t record_len = number(&r, 4), cie_offset, start;
		size_t next, id_at = r.at;

		if (!record_len || record_len == UINT32_MAX || record_len > len - r.at)
			break;
		next = r.at + (size_t)record_len;
		r.end = next;
		cie_offset = number(&r, 4);
		if (cie_offset && cie_offset <= id_at) {
			if (last_cie != id_at - cie_offset) {
				last_cie = id_at - (size_t)cie_offset;
				encoding = cie_encoding(&section, last_cie);
			}
			if (encoding != 0xff && pointer(&r, encoding, &start) &&
			    (int64_t)(start - vaddr) == (int32_t)(start - vaddr)) {
				entries = array_grow(entries, n, &capacity, sizeof(*entries));
				entries[n++] = (struct elf_unwind_entry){
					(int32_t)(start - vaddr),
					(int32_t)at,
				};
			}
		}
		at = next;
	}
	if (n)
		qsort(entries, n, sizeof(*entries), by_start);
	*ret_entries = entries;
	return n;
}
