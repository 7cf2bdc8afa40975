/* State of objects at a stop. */
#include "capture/facts_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "capture/facts_fd.h"

int facts_ipc_ask_pipe(struct tracee *tracee, struct event *ev, int fd)
{
	int own = facts_fd_borrow(tracee, fd);
	int used = 0, capacity, err = 0;
	struct fact *fact;

	if (own < 0)
		return own;
	capacity = fcntl(own, F_GETPIPE_SZ);
	if (capacity < 0 || ioctl(own, FIONREAD, &used) < 0)
		err = -errno;
	close(own);
	if (err < 0)
		return err;
	fact = event_add_fact(ev, FACT_PIPE, fd, NULL, 0);
	fact->value[0] = used;
	fact->value[1] = capacity;
	return 0;
}
