/* ioctl(2): requests to pipes, sockets, terminals, process and namespace descriptors. */
#include <linux/ioctl.h>
#include <string.h>

#include "decode/consts/ioctl.h"
#include "decode/decode.h"
#include "decode/types/fd.h"
#include "decode/types/termios.h"
#include "decode/types/types.h"

/* The struct that PIDFD_GET_INFO fills grows with the kernel, and the request with it. */
static bool is_pidfd_info(uint32_t request)
{
	enum { FIRST_LEN = 64 };

	return _IOC_TYPE(request) == 0xff && _IOC_NR(request) == 11 &&
	       _IOC_DIR(request) == (_IOC_READ | _IOC_WRITE) && _IOC_SIZE(request) >= FIRST_LEN;
}

/* Names of one number are joined in the table; those of long use are last. */
static const char *shown_name(struct decode *d, uint32_t request)
{
	static const char joint[] = " or ";
	const char *name = ioctl_name(request), *next;

	if (is_pidfd_info(request))
		return "PIDFD_GET_INFO";
	while (name && !d->options->is_strace && (next = strstr(name, joint)))
		name = next + strlen(joint);
	return name;
}

/* _IOC(_IOC_READ, 0x12, 0x34, 0x8) */
static const char *unknown_name(struct decode *d, uint32_t request)
{
	static const char *const dirs[] = { "_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
					    "_IOC_READ|_IOC_WRITE" };

	return arena_printf(d->arena, "_IOC(%s, %#x, %#x, %#x)", dirs[_IOC_DIR(request)],
			    _IOC_TYPE(request), _IOC_NR(request), _IOC_SIZE(request));
}

static void show_request(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	uint32_t request = (uint32_t)raw;
	const char *name = shown_name(d, request);

	(void)slot;
	*ret_v = value_text(name ? name : unknown_name(d, request), request);
}

static const struct type type_request = {
	.name = "ioctl_request", .len32 = 4, .len64 = 4, .show = show_request
};

/* linux/sched.h: what NS_GET_NSTYPE returns. */
static const struct const_name namespaces[] = {
	{ 0x80, "CLONE_NEWTIME" },        { 0x20000, "CLONE_NEWNS" },
	{ 0x2000000, "CLONE_NEWCGROUP" }, { 0x4000000, "CLONE_NEWUTS" },
	{ 0x8000000, "CLONE_NEWIPC" },    { 0x10000000, "CLONE_NEWUSER" },
	{ 0x20000000, "CLONE_NEWPID" },   { 0x40000000, "CLONE_NEWNET" },
};
static const struct const_set set_namespaces = CONST_SET(namespaces, NULL);

static void aux_namespace(struct decode *d, struct call *call)
{
	const char *name = const_set_name(&set_namespaces, (uint64_t)call->ret);

	(void)d;
	if (!call->is_error && name)
		decode_add_aux(call, NULL, value_text(name, (uint64_t)call->ret));
}

/* asm-generic/termbits.h */
static const struct const_name queues[] = {
	{ 0, "TCIFLUSH" },
	{ 1, "TCOFLUSH" },
	{ 2, "TCIOFLUSH" },
};
static const struct const_set set_queues = CONST_SET(queues, "TC???");

static const struct const_name flows[] = {
	{ 0, "TCOOFF" },
	{ 1, "TCOON" },
	{ 2, "TCIOFF" },
	{ 3, "TCION" },
};
static const struct const_set set_flows = CONST_SET(flows, "TC???");

/* linux/pidfd.h, of Linux 6.13 */
static const struct const_name pidfd_info_masks[] = {
	{ 0x1, "PIDFD_INFO_PID" },  { 0x2, "PIDFD_INFO_CREDS" },     { 0x4, "PIDFD_INFO_CGROUPID" },
	{ 0x8, "PIDFD_INFO_EXIT" }, { 0x10, "PIDFD_INFO_COREDUMP" },
};
static const struct const_set set_pidfd_info = CONST_SET(pidfd_info_masks, "PIDFD_INFO_???");

static const struct slot pidfd_info_fields[] = {
	{ "mask", &type_flags64, .set = &set_pidfd_info },
	{ "cgroupid", &type_u64 },
	{ "pid", &type_pid },
	{ "tgid", &type_pid },
	{ "ppid", &type_pid },
	{ "ruid", &type_uid },
	{ "rgid", &type_uid },
	{ "euid", &type_uid },
	{ "egid", &type_uid },
	{ "suid", &type_uid },
	{ "sgid", &type_uid },
	{ "fsuid", &type_uid },
	{ "fsgid", &type_uid },
	{ "exit_code", &type_int },
	{ 0 },
};
static const struct type type_pidfd_info = { .name = "pidfd_info", .fields = pidfd_info_fields };

struct row {
	uint32_t request;
	bool is_default_only; /* strace shows the argument as a number */
	struct call_spec spec;
};

