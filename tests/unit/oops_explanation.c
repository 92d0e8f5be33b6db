/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/explanation.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oopslog.h"

static struct symbols symbols;

static void setup(void)
{
	oopslog_symbols(&symbols, "ffffffffaa6eff40 r apparmor_hooks\n");
}

static void teardown(void)
{
	symbols_close(&symbols);
}

TestSuite(oops_explanation, .init = setup, .fini = teardown);

/* All that the story of 2020 took a week to find. */
Test(oops_explanation, the_log_of_2020)
{
	struct oopslog oopslog;
	struct explanation e;
	size_t bytes;
	char *text = oopslog_load("4.19-lsm.txt", &bytes);
	const struct pt_step *leaf;

	oopslog_read(&oopslog, text, bytes);
	oopslog_explain(&oopslog, 0, &symbols, &e);
	cr_expect_eq(e.status, EXPLANATION_WHOLE);
	cr_expect_eq(e.crash->error_code, 3);
	cr_expect_str_eq(e.crash->site.function, "init_lsm_hooks");
	cr_expect_eq(e.crash->site.offset, 0x1cd);
	cr_expect_str_eq(e.instruction.text, "mov [rdx], rcx");
	cr_expect_eq(e.instruction.match, INSTRUCTION_AGREES);
	cr_expect_eq(e.target.address, 0xffffffffaa6f0210);
	cr_expect_str_eq(e.target.symbol, "apparmor_hooks");
	cr_expect_eq(e.target.offset, 0x2d0);
	cr_expect_eq(e.target.lsm.element, 18);
	cr_expect_str_eq(e.target.lsm.owner, "apparmor");
	cr_expect_str_eq(e.target.lsm.field, "list.next");
	cr_expect_eq(e.tables.denial, TABLES_NO_RW);
	cr_assert_eq(e.tables.denied_by, 3);
	leaf = &e.tables.walk.steps[3];
	cr_expect_eq(leaf->level, PT_PTE);
	cr_expect_eq(leaf->value, 0x800000003faf0061);
	cr_expect_eq(e.tables.walk.pa, 0x3faf0210);
	cr_expect_eq(e.tables.walk.span, 4096);
	cr_expect_not(e.tables.walk.writable);
	cr_expect(e.tables.walk.nx);
	cr_expect_eq(e.cause.kind, CAUSE_LSM_LIST);
	cr_expect_not(e.cause.is_likely);
	cr_expect_geq(e.cause.nr_ways, 3);
	cr_expect_not(e.has_live_walk);
	oopslog_close(&oopslog);
	free(text);
}

/* What a damaged log may say less, but not otherwise. */
static void expect_no_lie(const struct explanation *truth, const struct explanation *e,
			  size_t line, size_t cut)
{
	const struct crash *was = truth->crash, *is = e->crash;
	uint64_t bits = is->has_all_error_bits ? ~0ULL : 0xffff;

#define HOLDS(condition) cr_assert(condition, "line %zu cut at %zu", line, cut)
	/* A list's corruption is told by BUG(), which is an invalid opcode: what it meant
	 * may be lost.
	 */
	HOLDS(is->kind == was->kind || is->kind == CRASH_INVALID_OPCODE ||
	      (is->kind == CRASH_BUG && was->kind == CRASH_LIST_CORRUPTION));
	if (is->address_from != CRASH_ADDRESS_UNKNOWN)
		HOLDS(is->address == was->address);
	if (is->has_error_code)
		HOLDS((is->error_code & bits) == (was->error_code & bits));
	if (is->number)
		HOLDS(is->number == was->number);
	if (is->has_site && is->site.function[0]) {
		HOLDS(strcmp(is->site.function, was->site.function) == 0);
		HOLDS(is->site.offset == was->site.offset);
		HOLDS(!is->site.module[0] ||
		      strcmp(is->site.module, was->site.module) == 0);
	}
	if (is->release[0])
		HOLDS(strcmp(is->release, was->release) == 0);
	for (enum register_name name = 0; name < REGISTER_NR; name++)
		if (registers_has(&is->registers, name))
			HOLDS(is->registers.value[name] == was->registers.value[name]);
	if (e->has_instruction) {
		HOLDS(strcmp(e->instruction.text, truth->instruction.text) == 0);
		HOLDS(e->instruction.match != INSTRUCTION_DISAGREES);
	}
	if (e->tables.denied_by >= 0) {
		HOLDS(e->tables.denial == truth->tables.denial);
		HOLDS(e->tables.denied_by == truth->tables.denied_by);
		if (e->tables.walk.reason == PT_OK)
			HOLDS(e->tables.walk.pa == truth->tables.walk.pa &&
			      e->tables.walk.nx == truth->tables.walk.nx);
	}
	HOLDS(e->tables.denial != TABLES_PERMITTED ||
	      truth->tables.denial == e->tables.denial);
	if (e->status == EXPLANATION_WHOLE && e->cause.kind != CAUSE_UNKNOWN) {
		/* Less specific it may be: code or data, whose. */
		bool is_vaguer = (e->cause.kind == CAUSE_KERNEL_SEALED ||
				  e->cause.kind == CAUSE_SEALED ||
				  e->cause.kind == CAUSE_MODULE_SEALED ||
				  e->cause.kind == CAUSE_BUG ||
				  e->cause.kind == CAUSE_USER_UNMAPPED) &&
				 e->cause.kind != truth->cause.kind;

		HOLDS(is_vaguer || e->cause.kind == truth->cause.kind);
	}
#undef HOLDS
}

