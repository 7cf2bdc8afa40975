/*
 * How types and rows look at memory: structs by their field tables, arrays, buffers, numbers.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "decode/types/types.h"

enum { FIELDS_MAX = 64, DEPTH_MAX = 8, LAYOUTS = 256, PROBES = 8 };

uint64_t decode_number(const uint8_t *data, size_t len)
{
	uint64_t number = 0;

	if (len >= sizeof(number)) {
		memcpy(&number, data, sizeof(number));
		return le64toh(number);
	}
	for (size_t i = 0; i < len; i++)
		number |= (uint64_t)data[i] << (8 * i);
	return number;
}

int decode_word_at(struct decode *d, uint64_t addr, uint64_t *ret_word)
{
	uint8_t bytes[8];

	if (mem_read_all(&d->mem, addr, bytes, d->word_len) < 0)
		return -EFAULT;
	*ret_word = decode_number(bytes, d->word_len);
	return 0;
}

int decode_u32_at(struct decode *d, uint64_t addr, uint32_t *ret_number)
{
	uint8_t bytes[4];

	if (mem_read_all(&d->mem, addr, bytes, sizeof(bytes)) < 0)
		return -EFAULT;
	*ret_number = (uint32_t)decode_number(bytes, sizeof(bytes));
	return 0;
}

static uint64_t sibling(const struct decode *d, unsigned i)
{
	return i < d->n_siblings ? d->siblings[i] : 0;
}

uint64_t decode_len(struct decode *d, const struct slot *slot)
{
	uint64_t ret = d->ev->ret > 0 && d->is_exit && !d->ev->is_error ? (uint64_t)d->ev->ret : 0;
	uint64_t word = 0;
	uint32_t number = 0;

	switch ((enum len_kind)slot->len.kind) {
	case LEN_NONE:
		return 0;
	case LEN_CONST:
		return slot->len.n;
	case LEN_SLOT:
		return sibling(d, slot->len.slot);
	case LEN_RET:
		return ret;
	case LEN_RET_SLOT:
		return ret < sibling(d, slot->len.slot) ? ret : sibling(d, slot->len.slot);
	case LEN_DEREF:
		decode_u32_at(d, sibling(d, slot->len.slot), &number);
		return number;
	case LEN_DEREF_SIZE:
		decode_word_at(d, sibling(d, slot->len.slot), &word);
		return word;
	}
	return 0;
}

/* Offsets of a struct's fields by the rules of C for the tracee's word size. */
struct layout {
	const struct type *type;
	unsigned word_len, n;
	size_t len, align;
	size_t offset[FIELDS_MAX], field_len[FIELDS_MAX]; /* of one element */
};

/* By type and word size, at the first free place; those that find none are made anew each time. */
struct layouts {
	struct layout *slots[LAYOUTS];
};

struct layouts *layouts_create(void)
{
	return calloc(1, sizeof(struct layouts));
}

void layouts_destroy(struct layouts *layouts)
{
	for (unsigned i = 0; layouts && i < LAYOUTS; i++)
		free(layouts->slots[i]);
	free(layouts);
}

static size_t type_align(const struct decode *d, const struct type *type);

static void make_layout(const struct decode *d, const struct type *type, struct layout *layout)
{
	const struct slot *field = type->fields;
	size_t at = 0;

	layout->type = type;
	layout->word_len = d->word_len;
	layout->align = 1;
	for (layout->n = 0; field->name && layout->n < FIELDS_MAX; field++) {
		size_t align = type_align(d, field->type);
		size_t len = decode_type_len(d, field->type);

		at = (at + align - 1) / align * align;
		layout->field_len[layout->n] = len;
		layout->offset[layout->n++] = at;
		at += len * (field->n ? field->n : 1);
		if (align > layout->align)
			layout->align = align;
	}
	layout->len = (at + layout->align - 1) / layout->align * layout->align;
}

static struct layout *copy_layout(const struct layout *layout)
{
	struct layout *copy = malloc(sizeof(*copy));

	if (!copy)
		abort();
	*copy = *layout;
	return copy;
}

/* The layout of a struct, in room if there is no place for it. */
static const struct layout *layout_of(const struct decode *d, const struct type *type,
				      struct layout *room)
{
	size_t hash = (uintptr_t)type / sizeof(*type) + d->word_len;

	for (unsigned i = 0; d->layouts && i < PROBES; i++) {
		struct layout **slot = &d->layouts->slots[(hash + i) % LAYOUTS];

		if (!*slot)
			make_layout(d, type, room);
		/* A struct within it may have got the place meanwhile. */
		if (!*slot)
			*slot = copy_layout(room);
		if ((*slot)->type == type && (*slot)->word_len == d->word_len)
			return *slot;
	}
	make_layout(d, type, room);
	return room;
}

static size_t type_align(const struct decode *d, const struct type *type)
{
	struct layout room;
	size_t len;

	if (type->fields)
		return layout_of(d, type, &room)->align;
	if (type->align)
		return type->align < d->word_len ? type->align : d->word_len;
	len = decode_type_len(d, type);
	if (len > d->word_len)
		len = d->word_len;
	return len ? len : 1;
}

