/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may stand at a place that the kernel patches. */
#include "unchanged/siteforms.h"

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 t victim\n"
			       "ffffffff81000120 t __SCT__call\n"
			       "ffffffff81000180 t helper\n"
			       "ffffffff81000200 t ftrace_caller\n"
			       "ffffffff81000220 t ftrace_dump\n"
			       "ffffffff81000230 t ftrace_regs_caller\n"
			       "ffffffff81000238 t __static_call_return\n"
			       "ffffffff81000240 t __static_call_return0\n"
			       "ffffffff81000250 t _paravirt_nop\n"
			       "ffffffff81000260 t retbleed_return_thunk\n"
			       "ffffffff81000280 t tracer\n"
			       "ffffffff81000400 T __x86_indirect_thunk_array\n"
			       "ffffffff81000600 T after_thunks\n"
			       "ffffffff81000800 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200100 R skl_call_thunk_template\n"
			       "ffffffff81200109 R skl_call_thunk_tail\n"
			       "ffffffff81300000 D __start_ro_after_init\n"
			       "ffffffff81302000 D __end_ro_after_init\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81400200 D pv_ops\n"
			       "ffffffff81400300 D x86_return_thunk\n"
			       "ffffffff81400308 D ftrace_trace_function\n"
			       "ffffffff81400400 d __SCK__call\n"
			       "ffffffff81603000 B _end\n";

enum { TEXT_BYTES = 0x800, SITE_AT = 0x120 };

static const uint64_t VA = SMALL_TEXT + SITE_AT, HELPER = SMALL_TEXT + 0x180,
		      THUNKS = SMALL_TEXT + 0x400, PV_OPS = SMALL_DATA + 0x200,
		      KEY = SMALL_DATA + 0x400;

static unsigned char built[TEXT_BYTES], now[TEXT_BYTES], may[TEXT_BYTES];
static struct small small;

static const unsigned char depth[9] = {0x65, 0x48, 0xc1, 0x3d, 1, 2, 3, 4, 5};

static void fill(void)
{
	small_put(PV_OPS, HELPER);
	small_put(PV_OPS + 8, SMALL_TEXT + 0x250); /* _paravirt_nop */
	small_put(SMALL_DATA + 0x300, SMALL_TEXT + 0x260);
	small_put(SMALL_DATA + 0x308, SMALL_TEXT + 0x280);
	small_put_bytes(SMALL_RODATA + 0x100, depth, 9);
	small_put_bytes(HELPER - 9, depth, 9);
	/* Code of somebody else's: a jump by rcx. */
	small_put_pa(SMALL_MODULE_ENTRY_PA, 0x120000 | SMALL_RO_X);
	small_put_bytes(SMALL_MODULE + 0x40, "\xff\xe1", 2);
	small_put(KEY, HELPER);
	small_put(KEY + 8, 0);
	small_put(KEY + 16, SMALL_TEXT + 0x240); /* __static_call_return0 */
	small_put(KEY + 24, 0x1122334455667788);
}

/* Puts a branch into the five bytes that are at @bytes, if @target. */
static void put(unsigned char *bytes, const char *code, size_t nr, uint64_t target)
{
	int32_t rel32 = (int32_t)(target - (VA + nr + 4));

	memcpy(bytes + SITE_AT, code, nr);
	if (target)
		memcpy(bytes + SITE_AT + nr, &rel32, sizeof(rel32));
}

static enum siteform form(const struct site *site)
{
	const struct image image = {
		.bytes = built,
		.nr_bytes = sizeof(built),
		.loads = {{.va = SMALL_TEXT, .offset = 0, .size_bytes = sizeof(built)}},
		.nr_loads = 1,
	};
	struct sites sites = {.va = SMALL_TEXT,
			      .size_bytes = sizeof(now),
			      .is_kernel = true,
			      .may = may};

	memset(may, 0, sizeof(may));
	sites_mark(&sites, site->va, site->nr_bytes);
	return siteforms_of(&sites, &small.audit, &image, site, now);
}

/* What was built, what is there, and where branches in them lead. */
struct bytes {
	const char *code;
	size_t nr;
	uint64_t target;
};
#define BYTES(text)                       \
	{                                 \
		text, sizeof(text) - 1, 0 \
	}
#define BRANCH(text, to)                   \
	{                                  \
		text, sizeof(text) - 1, to \
	}

struct example {
	struct site site;
	struct bytes was, is;
	enum siteform form;
};