/* @text without the bytes from @cut to the end of its line. */
static void try_cut(const char *text, size_t bytes, size_t line_end, size_t cut,
		    size_t line, char *room, const struct oopslog *whole)
{
	struct oopslog oopslog;
	struct explanation truth, e;

	memcpy(room, text, cut);
	memcpy(room + cut, text + line_end, bytes - line_end);
	oopslog_read(&oopslog, room, cut + bytes - line_end);
	/* A crash may be lost, when its first line is; none is made up. */
	cr_assert_leq(oopslog.crashes.nr, whole->crashes.nr + 1, "line %zu cut at %zu",
		      line, cut);
	for (size_t i = 0; i < oopslog.crashes.nr; i++) {
		size_t j = oopslog.crashes.nr == whole->crashes.nr ? i
								   : whole->crashes.nr;

		/* Counted crashes are told apart by their number. */
		for (size_t k = 0;
		     oopslog.crashes.nr != whole->crashes.nr && k < whole->crashes.nr;
		     k++)
			if (whole->crashes.array[k].number ==
			    oopslog.crashes.array[i].number)
				j = k;
		if (j == whole->crashes.nr)
			continue;
		oopslog_explain(whole, j, &symbols, &truth);
		oopslog_explain(&oopslog, i, &symbols, &e);
		expect_no_lie(&truth, &e, line, cut);
	}
	oopslog_close(&oopslog);
}

static void cut_lines(const char *name, size_t stride)
{
	size_t bytes, line = 1;
	char *text = oopslog_load(name, &bytes), *room = malloc(bytes + 1);
	struct oopslog whole;

	oopslog_read(&whole, text, bytes);
	for (size_t start = 0; start < bytes; line++) {
		char *newline = memchr(text + start, '\n', bytes - start);
		size_t end = newline ? (size_t)(newline - text) : bytes;

		/* Lines that are alike are cut at different columns. */
		for (size_t cut = start + line % stride; cut < end; cut += stride)
			try_cut(text, bytes, end, cut, line, room, &whole);
		start = end + 1;
	}
	oopslog_close(&whole);
	free(room);
	free(text);
}

static void cut_end(const char *name, size_t stride)
{
	size_t bytes;
	char *text = oopslog_load(name, &bytes), *room = malloc(bytes + 1);
	struct oopslog whole;

	oopslog_read(&whole, text, bytes);
	for (size_t cut = 0; cut < bytes; cut += stride)
		try_cut(text, bytes, bytes, cut, 0, room, &whole);
	oopslog_close(&whole);
	free(room);
	free(text);
}

/* Every so many bytes; CUT_STRIDE=1 is every one, which takes minutes with sanitizers. */
static size_t stride_of(const char *name)
{
	const char *given = getenv("CUT_STRIDE");
	size_t stride = given ? strtoul(given, NULL, 10) : 11;

	cr_assert_gt(stride, 0);
	return !given && strstr(name, "many") ? 97 : stride;
}

Test(oops_explanation, every_line_cut)
{
	for (const char *const *name = oopslog_names; *name; name++)
		cut_lines(*name, stride_of(*name));
}

Test(oops_explanation, every_log_cut)
{
	for (const char *const *name = oopslog_names; *name; name++)
		cut_end(*name, stride_of(*name));
}

