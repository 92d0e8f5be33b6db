/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives up every privilege once the files are open and before their bytes are parsed. */
#include "cmd/priv.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"

/* The sanitizers' run time opens files, and at exit clones and traces. */
#ifdef KWCHECK_SANITIZED
#define CAN_FILTER false
#else
#define CAN_FILTER true
#endif

enum {
	NOBODY = 65534,
	/* Of Linux 5.13: include/uapi/linux/landlock.h. */
	CALL_LANDLOCK_CREATE = 444,
	CALL_LANDLOCK_RESTRICT = 446,
};

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
static int drop_root(bool keeps_reading, struct error *err)
{
	int r;

	/* The ambient set, which libcap-ng of Debian 11 does not know, is cleared by the
	 * kernel itself: none is ambient that is not permitted (capabilities(7)).
	 */
	capng_clear(CAPNG_SELECT_BOTH);
	if (keeps_reading)
		capng_update(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
			     CAP_DAC_READ_SEARCH);
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
	unsigned call, needs;
} allowed[] = {
	{.call = SYS_read},
	{.call = SYS_pread64},
	{.call = SYS_readv},
	{.call = SYS_write},
	{.call = SYS_pwrite64},
	{.call = SYS_writev},
	{.call = SYS_lseek},
	{.call = SYS_close},
	{.call = SYS_fstat},
	{.call = SYS_ftruncate},
	{.call = SYS_fsync},
	{.call = SYS_munmap},
	{.call = SYS_mremap},
	{.call = SYS_brk},
	{.call = SYS_madvise},
	{.call = SYS_futex},
	{.call = SYS_getrandom},
	{.call = SYS_getpid},
	{.call = SYS_getppid},
	{.call = SYS_gettid},
	{.call = SYS_clock_gettime},
	{.call = SYS_clock_nanosleep},
	{.call = SYS_nanosleep},
	{.call = SYS_rt_sigreturn},
	{.call = SYS_rt_sigaction},
	{.call = SYS_rt_sigprocmask},
	{.call = SYS_restart_syscall},
	{.call = SYS_exit},
	{.call = SYS_exit_group},
	{.call = SYS_mmap, .needs = PRIV_JIT},
	{.call = SYS_mprotect, .needs = PRIV_JIT},
	{.call = SYS_sched_yield, .needs = PRIV_JIT},
	{.call = SYS_memfd_create, .needs = PRIV_JIT},
	{.call = SYS_wait4, .needs = PRIV_FORK},
	{.call = SYS_pipe2, .needs = PRIV_FORK},
	{.call = SYS_poll, .needs = PRIV_FORK},
	{.call = SYS_set_robust_list, .needs = PRIV_FORK},
	{.call = SYS_recvmsg, .needs = PRIV_HEAR},
	{.call = SYS_poll, .needs = PRIV_OPEN},
	{.call = SYS_memfd_create, .needs = PRIV_OPEN},
	{.call = SYS_sendmsg, .needs = PRIV_OPEN},
	{.call = SYS_stat, .needs = PRIV_OPEN},
	{.call = SYS_lstat, .needs = PRIV_OPEN},
	{.call = SYS_newfstatat, .needs = PRIV_OPEN},
	{.call = SYS_access, .needs = PRIV_OPEN},
	{.call = SYS_faccessat, .needs = PRIV_OPEN},
	{.call = SYS_readlink, .needs = PRIV_OPEN},
	{.call = SYS_readlinkat, .needs = PRIV_OPEN},
	{.call = SYS_getdents64, .needs = PRIV_OPEN},
	{.call = SYS_getcwd, .needs = PRIV_OPEN},
	{.call = SYS_uname, .needs = PRIV_OPEN},
};
enum { NR_ALLOWED = sizeof(allowed) / sizeof(allowed[0]) };

/* Namespaces of clone(2)'s flags: in a new one of users a process has every capability.
 * Of clone3() the flags cannot be seen; C libraries fall back to clone().
 */
enum { CLONE_NEW = 0x7e020000 };

/* Calls that are harmless with some arguments: without PRIV_JIT memory is never
 * executable, and newfstatat() is how newer C libraries spell fstat(). fcntl() could name
 * a process that is sent a signal (F_SETOWN, with O_ASYNC). A filter on top of this one
 * takes more away: priv_narrow().
 */
