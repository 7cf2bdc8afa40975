/* ioctl: requests by name, and what they carry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { BUF = 0x10000, NOWHERE = 0x8 };

static struct fake fake;

static int start_strace(void **state)
{
	(void)state;
	fake_init(&fake, true);
	return 0;
}

static int start_verbose(void **state)
{
	start_strace(state);
	fake_verbose(&fake);
	return 0;
}

static int start_default(void **state)
{
	(void)state;
	fake_init(&fake, false);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_finish(&fake);
	return 0;
}

static void poke_int(int32_t number)
{
	fake_poke(&fake, BUF, &number, sizeof(number));
}

#define SHOWS(text, ret, ...) assert_string_equal(FAKE_CALL(&fake, "ioctl", ret, __VA_ARGS__), text)

static void unknown_requests_are_taken_apart(void **state)
{
	(void)state;
	SHOWS("ioctl(5, _IOC(_IOC_NONE, 0, 0, 0), 0x5) = -1 ENOTTY", -ENOTTY, 5, 0, 5);
	SHOWS("ioctl(5, _IOC(_IOC_NONE, 0x56, 0x78, 0x1234), 0) = 0", 0, 5, 0x12345678, 0);
	SHOWS("ioctl(5, _IOC(_IOC_READ|_IOC_WRITE, 0xff, 0xff, 0x3fff), 0x5) = 0", 0, 5, -1ull, 5);
	SHOWS("ioctl(5, _IOC(_IOC_READ, 0xff, 0xb, 0x8), 0x5) = 0", 0, 5, 0x8008ff0b, 5);
	SHOWS("ioctl(5, _IOC(_IOC_WRITE, 0x12, 0x34, 0x4), 0x5) = 0", 0, 5, 0x40041234, 5);
}

static void named_requests_without_a_shape_show_their_argument(void **state)
{
	(void)state;
	SHOWS("ioctl(5, BLKGETSIZE64, 0x5) = -1 ENOTTY", -ENOTTY, 5, 0x80081272, 5);
	SHOWS("ioctl(5, BTRFS_IOC_CLONE or FICLONE, 3) = 0", 0, 5, 0x40049409, 3);
}

static void requests_to_any_descriptor(void **state)
{
	(void)state;
	poke_int(7);
	SHOWS("ioctl(3, FIONREAD, [7]) = 0", 0, 3, 0x541b, BUF);
	SHOWS("ioctl(3, FIONREAD, 0x8) = -1 EFAULT", -EFAULT, 3, 0x541b, NOWHERE);
	SHOWS("ioctl(3, TIOCOUTQ, [7]) = 0", 0, 3, 0x5411, BUF);
	SHOWS("ioctl(3, FIONBIO, [7]) = -1 EBADF", -EBADF, 3, 0x5421, BUF);
	SHOWS("ioctl(3, FIOASYNC, [7]) = 0", 0, 3, 0x5452, BUF);
	SHOWS("ioctl(3, FIOCLEX) = 0", 0, 3, 0x5451, 7);
	SHOWS("ioctl(3, FIONCLEX) = 0", 0, 3, 0x5450, 7);
	SHOWS("ioctl(3, FIOQSIZE, 0x10000) = 0", 0, 3, 0x5460, BUF);
}

static void requests_to_sockets(void **state)
{
	(void)state;
	poke_int(7);
	SHOWS("ioctl(3, SIOCATMARK, [7]) = 0", 0, 3, 0x8905, BUF);
	SHOWS("ioctl(3, SIOCOUTQNSD, NULL) = -1 ENOTTY", -ENOTTY, 3, 0x894b, 0);
	SHOWS("ioctl(3, FIOSETOWN, [7]) = 0", 0, 3, 0x8901, BUF);
	SHOWS("ioctl(3, SIOCSPGRP, [7]) = 0", 0, 3, 0x8902, BUF);
	SHOWS("ioctl(3, FIOGETOWN, [7]) = 0", 0, 3, 0x8903, BUF);
	SHOWS("ioctl(3, SIOCGPGRP, 0x10000) = -1 ENOTTY", -ENOTTY, 3, 0x8904, BUF);
}

static void requests_to_terminals(void **state)
{
	(void)state;
	poke_int(0x26);
	SHOWS("ioctl(4, TIOCGPGRP, [38]) = 0", 0, 4, 0x540f, BUF);
	SHOWS("ioctl(4, TIOCSPGRP, [38]) = 0", 0, 4, 0x5410, BUF);
	SHOWS("ioctl(4, TIOCGSID, [38]) = 0", 0, 4, 0x5429, BUF);
	SHOWS("ioctl(4, TIOCSCTTY, -1) = 0", 0, 4, 0x540e, -1ull);
	SHOWS("ioctl(4, TIOCNOTTY) = 0", 0, 4, 0x5422);
	SHOWS("ioctl(4, TIOCEXCL) = 0", 0, 4, 0x540c);
	SHOWS("ioctl(4, TIOCNXCL) = 0", 0, 4, 0x540d);
	SHOWS("ioctl(4, TIOCGEXCL, [38]) = 0", 0, 4, 0x80045440, BUF);
	SHOWS("ioctl(4, TCSBRK, 1) = 0", 0, 4, 0x5409, 1);
	SHOWS("ioctl(4, TCSBRKP, -1) = 0", 0, 4, 0x5425, -1ull);
	SHOWS("ioctl(4, TCFLSH, TCIOFLUSH) = 0", 0, 4, 0x540b, 2);
	SHOWS("ioctl(4, TCXONC, 0x7 /* TC??? */) = -1 EINVAL", -EINVAL, 4, 0x540a, 7);
	SHOWS("ioctl(4, TIOCSTI, \"&\") = 0", 0, 4, 0x5412, BUF);
	SHOWS("ioctl(4, TIOCMSET, [TIOCM_DTR|TIOCM_RTS|TIOCM_CTS]) = 0", 0, 4, 0x5418, BUF);
	SHOWS("ioctl(4, TIOCMBIS, [TIOCM_DTR|TIOCM_RTS|TIOCM_CTS]) = 0", 0, 4, 0x5416, BUF);
	SHOWS("ioctl(4, TIOCMBIC, [TIOCM_DTR|TIOCM_RTS|TIOCM_CTS]) = 0", 0, 4, 0x5417, BUF);
	SHOWS("ioctl(4, TIOCMGET, 0x10000) = -1 ENOTTY", -ENOTTY, 4, 0x5415, BUF);
	SHOWS("ioctl(4, TIOCGSOFTCAR, [38]) = 0", 0, 4, 0x5419, BUF);
	SHOWS("ioctl(4, TIOCSSOFTCAR, [38]) = 0", 0, 4, 0x541a, BUF);
	SHOWS("ioctl(4, TIOCSETD, [38]) = 0", 0, 4, 0x5423, BUF);
	SHOWS("ioctl(4, TIOCGETD, [38]) = 0", 0, 4, 0x5424, BUF);
	SHOWS("ioctl(4, TIOCCONS) = 0", 0, 4, 0x541d);
	SHOWS("ioctl(4, TIOCSBRK) = 0", 0, 4, 0x5427);
	SHOWS("ioctl(4, TIOCCBRK) = 0", 0, 4, 0x5428);
	SHOWS("ioctl(4, TIOCVHANGUP) = 0", 0, 4, 0x5437);
}