/* Any bytes: no crash, no hang, no overread (with the sanitizers). */
Test(oops_explanation, random_damage)
{
	unsigned seed = 42;

	for (const char *const *name = oopslog_names; *name; name++) {
		size_t bytes;
		char *text = oopslog_load(*name, &bytes), *room = malloc(bytes);

		for (int round = 0; round < (bytes > 10000 ? 60 : 600); round++) {
			struct oopslog oopslog;

			memcpy(room, text, bytes);
			for (int i = 0; i < 1 + round % 50; i++) {
				seed = seed * 1103515245 + 12345;
				room[(seed >> 8) % bytes] =
					round % 2 ? (char)(seed >> 24)
						  : "0f \n[]<>:+/x"[(seed >> 24) % 12];
			}
			oopslog_read(&oopslog, room, bytes);
			for (size_t i = 0; i < oopslog.crashes.nr; i++) {
				struct explanation e;

				oopslog_explain(&oopslog, i, &symbols, &e);
			}
			oopslog_close(&oopslog);
		}
		free(room);
		free(text);
	}
}

Test(oops_explanation, too_damaged)
{
	static const struct {
		const char *text;
		enum explanation_status status;
	} rows[] = {
		{"BUG: unable to handle page fault for address: ffffffff81000000\n",
		 EXPLANATION_DAMAGED},
		{"BUG: unable to handle page fault for addr\n#PF: error_code(0x0003) - x\n",
		 EXPLANATION_DAMAGED},
		{"Oops: 0003 [#1] SMP\n", EXPLANATION_DAMAGED},
		{"BUG: unable to handle page fault for address: ffffffff81000000\n"
		 "#PF: error_code(0x0003) - x\n",
		 EXPLANATION_WHOLE},
		{"kernel BUG at fs/x.c:1!\n", EXPLANATION_WHOLE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;

		oopslog_read(&oopslog, rows[i].text, strlen(rows[i].text));
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.status, rows[i].status, "%s", rows[i].text);
		cr_expect_eq(e.missing == NULL, rows[i].status == EXPLANATION_WHOLE);
		oopslog_close(&oopslog);
	}
}

/* The first crash of a log without a kernel. */
static void explain(const char *text, struct oopslog *oopslog, struct explanation *ret)
{
	oopslog_read(oopslog, text, strlen(text));
	oopslog_explain(oopslog, 0, NULL, ret);
}

#ifdef KWCHECK_ZYDIS
Test(oops_explanation, the_mark_behind_an_int3)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("int3: 0000 [#1] SMP NOPTI\n"
		"RIP: 0010:f+0x2/0x10\n"
		"Code: 55 cc <48> 89 0a c3\n",
		&oopslog, &e);
	cr_assert(e.has_instruction);
	cr_expect_str_eq(e.instruction.text, "int3");
	oopslog_close(&oopslog);
	/* It is gone again: what was there is not known. */
	explain("int3: 0000 [#1] SMP NOPTI\n"
		"RIP: 0010:f+0x2/0x10\n"
		"Code: 55 90 <48> 89 0a c3\n",
		&oopslog, &e);
	cr_expect_not(e.has_instruction);
	cr_expect_not_null(strstr(e.no_instruction, "int3"));
	oopslog_close(&oopslog);
}

Test(oops_explanation, a_nop_does_not_double_fault)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("double fault: 0000 [#1] SMP NOPTI\n"
		"RIP: 0010:f+0x2/0x10\n"
		"Code: 55 55 <90> 89 0a c3\n",
		&oopslog, &e);
	cr_expect_not(e.has_instruction);
	cr_expect_not_null(strstr(e.no_instruction, "touches no memory"));
	oopslog_close(&oopslog);
	explain("double fault: 0000 [#1] SMP NOPTI\n"
		"RIP: 0010:f+0x2/0x10\n"
		"Code: 55 55 <50> 89 0a c3\n",
		&oopslog, &e);
	cr_assert(e.has_instruction);
	cr_expect_str_eq(e.instruction.text, "push rax");
	oopslog_close(&oopslog);
}
#endif

Test(oops_explanation, a_32_bit_kernel_is_refused_by_name)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("BUG: unable to handle kernel NULL pointer dereference at 00000010\n"
		"IP: [<f8a3c0f0>] f+0x10/0x20 [mine]\n"
		"*pdpt = 0000000033d5e001 *pde = 0000000000000000 \n"
		"Oops: 0002 [#1] SMP \n"
		"EIP: 0060:[<f8a3c0f0>] EFLAGS: 00010246 CPU: 0\n"
		"EAX: 00000000 EBX: f8a3c0f0 ECX: 00000000 EDX: 00000000\n",
		&oopslog, &e);
	cr_expect_eq(e.status, EXPLANATION_REFUSED);
	cr_expect_not_null(strstr(e.refusal, "32-bit"));
	cr_expect_not(e.has_target);
	oopslog_close(&oopslog);
}