static void try(const struct example *examples, size_t nr)
{
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	for (size_t i = 0; i < nr; i++) {
		struct site site = examples[i].site;

		site.va = VA;
		memset(built, 0x90, sizeof(built));
		put(built, examples[i].was.code, examples[i].was.nr,
		    examples[i].was.target);
		memcpy(now, built, sizeof(now));
		put(now, examples[i].is.code, examples[i].is.nr, examples[i].is.target);
		cr_expect_eq(form(&site), examples[i].form, "example %zu", i);
	}
	small_close(&small);
}
#define TRY(examples) try(examples, sizeof(examples) / sizeof(examples[0]))

#define KNOWN SITEFORM_KNOWN
#define OTHER SITEFORM_OTHER

Test(unchanged_siteforms, locks_and_seals)
{
	const struct site lock = {.kind = SITE_LOCK, .nr_bytes = 1},
			  seal = {.kind = SITE_SEAL, .nr_bytes = 4};
	const struct example examples[] = {
		{lock, BYTES("\xf0"), BYTES("\x3e"), KNOWN},
		{lock, BYTES("\xf0"), BYTES("\xf0"), KNOWN},
		{lock, BYTES("\xf0"), BYTES("\x90"), OTHER},
		{seal, BYTES("\xf3\x0f\x1e\xfa"), BYTES("\x66\x0f\x1f\0"), KNOWN},
		{seal, BYTES("\xf3\x0f\x1e\xfa"), BYTES("\x0f\x1f\x40\xd6"), KNOWN},
		{seal, BYTES("\xf3\x0f\x1e\xfa"), BYTES("\x0f\x1f\x40\0"), OTHER},
	};

	TRY(examples);
}

Test(unchanged_siteforms, tracers)
{
	const struct site entry = {.kind = SITE_FTRACE, .nr_bytes = 5},
			  call = {.kind = SITE_TRACER, .nr_bytes = 5};
	const struct bytes was = BRANCH("\xe8", SMALL_TEXT + 0x200);
	const struct example examples[] = {
		{entry, was, BYTES("\x0f\x1f\x44\0\0"), KNOWN},
		{entry, was, BYTES("\x66\x66\x66\x66\x90"), KNOWN},
		{entry, BYTES("\x0f\x1f\x44\0\0"), was, KNOWN},
		{entry, was, BRANCH("\xe8", HELPER), OTHER},
		{entry, was, BYTES("\xc3\x90\x90\x90\x90"), OTHER},
		{entry, was, BRANCH("\xe8", SMALL_TEXT + 0x210), OTHER},
		{entry, was, BRANCH("\xe8", SMALL_TEXT + 0x220), OTHER},
		{entry, was, BRANCH("\xe8", SMALL_TEXT + 0x230), KNOWN},
		{entry, was, BRANCH("\xe8", SMALL_MODULE), KNOWN},
		{entry, was, BRANCH("\xe8", SMALL_MODULE + 0x100000), OTHER},
		{call, was, BRANCH("\xe8", SMALL_TEXT + 0x280), KNOWN},
		{call, was, BRANCH("\xe8", HELPER), OTHER},
		/* As the compiler has it, by way of what counts the depth of calls. */
		{call, BRANCH("\xe8", HELPER), BRANCH("\xe8", HELPER - 9), KNOWN},
		{call, BRANCH("\xe8", HELPER), BRANCH("\xe8", HELPER - 10), OTHER},
	};

	TRY(examples);
}

Test(unchanged_siteforms, returns)
{
	const struct site site = {.kind = SITE_RETURN, .nr_bytes = 5};
	const struct bytes was = BRANCH("\xe9", SMALL_TEXT + 0x300);
	const struct example examples[] = {
		{site, was, BYTES("\xc3\xcc\xcc\xcc\xcc"), KNOWN},
		{site, was, BYTES("\xc3\xcc\xcc\x31\xc0"), OTHER},
		{site, was, BRANCH("\xe9", SMALL_TEXT + 0x260), KNOWN},
		{site, was, BRANCH("\xe9", SMALL_TEXT + 0x264), OTHER},
		{site, was, BRANCH("\xe9", HELPER), OTHER},
	};

	TRY(examples);
}

