/* Signals, siginfo of every kind, timers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { INFO = 0x1000, SET = 0x2000, OLD_SET = 0x3000, ACTION = 0x4000, OLD = 0x5000, MISS = 8 };

static struct fake fake, own;

static int set_up(void **state)
{
	(void)state;
	fake_init(&fake, true);
	fake_init(&own, false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_finish(&fake);
	fake_finish(&own);
	return 0;
}

/* What a queued siginfo of that many words is shown as: signo, errno, code, then the union. */
static const char *queued(struct fake *f, const uint32_t *words, size_t len)
{
	uint8_t info[128] = { 0 };

	memcpy(info, words, len);
	fake_poke(f, INFO, info, sizeof(info));
	return FAKE_CALL(f, "rt_sigqueueinfo", -3, 7, words[0], INFO);
}

#define QUEUED(...)                                                                                \
	queued(&fake, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }))
#define SHOWN(name_, fields_)                                                                      \
	"rt_sigqueueinfo(7, " name_ ", {si_signo=" name_ ", " fields_ "}) = -1 ESRCH"

static void signals_are_sent_by_name(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&fake, "kill", 0, 2850, 10), "kill(2850, SIGUSR1) = 0");
	assert_string_equal(FAKE_CALL(&fake, "kill", -22, (uint64_t)-1, 77),
			    "kill(-1, 77) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "tkill", 0, 3498, 0), "tkill(3498, 0) = 0");
	assert_string_equal(FAKE_CALL(&fake, "tgkill", 0, 1, 2, 34), "tgkill(1, 2, SIGRT_2) = 0");
	assert_string_equal(FAKE_CALL(&fake, "kill", -22, 1, (uint32_t)-5),
			    "kill(1, -5) = -1 EINVAL");
}

static void siginfo_shows_what_its_code_gives_a_meaning(void **state)
{
	(void)state;
	assert_string_equal(QUEUED(10, 0, 0, 0, 16, 20, 24),
			    SHOWN("SIGUSR1", "si_code=SI_USER, si_pid=16, si_uid=20"));
	assert_string_equal(QUEUED(10, 0, (uint32_t)-1, 0, 16, 20, 42),
			    SHOWN("SIGUSR1", "si_code=SI_QUEUE, si_pid=16, si_uid=20, si_int=42, "
					     "si_ptr=0x2a"));
	assert_string_equal(QUEUED(14, 0, (uint32_t)-2, 0, 1, 2, 0),
			    SHOWN("SIGALRM", "si_code=SI_TIMER, si_timerid=0x1, si_overrun=2, "
					     "si_int=0, si_ptr=NULL"));
	assert_string_equal(QUEUED(29, 0, (uint32_t)-5, 0, 65, 0, 7),
			    SHOWN("SIGIO", "si_code=SI_SIGIO, si_band=65, si_fd=7"));
	assert_string_equal(QUEUED(29, 0, 1, 0, 65, 0, 7),
			    SHOWN("SIGIO", "si_code=POLL_IN, si_band=65, si_fd=7"));
	assert_string_equal(QUEUED(10, 11, 99, 0, 0, 0, 0),
			    SHOWN("SIGUSR1", "si_code=0x63, si_errno=EAGAIN"));
}

static void siginfo_of_children_shows_status_and_times(void **state)
{
	(void)state;
	assert_string_equal(QUEUED(17, 0, 1, 0, 16, 20, 3, 0, 7, 0, 0, 0),
			    SHOWN("SIGCHLD", "si_code=CLD_EXITED, si_pid=16, si_uid=20, "
					     "si_status=3, si_utime=7 /* 0.07 s */, si_stime=0"));
	assert_string_equal(QUEUED(17, 0, 2, 0, 16, 20, 9),
			    SHOWN("SIGCHLD", "si_code=CLD_KILLED, si_pid=16, si_uid=20, "
					     "si_status=SIGKILL, si_utime=0, si_stime=0"));
}

static void siginfo_of_faults_shows_the_address(void **state)
{
	(void)state;
	assert_string_equal(QUEUED(11, 0, 1, 0, 8, 0),
			    SHOWN("SIGSEGV", "si_code=SEGV_MAPERR, si_addr=0x8"));
	assert_string_equal(QUEUED(11, 0, 4, 0, 8, 0, 0, 0, 5),
			    SHOWN("SIGSEGV", "si_code=SEGV_PKUERR, si_addr=0x8, si_pkey=5"));
	assert_string_equal(QUEUED(7, 0, 4, 0, 8, 0, 12),
			    SHOWN("SIGBUS", "si_code=BUS_MCEERR_AR, si_addr=0x8, si_addr_lsb=0xc"));
	assert_string_equal(QUEUED(5, 0, 0x80, 0, 0, 0),
			    SHOWN("SIGTRAP", "si_code=SI_KERNEL, si_addr=NULL"));
	assert_string_equal(QUEUED(31, 0, 1, 0, 0x10, 0, 39, AUDIT_ARCH_X86_64),
			    SHOWN("SIGSYS", "si_code=SYS_SECCOMP, si_call_addr=0x10, "
					    "si_syscall=__NR_getpid, si_arch=AUDIT_ARCH_X86_64"));
}

