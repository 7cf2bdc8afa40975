#ifndef MODEL_MECH_SHARED_MEM_H
#define MODEL_MECH_SHARED_MEM_H

#include "model/mech.h"

/*
 * The object that a FACT_MAPPING of ev is a part of: shared memory by file, a memfd or a System V
 * segment. False for private mappings and for what has no identity.
 */
bool shared_mem_key(const struct event *ev, const struct fact *mapping, struct ipc_key *ret_key);

/*
 * Was it made by a traced process, so that only its descendants and those who were given it can
 * have it: memory without a name, or a memfd? False for NULL.
 */
bool shared_mem_is_ours(const struct object *object);

#endif
