#ifndef CAPTURE_REPLAY_H
#define CAPTURE_REPLAY_H

#include "capture/capture.h"
#include "capture/own_calls.h"
#include "event/trace_file.h"

/*
 * An engine that gives the events of a recorded file. start() opens path ("-" is standard input)
 * and reads the header; a file that is damaged half-way makes next() return -EBADMSG after the
 * events before, one from which something is missing -ENODATA; capture->error says what and where.
 * Before anything is read our thread gives up all but these rights (NULL: it gives up none).
 * Never NULL; path must outlive it.
 */
struct capture *replay_create(const char *path, const struct own_rights *rights);

/* What the file says about its recording; after start() only. */
const struct trace_meta *replay_meta(const struct capture *capture);

#endif