static const struct {
	unsigned call, argument;
	uint32_t bit;
	bool is_wanted; /* allowed where the bit is set; else where it is clear */
	bool is_value;	/* allowed where @bit is the whole argument */
	unsigned needs;
} by_argument[] = {
	{.call = SYS_fcntl,
	 .argument = 1,
	 .bit = F_DUPFD,
	 .is_wanted = true,
	 .is_value = true},
	{.call = SYS_fcntl,
	 .argument = 1,
	 .bit = F_GETFD,
	 .is_wanted = true,
	 .is_value = true},
	{.call = SYS_fcntl,
	 .argument = 1,
	 .bit = F_GETFL,
	 .is_wanted = true,
	 .is_value = true},
	{.call = SYS_fcntl,
	 .argument = 1,
	 .bit = F_DUPFD_CLOEXEC,
	 .is_wanted = true,
	 .is_value = true},
	{.call = SYS_openat,
	 .argument = 2,
	 .bit = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC,
	 .needs = PRIV_OPEN},
	{.call = SYS_clone, .argument = 0, .bit = CLONE_NEW, .needs = PRIV_FORK},
	{.call = SYS_kill,
	 .argument = 1,
	 .bit = SIGKILL,
	 .is_wanted = true,
	 .is_value = true,
	 .needs = PRIV_FORK},
	{.call = SYS_prctl,
	 .argument = 0,
	 .bit = PR_SET_SECCOMP,
	 .is_wanted = true,
	 .is_value = true,
	 .needs = PRIV_FORK},
	{.call = SYS_mmap, .argument = 2, .bit = PROT_EXEC},
	{.call = SYS_mprotect, .argument = 2, .bit = PROT_EXEC},
	{.call = SYS_newfstatat, .argument = 3, .bit = AT_EMPTY_PATH, .is_wanted = true},
	{.call = SYS_prctl,
	 .argument = 0,
	 .bit = PR_SET_PDEATHSIG,
	 .is_wanted = true,
	 .is_value = true},
};
enum { NR_BY_ARGUMENT = sizeof(by_argument) / sizeof(by_argument[0]) };

/* Classic BPF (Linux: include/uapi/linux/bpf_common.h, filter.h, seccomp.h). It is put
 * together here: libseccomp 2.5 and 2.6 leave rules out, without an error, where a
 * malloc() fails inside seccomp_load().
 */
struct bpf_insn {
	uint16_t code;
	uint8_t if_true, if_false;
	uint32_t k;
};

struct bpf_program {
	unsigned short nr;
	struct bpf_insn *insns;
};

enum {
	BPF_LOAD_WORD = 0x20,
	BPF_JUMP_EQUAL = 0x15,
	BPF_JUMP_SET = 0x45,
	BPF_RETURN = 0x06,
	/* Offsets in struct seccomp_data. */
	DATA_CALL = 0,
	DATA_ARCH = 4,
	DATA_ARGUMENTS = 16,
	RETURN_ALLOW = 0x7fff0000,
	RETURN_ERRNO = 0x00050000,
	SET_FILTER = 1,	 /* operation of seccomp(2) */
	FILTER_MODE = 2, /* of prctl(2) */
	MAX_INSNS = 6 + 2 * NR_ALLOWED + 5 * NR_BY_ARGUMENT,
};
static const uint32_t ARCH_X86_64 = 0xc000003e;

struct filter {
	struct bpf_insn insns[MAX_INSNS];
	unsigned short nr;
};

/* One is on. */
static bool is_filtered;

static void emit(struct filter *filter, uint16_t code, uint8_t if_true, uint8_t if_false,
		 uint32_t k)
{
	filter->insns[filter->nr++] = (struct bpf_insn){code, if_true, if_false, k};
}

/* Can the kernel filter? Without CONFIG_SECCOMP_FILTER it knows no such mode; else it
 * looks for the filter at NULL.
 */
static bool has_filters(void)
{
	return prctl(PR_SET_SECCOMP, FILTER_MODE, NULL, 0, 0) == 0 || errno != EINVAL;
}

/* An allow list. ENOSYS, not a kill, for the rest: a C library that tries a newer call
 * first falls back, as it would on an older kernel. Calls of the x32 ABI have numbers of
 * their own.
 */
static void build_filter(struct filter *filter, unsigned needs)
{
	emit(filter, BPF_LOAD_WORD, 0, 0, DATA_ARCH);
	emit(filter, BPF_JUMP_EQUAL, 1, 0, ARCH_X86_64);
	emit(filter, BPF_RETURN, 0, 0, RETURN_ERRNO | ENOSYS);
	emit(filter, BPF_LOAD_WORD, 0, 0, DATA_CALL);
	for (size_t i = 0; i < NR_ALLOWED; i++) {
		if ((allowed[i].needs & needs) != allowed[i].needs)
			continue;
		emit(filter, BPF_JUMP_EQUAL, 0, 1, allowed[i].call);
		emit(filter, BPF_RETURN, 0, 0, RETURN_ALLOW);
	}
	for (size_t i = 0; i < NR_BY_ARGUMENT; i++) {
		bool is_wanted = by_argument[i].is_wanted;

		if ((by_argument[i].needs & needs) != by_argument[i].needs)
			continue;
		emit(filter, BPF_LOAD_WORD, 0, 0, DATA_CALL);
		emit(filter, BPF_JUMP_EQUAL, 0, 3, by_argument[i].call);
		emit(filter, BPF_LOAD_WORD, 0, 0,
		     DATA_ARGUMENTS + 8 * by_argument[i].argument);
		emit(filter, by_argument[i].is_value ? BPF_JUMP_EQUAL : BPF_JUMP_SET,
		     is_wanted ? 0 : 1, is_wanted ? 1 : 0, by_argument[i].bit);
		emit(filter, BPF_RETURN, 0, 0, RETURN_ALLOW);
	}
	emit(filter, BPF_RETURN, 0, 0, RETURN_ERRNO | ENOSYS);
}

