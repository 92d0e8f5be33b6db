/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit of hook lists on a small kernel made by hand: one hook, two security modules,
 * no BTF. Text lies in RAM at 2 MiB, ro_after_init at 0x110000, a module's page at
 * 0x120000.
 */
#include "audit/audit.h"

#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

static const char vmcoreinfo[] = "OSRELEASE=6.1.0-fake-amd64\n"
				 "BUILD-ID=00\n"
				 "SYMBOL(_stext)=ffffffff81000000\n"
				 "SYMBOL(swapper_pg_dir)=ffffffff80e01000\n"
				 "NUMBER(phys_base)=-14680064\n"
				 "NUMBER(pgtable_l5_enabled)=0\n";

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 t alpha_file_open\n"
			       "ffffffff81000180 t beta_file_open\n"
			       "ffffffff81000200 T security_file_open\n"
			       "ffffffff81000300 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81300000 D __start_ro_after_init\n"
			       "ffffffff81300000 D security_hook_heads\n"
			       "ffffffff81300018 d unrelated\n"
			       "ffffffff81300040 d alpha_hooks\n"
			       "ffffffff81301000 d beta_hooks\n"
			       "ffffffff81302000 D __end_ro_after_init\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81500000 D _edata\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000000 d evil_hook\t[evil]\n"
			       "ffffffffc0000800 t evil_file_open\t[evil]\n";

/* Addresses; and where they lie in the fake's RAM. */
static const uint64_t HEAD = 0xffffffff81300008, ALPHA = 0xffffffff81300040,
		      BETA = 0xffffffff81301000, EVIL = 0xffffffffc0000000,
		      NAMES = 0xffffffff81200000;
static const uint64_t RO_NX = 0x8000000000000121, RW_NX = 0x8000000000000163;

/* Which damage fill() does. */
static enum damage { NONE, FOREIGN_HOOK, LOOP, OPEN_PAGE, ALIAS, REDIRECT } damage;

static uint64_t pa_of(uint64_t va)
{
	if (va >= EVIL)
		return 0x120000 + (va - EVIL);
	if (va >= 0xffffffff81300000)
		return 0x110000 + (va - 0xffffffff81300000);
	if (va >= NAMES)
		return 0x100000 + (va - NAMES);
	return 0x200000 + (va - FAKE_STEXT);
}

static unsigned char *memory;

static void put_pa(uint64_t pa, uint64_t value)
{
	memcpy(memory + pa, &value, sizeof(value));
}

static void put(uint64_t va, uint64_t value)
{
	put_pa(pa_of(va), value);
}

/* struct security_hook_list without BTF: list 0, head 16, hook 24, lsm 32. */
static void put_element(uint64_t at, uint64_t pprev, uint64_t hook, uint64_t lsm)
{
	put(pprev, at);
	put(at, 0);
	put(at + 8, pprev);
	put(at + 16, HEAD);
	put(at + 24, hook);
	put(at + 32, lsm);
}

static void put_tables(void)
{
	/* .rodata and ro_after_init by 4K pages. */
	put_pa(0x3000 + 9 * 8, 0x8067);
	put_pa(0x8000, 0x100000 | RO_NX);
	put_pa(0x8000 + 256 * 8, 0x110000 | RO_NX);
	put_pa(0x8000 + 257 * 8, 0x111000 | RO_NX);
	/* The module area: one page. */
	put_pa(0x2000 + 511 * 8, 0x9067);
	put_pa(0x9000, 0xa067);
	put_pa(0xa000, 0x120000 | RW_NX);
	/* The direct map: text read-only, the sealed pages read-only, all else writable.
	 */
	put_pa(0x6008, 0x200000 | RO_NX | 0x80);
	put_pa(0x6000, 0xb067);
	for (uint64_t i = 0; i < 512; i++)
		put_pa(0xb000 + 8 * i, i << 12 | RW_NX);
	put_pa(0xb000 + 0x100 * 8, 0x100000 | RO_NX);
	put_pa(0xb000 + 0x110 * 8, 0x110000 | RO_NX);
	put_pa(0xb000 + 0x111 * 8, 0x111000 | RO_NX);
}

