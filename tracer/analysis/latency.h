#ifndef ANALYSIS_LATENCY_H
#define ANALYSIS_LATENCY_H

#include <stdint.h>

/*
 * How times are distributed, in bounded memory: each power of two from 2^4 ns on has sixteen
 * buckets, so that a percentile is at most 1/32, 3.2 percent, away from the true one. What is longer
 * than LATENCY_MAX_NS, three days, counts as that; count, sum and maximum are exact.
 */
enum { LATENCY_SUB_BITS = 4, LATENCY_OCTAVES = 45 };
enum { LATENCY_BUCKETS = LATENCY_OCTAVES << LATENCY_SUB_BITS };
enum { LATENCY_FEW = 16 }; /* so many need no room for all the buckets */

#define LATENCY_MAX_NS ((1ull << (LATENCY_OCTAVES + LATENCY_SUB_BITS - 1)) - 1)

struct latency {
	uint64_t n, sum_ns, max_ns;
	uint32_t
		*buckets; /* NULL while n is at most LATENCY_FEW: then few has the bucket of each */
	uint16_t few[LATENCY_FEW];
};

void latency_finish(struct latency *latency);
void latency_add(struct latency *latency, uint64_t ns);

/* Add all that are in other. */
void latency_merge(struct latency *latency, const struct latency *other);

/* The time that permille of all do not exceed; 0 if there are none. */
uint64_t latency_percentile(const struct latency *latency, unsigned permille);

#endif