#define FD_ARG                                                                                     \
	{                                                                                          \
		"fd", &type_fd                                                                     \
	}
#define REQUEST                                                                                    \
	{                                                                                          \
		"request", &type_request                                                           \
	}

#define ROW(request_, is_default_only_, ret_, mech_, ...)                                          \
	{                                                                                          \
		(request_), (is_default_only_),                                                    \
		{                                                                                  \
			"ioctl", ret_, IPC(mech_, CONTROL, 0), .args = {                           \
				FD_ARG,                                                            \
				REQUEST,                                                           \
				__VA_ARGS__,                                                       \
			}                                                                          \
		}                                                                                  \
	}

#define NONE(request_)   ROW(request_, false, RET_INT, FD, { 0 })
#define NUMBER(request_) ROW(request_, false, RET_INT, FD, { "arg", &type_int })
#define GET(request_, elem_)                                                                       \
	ROW(request_, false, RET_INT, FD, { "argp", &type_ptr, .elem = &(elem_), .dir = DIR_OUT })
#define SET(request_, elem_)                                                                       \
	ROW(request_, false, RET_INT, FD, { "argp", &type_ptr, .elem = &(elem_) })
#define ONE_OF(request_, set_)                                                                     \
	ROW(request_, false, RET_INT, FD, { "arg", &type_enum, .set = &(set_) })
#define LINES(request_, dir_)                                                                      \
	ROW(request_, false, RET_INT, FD,                                                          \
	    { "argp", &type_ptr, .elem = &type_flags, .dir = (dir_), .set = &set_modem_lines })

/* What strace leaves as an address. */
#define GET_MORE(request_, elem_)                                                                  \
	ROW(request_, true, RET_INT, FD, { "argp", &type_ptr, .elem = &(elem_), .dir = DIR_OUT })
#define NAMESPACE(request_) ROW(request_, true, RET_FD, PIDFD, { 0 })

