/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/judge_branches.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

#define ENDBR "\xf3\x0f\x1e\xfa"

/* .text: other() at 16, third() at 32, plain() at 48, whose address nothing has. */
struct texts {
	char init[16], text[64];
	bool seals; /* .ibt_endbr_seal names other() */
};

static struct look of;

static void open_look(const struct texts *texts)
{
	/* lea third(%rip), %rax; call plain: of these, in init, at 8 and 13 */
	static const Elf64_Rela in_init[] = {{7, ELF64_R_INFO(3, R_X86_64_PC32), -4},
					     {12, ELF64_R_INFO(4, R_X86_64_PLT32), -4}};
	static const Elf64_Rela in_ops[] = {{0, ELF64_R_INFO(2, R_X86_64_64), 0},
					    {8, ELF64_R_INFO(2, R_X86_64_64), 0}};
	static const Elf64_Rela in_seal[] = {{0, ELF64_R_INFO(2, R_X86_64_PC32), 0}};
	static const Elf64_Rela in_fixups[] = {{0, ELF64_R_INFO(4, R_X86_64_64), 0}};
	const struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, texts->init,
			      sizeof(texts->init), in_init, 2},
			     {".text", SHF_ALLOC | SHF_EXECINSTR, 0, texts->text,
			      sizeof(texts->text), NULL, 0},
			     {".rodata", SHF_ALLOC, 0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
			      16, in_ops, 2},
			     {"__ex_table", SHF_ALLOC, 0, "\0\0\0\0\0\0\0", 8, in_fixups,
			      1},
			     {".ibt_endbr_seal", SHF_ALLOC, 0, "\0\0\0", 4, in_seal, 1}},
		.nr_sections = texts->seals ? 5 : 4,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 16},
			    {"other", 2, 16, STT_FUNC, STB_LOCAL, 16},
			    {"third", 2, 32, STT_FUNC, STB_LOCAL, 16},
			    {"plain", 2, 48, STT_FUNC, STB_LOCAL, 16}},
		.nr_symbols = 4,
	};

	look_at(&of, &ko, NULL, 0);
}

static struct texts good(void)
{
	return (struct texts){.init = ENDBR "\x48\x8d\x05\0\0\0\0\xe8\0\0\0", .text = ""};
}

static void put(struct texts *texts, size_t at)
{
	memcpy(texts->text + at, ENDBR, 4);
}

/* The findings of that module under @guards. */
static struct findings judge(const struct texts *texts, struct guards guards)
{
	struct findings findings = {0};

	open_look(texts);
	of.space.landmarks.guards = guards;
	judge_branches(&findings, &of.space);
	return findings;
}

static void away(struct findings *findings)
{
	finding_free(findings);
	look_away(&of);
}

static const struct guards enforced = {
	.keeps_wp = true, .knows_endbr = true, .wants_endbr = true};

Test(preflight_judge_branches, all_of_them_begin_with_an_endbr64)
{
	struct texts texts = good();
	struct findings findings;

	put(&texts, 16);
	put(&texts, 32);
	findings = judge(&texts, enforced);
	cr_expect_eq(findings.nr, 0);
	away(&findings);
	/* The loader takes it away from other(), whose address is taken all the same. */
	texts.seals = true;
	findings = judge(&texts, enforced);
	cr_assert_eq(findings.nr, 1);
	cr_expect_not_null(strstr(findings.array[0].note, "other"));
	away(&findings);
}

Test(preflight_judge_branches, a_callback_without_one)
{
	struct texts texts = good();
	struct findings findings = judge(&texts, enforced);

	cr_assert_eq(findings.nr, 1);
	cr_expect_eq(findings.array[0].verdict, FINDING_SUSPECT);
	cr_expect_str_eq(findings.array[0].kind, "ibt");
	cr_expect_str_eq(findings.array[0].site.function, "other");
	cr_expect_not_null(strstr(findings.array[0].note, "other, third;"), "%s",
			   findings.array[0].note);
	away(&findings);
}

