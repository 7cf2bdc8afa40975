#ifndef ANALYSIS_SUMMARY_H
#define ANALYSIS_SUMMARY_H

#include "analysis/latency.h"
#include "decode/decode.h"
#include "model/model.h"

/*
 * Who has sent how much to whom, through what, and how long it took: gathered call by call, in
 * memory that does not grow with the trace. Times are from the entry of the send to the return of
 * the receive that got the beginning of the message.
 */
struct summary;

enum summary_kind {
	SUMMARY_OBJECT, /* all that went through one object */
	SUMMARY_FLOW, /* what of that went from one process to another */
	SUMMARY_PAIR, /* from one process to another, through anything */
	SUMMARY_MECHANISM, /* through all objects of one kind */
	SUMMARY_KINDS
};

struct summary_row {
	enum summary_kind kind;
	const char *name; /* of the object, or the kind of objects; NULL of a pair */
	const char *label; /* of the object; NULL: none */
	pid_t from, to; /* of flows and pairs */
	const char *from_comm, *to_comm; /* NULL: not known */
	uint64_t n_sent, bytes_sent; /* of objects and mechanisms: what was put in */
	uint64_t n_received,
		bytes_received; /* as far as it was matched; a message counts when it begins */
	uint64_t n_inferred; /* matches of which it is not certain that they are right */
	struct latency latency; /* of messages that were received */
	uint64_t send_ns, receive_ns; /* spent in calls that send, and that receive or wait */
	int64_t fill, limit; /* the greatest that was seen, and its limit; -1: not known */
	const char *unit; /* of both */
};

struct summary *summary_create(void);
void summary_destroy(struct summary *summary);

/* A call is over. */
void summary_add(struct summary *summary, const struct model *model, const struct call *call,
		 const struct annotation *annotation);

/* The same of a signal that process tgid got. */
void summary_add_signal(struct summary *summary, const struct model *model, pid_t tgid,
			const struct annotation *annotation);

/*
 * All rows: objects in order of appearance, each with its flows behind it, then pairs, then
 * mechanisms. They are summary's, until the next call is added. Returns how many.
 */
size_t summary_rows(struct summary *summary, const struct summary_row *const **ret_rows);

/* Objects, or flows, that came when there were too many to tell them apart. */
uint64_t summary_left_out(const struct summary *summary);

#endif