static void put_code(void)
{
	/* mov HEAD(%rip), %rbx, as security_file_open() begins. */
	static const unsigned char load[] = {0x48, 0x8b, 0x1d};
	static const unsigned char nop[] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
	const uint64_t wrapper = 0xffffffff81000200, callback = 0xffffffff81000100;
	int32_t rel32 = (int32_t)(HEAD - (wrapper + 12));

	memcpy(memory + pa_of(wrapper), nop, sizeof(nop));
	memcpy(memory + pa_of(wrapper + 5), load, sizeof(load));
	memcpy(memory + pa_of(wrapper + 8), &rel32, sizeof(rel32));
	memcpy(memory + pa_of(callback), nop, sizeof(nop));
	memcpy(memory + pa_of(0xffffffff81000180), nop, sizeof(nop));
	if (damage == REDIRECT) { /* jmp evil_file_open */
		rel32 = (int32_t)(EVIL + 0x800 - (callback + 5));
		memory[pa_of(callback)] = 0xe9;
		memcpy(memory + pa_of(callback + 1), &rel32, sizeof(rel32));
	}
}

static void fill(unsigned char *ram)
{
	memory = ram;
	put_tables();
	put_code();
	strcpy((char *)ram + pa_of(NAMES), "alpha");
	strcpy((char *)ram + pa_of(NAMES + 16), "beta");
	strcpy((char *)ram + pa_of(EVIL + 0x100), "evil");
	put_element(ALPHA, HEAD, 0xffffffff81000100, NAMES);
	put_element(BETA, ALPHA, 0xffffffff81000180, NAMES + 16);
	if (damage == FOREIGN_HOOK)
		put_element(EVIL, BETA, EVIL + 0x800, EVIL + 0x100);
	if (damage == LOOP) {
		put(BETA, ALPHA);
		put(ALPHA + 8, BETA);
	}
	if (damage == OPEN_PAGE)
		put_pa(0x8000 + 257 * 8, 0x111000 | RW_NX);
	if (damage == ALIAS)
		put_pa(0xa000 + 8, 0x110000 | RW_NX);
}

struct run {
	struct fake fake;
	struct source source;
	struct kernel kernel;
	struct audit audit;
};

static void audit_with(enum damage kind, const char *lsm, struct run *run)
{
	struct audit_words words = {.lsm = lsm};
	struct error err = {0};

	damage = kind;
	*run = (struct run){.fake = {.vmcoreinfo = vmcoreinfo,
				     .kallsyms = kallsyms,
				     .image_pa_error = 0x200000 - 0x2000000,
				     .stext_entry = 0x2001a1,
				     .fill = fill}};
	fake_write(&run->fake);
	run->source = fake_source(&run->fake);
	cr_assert_eq(kernel_open(&run->kernel, &run->source, &err), 0, "%s", err.message);
	cr_assert_eq(audit_run(&run->audit, &run->kernel, 1u << AUDIT_LSM, &words), 0);
}

static void end(struct run *run)
{
	audit_free(&run->audit);
	kernel_close(&run->kernel);
	fake_close(&run->fake);
}

static const struct audit_row *row_of(const struct audit *audit, const char *name)
{
	for (size_t i = 0; i < audit->nr_rows; i++)
		if (strcmp(audit->rows[i].name, name) == 0)
			return &audit->rows[i];
	cr_assert_fail("no row %s", name);
	return NULL;
}

/* The findings are of these kinds, in this order. */
static void expect_kinds(const struct audit *audit, size_t nr,
			 const enum audit_kind kinds[])
{
	cr_expect_eq(audit->nr_findings, nr, "%zu findings", audit->nr_findings);
	for (size_t i = 0; i < audit->nr_findings; i++)
		cr_expect(i < nr && audit->findings[i].kind == kinds[i], "%s: %s",
			  audit_kind_name(audit->findings[i].kind),
			  audit->findings[i].message);
}

Test(audit_lsm, a_sound_list)
{
	const struct audit_row *alpha, *beta;
	struct run run;

	audit_with(NONE, "alpha,beta\n", &run);
	expect_kinds(&run.audit, 0, NULL);
	cr_expect_eq(audit_status(&run.audit), 0);
	alpha = row_of(&run.audit, "alpha");
	beta = row_of(&run.audit, "beta");
	cr_expect_eq(alpha->verdict, AUDIT_SEALED);
	cr_expect_str_eq(alpha->symbol, "alpha_hooks");
	cr_expect_str_eq(alpha->found, "r--");
	cr_expect_eq(alpha->address, ALPHA);
	cr_expect_eq(alpha->nr_hooks, 1);
	cr_expect_eq(alpha->nr_pages, 1);
	cr_expect_eq(alpha->rank, 1);
	cr_expect_eq(beta->rank, 2);
	cr_assert_eq(run.audit.nr_slots, 2);
	cr_expect_str_eq(run.audit.slots[0].hook, "file_open");
	cr_expect_eq(run.audit.slots[1].callback, 0xffffffff81000180);
	end(&run);
}

