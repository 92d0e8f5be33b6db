/* SPDX-License-Identifier: GPL-2.0-or-later */
/* deny [--eperm] WHAT[,WHAT]... COMMAND [ARGUMENT]...
 *
 * Runs a command on a host that is poorer than this one: a seccomp filter refuses system
 * calls as an older or another kernel would, or all with EPERM, as some containers do.
 * "deny list" names what can be refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CALLS = 4 };

/* Calls of one kind; where @nr_conditions says so only with these arguments. */
static const struct denial {
	const char *name;
	int errnum;
	int calls[MAX_CALLS]; /* 0 ends them: read(2) is never among them */
	unsigned nr_conditions;
	struct scmp_arg_cmp condition;
} denials[] = {
	{.name = "memfd", .errnum = ENOSYS, .calls = {SCMP_SYS(memfd_create)}},
	{.name = "statx", .errnum = ENOSYS, .calls = {SCMP_SYS(statx)}},
	{.name = "openat2", .errnum = ENOSYS, .calls = {SCMP_SYS(openat2)}},
	{.name = "clone3", .errnum = ENOSYS, .calls = {SCMP_SYS(clone3)}},
	{.name = "pidfd",
	 .errnum = ENOSYS,
	 .calls = {SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_send_signal)}},
	{.name = "getrandom", .errnum = ENOSYS, .calls = {SCMP_SYS(getrandom)}},
	{.name = "close-range", .errnum = ENOSYS, .calls = {SCMP_SYS(close_range)}},
	{.name = "rseq", .errnum = ENOSYS, .calls = {SCMP_SYS(rseq)}},
	{.name = "membarrier", .errnum = ENOSYS, .calls = {SCMP_SYS(membarrier)}},
	{.name = "faccessat2", .errnum = ENOSYS, .calls = {SCMP_SYS(faccessat2)}},
	{.name = "affinity", .errnum = ENOSYS, .calls = {SCMP_SYS(sched_getaffinity)}},
	{.name = "seccomp-call", .errnum = ENOSYS, .calls = {SCMP_SYS(seccomp)}},
	{.name = "seccomp-prctl",
	 .errnum = EINVAL,
	 .calls = {SCMP_SYS(prctl)},
	 .nr_conditions = 1,
	 .condition = SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0)},
	{.name = "thp",
	 .errnum = EINVAL,
	 .calls = {SCMP_SYS(prctl)},
	 .nr_conditions = 1,
	 .condition = SCMP_A0(SCMP_CMP_EQ, PR_SET_THP_DISABLE, 0)},
	{.name = "boottime",
	 .errnum = EINVAL,
	 .calls = {SCMP_SYS(clock_gettime)},
	 .nr_conditions = 1,
	 .condition = SCMP_A0(SCMP_CMP_EQ, CLOCK_BOOTTIME, 0)},
	{.name = "cputime",
	 .errnum = EINVAL,
	 .calls = {SCMP_SYS(clock_gettime)},
	 .nr_conditions = 1,
	 .condition = SCMP_A0(SCMP_CMP_EQ, CLOCK_PROCESS_CPUTIME_ID, 0)},
	{.name = "tmpfile",
	 .errnum = EOPNOTSUPP,
	 .calls = {SCMP_SYS(openat)},
	 .nr_conditions = 1,
	 .condition = SCMP_A2(SCMP_CMP_MASKED_EQ, O_TMPFILE, O_TMPFILE)},
	{.name = "fork",
	 .errnum = EAGAIN,
	 .calls = {SCMP_SYS(clone), SCMP_SYS(fork), SCMP_SYS(vfork)}},
	{.name = "execmem",
	 .errnum = EACCES,
	 .calls = {SCMP_SYS(mmap), SCMP_SYS(mprotect)},
	 .nr_conditions = 1,
	 .condition = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC,
			      PROT_WRITE | PROT_EXEC)},
};
enum { NR_DENIALS = sizeof(denials) / sizeof(denials[0]) };

static int add(scmp_filter_ctx filter, const struct denial *denial, int errnum)
{
	uint32_t action = SCMP_ACT_ERRNO(errnum ? errnum : denial->errnum);
	int r = 0;

	for (size_t i = 0; r == 0 && i < MAX_CALLS && denial->calls[i]; i++)
		r = seccomp_rule_add_array(filter, action, denial->calls[i],
					   denial->nr_conditions, &denial->condition);
	return r;
}

static const struct denial *find(const char *name)
{
	for (size_t i = 0; i < NR_DENIALS; i++)
		if (strcmp(denials[i].name, name) == 0)
			return &denials[i];
	return NULL;
}

int main(int argc, char **argv)
{
	/* The command must be able to put a filter of its own on top. */
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int errnum = 0, r = filter ? 0 : -ENOMEM;

	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		for (size_t i = 0; i < NR_DENIALS; i++)
			puts(denials[i].name);
		return 0;
	}
	if (argc > 2 && strcmp(argv[1], "--eperm") == 0) {
		errnum = EPERM;
		argc--;
		argv++;
	}
	if (argc < 3) {
		fputs("usage: deny [--eperm] WHAT[,WHAT]... COMMAND...\n", stderr);
		return 64;
	}
	for (char *save = NULL, *name = strtok_r(argv[1], ",", &save); r == 0 && name;
	     name = strtok_r(NULL, ",", &save)) {
		const struct denial *denial = find(name);

		if (!denial) {
			fprintf(stderr, "deny: no such thing: %s\n", name);
			return 64;
		}
		r = add(filter, denial, errnum);
	}
	if (r == 0)
		r = seccomp_load(filter);
	if (r < 0) {
		fprintf(stderr, "deny: %s\n", strerror(-r));
		return 125;
	}
	seccomp_release(filter);
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