size_t decode_type_len(const struct decode *d, const struct type *type)
{
	struct layout room;

	if (type->fields)
		return layout_of(d, type, &room)->len;
	return d->word_len == 4 ? type->len32 : type->len64;
}

static void show_elements(struct decode *d, const struct slot *slot, const struct type *type,
			  const struct span *span, uint32_t n, struct value *ret_v)
{
	size_t len = decode_type_len(d, type);

	*ret_v = value_array(d->arena, n);
	ret_v->addr = span->addr;
	for (uint32_t i = 0; i < n; i++) {
		struct span item = { span->data + i * len, len, span->addr + i * len };

		decode_bytes(d, slot, type, &item, &ret_v->array.items[i]);
	}
}

/* A field that lies in full within the bytes that could be read. */
static void show_field(struct decode *d, const struct slot *field, const struct span *span,
		       struct value *ret_v)
{
	if (field->n && field->type != &type_char)
		show_elements(d, field, field->type, span, field->n, ret_v);
	else
		decode_bytes(d, field, field->type, span, ret_v);
}

static void show_struct(struct decode *d, const struct type *type, const struct span *span,
			struct value *ret_v)
{
	const uint64_t *outer = d->siblings;
	unsigned n_outer = d->n_siblings;
	uint64_t raw[FIELDS_MAX];
	struct layout room;
	const struct layout *layout = layout_of(d, type, &room);

	for (unsigned i = 0; i < layout->n; i++) {
		size_t len = layout->field_len[i];

		raw[i] = len <= 8 && layout->offset[i] + len <= span->len
				 ? decode_number(span->data + layout->offset[i], len)
				 : 0;
	}
	*ret_v = value_struct(d->arena, layout->n);
	ret_v->addr = span->addr;
	d->siblings = raw;
	d->n_siblings = layout->n;
	for (unsigned i = 0; i < layout->n; i++) {
		const struct slot *field = &type->fields[i];
		size_t len = layout->field_len[i] * (field->n ? field->n : 1);
		size_t offset = layout->offset[i];
		struct span part = { span->data + offset, len, span->addr + offset };
		struct value *value;

		if (field->is_hidden)
			continue;
		if (offset + len > span->len) {
			ret_v->is_cut = true;
			break;
		}
		value = value_field(ret_v, field->name);
		ret_v->st.fields[ret_v->st.n - 1].is_bare = field->is_bare;
		show_field(d, field, &part, value);
		value->is_verbose = field->is_verbose;
		ret_v->st.has_more |= field->is_verbose;
	}
	d->siblings = outer;
	d->n_siblings = n_outer;
}

void decode_bytes(struct decode *d, const struct slot *slot, const struct type *type,
		  const struct span *span, struct value *ret_v)
{
	struct slot self;
	size_t len;

	if (d->depth >= DEPTH_MAX) {
		*ret_v = value_addr(span->addr);
		return;
	}
	if (slot->type != type) {
		/* What a pointer refers to is shown as a slot of its own. */
		self = *slot;
		self.type = type;
		self.elem = NULL;
		slot = &self;
	}
	d->depth++;
	if (type->fields)
		show_struct(d, type, span, ret_v);
	else if (type->show_bytes)
		type->show_bytes(d, slot, span, ret_v);
	else if ((len = decode_type_len(d, type)) <= span->len && len <= 8)
		type->show(d, slot, decode_number(span->data, len), ret_v);
	d->depth--;
}

bool decode_is_too_much(struct decode *d, uint64_t n, uint64_t len)
{
	d->n_shown += n * (len + sizeof(struct value));
	return d->n_shown > DECODE_TOTAL_MAX;
}

int decode_at(struct decode *d, const struct slot *slot, const struct type *type, uint64_t addr,
	      struct value *ret_v)
{
	size_t len = decode_type_len(d, type);
	uint8_t *bytes = arena_alloc(d->arena, len);
	struct span span = { bytes, len, addr };

	if (!addr || decode_is_too_much(d, 1, len) || mem_read_all(&d->mem, addr, bytes, len) < 0) {
		*ret_v = value_addr(addr);
		return -EFAULT;
	}
	decode_bytes(d, slot, type, &span, ret_v);
	return 0;
}

/* How many of count items are kept and shown. */
static uint32_t items_limit(const struct decode *d, uint64_t count)
{
	uint64_t limit = d->options->is_verbose ? DECODE_ITEMS_MAX : d->options->string_limit;

	if (limit > DECODE_ITEMS_MAX)
		limit = DECODE_ITEMS_MAX;
	return (uint32_t)(count < limit ? count : limit);
}

