#include "filters/condition.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/array.h"

enum { PATH_LEN = 64 }; /* enough to tell the places apart */

static bool is_fd_of(const struct mem *mem, uint64_t arg, uint64_t kinds)
{
	static const uint64_t sockets = FD_BIT(FD_UNIX) | FD_BIT(FD_INET) | FD_BIT(FD_NETLINK);
	int fd = (int)(uint32_t)arg;
	const struct fact *fact;

	if (fd < 0)
		return false;
	fact = mem_fact(mem, FACT_FD_KIND, fd);
	/* Of a socket the kind needs more; and a recording may have only the rest. */
	if (!fact || fact->value[0] == FD_SOCKET)
		fact = mem_fact(mem, FACT_FD, fd);
	if (!fact || fact->value[0] == FD_UNKNOWN)
		return true;
	if (fact->value[0] < 0 || fact->value[0] >= FD_KINDS)
		return false;
	if (kinds & FD_BIT(fact->value[0]))
		return true;
	/* A socket whose family could not be told may be any of them. */
	return fact->value[0] == FD_SOCKET && (kinds & sockets) && fact->value[2] == AF_UNSPEC;
}

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* A relative path, from where the caller is or from a directory that it names. */
static bool is_below_shm(const struct mem *mem, unsigned arg)
{
	static const char shm[] = "/dev/shm/";
	const struct fact *fact = mem_fact(mem, FACT_NAME, arg);

	return fact && fact->text_len > sizeof(shm) - 1 &&
	       memcmp(event_fact_text(mem->ev, fact), shm, sizeof(shm) - 1) == 0;
}

static bool is_path_to(const struct event *ev, const struct mem *mem, unsigned arg, uint32_t places)
{
	static const struct {
		const char *prefix;
		uint32_t place;
	} prefixes[] = {
		{ "/dev/shm/", PLACE_SHM }, { "/run/shm/", PLACE_SHM },
		{ "/dev/pts/", PLACE_PTY }, { "/dev/ptmx", PLACE_PTY },
		{ "/dev/pty", PLACE_PTY },  { "/dev/mqueue/", PLACE_MQUEUE },
	};
	char path[PATH_LEN] = "";
	const struct fact *fact;
	bool is_whole;
	ssize_t len = mem_read_string(mem, ev->args[arg], path, sizeof(path) - 1, &is_whole);

	if (len < 0)
		return false;
	path[len] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if ((places & prefixes[i].place) && has_prefix(path, prefixes[i].prefix))
			return true;
	if ((places & PLACE_SHM) && path[0] != '/' && is_below_shm(mem, arg))
		return true;
	if (!(places & (PLACE_FIFO | PLACE_SOCKET | PLACE_DIR)))
		return false;
	fact = mem_fact(mem, FACT_PATH, arg);
	if (!fact || fact->value[0] < 0)
		return false;
	return ((places & PLACE_FIFO) && S_ISFIFO(fact->value[0])) ||
	       ((places & PLACE_DIR) && S_ISDIR(fact->value[0])) ||
	       ((places & PLACE_SOCKET) && S_ISSOCK(fact->value[0]));
}

static bool is_shared_at(const struct mem *mem, uint64_t addr)
{
	const struct fact *fact = mem_fact(mem, FACT_MAPPING, (int64_t)addr);

	return fact && (fact->value[3] & MAPPING_SHARED);
}

/* A range over several mappings is judged by its two ends. */
static bool is_shared_range(const struct mem *mem, uint64_t addr, uint64_t len)
{
	return is_shared_at(mem, addr) ||
	       (len > 1 && addr + len > addr && is_shared_at(mem, addr + len - 1));
}

static bool has_mem_bits(const struct condition *c, const struct event *ev, const struct mem *mem)
{
	uint32_t word;

	if (mem_read_all(mem, ev->args[c->arg] + c->value, &word, sizeof(word)) < 0)
		return false;
	return word & c->mask;
}

/*
 * Shape:  int socketcall(int call, unsigned long *args); args[0] is the family for socket (1) and
 *         socketpair (8), otherwise the descriptor.
 * Source: net/socket.c.
 */
static bool is_socketcall_of(const struct condition *c, const struct event *ev,
			     const struct mem *mem)
{
	uint32_t first;

	if (mem_read_all(mem, (uint32_t)ev->args[1], &first, sizeof(first)) < 0)
		return true;
	if ((uint32_t)ev->args[0] == 1 || (uint32_t)ev->args[0] == 8)
		return first < 64 && (c->mask >> first & 1);
	return is_fd_of(mem, first, c->kinds);
}

bool condition_holds(const struct condition *c, const struct event *ev, const struct mem *mem)
{
	uint64_t arg = ev->args[c->arg], arg2 = ev->args[c->arg2];

	if (ev->args[c->not_arg] & c->not_mask)
		return false;
	switch ((enum condition_kind)c->kind) {
	case IF_ALWAYS:
		return true;
	case IF_FD:
		return is_fd_of(mem, arg, c->kinds) ||
		       (c->arg2 != c->arg && is_fd_of(mem, arg2, c->kinds));
	case IF_FD_COMMAND:
		return ((uint32_t)arg2 < c->value || (uint32_t)arg2 > c->mask) &&
		       is_fd_of(mem, arg, c->kinds);
	case IF_BITS:
		return (arg & c->mask) == c->value;
	case IF_ANY_BIT:
		return arg & c->mask;
	case IF_ONE_OF:
		return (arg & 0xffff) < 64 && (c->mask >> (arg & 0xffff) & 1);
	case IF_MEM_BITS:
		return has_mem_bits(c, ev, mem);
	case IF_PATH:
		return is_path_to(ev, mem, c->arg, c->places) ||
		       (c->arg2 != c->arg && is_path_to(ev, mem, c->arg2, c->places));
	case IF_SHARED:
		return is_shared_range(mem, arg, arg2);
	case IF_SOCKETCALL:
		return is_socketcall_of(c, ev, mem);
	}
	return true;
}

bool condition_merge(struct condition *into, const struct condition *other)
{
	if (into->kind != other->kind || into->arg != other->arg || into->arg2 != other->arg2 ||
	    into->not_arg != other->not_arg || into->not_mask != other->not_mask)
		return false;
	if (into->kind == IF_BITS)
		return into->mask == other->mask && into->value == other->value;
	if (into->value != other->value)
		return false;
	into->places |= other->places;
	into->kinds |= other->kinds;
	into->mask |= other->mask;
	return true;
}

void rule_add(struct rule *rule, const struct condition *condition)
{
	if (rule->n && rule->conditions[0].kind == IF_ALWAYS)
		return;
	for (unsigned i = 0; i < rule->n; i++)
		if (condition_merge(&rule->conditions[i], condition))
			return;
	if (condition->kind == IF_ALWAYS || rule->n == ARRAY_LEN(rule->conditions)) {
		*rule = (struct rule){ .n = 1, .is_negated = rule->is_negated };
		return;
	}
	rule->conditions[rule->n++] = *condition;
}

bool rule_holds(const struct rule *rule, const struct event *ev, const struct mem *mem)
{
	for (unsigned i = 0; i < rule->n; i++)
		if (condition_holds(&rule->conditions[i], ev, mem))
			return !rule->is_negated;
	return rule->is_negated;
}
