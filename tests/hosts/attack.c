/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody would try whose code runs in kwcheck once its privileges have gone.
 *
 * Linked into a kwcheck of its own (build/tests/attacked), around priv_drop(), priv_
 * keep_reading() and priv_narrow(): no other build has a line of it. Where one of them
 * has done its work, each attack is tried once, and what came of it is written to the
 * descriptor that $KWCHECK_ATTACK_FD names, a line each: "ROLE ATTACK refused", or "ROLE
 * ATTACK DONE" with what was done. With $KWCHECK_NO_FILTER the seccomp filter is left
 * out, and what Landlock forbids by itself is tried; $KWCHECK_LANDLOCK is its version.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/priv.h"

int __real_priv_drop(unsigned needs, bool has_sandbox, struct error *err);
int __wrap_priv_drop(unsigned needs, bool has_sandbox, struct error *err);
int __real_priv_keep_reading(bool has_sandbox, struct error *err);
int __wrap_priv_keep_reading(bool has_sandbox, struct error *err);
void __real_priv_narrow(unsigned needs);
void __wrap_priv_narrow(unsigned needs);

enum { NR_FDS = 256, X32 = 0x40000000 };

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);

static char role[64];
/* A process of the same user that this one has no business with. */
static pid_t victim;
static int report = -1;
static dev_t proc; /* /proc's */

static void __attribute__((constructor)) start(void)
{
	const char *fd = getenv("KWCHECK_ATTACK_FD"), *pid = getenv("KWCHECK_VICTIM");
	struct stat st;

	report = fd ? atoi(fd) : -1;
	victim = pid ? atoi(pid) : 0;
	if (stat("/proc", &st) == 0)
		proc = st.st_dev;
}

static void tell(const char *attack, bool is_done, long value)
{
	char line[256];
	int nr = is_done ? snprintf(line, sizeof(line), "%s %s DONE %ld\n", role, attack,
				    value)
			 : snprintf(line, sizeof(line), "%s %s refused\n", role, attack);

	if (write(report, line, (size_t)nr) != nr)
		_exit(111);
}

/* A call that must not succeed. */
static void call(const char *attack, long value)
{
	tell(attack, value >= 0, value);
}

#define CALL(name, ...) call(#name, syscall(SYS_##name, ##__VA_ARGS__))

static void open_files(bool may_read)
{
	static const char path[] = "/etc/passwd", made[] = "/tmp/kwcheck-attack";

	if (!may_read) {
		CALL(open, path, O_RDONLY);
		CALL(openat, AT_FDCWD, path, O_RDONLY);
		CALL(newfstatat, AT_FDCWD, path, (char[256]){0}, 0);
		CALL(readlink, "/proc/self/exe", (char[64]){0}, 64);
		CALL(access, path, R_OK);
	}
	CALL(openat2, AT_FDCWD, path, (uint64_t[3]){O_RDONLY}, 24);
	call("open-to-write",
	     syscall(SYS_openat, AT_FDCWD, made, O_WRONLY | O_CREAT, 0600));
	call("open-kcore-to-write", syscall(SYS_openat, AT_FDCWD, "/proc/kcore", O_RDWR));
	call("open-memory", syscall(SYS_openat, AT_FDCWD, "/dev/mem", O_RDWR));
	call("open-own-memory", syscall(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR));
	call("open-tmpfile",
	     syscall(SYS_openat, AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, 0600));
	CALL(creat, made, 0600);
	CALL(mkdir, made, 0700);
	CALL(mknod, made, S_IFIFO | 0600, 0);
	CALL(symlink, "/", made);
	CALL(link, path, made);
	CALL(unlink, made);
	CALL(rename, "/tmp/kwcheck-bait", made);
	CALL(chmod, "/tmp/kwcheck-bait", 0777);
	CALL(chown, "/tmp/kwcheck-bait", 65534, 65534);
	CALL(truncate, "/tmp/kwcheck-bait", 0);
	CALL(utimensat, AT_FDCWD, "/tmp/kwcheck-bait", NULL, 0);
	CALL(name_to_handle_at, AT_FDCWD, path, (uint64_t[32]){64}, (int[1]){0}, 0);
	CALL(open_by_handle_at, AT_FDCWD, (uint64_t[32]){8}, O_RDONLY);
	CALL(mount, "x", "/tmp", "tmpfs", 0, 0);
	CALL(chroot, "/tmp");
	CALL(chdir, "/");
	CALL(inotify_init1, 0);
	CALL(fanotify_init, 0, 0);
}

static void run_programs(void)
{
	static char *const words[] = {(char *)"true", NULL};

	CALL(execve, "/bin/true", words, NULL);
	CALL(execveat, AT_FDCWD, "/bin/true", words, NULL, 0);
}

