/* Calls of no other family: the thread's own set-up, and those that no kernel of today has. */
#include <string.h>

#include "decode/specs/rows.h"

/* asm/ldt.h: struct user_desc; the bits behind the limit, from the lowest */
static void show_user_desc(struct decode *d, const struct slot *slot, const struct span *span,
			   struct value *ret_v)
{
	static const struct {
		const char *name;
		uint8_t shift, mask;
	} bits[] = { { "seg_32bit", 0, 1 },       { "contents", 1, 3 },
		     { "read_exec_only", 3, 1 },  { "limit_in_pages", 4, 1 },
		     { "seg_not_present", 5, 1 }, { "useable", 6, 1 } };
	uint32_t number, limit;

	(void)slot;
	*ret_v = value_struct(d->arena, 3 + ARRAY_LEN(bits));
	if (span->len < 16) {
		ret_v->is_cut = true;
		return;
	}
	number = (uint32_t)decode_number(span->data, 4);
	limit = (uint32_t)decode_number(span->data + 8, 4);
	*value_field(ret_v, "entry_number") =
		number == UINT32_MAX ? value_int(-1) : value_uint(number);
	*value_field(ret_v, "base_addr") = value_hex(decode_number(span->data + 4, 4));
	*value_field(ret_v, "limit") = value_text(arena_printf(d->arena, "%#08x", limit), limit);
	for (unsigned i = 0; i < ARRAY_LEN(bits); i++)
		*value_field(ret_v, bits[i].name) = value_uint(
			decode_number(span->data + 12, 4) >> bits[i].shift & bits[i].mask);
}

static const struct type type_user_desc = {
	.name = "user_desc", .len32 = 16, .len64 = 16, .align = 4, .show_bytes = show_user_desc
};

/* The entry that the kernel chose for one of -1. */
static void add_entry_number(struct decode *d, struct call *call)
{
	uint32_t number;

	if (call->is_error || decode_u32_at(d, call->raw[0], &number) < 0)
		return;
	decode_add_aux(call, NULL,
		       value_text(arena_printf(d->arena, "entry_number=%u", number), number));
}

/* The address at exit, where the entry had the whole: its number is read again. */
static void show_user_desc_at(struct decode *d, const struct slot *slot, uint64_t raw,
			      struct value *ret_v)
{
	decode_at(d, slot, &type_user_desc, raw, ret_v);
}

static size_t reach_user_desc(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)d;
	(void)slot;
	(void)raw;
	return 16;
}

static const struct type type_user_desc_in = { .name = "user_desc_in",
					       .len32 = 4,
					       .len64 = 8,
					       .show = show_user_desc_at,
					       .reach = reach_user_desc };

/* What strace, too, shows of calls that are not there any more: so many words. */
#define W(name_)       ADDR(name_)
#define WORDS_0(name_) ROW(name_, RET_INT, { 0 })
#define WORDS_1(name_) ROW(name_, RET_INT, W("a0"))
#define WORDS_2(name_) ROW(name_, RET_INT, W("a0"), W("a1"))
#define WORDS_3(name_) ROW(name_, RET_INT, W("a0"), W("a1"), W("a2"))
#define WORDS_4(name_) ROW(name_, RET_INT, W("a0"), W("a1"), W("a2"), W("a3"))
#define WORDS_5(name_) ROW(name_, RET_INT, W("a0"), W("a1"), W("a2"), W("a3"), W("a4"))

/* The kernel returns this call's error numbers in 32 bits, so that they look like a result. */
static void explain_ldt_error(struct decode *d, struct call *call)
{
	int error = (int)-(uint32_t)call->ret;

	if (!d->is_exit || call->is_error || error <= 0 || !decode_errno_name(error))
		return;
	call->ret_value = value_text(arena_printf(call->arena, "%lld %s (%s)", (long long)call->ret,
						  decode_errno_name(error), strerror(error)),
				     (uint64_t)call->ret);
}

static const struct call_spec specs[] = {
	ROW("getpid", RET_PID, { 0 }),
	ROW("rseq_slice_yield", RET_INT, { 0 }),
	{ "set_thread_area", RET_ZERO, .aux = add_entry_number,
	  .args = { ARG("u_info", user_desc_in, .dir = DIR_IN) } },
	ROW("get_thread_area", RET_ZERO, OUT("u_info", user_desc)),
	{ "modify_ldt", RET_INT, .aux = explain_ldt_error,
	  .args = { INT("func"), ADDR("ptr"), ULONG("bytecount") } },
	ROW("name_to_handle_at", RET_ZERO, DIRFD("dfd"), PATH("name"), ADDR("handle"),
	    ADDR("mnt_id"), FLAGS("flag", set_at_flags)),
	ROW("open_by_handle_at", RET_FD, FD("mountdirfd"), ADDR("handle"), XINT("flags")),
	ROW("cachestat", RET_ZERO, FD("fd"), ADDR("cstat_range"), ADDR("cstat"), XINT("flags")),
	ROW("file_getattr", RET_ZERO, DIRFD("dfd"), PATH("filename"), ADDR("ufattr"), SIZE("usize"),
	    FLAGS("at_flags", set_at_flags)),
	ROW("file_setattr", RET_ZERO, DIRFD("dfd"), PATH("filename"), ADDR("ufattr"), SIZE("usize"),
	    FLAGS("at_flags", set_at_flags)),
	ROW("lookup_dcookie", RET_LEN, ARG("cookie64", u64),
	    ARG("buf", buffer, .dir = DIR_OUT, BYTES_RET_ARG(2)), SIZE("len")),
	ROW("uselib", RET_ZERO, PATH("library")),
	ROW("readdir", RET_INT, FD("fd"), ADDR("dirent"), UINT("count")),
	WORDS_0("uretprobe"),
	WORDS_0("uprobe"),
	WORDS_0("idle"),
	WORDS_1("_sysctl"),
	WORDS_2("create_module"),
	WORDS_1("get_kernel_syms"),
	WORDS_5("query_module"),
	WORDS_3("nfsservctl"),
	WORDS_5("getpmsg"),
	WORDS_5("putpmsg"),
	WORDS_5("afs_syscall"),
	WORDS_3("tuxcall"),
	WORDS_3("security"),
	WORDS_5("vserver"),
	WORDS_4("epoll_ctl_old"),
	WORDS_4("epoll_wait_old"),
	WORDS_2("bdflush"),
	WORDS_0("break"),
	WORDS_1("ftime"),
	WORDS_0("gtty"),
	WORDS_0("stty"),
	WORDS_0("lock"),
	WORDS_0("mpx"),
	WORDS_0("prof"),
	WORDS_0("profil"),
	WORDS_0("ulimit"),
	WORDS_1("oldolduname"),
	WORDS_1("olduname"),
	WORDS_5("vm86"),
	WORDS_5("vm86old"),
};

const struct spec_family family_misc = SPEC_FAMILY("misc", specs);
