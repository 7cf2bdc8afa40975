#ifndef TESTS_STORY_H
#define TESTS_STORY_H

#include "base/buf.h"
#include "decode/decode.h"
#include "model/model.h"

/*
 * A world of processes that do not exist, told call by call. What a test says of descriptors and
 * objects is what the model's questions get as answers; what comes out is the text behind the
 * result of each call. Events go the same way as live: gathered at the stop, then applied alone.
 */
enum { STORY_THREADS = 16 };

/* A fact of the world, as long as it is not replaced. */
struct story_fact {
	pid_t pid; /* whose question it answers; 0 = anybody's */
	struct fact fact;
	char text[256];
	size_t text_len;
};

struct story_call {
	pid_t tid;
	uint64_t nr;
	uint64_t args[6];
};

struct story {
	struct decoder *decoder;
	struct model *model;
	struct mem_source source;
	struct event image; /* its ranges are everybody's memory */
	struct event ev;
	struct story_fact *facts;
	size_t n_facts, cap_facts;
	struct story_call calls[STORY_THREADS];
	uint32_t arch; /* AUDIT_ARCH_X86_64 unless set */
	uint64_t time_ns; /* a millisecond later with each event */
	unsigned n_asked; /* questions that reached the world */
	struct buf text;
};

void story_begin(struct story *story);
/* With other options than state and peers both. */
void story_begin_with(struct story *story, const struct model_options *options);
void story_end(struct story *story);

/* A process that existed before the trace, and one that parent has forked. */
void story_attach(struct story *story, pid_t pid, const char *comm);
void story_fork(struct story *story, pid_t parent, pid_t pid);

/* It calls itself otherwise. */
void story_rename(struct story *story, pid_t pid, const char *comm);

/* It is gone; what is written behind the call that it was in. */
const char *story_exits(struct story *story, pid_t pid);

/*
 * What a question gets as its answer from now on. Set the fields behind the pointer; it is valid
 * until the next one is made. pid 0: whoever asks.
 */
struct fact *story_fact(struct story *story, pid_t pid, enum fact_kind kind, int64_t subject,
			const char *text);
/* The same with bytes instead of a text. */
struct fact *story_data(struct story *story, pid_t pid, enum fact_kind kind, int64_t subject,
			const void *data, size_t len);
void story_forget(struct story *story, pid_t pid, enum fact_kind kind, int64_t subject);

/* fd of pid is that; device 1, both directions. */
struct fact *story_fd(struct story *story, pid_t pid, int fd, enum fd_kind kind, uint64_t ino);

/* An untraced process has fd of inode: FACT_HOLDERS of the inode will tell. */
void story_holder(struct story *story, uint64_t ino, pid_t pid, int fd, const char *comm);

void story_poke(struct story *story, uint64_t addr, const void *data, size_t len);

void story_enter(struct story *story, pid_t tid, const char *name, const uint64_t args[6]);

/* What is written behind the result; behind the note that it is blocked. Valid until the next. */
const char *story_exit(struct story *story, pid_t tid, int64_t ret);
const char *story_blocked(struct story *story, pid_t tid);

/* It is asked again, for the call lasts. */
void story_lasts(struct story *story, pid_t tid);

/*
 * To the question of asks who has locks of asked_fd's file the answer is: pid by fd, which is that
 * open file, has these. FACT_LOCK_FDS: value[2] is that they were looked for at the end of time.
 */
void story_locker(struct story *story, pid_t asks, int asked_fd, uint64_t open_file, pid_t pid,
		  int fd, const char *lines);

const char *story_call(struct story *story, pid_t tid, const char *name, const uint64_t args[6],
		       int64_t ret);

/* STORY_CALL(&story, 100, "close", 0, 3): tid 100 calls close(3), which returns 0. */
#define STORY_CALL(story, tid, name, ret, ...)                                                     \
	story_call((story), (tid), (name), (const uint64_t[6]){ __VA_ARGS__ }, (ret))
#define STORY_ENTER(story, tid, name, ...)                                                         \
	story_enter((story), (tid), (name), (const uint64_t[6]){ __VA_ARGS__ })

#endif
