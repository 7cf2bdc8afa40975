/* Sockets: addresses, options, messages, control messages, netlink. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/fake.h"

enum {
	ADDR = 0x1000,
	ADDR_LEN = 0x2000,
	DATA = 0x3000,
	IOV = 0x4000,
	MSG = 0x5000,
	CONTROL = 0x6000,
	VALUE = 0x7000,
	MISS = 8
};

/* fake: strace's text; own: the default face. */
static struct fake fake, own;

static int set_up(void **state)
{
	(void)state;
	fake_init(&fake, true);
	fake_init(&own, false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_finish(&fake);
	fake_finish(&own);
	return 0;
}

static const char *bound(const void *address, size_t len)
{
	fake_finish(&fake);
	fake_init(&fake, true);
	fake_poke(&fake, ADDR, address, len);
	return FAKE_CALL(&fake, "bind", 0, 3, ADDR, len);
}

static void sockets_are_made_with_names(void **state)
{
	int32_t pair[2] = { 3, 4 };

	(void)state;
	fake_poke(&fake, VALUE, pair, sizeof(pair));
	fake_poke(&own, VALUE, pair, sizeof(pair));
	fake_fd(&own, 3, FD_UNIX, "socket:[77]");
	assert_string_equal(FAKE_CALL(&fake, "socket", 3, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 6),
			    "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3");
	assert_string_equal(FAKE_CALL(&fake, "socket", 3, AF_NETLINK, SOCK_RAW, 15),
			    "socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT) = 3");
	assert_string_equal(FAKE_CALL(&fake, "socket", 3, AF_PACKET, SOCK_RAW, htons(3)),
			    "socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) = 3");
	assert_string_equal(FAKE_CALL(&fake, "socket", -97, 9999, 0x63, 7),
			    "socket(0x270f /* AF_??? */, SOCK_RAW|0x60 /* SOCK_??? */, 7) = -1 "
			    "EAFNOSUPPORT");
	assert_string_equal(FAKE_CALL(&fake, "socketpair", 0, AF_UNIX, SOCK_DGRAM, 0, VALUE),
			    "socketpair(AF_UNIX, SOCK_DGRAM, 0, [3, 4]) = 0");
	assert_string_equal(FAKE_CALL(&own, "socketpair", 0, AF_UNIX, SOCK_DGRAM, 0, VALUE),
			    "socketpair(AF_UNIX, SOCK_DGRAM, 0, [3<socket:[77]>, 4]) = 0");
}

static void unix_addresses_are_paths_abstract_or_unnamed(void **state)
{
	struct sockaddr_un un = { AF_UNIX, "/tmp/s" };

	(void)state;
	assert_string_equal(bound(&un, sizeof(un)),
			    "bind(3, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0");
	assert_string_equal(bound(&un, 2), "bind(3, {sa_family=AF_UNIX}, 2) = 0");
	assert_string_equal(bound(&un, 1), "bind(3, 0x1000, 1) = 0");
	memcpy(un.sun_path, "\0a\1b", 4);
	assert_string_equal(bound(&un, 6),
			    "bind(3, {sa_family=AF_UNIX, sun_path=@\"a\\1b\"}, 6) = 0");
	memset(un.sun_path, 'x', sizeof(un.sun_path));
	assert_non_null(strstr(bound(&un, sizeof(un)), "xxxx\"}, 110) = 0"));
}

static void internet_addresses_are_written_as_programs_write_them(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(53),
				    .sin6_scope_id = 1 };

	(void)state;
	in.sin_addr.s_addr = htonl(0x7f000001);
	in6.sin6_addr.s6_addr[15] = 1;
	assert_string_equal(bound(&in, sizeof(in)),
			    "bind(3, {sa_family=AF_INET, sin_port=htons(80), "
			    "sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 0");
	assert_string_equal(bound(&in, 8),
			    "bind(3, {sa_family=AF_INET, sa_data=\"\\0P\\177\\0\\0\\1\"}, 8) = 0");
	assert_string_equal(bound(&in6, sizeof(in6)),
			    "bind(3, {sa_family=AF_INET6, sin6_port=htons(53), "
			    "sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", &sin6_addr), "
			    "sin6_scope_id=1}, 28) = 0");
	memcpy(in6.sin6_addr.s6_addr, "\xfe\x80", 2);
	assert_non_null(strstr(bound(&in6, sizeof(in6)), "sin6_scope_id=if_nametoindex(\"lo\")}"));
}

