/* Extended attributes of files. */
#include "decode/specs/rows.h"

/* linux/xattr.h */
static const struct const_name xattr_flags[] = {
	{ 1, "XATTR_CREATE" },
	{ 2, "XATTR_REPLACE" },
};
static const struct const_set set_xattr_flags = CONST_SET(xattr_flags, "XATTR_???");

/* linux/xattr.h: struct xattr_args of setxattrat, getxattrat */
static const struct slot xattr_args_fields[] = {
	{ "value", &type_x64 },
	{ "size", &type_u32 },
	{ "flags", &type_flags, .set = &set_xattr_flags },
	{ 0 },
};
static const struct type type_xattr_args = { .name = "xattr_args", .fields = xattr_args_fields };

#define NAME  STRING("name")
#define VALUE ARG("value", buffer, BYTES_ARG(3)), SIZE("size")
#define GOT   ARG("value", buffer, .dir = DIR_OUT, BYTES_RET_ARG(3)), SIZE("size")
#define LIST  ARG("list", buffer, .dir = DIR_OUT, BYTES_RET_ARG(2)), SIZE("size")
#define AT    DIRFD("dfd"), PATH("pathname"), FLAGS("at_flags", set_at_flags)

static const struct call_spec specs[] = {
	ROW("setxattr", RET_ZERO, PATH("pathname"), NAME, VALUE, FLAGS("flags", set_xattr_flags)),
	ROW("lsetxattr", RET_ZERO, PATH("pathname"), NAME, VALUE, FLAGS("flags", set_xattr_flags)),
	ROW("fsetxattr", RET_ZERO, FD("fd"), NAME, VALUE, FLAGS("flags", set_xattr_flags)),
	ROW("getxattr", RET_LEN, PATH("pathname"), NAME, GOT),
	ROW("lgetxattr", RET_LEN, PATH("pathname"), NAME, GOT),
	ROW("fgetxattr", RET_LEN, FD("fd"), NAME, GOT),
	ROW("listxattr", RET_LEN, PATH("pathname"), LIST),
	ROW("llistxattr", RET_LEN, PATH("pathname"), LIST),
	ROW("flistxattr", RET_LEN, FD("fd"), LIST),
	ROW("removexattr", RET_ZERO, PATH("pathname"), NAME),
	ROW("lremovexattr", RET_ZERO, PATH("pathname"), NAME),
	ROW("fremovexattr", RET_ZERO, FD("fd"), NAME),
	ROW("setxattrat", RET_ZERO, AT, NAME, IN("uargs", xattr_args), SIZE("usize")),
	ROW("getxattrat", RET_LEN, AT, NAME, IN("uargs", xattr_args), SIZE("usize")),
	ROW("listxattrat", RET_LEN, AT, ARG("list", buffer, .dir = DIR_OUT, BYTES_RET_ARG(4)),
	    SIZE("size")),
	ROW("removexattrat", RET_ZERO, AT, NAME),
};

const struct spec_family family_xattr = SPEC_FAMILY("xattr", specs);
