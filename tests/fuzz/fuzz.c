#include "tests/fuzz/fuzz.h"

#include <string.h>

uint64_t fuzz_seed = 1;

uint64_t fuzz_random(uint64_t limit)
{
	fuzz_seed = fuzz_seed * 6364136223846793005u + 1442695040888963407u;
	return (fuzz_seed >> 20) % limit;
}

size_t fuzz_mutate(uint8_t *data, size_t len, size_t room)
{
	static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, '\n', '"', '\\' };

	for (uint64_t n = fuzz_random(6); n && len; n--) {
		size_t at = fuzz_random(len), part = fuzz_random(len - at) + 1;

		switch (fuzz_random(6)) {
		case 0:
			data[at] = (uint8_t)fuzz_random(256);
			break;
		case 1:
			data[at] ^= (uint8_t)(1 << fuzz_random(8));
			break;
		case 2:
			memset(data + at, odd[fuzz_random(sizeof(odd))], part < 8 ? part : 8);
			break;
		case 3:
			if (fuzz_random(4) == 0)
				len = at;
			break;
		case 4: /* leave a part out */
			memmove(data + at, data + at + part, len - at - part);
			len -= part;
			break;
		case 5: /* repeat a part */
			if (len + part > room)
				break;
			memmove(data + at + part, data + at, len - at);
			len += part;
			break;
		}
	}
	return len;
}

size_t fuzz_noise(uint8_t *data, size_t len, size_t room)
{
	if (len > room)
		len = room;
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(fuzz_random(3) ? fuzz_random(16) : fuzz_random(256));
	return len;
}
