#ifndef CAPTURE_FACTS_FILE_H
#define CAPTURE_FACTS_FILE_H

#include <sys/stat.h>

#include "capture/facts_cache.h"
#include "event/event.h"
#include "event/mem.h"

/* Answer FACT_FILE: size, seals and link count, without touching the file. 0 or -errno. */
int facts_file_ask(struct tracee *tracee, struct event *ev, int fd);

/* Answer FACT_QUEUED: 0, or -ENOTTY for what has no such count. */
int facts_file_ask_queued(struct tracee *tracee, struct event *ev, int fd);

/*
 * Answer FACT_MQ_NAME: is there a POSIX queue of the name in argument arg? 0; -EACCES if there is
 * one which we may not look at; -errno.
 */
int facts_file_ask_mq_name(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
			   const struct mem *mem, int arg);

/* The file behind the name of a POSIX queue in our namespace. 0 or -errno. */
int facts_file_find_queue(const char *name, struct stat *ret_st);

#endif