/* A write to ffffffffa0001000, or where the log says. */
Test(oops_explanation, where_modules_live)
{
	static const char form[] =
		"BUG: unable to handle kernel paging request at ffffffffa0001000\n"
		"Oops: 0003 [#1] SMP \n"
		"CPU: 0 PID: 9 Comm: x Not tainted %s #1\n"
		"RIP: 0010:[<%s>]  [<%s>] %s\n"
		"CR2: ffffffffa0001000\n";
	static const struct {
		const char *release, *rip, *function;
		enum hit_kind kind;
	} rows[] = {
		{"4.4.0", "ffffffffa0000010", "f+0x10/0x20 [mine]", HIT_MODULES},
		{"5.10.0", "ffffffffa0000010", "f+0x10/0x20 [mine]", HIT_MODULES},
		{"4.4.0", "ffffffffa1000010", "f+0x10/0x20", HIT_IMAGE},
		{"5.10.0", "ffffffffc0000010", "f+0x10/0x20 [mine]", HIT_IMAGE},
		{"4.4.0", "ffffffff81000010", "f+0x10/0x20", HIT_KERNEL},
		{"5.10.0", "ffffffff81000010", "f+0x10/0x20", HIT_KERNEL},
		{"5.10.0", "ffffffff9f000010", "f+0x10/0x20", HIT_IMAGE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(text, sizeof(text), form, rows[i].release, rows[i].rip,
			 rows[i].rip, rows[i].function);
		explain(text, &oopslog, &e);
		cr_expect_eq(e.target.kind, rows[i].kind, "%zu: %s", i,
			     hit_kind_name(e.target.kind));
		oopslog_close(&oopslog);
	}
}

/* Code of a module that is gone, in a kernel that was built without KASLR. */
Test(oops_explanation, where_nothing_is_left)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("BUG: unable to handle page fault for address: ffffffffa011bb90\n"
		"#PF: error_code(0x0010) - not-present page\n"
		"PGD 6211067 P4D 6211067 PUD 6212063 PMD 102b99067 PTE 0\n"
		"Oops: 0010 [#1] PREEMPT SMP\n"
		"CPU: 0 PID: 1047 Comm: rmmod Not tainted 5.14.0-rc2+ #460\n"
		"RIP: 0010:0xffffffffa011bb90\n"
		"Call Trace:\n",
		&oopslog, &e);
	cr_expect_eq(e.target.kind, HIT_KERNEL);
	cr_expect_eq(e.cause.kind, CAUSE_EXECUTE_UNMAPPED);
	oopslog_close(&oopslog);
}

Test(oops_explanation, past_the_end_of_a_symbol)
{
	static const char form[] =
		"BUG: kernel NULL pointer dereference, address: 0000000000000010\n"
		"#PF: error_code(0x0000) - not-present page\n"
		"Oops: 0000 [#1] SMP NOPTI\n"
		"RIP: 0010:f+0x%x/0x180 [mine]\n";

	for (unsigned offset = 0x17f; offset <= 0x180; offset++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[512];
		bool is_told = false;

		snprintf(text, sizeof(text), form, offset);
		explain(text, &oopslog, &e);
		for (size_t i = 0; i < e.cause.nr_notes; i++)
			is_told |= strstr(e.cause.notes[i], "past the end of f") != NULL;
		cr_expect_eq(is_told, offset == 0x180);
		oopslog_close(&oopslog);
	}
}

Test(oops_explanation, the_walk_shows_the_direct_map)
{
	static const char form[] =
		"BUG: unable to handle page fault for address: ffff9d4152345678\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"PGD 100067067 P4D 100067067 PUD 100068067 PMD 100069067 PTE %s\n"
		"Oops: 0003 [#1] SMP NOPTI\n"
		"RIP: %s:f+0x1/0x2 [mine]\n";
	static const struct {
		const char *leaf, *selector;
		bool is_direct;
	} rows[] = {
		{"8000000012345161", "0010", true},
		{"8000000012346161", "0010", false},
		{"8000000012345165", "e030", false}, /* Xen's own addresses */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[512];

		snprintf(text, sizeof(text), form, rows[i].leaf, rows[i].selector);
		explain(text, &oopslog, &e);
		cr_expect_eq(e.target.region_name != NULL, rows[i].is_direct, "%zu: %s",
			     i, e.target.region_name);
		oopslog_close(&oopslog);
	}
}