Test(preflight_judge_branches, an_init_without_one)
{
	static const struct {
		struct guards guards;
		enum finding_verdict verdict; /* FINDING_NR_VERDICTS: no finding */
	} rows[] = {
		{{.knows_endbr = true, .wants_endbr = true}, FINDING_WOULD_FAULT},
		{{.knows_endbr = true, .wants_endbr = true, .only_warns = true},
		 FINDING_CLEAN},
		{{.knows_endbr = true, .may_want_endbr = true}, FINDING_UNDECIDED},
		{{.knows_endbr = true}, FINDING_CLEAN},
		{{.knows_endbr = false}, FINDING_NR_VERDICTS},
	};
	struct texts texts = good();

	put(&texts, 16);
	put(&texts, 32);
	texts.init[0] = (char)0x90;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings findings = judge(&texts, rows[i].guards);

		cr_expect_eq(findings.nr, rows[i].verdict != FINDING_NR_VERDICTS, "%zu",
			     i);
		if (findings.nr) {
			cr_expect_eq(findings.array[0].verdict, rows[i].verdict, "%zu",
				     i);
			cr_expect_str_eq(findings.array[0].kind, "ibt");
			cr_expect_str_eq(findings.array[0].site.function, "init_module");
		}
		away(&findings);
	}
}

/* init, with what stands before it: mov $0x36b1c5a6, %eax where the kernel looks. */
static void judge_type(const char *before, struct guards guards, const char *words)
{
	struct findings findings = {0};
	char text[32] = {0};
	struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, text,
			      sizeof(text), NULL, 0}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 16, STT_FUNC, STB_GLOBAL, 16}},
		.nr_symbols = 1,
	};

	memcpy(text, before, 16);
	text[16] = (char)0xc3;
	look_at(&of, &ko, NULL, 0);
	of.space.landmarks.guards = guards;
	judge_branches(&findings, &of.space);
	cr_expect_eq(findings.nr, words ? 1 : 0, "%s", words);
	if (words && findings.nr) {
		cr_expect_eq(findings.array[0].verdict,
			     guards.only_reports ? FINDING_CLEAN : FINDING_WOULD_FAULT);
		cr_expect_str_eq(findings.array[0].kind, "kcfi");
		cr_expect_not_null(strstr(findings.array[0].note, words), "%s",
				   findings.array[0].note);
	}
	away(&findings);
}

Test(preflight_judge_branches, the_type_of_init)
{
	struct guards guards = {
		.checks_types = true, .init_type = 0x36b1c5a6, .type_at = -4};
	static const char right[] = "\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90"
				    "\xb8\xa6\xc5\xb1\x36",
			  wrong[] = "\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90"
				    "\xb8\xa7\xc5\xb1\x36",
			  none[] = "\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90"
				   "\x90\x90\x90\x90\x90",
			  bare[] = "\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90"
				   "\x90\xa6\xc5\xb1\x36",
			  early[] = "\xb8\xa6\xc5\xb1\x36\x90\x90\x90\x90\x90\x90"
				    "\x90\x90\x90\x90\x90";

	judge_type(right, guards, NULL);
	judge_type(wrong, guards, "of type 0x36b1c5a7; expected type: 0x36b1c5a6");
	judge_type(none, guards, "built without kCFI");
	/* Only the hash itself is compared: seen on a 6.12. */
	judge_type(bare, guards, NULL);
	/* Where the calls look is read off the kernel: with FineIBT's padding at -15. */
	judge_type(early, guards, "built without kCFI");
	guards.type_at = -15;
	judge_type(early, guards, NULL);
	/* CONFIG_CFI_PERMISSIVE */
	guards.only_reports = true;
	judge_type(none, guards, "it is logged, and the call is made");
	/* Which type is expected is not known. */
	guards = (struct guards){.checks_types = true};
	judge_type(wrong, guards, NULL);
	judge_type(none, guards, "built without kCFI");
}
