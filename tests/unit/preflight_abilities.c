/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/abilities.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

/* Of a module that links to @function and has the string @lookup looked up. */
static uint32_t find(const char *function, const char *lookup,
		     const struct findings *findings)
{
	static const struct findings none;
	static const unsigned char code[] = {0xc3};
	static struct look of;
	const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, sizeof(code),
			      NULL, 0},
			     {".rodata", SHF_ALLOC, 0, lookup, strlen(lookup) + 1, NULL,
			      0}},
		.nr_sections = 2,
		.symbols = {{function, SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"register_ftrace_function", 1, 0, STT_FUNC, STB_LOCAL, 1}},
		.nr_symbols = 2,
	};
	struct flow_lookup lookups[1];
	struct flow_events events = {.lookups = lookups, .nr_lookups = 1};
	uint32_t bits;

	look_at(&of, &ko, NULL, 0);
	lookups[0] = (struct flow_lookup){.string = of.space.mod->sections[2].va};
	bits = abilities_find(&of.space, &events, findings ?: &none);
	look_away(&of);
	return bits;
}

Test(preflight_abilities, by_what_is_linked_to_or_looked_up)
{
	cr_expect_eq(find("printk", "sys_call_table", NULL), 0);
	cr_expect_eq(find("register_kprobe", "do_sys_open", NULL), 1 << ABILITY_KPROBE);
	cr_expect_eq(find("register_kprobe", "kallsyms_lookup_name", NULL),
		     1 << ABILITY_KPROBE | 1 << ABILITY_LOOKUP);
	cr_expect_eq(find("kallsyms_on_each_symbol", "security_add_hooks", NULL),
		     1 << ABILITY_LOOKUP | 1 << ABILITY_LSM);
	cr_expect_eq(find("register_ftrace_function", "", NULL), 1 << ABILITY_FTRACE);
}

Test(preflight_abilities, by_what_was_found)
{
	struct findings findings = {0};

	finding_add(&findings, FINDING_SUSPECT, "store");
	cr_expect_eq(find("printk", "", &findings), 0);
	finding_add(&findings, FINDING_BYPASS, "cr0-wp");
	cr_expect_eq(find("printk", "", &findings), 1 << ABILITY_LIFTS);
	finding_add(&findings, FINDING_BYPASS, "static-call");
	cr_expect_eq(find("printk", "", &findings),
		     1 << ABILITY_LIFTS | 1 << ABILITY_STATIC_CALL);
	finding_free(&findings);
}

Test(preflight_abilities, each_has_a_name)
{
	for (unsigned i = 0; i < ABILITY_NR; i++)
		cr_expect(*ability_name(i) && *ability_words(i));
}