static void windows_have_a_size(void **state)
{
	const uint16_t size[4] = { 24, 80, 1, 2 };

	(void)state;
	fake_poke(&fake, BUF, size, sizeof(size));
#define SIZE "{ws_row=24, ws_col=80, ws_xpixel=1, ws_ypixel=2}"
	SHOWS("ioctl(4, TIOCGWINSZ, " SIZE ") = 0", 0, 4, 0x5413, BUF);
	SHOWS("ioctl(4, TIOCSWINSZ, " SIZE ") = 0", 0, 4, 0x5414, BUF);
}

static void pseudo_terminals_are_made(void **state)
{
	(void)state;
	poke_int(3);
	SHOWS("ioctl(3, TIOCGPTN, [3]) = 0", 0, 3, 0x80045430, BUF);
	SHOWS("ioctl(3, TIOCSPTLCK, [3]) = 0", 0, 3, 0x40045431, BUF);
	SHOWS("ioctl(3, TIOCGPTLCK, 0x10000) = 0", 0, 3, 0x80045439, BUF);
	SHOWS("ioctl(3, TIOCPKT, [3]) = 0", 0, 3, 0x5420, BUF);
	SHOWS("ioctl(3, TIOCGPKT, 0x10000) = 0", 0, 3, 0x80045438, BUF);
	SHOWS("ioctl(3, TIOCGPTPEER, 0x102) = 4", 4, 3, 0x5441, 0x102);
	SHOWS("ioctl(3, TIOCSIG, 0x9) = 0", 0, 3, 0x40045436, 9);
}

