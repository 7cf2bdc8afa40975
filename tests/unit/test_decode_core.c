/* The decoder's own machinery, seen through the simplest calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/fake.h"

static void a_call_without_arguments_shows_its_result(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake, true);
	assert_string_equal(FAKE_CALL(&fake, "getpid", 42, 0), "getpid() = 42");
	fake_finish(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_without_arguments_shows_its_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
