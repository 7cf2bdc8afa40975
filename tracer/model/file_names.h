#ifndef MODEL_FILE_NAMES_H
#define MODEL_FILE_NAMES_H

#include "event/event.h"
#include "model/object.h"

/* The names that an object has in the file system. name is a FACT_NAME of ev everywhere. */

/* It has got one. */
void file_names_add(struct lasting *lasting, const struct event *ev, const struct fact *name);

/* It has lost one: this, as far as that is known. name NULL: any. */
void file_names_drop(struct lasting *lasting, const struct event *ev, const struct fact *name);

/* The same of a path. */
void file_names_drop_path(struct lasting *lasting, const char *path, size_t len);

/*
 * A directory goes by another path, and if is_exchange that one's by its: so do all names below.
 */
void file_names_move_below(struct lasting *lasting, const struct event *ev, const struct fact *from,
			   const struct fact *to, bool is_exchange);

void file_names_finish(struct lasting *lasting);

/* One of which only the path is known, as the program wrote it or as a model told it. */
struct file_name *file_names_add_path(struct lasting *lasting, const char *path, size_t len);

/* The object that has the name; NULL: none that the model knows. */
struct object *file_names_object(const struct object_table *table, const struct fact *name);

#endif
