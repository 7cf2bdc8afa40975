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

/* Go on with buckets. */
static void reserve(struct latency *latency)
{
	if (latency->buckets)
		return;
	latency->buckets = calloc(LATENCY_BUCKETS, sizeof(*latency->buckets));
	if (!latency->buckets)
		abort();
	for (uint64_t i = 0; i < latency->n; i++)
		latency->buckets[latency->few[i]]++;
}

static void count(struct latency *latency, unsigned bucket)
{
	if (latency->n < LATENCY_FEW && !latency->buckets) {
		latency->few[latency->n++] = (uint16_t)bucket;
		return;
	}
	reserve(latency);
	latency->buckets[bucket]++;
	latency->n++;
}

void latency_finish(struct latency *latency)
{
	free(latency->buckets);
	memset(latency, 0, sizeof(*latency));
}

void latency_add(struct latency *latency, uint64_t ns)
{
	count(latency, bucket_of(ns));
	latency->sum_ns += ns;
	if (ns > latency->max_ns)
		latency->max_ns = ns;
}

void latency_merge(struct latency *latency, const struct latency *other)
{
	if (other->buckets) {
		reserve(latency);
		for (unsigned i = 0; i < LATENCY_BUCKETS; i++)
			latency->buckets[i] += other->buckets[i];
		latency->n += other->n;
	} else {
		for (uint64_t i = 0; i < other->n; i++)
			count(latency, other->few[i]);
	}
	latency->sum_ns += other->sum_ns;
	if (other->max_ns > latency->max_ns)
		latency->max_ns = other->max_ns;
}

/* The bucket of the one that has rank, from 1, among all: of few, and of many. */
static unsigned ranked_of_few(const struct latency *latency, uint64_t rank)
{
	for (uint64_t i = 0; i < latency->n; i++) {
		uint64_t n_less = 0, n_same = 0;

		for (uint64_t j = 0; j < latency->n; j++) {
			n_less += latency->few[j] < latency->few[i];
			n_same += latency->few[j] == latency->few[i];
		}
		if (n_less < rank && rank <= n_less + n_same)
			return latency->few[i];
	}
	return LATENCY_BUCKETS;
}

static unsigned ranked(const struct latency *latency, uint64_t rank)
{
	uint64_t n = 0;

	if (!latency->buckets)
		return ranked_of_few(latency, rank);
	for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
		n += latency->buckets[i];
		if (n >= rank)
			return i;
	}
	return LATENCY_BUCKETS;
}

uint64_t latency_percentile(const struct latency *latency, unsigned permille)
{
	uint64_t wanted = (latency->n * permille + 999) / 1000, ns;
	unsigned bucket;

	if (!latency->n)
		return 0;
	if (permille >= 1000)
		return latency->max_ns;
	bucket = ranked(latency, wanted ? wanted : 1);
	ns = bucket < LATENCY_BUCKETS ? time_of(bucket) : latency->max_ns;
	return ns < latency->max_ns ? ns : latency->max_ns;
}
