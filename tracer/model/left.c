/* Are the objects still there that were made, and that nobody was seen to remove? */
#include "model/left.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/file_names.h"
#include "model/model_core.h"

enum { QUESTIONS_MAX = 4096, LOCKS_MAX = 64 };
enum { KIND = 0, DEV_OR_ID = 1, INODE = 2, NAMESPACE = 3, ANSWER = 4, THROUGH = 5 };

static struct fact *add_question(struct event *ev, const struct object *object, enum left_kind kind,
				 const char *text)
{
	int64_t subject = (int64_t)((uint64_t)object->key.pad << 32 | object->key.mech);
	struct fact *fact = event_add_fact(ev, FACT_LEFT, subject, text, strlen(text));

	fact->dev = object->key.a;
	fact->ino = object->key.b;
	fact->id = object->key.c;
	fact->value[KIND] = kind;
	return fact;
}

static void ask_about_names(struct event *ev, const struct object *object)
{
	const struct lasting *lasting = &object->lasting;
	bool is_socket = object->key.mech == MECH_UNIX;

	for (unsigned i = 0; i < lasting->n_known; i++) {
		const struct file_name *name = &lasting->names[i];
		struct fact *fact;

		if (!name->is_here || (is_socket && !lasting->file_ino))
			continue;
		fact = add_question(ev, object, LEFT_FILE, name->path);
		fact->value[DEV_OR_ID] = (int64_t)(is_socket ? lasting->file_dev : object->key.a);
		fact->value[INODE] = (int64_t)(is_socket ? lasting->file_ino : object->key.b);
	}
}

static void ask_about_id(struct event *ev, const struct object *object, enum left_kind kind)
{
	struct fact *fact = add_question(ev, object, kind, "");

	fact->value[DEV_OR_ID] = (int64_t)object->key.a;
	fact->value[NAMESPACE] = (int64_t)object->key.b;
}

static void ask_about_queue(struct event *ev, const struct object *object)
{
	struct fact *fact;

	if (!object->label || object->label[0] != '/')
		return;
	fact = add_question(ev, object, LEFT_QUEUE, object->label + 1);
	fact->value[DEV_OR_ID] = (int64_t)object->key.a;
	fact->value[INODE] = (int64_t)object->key.b;
	fact->value[NAMESPACE] = (int64_t)object->lasting.ipc_ns;
}

void model_ask_left(const struct model *model, struct event *ev)
{
	const struct object *object = model->objects.first;

	for (; object && ev->n_facts < QUESTIONS_MAX; object = object->next) {
		if (object->key.mech == MECH_LOCK && object->lasting.maker)
			add_question(ev, object, LEFT_LOCK, "");
		if (!object->lasting.n_names)
			continue;
		switch ((enum mech)object->key.mech) {
		case MECH_SYSV_MSG:
			ask_about_id(ev, object, LEFT_MSG);
			break;
		case MECH_SYSV_SEM:
			ask_about_id(ev, object, LEFT_SEM);
			break;
		case MECH_SYSV_SHM:
			ask_about_id(ev, object, LEFT_SHM);
			break;
		case MECH_POSIX_MQ:
			ask_about_queue(ev, object);
			break;
		default:
			ask_about_names(ev, object);
			break;
		}
	}
}

static void learn_name(struct lasting *lasting, const struct event *ev, const struct fact *fact)
{
	if (fact->value[ANSWER] == LEFT_GONE)
		file_names_drop_path(lasting, event_fact_text(ev, fact), fact->text_len);
	else if (lasting->answer != LEFT_THERE)
		lasting->answer = (enum left_answer)fact->value[ANSWER];
}

static void learn(struct lasting *lasting, const struct event *ev, const struct fact *fact)
{
	if (fact->value[ANSWER] <= LEFT_UNASKED || fact->value[ANSWER] > LEFT_UNKNOWN)
		return;
	if (fact->value[KIND] == LEFT_FILE) {
		learn_name(lasting, ev, fact);
		return;
	}
	lasting->answer = (enum left_answer)fact->value[ANSWER];
	lasting->through = (pid_t)fact->value[THROUGH];
	if (lasting->answer == LEFT_GONE)
		lasting->n_names = 0;
}

static void learn_lock(struct lasting *lasting, const struct event *ev, const struct fact *fact)
{
	const struct fact *comm = event_fact(ev, FACT_COMM, fact->value[0]);
	struct left_lock *lock;

	if (lasting->n_locks == LOCKS_MAX)
		return;
	lasting->locks = reallocarray(lasting->locks, lasting->n_locks + 1, sizeof(*lock));
	if (!lasting->locks)
		abort();
	lock = &lasting->locks[lasting->n_locks++];
	*lock = (struct left_lock){ .pid = (pid_t)fact->value[0],
				    .fd = (int)fact->value[1],
				    .lines = strndup(event_fact_text(ev, fact), fact->text_len) };
	if (!lock->lines)
		abort();
	if (comm)
		snprintf(lock->comm, sizeof(lock->comm), "%.*s", (int)comm->text_len,
			 event_fact_text(ev, comm));
}

static bool is_about_left(const struct fact *fact)
{
	return fact->kind == FACT_LEFT || fact->kind == FACT_LEFT_LOCK;
}

void model_apply_left(struct model *model, const struct event *ev)
{
	for (uint32_t i = 0; i < ev->n_facts; i++) {
		const struct fact *fact = &ev->facts[i];
		struct ipc_key key = { .mech = (uint32_t)fact->subject,
				       .pad = (uint32_t)((uint64_t)fact->subject >> 32),
				       .a = fact->dev,
				       .b = fact->ino,
				       .c = fact->id };
		struct object *object =
			is_about_left(fact) ? object_find(&model->objects, &key) : NULL;

		if (object && fact->kind == FACT_LEFT_LOCK)
			learn_lock(&object->lasting, ev, fact);
		else if (object && (object->lasting.n_names || key.mech == MECH_LOCK))
			learn(&object->lasting, ev, fact);
	}
}
