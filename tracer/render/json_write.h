#ifndef RENDER_JSON_WRITE_H
#define RENDER_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * A streaming writer of JSON (RFC 8259): the caller nests, it writes commas, quotes and escapes.
 * Whatever bytes it is given, what it writes is valid UTF-8 without control characters.
 */
struct json {
	struct buf *out;
	bool needs_comma;
	size_t room; /* out->len from which on texts and items are left out; 0 = none */
	bool is_cut; /* some were */
};

/* The largest integer that every reader keeps exact: those that read numbers as double too. */
#define JSON_SAFE_INTEGER ((INT64_C(1) << 53) - 1)

/* May another item of a list be written? If not, the list is cut. */
bool json_has_room(struct json *json);

void json_object(struct json *json);
void json_object_end(struct json *json);
void json_array(struct json *json);
void json_array_end(struct json *json);

/* The name of the member that is written next. */
void json_key(struct json *json, const char *key);
void json_key_len(struct json *json, const char *key, size_t len);

void json_null(struct json *json);
void json_bool(struct json *json, bool is_true);

/* A number; beyond +-JSON_SAFE_INTEGER its decimal digits as a string. */
void json_int(struct json *json, int64_t number);
void json_uint(struct json *json, uint64_t number);

/* "0x2a": addresses. */
void json_hex(struct json *json, uint64_t number);

/*
 * Bytes as text. Valid UTF-8 reads back as it was; a byte that is not part of it becomes the four
 * characters \xHH. False: there was such a byte, and the text alone does not tell the bytes.
 */
bool json_string(struct json *json, const char *data, size_t len);

/*
 * Let write() write as many of len bytes as the room that is left allows. Returns how many they
 * are: less than len where the record is cut.
 */
typedef void json_write_fn(struct json *json, const char *key, const char *data, size_t len);
size_t json_fit(struct json *json, json_write_fn *write, const char *key, const char *data,
		size_t len);

/* Bytes in base64 (RFC 4648), padded. */
void json_base64(struct json *json, const char *data, size_t len);

/* --- members --- */

void json_member_bool(struct json *json, const char *key, bool is_true);
void json_member_int(struct json *json, const char *key, int64_t number);
void json_member_uint(struct json *json, const char *key, uint64_t number);
void json_member_hex(struct json *json, const char *key, uint64_t number);

/* A string of ours; NULL gives null. */
void json_member_name(struct json *json, const char *key, const char *name);

/*
 * A string that others chose: key, and where the text alone does not tell its bytes, those as
 * key_base64 too. data NULL gives null.
 */
void json_member_text(struct json *json, const char *key, const char *data, size_t len);

#endif
