/* The machine, the kernel and its modules: what there is of them, and changing it. */
#include "decode/specs/rows.h"

/* linux/random.h */
static const struct const_name grnd_flags[] = {
	{ 1, "GRND_NONBLOCK" },
	{ 2, "GRND_RANDOM" },
	{ 4, "GRND_INSECURE" },
};
static const struct const_set set_grnd_flags = CONST_SET(grnd_flags, "GRND_???");

/* linux/utsname.h: struct new_utsname */
static const struct slot utsname_fields[] = {
	{ "sysname", &type_char, .n = 65 },
	{ "nodename", &type_char, .n = 65 },
	{ "release", &type_char, .n = 65, .is_verbose = true },
	{ "version", &type_char, .n = 65, .is_verbose = true },
	{ "machine", &type_char, .n = 65, .is_verbose = true },
	{ "domainname", &type_char, .n = 65, .is_verbose = true },
	{ 0 },
};
static const struct type type_utsname = { .name = "utsname", .fields = utsname_fields };

/* linux/sysinfo.h */
static const struct slot sysinfo_fields[] = {
	{ "uptime", &type_long },     { "loads", &type_ulong, .n = 3 },
	{ "totalram", &type_ulong },  { "freeram", &type_ulong },
	{ "sharedram", &type_ulong }, { "bufferram", &type_ulong },
	{ "totalswap", &type_ulong }, { "freeswap", &type_ulong },
	{ "procs", &type_u16 },       { "pad", &type_u16, .is_hidden = true },
	{ "totalhigh", &type_ulong }, { "freehigh", &type_ulong },
	{ "mem_unit", &type_u32 },    { 0 },
};
static const struct type type_sysinfo = { .name = "sysinfo", .fields = sysinfo_fields };

/* linux/utsname.h: a name that is too long is not read, by the kernel neither. */
enum { NAME_LEN_MAX = 64 };

#define HOST_NAME ARG("name", buffer, BYTES_ARG(1)), UINT("len")

static const struct call_spec long_hostname =
	ROW("sethostname", RET_ZERO, ADDR("name"), UINT("len"));
static const struct call_spec long_domainname =
	ROW("setdomainname", RET_ZERO, ADDR("name"), UINT("len"));

static const struct call_spec *refine_hostname(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return (uint32_t)ev->args[1] > NAME_LEN_MAX ? &long_hostname : NULL;
}

static const struct call_spec *refine_domainname(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return (uint32_t)ev->args[1] > NAME_LEN_MAX ? &long_domainname : NULL;
}

/* linux/reboot.h */
static const struct const_name reboot_magic1[] = {
	{ 0xfee1dead, "LINUX_REBOOT_MAGIC1" },
};
static const struct const_set set_reboot_magic1 =
	CONST_SET(reboot_magic1, "LINUX_REBOOT_MAGIC_???");
static const struct const_name reboot_magic2[] = {
	{ 672274793, "LINUX_REBOOT_MAGIC2" },
	{ 85072278, "LINUX_REBOOT_MAGIC2A" },
	{ 369367448, "LINUX_REBOOT_MAGIC2B" },
	{ 537993216, "LINUX_REBOOT_MAGIC2C" },
};
static const struct const_set set_reboot_magic2 =
	CONST_SET(reboot_magic2, "LINUX_REBOOT_MAGIC_???");

enum { REBOOT_RESTART2 = 0xa1b2c3d4 };

static const struct const_name reboot_cmds[] = {
	{ 0x01234567, "LINUX_REBOOT_CMD_RESTART" },
	{ 0xcdef0123, "LINUX_REBOOT_CMD_HALT" },
	{ 0x89abcdef, "LINUX_REBOOT_CMD_CAD_ON" },
	{ 0x00000000, "LINUX_REBOOT_CMD_CAD_OFF" },
	{ 0x4321fedc, "LINUX_REBOOT_CMD_POWER_OFF" },
	{ REBOOT_RESTART2, "LINUX_REBOOT_CMD_RESTART2" },
	{ 0xd000fce2, "LINUX_REBOOT_CMD_SW_SUSPEND" },
	{ 0x45584543, "LINUX_REBOOT_CMD_KEXEC" },
};
static const struct const_set set_reboot_cmds = CONST_SET(reboot_cmds, "LINUX_REBOOT_CMD_???");

#define REBOOT_ARGS                                                                                \
	ENUM("magic1", set_reboot_magic1), ENUM("magic2", set_reboot_magic2),                      \
		ENUM("cmd", set_reboot_cmds)

static const struct call_spec reboot_with_arg = ROW("reboot", RET_ZERO, REBOOT_ARGS, STRING("arg"));

static const struct call_spec *refine_reboot(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return (uint32_t)ev->args[2] == REBOOT_RESTART2 ? &reboot_with_arg : NULL;
}

