#ifndef ANALYSIS_CHAIN_H
#define ANALYSIS_CHAIN_H

#include "analysis/waits.h"

/*
 * Put each wait behind one that waits for it, and say in depth how far down it is. Chains begin
 * with the process that was met first; each wait comes once, so a circle ends where it began.
 */
void waits_chain(const struct model *model, struct waits *waits, struct arena *arena);

#endif
