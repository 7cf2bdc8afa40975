/* Permissions and policies: keys, Landlock, security modules, BPF. */
#include "decode/specs/rows.h"

/* linux/keyctl.h */
static const struct const_name key_ids[] = {
	{ UINT32_MAX, "KEY_SPEC_THREAD_KEYRING" },
	{ UINT32_MAX - 1, "KEY_SPEC_PROCESS_KEYRING" },
	{ UINT32_MAX - 2, "KEY_SPEC_SESSION_KEYRING" },
	{ UINT32_MAX - 3, "KEY_SPEC_USER_KEYRING" },
	{ UINT32_MAX - 4, "KEY_SPEC_USER_SESSION_KEYRING" },
	{ UINT32_MAX - 5, "KEY_SPEC_GROUP_KEYRING" },
	{ UINT32_MAX - 6, "KEY_SPEC_REQKEY_AUTH_KEY" },
	{ UINT32_MAX - 7, "KEY_SPEC_REQUESTOR_KEYRING" },
};
static const struct const_set set_key_ids = CONST_SET(key_ids, NULL);

static void show_key_id(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	(void)slot;
	*ret_v = decode_enum(d->arena, &set_key_ids, (uint32_t)raw);
	if (!ret_v->sym.name)
		*ret_v = value_int((int32_t)raw);
}

static const struct type type_key_id = {
	.name = "key_id", .len32 = 4, .len64 = 4, .show = show_key_id
};

static const struct const_name keyctl_ops[] = {
	{ 0, "KEYCTL_GET_KEYRING_ID" },
	{ 1, "KEYCTL_JOIN_SESSION_KEYRING" },
	{ 2, "KEYCTL_UPDATE" },
	{ 3, "KEYCTL_REVOKE" },
	{ 4, "KEYCTL_CHOWN" },
	{ 5, "KEYCTL_SETPERM" },
	{ 6, "KEYCTL_DESCRIBE" },
	{ 7, "KEYCTL_CLEAR" },
	{ 8, "KEYCTL_LINK" },
	{ 9, "KEYCTL_UNLINK" },
	{ 10, "KEYCTL_SEARCH" },
	{ 11, "KEYCTL_READ" },
	{ 12, "KEYCTL_INSTANTIATE" },
	{ 13, "KEYCTL_NEGATE" },
	{ 14, "KEYCTL_SET_REQKEY_KEYRING" },
	{ 15, "KEYCTL_SET_TIMEOUT" },
	{ 16, "KEYCTL_ASSUME_AUTHORITY" },
	{ 17, "KEYCTL_GET_SECURITY" },
	{ 18, "KEYCTL_SESSION_TO_PARENT" },
	{ 19, "KEYCTL_REJECT" },
	{ 20, "KEYCTL_INSTANTIATE_IOV" },
	{ 21, "KEYCTL_INVALIDATE" },
	{ 22, "KEYCTL_GET_PERSISTENT" },
	{ 23, "KEYCTL_DH_COMPUTE" },
	{ 24, "KEYCTL_PKEY_QUERY" },
	{ 25, "KEYCTL_PKEY_ENCRYPT" },
	{ 26, "KEYCTL_PKEY_DECRYPT" },
	{ 27, "KEYCTL_PKEY_SIGN" },
	{ 28, "KEYCTL_PKEY_VERIFY" },
	{ 29, "KEYCTL_RESTRICT_KEYRING" },
	{ 30, "KEYCTL_MOVE" },
	{ 31, "KEYCTL_CAPABILITIES" },
	{ 32, "KEYCTL_WATCH_KEY" },
};
static const struct const_set set_keyctl_ops = CONST_SET(keyctl_ops, "KEYCTL_???");

/* linux/landlock.h */
static const struct const_name landlock_flags[] = {
	{ 1, "LANDLOCK_CREATE_RULESET_VERSION" },
	{ 2, "LANDLOCK_CREATE_RULESET_ERRATA" },
};
static const struct const_set set_landlock_flags =
	CONST_SET(landlock_flags, "LANDLOCK_CREATE_RULESET_???");
static const struct const_name landlock_rules[] = {
	{ 1, "LANDLOCK_RULE_PATH_BENEATH" },
	{ 2, "LANDLOCK_RULE_NET_PORT" },
};
static const struct const_set set_landlock_rules = CONST_SET(landlock_rules, "LANDLOCK_RULE_???");

/* With a flag it asks for a number, without it makes a descriptor. */
#define LANDLOCK_ARGS ADDR("attr"), SIZE("size"), FLAGS("flags", set_landlock_flags)

static const struct call_spec landlock_ask = ROW("landlock_create_ruleset", RET_INT, LANDLOCK_ARGS);

static const struct call_spec *refine_landlock(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return (uint32_t)ev->args[2] ? &landlock_ask : NULL;
}

/* linux/lsm.h */
static const struct const_name lsm_attrs[] = {
	{ 100, "LSM_ATTR_CURRENT" },   { 101, "LSM_ATTR_EXEC" }, { 102, "LSM_ATTR_FSCREATE" },
	{ 103, "LSM_ATTR_KEYCREATE" }, { 104, "LSM_ATTR_PREV" }, { 105, "LSM_ATTR_SOCKCREATE" },
};
static const struct const_set set_lsm_attrs = CONST_SET(lsm_attrs, "LSM_ATTR_???");

