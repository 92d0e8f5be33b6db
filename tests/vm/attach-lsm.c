// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs a command while a BPF program is attached to a security hook, or to the loopback
 * device's packets. In a guest, as root.
 *
 *	attach-lsm HOOK COMMAND...
 *	attach-lsm xdp COMMAND...
 *
 * The program allows everything; it lives as long as the command has its link open.
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "kcore/btf.h"
#include "kcore/types.h"

/* The number of the kernel's type of function bpf_lsm_HOOK. */
static uint32_t find_hook(const char *hook)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	const struct btf_record *type;
	struct types types = {0};
	char name[128];
	uint32_t id = 1;

	if (fd < 0 || types_read(&types, fd) < 0)
		errx(2, "no BTF");
	snprintf(name, sizeof(name), "bpf_lsm_%s", hook);
	type = btf_find_function(types.btf, name);
	if (!type)
		errx(2, "no function %s", name);
	while (btf_at(types.btf, id) != type)
		id++;
	types_close(&types);
	close(fd);
	return id;
}

static int call_bpf(int command, union bpf_attr *attr, size_t bytes, const char *what)
{
	int fd = (int)syscall(SYS_bpf, command, attr, bytes);

	if (fd < 0 || fcntl(fd, F_SETFD, 0) < 0)
		err(2, "%s", what);
	return fd;
}

static void attach_hook(const char *hook, union bpf_attr *program)
{
	union bpf_attr link = {0};

	program->prog_type = BPF_PROG_TYPE_LSM;
	program->expected_attach_type = BPF_LSM_MAC;
	program->attach_btf_id = find_hook(hook);
	link.raw_tracepoint.prog_fd = (uint32_t)call_bpf(BPF_PROG_LOAD, program,
							 sizeof(*program), "load");
	call_bpf(BPF_RAW_TRACEPOINT_OPEN, &link, sizeof(link), "attach");
}

static void attach_packets(union bpf_attr *program)
{
	enum { LOOPBACK = 1, SKB_MODE = 2 }; /* linux/if_link.h: XDP_FLAGS_SKB_MODE */
	union bpf_attr link = {0};

	program->prog_type = BPF_PROG_TYPE_XDP;
	program->expected_attach_type = BPF_XDP;
	link.link_create.prog_fd = (uint32_t)call_bpf(BPF_PROG_LOAD, program,
						      sizeof(*program), "load");
	link.link_create.target_ifindex = LOOPBACK;
	link.link_create.attach_type = BPF_XDP;
	link.link_create.flags = SKB_MODE;
	call_bpf(BPF_LINK_CREATE, &link, sizeof(link), "attach");
}

int main(int argc, char **argv)
{
	bool is_xdp = argc > 2 && strcmp(argv[1], "xdp") == 0;
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K,
		 .dst_reg = BPF_REG_0,
		 .imm = is_xdp ? XDP_PASS : 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr program = {
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(*insns),
		.license = (uintptr_t) "GPL",
	};

	if (argc < 3)
		errx(2, "usage: attach-lsm HOOK|xdp COMMAND...");
	if (is_xdp)
		attach_packets(&program);
	else
		attach_hook(argv[1], &program);
	execvp(argv[2], argv + 2);
	err(2, "%s", argv[2]);
}
