#include "stack/asking.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stack/protocol.h"

static int64_t ask(const struct asking *asking, enum question_kind kind, uint64_t at, size_t len)
{
	struct question question = {
		.kind = kind,
		.at = at,
		.len = (uint32_t)(len < ANSWER_LEN ? len : ANSWER_LEN),
	};
	struct answer answer;

	if (send(asking->fd, &question, sizeof(question), MSG_NOSIGNAL) != sizeof(question) ||
	    recv(asking->fd, &answer, sizeof(answer), 0) != sizeof(answer))
		_exit(0); /* nobody is there any more */
	return answer.result;
}

static ssize_t ask_bytes(const struct asking *asking, enum question_kind kind, uint64_t at,
			 size_t len, const uint8_t **ret_bytes)
{
	*ret_bytes = asking->area + ANSWER_AT;
	return (ssize_t)ask(asking, kind, at, len);
}

int asking_maps(const struct asking *asking, struct buf *text)
{
	const uint8_t *bytes;
	ssize_t n;

	do {
		n = ask_bytes(asking, ASK_MAPS, text->len, ANSWER_LEN, &bytes);
		if (n > 0)
			buf_add(text, bytes, (size_t)n);
	} while (n == ANSWER_LEN);
	return n < 0 ? (int)n : 0;
}

ssize_t asking_memory(const struct asking *asking, uint64_t addr, size_t len,
		      const uint8_t **ret_bytes)
{
	return ask_bytes(asking, ASK_MEMORY, addr, len, ret_bytes);
}

int64_t asking_open(const struct asking *asking, size_t mapping)
{
	return ask(asking, ASK_OPEN, mapping, 0);
}

ssize_t asking_read(const struct asking *asking, uint64_t offset, size_t len,
		    const uint8_t **ret_bytes)
{
	return ask_bytes(asking, ASK_READ, offset, len, ret_bytes);
}