static void other_addresses_are_decoded_or_raw(void **state)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = 12, .nl_groups = 0x111 };
	struct sockaddr_vm vm = { .svm_family = AF_VSOCK, .svm_port = 99, .svm_cid = 2 };
	uint8_t packet[20] = { 17, 0, 0, 3, 1, 0, 0, 0, 1, 0, 4, 6, 1, 2, 3, 4, 5, 0 };
	uint8_t raw[6] = { 99, 0, 'a', 'b', 1, 2 };

	(void)state;
	assert_string_equal(bound(&nl, sizeof(nl)),
			    "bind(3, {sa_family=AF_NETLINK, nl_pid=12, nl_groups=0x000111}, 12) = "
			    "0");
	assert_string_equal(bound(&vm, sizeof(vm)),
			    "bind(3, {sa_family=AF_VSOCK, svm_cid=VMADDR_CID_HOST, svm_port=0x63, "
			    "svm_flags=0}, 16) = 0");
	assert_string_equal(bound(packet, sizeof(packet)),
			    "bind(3, {sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), "
			    "sll_ifindex=if_nametoindex(\"lo\"), sll_hatype=ARPHRD_ETHER, "
			    "sll_pkttype=PACKET_OUTGOING, sll_halen=6, sll_addr=[0x1, 0x2, 0x3, "
			    "0x4, 0x5, 00]}, 20) = 0");
	assert_string_equal(bound(raw, sizeof(raw)),
			    "bind(3, {sa_family=0x63 /* AF_??? */, sa_data=\"ab\\1\\2\"}, 6) = 0");
	assert_string_equal(FAKE_CALL(&fake, "connect", -14, 3, MISS, 110),
			    "connect(3, 0x8, 110) = -1 EFAULT");
}

static void an_address_that_is_stored_is_cut_at_the_room_there_was(void **state)
{
	struct sockaddr_un un = { AF_UNIX, "/tmp/s" };
	uint32_t room = 5, len = 9;

	(void)state;
	fake_poke(&fake, ADDR, &un, sizeof(un));
	fake_poke(&fake, ADDR_LEN, &room, 4);
	fake_enter(&fake, "getsockname", (const uint64_t[6]){ 3, ADDR, ADDR_LEN });
	fake_poke(&fake, ADDR_LEN, &len, 4);
	assert_string_equal(fake_exit(&fake, 0),
			    "getsockname(3, {sa_family=AF_UNIX, sun_path=\"/tm\"}, [5 => 9]) = 0");
	assert_string_equal(FAKE_CALL(&fake, "getpeername", -9, 99, ADDR, ADDR_LEN),
			    "getpeername(99, 0x1000, [9]) = -1 EBADF");
	assert_string_equal(FAKE_CALL(&fake, "accept4", 4, 3, 0, 0, SOCK_CLOEXEC),
			    "accept4(3, NULL, NULL, SOCK_CLOEXEC) = 4");
}

static void only_what_was_received_is_shown(void **state)
{
	(void)state;
	fake_poke(&fake, DATA, "hello, world", 12);
	assert_string_equal(FAKE_CALL(&fake, "recvfrom", 5, 3, DATA, 64, 0x40, 0, 0),
			    "recvfrom(3, \"hello\", 64, MSG_DONTWAIT, NULL, NULL) = 5");
	assert_string_equal(FAKE_CALL(&fake, "recvfrom", 12, 3, DATA, 3, 0x20, 0, 0),
			    "recvfrom(3, \"hel\", 3, MSG_TRUNC, NULL, NULL) = 12");
	assert_string_equal(FAKE_CALL(&fake, "recvfrom", -11, 3, DATA, 64, 0, 0, 0),
			    "recvfrom(3, 0x3000, 64, 0, NULL, NULL) = -1 EAGAIN");
	assert_string_equal(FAKE_CALL(&fake, "sendto", 5, 3, DATA, 5, 0x4000, 0, 0),
			    "sendto(3, \"hello\", 5, MSG_NOSIGNAL, NULL, 0) = 5");
}

/* struct msghdr of a 64-bit program over one buffer of 64 bytes at DATA. */
static void poke_message(struct fake *f, uint32_t namelen, uint64_t controllen)
{
	uint64_t iov[2] = { DATA, 64 };
	uint64_t header[7] = { ADDR, namelen, IOV, 1, CONTROL, controllen, 0 };

	fake_poke(f, IOV, iov, sizeof(iov));
	fake_poke(f, MSG, header, sizeof(header));
}