/* linux/syslog.h, include/linux/syslog.h */
static const struct const_name syslog_actions[] = {
	{ 0, "SYSLOG_ACTION_CLOSE" },         { 1, "SYSLOG_ACTION_OPEN" },
	{ 2, "SYSLOG_ACTION_READ" },          { 3, "SYSLOG_ACTION_READ_ALL" },
	{ 4, "SYSLOG_ACTION_READ_CLEAR" },    { 5, "SYSLOG_ACTION_CLEAR" },
	{ 6, "SYSLOG_ACTION_CONSOLE_OFF" },   { 7, "SYSLOG_ACTION_CONSOLE_ON" },
	{ 8, "SYSLOG_ACTION_CONSOLE_LEVEL" }, { 9, "SYSLOG_ACTION_SIZE_UNREAD" },
	{ 10, "SYSLOG_ACTION_SIZE_BUFFER" },
};
static const struct const_set set_syslog_actions = CONST_SET(syslog_actions, NULL);

/* The number, with its name as a comment. */
static void show_syslog_action(struct decode *d, const struct slot *slot, uint64_t raw,
			       struct value *ret_v)
{
	const char *name = const_set_name(&set_syslog_actions, (uint32_t)raw);

	(void)d;
	(void)slot;
	*ret_v = value_int((int32_t)raw);
	ret_v->comment = name ? name : "SYSLOG_ACTION_???";
}

static const struct type type_syslog_action = {
	.name = "syslog_action", .len32 = 4, .len64 = 4, .show = show_syslog_action
};

static const struct call_spec syslog_plain = ROW("syslog", RET_INT, ARG("type", syslog_action));
static const struct call_spec syslog_read =
	ROW("syslog", RET_INT, ARG("type", syslog_action),
	    ARG("bufp", buffer, .dir = DIR_OUT, BYTES_RET_ARG(2)), INT("len"));

static const struct call_spec *refine_syslog(const struct event *ev, bool is_strace)
{
	uint32_t action = (uint32_t)ev->args[0];

	(void)is_strace;
	if (action >= 2 && action <= 4)
		return &syslog_read;
	return action <= 10 && action != 8 ? &syslog_plain : NULL;
}

/* linux/swap.h: priority below the flags */
static const struct const_name swap_flags[] = {
	{ 0x8000, "SWAP_FLAG_PREFER" },
	{ 0x10000, "SWAP_FLAG_DISCARD" },
	{ 0x20000, "SWAP_FLAG_DISCARD_ONCE" },
	{ 0x40000, "SWAP_FLAG_DISCARD_PAGES" },
};
static const struct const_set set_swap_flags = CONST_SET(swap_flags, "SWAP_FLAG_???");

static void show_swap_flags(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	uint32_t priority = (uint32_t)raw & 0x7fff, flags = (uint32_t)raw & ~0x7fffu;
	struct value value = decode_flags(d->arena, &set_swap_flags, flags);
	char *text;

	(void)slot;
	if (!flags) {
		*ret_v = value_uint(priority);
		return;
	}
	text = arena_printf(d->arena, "%s", "");
	for (uint32_t i = 0; i < value.flags.n; i++)
		text = arena_printf(d->arena, "%s%s|", text, value.flags.names[i]);
	if (value.flags.rest)
		text = arena_printf(d->arena, "%s%#llx|", text,
				    (unsigned long long)value.flags.rest);
	*ret_v = value_text(arena_printf(d->arena, "%s%u", text, priority), (uint32_t)raw);
}

static const struct type type_swap_flags = {
	.name = "swap_flags", .len32 = 4, .len64 = 4, .show = show_swap_flags
};

/* linux/module.h */
static const struct const_name module_init_flags[] = {
	{ 1, "MODULE_INIT_IGNORE_MODVERSIONS" },
	{ 2, "MODULE_INIT_IGNORE_VERMAGIC" },
	{ 4, "MODULE_INIT_COMPRESSED_FILE" },
};
static const struct const_set set_module_init_flags =
	CONST_SET(module_init_flags, "MODULE_INIT_???");

/* asm-generic/fcntl.h, as delete_module takes them */
static const struct const_name delete_flags[] = {
	{ 04000, "O_NONBLOCK" },
	{ 01000, "O_TRUNC" },
};
static const struct const_set set_delete_flags = CONST_SET(delete_flags, "O_???");

