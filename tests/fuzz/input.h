#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "render/render.h"

/* A fuzzer's input, taken from the front; zeros where it is used up. */
struct input {
	const uint8_t *data;
	size_t len;
};

uint8_t input_byte(struct input *input);
uint64_t input_number(struct input *input, unsigned n_bytes);

/* Up to max bytes, *ret_len of them; points into the input. */
const uint8_t *input_bytes(struct input *input, size_t max, size_t *ret_len);

/* A number such as those that hurt: small, all ones, at the edges of 31, 32, 40 and 63 bits. */
uint64_t input_odd(struct input *input);

/* A renderer's sink that appends to out. */
struct sink input_sink(struct buf *out);

/* Ends the program if out, lines of text or of JSON, has a byte that a terminal would obey. */
void input_check_output(const struct buf *out);

/* Ends the program if error is not one printable line of less than room bytes. */
void input_check_error(const char *error, size_t room);

#endif
