#include "tests/fuzz/input.h"

#include <err.h>
#include <string.h>

uint8_t input_byte(struct input *input)
{
	if (!input->len)
		return 0;
	input->len--;
	return *input->data++;
}

uint64_t input_number(struct input *input, unsigned n_bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < n_bytes; i++)
		number |= (uint64_t)input_byte(input) << 8 * i;
	return number;
}

const uint8_t *input_bytes(struct input *input, size_t max, size_t *ret_len)
{
	const uint8_t *bytes = input->data;

	*ret_len = max < input->len ? max : input->len;
	input->data += *ret_len;
	input->len -= *ret_len;
	return bytes;
}

uint64_t input_odd(struct input *input)
{
	static const uint64_t odd[] = {
		UINT64_MAX, INT64_MAX,  UINT32_MAX, INT32_MAX,
		1ull << 31, 1ull << 40, 1ull << 63, -4095ull,
	};
	uint8_t kind = input_byte(input);

	if (kind < 128)
		return kind;
	if (kind < 192)
		return odd[kind % (sizeof(odd) / sizeof(odd[0]))] - (kind >> 3 & 1);
	return input_number(input, kind < 224 ? 2 : 8);
}

static void sink_write(void *data, const char *bytes, size_t len)
{
	buf_add(data, bytes, len);
}

struct sink input_sink(struct buf *out)
{
	return (struct sink){ out, sink_write };
}

void input_check_output(const struct buf *out)
{
	for (size_t i = 0; i < out->len; i++) {
		unsigned char c = (unsigned char)out->data[i];

		if ((c < ' ' && c != '\n') || c == 0x7f)
			errx(1, "byte %#x came out: %.*s", c,
			     (int)(out->len < 4096 ? out->len : 4096), out->data);
	}
}

void input_check_error(const char *error, size_t room)
{
	size_t len = strnlen(error, room);

	if (!len || len == room)
		errx(1, "an error of %zu bytes", len);
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)error[i] < ' ' || error[i] == 0x7f)
			errx(1, "byte %#x in an error", (unsigned char)error[i]);
	}
}