static void connect_out(void)
{
	static const struct sockaddr_un address = {.sun_family = AF_UNIX,
						   .sun_path = "/run/x"};

	call("socket-unix", syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
	call("socket-inet", syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
	call("socket-netlink", syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0));
	call("socket-algorithm", syscall(SYS_socket, 38, SOCK_SEQPACKET, 0));
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, (int[2]){0});
	CALL(connect, 0, &address, sizeof(address));
	CALL(bind, 0, &address, sizeof(address));
	CALL(accept, 0, NULL, NULL);
	CALL(io_uring_setup, 4, (char[256]){0});
	CALL(pidfd_open, getppid(), 0);
}

static void signal_others(void)
{
	int fds[2] = {0, 1};

	call("kill-term", syscall(SYS_kill, victim, SIGTERM));
	call("kill-0", syscall(SYS_kill, victim, 0));
	call("kill-init", syscall(SYS_kill, 1, SIGKILL));
	CALL(tkill, victim, SIGTERM);
	CALL(tgkill, victim, victim, SIGTERM);
	CALL(rt_sigqueueinfo, victim, SIGTERM, (char[128]){0});
	CALL(pidfd_send_signal, 0, SIGTERM, NULL, 0);
	CALL(prlimit64, victim, 0, NULL, (uint64_t[2]){0});
	CALL(setpriority, 0, victim, 19);
	/* The kernel would send it. */
	call("fcntl-owner", syscall(SYS_fcntl, fds[0], F_SETOWN, victim));
	call("fcntl-signal", syscall(SYS_fcntl, fds[0], 10 /* F_SETSIG */, SIGTERM));
	call("fcntl-async", syscall(SYS_fcntl, fds[0], F_SETFL, O_ASYNC));
	CALL(timer_create, 0, (char[64]){0}, (int[1]){0});
}

static void trace_others(void)
{
	struct iovec bytes = {.iov_base = role, .iov_len = 1}, there = {(void *)start, 1};

	call("ptrace-attach", syscall(SYS_ptrace, PTRACE_ATTACH, victim, 0, 0));
	call("ptrace-seize", syscall(SYS_ptrace, PTRACE_SEIZE, getppid(), 0, 0));
	call("ptrace-me", syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0));
	CALL(process_vm_readv, getppid(), &bytes, 1, &there, 1, 0);
	CALL(process_vm_writev, getppid(), &bytes, 1, &there, 1, 0);
	CALL(kcmp, getpid(), getppid(), 0, 0, 0);
	CALL(pidfd_getfd, 0, 0, 0);
}

static void gain(void)
{
	CALL(setuid, 0);
	CALL(setresuid, 0, 0, 0);
	CALL(setgroups, 0, NULL);
	CALL(capset, (uint64_t[1]){0x20080522}, (uint64_t[3]){0});
	CALL(unshare, CLONE_NEWUSER);
	CALL(setns, 0, 0);
	call("prctl-dumpable", syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0));
	call("prctl-ptracer", syscall(SYS_prctl, PR_SET_PTRACER, -1, 0, 0, 0));
	call("prctl-name", syscall(SYS_prctl, PR_SET_NAME, "other", 0, 0, 0));
	CALL(bpf, 0, (char[128]){0}, 128);
	CALL(perf_event_open, (char[128]){0}, 0, -1, -1, 0);
	CALL(userfaultfd, 0);
	CALL(add_key, "user", "x", "x", 1, -2);
	CALL(keyctl, 0, -2, 0);
	CALL(init_module, "x", 1, "");
	CALL(finit_module, 0, "", 0);
	CALL(kexec_load, 0, 0, NULL, 0);
	CALL(iopl, 3);
	CALL(ioperm, 0x70, 1, 1);
	CALL(modify_ldt, 0, role, 16);
	CALL(personality, 0x0040000);
	CALL(syslog, 3, role, 1);
	CALL(shmget, 0, 4096, 01600);
	CALL(msgget, 0, 01600);
	CALL(sethostname, "x", 1);
	CALL(ioctl, 0, 0x5412 /* TIOCSTI */, "x");
	CALL(arch_prctl, 0x1003, (uint64_t[1]){0});
	CALL(seccomp, 2, 0, (int[1]){0});
}

/* Other tables of system calls. */
static void other_abis(void)
{
	long value;

	call("x32-open", syscall(X32 | SYS_open, "/etc/passwd", O_RDONLY));
	call("x32-getpid", syscall(X32 | SYS_getpid));
	/* i386's getpid(); a kernel without it faults, which is as good. */
	if (!getenv("KWCHECK_NO_I386")) {
		asm volatile("int $0x80" : "=a"(value) : "a"(20) : "memory");
		call("i386-getpid", value);
	}
}

static void start_processes(unsigned needs)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	long pid;

	call("clone3", syscall(SYS_clone3, &args, sizeof(args)));
	pid = syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	call("clone-new-user", pid);
	CALL(vfork);
	/* Who starts workers may end them; which processes are its own Landlock knows. */
	if (!(needs & PRIV_FORK) || atoi(getenv("KWCHECK_LANDLOCK") ?: "0") >= 6)
		call("kill-by-sigkill", syscall(SYS_kill, victim, SIGKILL));
	if (needs & PRIV_FORK)
		return;
	pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	call("clone", pid);
}

