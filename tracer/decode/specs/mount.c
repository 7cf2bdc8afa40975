/* Mounting, old and new, and quotas. */
#include "decode/specs/rows.h"

/* linux/mount.h */
static const struct const_name ms_flags[] = {
	{ 1, "MS_RDONLY" },          { 2, "MS_NOSUID" },           { 4, "MS_NODEV" },
	{ 8, "MS_NOEXEC" },          { 16, "MS_SYNCHRONOUS" },     { 32, "MS_REMOUNT" },
	{ 64, "MS_MANDLOCK" },       { 128, "MS_DIRSYNC" },        { 256, "MS_NOSYMFOLLOW" },
	{ 1024, "MS_NOATIME" },      { 2048, "MS_NODIRATIME" },    { 4096, "MS_BIND" },
	{ 8192, "MS_MOVE" },         { 16384, "MS_REC" },          { 32768, "MS_SILENT" },
	{ 1 << 16, "MS_POSIXACL" },  { 1 << 17, "MS_UNBINDABLE" }, { 1 << 18, "MS_PRIVATE" },
	{ 1 << 19, "MS_SLAVE" },     { 1 << 20, "MS_SHARED" },     { 1 << 21, "MS_RELATIME" },
	{ 1 << 22, "MS_KERNMOUNT" }, { 1 << 23, "MS_I_VERSION" },  { 1 << 24, "MS_STRICTATIME" },
	{ 1 << 25, "MS_LAZYTIME" },  { 1 << 26, "MS_SUBMOUNT" },   { 1 << 27, "MS_NOREMOTELOCK" },
	{ 1 << 28, "MS_NOSEC" },     { 1 << 29, "MS_BORN" },       { 1 << 30, "MS_ACTIVE" },
	{ 1u << 31, "MS_NOUSER" },
};
static const struct const_set set_ms_flags = CONST_SET(ms_flags, "MS_???");

/* Once obligatory: a number in the upper half, where there are flags today. */
static const struct const_name ms_magic[] = {
	{ 0xc0ed0000, "MS_MGC_VAL" }, { 1, "MS_RDONLY" },
	{ 2, "MS_NOSUID" },           { 4, "MS_NODEV" },
	{ 8, "MS_NOEXEC" },           { 16, "MS_SYNCHRONOUS" },
	{ 32, "MS_REMOUNT" },         { 64, "MS_MANDLOCK" },
	{ 128, "MS_DIRSYNC" },        { 1024, "MS_NOATIME" },
	{ 2048, "MS_NODIRATIME" },    { 4096, "MS_BIND" },
	{ 8192, "MS_MOVE" },          { 16384, "MS_REC" },
	{ 32768, "MS_SILENT" },
};
static const struct const_set set_ms_magic = CONST_SET(ms_magic, "MS_???");

static bool has_magic(uint64_t flags)
{
	return (flags & 0xffff0000) == 0xc0ed0000;
}

static void show_ms_flags(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	(void)slot;
	*ret_v = decode_flags(d->arena, has_magic(raw) ? &set_ms_magic : &set_ms_flags, raw);
}

static const struct type type_ms_flags = {
	.name = "ms_flags", .len32 = 4, .len64 = 8, .show = show_ms_flags
};

enum {
	MS_CHANGES = 32 | 4096 | 8192 | 1 << 17 | 1 << 18 | 1 << 19 | 1 << 20,
	MS_DATALESS = 4096 | 8192 | 1 << 17 | 1 << 18 | 1 << 19 | 1 << 20,
};

/* linux/fs.h, include/linux/fs.h */
static const struct const_name umount_flags[] = {
	{ 1, "MNT_FORCE" },
	{ 2, "MNT_DETACH" },
	{ 4, "MNT_EXPIRE" },
	{ 8, "UMOUNT_NOFOLLOW" },
};
static const struct const_set set_umount_flags = CONST_SET(umount_flags, "MNT_???");

/* linux/mount.h */
static const struct const_name fsopen_flags[] = { { 1, "FSOPEN_CLOEXEC" } };
static const struct const_set set_fsopen_flags = CONST_SET(fsopen_flags, "FSOPEN_???");
static const struct const_name fsmount_flags[] = {
	{ 1, "FSMOUNT_CLOEXEC" },
	{ 2, "FSMOUNT_NAMESPACE" },
};
static const struct const_set set_fsmount_flags = CONST_SET(fsmount_flags, "FSMOUNT_???");
static const struct const_name fspick_flags[] = {
	{ 1, "FSPICK_CLOEXEC" },
	{ 2, "FSPICK_SYMLINK_NOFOLLOW" },
	{ 4, "FSPICK_NO_AUTOMOUNT" },
	{ 8, "FSPICK_EMPTY_PATH" },
};
static const struct const_set set_fspick_flags = CONST_SET(fspick_flags, "FSPICK_???");
static const struct const_name fsconfig_cmds[] = {
	{ 0, "FSCONFIG_SET_FLAG" },        { 1, "FSCONFIG_SET_STRING" },
	{ 2, "FSCONFIG_SET_BINARY" },      { 3, "FSCONFIG_SET_PATH" },
	{ 4, "FSCONFIG_SET_PATH_EMPTY" },  { 5, "FSCONFIG_SET_FD" },
	{ 6, "FSCONFIG_CMD_CREATE" },      { 7, "FSCONFIG_CMD_RECONFIGURE" },
	{ 8, "FSCONFIG_CMD_CREATE_EXCL" },
};
static const struct const_set set_fsconfig_cmds = CONST_SET(fsconfig_cmds, "FSCONFIG_???");

