#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Keys are a few words: a multiplication for each of them is all the mixing that it takes. */
static inline unsigned hash_bytes(const void *key, size_t len)
{
	const unsigned char *p = key;
	uint64_t hash = len, word;

	while (len) {
		size_t n = len < sizeof(word) ? len : sizeof(word);

		word = 0;
		memcpy(&word, p, n);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 32;
		p += n;
		len -= n;
	}
	return (unsigned)hash;
}

/* uthash, with that. */
#define HASH_FUNCTION(key, len, hash) (hash) = hash_bytes((key), (len))

#include <uthash.h> /* IWYU pragma: export */

/*
 * For tables that grow large: uthash lets ten items share a bucket before it makes more buckets, each
 * of them out of the cache. A file that defines HASH_IS_LARGE before it includes this begins with many.
 */
#ifdef HASH_IS_LARGE
#undef HASH_INITIAL_NUM_BUCKETS
#undef HASH_INITIAL_NUM_BUCKETS_LOG2
#define HASH_INITIAL_NUM_BUCKETS      16384U
#define HASH_INITIAL_NUM_BUCKETS_LOG2 14U
#endif

#endif
