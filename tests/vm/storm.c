// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * storm STOP KIND: keeps a part of the kernel busy until the file STOP is there, and says
 * on stdout how often it went round. Kinds: bpf (programs come and go, filters too), exec
 * (processes fork, run and end, mappings come and go), pages (equal pages are merged,
 * huge ones made and split).
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NR_KEPT = 24, HUGE_BYTES = 2 << 20 };

/* Programs of different lengths, so that the packs that hold them fill and empty. */
static int load_program(unsigned nr)
{
	static struct bpf_insn insns[600];
	union bpf_attr attr;

	for (unsigned i = 0; i < nr; i++)
		insns[i] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K,
					     .imm = 1};
	insns[nr] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = (unsigned long)insns;
	attr.insn_cnt = nr + 1;
	attr.license = (unsigned long)"GPL";
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void filter_child(void)
{
	static struct sock_filter insns[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
	struct sock_fprog program = {1, insns};
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static int go_bpf(unsigned long round)
{
	static int kept[NR_KEPT];
	int *fd = &kept[round % NR_KEPT];

	if (*fd > 0)
		close(*fd);
	*fd = load_program(1 + (unsigned)(round * 37 % 590));
	filter_child();
	return *fd < 0 ? -errno : 0;
}

static int go_exec(unsigned long round)
{
	static char name[] = "true", *const argv[] = {name, NULL};
	pid_t child = fork();

	if (child == 0) {
		for (int i = 0; i < 20; i++) {
			size_t bytes = 4096 * (1 + (round + (unsigned)i) % 600);
			char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			if (at == MAP_FAILED)
				continue;
			at[0] = at[bytes - 1] = 1;
			munmap(at, bytes);
		}
		execv("/bin/true", argv);
		_exit(0);
	}
	return child < 0 || waitpid(child, NULL, 0) < 0 ? -errno : 0;
}

static int go_pages(unsigned long round)
{
	static char *kept[4];
	char **at = &kept[round % 4];

	if (*at)
		munmap(*at, 2 * HUGE_BYTES);
	*at = mmap(NULL, 2 * HUGE_BYTES, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (*at == MAP_FAILED) {
		*at = NULL;
		return -errno;
	}
	madvise(*at, 2 * HUGE_BYTES, round % 2 ? MADV_HUGEPAGE : MADV_MERGEABLE);
	memset(*at, (int)(round % 3), 2 * HUGE_BYTES);
	/* Splits a huge page. */
	madvise(*at + HUGE_BYTES + 4096, 8192, MADV_DONTNEED);
	usleep(20000);
	return 0;
}

static const struct {
	const char *name;
	int (*go)(unsigned long round);
} kinds[] = {{"bpf", go_bpf}, {"exec", go_exec}, {"pages", go_pages}};

int main(int argc, char **argv)
{
	unsigned long nr = 0, nr_failed = 0;

	for (size_t i = 0; argc == 3 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, argv[2]) != 0)
			continue;
		for (; access(argv[1], F_OK) < 0; nr++)
			nr_failed += kinds[i].go(nr) < 0;
		printf("%lu\n", nr - nr_failed);
		return 0;
	}
	fputs("usage: storm STOP bpf|exec|pages\n", stderr);
	return 64;
}