static int filter_calls(unsigned needs, struct error *err)
{
	struct filter filter = {.nr = 0};
	struct bpf_program program = {.insns = filter.insns};
	int errnum;

	build_filter(&filter, needs);
	program.nr = filter.nr;
	is_filtered = syscall(SYS_seccomp, SET_FILTER, 0, &program) == 0 ||
		      prctl(PR_SET_SECCOMP, FILTER_MODE, &program, 0, 0) == 0;
	if (is_filtered)
		return 0;
	errnum = errno;
	if (!has_filters())
		return error_set(
			err, ERROR_PRIVILEGES, -EINVAL,
			"this kernel has no seccomp filters "
			"(CONFIG_SECCOMP_FILTER is off): --no-sandbox does without "
			"one; all privileges are dropped just the same");
	return failed("seccomp (--no-sandbox does without)", errnum, err);
}

/* struct landlock_ruleset_attr; what an older kernel does not know is not given to it. */
struct landlock_rules {
	uint64_t files;	  /* 5.13 */
	uint64_t network; /* 6.7 */
	uint64_t scoped;  /* 6.12: abstract sockets, signals */
};

/* LANDLOCK_ACCESS_FS_*: how many bits a version knows. */
static uint64_t landlock_files(long version)
{
	static const unsigned nr_bits[] = {0, 13, 14, 15, 15, 16};
	size_t nr = sizeof(nr_bits) / sizeof(nr_bits[0]);

	return (1ULL << nr_bits[version < (long)nr ? version : (long)nr - 1]) - 1;
}

/* The same once more, by another part of the kernel: where a call is let through that
 * should not be, still no file is opened, no port connected, and no process signalled
 * that is not of this run. Where the kernel has none, or has it turned off, the filter
 * alone has to do. @spared: LANDLOCK_ACCESS_FS_ bits that stay.
 */
static void confine_files(uint64_t spared)
{
	struct landlock_rules rules = {.network = 3, .scoped = 3};
	long version = syscall(CALL_LANDLOCK_CREATE, NULL, 0, 1);
	_cleanup_fd_ int fd = -1;

	if (version < 1)
		return;
	rules.files = landlock_files(version) & ~spared;
	fd = (int)syscall(CALL_LANDLOCK_CREATE, &rules,
			  version >= 6	 ? sizeof(rules)
			  : version >= 4 ? offsetof(struct landlock_rules, scoped)
					 : offsetof(struct landlock_rules, network),
			  0);
	/* Sixteen of them may be on already. */
	if (fd >= 0)
		syscall(CALL_LANDLOCK_RESTRICT, fd, 0);
}

/* The kernel's own word on what we are now. */
static int verify(int status_fd, bool was_root, struct error *err)
{
	static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd",
					   "CapAmb"};
	char status[8192], pattern[32];
	unsigned uids[4], no_new_privs = 0;
	ssize_t n = loss_pread(status_fd, status, sizeof(status) - 1, 0);
	const char *line;

	if (n <= 0)
		return failed("/proc/self/status", n < 0 ? (int)-n : EIO, err);
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
		return error_set(err, ERROR_PRIVILEGES, -errno,
				 "privileges cannot be dropped: /proc/self/status, which "
				 "tells what is left of them: %m%s",
				 errno == ENOENT ? "; as root: mount -t proc proc /proc"
						 : "");
	if (was_root)
		r = drop_root(false, err);
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
	if (has_sandbox && CAN_FILTER) {
		confine_files(0);
		r = filter_calls(needs, err);
	}
	return r < 0 ? r : verify(status_fd, was_root, err);
}

void priv_narrow(unsigned needs)
{
	struct filter filter = {.nr = 0};
	struct bpf_program program = {.insns = filter.insns};

	build_filter(&filter, needs);
	program.nr = filter.nr;
	/* Without a sandbox there is nothing to be narrowed. */
	if (is_filtered)
		prctl(PR_SET_SECCOMP, FILTER_MODE, &program, 0, 0);
}

int priv_keep_reading(bool has_sandbox, struct error *err)
{
	/* LANDLOCK_ACCESS_FS_READ_FILE, _READ_DIR */
	static const uint64_t reading = 1 << 2 | 1 << 3;
	int r = geteuid() == 0 ? drop_root(true, err) : 0;

	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return failed("no_new_privs", errno, err);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return failed("dumpable", errno, err);
	if (!has_sandbox || !CAN_FILTER)
		return 0;
	confine_files(reading);
	return filter_calls(PRIV_OPEN, err);
}

void priv_end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* It may have gone before. */
	if (getppid() != parent)
		_exit(1);
}
