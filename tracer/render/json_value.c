#include "render/json_value.h"

#include <string.h>

static const char *const fd_kinds[FD_KINDS] = {
	[FD_CLOSED] = "closed",     [FD_FILE] = "file",
	[FD_DIR] = "directory",     [FD_BLOCK] = "block-device",
	[FD_CHAR] = "char-device",  [FD_TTY] = "tty",
	[FD_ANON] = "anonymous",    [FD_PIPE] = "pipe",
	[FD_FIFO] = "fifo",         [FD_UNIX] = "unix-socket",
	[FD_INET] = "inet-socket",  [FD_NETLINK] = "netlink-socket",
	[FD_SOCKET] = "socket",     [FD_MQUEUE] = "posix-mq",
	[FD_SHM] = "shared-memory", [FD_MEMFD] = "memfd",
	[FD_EVENTFD] = "eventfd",   [FD_SIGNALFD] = "signalfd",
	[FD_TIMERFD] = "timerfd",   [FD_EPOLL] = "epoll",
	[FD_INOTIFY] = "inotify",   [FD_FANOTIFY] = "fanotify",
	[FD_PIDFD] = "pidfd",       [FD_PTY] = "pty",
	[FD_IO_URING] = "io-uring", [FD_USERFAULTFD] = "userfaultfd",
};

size_t json_object_id_len(const char *name)
{
	return strcspn(name, " ");
}

void json_unique_key(struct json *json, const char *name, unsigned n_same)
{
	struct buf key = { 0 };

	if (!n_same) {
		json_key(json, name);
		return;
	}
	buf_printf(&key, "%s#%u", name, n_same + 1);
	json_key_len(json, key.data, key.len);
	buf_finish(&key);
}

static void begin(struct json *json, const char *type)
{
	json_object(json);
	json_member_name(json, "type", type);
}

/* Text writes decimal ones with their sign. */
static void raw_number(struct json *json, const char *key, uint64_t raw, unsigned base)
{
	if (base == 10)
		json_member_int(json, key, (int64_t)raw);
	else
		json_member_uint(json, key, raw);
}

static void base_of(struct json *json, unsigned base)
{
	if (base != 10)
		json_member_int(json, "base", base);
}

static void write_uint(struct json *json, uint64_t number, unsigned base)
{
	begin(json, "int");
	json_member_uint(json, "value", number);
	base_of(json, base);
}

static void write_int(struct json *json, const char *type, int64_t number)
{
	begin(json, type);
	json_member_int(json, "value", number);
}

static void write_names(struct json *json, const char *const *names, uint32_t n)
{
	json_key(json, "names");
	json_array(json);
	for (uint32_t i = 0; i < n && json_has_room(json); i++)
		json_string(json, names[i], strlen(names[i]));
	json_array_end(json);
}

static void write_enum(struct json *json, const struct value *value)
{
	begin(json, "enum");
	json_member_name(json, "name", value->sym.name);
	raw_number(json, "raw", value->sym.raw, value->base);
}

static void write_flags(struct json *json, const struct value *value)
{
	begin(json, "flags");
	write_names(json, value->flags.names, value->flags.n);
	raw_number(json, "rest", value->flags.rest, value->base);
	raw_number(json, "raw", value->flags.raw, value->base);
}

static void write_bitset(struct json *json, const struct value *value)
{
	begin(json, "set");
	write_names(json, value->bits.names, value->bits.n);
	json_member_bool(json, "inverted", value->bits.is_inverted);
	json_member_uint(json, "raw", value->bits.raw);
}

static const char *form_name(uint32_t form)
{
	switch ((enum bytes_form)form) {
	case BYTES_QUOTED:
		return "string";
	case BYTES_ABSTRACT:
		return "abstract";
	case BYTES_HEX:
		return "binary";
	case BYTES_PATH:
		return "path";
	}
	return "string";
}

static void write_both(struct json *json, const char *key, const char *data, size_t len)
{
	json_key(json, key);
	json_string(json, data, len);
	json_key(json, "base64");
	json_base64(json, data, len);
}

static void write_bytes(struct json *json, const struct value *value)
{
	uint32_t len = value->bytes.len;
	bool is_total_known = !value->is_cut || value->bytes.total > len;
	size_t n;

	begin(json, "bytes");
	json_member_name(json, "form", form_name(value->bytes.form));
	n = json_fit(json, write_both, "text", value->bytes.data, len);
	json_member_uint(json, "len", n);
	/* Of a string that was cut nobody knows how long it was. */
	json_key(json, "total");
	if (is_total_known)
		json_uint(json, value->is_cut ? value->bytes.total : len);
	else
		json_null(json);
	json_member_bool(json, "truncated", value->is_cut || n < len);
}

