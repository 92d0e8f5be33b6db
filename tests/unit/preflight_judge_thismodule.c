/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/judge_thismodule.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

enum { BYTES = 0x400, INIT = 0x138, EXIT = 0x3c0 };

/* A struct module: its size, its flags, and where init and exit are put. */
struct shape {
	uint64_t size_bytes, flags, init, exit;
	bool is_double, is_nobits, has_text;
};

static const struct shape good = {BYTES, SHF_ALLOC | SHF_WRITE, INIT, EXIT, false, false,
				  true};

/* Of a kernel that compares sizes, and of one that does not. */
static const struct policy_module newer = {.bytes = BYTES,
					   .checks_bytes = true,
					   .init = INIT,
					   .exit = EXIT,
					   .filled = {{0, 4, false},
						      {8, 16, false},
						      {0x140, 8, true}},
					   .nr_filled = 3},
				  older = {.bytes = BYTES, .init = INIT, .exit = EXIT};

static void judge(const struct shape *shape, const struct policy_module *module,
		  struct findings *ret)
{
	static unsigned char bytes[2 * BYTES];
	static const char modinfo[] = "vermagic=6.1.0-9-amd64 SMP ";
	static struct look of;
	const Elf64_Rela rela[] = {{shape->init, ELF64_R_INFO(1, R_X86_64_64), 0},
				   {shape->exit, ELF64_R_INFO(2, R_X86_64_64), 0}};
	struct ko ko = {
		.sections = {{shape->has_text ? ".text" : ".init.text",
			      SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3\xc3", 2, NULL, 0},
			     {".gnu.linkonce.this_module", shape->flags,
			      shape->is_nobits ? SHT_NOBITS : 0, bytes, shape->size_bytes,
			      rela, shape->is_nobits ? 0 : 2},
			     {".modinfo", SHF_ALLOC, 0, modinfo, sizeof(modinfo), NULL,
			      0},
			     {".comment", 0, 0, "\0GCC: 12", 9, NULL, 0},
			     {".gnu.linkonce.this_module", shape->flags, 0, bytes, BYTES,
			      NULL, 0}},
		.nr_sections = shape->is_double ? 5 : 4,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"cleanup_module", 1, 1, STT_FUNC, STB_GLOBAL, 0}},
		.nr_symbols = 2,
	};

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes + 0x18, "name", 4);
	look_at(&of, &ko, NULL, 0);
	of.space.policy.module = *module;
	memset(ret, 0, sizeof(*ret));
	judge_thismodule(ret, &of.space);
	look_away(&of);
}

/* One finding of that verdict, whose note has @words. NULL: none. */
static void expect(const struct shape *shape, const struct policy_module *module,
		   enum finding_verdict verdict, const char *words)
{
	struct findings findings;

	judge(shape, module, &findings);
	cr_expect_eq(findings.nr, words ? 1 : 0, "%s: %zu", words, findings.nr);
	for (size_t i = 0; words && i < findings.nr; i++) {
		cr_expect_eq(findings.array[i].verdict, verdict, "%s", words);
		cr_expect_not_null(strstr(findings.array[i].note, words), "%s",
				   findings.array[i].note);
	}
	finding_free(&findings);
}

Test(preflight_judge_thismodule, the_kernels_own)
{
	const struct policy_module unknown = {0};

	expect(&good, &newer, FINDING_CLEAN, NULL);
	expect(&good, &older, FINDING_CLEAN, NULL);
	expect(&good, &unknown, FINDING_CLEAN, NULL);
}

Test(preflight_judge_thismodule, another_size)
{
	struct shape shape = good;

	shape.size_bytes = BYTES + 64;
	expect(&shape, &newer, FINDING_REFUSED,
	       "1088 instead of 1024 (ENOEXEC); "
	       "built for 6.1.0-9-amd64 by GCC: 12");
	/* Up to 6.3 nobody compares: seen to load on 5.10 and 6.1. */
	expect(&shape, &older, FINDING_CLEAN, "does not look");
	shape.size_bytes = BYTES - 32;
	expect(&shape, &newer, FINDING_REFUSED, "992 instead of 1024");
	expect(&shape, &older, FINDING_SUSPECT, "behind its end");
}

Test(preflight_judge_thismodule, another_offset)
{
	struct shape shape = good;

	shape.init = INIT - 8;
	expect(&shape, &newer, FINDING_SUSPECT, "init at 0x130, this kernel's at 0x138");
	shape.init = 8;
	expect(&shape, &newer, FINDING_REFUSED, "existing value is nonzero");
	/* A pointer that reaches into what is filled in. */
	shape.init = 4;
	expect(&shape, &newer, FINDING_REFUSED, "existing value is nonzero");
	/* The file's own bytes. */
	shape.init = 0x18;
	expect(&shape, &newer, FINDING_REFUSED, "existing value is nonzero");
	shape.init = 0x140;
	expect(&shape, &newer, FINDING_REFUSED, "existing value is nonzero");
	shape.has_text = false;
	expect(&shape, &newer, FINDING_SUSPECT, "init does not run");
	shape = good;
	shape.exit = EXIT - 8;
	expect(&shape, &older, FINDING_SUSPECT, "exit at 0x3b8");
	/* Outside: the loader's own relocating tells that. */
	shape.exit = BYTES;
	expect(&shape, &older, FINDING_CLEAN, NULL);
}

Test(preflight_judge_thismodule, none_or_two)
{
	struct shape shape = good;

	shape.is_double = true;
	expect(&shape, &newer, FINDING_REFUSED, "Exactly one");
	expect(&shape, &older, FINDING_CLEAN, NULL);
	shape = good;
	shape.flags = 0;
	expect(&shape, &newer, FINDING_REFUSED, "must occupy memory");
	expect(&shape, &older, FINDING_REFUSED, "No module found");
	shape = good;
	shape.is_nobits = true;
	expect(&shape, &newer, FINDING_REFUSED, "must have a size");
}
