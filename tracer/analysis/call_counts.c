#include "analysis/call_counts.h"

#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "decode/syscalls.h"

#define X32_BIT   0x40000000u
#define NO_NUMBER UINT64_MAX

enum { SUBCALL_ORDER = 1 << 20 }; /* behind all numbers: calls that have none of their own */

static const char unknown_name[] = "syscall_?";

struct entry {
	struct call_count row;
	uint64_t order; /* where it stands if it is sorted by nothing else */
	char *name; /* the key */
	UT_hash_handle hh;
};

struct table {
	struct entry *by_name;
	const struct call_count **rows;
};

struct call_counts {
	struct table tables[COUNTS_MODES];
	uint64_t overhead_ns;
};

struct call_counts *call_counts_create(uint64_t overhead_ns)
{
	struct call_counts *counts = calloc(1, sizeof(*counts));

	if (!counts)
		abort();
	counts->overhead_ns = overhead_ns;
	return counts;
}

void call_counts_destroy(struct call_counts *counts)
{
	struct entry *entry, *next;

	if (!counts)
		return;
	for (size_t i = 0; i < COUNTS_MODES; i++) {
		HASH_ITER (hh, counts->tables[i].by_name, entry, next) {
			HASH_DEL(counts->tables[i].by_name, entry);
			free(entry->name);
			free(entry);
		}
		free(counts->tables[i].rows);
	}
	free(counts);
}

static enum counts_mode mode_of(const struct call *call)
{
	if (call->arch != AUDIT_ARCH_X86_64)
		return COUNTS_32;
	return call->nr & X32_BIT ? COUNTS_X32 : COUNTS_64;
}

/*
 * Where strace lists it: by its number, which what is called through i386's ipc and socketcall may
 * have, too; else behind those that do.
 */
static uint64_t order_of(const struct call *call, const char *name)
{
	enum counts_mode mode = mode_of(call);
	int nr;

	if (name == unknown_name)
		return NO_NUMBER;
	if (!call->spec->name)
		return call->nr;
	nr = syscall_number(mode == COUNTS_X32 ? SYSCALL_ARCH_X32 : call->arch, name);
	if (nr >= 0)
		return (uint64_t)nr;
	return SUBCALL_ORDER + (call->nr << 8) + (call->raw[0] & 0xff);
}

/* Numbers that can be no call's have one row together: a program could make up any number of them. */
static const char *name_of(const struct call *call)
{
	bool is_possible = (call->nr & ~(uint64_t)X32_BIT) <= SYSCALL_NR_MAX;

	return call->spec->name || is_possible ? call->name : unknown_name;
}

static struct call_count *find(struct call_counts *counts, const struct call *call)
{
	struct table *table = &counts->tables[mode_of(call)];
	const char *name = name_of(call);
	struct entry *entry;

	HASH_FIND_STR(table->by_name, name, entry);
	if (entry)
		return &entry->row;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		abort();
	entry->name = strdup(name);
	if (!entry->name)
		abort();
	entry->row.name = entry->name;
	entry->order = order_of(call, name);
	HASH_ADD_KEYPTR(hh, table->by_name, entry->name, strlen(entry->name), entry);
	return &entry->row;
}

static void add_time(struct call_times *times, uint64_t ns, uint64_t overhead_ns)
{
	uint64_t net = ns > overhead_ns ? ns - overhead_ns : 0;

	if (!times->n || net < times->min_ns)
		times->min_ns = net;
	if (net > times->max_ns)
		times->max_ns = net;
	times->total_ns += net;
	times->n++;
}

void call_counts_add(struct call_counts *counts, const struct call *call, const struct event *ev)
{
	const struct fact *system = event_fact(ev, FACT_SYSTEM_TIME, ev->tid);
	struct call_count *row;

	if (call->state != CALL_REFUSED && !call_has_result(call))
		return;
	row = find(counts, call);
	row->calls++;
	row->errors += call->state != CALL_REFUSED && call->is_error;
	if (system && system->value[0] >= 0)
		add_time(&row->system, (uint64_t)system->value[0], counts->overhead_ns);
	if (call->enter_ns && call->exit_ns >= call->enter_ns)
		add_time(&row->wall, call->exit_ns - call->enter_ns, counts->overhead_ns);
}

/* --- what comes out --- */

const struct call_times *call_count_times(const struct call_count *row,
					  const struct counts_view *view)
{
	return view->is_wall ? &row->wall : &row->system;
}

/* A number that is the greater the earlier the row is to come. */
static uint64_t weight_of(const struct call_count *row, const struct counts_view *view)
{
	bool is_wall = view->sort >= COUNT_WALL_TOTAL && view->sort <= COUNT_WALL_AVG;
	const struct call_times *times = is_wall ? &row->wall : call_count_times(row, view);

	switch (view->sort) {
	case COUNT_PERCENT:
	case COUNT_TOTAL:
	case COUNT_WALL_TOTAL:
		return times->total_ns;
	case COUNT_MIN:
	case COUNT_WALL_MIN:
		return times->min_ns;
	case COUNT_MAX:
	case COUNT_WALL_MAX:
		return times->max_ns;
	case COUNT_AVG:
	case COUNT_WALL_AVG:
		return times->n ? times->total_ns / times->n : 0;
	case COUNT_CALLS:
		return row->calls;
	case COUNT_ERRORS:
		return row->errors;
	case COUNT_NAME:
	case COUNT_NOTHING:
		break;
	}
	return 0;
}

static int compare(const void *a, const void *b, void *data)
{
	const struct counts_view *view = data;
	const struct entry *first = *(const struct entry *const *)a;
	const struct entry *second = *(const struct entry *const *)b;
	uint64_t first_weight = weight_of(&first->row, view);
	uint64_t second_weight = weight_of(&second->row, view);

	if (first_weight != second_weight)
		return first_weight > second_weight ? -1 : 1;
	if (view->sort != COUNT_NAME && first->order != second->order)
		return first->order < second->order ? -1 : 1;
	return strcmp(first->name, second->name);
}

static void sum_times(struct call_times *sum, const struct call_times *times)
{
	if (!times->n)
		return;
	if (!sum->n || times->min_ns < sum->min_ns)
		sum->min_ns = times->min_ns;
	if (times->max_ns > sum->max_ns)
		sum->max_ns = times->max_ns;
	sum->total_ns += times->total_ns;
	sum->n += times->n;
}

_Static_assert(offsetof(struct entry, row) == 0, "an entry is sorted as its row");

size_t call_counts_rows(struct call_counts *counts, enum counts_mode mode,
			const struct counts_view *view, const struct call_count *const **ret_rows,
			struct call_count *ret_total)
{
	struct table *table = &counts->tables[mode];
	size_t n = 0, n_rows = HASH_COUNT(table->by_name);
	struct entry *entry, *next;

	free(table->rows);
	table->rows = calloc(n_rows + 1, sizeof(*table->rows));
	if (!table->rows)
		abort();
	*ret_total = (struct call_count){ 0 };
	HASH_ITER (hh, table->by_name, entry, next) {
		table->rows[n++] = &entry->row;
		ret_total->calls += entry->row.calls;
		ret_total->errors += entry->row.errors;
		sum_times(&ret_total->system, &entry->row.system);
		sum_times(&ret_total->wall, &entry->row.wall);
	}
	qsort_r(table->rows, n, sizeof(*table->rows), compare, (void *)view);
	*ret_rows = table->rows;
	return n;
}
