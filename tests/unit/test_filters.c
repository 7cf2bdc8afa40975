#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decode/syscalls.h"
#include "filters/filter.h"

#define X86_64 AUDIT_ARCH_X86_64
#define I386   AUDIT_ARCH_I386

static struct filter *filter_of(bool is_strace_face, const char *expr)
{
	struct filter *filter = filter_create(is_strace_face);
	char error[256] = "";

	if (expr && filter_add(filter, expr, error, sizeof(error)) != 0)
		fail_msg("%s: %s", expr, error);
	return filter;
}

/* Does the trace set of an expression hold the calls that a list names, and not the others? */
static void check_set(const char *expr, const char *in, const char *out)
{
	struct filter *filter = filter_of(true, expr);
	const char *const lists[] = { in, out };

	for (int i = 0; i < 2; i++) {
		char *copy = strdup(lists[i]);

		for (char *name = strtok(copy, " "); name; name = strtok(NULL, " ")) {
			int nr = syscall_number(X86_64, name);

			assert_true(nr >= 0);
			if (filter_wants_nr(filter, X86_64, (uint64_t)nr) != (i == 0))
				fail_msg("%s in %s", name, expr);
		}
		free(copy);
	}
	filter_destroy(filter);
}

static void check_error(const char *expr, int expected, const char *text)
{
	struct filter *filter = filter_create(true);
	char error[256] = "";

	assert_int_equal(filter_add(filter, expr, error, sizeof(error)), expected);
	assert_string_equal(error, text);
	/* And nothing has changed. */
	assert_true(filter_wants_nr(filter, X86_64, 0));
	assert_true(filter_wants_signal(filter, 5));
	filter_destroy(filter);
}

static void sets_of_calls_follow_straces_grammar(void **state)
{
	(void)state;
	check_set("open,close", "open close", "read openat");
	check_set("trace=open", "open", "read");
	check_set("t=open", "open", "read");
	check_set("!open,close", "read write", "open close");
	check_set("!!open", "open", "read");
	check_set("all", "read futex mseal", "");
	check_set("none", "", "read futex mseal");
	check_set("!all", "", "read futex");
	check_set("!none", "read futex", "");
	check_set("all,open", "read open futex", "");
	check_set("!all,open", "", "read open futex");
	check_set(",open,,close,", "open close", "read");
	check_set("%file", "open stat execve file_setattr", "read mseal");
}

static void sets_of_calls_take_numbers_classes_and_patterns(void **state)
{
	(void)state;
	check_set("2", "open", "read close");
	check_set("03", "close", "read open");
	check_set("%ipc", "msgsnd shmat semop", "read pipe futex");
	check_set("ipc,pipe", "msgsnd pipe", "read pipe2 futex");
	check_set("%net", "socket sendfile", "read");
	check_set("%%stat", "stat fstat statx", "statfs");
	check_set("/^open", "open openat openat2 open_by_handle_at", "mq_open fsopen read");
	check_set("/open", "open mq_open fsopen", "read");
	check_set("/^(read|write)v?$", "read write readv writev", "pread64 process_vm_readv");
	check_set("/", "read futex", "");
	check_set("!/open", "read", "open mq_open");
}

static void a_question_mark_forgives_unknown_names(void **state)
{
	(void)state;
	check_set("?no_such_call", "", "read");
	check_set("?no_such_call,open", "open", "read");
	check_set("!?no_such_call", "read open", "");
	check_set("?9999,?/zzz,?%zzz,?", "", "read");
	check_set("??open", "open", "read");
}

static void a_personality_restricts_to_its_architecture(void **state)
{
	struct filter *filter = filter_of(true, "open@32,3@64,all@x32");
	(void)state;

	assert_true(filter_wants_nr(filter, I386, 5));
	assert_false(filter_wants_nr(filter, X86_64, 2));
	assert_true(filter_wants_nr(filter, X86_64, 3));
	assert_false(filter_wants_nr(filter, I386, 3));
	assert_true(filter_wants_nr(filter, X86_64, 0x40000000));
	filter_destroy(filter);

	filter = filter_of(true, "1073741826");
	assert_true(filter_wants_nr(filter, X86_64, 0x40000002));
	assert_false(filter_wants_nr(filter, X86_64, 2));
	filter_destroy(filter);

	filter = filter_of(true, "socket");
	assert_true(filter_wants_nr(filter, X86_64, 41));
	assert_true(filter_wants_nr(filter, I386, 359));
	filter_destroy(filter);
}

