/* The engine against a kernel that does not exist: whatever legal stream of stops comes, see kernel.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "tests/unit/kernel.h"

enum { N_WORLDS = 3000, N_STEPS = 400 };

static unsigned choose(void *data, unsigned n)
{
	uint64_t *state = data;

	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((*state >> 33) % n);
}

static struct kernel_counts try_worlds(bool is_filtered)
{
	struct kernel_counts counts = { 0 };

	for (unsigned seed = 1; seed <= N_WORLDS; seed++) {
		uint64_t state = seed * 7919;
		struct choices choices = { choose, &state };
		const char *wrong = kernel_try(&choices, N_STEPS, is_filtered, &counts);

		if (wrong)
			fail_msg("world %u, filter %d: %s", seed, is_filtered, wrong);
	}
	/* What was to be tried has happened, and often. */
	assert_in_range(counts.n_stops, 50 * N_WORLDS, UINT32_MAX);
	assert_in_range(counts.n_events, 50 * N_WORLDS, UINT32_MAX);
	assert_in_range(counts.n_births, N_WORLDS, UINT32_MAX);
	assert_in_range(counts.n_kills, N_WORLDS, UINT32_MAX);
	assert_in_range(counts.n_execs, N_WORLDS / 10, UINT32_MAX);
	assert_in_range(counts.n_orphans, N_WORLDS / 100, UINT32_MAX);
	assert_in_range(counts.n_reused, N_WORLDS / 100, UINT32_MAX);
	return counts;
}

static void without_a_filter(void **state)
{
	(void)state;
	try_worlds(false);
}

static void with_a_filter(void **state)
{
	(void)state;
	try_worlds(true);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_filter),
		cmocka_unit_test(with_a_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
