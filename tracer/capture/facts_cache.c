#include "capture/facts_cache.h"

#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/facts_holders.h"
#include "capture/facts_info.h"
#include "capture/facts_socket.h"

void facts_cache_init(struct facts_cache *cache, struct tracee_table *tracees)
{
	memset(cache, 0, sizeof(*cache));
	cache->tracees = tracees;
	cache->anon.previous = cache->anon.next = &cache->anon;
	cache->diag_fd = -1;
	cache->locks_fd = -1;
	cache->ipc_ns_fd = -1;
}

void facts_cache_finish(struct facts_cache *cache)
{
	const int fds[] = { cache->diag_fd, cache->locks_fd, cache->ipc_ns_fd };

	for (unsigned i = 0; i < ARRAY_LEN(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	facts_holders_finish(cache);
	facts_info_finish(cache);
	facts_socket_finish(cache);
}
