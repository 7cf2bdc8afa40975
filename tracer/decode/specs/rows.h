#ifndef DECODE_SPECS_ROWS_H
#define DECODE_SPECS_ROWS_H

#include "decode/decode.h"
#include "decode/types/types.h"

/*
 * Short forms for rows of calls that are made of everyday types. A row is
 * ROW("fsync", RET_ZERO, FD("fd")); what is rarer is written out in it.
 */
#define ROW(name_, ret_, ...)                                                                      \
	{                                                                                          \
		.name = (name_), .ret = (ret_), .args = { __VA_ARGS__ }                            \
	}
#define ARG(name_, of_, ...)                                                                       \
	{                                                                                          \
		.name = (name_), .type = &type_##of_, __VA_ARGS__                                  \
	}

#define INT(name_)         ARG(name_, int)
#define UINT(name_)        ARG(name_, uint)
#define LONG(name_)        ARG(name_, long)
#define ULONG(name_)       ARG(name_, ulong)
#define SIZE(name_)        ARG(name_, size)
#define XINT(name_)        ARG(name_, x32)
#define XLONG(name_)       ARG(name_, xlong)
#define ADDR(name_)        ARG(name_, addr)
#define FD(name_)          ARG(name_, fd)
#define DIRFD(name_)       ARG(name_, dirfd)
#define PID(name_)         ARG(name_, pid)
#define UID(name_)         ARG(name_, uid)
#define PATH(name_)        ARG(name_, path)
#define STRING(name_)      ARG(name_, string)
#define ENUM(name_, set_)  ARG(name_, enum, .set = &(set_))
#define FLAGS(name_, set_) ARG(name_, flags, .set = &(set_))

/* What is at an address, before or after the call. */
#define IN(name_, elem_)  ARG(name_, ptr, .elem = &type_##elem_)
#define OUT(name_, elem_) ARG(name_, ptr, .elem = &type_##elem_, .dir = DIR_OUT)

#endif
