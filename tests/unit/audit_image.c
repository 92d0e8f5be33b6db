/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image's sections as whole ranges, and against the direct map. */
#include "audit/image.h"

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

#define SEALED_SYMBOLS                                \
	"ffffffff81000000 T _text\n"                  \
	"ffffffff81000000 T _stext\n"                 \
	"ffffffff81001000 T _etext\n"                 \
	"ffffffff81200000 R __start_rodata\n"         \
	"ffffffff81200010 R rodata_enabled\n"         \
	"ffffffff81201000 R __end_rodata\n"           \
	"ffffffff81300000 D __start_ro_after_init\n"  \
	"ffffffff81302000 D __end_ro_after_init\n"    \
	"ffffffff81400000 D _sdata\n"                 \
	"ffffffff81400010 D kernel_set_to_readonly\n" \
	"ffffffff81400100 D init_mm\n"

static const char kallsyms[] = SEALED_SYMBOLS "ffffffff81404000 D _edata\n"
					      "ffffffff81603000 B _end\n";
/* The third and the fourth page of data are brk's here. */
static const char kallsyms_brk[] = SEALED_SYMBOLS "ffffffff81401000 D _edata\n"
						  "ffffffff81401000 B __bss_start\n"
						  "ffffffff81402000 B __bss_stop\n"
						  "ffffffff81402000 B __brk_base\n"
						  "ffffffff81603000 B _end\n";

static void (*damage)(void);

static void fill(void)
{
	small_put(SMALL_RODATA + 0x10, 1);
	small_put(SMALL_DATA + 0x10, 1);
	if (damage)
		damage();
}

static void audit_with(void (*damage_it)(void), struct small *small)
{
	damage = damage_it;
	small_open(small, kallsyms, fill, NULL);
	small_audit(small, 1u << AUDIT_IMAGE, NULL);
}

Test(audit_image, a_sound_image)
{
	static const struct {
		const char *name, *found;
		uint64_t nr_pages;
	} sections[] = {
		{"kernel text", "r-x", 1},
		{"read-only data", "r--", 1},
		{"data sealed after boot", "r--", 2},
		{"data", "rw-", 4},
	};
	struct small small;

	audit_with(NULL, &small);
	small_expect(&small, 0, NULL);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		const struct audit_row *row = small_row(&small, sections[i].name);

		cr_expect_eq(row->verdict, AUDIT_SEALED, "%s", row->name);
		cr_expect_str_eq(row->found, sections[i].found, "%s", row->name);
		cr_expect_eq(row->nr_pages, sections[i].nr_pages, "%s", row->name);
	}
	cr_expect_str_eq(small_row(&small, "sealing at boot")->detail,
			 "rodata_enabled 1, kernel_set_to_readonly 1");
	/* No such symbols here. */
	cr_expect_eq(small_row(&small, "bss")->verdict, AUDIT_UNKNOWN);
	cr_expect_str_eq(small_row(&small, "image against direct map")->detail,
			 "4 pages of data compared");
	small_close(&small);
}

/* What was not compared is not sealed. */
Test(audit_image, where_the_direct_map_lies_is_not_known)
{
	struct small small;
	const struct audit_row *row;

	damage = NULL;
	small_open(&small, kallsyms, fill, NULL);
	small.kernel.direct_map = 0;
	for (size_t i = 0; i < small.kernel.core.nr_segments; i++)
		small.kernel.core.segments[i].va = small.kernel.core.segments[i].pa;
	small_audit(&small, 1u << AUDIT_IMAGE, NULL);
	row = small_row(&small, "image against direct map");
	cr_expect_eq(row->verdict, AUDIT_UNKNOWN);
	cr_expect(strstr(row->detail, "no page could be compared"), "%s", row->detail);
	small_close(&small);
}

static void open_sealed(void)
{
	small_put_pa(SMALL_SEALED_2_ENTRY_PA, 0x111000 | SMALL_RW_NX);
}

Test(audit_image, a_writable_page)
{
	struct small small;

	audit_with(open_sealed, &small);
	small_expect_one(&small, AUDIT_WRITABLE, "1 page of data sealed after boot");
	small_close(&small);
}

static void switch_off(void)
{
	open_sealed();
	small_put(SMALL_RODATA + 0x10, 0);
}

/* One cause, one finding. */
Test(audit_image, rodata_off)
{
	struct small small;

	audit_with(switch_off, &small);
	small_expect_one(&small, AUDIT_RODATA_OFF,
			 "rodata=off: 1 pages of its image and modules are not sealed");
	cr_expect_eq(small_row(&small, "data sealed after boot")->verdict,
		     AUDIT_UNSEALED);
	small_close(&small);
}

/* Two pages of data that only the image lets be written. */
static void seal_direct_map(void)
{
	small_put_pa(0xb000 + 0x131 * 8, 0x131000 | SMALL_RO_NX);
	small_put_pa(0xb000 + 0x132 * 8, 0x132000 | SMALL_RO_NX);
}

Test(audit_image, rights_that_differ_are_told_once)
{
	struct small small;

	audit_with(seal_direct_map, &small);
	small_expect_one(&small, AUDIT_RIGHTS_DIFFER,
			 "2 pages at 0xffffffff81401000 (init_mm+0xf00): the image says "
			 "writable, the direct map read-only");
	small_close(&small);
}

static void seal_direct_map_of_brk(void)
{
	small_put_pa(0xb000 + 0x132 * 8, 0x132000 | SMALL_RO_NX);
	small_put_pa(0xb000 + 0x133 * 8, 0x133000 | SMALL_RO_NX);
}

/* The allocator has what brk did not use, and set_memory_ro() of one mapping changes
 * both, but back only the direct map.
 */
Test(audit_image, rights_of_memory_that_was_given_back_may_differ)
{
	struct small small;

	damage = seal_direct_map_of_brk;
	small_open(&small, kallsyms_brk, fill, NULL);
	small_audit(&small, 1u << AUDIT_IMAGE, NULL);
	cr_expect_eq(small_row(&small, "image against direct map")->verdict,
		     AUDIT_SEALED);
	small_close(&small);
}