static void write_access(struct json *json, int64_t mode)
{
	static const char *const names[] = { "", "w", "r", "rw" };

	json_member_name(json, "access", names[mode >> 7 & 3]);
}

static void write_fd(struct json *json, const struct value *value)
{
	const struct fact *fact = value->fd.fact;
	const char *kind = NULL, *link = value->fd.link;

	begin(json, "fd");
	json_member_int(json, "value", value->fd.fd);
	if (value->fd.is_cwd)
		json_member_name(json, "name", "AT_FDCWD");
	if (fact && fact->value[0] >= 0 && fact->value[0] < FD_KINDS)
		kind = fd_kinds[fact->value[0]];
	json_member_name(json, "kind", kind);
	json_member_text(json, "link", link, link ? strlen(link) : 0);
	if (fact && kind)
		write_access(json, fact->value[1]);
}

static void write_struct(struct json *json, const struct value *value)
{
	uint32_t i;

	begin(json, "struct");
	json_key(json, "fields");
	json_object(json);
	for (i = 0; i < value->st.n && json_has_room(json); i++) {
		const struct field *field = &value->st.fields[i];
		unsigned n_same = 0;

		for (uint32_t other = 0; other < i; other++)
			n_same += strcmp(value->st.fields[other].name, field->name) == 0;
		json_unique_key(json, field->name, n_same);
		json_value(json, &field->value);
	}
	json_object_end(json);
	json_member_bool(json, "truncated", value->is_cut || i < value->st.n);
}

/* False: not all of them. */
static bool write_items(struct json *json, const char *key, const struct value *items, uint32_t n)
{
	uint32_t i;

	json_key(json, key);
	json_array(json);
	for (i = 0; i < n && json_has_room(json); i++)
		json_value(json, &items[i]);
	json_array_end(json);
	return i == n;
}

static void write_array(struct json *json, const struct value *value)
{
	uint64_t total = value->array.total;
	bool is_whole;

	begin(json, "array");
	is_whole = write_items(json, "items", value->array.items, value->array.n);
	json_key(json, "total");
	if (value->is_cut && total <= value->array.n)
		json_null(json);
	else
		json_uint(json, total);
	json_member_bool(json, "truncated", value->is_cut || value->array.fault || !is_whole);
	if (value->array.fault)
		json_member_hex(json, "fault", value->array.fault);
}

static void write_change(struct json *json, const struct value *value)
{
	begin(json, "change");
	json_key(json, "before");
	json_value(json, value->change.before);
	json_key(json, "after");
	json_value(json, value->change.after);
}

static void write_call(struct json *json, const struct value *value)
{
	begin(json, "call");
	json_member_name(json, "name", value->call.name);
	write_items(json, "args", value->call.args, value->call.n);
}

static void write_text(struct json *json, const struct value *value)
{
	begin(json, "text");
	json_member_text(json, "text", value->text.text, strlen(value->text.text));
	json_member_uint(json, "raw", value->text.raw);
}

/* What any value may have beside itself. */
static void write_extras(struct json *json, const struct value *value)
{
	if (value->object)
		json_member_text(json, "object", value->object, json_object_id_len(value->object));
	if (value->comment)
		json_member_text(json, "comment", value->comment, strlen(value->comment));
	if (value->label)
		json_member_name(json, "label", value->label);
	if (value->addr)
		json_member_hex(json, "address", value->addr);
}

void json_value(struct json *json, const struct value *value)
{
	switch ((enum value_kind)value->kind) {
	case VALUE_NONE:
		json_null(json);
		return;
	case VALUE_INT:
		write_int(json, "int", value->i);
		break;
	case VALUE_UINT:
		write_uint(json, value->u, 10);
		break;
	case VALUE_HEX:
		write_uint(json, value->u, 16);
		break;
	case VALUE_OCT:
		write_uint(json, value->u, 8);
		break;
	case VALUE_ADDR:
		begin(json, "address");
		json_member_hex(json, "value", value->u);
		break;
	case VALUE_ENUM:
		write_enum(json, value);
		break;
	case VALUE_FLAGS:
		write_flags(json, value);
		break;
	case VALUE_BITSET:
		write_bitset(json, value);
		break;
	case VALUE_BYTES:
		write_bytes(json, value);
		break;
	case VALUE_FD:
		write_fd(json, value);
		break;
	case VALUE_PID:
		write_int(json, "pid", value->i);
		break;
	case VALUE_STRUCT:
		write_struct(json, value);
		break;
	case VALUE_ARRAY:
		write_array(json, value);
		break;
	case VALUE_CHANGE:
		write_change(json, value);
		break;
	case VALUE_CALL:
		write_call(json, value);
		break;
	case VALUE_TEXT:
		write_text(json, value);
		break;
	}
	write_extras(json, value);
	json_object_end(json);
}