Test(unchanged_siteforms, branches_by_register)
{
	const struct site five = {.kind = SITE_INDIRECT, .nr_bytes = 5},
			  six = {.kind = SITE_INDIRECT, .nr_bytes = 6};
	const struct bytes rcx = BRANCH("\xe8", THUNKS + 32),
			   r11 = BRANCH("\x2e\xe9", THUNKS + 11 * 32),
			   jne = BRANCH("\x0f\x85", THUNKS + 32);
	const struct example examples[] = {
		{five, rcx, BYTES("\xff\xd1\x0f\x1f\0"), KNOWN},
		{five, rcx, BYTES("\x0f\xae\xe8\xff\xd1"), KNOWN},
		{five, rcx, BYTES("\x2e\x2e\x2e\xff\xd1"), KNOWN},
		{five, rcx, BYTES("\xff\xd2\x0f\x1f\0"), OTHER},
		{five, rcx, BYTES("\xff\xe1\x0f\x1f\0"), OTHER},
		{five, rcx, BYTES("\xff\xd1\x31\xc0\x90"), OTHER},
		{five, rcx, BYTES("\x0f\x1f\x44\0\0"), OTHER},
		{five, rcx, BRANCH("\xe8", THUNKS + 64), OTHER},
		{five, rcx, BRANCH("\xe8", HELPER), OTHER},
		{five, rcx, BRANCH("\xe8", SMALL_MODULE + 0x40), KNOWN},
		{five, rcx, BRANCH("\xe8", SMALL_MODULE), OTHER},
		{six, r11, BYTES("\x41\xff\xe3\xcc\x66\x90"), KNOWN},
		{six, r11, BYTES("\x0f\xae\xe8\x41\xff\xe3"), KNOWN},
		{six, r11, BYTES("\xff\xe3\xcc\xcc\x66\x90"), OTHER},
		{six, jne, BYTES("\x74\x04\xff\xe1\xcc\x90"), KNOWN},
		{six, jne, BYTES("\x75\x04\xff\xe1\xcc\x90"), OTHER},
	};

	TRY(examples);
}

Test(unchanged_siteforms, static_keys)
{
	const struct site off = {.kind = SITE_TARGET,
				 .nr_bytes = 5,
				 .leads = HELPER,
				 .key = KEY + 8},
			  on = {.kind = SITE_TARGET,
				.nr_bytes = 5,
				.leads = HELPER,
				.key = KEY},
			  inverted = {.kind = SITE_TARGET,
				      .nr_bytes = 5,
				      .leads = HELPER,
				      .key = (KEY + 8) | 1};
	const struct bytes nop = BYTES("\x0f\x1f\x44\0\0"), jump = BRANCH("\xe9", HELPER);
	const struct example examples[] = {
		{off, nop, nop, KNOWN},
		{off, nop, jump, OTHER},
		{on, nop, jump, KNOWN},
		{on, nop, nop, OTHER},
		{on, nop, BRANCH("\xe9", HELPER + 1), OTHER},
		{inverted, nop, jump, KNOWN},
		{inverted, jump, nop, OTHER},
		{off, nop, BYTES("\x66\x90\x90\x90\x90"), OTHER},
	};

	TRY(examples);
}

Test(unchanged_siteforms, static_calls)
{
	const struct site function = {.kind = SITE_KEY, .nr_bytes = 5, .key = KEY},
			  none = {.kind = SITE_KEY, .nr_bytes = 5, .key = KEY + 8},
			  zero = {.kind = SITE_KEY, .nr_bytes = 5, .key = KEY + 16},
			  tail = {.kind = SITE_KEY, .nr_bytes = 6, .key = KEY},
			  tail_of_none = {.kind = SITE_KEY,
					  .nr_bytes = 6,
					  .key = KEY + 8},
			  trampoline = {.kind = SITE_KEY, .nr_bytes = 5, .key = VA};
	const struct bytes was = BRANCH("\xe8", SMALL_TEXT + 0x500);
	const struct example examples[] = {
		{function, was, was, KNOWN},
		{trampoline, BYTES("\xc3\xcc\x90\x90\x90"), BRANCH("\xe9", HELPER),
		 KNOWN},
		{trampoline, BYTES("\xc3\xcc\x90\x90\x90"), BRANCH("\xe8", HELPER),
		 OTHER},
		{trampoline, BYTES("\xc3\xcc\x90\x90\x90"),
		 BRANCH("\xe9", SMALL_TEXT + 0x280), OTHER},
		/* Who is called first, and is it no longer. */
		{trampoline, BRANCH("\xe9", SMALL_TEXT + 0x500),
		 BRANCH("\xe9", SMALL_TEXT + 0x500), OTHER},
		{trampoline, BRANCH("\xe9", SMALL_TEXT + 0x500), BRANCH("\xe9", HELPER),
		 KNOWN},
		{function, was, BRANCH("\xe8", HELPER), KNOWN},
		{function, was, BRANCH("\xe8", HELPER - 9), KNOWN},
		{function, was, BRANCH("\xe8", HELPER - 8), OTHER},
		{function, was, BRANCH("\xe8", HELPER + 4), OTHER},
		{function, was, BYTES("\x0f\x1f\x44\0\0"), OTHER},
		{none, was, BYTES("\x0f\x1f\x44\0\0"), KNOWN},
		{none, was, BYTES("\xc3\xcc\xcc\xcc\xcc"), KNOWN},
		{none, was, BRANCH("\xe8", HELPER), OTHER},
		{zero, was, BYTES("\x2e\x2e\x2e\x31\xc0"), KNOWN},
		{function, was, BYTES("\x2e\x2e\x2e\x31\xc0"), OTHER},
		{zero, was, BYTES("\x3e\x3e\xc6\x07\0"), OTHER},
		{tail, BRANCH("\x0f\x85", SMALL_TEXT + 0x500), BRANCH("\x0f\x85", HELPER),
		 KNOWN},
		{tail, BRANCH("\x0f\x85", SMALL_TEXT + 0x500),
		 BRANCH("\x0f\x85", SMALL_TEXT + 0x280), OTHER},
		{tail_of_none, BRANCH("\x0f\x85", SMALL_TEXT + 0x500),
		 BRANCH("\x0f\x85", SMALL_TEXT + 0x238), KNOWN},
		{tail_of_none, BRANCH("\x0f\x85", SMALL_TEXT + 0x500),
		 BRANCH("\x0f\x85", SMALL_TEXT + 0x240), OTHER},
	};

	TRY(examples);
}

