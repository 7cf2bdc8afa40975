/* Netlink: a socket whose peer is the kernel. Here: ask for the interface lo, read the answer. */
#include "support/demo.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr header;
	struct ifinfomsg link;
};

static int make_socket(void)
{
	const struct sockaddr_nl own = { .nl_family =
						 AF_NETLINK }; /* nl_pid 0: as the kernel likes */
	int fd = check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));

	check(bind(fd, (const struct sockaddr *)&own, sizeof(own)));
	return fd;
}

static void ask(int fd, int index)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK }; /* nl_pid 0: the kernel */
	struct request request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETLINK,
			    .nlmsg_flags = NLM_F_REQUEST,
			    .nlmsg_seq = 1 },
		.link = { .ifi_family = AF_UNSPEC, .ifi_index = index },
	};

	check(sendto(fd, &request, sizeof(request), 0, (const struct sockaddr *)&kernel,
		     sizeof(kernel)));
}

/* Receive one answer; its length. */
static ssize_t receive(int fd, void *ret_answer, size_t size)
{
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t len = check(
		recvfrom(fd, ret_answer, size, MSG_TRUNC, (struct sockaddr *)&from, &from_len));

	expect((size_t)len <= size && NLMSG_OK((struct nlmsghdr *)ret_answer, len));
	expect(from.nl_pid == 0 && ((struct nlmsghdr *)ret_answer)->nlmsg_seq == 1);
	return len;
}

static void get_link(void)
{
	static struct nlmsghdr answer[1024];
	int fd = make_socket();
	struct ifinfomsg *link;
	struct rtattr *attribute;
	const char *name = NULL;
	int index;
	ssize_t len;

	index = if_nametoindex("lo");
	expect(index > 0);
	ask(fd, index);
	say("sent RTM_GETLINK for lo to the kernel");
	receive(fd, answer, sizeof(answer));
	expect(answer->nlmsg_type == RTM_NEWLINK);
	link = NLMSG_DATA(answer);
	len = IFLA_PAYLOAD(answer);
	for (attribute = IFLA_RTA(link); RTA_OK(attribute, len);
	     attribute = RTA_NEXT(attribute, len)) {
		if (attribute->rta_type == IFLA_IFNAME)
			name = RTA_DATA(attribute);
	}
	expect(name && !strcmp(name, "lo") && link->ifi_flags & IFF_LOOPBACK);
	say("received RTM_NEWLINK: %s, a loopback interface", name);
	check(close(fd));
}

static void error(void)
{
	static struct nlmsghdr answer[1024];
	int fd = make_socket();
	struct nlmsgerr *failure;

	ask(fd, 0x7fffffff);
	receive(fd, answer, sizeof(answer));
	failure = NLMSG_DATA(answer);
	expect(answer->nlmsg_type == NLMSG_ERROR && failure->error < 0);
	say("no such interface: NLMSG_ERROR, %s", strerror(-failure->error));
	check(close(fd));
}

static const struct variant variants[] = {
	{ NULL, get_link, "a request to the kernel and its answer" },
	{ "error", error, "a request that fails" },
	{ 0 },
};

static const struct demo demo = { 21, "netlink: a socket to the kernel", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