/* Messages as strace 6.1 and 7.2 print them behind "strace: ". */
static void wrong_calls_are_named(void **state)
{
	(void)state;
	check_error("foo", -EINVAL, "invalid system call 'foo'");
	check_error("trace=open,foo", -EINVAL, "invalid system call 'foo'");
	check_error("", -EINVAL, "invalid system call ''");
	check_error("trace=", -EINVAL, "invalid system call ''");
	check_error("!", -EINVAL, "invalid system call '!'");
	check_error("!!", -EINVAL, "invalid system call '!!'");
	check_error("!,", -EINVAL, "invalid system call '!,'");
	check_error("foo=bar", -EINVAL, "invalid system call 'foo=bar'");
	check_error("=open", -EINVAL, "invalid system call '=open'");
	check_error("trace==open", -EINVAL, "invalid system call '=open'");
	check_error("open,!close", -EINVAL, "invalid system call '!close'");
	check_error("all,none", -EINVAL, "invalid system call 'none'");
	check_error("none@64", -EINVAL, "invalid system call 'none@64'");
	check_error("%all", -EINVAL, "invalid system call '%all'");
	check_error("%pipe", -EINVAL, "invalid system call '%pipe'");
	check_error("net", -EINVAL, "invalid system call 'net'");
	check_error("9999", -EINVAL, "invalid system call '9999'");
	check_error("4294967299", -EINVAL, "invalid system call '4294967299'");
	check_error("-1", -EINVAL, "invalid system call '-1'");
	check_error("0x3", -EINVAL, "invalid system call '0x3'");
	check_error("stat64@64", -EINVAL, "invalid system call 'stat64@64'");
	check_error("@64", -EINVAL, "invalid system call '@64'");
	check_error("open@64@32", -EINVAL, "invalid system call 'open@64@32'");
	check_error("/zzz", -EINVAL, "invalid system call '/zzz'");
	check_error("\xff\xfe", -EINVAL, "invalid system call '\xff\xfe'");
	check_error("raw=foo", -EINVAL, "invalid system call 'foo'");
}

static void wrong_personalities_and_patterns_are_named(void **state)
{
	(void)state;
	check_error("open@99", -EDOM,
		    "incorrect personality designator '99' in qualification 'open@99'");
	check_error("?open@", -EDOM,
		    "incorrect personality designator '' in qualification 'open@'");
	check_error("/[", -EINVAL, "regcomp: [: Invalid regular expression");
	/* Would take regcomp seconds. */
	check_error("/()?"
		    "?{2}{4}+",
		    -EINVAL,
		    "regcomp: ()?"
		    "?{2}{4}+...: Regular expression too big");
	check_error("/x++++++++++++++++++++++++++++++++", -EINVAL,
		    "regcomp: x++++++++++++++++++++++++++++++++...: Regular expression too big");
	check_error("/[[:foo:]]", -EINVAL, "regcomp: [[:foo:]]: Invalid character class name");
}

static void wrong_members_of_other_sets_are_named(void **state)
{
	(void)state;
	check_error("signal=FOO", -EINVAL, "invalid signal 'FOO'");
	check_error("s=SIGRTMIN+1", -EINVAL, "invalid signal 'SIGRTMIN+1'");
	check_error("signals=256", -EINVAL, "invalid signal '256'");
	check_error("signal=rt_0", -EINVAL, "invalid signal 'rt_0'");
	check_error("signal=rt_33", -EINVAL, "invalid signal 'rt_33'");
	check_error("signal=all,usr1", -EINVAL, "invalid signal 'all'");
	check_error("signal=", -EINVAL, "invalid signal ''");
	check_error("status=x", -EINVAL, "invalid status 'x'");
	check_error("quiet=x", -EINVAL, "invalid quiet 'x'");
	check_error("silence=attach,x", -EINVAL, "invalid quiet 'x'");
	check_error("decode-fd=x", -EINVAL, "invalid decode-fds 'x'");
	check_error("decode-pid=x", -EINVAL, "invalid decode-pids 'x'");
	check_error("read=-1", -EINVAL, "invalid descriptor '-1'");
	check_error("fd=2147483648", -EINVAL, "invalid descriptor '2147483648'");
}

