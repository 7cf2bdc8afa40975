#ifndef BASE_PRIVILEGES_H
#define BASE_PRIVILEGES_H

#include <stdint.h>

#define PRIVILEGE(capability) (UINT64_C(1) << (capability))

/*
 * Give up, for the calling thread, all capabilities but those of kept (PRIVILEGE(CAP_KILL) | ...),
 * and the possibility to ever get more by executing something. What cannot be given up is kept.
 * Source: capabilities(7), PR_SET_NO_NEW_PRIVS in prctl(2).
 */
void privileges_drop(uint64_t kept);

#endif
