/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives up every privilege once the files are open and before their bytes are parsed. */
#include "cmd/priv.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "kcore/cleanup.h"

/* The sanitizers' run time opens files, and at exit clones and traces. */
#ifdef KWCHECK_SANITIZED
#define CAN_FILTER false
#else
#define CAN_FILTER true
#endif

enum { NOBODY = 65534 };

static int failed(const char *what, int errnum, struct error *err)
{
	return error_set(
		err, ERROR_PRIVILEGES, -errnum,
		"privileges cannot be dropped: %s: %s; run kwcheck as root on the host "
		"or as an ordinary user",
		what, strerror(errnum));
}

/* Against a bug in a parser that is fed by a hostile module, log or core: whatever runs
 * then has no user, group or capability to use.
 */
static int drop_root(struct error *err)
{
	int r;

	/* The ambient set, which libcap-ng of Debian 11 does not know, is cleared by the
	 * kernel itself: none is ambient that is not permitted (capabilities(7)).
	 */
	capng_clear(CAPNG_SELECT_BOTH);
	r = capng_change_id(NOBODY, NOBODY,
			    (capng_flags_t)(CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING));
	if (r < 0) {
		char what[64];

		snprintf(what, sizeof(what), "capng_change_id() gave %d", r);
		return failed(what, EPERM, err);
	}
	return 0;
}

static const struct {
	int call;
	unsigned needs;
} allowed[] = {
	{.call = SCMP_SYS(read)},
	{.call = SCMP_SYS(pread64)},
	{.call = SCMP_SYS(readv)},
	{.call = SCMP_SYS(write)},
	{.call = SCMP_SYS(pwrite64)},
	{.call = SCMP_SYS(writev)},
	{.call = SCMP_SYS(lseek)},
	{.call = SCMP_SYS(close)},
	{.call = SCMP_SYS(fstat)},
	{.call = SCMP_SYS(fcntl)},
	{.call = SCMP_SYS(ftruncate)},
	{.call = SCMP_SYS(fsync)},
	{.call = SCMP_SYS(munmap)},
	{.call = SCMP_SYS(mremap)},
	{.call = SCMP_SYS(brk)},
	{.call = SCMP_SYS(madvise)},
	{.call = SCMP_SYS(futex)},
	{.call = SCMP_SYS(getrandom)},
	{.call = SCMP_SYS(getpid)},
	{.call = SCMP_SYS(gettid)},
	{.call = SCMP_SYS(clock_gettime)},
	{.call = SCMP_SYS(clock_nanosleep)},
	{.call = SCMP_SYS(nanosleep)},
	{.call = SCMP_SYS(rt_sigreturn)},
	{.call = SCMP_SYS(rt_sigaction)},
	{.call = SCMP_SYS(rt_sigprocmask)},
	{.call = SCMP_SYS(restart_syscall)},
	{.call = SCMP_SYS(exit)},
	{.call = SCMP_SYS(exit_group)},
	{.call = SCMP_SYS(mmap), .needs = PRIV_JIT},
	{.call = SCMP_SYS(mprotect), .needs = PRIV_JIT},
	{.call = SCMP_SYS(sched_yield), .needs = PRIV_JIT},
	{.call = SCMP_SYS(clone), .needs = PRIV_FORK},
	{.call = SCMP_SYS(clone3), .needs = PRIV_FORK},
	{.call = SCMP_SYS(wait4), .needs = PRIV_FORK},
	{.call = SCMP_SYS(pipe2), .needs = PRIV_FORK},
	{.call = SCMP_SYS(poll), .needs = PRIV_FORK},
	{.call = SCMP_SYS(kill), .needs = PRIV_FORK},
	{.call = SCMP_SYS(set_robust_list), .needs = PRIV_FORK},
};

/* Calls that are harmless with some arguments: without PRIV_JIT memory is never
 * executable, and newfstatat() is how newer C libraries spell fstat().
 */
static int allow_by_argument(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp by_fd = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH,
						  AT_EMPTY_PATH);
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec);

	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
				     by_fd);
	return r < 0 ? r
		     : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
					no_exec);
}

/* Can the kernel filter? Without CONFIG_SECCOMP_FILTER it knows no such mode; else it
 * looks for the filter at NULL.
 */
static bool has_filters(void)
{
	enum { MODE_FILTER = 2 }; /* SECCOMP_MODE_FILTER */

	return prctl(PR_SET_SECCOMP, MODE_FILTER, NULL, 0, 0) == 0 || errno != EINVAL;
}

/* An allow list. ENOSYS, not a kill, for the rest: a C library that tries a newer call
 * first falls back, as it would on an older kernel.
 */
static int filter_calls(unsigned needs, struct error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int r = filter ? allow_by_argument(filter) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if ((allowed[i].needs & needs) == allowed[i].needs)
			r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i].call, 0);
	if (r == 0)
		r = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	if (r < 0 && !has_filters())
		return error_set(
			err, ERROR_PRIVILEGES, r,
			"this kernel has no seccomp filters "
			"(CONFIG_SECCOMP_FILTER is off): --no-sandbox does without "
			"one; all privileges are dropped just the same");
	return r < 0 ? failed("seccomp (--no-sandbox does without)", -r, err) : 0;
}

/* The kernel's own word on what we are now. */
static int verify(int status_fd, bool was_root, struct error *err)
{
	static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd",
					   "CapAmb"};
	char status[8192], pattern[32];
	unsigned uids[4], no_new_privs = 0;
	ssize_t n = pread(status_fd, status, sizeof(status) - 1, 0);
	const char *line;

	if (n <= 0)
		return failed("/proc/self/status", n < 0 ? errno : EIO, err);
	status[n] = '\0';
	for (size_t i = 0; was_root && i < sizeof(sets) / sizeof(sets[0]); i++) {
		uint64_t set;

		snprintf(pattern, sizeof(pattern), "\n%s:", sets[i]);
		line = strstr(status, pattern);
		if (!line || sscanf(line + strlen(pattern), "%" SCNx64, &set) != 1 ||
		    set != 0)
			return failed("a capability set is not empty afterwards", EPERM,
				      err);
	}
	line = strstr(status, "\nUid:");
	if (!line || sscanf(line, "\nUid: %u %u %u %u", &uids[0], &uids[1], &uids[2],
			    &uids[3]) != 4)
		return failed("/proc/self/status has no Uid", EPERM, err);
	for (size_t i = 0; i < 4; i++)
		if (uids[i] == 0)
			return failed("still uid 0 afterwards", EPERM, err);
	line = strstr(status, "\nNoNewPrivs:");
	if (!line || sscanf(line, "\nNoNewPrivs: %u", &no_new_privs) != 1 ||
	    no_new_privs != 1)
		return failed("no_new_privs is not set afterwards", EPERM, err);
	return 0;
}

int priv_drop(unsigned needs, bool has_sandbox, struct error *err)
{
	_cleanup_fd_ int status_fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	bool was_root = geteuid() == 0;
	int r = 0;

	if (status_fd < 0)
		return failed("/proc/self/status", errno, err);
	if (was_root)
		r = drop_root(err);
	if (r < 0)
		return r;
	/* No set-uid binary gives anything back. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return failed("no_new_privs", errno, err);
	/* Other processes of uid 65534 can neither trace us nor read our memory, which
	 * holds the kernel's.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return failed("dumpable", errno, err);
	if (has_sandbox && CAN_FILTER)
		r = filter_calls(needs, err);
	return r < 0 ? r : verify(status_fd, was_root, err);
}