static void siginfo_that_cannot_be_read_is_an_address(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&fake, "rt_tgsigqueueinfo", -14, 1, 2, 33, MISS),
			    "rt_tgsigqueueinfo(1, 2, SIGRT_1, 0x8) = -1 EFAULT");
}

static void a_32_bit_siginfo_has_no_gap(void **state)
{
	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	assert_string_equal(QUEUED(10, 0, (uint32_t)-1, 16, 20, 42),
			    SHOWN("SIGUSR1", "si_code=SI_QUEUE, si_pid=16, si_uid=20, si_int=42, "
					     "si_ptr=0x2a"));
	assert_string_equal(QUEUED(17, 0, 1, 16, 20, 3, 0, 5),
			    SHOWN("SIGCHLD", "si_code=CLD_EXITED, si_pid=16, si_uid=20, "
					     "si_status=3, si_utime=0, si_stime=5 /* 0.05 s */"));
}

static void actions_are_in_the_kernels_layout(void **state)
{
	uint64_t action[4] = { 0x1234, 0x14000004, 0x5678, 1 << 11 };
	uint64_t ignore[4] = { 1, 0, 0, 0 };
	uint32_t action32[5] = { 0x1234, 0x10000000, 0, 1 << 11, 1 };
	uint32_t old32[4] = { 0x1234, 1 << 11, 0x10000000, 0 };

	(void)state;
	fake_poke(&fake, ACTION, action, sizeof(action));
	fake_poke(&fake, OLD, ignore, sizeof(ignore));
	assert_string_equal(FAKE_CALL(&fake, "rt_sigaction", 0, 10, ACTION, OLD, 8),
			    "rt_sigaction(SIGUSR1, {sa_handler=0x1234, sa_mask=[USR2], "
			    "sa_flags=SA_RESTORER|SA_RESTART|SA_SIGINFO, sa_restorer=0x5678}, "
			    "{sa_handler=SIG_IGN, sa_mask=[], sa_flags=0}, 8) = 0");
	assert_string_equal(FAKE_CALL(&fake, "rt_sigaction", -22, 10, MISS, OLD, 8),
			    "rt_sigaction(SIGUSR1, 0x8, 0x5000, 8) = -1 EINVAL");
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, 0x6000, action32, sizeof(action32));
	fake_poke(&fake, 0x7000, old32, sizeof(old32));
	assert_string_equal(FAKE_CALL(&fake, "rt_sigaction", 0, 10, 0x6000, 0, 8),
			    "rt_sigaction(SIGUSR1, {sa_handler=0x1234, sa_mask=[USR2 RT_1], "
			    "sa_flags=SA_RESTART}, NULL, 8) = 0");
	assert_string_equal(FAKE_CALL(&fake, "sigaction", 0, 10, 0x7000, 0),
			    "sigaction(SIGUSR1, {sa_handler=0x1234, sa_mask=[USR2], "
			    "sa_flags=SA_RESTART}, NULL) = 0");
	assert_string_equal(FAKE_CALL(&fake, "signal", 1, 10, 0),
			    "signal(SIGUSR1, SIG_DFL) = 0x1 (SIG_IGN)");
}

static void sets_are_read_only_in_sizes_that_make_sense(void **state)
{
	uint64_t set = 1 << 14, old = 0;

	(void)state;
	fake_poke(&fake, SET, &set, sizeof(set));
	fake_poke(&fake, OLD_SET, &old, sizeof(old));
	assert_string_equal(FAKE_CALL(&fake, "rt_sigprocmask", 0, 0, SET, OLD_SET, 8),
			    "rt_sigprocmask(SIG_BLOCK, [TERM], [], 8) = 0");
	assert_string_equal(FAKE_CALL(&fake, "rt_sigprocmask", -22, 3, SET, OLD_SET, 1ull << 40),
			    "rt_sigprocmask(0x3 /* SIG_??? */, 0x2000, 0x3000, 1099511627776) = "
			    "-1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "rt_sigsuspend", -514, SET, 8),
			    "rt_sigsuspend([TERM], 8) = -1 ERESTARTNOHAND");
	assert_string_equal(FAKE_CALL(&fake, "rt_sigpending", 0, SET, 2),
			    "rt_sigpending([TERM], 2) = 0");
	fake.arch = AUDIT_ARCH_I386;
	assert_string_equal(FAKE_CALL(&fake, "sigprocmask", 0, 2, SET, OLD_SET),
			    "sigprocmask(SIG_SETMASK, [TERM], []) = 0");
	assert_string_equal(FAKE_CALL(&fake, "sigsuspend", -514, 0, 0, 1 << 9),
			    "sigsuspend([USR1]) = -1 ERESTARTNOHAND");
	assert_string_equal(FAKE_CALL(&fake, "ssetmask", 0, 1 << 9),
			    "ssetmask([USR1]) = 0 (old mask [])");
}