static void qualifiers_we_lack_say_so(void **state)
{
	static const char *const exprs[] = { "inject=open:error=EPERM", "fault=open", "kvm=vcpu",
					     "namespace=new", "secontext=full" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(exprs); i++) {
		struct filter *filter = filter_create(true);
		char error[256] = "";

		assert_int_equal(filter_add(filter, exprs[i], error, sizeof(error)), -ENOTSUP);
		assert_non_null(strstr(error, "not supported"));
		filter_destroy(filter);
	}
}

static void huge_patterns_are_refused(void **state)
{
	static const char *const exprs[] = { "/(((a{200}){200}){200}){200}", "/a{32767}",
					     "/((a{30}){30}){30}" };
	struct filter *filter = filter_create(true);
	char pattern[1000] = "?/", error[64];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(exprs); i++)
		assert_int_equal(filter_add(filter, exprs[i], error, sizeof(error)), -EINVAL);
	memset(pattern + 2, 'a', sizeof(pattern) - 3);
	assert_int_equal(filter_add(filter, pattern, error, sizeof(error)), -EINVAL);
	assert_int_equal(filter_add(filter, "/op{1}en", error, sizeof(error)), 0);
	filter_destroy(filter);
}

/* Deterministic garbage: nothing but a clean answer may come of it. */
static void arbitrary_bytes_do_no_harm(void **state)
{
	static const char alphabet[] = "!?%/@=,*{}[]()\\|+.^$19 aopentrsigl\xff\n\t-_x";
	struct filter *filter = filter_create(false);
	uint32_t seed = 12345;
	(void)state;

	for (int round = 0; round < 20000; round++) {
		char expr[24], error[16];
		size_t len;

		seed = seed * 1664525u + 1013904223u;
		len = (seed >> 16) % sizeof(expr);
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525u + 1013904223u;
			expr[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		expr[len] = '\0';
		memset(error, 'x', sizeof(error));
		if (filter_add(filter, expr, error, sizeof(error)) < 0)
			assert_non_null(memchr(error, '\0', sizeof(error)));
	}
	filter_destroy(filter);
}

static void a_later_set_replaces_the_earlier(void **state)
{
	struct filter *filter = filter_of(true, "trace=open");
	char error[64];
	(void)state;

	assert_int_equal(filter_add(filter, "close", error, sizeof(error)), 0);
	assert_false(filter_wants_nr(filter, X86_64, 2));
	assert_true(filter_wants_nr(filter, X86_64, 3));
	assert_int_equal(filter_set(filter, "signals", "usr1", error, sizeof(error)), 0);
	assert_int_equal(filter_set(filter, "signal", "!hup", error, sizeof(error)), 0);
	assert_false(filter_wants_signal(filter, 1));
	assert_true(filter_wants_signal(filter, 10));
	/* A wrong one leaves what was. */
	assert_int_equal(filter_add(filter, "nonsense", error, sizeof(error)), -EINVAL);
	assert_true(filter_wants_nr(filter, X86_64, 3));
	assert_int_equal(filter_set(filter, "nonsense", "x", error, sizeof(error)), -EINVAL);
	filter_destroy(filter);
}

static void signals_are_names_in_any_case_and_numbers(void **state)
{
	static const struct {
		const char *expr;
		int sig;
	} cases[] = { { "SIGUSR1", 10 }, { "usr1", 10 }, { "Hup", 1 },       { "5", 5 },
		      { "05", 5 },       { "RT_3", 35 }, { "sigrtmin", 32 }, { "SIGRT_32", 64 },
		      { "IO", 29 },      { "255", 255 }, { "sys", 31 } };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct filter *filter = filter_create(true);
		char error[64];

		assert_int_equal(filter_set(filter, "s", cases[i].expr, error, sizeof(error)), 0);
		for (int sig = 0; sig < 256; sig++)
			assert_int_equal(filter_wants_signal(filter, sig), sig == cases[i].sig);
		filter_destroy(filter);
	}
}