/* linux/kexec.h */
static const struct const_name kexec_flags[] = {
	{ 0x1, "KEXEC_ON_CRASH" },          { 0x2, "KEXEC_PRESERVE_CONTEXT" },
	{ 0x4, "KEXEC_UPDATE_ELFCOREHDR" }, { 0x8, "KEXEC_CRASH_HOTPLUG_SUPPORT" },
	{ 3 << 16, "KEXEC_ARCH_386" },      { 62 << 16, "KEXEC_ARCH_X86_64" },
};
static const struct const_set set_kexec_flags = CONST_SET(kexec_flags, "KEXEC_???");
static const struct const_name kexec_file_flags[] = {
	{ 1, "KEXEC_FILE_UNLOAD" },
	{ 2, "KEXEC_FILE_ON_CRASH" },
	{ 4, "KEXEC_FILE_NO_INITRAMFS" },
	{ 8, "KEXEC_FILE_DEBUG" },
};
static const struct const_set set_kexec_file_flags = CONST_SET(kexec_file_flags, "KEXEC_FILE_???");

/* linux/ioprio.h */
static const struct const_name ioprio_who[] = {
	{ 1, "IOPRIO_WHO_PROCESS" },
	{ 2, "IOPRIO_WHO_PGRP" },
	{ 3, "IOPRIO_WHO_USER" },
};
static const struct const_set set_ioprio_who = CONST_SET(ioprio_who, "IOPRIO_WHO_???");
static const struct const_name ioprio_classes[] = {
	{ 0, "IOPRIO_CLASS_NONE" },
	{ 1, "IOPRIO_CLASS_RT" },
	{ 2, "IOPRIO_CLASS_BE" },
	{ 3, "IOPRIO_CLASS_IDLE" },
};
static const struct const_set set_ioprio_classes = CONST_SET(ioprio_classes, "IOPRIO_CLASS_???");

static void show_ioprio(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	(void)slot;
	*ret_v = value_call(d->arena, "IOPRIO_PRIO_VALUE", 2);
	ret_v->call.args[0] = decode_enum(d->arena, &set_ioprio_classes, (uint32_t)raw >> 13);
	ret_v->call.args[1] = value_uint(raw & 0x1fff);
}

static const struct type type_ioprio = {
	.name = "ioprio", .len32 = 4, .len64 = 4, .show = show_ioprio
};

static void add_ioprio(struct decode *d, struct call *call)
{
	struct value value;

	if (call->is_error)
		return;
	show_ioprio(d, NULL, (uint64_t)call->ret, &value);
	decode_add_aux(call, NULL, value);
}

static const struct call_spec specs[] = {
	ROW("getrandom", RET_LEN, ARG("buf", binary, .dir = DIR_OUT, BYTES_RET), SIZE("buflen"),
	    FLAGS("flags", set_grnd_flags)),
	{ "ioprio_get", RET_INT, .aux = add_ioprio,
	  .args = { ENUM("which", set_ioprio_who), INT("who") } },
	ROW("ioprio_set", RET_ZERO, ENUM("which", set_ioprio_who), INT("who"),
	    ARG("ioprio", ioprio)),
	ROW("uname", RET_ZERO, OUT("buf", utsname)),
	ROW("sysinfo", RET_ZERO, OUT("info", sysinfo)),
	{ "sethostname", RET_ZERO, .refine = refine_hostname, .args = { HOST_NAME } },
	{ "setdomainname", RET_ZERO, .refine = refine_domainname, .args = { HOST_NAME } },
	{ "reboot", RET_ZERO, .refine = refine_reboot, .args = { REBOOT_ARGS } },
	{ "syslog", RET_INT, .refine = refine_syslog,
	  .args = { ARG("type", syslog_action), ADDR("bufp"), INT("len") } },
	ROW("swapon", RET_ZERO, PATH("path"), ARG("swap_flags", swap_flags)),
	ROW("swapoff", RET_ZERO, PATH("path")),
	ROW("acct", RET_ZERO, PATH("name")),
	ROW("vhangup", RET_ZERO, { 0 }),
	ROW("iopl", RET_ZERO, INT("level")),
	ROW("ioperm", RET_ZERO, XLONG("from"), XLONG("num"), INT("turn_on")),
	ROW("sysfs", RET_INT, XLONG("option"), XLONG("arg1"), XLONG("arg2")),
	ROW("init_module", RET_ZERO, ADDR("umod"), ULONG("len"), STRING("uargs")),
	ROW("finit_module", RET_ZERO, FD("fd"), STRING("uargs"),
	    FLAGS("flags", set_module_init_flags)),
	ROW("delete_module", RET_ZERO, STRING("name_user"), FLAGS("flags", set_delete_flags)),
	ROW("kexec_load", RET_ZERO, ADDR("entry"), ULONG("nr_segments"), ADDR("segments"),
	    ARG("flags", flagsl, .set = &set_kexec_flags)),
	ROW("kexec_file_load", RET_ZERO, FD("kernel_fd"), FD("initrd_fd"), ULONG("cmdline_len"),
	    ARG("cmdline_ptr", buffer, BYTES_ARG(2)),
	    ARG("flags", flagsl, .set = &set_kexec_file_flags)),
};

const struct spec_family family_system = SPEC_FAMILY("system", specs);