/* linux/bpf.h */
static const struct const_name bpf_cmds[] = {
	{ 0, "BPF_MAP_CREATE" },
	{ 1, "BPF_MAP_LOOKUP_ELEM" },
	{ 2, "BPF_MAP_UPDATE_ELEM" },
	{ 3, "BPF_MAP_DELETE_ELEM" },
	{ 4, "BPF_MAP_GET_NEXT_KEY" },
	{ 5, "BPF_PROG_LOAD" },
	{ 6, "BPF_OBJ_PIN" },
	{ 7, "BPF_OBJ_GET" },
	{ 8, "BPF_PROG_ATTACH" },
	{ 9, "BPF_PROG_DETACH" },
	{ 10, "BPF_PROG_TEST_RUN" },
	{ 11, "BPF_PROG_GET_NEXT_ID" },
	{ 12, "BPF_MAP_GET_NEXT_ID" },
	{ 13, "BPF_PROG_GET_FD_BY_ID" },
	{ 14, "BPF_MAP_GET_FD_BY_ID" },
	{ 15, "BPF_OBJ_GET_INFO_BY_FD" },
	{ 16, "BPF_PROG_QUERY" },
	{ 17, "BPF_RAW_TRACEPOINT_OPEN" },
	{ 18, "BPF_BTF_LOAD" },
	{ 19, "BPF_BTF_GET_FD_BY_ID" },
	{ 20, "BPF_TASK_FD_QUERY" },
	{ 21, "BPF_MAP_LOOKUP_AND_DELETE_ELEM" },
	{ 22, "BPF_MAP_FREEZE" },
	{ 23, "BPF_BTF_GET_NEXT_ID" },
	{ 24, "BPF_MAP_LOOKUP_BATCH" },
	{ 25, "BPF_MAP_LOOKUP_AND_DELETE_BATCH" },
	{ 26, "BPF_MAP_UPDATE_BATCH" },
	{ 27, "BPF_MAP_DELETE_BATCH" },
	{ 28, "BPF_LINK_CREATE" },
	{ 29, "BPF_LINK_UPDATE" },
	{ 30, "BPF_LINK_GET_FD_BY_ID" },
	{ 31, "BPF_LINK_GET_NEXT_ID" },
	{ 32, "BPF_ENABLE_STATS" },
	{ 33, "BPF_ITER_CREATE" },
	{ 34, "BPF_LINK_DETACH" },
	{ 35, "BPF_PROG_BIND_MAP" },
	{ 36, "BPF_TOKEN_CREATE" },
};
static const struct const_set set_bpf_cmds = CONST_SET(bpf_cmds, "BPF_???");

/* linux/perf_event.h */
static const struct const_name perf_flags[] = {
	{ 1, "PERF_FLAG_FD_NO_GROUP" },
	{ 2, "PERF_FLAG_FD_OUTPUT" },
	{ 4, "PERF_FLAG_PID_CGROUP" },
	{ 8, "PERF_FLAG_FD_CLOEXEC" },
};
static const struct const_set set_perf_flags = CONST_SET(perf_flags, "PERF_FLAG_???");

static const struct call_spec specs[] = {
	ROW("add_key", RET_INT, STRING("_type"), STRING("_description"),
	    ARG("_payload", buffer, BYTES_ARG(3)), SIZE("plen"), ARG("ringid", key_id)),
	ROW("request_key", RET_INT, STRING("_type"), STRING("_description"),
	    STRING("_callout_info"), ARG("destringid", key_id)),
	ROW("keyctl", RET_INT, ENUM("option", set_keyctl_ops), XLONG("arg2"), XLONG("arg3"),
	    XLONG("arg4"), XLONG("arg5")),
	{ "landlock_create_ruleset", RET_FD, .refine = refine_landlock, .args = { LANDLOCK_ARGS } },
	ROW("landlock_add_rule", RET_ZERO, FD("ruleset_fd"), ENUM("rule_type", set_landlock_rules),
	    ADDR("rule_attr"), XINT("flags")),
	ROW("landlock_restrict_self", RET_ZERO, FD("ruleset_fd"), XINT("flags")),
	ROW("lsm_get_self_attr", RET_INT, ENUM("attr", set_lsm_attrs), ADDR("ctx"),
	    OUT("size", u32), XINT("flags")),
	ROW("lsm_set_self_attr", RET_ZERO, ENUM("attr", set_lsm_attrs), ADDR("ctx"), UINT("size"),
	    XINT("flags")),
	ROW("lsm_list_modules", RET_INT, ADDR("ids"), OUT("size", u32), XINT("flags")),
	ROW("bpf", RET_INT, ENUM("cmd", set_bpf_cmds), ADDR("attr"), UINT("size")),
	ROW("perf_event_open", RET_FD, ADDR("attr_uptr"), PID("pid"), INT("cpu"), FD("group_fd"),
	    ARG("flags", flagsl, .set = &set_perf_flags)),
};

const struct spec_family family_security = SPEC_FAMILY("security", specs);