Test(unchanged_siteforms, calls_and_operations)
{
	const struct site call = {.kind = SITE_CALL, .nr_bytes = 5},
			  operation = {.kind = SITE_OPERATION, .nr_bytes = 6},
			  nop = {.kind = SITE_OPERATION, .nr_bytes = 6, .leads = 8};
	const struct bytes was = BYTES("\xff\x15\1\2\3\4");
	const struct example examples[] = {
		{call, BRANCH("\xe8", HELPER), BRANCH("\xe8", HELPER - 9), KNOWN},
		{call, BRANCH("\xe8", HELPER), BRANCH("\xe8", HELPER - 10), OTHER},
		{call, BRANCH("\xe8", HELPER), BRANCH("\xe8", HELPER - 32), OTHER},
		{call, BRANCH("\xe8", HELPER), BYTES("\x0f\x1f\x44\0\0"), OTHER},
		{operation, was, BRANCH("\xe8", HELPER), OTHER}, /* 4 stays behind it */
		{operation, was, BYTES("\xfa\x90\x90\x90\x90\x90"), OTHER},
		{operation, was, BYTES("\x66\x0f\x1f\x44\0\0"), OTHER},
		{nop, was, BYTES("\x66\x0f\x1f\x44\0\0"), KNOWN},
		{nop, was, BYTES("\x66\x0f\x1f\x44\0\1"), OTHER},
	};

	TRY(examples);
}

Test(unchanged_siteforms, constants)
{
	const struct site site = {.kind = SITE_CONSTANT,
				  .nr_bytes = 8,
				  .leads = KEY + 24},
			  nobodys = {.kind = SITE_CONSTANT, .nr_bytes = 8};
	const struct bytes was = BYTES("\xef\xcd\xab\x89\x67\x45\x23\x01");
	const struct example examples[] = {
		{site, was, BYTES("\x88\x77\x66\x55\x44\x33\x22\x11"), KNOWN},
		{site, was, BYTES("\x89\x77\x66\x55\x44\x33\x22\x11"), OTHER},
		{nobodys, was, BYTES("\x89\x77\x66\x55\x44\x33\x22\x11"),
		 SITEFORM_BEYOND},
	};

	TRY(examples);
}

/* A place that two tables have is none's. */
Test(unchanged_siteforms, a_place_of_two)
{
	const struct site site = {.va = VA, .kind = SITE_LOCK, .nr_bytes = 1};
	const struct image image = {
		.bytes = built,
		.nr_bytes = sizeof(built),
		.loads = {{.va = SMALL_TEXT, .offset = 0, .size_bytes = sizeof(built)}},
		.nr_loads = 1,
	};
	struct sites sites = {.va = SMALL_TEXT, .size_bytes = sizeof(now), .may = may};

	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	memset(may, 0, sizeof(may));
	sites_mark(&sites, VA, 1);
	sites_mark(&sites, VA, 1);
	cr_expect_eq(siteforms_of(&sites, &small.audit, &image, &site, now),
		     SITEFORM_BEYOND);
	small_close(&small);
}
