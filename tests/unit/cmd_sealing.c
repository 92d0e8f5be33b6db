/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/sealing.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sealing sealing;
static char bytes[512];

static int read_text(const char *text)
{
	snprintf(bytes, sizeof(bytes), "%s", text);
	return sealing_read(&sealing, bytes, strlen(bytes));
}

Test(cmd_sealing, lines)
{
	cr_assert_eq(read_text("w b\ns a\nu c\nm d\nx e\n"), 0);
	cr_expect_eq(sealing.nr, 5);
	cr_expect_eq(sealing_of(&sealing, "a"), SEALING_SEALED);
	cr_expect_eq(sealing_of(&sealing, "b"), SEALING_WRITABLE);
	cr_expect_eq(sealing_of(&sealing, "c"), SEALING_UNKNOWN);
	cr_expect_eq(sealing_of(&sealing, "d"), SEALING_MIXED);
	cr_expect_eq(sealing_of(&sealing, "e"), SEALING_UNMAPPED);
	cr_expect_eq(sealing_of(&sealing, "f"), SEALING_NONE);
	sealing_free(&sealing);
	cr_assert_eq(read_text(""), 0);
	cr_expect_eq(sealing_of(&sealing, "a"), SEALING_NONE);
}

Test(cmd_sealing, objects_of_one_name_are_one)
{
	cr_assert_eq(read_text("s ops\nw ops\ns same\ns same\nu any\ns any\n"), 0);
	cr_expect_eq(sealing.nr, 3);
	cr_expect_eq(sealing_of(&sealing, "ops"), SEALING_MIXED);
	cr_expect_eq(sealing_of(&sealing, "same"), SEALING_SEALED);
	cr_expect_eq(sealing_of(&sealing, "any"), SEALING_UNKNOWN);
	sealing_free(&sealing);
}

Test(cmd_sealing, what_is_no_line_is_no_answer)
{
	static const char *const texts[] = {"s",    "s ",      "s \n",
					    "sa\n", "- a\n",   "? a\n",
					    "s a",  "s a\n\n", "s a\nkwcheck: x\n"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_expect_eq(read_text(texts[i]), -EBADMSG, "%s", texts[i]);
}

Test(cmd_sealing, what_is_left_out)
{
	cr_expect(sealing_is_skipped("descriptor.12"));
	cr_expect(sealing_is_skipped("__start_rodata"));
	cr_expect(sealing_is_skipped("__func__.0"));
	cr_expect_not(sealing_is_skipped("apparmor_hooks"));
	cr_expect_not(sealing_is_skipped("table.cold"));
	cr_expect_not(sealing_is_skipped("v1.2x"));
	cr_expect_not(sealing_is_skipped("dot."));
}

static int collect(void *ctx, const char *name, enum sealing_state a,
		   enum sealing_state b)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%s:%s:%s ", name, sealing_state_name(a) ?: "-",
		sealing_state_name(b) ?: "-");
	return 0;
}

Test(cmd_sealing, compared)
{
	char a_text[] = "s a\nw b\ns d\n", b_text[] = "w b\ns c\nw d\ns e\n",
	     told[512] = "";
	struct sealing a, b;

	cr_assert_eq(sealing_read(&a, a_text, strlen(a_text)), 0);
	cr_assert_eq(sealing_read(&b, b_text, strlen(b_text)), 0);
	cr_expect_eq(sealing_compare(&a, &b, collect, told), 0);
	cr_expect_str_eq(told, "a:sealed:- b:writable:writable c:-:sealed "
			       "d:sealed:writable e:-:sealed ");
	sealing_free(&a);
	sealing_free(&b);
}