static const struct row rows[] = {
	/* asm-generic/ioctls.h: any descriptor */
	NONE(0x5450), /* FIONCLEX */
	NONE(0x5451), /* FIOCLEX */
	SET(0x5421, type_int), /* FIONBIO */
	SET(0x5452, type_int), /* FIOASYNC */
	GET_MORE(0x5460, type_s64), /* FIOQSIZE */
	GET(0x541b, type_int), /* FIONREAD, TIOCINQ, SIOCINQ */
	GET(0x5411, type_int), /* TIOCOUTQ, SIOCOUTQ */
	/* asm-generic/sockios.h, linux/sockios.h */
	GET(0x894b, type_int), /* SIOCOUTQNSD */
	GET(0x8905, type_int), /* SIOCATMARK */
	SET(0x8901, type_int), /* FIOSETOWN */
	SET(0x8902, type_int), /* SIOCSPGRP */
	GET(0x8903, type_int), /* FIOGETOWN */
	GET(0x8904, type_int), /* SIOCGPGRP */
	/* asm-generic/ioctls.h: terminals */
	GET(0x5401, type_termios), /* TCGETS */
	SET(0x5402, type_termios), /* TCSETS */
	SET(0x5403, type_termios), /* TCSETSW */
	SET(0x5404, type_termios), /* TCSETSF */
	GET(0x5456, type_termios), /* TIOCGLCKTRMIOS */
	SET(0x5457, type_termios), /* TIOCSLCKTRMIOS */
	GET(0x5405, type_termio), /* TCGETA */
	SET(0x5406, type_termio), /* TCSETA */
	SET(0x5407, type_termio), /* TCSETAW */
	SET(0x5408, type_termio), /* TCSETAF */
	GET(0x802c542a, type_termios2), /* TCGETS2 */
	SET(0x402c542b, type_termios2), /* TCSETS2 */
	SET(0x402c542c, type_termios2), /* TCSETSW2 */
	SET(0x402c542d, type_termios2), /* TCSETSF2 */
	NUMBER(0x5409), /* TCSBRK */
	NUMBER(0x5425), /* TCSBRKP */
	ONE_OF(0x540a, set_flows), /* TCXONC */
	ONE_OF(0x540b, set_queues), /* TCFLSH */
	NONE(0x540c), /* TIOCEXCL */
	NONE(0x540d), /* TIOCNXCL */
	GET(0x80045440, type_int), /* TIOCGEXCL */
	NUMBER(0x540e), /* TIOCSCTTY */
	NONE(0x5422), /* TIOCNOTTY */
	GET(0x540f, type_pid), /* TIOCGPGRP */
	SET(0x5410, type_pid), /* TIOCSPGRP */
	GET(0x5429, type_pid), /* TIOCGSID */
	ROW(0x5412, false, RET_INT, FD, { "argp", &type_buffer, BYTES_CONST(1) }), /* TIOCSTI */
	GET(0x5413, type_winsize), /* TIOCGWINSZ */
	SET(0x5414, type_winsize), /* TIOCSWINSZ */
	LINES(0x5415, DIR_OUT), /* TIOCMGET */
	LINES(0x5416, DIR_IN), /* TIOCMBIS */
	LINES(0x5417, DIR_IN), /* TIOCMBIC */
	LINES(0x5418, DIR_IN), /* TIOCMSET */
	GET(0x5419, type_int), /* TIOCGSOFTCAR */
	SET(0x541a, type_int), /* TIOCSSOFTCAR */
	NONE(0x541d), /* TIOCCONS */
	SET(0x5423, type_int), /* TIOCSETD */
	GET(0x5424, type_int), /* TIOCGETD */
	NONE(0x5427), /* TIOCSBRK */
	NONE(0x5428), /* TIOCCBRK */
	NONE(0x5437), /* TIOCVHANGUP */
	/* pseudo-terminals */
	GET(0x80045430, type_int), /* TIOCGPTN */
	SET(0x40045431, type_int), /* TIOCSPTLCK */
	GET_MORE(0x80045439, type_int), /* TIOCGPTLCK */
	SET(0x5420, type_int), /* TIOCPKT */
	GET_MORE(0x80045438, type_int), /* TIOCGPKT */
	ROW(0x5441, true, RET_FD, FD, { "flags", &type_open_flags }), /* TIOCGPTPEER */
	ROW(0x40045436, true, RET_INT, FD, { "sig", &type_signo }), /* TIOCSIG */
	/* linux/fs.h */
	ROW(0x40049409, false, RET_INT, FD, { "src_fd", &type_fd }), /* FICLONE */
	/* linux/nsfs.h */
	ROW(0xb701, false, RET_FD, NAMESPACE, { 0 }), /* NS_GET_USERNS */
	ROW(0xb702, false, RET_FD, NAMESPACE, { 0 }), /* NS_GET_PARENT */
	ROW(0xb704, false, RET_INT, NAMESPACE,
	    { "argp", &type_ptr, .elem = &type_uid, .dir = DIR_OUT }), /* NS_GET_OWNER_UID */
	ROW(0x8008b705, true, RET_INT, NAMESPACE,
	    { "argp", &type_ptr, .elem = &type_u64, .dir = DIR_OUT }), /* NS_GET_MNTNS_ID */
	ROW(0x8004b706, true, RET_PID, NAMESPACE, { "pid", &type_pid }), /* NS_GET_PID_FROM_PIDNS */
	ROW(0x8004b707, true, RET_PID, NAMESPACE,
	    { "pid", &type_pid }), /* NS_GET_TGID_FROM_PIDNS */
	ROW(0x8004b708, true, RET_PID, NAMESPACE, { "pid", &type_pid }), /* NS_GET_PID_IN_PIDNS */
	ROW(0x8004b709, true, RET_PID, NAMESPACE, { "pid", &type_pid }), /* NS_GET_TGID_IN_PIDNS */
	/* linux/pidfd.h */
	NAMESPACE(0xff01),
	NAMESPACE(0xff02),
	NAMESPACE(0xff03),
	NAMESPACE(0xff04),
	NAMESPACE(0xff05),
	NAMESPACE(0xff06),
	NAMESPACE(0xff07),
	NAMESPACE(0xff08),
	NAMESPACE(0xff09),
	NAMESPACE(0xff0a),
};

/* NS_GET_NSTYPE is the only one with words behind its result. */
static const struct call_spec get_nstype = { "ioctl", RET_INT, IPC(NAMESPACE, CONTROL, 0),
					     .aux = aux_namespace, .args = { FD_ARG, REQUEST } };

/* The first version of the struct is shown. */
static const struct call_spec get_pidfd_info = {
	"ioctl",
	RET_INT,
	IPC(PIDFD, CONTROL, 0),
	.args = { FD_ARG,
		  REQUEST,
		  { "argp", &type_ptr, .elem = &type_pidfd_info, .dir = DIR_OUT } },
};

static const struct call_spec *refine_ioctl(const struct event *ev, bool is_strace)
{
	enum { NS_GET_NSTYPE_REQUEST = 0xb703 };
	uint32_t request = (uint32_t)ev->args[1];

	if (request == NS_GET_NSTYPE_REQUEST)
		return &get_nstype;
	if (is_pidfd_info(request))
		return is_strace ? NULL : &get_pidfd_info;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].request == request)
			return is_strace && rows[i].is_default_only ? NULL : &rows[i].spec;
	}
	return NULL;
}

static const struct call_spec specs[] = {
	{ "ioctl", RET_INT, IPC(FD, CONTROL, 0), .refine = refine_ioctl,
	  .args = { FD_ARG, REQUEST, { "arg", &type_xlong } } },
};

const struct spec_family family_ioctl = SPEC_FAMILY("ioctl", specs);
