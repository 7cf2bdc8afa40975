#include "model/inherited.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/process.h"

enum { UNUSED_MAX = 4096 };

/* One descriptor at one execve: shared with children by fork, and by those that execute next. */
struct inherited {
	unsigned n_refs;
	bool is_used;
	struct inherited *before; /* the same at the execve before, or NULL */
	struct unused *unused;
	pid_t tgid;
	char comm[32];
	int fd;
	uint64_t exec_ns;
};

static struct unused *unused_get(struct inheritances *all, const struct holding *holding)
{
	struct unused_key key = { .object = holding->object->key,
				  .opened_ns = holding->opened_ns,
				  .opener = holding->opener,
				  .access = holding->access };
	struct unused *unused;

	HASH_FIND(hh, all->by_key, &key, sizeof(key), unused);
	if (unused)
		return unused;
	if (all->n == UNUSED_MAX) {
		all->n_left_out++;
		return NULL;
	}
	unused = calloc(1, sizeof(*unused));
	if (!unused)
		abort();
	unused->key = key;
	unused->object = holding->object;
	unused->call = holding->opened_by;
	unused->all = all;
	HASH_ADD(hh, all->by_key, key, sizeof(key), unused);
	all->n++;
	return unused;
}

static void unused_drop(struct unused *unused)
{
	if (--unused->n_refs || unused->n)
		return;
	HASH_DEL(unused->all->by_key, unused);
	unused->all->n--;
	free(unused);
}

void inherited_begin(struct inheritances *all, struct holding *holding, const char *comm,
		     uint64_t exec_ns)
{
	struct unused *unused = unused_get(all, holding);
	struct inherited *inherited;

	if (!unused)
		return;
	inherited = calloc(1, sizeof(*inherited));
	if (!inherited)
		abort();
	*inherited = (struct inherited){ .n_refs = 1,
					 .before = holding->inherited,
					 .unused = unused,
					 .tgid = holding->process->tgid,
					 .fd = holding->fd,
					 .exec_ns = exec_ns };
	snprintf(inherited->comm, sizeof(inherited->comm), "%s", comm);
	unused->n_refs++;
	holding->inherited = inherited;
}

void inherited_use(struct inherited *inherited)
{
	for (; inherited && !inherited->is_used; inherited = inherited->before)
		inherited->is_used = true;
}

struct inherited *inherited_share(struct inherited *inherited)
{
	if (inherited)
		inherited->n_refs++;
	return inherited;
}

/* It was never used, and will not be. */
static void note_unused(const struct inherited *inherited)
{
	struct unused *unused = inherited->unused;

	unused->n++;
	if (unused->n > 1 && unused->exec_ns <= inherited->exec_ns)
		return;
	unused->tgid = inherited->tgid;
	unused->fd = inherited->fd;
	unused->exec_ns = inherited->exec_ns;
	memcpy(unused->comm, inherited->comm, sizeof(unused->comm));
}

void inherited_drop(struct inherited *inherited)
{
	while (inherited && !--inherited->n_refs) {
		struct inherited *before = inherited->before;

		if (!inherited->is_used)
			note_unused(inherited);
		unused_drop(inherited->unused);
		free(inherited);
		inherited = before;
	}
}

void inheritances_finish(struct inheritances *all)
{
	struct unused *unused, *next;

	HASH_ITER (hh, all->by_key, unused, next) {
		HASH_DEL(all->by_key, unused);
		free(unused);
	}
}
