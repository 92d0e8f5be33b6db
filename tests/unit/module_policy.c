/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/policy.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kcore/capture.h"
#include "module/exports.h"
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

/* Of a kernel that lists no data: CONFIG_KALLSYMS_ALL=n. */
static struct policy read_nameless(void (*change_)(void))
{
	static const char functions[] = "ffffffff81000000 T _text\n"
					"ffffffff81000000 T _stext\n";
	struct policy policy;
	struct small small;

	small_open(&small, functions, change_, NULL);
	policy_read(&policy, &small.kernel);
	small_close(&small);
	return policy;
}

#define MAGIC "6.1.0-fake-amd64 SMP mod_unload "

static void one_magic(void)
{
	small_put_bytes(SMALL_RODATA + 8, "6.1.0-fake-amd64 (gcc) #1 SMP", 30);
	small_put_bytes(SMALL_RODATA + 64, MAGIC, sizeof(MAGIC));
	small_put_bytes(SMALL_RODATA + 128, "x" MAGIC, sizeof("x" MAGIC));
}

static void two_magics(void)
{
	one_magic();
	small_put_bytes(SMALL_RODATA + 256, MAGIC "more ", sizeof(MAGIC "more "));
}

Test(module_policy, without_names)
{
	struct policy policy = read_nameless(one_magic);

	cr_expect(policy.is_nameless);
	cr_expect_str_eq(policy.vermagic, MAGIC);
	cr_expect_str_eq(read_nameless(two_magics).vermagic, "");
	cr_expect_not(read_policy(NULL).is_nameless);
}

/* What the running kernel's files say then. */
Test(module_policy, files_tell_what_has_no_name)
{
	const struct policy_words
		lax = {.modules_disabled = "0\n",
		       .sig_enforce = "N\n",
		       .lsm = "lockdown,yama\n",
		       .lockdown = "[none] integrity confidentiality\n",
		       .cmdline = "quiet ro\n"},
		strict_words = {.modules_disabled = "1\n",
				.sig_enforce = "Y\n",
				.lsm = "lockdown\n",
				.lockdown = "none [integrity] confidentiality\n",
				.cmdline = "module_blacklist=x module_blacklist=a,b "
					   "quiet\n"},
		unmounted = {.modules_disabled = "0\n", .cmdline = "\n"};
	struct policy policy = read_nameless(one_magic);

	cr_expect(policy.is_unheard);
	policy_hear(&policy, &unmounted);
	cr_expect(policy.is_unheard);
	policy_hear(&policy, &lax);
	cr_expect_not(policy.is_unheard);
	cr_expect(policy.is_nameless);
	cr_expect_not(policy.is_disabled || policy.wants_signature ||
		      policy.is_locked_down);
	policy = read_nameless(one_magic);
	policy_hear(&policy, &strict_words);
	cr_expect(policy.is_disabled && policy.wants_signature && policy.is_locked_down);
	cr_expect_str_eq(policy.blacklist, "a,b");
	/* Memory has the last word where it can be read. */
	policy = read_policy(NULL);
	policy_hear(&policy, &strict_words);
	cr_expect_not(policy.is_disabled);
}

/* All in the text, which alone lies in memory as the image does. */
static const char of_loader[] = "ffffffff81000000 T _text\n"
				"ffffffff81000000 T _stext\n"
				"ffffffff81001000 R vermagic\n"
				"ffffffff81003000 D modules_disabled\n"
				"ffffffff81005000 R __start___ksymtab\n"
				"ffffffff81005000 r __ksymtab_helper\n"
				"ffffffff8100500c R __stop___ksymtab\n"
				"ffffffff81007000 R __start___kcrctab\n"
				"ffffffff81007004 R __stop___kcrctab\n"
				"ffffffff81009000 r other\n"
				"ffffffff81200000 R __start_rodata\n"
				"ffffffff81400000 D _sdata\n"
				"ffffffff81603000 B _end\n";

static void fill_loader(void)
{
	small_put_bytes(SMALL_TEXT + 0x1000, "6.1.0 SMP mod_unload ", 22);
	small_put(SMALL_TEXT + 0x3000, 1);
	small_put(SMALL_TEXT + 0x5000, 0);
	small_put(SMALL_TEXT + 0x5008, 0);
	small_put(SMALL_TEXT + 0x7000, 0x12345678);
}

/* Of every size: what the loader asks of a module is in it. */
Test(module_policy, the_smallest_capture_has_all)
{
	const struct capture capture = {.about = "\n", .modules = "\n"};
	struct small small;
	struct source again;
	struct kernel kernel;
	struct policy policy;
	struct exports exports;
	struct steady steady;
	struct error err = {0};
	char other[8];

	small_open(&small, of_loader, fill_loader, NULL);
	again = small.source;
	again.core_fd = memfd_create("capture", MFD_CLOEXEC);
	again.kallsyms_fd = -1;
	cr_assert_eq(capture_write(&small.kernel, &capture, again.core_fd, false, &steady,
				   &err),
		     0, "%s", err.message);
	cr_assert_eq(kernel_open(&kernel, &again, &err), 0, "%s", err.message);
	cr_expect_lt(kernel_read_variable(&kernel, "other", other, 8), 0);
	policy_read(&policy, &kernel);
	cr_expect_not(policy.lacks_vermagic);
	cr_expect_not(policy.lacks_signature);
	cr_expect_str_eq(policy.vermagic, "6.1.0 SMP mod_unload ");
	cr_expect(policy.is_disabled);
	cr_assert_eq(exports_read(&exports, &kernel), 0);
	cr_expect(exports.is_complete);
	cr_assert_eq(exports.nr, 1);
	cr_expect_eq(exports.array[0].crc, 0x12345678);
	exports_close(&exports);
	kernel_close(&kernel);
	close(again.core_fd);
	small_close(&small);
}
