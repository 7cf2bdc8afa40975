#include "analysis/latency.h"

#include <stdlib.h>
#include <string.h>

/* The times below 2^LATENCY_SUB_BITS have a bucket each. */
static unsigned bucket_of(uint64_t ns)
{
	unsigned octave;

	if (ns > LATENCY_MAX_NS)
		ns = LATENCY_MAX_NS;
	if (ns >> LATENCY_SUB_BITS == 0)
		return (unsigned)ns;
	octave = 63u - (unsigned)__builtin_clzll(ns) - LATENCY_SUB_BITS;
	return ((octave + 1) << LATENCY_SUB_BITS) + (unsigned)(ns >> octave) -
	       (1u << LATENCY_SUB_BITS);
}

/* The middle of a bucket. */
static uint64_t time_of(unsigned bucket)
{
	unsigned octave = bucket >> LATENCY_SUB_BITS;
	uint64_t sub = bucket & ((1u << LATENCY_SUB_BITS) - 1);

	if (!octave)
		return sub;
	octave--;
	return ((sub + (1u << LATENCY_SUB_BITS)) << octave) + ((1ull << octave) >> 1);
}

static void reserve(struct latency *latency)
{
	if (latency->buckets)
		return;
	latency->buckets = calloc(LATENCY_BUCKETS, sizeof(*latency->buckets));
	if (!latency->buckets)
		abort();
}

void latency_finish(struct latency *latency)
{
	free(latency->buckets);
	memset(latency, 0, sizeof(*latency));
}

void latency_add(struct latency *latency, uint64_t ns)
{
	reserve(latency);
	latency->buckets[bucket_of(ns)]++;
	latency->n++;
	latency->sum_ns += ns;
	if (ns > latency->max_ns)
		latency->max_ns = ns;
}

void latency_merge(struct latency *latency, const struct latency *other)
{
	if (!other->n)
		return;
	reserve(latency);
	for (unsigned i = 0; i < LATENCY_BUCKETS; i++)
		latency->buckets[i] += other->buckets[i];
	latency->n += other->n;
	latency->sum_ns += other->sum_ns;
	if (other->max_ns > latency->max_ns)
		latency->max_ns = other->max_ns;
}

uint64_t latency_percentile(const struct latency *latency, unsigned permille)
{
	uint64_t wanted = (latency->n * permille + 999) / 1000, n = 0, ns;

	if (!latency->n)
		return 0;
	if (permille >= 1000)
		return latency->max_ns;
	for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
		n += latency->buckets[i];
		if (!n || n < wanted)
			continue;
		ns = time_of(i);
		return ns < latency->max_ns ? ns : latency->max_ns;
	}
	return latency->max_ns;
}
