/*
 * fuse_server MOUNTPOINT: a file system with one file, "file", of 64 KiB. Names and attributes are
 * answered, and expire at once; whoever reads it waits for ever, whoever writes gets EIO. Prints
 * "ready"; ends, and with it all waits for it, when standard input does. Status 77: it may not mount.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SKIPPED = 77, FILE_NODE = 2, FILE_LEN = 65536, REQUEST_MAX = 1 << 18 };

static int device;

static void answer(const struct fuse_in_header *in, int error, const void *data, size_t len)
{
	struct fuse_out_header out = { .len = (uint32_t)(sizeof(out) + (error ? 0 : len)),
				       .error = -error,
				       .unique = in->unique };
	struct iovec parts[2] = { { &out, sizeof(out) }, { (void *)data, error ? 0 : len } };

	/* ENOENT: nobody waits for it any more. */
	if (writev(device, parts, 2) < 0 && errno != ENOENT)
		warn("cannot answer");
}

static struct fuse_attr attributes(uint64_t node)
{
	struct fuse_attr attr = { .ino = node, .nlink = 1, .blksize = 4096 };

	attr.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0644;
	attr.size = node == FUSE_ROOT_ID ? 0 : FILE_LEN;
	return attr;
}

static void look_up(const struct fuse_in_header *in, const char *name)
{
	struct fuse_entry_out entry = { .nodeid = FILE_NODE, .attr = attributes(FILE_NODE) };

	answer(in, strcmp(name, "file") ? ENOENT : 0, &entry, sizeof(entry));
}

static void begin(const struct fuse_in_header *in)
{
	/* As libfuse does: who waits for a page can be killed. */
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION,
				     .minor = 31,
				     .max_readahead = 65536,
				     .max_write = 65536,
				     .flags = FUSE_ASYNC_READ };

	answer(in, 0, &out, sizeof(out));
}

static void serve(const struct fuse_in_header *in, const char *data)
{
	struct fuse_attr_out attr = { .attr = attributes(in->nodeid) };
	/* Else the next open would wait for pages that are never read. */
	struct fuse_open_out opened = { .fh = 1, .open_flags = FOPEN_KEEP_CACHE };

	switch (in->opcode) {
	case FUSE_INIT:
		begin(in);
		break;
	case FUSE_LOOKUP:
		look_up(in, data);
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		answer(in, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		answer(in, 0, &opened, sizeof(opened));
		break;
	case FUSE_WRITE:
		answer(in, EIO, NULL, 0);
		break;
	case FUSE_READ:
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	case FUSE_RELEASE:
	case FUSE_FLUSH:
		answer(in, 0, NULL, 0);
		break;
	default:
		answer(in, ENOSYS, NULL, 0);
	}
}

/* Until standard input ends. */
static void serve_all(void)
{
	static char request[REQUEST_MAX] __attribute__((aligned(8)));
	struct pollfd fds[2] = { { STDIN_FILENO, POLLIN, 0 }, { device, POLLIN, 0 } };
	char byte;

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents && read(STDIN_FILENO, &byte, 1) <= 0)
			return;
		if (fds[1].revents && read(device, request, sizeof(request)) > 0)
			serve((struct fuse_in_header *)(void *)request,
			      request + sizeof(struct fuse_in_header));
	}
}

int main(int argc, char **argv)
{
	char options[80];

	if (argc != 2)
		errx(1, "usage: fuse_server MOUNTPOINT");
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (device < 0) {
		warn("/dev/fuse");
		return SKIPPED;
	}
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
	if (mount("test", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		warn("mount");
		return SKIPPED;
	}
	puts("ready");
	fflush(stdout);
	serve_all();
	if (umount2(argv[1], MNT_DETACH) < 0)
		err(1, "umount2");
	return 0;
}
