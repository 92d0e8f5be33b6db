/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What preflight cannot see makes a module undecided, never clean. */
#include "preflight/sight.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"
#include "module/kcfi.h"

static const unsigned char ret_code[] = {0xc3};
static const struct exported helper = {.name = "helper", .address = 0xffffffff81000100};

Test(preflight_sight, all_is_seen)
{
	static struct look of;
	const struct ko ko = ko_of_code(ret_code, sizeof(ret_code));

	look_at(&of, &ko, &helper, 1);
	preflight_close(&of.inspect, &of.space);
	of.space.policy.is_unheard = false;
	cr_expect_null(sight_kernel(&of.kept, &of.space));
	of.space.policy.is_unheard = true;
	cr_assert_not_null(sight_kernel(&of.kept, &of.space));
	cr_expect_not_null(strstr(sight_kernel(&of.kept, &of.space), "signatures"));
	look_away(&of);
}

Test(preflight_sight, exports)
{
	static struct look of;
	const struct ko ko = ko_of_code(ret_code, sizeof(ret_code));
	const char *unseen;

	look_at(&of, &ko, NULL, 0);
	preflight_close(&of.inspect, &of.space);
	unseen = sight_kernel(&of.kept, &of.space);
	cr_assert_not_null(unseen);
	cr_expect_not_null(strstr(unseen, "CONFIG_KALLSYMS_ALL"));
	look_away(&of);
}

Test(preflight_sight, what_a_module_rests_on)
{
	static struct look of;
	const struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, ret_code, 1,
			      NULL, 0}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"vmap", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 2,
	};

	look_at(&of, &ko, &helper, 1);
	of.space.landmarks.page_bytes = 0;
	cr_expect_not_null(sight_module(&of.space, &of.file));
	of.space.landmarks.page_bytes = 64;
	cr_expect_null(sight_module(&of.space, &of.file));
	look_away(&of);
}

/* Whether an indirect call passes kCFI is seen by a dry run only. */
Test(preflight_sight, indirect_calls_under_kcfi)
{
	static const int32_t trap[1];
	struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, ret_code, 1,
			      NULL, 0},
			     {".kcfi_traps", SHF_ALLOC, 0, trap, sizeof(trap), NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0}},
		.nr_symbols = 1,
	};
	static struct look of;

	look_at(&of, &ko, &helper, 1);
	cr_expect_eq(kcfi_nr_calls(&of.file), 1);
	cr_assert_not_null(sight_module(&of.space, &of.file));
	cr_expect_not_null(strstr(sight_module(&of.space, &of.file), "kCFI"));
	/* Where a wrong type is logged only nothing hangs on it. */
	of.space.landmarks.guards.only_reports = true;
	cr_expect_null(sight_module(&of.space, &of.file));
	look_away(&of);
	ko.nr_sections = 1;
	look_at(&of, &ko, &helper, 1);
	cr_expect_eq(kcfi_nr_calls(&of.file), 0);
	cr_expect_null(sight_module(&of.space, &of.file));
	look_away(&of);
}

/* Such a kernel's own const object was written to, and the module was clean. */
Test(preflight_sight, clean_needs_sight)
{
	static const char zeros[64];
	const struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, ret_code, 1,
			      NULL, 0},
			     {".gnu.linkonce.this_module", SHF_ALLOC | SHF_WRITE, 0,
			      zeros, sizeof(zeros), NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0}},
		.nr_symbols = 1,
	};
	const struct preflight_context blind = {.unseen = "what is exported"};
	const struct preflight_context seeing = {0};
	struct error err = {0};
	static struct look of;

	look_at(&of, &ko, &helper, 1);
	preflight_close(&of.inspect, &of.space);
	cr_assert_eq(preflight_module(&of.inspect, &of.kept, &of.space, &of.file, &blind,
				      &err),
		     0);
	cr_expect_eq(of.inspect.verdict, FINDING_UNDECIDED);
	cr_expect_not_null(strstr(of.inspect.reason, "what is exported"));
	preflight_close(&of.inspect, &of.space);
	cr_assert_eq(preflight_module(&of.inspect, &of.kept, &of.space, &of.file, &seeing,
				      &err),
		     0);
	cr_expect_eq(of.inspect.verdict, FINDING_CLEAN, "%s", of.inspect.reason);
	look_away(&of);
}