static void a_received_message_shows_descriptors_and_credentials(void **state)
{
	uint64_t control[8] = { 24, 1ull << 32 | 1, 8ull << 32 | 7, 28, 2ull << 32 | 1, 42, 0 };

	(void)state;
	fake_poke(&fake, DATA, "abc", 3);
	fake_poke(&fake, CONTROL, control, 56);
	poke_message(&fake, 110, 200);
	fake_enter(&fake, "recvmsg", (const uint64_t[6]){ 3, MSG, 0 });
	poke_message(&fake, 0, 56);
	assert_string_equal(
		fake_exit(&fake, 3),
		"recvmsg(3, {msg_name=0x1000, msg_namelen=110 => 0, msg_iov=[{iov_base=\"abc\", "
		"iov_len=64}], msg_iovlen=1, msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, "
		"cmsg_type=SCM_RIGHTS, cmsg_data=[7, 8]}, {cmsg_len=28, cmsg_level=SOL_SOCKET, "
		"cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=42, uid=0, gid=0}}], "
		"msg_controllen=56, msg_flags=0}, 0) = 3");
	assert_string_equal(FAKE_CALL(&fake, "recvmsg", -11, 3, MSG, 0),
			    "recvmsg(3, {msg_namelen=0}, 0) = -1 EAGAIN");
	assert_string_equal(FAKE_CALL(&fake, "recvmsg", -14, 3, MISS, 0),
			    "recvmsg(3, 0x8, 0) = -1 EFAULT");
}

static void passed_descriptors_say_what_they_are(void **state)
{
	uint64_t control[3] = { 20, 1ull << 32 | 1, 7 };
	uint64_t iov[2] = { DATA, 3 };
	uint64_t header[7] = { 0, 0, IOV, 1, CONTROL, 24, 0 };

	(void)state;
	fake_poke(&own, DATA, "abc", 3);
	fake_poke(&own, IOV, iov, sizeof(iov));
	fake_poke(&own, MSG, header, sizeof(header));
	fake_poke(&own, CONTROL, control, sizeof(control));
	fake_fd(&own, 7, FD_PIPE, "pipe:[99]");
	assert_string_equal(FAKE_CALL(&own, "sendmsg", 3, 3, MSG, 0),
			    "sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abc\", "
			    "iov_len=3}], msg_iovlen=1, msg_control=[{cmsg_len=20, "
			    "cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, "
			    "cmsg_data=[7<pipe:[99]>]}], msg_controllen=24, msg_flags=0}, 0) = 3");
}

static void control_messages_that_lie_about_their_length_end_the_list(void **state)
{
	uint64_t shorter[4] = { 5, 1ull << 32 | 1, 7, 0 };
	uint64_t longer[4] = { 1ull << 40, 1ull << 32 | 1, 7, 0 };

	(void)state;
	poke_message(&fake, 0, 32);
	fake_poke(&fake, CONTROL, shorter, sizeof(shorter));
	assert_non_null(strstr(FAKE_CALL(&fake, "recvmsg", 0, 3, MSG, 0),
			       "msg_control=[{cmsg_len=5, cmsg_level=SOL_SOCKET, "
			       "cmsg_type=SCM_RIGHTS}, ... /* 0x6010 */], msg_controllen=32"));
	fake_poke(&fake, CONTROL, longer, sizeof(longer));
	assert_non_null(strstr(FAKE_CALL(&fake, "recvmsg", 0, 3, MSG, 0),
			       "msg_control=[{cmsg_len=1099511627776, cmsg_level=SOL_SOCKET, "
			       "cmsg_type=SCM_RIGHTS, cmsg_data=[7, 0, 0, 0]}], "));
	poke_message(&fake, 0, 1ull << 40);
	assert_non_null(strstr(FAKE_CALL(&fake, "recvmsg", 0, 3, MSG, 0),
			       "msg_control=0x6000, msg_controllen=1099511627776"));
}