static void defaults_are_those_of_the_face(void **state)
{
	struct filter *ours = filter_create(false), *straces = filter_create(true);
	struct filter *both[] = { ours, straces };
	(void)state;

	for (int i = 0; i < 2; i++) {
		assert_false(filter_has_call(both[i], FILTER_RAW, X86_64, 0));
		assert_true(filter_has_call(both[i], FILTER_ABBREV, X86_64, 0));
		assert_true(filter_has_call(both[i], FILTER_VERBOSE, X86_64, 0));
		assert_true(filter_wants_signal(both[i], 9));
		assert_true(filter_wants_status(both[i], STATUS_DETACHED));
		assert_false(filter_has_fd(both[i], FILTER_READ, 0));
		assert_false(filter_has_fd(both[i], FILTER_TRACE_FDS, 0));
		assert_int_equal(filter_words(both[i], FILTER_QUIET), 0);
		assert_int_equal(filter_words(both[i], FILTER_DECODE_FDS), 0);
		assert_false(filter_has_words(both[i], FILTER_QUIET));
	}
	assert_true(filter_wants_nr(straces, X86_64, 4));
	assert_false(filter_wants_nr(ours, X86_64, 4));
	assert_true(filter_asks_fds(ours));
	assert_false(filter_asks_fds(straces));
	filter_destroy(ours);
	filter_destroy(straces);
}

static void words_fill_masks(void **state)
{
	struct filter *filter = filter_of(true, "status=failed,Unfinished");
	char error[64];
	(void)state;

	assert_int_equal(filter_words(filter, FILTER_STATUS), STATUS_FAILED | STATUS_UNFINISHED);
	assert_false(filter_wants_status(filter, STATUS_SUCCESSFUL));
	assert_int_equal(filter_add(filter, "status=!failed", error, sizeof(error)), 0);
	assert_int_equal(filter_words(filter, FILTER_STATUS), STATUS_ALL & ~STATUS_FAILED);
	assert_int_equal(filter_add(filter, "q=exits,superseded", error, sizeof(error)), 0);
	assert_int_equal(filter_words(filter, FILTER_QUIET), QUIET_EXIT | QUIET_THREAD_EXECVE);
	assert_true(filter_has_words(filter, FILTER_QUIET));
	filter_add_words(filter, FILTER_QUIET, QUIET_ATTACH);
	assert_int_equal(filter_words(filter, FILTER_QUIET),
			 QUIET_EXIT | QUIET_THREAD_EXECVE | QUIET_ATTACH);
	assert_int_equal(filter_add(filter, "silent=all", error, sizeof(error)), 0);
	assert_int_equal(filter_words(filter, FILTER_QUIET), QUIET_ALL);
	assert_int_equal(filter_add(filter, "decode-fds=signalfd,dev", error, sizeof(error)), 0);
	assert_int_equal(filter_words(filter, FILTER_DECODE_FDS),
			 DECODE_FDS_SIGNALFD | DECODE_FDS_DEV);
	assert_int_equal(filter_add(filter, "decode-pids=none", error, sizeof(error)), 0);
	assert_int_equal(filter_words(filter, FILTER_DECODE_PIDS), 0);
	filter_destroy(filter);
}

static void numbers_without_name_are_shown_as_strace_does(void **state)
{
	struct filter *straces = filter_of(true, "read"), *ours = filter_of(false, "read");
	struct filter *all = filter_of(false, "all"), *but = filter_of(false, "!read");
	(void)state;

	assert_true(filter_wants_nr(straces, X86_64, 999));
	assert_true(filter_wants_nr(straces, 77, 0));
	assert_false(filter_wants_nr(ours, X86_64, 999));
	assert_false(filter_wants_nr(ours, 77, 0));
	assert_true(filter_wants_nr(all, X86_64, 999));
	assert_true(filter_wants_nr(all, X86_64, UINT64_MAX));
	assert_true(filter_wants_nr(but, X86_64, 999));
	filter_destroy(straces);
	filter_destroy(ours);
	filter_destroy(all);
	filter_destroy(but);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_of_calls_follow_straces_grammar),
		cmocka_unit_test(sets_of_calls_take_numbers_classes_and_patterns),
		cmocka_unit_test(a_question_mark_forgives_unknown_names),
		cmocka_unit_test(a_personality_restricts_to_its_architecture),
		cmocka_unit_test(wrong_calls_are_named),
		cmocka_unit_test(wrong_personalities_and_patterns_are_named),
		cmocka_unit_test(wrong_members_of_other_sets_are_named),
		cmocka_unit_test(qualifiers_we_lack_say_so),
		cmocka_unit_test(huge_patterns_are_refused),
		cmocka_unit_test(arbitrary_bytes_do_no_harm),
		cmocka_unit_test(a_later_set_replaces_the_earlier),
		cmocka_unit_test(signals_are_names_in_any_case_and_numbers),
		cmocka_unit_test(defaults_are_those_of_the_face),
		cmocka_unit_test(words_fill_masks),
		cmocka_unit_test(numbers_without_name_are_shown_as_strace_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
