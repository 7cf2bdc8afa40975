/* Bytes choose what a kernel that does not exist does next: the engine has to keep up, see kernel.h. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/input.h"
#include "tests/unit/kernel.h"

enum { STEPS_MAX = 2000 };

const unsigned long fuzz_rounds = 400;

static struct kernel_counts counts;

static unsigned choose(void *data, unsigned n)
{
	return (unsigned)input_byte(data) % n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input input = { data, len };
	struct choices choices = { choose, &input };
	bool is_filtered = input_byte(&input) & 1;
	unsigned n_steps = (unsigned)(len / 2 < STEPS_MAX ? len / 2 : STEPS_MAX);
	const char *wrong = kernel_try(&choices, n_steps, is_filtered, &counts);

	if (wrong)
		errx(1, "%s", wrong);
	return 0;
}

size_t fuzz_make(uint8_t *data, size_t room)
{
	size_t len = 1 + fuzz_random(room < 3000 ? room : 3000);

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)fuzz_random(256);
	return len;
}

void fuzz_judge(unsigned long rounds)
{
	if (counts.n_births < rounds || counts.n_execs < rounds / 10)
		errx(1, "%u births and %u execs in %lu rounds", counts.n_births, counts.n_execs,
		     rounds);
}
