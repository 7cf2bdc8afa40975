#ifndef EVENT_WIRE_H
#define EVENT_WIRE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Little-endian numbers in a trace file. wire_put_x() writes at *p and moves it on; wire_get_x()
 * takes from what is left of a cursor, 0 when that is too little.
 */
struct wire {
	const uint8_t *at, *end;
};

static inline size_t wire_left(const struct wire *wire)
{
	return (size_t)(wire->end - wire->at);
}

/* A cursor over the next len bytes, at most those that are left; wire goes on behind them. */
static inline struct wire wire_part(struct wire *wire, size_t len)
{
	struct wire part = { wire->at, wire->at };

	if (len > wire_left(wire))
		len = wire_left(wire);
	part.end += len;
	wire->at += len;
	return part;
}

#define WIRE_NUMBER(name, type, bits)                                                              \
	static inline void wire_put_##name(uint8_t **p, type value)                                \
	{                                                                                          \
		uint##bits##_t raw = htole##bits((uint##bits##_t)value);                           \
                                                                                                   \
		memcpy(*p, &raw, sizeof(raw));                                                     \
		*p += sizeof(raw);                                                                 \
	}                                                                                          \
	static inline type wire_take_##name(struct wire *wire)                                     \
	{                                                                                          \
		uint##bits##_t raw;                                                                \
                                                                                                   \
		memcpy(&raw, wire->at, sizeof(raw));                                               \
		wire->at += sizeof(raw);                                                           \
		return (type)le##bits##toh(raw);                                                   \
	}                                                                                          \
	static inline type wire_get_##name(struct wire *wire)                                      \
	{                                                                                          \
		if (wire_left(wire) >= bits / 8)                                                   \
			return wire_take_##name(wire);                                             \
		wire->at = wire->end;                                                              \
		return 0;                                                                          \
	}

WIRE_NUMBER(u16, uint16_t, 16)
WIRE_NUMBER(u32, uint32_t, 32)
WIRE_NUMBER(s32, int32_t, 32)
WIRE_NUMBER(u64, uint64_t, 64)
WIRE_NUMBER(s64, int64_t, 64)

#undef WIRE_NUMBER

static inline void wire_put_bool(uint8_t **p, bool value)
{
	*(*p)++ = value;
}

static inline bool wire_take_bool(struct wire *wire)
{
	return *wire->at++ != 0;
}

static inline bool wire_get_bool(struct wire *wire)
{
	return wire->at < wire->end && *wire->at++ != 0;
}

#endif
