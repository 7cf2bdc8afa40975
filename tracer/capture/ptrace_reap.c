#include "capture/ptrace_reap.h"

#include <sys/wait.h>
#include <time.h>

#include "base/array.h"

enum { NAP_NS = 2 * 1000 * 1000 };

static void take_all(struct reaper *reaper)
{
	int status;
	pid_t tid;

	while ((tid = wait4(-1, &status, __WALL | WNOHANG, NULL)) > 0) {
		reaper->taken = array_grow(reaper->taken, reaper->n_taken, &reaper->cap_taken,
					   sizeof(*reaper->taken));
		reaper->taken[reaper->n_taken++] =
			(struct wait_status){ .tid = tid, .status = status };
	}
}

static void *run(void *data)
{
	struct reaper *reaper = data;

	pthread_mutex_lock(&reaper->lock);
	while (!reaper->is_ending) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += NAP_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&reaper->ending, &reaper->lock, &until);
		take_all(reaper);
	}
	pthread_mutex_unlock(&reaper->lock);
	return NULL;
}

int reaper_start(struct reaper *reaper)
{
	int err;

	*reaper = (struct reaper){ .is_running = true };
	pthread_mutex_init(&reaper->lock, NULL);
	pthread_cond_init(&reaper->ending, NULL);
	err = pthread_create(&reaper->thread, NULL, run, reaper);
	if (err)
		reaper->is_running = false;
	return -err;
}

void reaper_end(struct reaper *reaper)
{
	if (!reaper->is_running)
		return;
	pthread_mutex_lock(&reaper->lock);
	reaper->is_ending = true;
	pthread_cond_signal(&reaper->ending);
	pthread_mutex_unlock(&reaper->lock);
	pthread_join(reaper->thread, NULL);
	pthread_mutex_destroy(&reaper->lock);
	pthread_cond_destroy(&reaper->ending);
	reaper->is_running = false;
}