Test(audit_lsm, the_kernels_own_list_is_compared)
{
	static const enum audit_kind kinds[] = {AUDIT_KERNEL_DISAGREES,
						AUDIT_KERNEL_DISAGREES};
	static const enum audit_kind order[] = {AUDIT_KERNEL_DISAGREES};
	struct run run;

	audit_with(NONE, "alpha,gamma\n", &run);
	expect_kinds(&run.audit, 2, kinds);
	cr_expect_not_null(
		strstr(run.audit.findings[0].message, "lists gamma as active"));
	cr_expect_not_null(strstr(run.audit.findings[1].message, "hooks of beta"));
	end(&run);
	audit_with(NONE, "beta,alpha\n", &run);
	expect_kinds(&run.audit, 1, order);
	cr_expect_not_null(
		strstr(run.audit.findings[0].message, "alpha is called before beta"));
	end(&run);
}

Test(audit_lsm, a_hook_of_a_module)
{
	static const enum audit_kind kinds[] = {AUDIT_HOOK_OUTSIDE,
						AUDIT_CALLBACK_OUTSIDE};
	struct run run;

	audit_with(FOREIGN_HOOK, NULL, &run);
	expect_kinds(&run.audit, 2, kinds);
	cr_expect_eq(row_of(&run.audit, "evil")->verdict, AUDIT_UNSEALED);
	cr_expect_eq(row_of(&run.audit, "alpha")->verdict, AUDIT_SEALED);
	cr_expect_not_null(
		strstr(run.audit.findings[1].message,
		       "calls evil_file_open [evil], which is not kernel text"));
	cr_expect_eq(audit_status(&run.audit), 1);
	end(&run);
}

/* Without BTF a broken list may be another layout: undecided, and it ends. */
Test(audit_lsm, a_loop_ends)
{
	struct run run;

	audit_with(LOOP, NULL, &run);
	expect_kinds(&run.audit, 0, NULL);
	cr_expect_eq(row_of(&run.audit, "hook list heads")->verdict, AUDIT_UNKNOWN);
	cr_expect_eq(audit_status(&run.audit), 2);
	end(&run);
}

Test(audit_lsm, a_writable_page_is_told_once_and_named)
{
	static const enum audit_kind kinds[] = {AUDIT_WRITABLE};
	struct run run;

	audit_with(OPEN_PAGE, NULL, &run);
	expect_kinds(&run.audit, 1, kinds);
	cr_expect_not_null(strstr(run.audit.findings[0].message,
				  "1 page of beta at 0xffffffff81301000"));
	cr_expect_not_null(strstr(run.audit.findings[0].message, "changed by hand"));
	cr_expect_eq(row_of(&run.audit, "beta")->verdict, AUDIT_UNSEALED);
	cr_expect_eq(row_of(&run.audit, "alpha")->verdict, AUDIT_SEALED);
	end(&run);
}

Test(audit_lsm, a_writable_alias_is_found)
{
	static const enum audit_kind kinds[] = {AUDIT_WRITABLE_ALIAS};
	struct run run;

	audit_with(ALIAS, NULL, &run);
	expect_kinds(&run.audit, 1, kinds);
	cr_expect_eq(run.audit.findings[0].address, 0xffffffffc0001000);
	cr_expect_not_null(strstr(run.audit.findings[0].message, "alpha"));
	cr_expect_eq(row_of(&run.audit, "alpha")->verdict, AUDIT_UNSEALED);
	cr_expect_eq(row_of(&run.audit, "beta")->verdict, AUDIT_SEALED);
	end(&run);
}

Test(audit_lsm, a_patched_callback_is_found)
{
	static const enum audit_kind kinds[] = {AUDIT_REDIRECTED};
	struct run run;

	audit_with(REDIRECT, NULL, &run);
	expect_kinds(&run.audit, 1, kinds);
	cr_expect_not_null(strstr(run.audit.findings[0].message,
				  "the first bytes of alpha_file_open (alpha's hook "
				  "file_open) lead to evil_file_open [evil]"));
	end(&run);
}
