/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First bytes of functions as ftrace, kprobes, live patches, BPF and rootkits leave them.
 */
#include "audit/redirect.h"

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] =
	"ffffffff81000000 T _text\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000100 t victim\n"
	"ffffffff81000180 t klp_ftrace_handler\n"
	"ffffffff81000190 t kprobe_ftrace_handler\n"
	"ffffffff810001a0 t function_trace_call\n"
	"ffffffff81000200 T ftrace_caller\n"
	"ffffffff81000280 t helper\n"
	"ffffffff81000400 T _etext\n"
	"ffffffff81200000 R __start_rodata\n"
	"ffffffff81302000 R __end_rodata\n"
	"ffffffff81400000 D _sdata\n"
	"ffffffff81400100 D init_mm\n"
	"ffffffff81603000 B _end\n"
	"ffffffffc0000000 t ftrace_trampoline\t[__builtin__ftrace]\n"
	"ffffffffc0000100 t evil_function\t[evil]\n"
	"ffffffffc0000200 t bpf_trampoline_77\t[bpf]\n"
	"ffffffffc0000300 t kprobe_optinsn_page\t[__builtin__kprobes]\n";

static const uint64_t VICTIM = SMALL_TEXT + 0x100, OPS = SMALL_DATA + 0x800;
static const unsigned char ENDBR[] = {0xf3, 0x0f, 0x1e, 0xfa},
			   SEALED_ENDBR[] = {0x0f, 0x1f, 0x40, 0xd6};

/* What victim() begins with: a skipped prefix, and an opcode with a target or alone. */
static struct {
	const unsigned char *prefix;
	unsigned char opcode;
	uint64_t target;
	uint64_t ops_function; /* what the ops of the trampoline call */
} start;

static void fill(void)
{
	static const unsigned char load[] = {0x48, 0x8b, 0x15}; /* mov ops(%rip), %rdx */
	const uint64_t at = SMALL_MODULE + 0x20;
	int32_t rel32 = (int32_t)(SMALL_MODULE + 0x80 - (at + 7));
	uint64_t function = VICTIM;

	small_put_bytes(at, load, sizeof(load));
	small_put_bytes(at + 3, &rel32, sizeof(rel32));
	small_put(SMALL_MODULE + 0x80, OPS);
	small_put(OPS, start.ops_function);
	if (start.prefix) {
		small_put_bytes(function, start.prefix, 4);
		function += 4;
	}
	if (start.target)
		small_put_branch(function, start.opcode, start.target);
	else
		small_put_bytes(function, &start.opcode, 1);
}

/* What is said of victim(): a notice, a finding (with '!' before it), or "". */
static void expect(const char *words)
{
	const struct audit_row row = {.name = "row", .verdict = AUDIT_SEALED};
	struct small small;
	size_t index;

	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	index = audit_add_row(&small.audit, &row);
	redirect_check(&small.audit, index, VICTIM, "a hook");
	if (*words == '!') {
		small_expect_one(&small, AUDIT_REDIRECTED, words + 1);
		cr_expect_eq(small.audit.nr_notices, 0);
	} else {
		small_expect(&small, 0, NULL);
		cr_expect_eq(small.audit.nr_notices, *words != '\0', "%s", words);
		if (small.audit.nr_notices)
			cr_expect_str_eq(small.audit.notices[0].message, words);
	}
	small_close(&small);
}

Test(audit_redirect, nothing)
{
	start.opcode = 0x55; /* push %rbp */
	expect("");
	start.opcode = 0xe8; /* what a compiler puts at a start */
	start.target = SMALL_TEXT + 0x280;
	expect("");
}

Test(audit_redirect, a_breakpoint)
{
	start.opcode = 0xcc;
	expect("victim (a hook): a kprobe sits on it");
	start.prefix = ENDBR;
	expect("victim (a hook): a kprobe sits on it");
}

Test(audit_redirect, ftrace)
{
	start.opcode = 0xe8;
	start.prefix = SEALED_ENDBR;
	start.target = SMALL_TEXT + 0x200;
	expect("victim (a hook) is traced by ftrace, by several users");
	start.target = SMALL_MODULE;
	start.ops_function = SMALL_TEXT + 0x1a0;
	expect("victim (a hook) is traced by ftrace, for function_trace_call");
	start.ops_function = SMALL_TEXT + 0x180;
	expect("victim (a hook): a live patch replaces it");
	start.ops_function = SMALL_TEXT + 0x190;
	expect("victim (a hook): a kprobe sits on it");
	start.ops_function = SMALL_MODULE + 0x100;
	expect("!victim (a hook) is redirected through ftrace to evil_function [evil]");
	/* Without BTF what is no code tells that the ops are laid out otherwise. */
	start.ops_function = SMALL_DATA + 0x48;
	expect("victim (a hook) is traced by ftrace, by several users");
}

Test(audit_redirect, bpf_and_optimised_kprobes)
{
	start.opcode = 0xe8;
	start.target = SMALL_MODULE + 0x200;
	expect("victim (a hook): a BPF program is attached (bpf_trampoline_77 [bpf])");
	start.opcode = 0xe9;
	start.target = SMALL_MODULE + 0x310;
	expect("victim (a hook): an optimised kprobe sits on it");
}

Test(audit_redirect, a_jump_into_a_module)
{
	start.opcode = 0xe9;
	start.target = SMALL_MODULE + 0x100;
	expect("!the first bytes of victim (a hook) lead to evil_function [evil]");
	start.prefix = ENDBR;
	expect("!the first bytes of victim (a hook) lead to evil_function [evil]");
}