static void a_signal_that_was_waited_for_is_named(void **state)
{
	uint32_t info[32] = { 15, 0, (uint32_t)-6, 0, 3498 };
	uint64_t set = 1 << 14, time[2] = { 0, 1000000 };

	(void)state;
	fake_poke(&fake, SET, &set, sizeof(set));
	fake_poke(&fake, INFO, info, sizeof(info));
	fake_poke(&fake, OLD, time, sizeof(time));
	assert_string_equal(FAKE_CALL(&fake, "rt_sigtimedwait", 15, SET, INFO, OLD, 8),
			    "rt_sigtimedwait([TERM], {si_signo=SIGTERM, si_code=SI_TKILL, "
			    "si_pid=3498, si_uid=0}, {tv_sec=0, tv_nsec=1000000}, 8) = 15 "
			    "(SIGTERM)");
	assert_string_equal(FAKE_CALL(&fake, "rt_sigtimedwait", -11, SET, INFO, 0, 8),
			    "rt_sigtimedwait([TERM], 0x1000, NULL, 8) = -1 EAGAIN");
}

static void a_return_from_a_handler_shows_the_mask_of_its_frame(void **state)
{
	uint64_t mask = 1 << 14;
	uint32_t low = 1 << 14, high = 1;

	(void)state;
	fake.sp = own.sp = 0x8000;
	fake_poke(&fake, 0x8000 + 296, &mask, sizeof(mask));
	fake_poke(&own, 0x8000 + 296, &mask, sizeof(mask));
	assert_string_equal(FAKE_CALL(&fake, "rt_sigreturn", -4, 0),
			    "rt_sigreturn({mask=[TERM]}) = -1 EINTR");
	assert_string_equal(FAKE_CALL(&own, "rt_sigreturn", -4, 0),
			    "rt_sigreturn({mask=[TERM]}) = ?");
	fake.sp = 0x9000;
	assert_string_equal(FAKE_CALL(&fake, "rt_sigreturn", 0, 0), "rt_sigreturn(0x9000) = 0");
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, 0x9000 + 80, &low, sizeof(low));
	fake_poke(&fake, 0x9000 + 712, &high, sizeof(high));
	assert_string_equal(FAKE_CALL(&fake, "sigreturn", 0, 0),
			    "sigreturn({mask=[TERM RT_1]}) = 0");
}

static void a_restarted_call_says_which_one_it_was(void **state)
{
	(void)state;
	FAKE_CALL(&fake, "pause", -516, 0);
	assert_string_equal(FAKE_CALL(&fake, "restart_syscall", 0, 0),
			    "restart_syscall(<... resuming interrupted pause ...>) = 0");
}

static void timers_show_times_and_what_they_send(void **state)
{
	uint32_t event[16] = { 5, 0, 10, 0 }, thread[16] = { 0, 0, 10, 4, 77 };
	uint64_t spec[4] = { 0, 0, 1, 2 };
	int32_t id = 3;

	(void)state;
	fake_poke(&fake, SET, event, sizeof(event));
	fake_poke(&fake, OLD_SET, &id, sizeof(id));
	fake_poke(&fake, ACTION, spec, sizeof(spec));
	fake_poke(&fake, OLD, thread, sizeof(thread));
	assert_string_equal(FAKE_CALL(&fake, "timer_create", 0, 0, SET, OLD_SET),
			    "timer_create(CLOCK_REALTIME, {sigev_value={sival_int=5, "
			    "sival_ptr=0x5}, sigev_signo=SIGUSR1, sigev_notify=SIGEV_SIGNAL}, "
			    "[3]) = 0");
	assert_string_equal(FAKE_CALL(&fake, "timer_create", -22, 1, OLD, OLD_SET),
			    "timer_create(CLOCK_MONOTONIC, {sigev_signo=SIGUSR1, "
			    "sigev_notify=SIGEV_THREAD_ID, sigev_notify_thread_id=77}, 0x3000) = "
			    "-1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "timer_settime", 0, 3, 1, ACTION, 0),
			    "timer_settime(3, TIMER_ABSTIME, {it_interval={tv_sec=0, tv_nsec=0}, "
			    "it_value={tv_sec=1, tv_nsec=2}}, NULL) = 0");
	assert_string_equal(FAKE_CALL(&fake, "getitimer", 0, 0, ACTION),
			    "getitimer(ITIMER_REAL, {it_interval={tv_sec=0, tv_usec=0}, "
			    "it_value={tv_sec=1, tv_usec=2}}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "alarm", 3, 100), "alarm(100) = 3");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(signals_are_sent_by_name),
		CASE(siginfo_shows_what_its_code_gives_a_meaning),
		CASE(siginfo_of_children_shows_status_and_times),
		CASE(siginfo_of_faults_shows_the_address),
		CASE(siginfo_that_cannot_be_read_is_an_address),
		CASE(a_32_bit_siginfo_has_no_gap),
		CASE(actions_are_in_the_kernels_layout),
		CASE(sets_are_read_only_in_sizes_that_make_sense),
		CASE(a_signal_that_was_waited_for_is_named),
		CASE(a_return_from_a_handler_shows_the_mask_of_its_frame),
		CASE(a_restarted_call_says_which_one_it_was),
		CASE(timers_show_times_and_what_they_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