static void several_messages_show_how_long_each_was(void **state)
{
	uint64_t iov[2] = { DATA, 64 }, time[2] = { 1, 5 };
	uint64_t messages[16] = { 0, 0, IOV, 1, 0, 0, 0, 3, 0, 0, IOV, 1, 0, 0, 0, 1 };

	(void)state;
	fake_poke(&fake, DATA, "abc", 3);
	fake_poke(&fake, IOV, iov, sizeof(iov));
	fake_poke(&fake, MSG, messages, sizeof(messages));
	fake_poke(&fake, VALUE, time, sizeof(time));
	assert_string_equal(FAKE_CALL(&fake, "recvmmsg", 1, 3, MSG, 2, 0x10000, VALUE),
			    "recvmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, "
			    "msg_iov=[{iov_base=\"abc\", iov_len=64}], msg_iovlen=1, "
			    "msg_controllen=0, msg_flags=0}, msg_len=3}], 2, MSG_WAITFORONE, "
			    "{tv_sec=1, tv_nsec=5}) = 1 (left {tv_sec=1, tv_nsec=5})");
	assert_string_equal(FAKE_CALL(&fake, "recvmmsg", -11, 3, MSG, 0xffffffff, 0, 0),
			    "recvmmsg(3, 0x5000, 4294967295, 0, NULL) = -1 EAGAIN");
	assert_string_equal(FAKE_CALL(&fake, "sendmmsg", -14, 3, MISS, 2, 0),
			    "sendmmsg(3, 0x8, 2, 0) = -1 EFAULT");
}

static void options_have_names_and_values_by_level(void **state)
{
	uint32_t one = 1, linger[2] = { 1, 5 }, eight = 8, twelve = 12, four = 4;
	uint32_t credentials[3] = { 42, 0, 0 };

	(void)state;
	fake_poke(&fake, VALUE, &one, sizeof(one));
	fake_poke(&fake, DATA, linger, sizeof(linger));
	fake_poke(&fake, ADDR_LEN, &eight, 4);
	fake_poke(&fake, ADDR, credentials, sizeof(credentials));
	fake_poke(&fake, IOV, &twelve, 4);
	fake_poke(&fake, MSG, &four, 4);
	assert_string_equal(FAKE_CALL(&fake, "setsockopt", 0, 3, 1, 16, VALUE, 4),
			    "setsockopt(3, SOL_SOCKET, SO_PASSCRED, [1], 4) = 0");
	assert_string_equal(FAKE_CALL(&fake, "setsockopt", 0, 3, 6, 1, VALUE, 4),
			    "setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0");
	assert_string_equal(FAKE_CALL(&fake, "setsockopt", 0, 3, 1, 13, DATA, 8),
			    "setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8) = 0");
	assert_string_equal(FAKE_CALL(&fake, "setsockopt", -22, 3, 1, 13, DATA, (uint32_t)-1),
			    "setsockopt(3, SOL_SOCKET, SO_LINGER, 0x3000, -1) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "getsockopt", 0, 3, 1, 17, ADDR, IOV),
			    "getsockopt(3, SOL_SOCKET, SO_PEERCRED, {pid=42, uid=0, gid=0}, [12]) "
			    "= 0");
	assert_string_equal(FAKE_CALL(&fake, "getsockopt", 0, 3, 1, 77, VALUE, MSG),
			    "getsockopt(3, SOL_SOCKET, SO_PEERPIDFD, [1], [4]) = 0");
	assert_string_equal(FAKE_CALL(&fake, "getsockopt", -92, 3, 999, 5, VALUE, MSG),
			    "getsockopt(3, 0x3e7 /* SOL_?? */, 5, 0x7000, [4]) = -1 ENOPROTOOPT");
}

static void the_default_face_decodes_more_options(void **state)
{
	uint64_t time[2] = { 1, 0 };
	uint32_t sixteen = 16, error = 111, four = 4;

	(void)state;
	fake_poke(&fake, VALUE, time, sizeof(time));
	fake_poke(&own, VALUE, time, sizeof(time));
	fake_poke(&own, DATA, &error, 4);
	fake_poke(&own, ADDR_LEN, &four, 4);
	fake_poke(&own, MSG, &sixteen, 4);
	assert_string_equal(FAKE_CALL(&fake, "setsockopt", 0, 3, 1, 20, VALUE, 16),
			    "setsockopt(3, SOL_SOCKET, SO_RCVTIMEO_OLD, "
			    "\"\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\", 16) = 0");
	assert_string_equal(FAKE_CALL(&own, "setsockopt", 0, 3, 1, 20, VALUE, 16),
			    "setsockopt(3, SOL_SOCKET, SO_RCVTIMEO_OLD, {tv_sec=1, tv_usec=0}, "
			    "16) = 0");
	assert_string_equal(FAKE_CALL(&own, "getsockopt", 0, 3, 1, 4, DATA, ADDR_LEN),
			    "getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0");
}