/* linux/mount.h; MOUNT_ATTR__ATIME is 0x70 */
static const struct const_name mount_attrs[] = {
	{ 0x01, "MOUNT_ATTR_RDONLY" },          { 0x02, "MOUNT_ATTR_NOSUID" },
	{ 0x04, "MOUNT_ATTR_NODEV" },           { 0x08, "MOUNT_ATTR_NOEXEC" },
	{ 0x10, "MOUNT_ATTR_NOATIME" },         { 0x20, "MOUNT_ATTR_STRICTATIME" },
	{ 0x80, "MOUNT_ATTR_NODIRATIME" },      { 0x100000, "MOUNT_ATTR_IDMAP" },
	{ 0x200000, "MOUNT_ATTR_NOSYMFOLLOW" },
};
static const struct const_set set_mount_attrs = CONST_SET(mount_attrs, "MOUNT_ATTR_???");

static const struct const_name move_mount_flags[] = {
	{ 0x01, "MOVE_MOUNT_F_SYMLINKS" },   { 0x02, "MOVE_MOUNT_F_AUTOMOUNTS" },
	{ 0x04, "MOVE_MOUNT_F_EMPTY_PATH" }, { 0x10, "MOVE_MOUNT_T_SYMLINKS" },
	{ 0x20, "MOVE_MOUNT_T_AUTOMOUNTS" }, { 0x40, "MOVE_MOUNT_T_EMPTY_PATH" },
	{ 0x100, "MOVE_MOUNT_SET_GROUP" },   { 0x200, "MOVE_MOUNT_BENEATH" },
};
static const struct const_set set_move_mount_flags = CONST_SET(move_mount_flags, "MOVE_MOUNT_???");

/* linux/mount.h, with those of linux/fcntl.h that it allows */
static const struct const_name open_tree_flags[] = {
	{ 1, "OPEN_TREE_CLONE" },          { 2, "OPEN_TREE_NAMESPACE" },
	{ 02000000, "OPEN_TREE_CLOEXEC" }, { 0x100, "AT_SYMLINK_NOFOLLOW" },
	{ 0x200, "AT_REMOVEDIR" },         { 0x400, "AT_SYMLINK_FOLLOW" },
	{ 0x800, "AT_NO_AUTOMOUNT" },      { 0x1000, "AT_EMPTY_PATH" },
	{ 0x8000, "AT_RECURSIVE" },
};
static const struct const_set set_open_tree_flags = CONST_SET(open_tree_flags, "OPEN_TREE_???");

/* linux/mount.h: struct mount_attr */
static const struct const_name propagations[] = {
	{ 1 << 17, "MS_UNBINDABLE" },
	{ 1 << 18, "MS_PRIVATE" },
	{ 1 << 19, "MS_SLAVE" },
	{ 1 << 20, "MS_SHARED" },
};
static const struct const_set set_propagations = CONST_SET(propagations, "MS_???");
static const struct slot mount_attr_fields[] = {
	{ "attr_set", &type_flags64, .set = &set_mount_attrs },
	{ "attr_clr", &type_flags64, .set = &set_mount_attrs },
	{ "propagation", &type_flags64, .set = &set_propagations },
	{ "userns_fd", &type_u64 },
	{ 0 },
};
static const struct type type_mount_attr = { .name = "mount_attr", .fields = mount_attr_fields };

/* linux/mount.h: struct mnt_id_req, its first version */
static const struct slot mnt_id_req_fields[] = {
	{ "size", &type_u32 },
	{ "mnt_ns_fd", &type_u32 },
	{ "mnt_id", &type_x64 },
	{ "param", &type_x64 },
	{ 0 },
};
static const struct type type_mnt_id_req = { .name = "mnt_id_req", .fields = mnt_id_req_fields };

/* linux/quota.h, linux/dqblk_xfs.h: the operation, and below it whose quota */
static const struct const_name quota_cmds[] = {
	{ 0x800001, "Q_SYNC" },     { 0x800002, "Q_QUOTAON" },  { 0x800003, "Q_QUOTAOFF" },
	{ 0x800004, "Q_GETFMT" },   { 0x800005, "Q_GETINFO" },  { 0x800006, "Q_SETINFO" },
	{ 0x800007, "Q_GETQUOTA" }, { 0x800008, "Q_SETQUOTA" }, { 0x800009, "Q_GETNEXTQUOTA" },
	{ 0x5801, "Q_XQUOTAON" },   { 0x5802, "Q_XQUOTAOFF" },  { 0x5803, "Q_XGETQUOTA" },
	{ 0x5804, "Q_XSETQLIM" },   { 0x5805, "Q_XGETQSTAT" },  { 0x5806, "Q_XQUOTARM" },
	{ 0x5807, "Q_XQUOTASYNC" }, { 0x5808, "Q_XGETQSTATV" }, { 0x5809, "Q_XGETNEXTQUOTA" },
};
static const struct const_set set_quota_cmds = CONST_SET(quota_cmds, "Q_???");
static const struct const_name quota_kinds[] = {
	{ 0, "USRQUOTA" },
	{ 1, "GRPQUOTA" },
	{ 2, "PRJQUOTA" },
};
static const struct const_set set_quota_kinds = CONST_SET(quota_kinds, "???QUOTA");