static void make_code(unsigned needs)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (needs & PRIV_JIT)
		return;
	tell("mmap-code",
	     mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		  0) != MAP_FAILED,
	     0);
	call("mprotect-code", mprotect(page, 4096, PROT_READ | PROT_EXEC));
	CALL(pkey_mprotect, page, 4096, PROT_READ | PROT_EXEC, -1);
	if (!(needs & PRIV_OPEN))
		CALL(memfd_create, "x", 0);
	munmap(page, 4096);
}

/* Is that a descriptor that a parser of hostile bytes may have? "": it is. */
static const char *why_wrong(int fd, int flags, unsigned needs)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return "nothing is known of it";
	if (S_ISDIR(st.st_mode))
		return needs & PRIV_OPEN ? "" : "a folder";
	if (S_ISSOCK(st.st_mode))
		return needs & (PRIV_HEAR | PRIV_OPEN) ? "" : "a socket";
	if (S_ISBLK(st.st_mode))
		return "a disk";
	if (S_ISCHR(st.st_mode) && (flags & O_ACCMODE) != O_RDONLY && st.st_rdev != 0x103)
		return "a device to be written";
	if (st.st_dev == proc && (flags & O_ACCMODE) != O_RDONLY)
		return "a file of /proc to be written";
	/* A file that has a name, and is not what the verb writes. */
	if (S_ISREG(st.st_mode) && st.st_nlink && (flags & O_ACCMODE) != O_RDONLY &&
	    !getenv("KWCHECK_WRITES"))
		return "a file to be written";
	return "";
}

static void look_at_descriptors(unsigned needs)
{
	char line[256], byte = 0;

	for (int fd = 3; fd < NR_FDS; fd++) {
		int flags = (int)syscall(SYS_fcntl, fd, F_GETFL);
		const char *wrong = flags < 0 || fd == report
					    ? ""
					    : why_wrong(fd, flags, needs);

		snprintf(line, sizeof(line), "descriptor-%d-is-%s", fd, wrong);
		if (*wrong)
			tell(line, true, fd);
		/* What is for reading is not for writing. */
		if (flags >= 0 && fd != report && (flags & O_ACCMODE) == O_RDONLY) {
			snprintf(line, sizeof(line), "write-to-descriptor-%d", fd);
			call(line, syscall(SYS_pwrite64, fd, &byte, 1, 0));
		}
	}
}

/* Without a filter. */
static void attack_landlock(bool may_read)
{
	static const char path[] = "/etc/passwd", made[] = "/tmp/kwcheck-attack";
	static char *const words[] = {(char *)"true", NULL};
	int version = atoi(getenv("KWCHECK_LANDLOCK") ?: "0");

	if (!may_read)
		CALL(openat, AT_FDCWD, path, O_RDONLY);
	CALL(openat2, AT_FDCWD, path, (uint64_t[3]){O_WRONLY}, 24);
	call("open-to-write",
	     syscall(SYS_openat, AT_FDCWD, made, O_WRONLY | O_CREAT, 0600));
	CALL(mkdir, made, 0700);
	CALL(mknod, made, S_IFIFO | 0600, 0);
	CALL(symlink, "/", made);
	CALL(execve, "/bin/true", words, NULL);
	if (version < 6)
		return;
	call("kill-term", syscall(SYS_kill, victim, SIGTERM));
	call("kill-0", syscall(SYS_kill, victim, 0));
}

/* What the filter would be put on by. */
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_seccomp && getenv("KWCHECK_NO_FILTER"))
		return 0;
	return __real_syscall(number, a, b, c, d, e, f);
}

static void attack(const char *where, unsigned needs)
{
	static unsigned nr;
	const char *verb = getenv("KWCHECK_ROLE");

	if (report < 0)
		return;
	snprintf(role, sizeof(role), "%s/%s%u", verb ? verb : "", where, ++nr);
	if (getenv("KWCHECK_NO_FILTER")) {
		attack_landlock(needs & PRIV_OPEN);
		return;
	}
	open_files(needs & PRIV_OPEN);
	run_programs();
	connect_out();
	signal_others();
	trace_others();
	gain();
	other_abis();
	start_processes(needs);
	make_code(needs);
	look_at_descriptors(needs);
}

int __wrap_priv_drop(unsigned needs, bool has_sandbox, struct error *err)
{
	int r = __real_priv_drop(needs, has_sandbox, err);

	if (r == 0)
		attack("drop", needs);
	return r;
}

int __wrap_priv_keep_reading(bool has_sandbox, struct error *err)
{
	int r = __real_priv_keep_reading(has_sandbox, err);

	if (r == 0)
		attack("clerk", PRIV_OPEN);
	return r;
}

void __wrap_priv_narrow(unsigned needs)
{
	__real_priv_narrow(needs);
	/* Of a worker that has its privileges still, priv_drop() comes later. */
	if (getenv("KWCHECK_NARROWED") && needs)
		attack("worker", needs);
}
