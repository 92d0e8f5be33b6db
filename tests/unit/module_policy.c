/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/policy.h"

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R vermagic\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400010 D modules_disabled\n"
			       "ffffffff81400018 D sig_enforce\n"
			       "ffffffff81400020 D kernel_locked_down\n"
			       "ffffffff81400028 D module_blacklist\n"
			       "ffffffff81603000 B _end\n";
static const uint64_t DISABLED = SMALL_DATA + 0x10, SIGNATURE = SMALL_DATA + 0x18,
		      LOCKED_DOWN = SMALL_DATA + 0x20, BLACKLIST = SMALL_DATA + 0x28,
		      /* Ends with the last bytes that are mapped there. */
	NAMES = SMALL_MODULE + 0x1000 - 8;

static void (*change)(void);

static void fill(void)
{
	small_put_bytes(SMALL_RODATA, "6.1.0 SMP mod_unload ", 22);
	small_put(DISABLED, 0);
	small_put(SIGNATURE, 0);
	small_put(LOCKED_DOWN, 0);
	small_put(BLACKLIST, 0);
	if (change)
		change();
}

static struct policy read_policy(void (*change_)(void))
{
	struct policy policy;
	struct small small;

	change = change_;
	small_open(&small, kallsyms, fill, NULL);
	policy_read(&policy, &small.kernel);
	small_close(&small);
	return policy;
}

Test(module_policy, none)
{
	struct policy policy = read_policy(NULL);

	cr_expect_not(policy.is_disabled);
	cr_expect_not(policy.wants_signature);
	cr_expect_not(policy.is_locked_down);
	cr_expect_str_eq(policy.vermagic, "6.1.0 SMP mod_unload ");
	cr_expect_str_eq(policy.blacklist, "");
}

/* A bool has one byte; what is behind it is another's. */
static void behind_a_bool(void)
{
	small_put(SIGNATURE, 0xff00);
}

static void strict(void)
{
	small_put(DISABLED, 1);
	small_put(SIGNATURE, 1);
	small_put(LOCKED_DOWN, 2);
	small_put(BLACKLIST, NAMES);
	small_put_bytes(NAMES, "one,two", 8);
}

static void unending(void)
{
	small_put(BLACKLIST, NAMES);
	small_put_bytes(NAMES, "one,two,", 8);
}

Test(module_policy, strict_ones)
{
	struct policy policy = read_policy(strict);

	cr_expect(policy.is_disabled);
	cr_expect(policy.wants_signature);
	cr_expect(policy.is_locked_down);
	cr_expect_str_eq(policy.blacklist, "one,two");
	cr_expect_not(read_policy(behind_a_bool).wants_signature);
}

Test(module_policy, a_text_that_does_not_end)
{
	struct policy policy = read_policy(unending);

	cr_expect_str_eq(policy.blacklist, "");
}