static void netlink_messages_are_shown_on_netlink_sockets_only(void **state)
{
	struct nlmsghdr request[2] = { { 20, 18, 0x301, 1, 0 } };
	uint32_t answer[9] = { 36, 0x2, 7, 9, (uint32_t)-2, 20, 18 | 1 << 16, 7, 9 };

	(void)state;
	fake_fd(&fake, 3, FD_NETLINK, "socket:[5]");
	fake_fd(&fake, 4, FD_UNIX, "socket:[6]");
	fake_poke(&fake, DATA, request, 20);
	fake_poke(&fake, VALUE, answer, sizeof(answer));
	assert_string_equal(FAKE_CALL(&fake, "sendto", 20, 3, DATA, 20, 0, 0, 0),
			    "sendto(3, [{nlmsg_len=20, nlmsg_type=RTM_GETLINK, "
			    "nlmsg_flags=NLM_F_REQUEST|NLM_F_DUMP, nlmsg_seq=1, nlmsg_pid=0}, "
			    "\"\\x00\\x00\\x00\\x00\"], 20, 0, NULL, 0) = 20");
	assert_non_null(strstr(FAKE_CALL(&fake, "sendto", 20, 4, DATA, 20, 0, 0, 0),
			       "sendto(4, \"\\24\\0\\0\\0\\22\\0"));
	assert_string_equal(FAKE_CALL(&fake, "recvfrom", 36, 3, VALUE, 36, 0, 0, 0),
			    "recvfrom(3, [{nlmsg_len=36, nlmsg_type=NLMSG_ERROR, nlmsg_flags=0, "
			    "nlmsg_seq=7, nlmsg_pid=9}, {error=-ENOENT, msg={nlmsg_len=20, "
			    "nlmsg_type=RTM_GETLINK, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=7, "
			    "nlmsg_pid=9}}], 36, 0, NULL, NULL) = 36");
}

static void socketcall_is_the_call_that_it_stands_for(void **state)
{
	uint32_t arguments[6] = { 3, DATA, 5, 0x4000 };

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, DATA, "hello", 5);
	fake_poke(&fake, VALUE, arguments, sizeof(arguments));
	assert_string_equal(FAKE_CALL(&fake, "socketcall", 5, 9, VALUE),
			    "send(3, \"hello\", 5, MSG_NOSIGNAL) = 5");
	assert_string_equal(FAKE_CALL(&fake, "socketcall", -22, 99, VALUE),
			    "socketcall(99, 0x7000) = -1 EINVAL");
}

static void a_32_bit_message_header_has_no_gaps(void **state)
{
	uint32_t iov[2] = { DATA, 3 };
	uint32_t header[7] = { 0, 0, IOV, 1, CONTROL, 16, 0 };
	uint32_t control[4] = { 16, 1, 1, 7 };

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, DATA, "abc", 3);
	fake_poke(&fake, IOV, iov, sizeof(iov));
	fake_poke(&fake, MSG, header, sizeof(header));
	fake_poke(&fake, CONTROL, control, sizeof(control));
	assert_string_equal(FAKE_CALL(&fake, "sendmsg", 3, 3, MSG, 0),
			    "sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abc\", "
			    "iov_len=3}], msg_iovlen=1, msg_control=[{cmsg_len=16, "
			    "cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[7]}], "
			    "msg_controllen=16, msg_flags=0}, 0) = 3");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(sockets_are_made_with_names),
		CASE(unix_addresses_are_paths_abstract_or_unnamed),
		CASE(internet_addresses_are_written_as_programs_write_them),
		CASE(other_addresses_are_decoded_or_raw),
		CASE(an_address_that_is_stored_is_cut_at_the_room_there_was),
		CASE(only_what_was_received_is_shown),
		CASE(a_received_message_shows_descriptors_and_credentials),
		CASE(passed_descriptors_say_what_they_are),
		CASE(control_messages_that_lie_about_their_length_end_the_list),
		CASE(several_messages_show_how_long_each_was),
		CASE(options_have_names_and_values_by_level),
		CASE(the_default_face_decodes_more_options),
		CASE(netlink_messages_are_shown_on_netlink_sockets_only),
		CASE(socketcall_is_the_call_that_it_stands_for),
		CASE(a_32_bit_message_header_has_no_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