void decode_array_at(struct decode *d, const struct slot *slot, const struct type *type,
		     uint64_t addr, uint64_t count, struct value *ret_v)
{
	size_t len = decode_type_len(d, type);
	uint32_t n = items_limit(d, count);
	struct span span = { .addr = addr };
	ssize_t got = 0;
	uint8_t *bytes;

	if (!addr || !len) {
		*ret_v = value_addr(addr);
		return;
	}
	if (n > DECODE_BYTES_MAX / len)
		n = (uint32_t)(DECODE_BYTES_MAX / len);
	if (decode_is_too_much(d, n, len)) {
		*ret_v = value_addr(addr);
		return;
	}
	bytes = arena_alloc(d->arena, n * len);
	if (n)
		got = mem_read(&d->mem, addr, bytes, n * len);
	if (n && got < (ssize_t)len) {
		*ret_v = value_addr(addr);
		return;
	}
	span.data = bytes;
	span.len = (size_t)got;
	show_elements(d, slot, type, &span, (uint32_t)((size_t)got / len), ret_v);
	ret_v->array.total = count;
	if ((size_t)got / len < n)
		ret_v->array.fault = addr + (size_t)got / len * len;
	else
		ret_v->is_cut = count > n;
}

void decode_buffer_at(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v)
{
	uint64_t n = len < d->options->string_limit ? len : d->options->string_limit;
	ssize_t got;
	char *bytes;

	if (!addr) {
		*ret_v = value_addr(0);
		return;
	}
	if (n > DECODE_BYTES_MAX)
		n = DECODE_BYTES_MAX;
	if (decode_is_too_much(d, 1, n)) {
		*ret_v = value_addr(addr);
		return;
	}
	bytes = arena_alloc(d->arena, n + 1);
	got = mem_read(&d->mem, addr, bytes, n);
	if (n && got <= 0) {
		*ret_v = value_addr(addr);
		return;
	}
	/* strace shows a buffer that faults half-way as an address; what was read says more. */
	if (d->options->is_strace && (uint64_t)got < n) {
		*ret_v = value_addr(addr);
		return;
	}
	*ret_v = value_bytes(bytes, (uint32_t)got, len);
	ret_v->addr = addr;
}

struct value decode_enum(struct arena *arena, const struct const_set *set, uint64_t raw)
{
	struct value value = { .kind = VALUE_ENUM, .sym = { raw, const_set_name(set, raw) } };

	if (!value.sym.name && set && set->unknown)
		value.comment = set->unknown;
	(void)arena;
	return value;
}

const char *const_set_name(const struct const_set *set, uint64_t value)
{
	for (size_t i = 0; set && i < set->n; i++) {
		if (set->names[i].value == value)
			return set->names[i].name;
	}
	return NULL;
}

struct value decode_flags(struct arena *arena, const struct const_set *set, uint64_t raw)
{
	struct value value = { .kind = VALUE_FLAGS, .flags = { .raw = raw } };
	uint64_t rest = raw;
	const char **names;
	uint32_t n = 0;

	names = arena_array(arena, const char *, set ? set->n : 0);
	for (size_t i = 0; set && i < set->n; i++) {
		uint64_t bits = set->names[i].value;

		/* A name for 0 stands only when nothing else is set. */
		if (bits ? (rest & bits) != bits : raw != 0)
			continue;
		names[n++] = set->names[i].name;
		rest &= ~bits;
	}
	value.flags.names = names;
	value.flags.n = n;
	value.flags.rest = rest;
	if (!n && rest && set)
		value.comment = set->unknown;
	return value;
}

/* What fd is; a set of 65536 descriptors is a number of questions that nobody wants answered. */
static const struct fact *fd_fact(struct decode *d, int32_t fd)
{
	const struct fact *fact = event_fact(d->mem.ev, FACT_FD, fd);

	if (fact || d->mem.ev->n_facts >= DECODE_FDS_MAX)
		return fact;
	return mem_fact(&d->mem, FACT_FD, fd);
}

struct value decode_fd(struct decode *d, int32_t fd)
{
	struct value value = { .kind = VALUE_FD, .fd = { .fd = fd } };
	/* Where AT_FDCWD is belongs to strace's -y. */
	bool has_link = fd >= 0 || (fd == AT_FDCWD && d->options->is_strace);
	const struct fact *fact;

	if (!d->options->has_fd_links || !has_link)
		return value;
	fact = fd_fact(d, fd);
	if (!fact || fact->value[0] == FD_CLOSED)
		return value;
	value.fd.fact = (const struct fact *)arena_copy(d->arena, fact, sizeof(*fact));
	value.fd.link = arena_copy(d->arena, event_fact_text(d->mem.ev, fact), fact->text_len);
	return value;
}

enum fd_kind decode_fd_kind(const struct mem *mem, int fd)
{
	const struct fact *fact = mem_fact(mem, FACT_FD, fd);

	return fact ? fact_fd_kind(fact) : FD_UNKNOWN;
}

void decode_add_aux(struct call *call, const char *label, struct value value)
{
	if (call->n_aux < ARRAY_LEN(call->aux))
		call->aux[call->n_aux++] = (struct aux){ label, value };
}