static void pseudo_terminals_say_more_in_the_default_face(void **state)
{
	(void)state;
	poke_int(1);
	fake_fd(&fake, 4, FD_PTY, "/dev/pts/0");
	SHOWS("ioctl(3, TIOCGPTLCK, [1]) = 0", 0, 3, 0x80045439, BUF);
	SHOWS("ioctl(3, TIOCGPKT, [1]) = 0", 0, 3, 0x80045438, BUF);
	SHOWS("ioctl(3, TIOCGPTPEER, O_RDWR|O_NOCTTY) = 4</dev/pts/0>", 4, 3, 0x5441, 0402);
	SHOWS("ioctl(3, TIOCSIG, SIGKILL) = 0", 0, 3, 0x40045436, 9);
	SHOWS("ioctl(3, FICLONE, 5) = 0", 0, 3, 0x40049409, 5);
}

#define FLAGS                                                                                      \
	"c_iflag=ICRNL|IXON, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|OPOST|ONLCR, "                       \
	"c_cflag=B38400|CS8|CREAD, c_lflag=ISIG|ICANON|ECHO|IEXTEN|ECHOCTL"

static const uint32_t settings[11] = {
	02400, 05, 0277, 0101013, 0x1c0300, 0, 0, 0, 0, 38400, 9600
};

static void settings_of_terminals_are_abbreviated(void **state)
{
	static const struct {
		uint32_t request;
		const char *name;
	} requests[] = {
		{ 0x5401, "TCGETS" },
		{ 0x5402, "SNDCTL_TMR_START or TCSETS" },
		{ 0x5403, "SNDCTL_TMR_STOP or TCSETSW" },
		{ 0x5404, "SNDCTL_TMR_CONTINUE or TCSETSF" },
		{ 0x5456, "TIOCGLCKTRMIOS" },
		{ 0x5457, "TIOCSLCKTRMIOS" },
		{ 0x802c542a, "TCGETS2" },
		{ 0x402c542b, "TCSETS2" },
		{ 0x402c542c, "TCSETSW2" },
		{ 0x402c542d, "TCSETSF2" },
	};
	char text[512];

	(void)state;
	fake_poke(&fake, BUF, settings, sizeof(settings));
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		snprintf(text, sizeof(text), "ioctl(4, %s, {" FLAGS ", ...}) = 0",
			 requests[i].name);
		SHOWS(text, 0, 4, requests[i].request, BUF);
	}
}

static void settings_of_old_have_16_bits(void **state)
{
	static const uint16_t termio[9] = { 02400, 05, 0277, 0101013 };
	static const char *const names[] = { "TCGETA", "TCSETA", "TCSETAW", "TCSETAF" };
	char text[512];

	(void)state;
	fake_poke(&fake, BUF, termio, sizeof(termio));
	for (unsigned i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "ioctl(4, %s, {" FLAGS ", ...}) = 0", names[i]);
		SHOWS(text, 0, 4, 0x5405 + i, BUF);
	}
}

static void settings_are_whole_with_verbosity(void **state)
{
	(void)state;
	fake_poke(&fake, BUF, settings, sizeof(settings));
	SHOWS("ioctl(4, TCGETS2, {" FLAGS
	      ", c_line=N_TTY, c_cc=[[VINTR]=0x3, [VQUIT]=0x1c, [VERASE]=0, [VKILL]=0, [VEOF]=0, "
	      "[VTIME]=0, [VMIN]=0, [VSWTC]=0, [VSTART]=0, [VSTOP]=0, [VSUSP]=0, [VEOL]=0, "
	      "[VREPRINT]=0, [VDISCARD]=0, [VWERASE]=0, [VLNEXT]=0, [VEOL2]=0, [17]=0, [18]=0], "
	      "c_ispeed=38400, c_ospeed=9600}) = 0",
	      0, 4, 0x802c542a, BUF);
}

static void settings_without_flags_are_empty_under_strace_only(void **state)
{
	static const uint32_t none[9];

	(void)state;
	fake_poke(&fake, BUF, none, sizeof(none));
	SHOWS("ioctl(4, TCGETS, {c_iflag=, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|, c_cflag=B0|CS5|, "
	      "c_lflag=, ...}) = 0",
	      0, 4, 0x5401, BUF);
	fake_finish(&fake);
	fake_init(&fake, false);
	fake_poke(&fake, BUF, none, sizeof(none));
	SHOWS("ioctl(4, TCSETS, {c_iflag=0, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0, c_cflag=B0|CS5, "
	      "c_lflag=0, ...}) = 0",
	      0, 4, 0x5402, BUF);
}

