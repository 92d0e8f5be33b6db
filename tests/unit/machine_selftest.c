/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Emulators that do one thing wrong each. */
#include "machine/selftest.h"

#include <criterion/criterion.h>
#include <string.h>

#include "machine/unicorn.h"

#ifdef KWCHECK_UNICORN

static struct unicorn whole, broken;

static void setup(void)
{
	cr_assert_null(unicorn_load());
	whole = broken = *unicorn_get();
}

static const char *test(const struct unicorn *unicorn)
{
	const char *failed = "not told";

	cr_assert_eq(selftest_run(unicorn, &failed), 0);
	return failed;
}

TestSuite(machine_selftest, .init = setup);

Test(machine_selftest, the_one_at_hand_passes)
{
	cr_expect_null(test(&whole));
	cr_expect_null(selftest_load());
	cr_expect(strncmp(unicorn_name(), "Unicorn 2.", 10) == 0, "%s", unicorn_name());
}

static uc_err start_nothing(uc_engine *uc, uint64_t begin, uint64_t until,
			    uint64_t timeout, size_t count)
{
	(void)uc, (void)begin, (void)until, (void)timeout, (void)count;
	return UC_ERR_FETCH_UNMAPPED; /* 2.1.1 without its virtual TLB */
}

Test(machine_selftest, no_instruction_runs)
{
	broken.emu_start = start_nothing;
	cr_expect_str_eq(test(&broken), "a store to a writable page");
}

/* There is always a carry. */
static uc_err read_wrong_flags(uc_engine *uc, int id, void *value)
{
	uc_err err = whole.reg_read(uc, id, value);

	if (id == UC_X86_REG_EFLAGS)
		*(uint64_t *)value |= 1;
	return err;
}

Test(machine_selftest, flags_that_are_lost)
{
	broken.reg_read = read_wrong_flags;
	cr_expect_str_eq(test(&broken), "the flags where a store faults");
}

static uc_err map_for_all(uc_engine *uc, uint64_t address, size_t size, uint32_t rights,
			  void *bytes)
{
	return whole.mem_map_ptr(uc, address, size, rights | UC_PROT_ALL, bytes);
}

static bool (*fill)(uc_engine *, uint64_t, int, struct unicorn_tlb_entry *, void *);

static bool fill_for_all(uc_engine *uc, uint64_t va, int type,
			 struct unicorn_tlb_entry *ret, void *ctx)
{
	(void)type;
	return fill(uc, va, UC_MEM_READ, ret, ctx) && (ret->perms = UC_PROT_ALL);
}

static uc_err add_hook_for_all(uc_engine *uc, uc_hook *hook, int type, void *function,
			       void *ctx, uint64_t begin, uint64_t end, ...)
{
	if (type == UNICORN_HOOK_TLB_FILL) {
		fill = (__typeof__(fill))function;
		function = (void *)fill_for_all;
	}
	return whole.hook_add(uc, hook, type, function, ctx, begin, end);
}

Test(machine_selftest, rights_that_are_not_honoured)
{
	broken.mem_map_ptr = map_for_all;
	broken.hook_add = add_hook_for_all;
	cr_expect_str_eq(test(&broken), "a store to a read-only page");
}

static uc_err read_rip_behind(uc_engine *uc, int id, void *value)
{
	uc_err err = whole.reg_read(uc, id, value);

	if (id == UC_X86_REG_RIP)
		++*(uint64_t *)value;
	return err;
}

Test(machine_selftest, a_register_that_is_wrong)
{
	broken.reg_read = read_rip_behind;
	cr_expect_not_null(test(&broken));
}

static uc_err write_no_cr0(uc_engine *uc, int id, const void *value)
{
	return id == UC_X86_REG_CR0 ? UC_ERR_OK : whole.reg_write(uc, id, value);
}

static uc_err unmap_nothing(uc_engine *uc, uint64_t address, size_t size)
{
	(void)uc, (void)address, (void)size;
	return UC_ERR_OK;
}

Test(machine_selftest, a_tlb_that_is_never_flushed)
{
	bool maps_pages = whole.version(NULL, NULL) >> 16 == 0x0200;

	broken.reg_write = write_no_cr0;
	broken.mem_unmap = unmap_nothing;
	cr_expect_str_eq(test(&broken),
			 maps_pages ? "a store to the page once it is writable"
				    : "a store to the page once it is read-only again");
}

#endif
