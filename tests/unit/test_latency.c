/* Distributions of times: how far percentiles are from the truth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "analysis/latency.h"

enum { MANY = 10000 };

static int by_value(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

	return first < second ? -1 : first > second;
}

static void assert_near(uint64_t told, uint64_t truth)
{
	uint64_t error = told > truth ? told - truth : truth - told;

	if (error * 32 > truth)
		fail_msg("told %llu, is %llu", (unsigned long long)told, (unsigned long long)truth);
}

static void percentiles_are_within_a_thirty_second(void **state)
{
	static uint64_t times[MANY];
	struct latency latency = { 0 };
	uint64_t random = 1;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		/* From nanoseconds to minutes. */
		times[i] = 1 + (random >> 27) % (1ull << (4 + i % 33));
		latency_add(&latency, times[i]);
	}
	qsort(times, MANY, sizeof(times[0]), by_value);
	for (unsigned permille = 1; permille <= 1000; permille += 9)
		assert_near(latency_percentile(&latency, permille),
			    times[(MANY * permille + 999) / 1000 - 1]);
	assert_int_equal(latency.max_ns, times[MANY - 1]);
	assert_int_equal(latency_percentile(&latency, 1000), times[MANY - 1]);
	latency_finish(&latency);
}

static void one_time_is_all_percentiles(void **state)
{
	struct latency latency = { 0 };

	(void)state;
	latency_add(&latency, 777);
	assert_near(latency_percentile(&latency, 500), 777);
	assert_near(latency_percentile(&latency, 990), 777);
	latency_finish(&latency);
}

static void none_has_no_percentile(void **state)
{
	struct latency latency = { 0 };

	(void)state;
	assert_int_equal(latency_percentile(&latency, 500), 0);
	latency_finish(&latency);
}

static void what_is_longer_than_all_counts_as_long(void **state)
{
	struct latency latency = { 0 };

	(void)state;
	latency_add(&latency, UINT64_MAX);
	assert_near(latency_percentile(&latency, 500), LATENCY_MAX_NS);
	assert_true(latency.max_ns == UINT64_MAX);
	latency_finish(&latency);
}

static void merged_is_as_if_added(void **state)
{
	struct latency a = { 0 }, b = { 0 }, both = { 0 };

	(void)state;
	for (unsigned i = 1; i < 1000; i++) {
		latency_add(i % 3 ? &a : &b, i * i);
		latency_add(&both, i * i);
	}
	latency_merge(&a, &b);
	assert_int_equal(a.n, both.n);
	assert_int_equal(a.sum_ns, both.sum_ns);
	assert_int_equal(latency_percentile(&a, 900), latency_percentile(&both, 900));
	latency_finish(&a);
	latency_finish(&b);
	latency_finish(&both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_within_a_thirty_second),
		cmocka_unit_test(one_time_is_all_percentiles),
		cmocka_unit_test(none_has_no_percentile),
		cmocka_unit_test(what_is_longer_than_all_counts_as_long),
		cmocka_unit_test(merged_is_as_if_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
