/* Leaving and joining namespaces: among them the one that System V and POSIX IPC live in. */
#include "decode/types/types.h"

/* linux/sched.h */
static const struct const_name unshare_flags[] = {
	{ 0x80, "CLONE_NEWTIME" },
	{ 0x100, "CLONE_VM" },
	{ 0x200, "CLONE_FS" },
	{ 0x400, "CLONE_FILES" },
	{ 0x800, "CLONE_SIGHAND" },
	{ 0x10000, "CLONE_THREAD" },
	{ 0x20000, "CLONE_NEWNS" },
	{ 0x40000, "CLONE_SYSVSEM" },
	{ 0x2000000, "CLONE_NEWCGROUP" },
	{ 0x4000000, "CLONE_NEWUTS" },
	{ 0x8000000, "CLONE_NEWIPC" },
	{ 0x10000000, "CLONE_NEWUSER" },
	{ 0x20000000, "CLONE_NEWPID" },
	{ 0x40000000, "CLONE_NEWNET" },
};
static const struct const_set set_unshare = CONST_SET(unshare_flags, "CLONE_???");

static const struct const_name namespaces[] = {
	{ 0x80, "CLONE_NEWTIME" },        { 0x20000, "CLONE_NEWNS" },
	{ 0x2000000, "CLONE_NEWCGROUP" }, { 0x4000000, "CLONE_NEWUTS" },
	{ 0x8000000, "CLONE_NEWIPC" },    { 0x10000000, "CLONE_NEWUSER" },
	{ 0x20000000, "CLONE_NEWPID" },   { 0x40000000, "CLONE_NEWNET" },
};
static const struct const_set set_namespaces = CONST_SET(namespaces, "CLONE_NEW???");

static const struct call_spec specs[] = {
	{ "unshare", RET_ZERO, IPC(NAMESPACE, CREATE, 0),
	  .args = { { "flags", &type_flags, .set = &set_unshare } } },
	{ "setns", RET_ZERO, IPC(NAMESPACE, OPEN, 0),
	  .args = { { "fd", &type_fd }, { "nstype", &type_flags, .set = &set_namespaces } } },
};

const struct spec_family family_namespace = SPEC_FAMILY("namespace", specs);