static void show_quota_cmd(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	(void)slot;
	*ret_v = value_call(d->arena, "QCMD", 2);
	ret_v->call.args[0] = decode_enum(d->arena, &set_quota_cmds, (uint32_t)raw >> 8);
	ret_v->call.args[1] = decode_enum(d->arena, &set_quota_kinds, raw & 0xff);
}

static const struct type type_quota_cmd = {
	.name = "quota_cmd", .len32 = 4, .len64 = 4, .show = show_quota_cmd
};

/* What the kernel does not look at is no string: the type of a change, the data of most. */
#define MOUNT_ARGS(type_, data_)                                                                   \
	PATH("dev_name"), PATH("dir_name"), type_, ARG("flags", ms_flags), data_

static const struct call_spec mount_typeless =
	ROW("mount", RET_ZERO, MOUNT_ARGS(ADDR("type"), STRING("data")));
static const struct call_spec mount_dataless =
	ROW("mount", RET_ZERO, MOUNT_ARGS(ADDR("type"), ADDR("data")));

static const struct call_spec *refine_mount(const struct event *ev, bool is_strace)
{
	uint64_t flags = has_magic(ev->args[3]) ? ev->args[3] & 0xffff : ev->args[3];

	(void)is_strace;
	if (flags & MS_DATALESS)
		return &mount_dataless;
	return flags & MS_CHANGES ? &mount_typeless : NULL;
}

static const struct call_spec specs[] = {
	{ "mount", RET_ZERO, .refine = refine_mount,
	  .args = { MOUNT_ARGS(STRING("type"), STRING("data")) } },
	ROW("umount2", RET_ZERO, PATH("name"), FLAGS("flags", set_umount_flags)),
	ROW("umount", RET_ZERO, PATH("name")),
	ROW("pivot_root", RET_ZERO, PATH("new_root"), PATH("put_old")),
	ROW("fsopen", RET_FD, STRING("fs_name"), FLAGS("flags", set_fsopen_flags)),
	ROW("fsconfig", RET_ZERO, FD("fd"), ENUM("cmd", set_fsconfig_cmds), STRING("key"),
	    STRING("value"), INT("aux")),
	ROW("fsmount", RET_FD, FD("fs_fd"), FLAGS("flags", set_fsmount_flags),
	    FLAGS("attr_flags", set_mount_attrs)),
	ROW("fspick", RET_FD, DIRFD("dfd"), PATH("path"), FLAGS("flags", set_fspick_flags)),
	ROW("move_mount", RET_ZERO, DIRFD("from_dfd"), PATH("from_pathname"), DIRFD("to_dfd"),
	    PATH("to_pathname"), FLAGS("flags", set_move_mount_flags)),
	ROW("open_tree", RET_FD, DIRFD("dfd"), PATH("filename"),
	    FLAGS("flags", set_open_tree_flags)),
	ROW("open_tree_attr", RET_FD, DIRFD("dfd"), PATH("filename"),
	    FLAGS("flags", set_open_tree_flags), IN("uattr", mount_attr), SIZE("usize")),
	ROW("mount_setattr", RET_ZERO, DIRFD("dfd"), PATH("path"), FLAGS("flags", set_at_flags),
	    IN("uattr", mount_attr), SIZE("usize")),
	ROW("statmount", RET_ZERO, IN("req", mnt_id_req), ADDR("buf"), SIZE("bufsize"),
	    XINT("flags")),
	ROW("listmount", RET_INT, IN("req", mnt_id_req),
	    ARG("mnt_ids", array, .elem = &type_x64, .dir = DIR_OUT, COUNT_RET_ARG(2)),
	    SIZE("nr_mnt_ids"), XINT("flags")),
	ROW("listns", RET_INT, ADDR("req"),
	    ARG("ns_ids", array, .elem = &type_x64, .dir = DIR_OUT, COUNT_RET_ARG(2)),
	    SIZE("nr_ns_ids"), XINT("flags")),
	ROW("quotactl", RET_ZERO, ARG("cmd", quota_cmd), PATH("special"), INT("id"), ADDR("addr")),
	ROW("quotactl_fd", RET_ZERO, FD("fd"), ARG("cmd", quota_cmd), INT("id"), ADDR("addr")),
};

const struct spec_family family_mount = SPEC_FAMILY("mount", specs);