static void settings_show_input_speed_and_unknown_bits(void **state)
{
	static const uint32_t all[9] = { -1u, -1u, -1u, -1u, -1u };

	(void)state;
	fake_poke(&fake, BUF, all, sizeof(all));
	SHOWS("ioctl(4, TCGETS, {c_iflag=IGNBRK|BRKINT|IGNPAR|PARMRK|INPCK|ISTRIP|INLCR|IGNCR|ICRNL"
	      "|IUCLC|IXON|IXANY|IXOFF|IMAXBEL|IUTF8|0xffff8000, c_oflag=NL1|CR3|XTABS|BS1|VT1|FF1"
	      "|OPOST|OLCUC|ONLCR|OCRNL|ONOCR|ONLRET|OFILL|OFDEL|0xffff0000, c_cflag=B4000000"
	      "|B4000000<<IBSHIFT|CS8|CSTOPB|CREAD|PARENB|PARODD|HUPCL|CLOCAL|CMSPAR|CRTSCTS"
	      "|0x2ff0e000, c_lflag=ISIG|ICANON|XCASE|ECHO|ECHOE|ECHOK|ECHONL|NOFLSH|IEXTEN|ECHOCTL"
	      "|ECHOPRT|ECHOKE|FLUSHO|PENDIN|TOSTOP|EXTPROC|0xfffe2000, ...}) = 0",
	      0, 4, 0x5401, BUF);
}

static void namespaces_are_asked_for(void **state)
{
	(void)state;
	poke_int(5);
	SHOWS("ioctl(7, NS_GET_USERNS) = 8", 8, 7, 0xb701, 0);
	SHOWS("ioctl(7, NS_GET_PARENT) = -1 EINVAL", -EINVAL, 7, 0xb702, 0);
	SHOWS("ioctl(7, NS_GET_NSTYPE) = 1073741824 (CLONE_NEWNET)", 0x40000000, 7, 0xb703, 0);
	SHOWS("ioctl(7, NS_GET_OWNER_UID, [5]) = 0", 0, 7, 0xb704, BUF);
	SHOWS("ioctl(7, NS_GET_PID_IN_PIDNS, 0x5) = 9", 9, 7, 0x8004b708, 5);
}

static void process_descriptors_tell_about_their_process(void **state)
{
	const uint32_t info[16] = { 3, 0, 0, 0, 77, 77, 1, 5, 6, 7, 8, 9, 10, 11, 12, 0 };

	(void)state;
	fake_poke(&fake, BUF, info, sizeof(info));
	SHOWS("ioctl(9, PIDFD_GET_MNT_NAMESPACE) = 11", 11, 9, 0xff03, 0);
	SHOWS("ioctl(9, PIDFD_GET_INFO, {mask=PIDFD_INFO_PID|PIDFD_INFO_CREDS, cgroupid=0, pid=77, "
	      "tgid=77, ppid=1, ruid=5, rgid=6, euid=7, egid=8, suid=9, sgid=10, fsuid=11, "
	      "fsgid=12, exit_code=0}) = 0",
	      0, 9, 0xc040ff0b, BUF);
	SHOWS("ioctl(7, NS_GET_PID_FROM_PIDNS, 5) = 9", 9, 7, 0x8004b706, 5);
	SHOWS("ioctl(7, NS_GET_TGID_FROM_PIDNS, 5) = 9", 9, 7, 0x8004b707, 5);
	SHOWS("ioctl(7, NS_GET_TGID_IN_PIDNS, 5) = 9", 9, 7, 0x8004b709, 5);
	SHOWS("ioctl(7, NS_GET_MNTNS_ID, [3]) = 0", 0, 7, 0x8008b705, BUF);
}

#define STRACE(test)  cmocka_unit_test_setup_teardown(test, start_strace, stop)
#define VERBOSE(test) cmocka_unit_test_setup_teardown(test, start_verbose, stop)
#define DEFAULT(test) cmocka_unit_test_setup_teardown(test, start_default, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STRACE(unknown_requests_are_taken_apart),
		STRACE(named_requests_without_a_shape_show_their_argument),
		STRACE(requests_to_any_descriptor),
		STRACE(requests_to_sockets),
		STRACE(requests_to_terminals),
		STRACE(windows_have_a_size),
		STRACE(pseudo_terminals_are_made),
		DEFAULT(pseudo_terminals_say_more_in_the_default_face),
		STRACE(settings_of_terminals_are_abbreviated),
		STRACE(settings_of_old_have_16_bits),
		VERBOSE(settings_are_whole_with_verbosity),
		STRACE(settings_without_flags_are_empty_under_strace_only),
		STRACE(settings_show_input_speed_and_unknown_bits),
		STRACE(namespaces_are_asked_for),
		DEFAULT(process_descriptors_tell_about_their_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
