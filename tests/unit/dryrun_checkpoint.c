/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/checkpoint.h"

#include <criterion/criterion.h>
#include <string.h>

#include "dryrun/dryrun.h"
#include "module/relocate.h"
#include "rig.h"

/* How many inits ran: COUNT is SMALL_DATA + 0x320. */
/* mov $65536,%ecx; 1: loop 1b; incb COUNT; xchg %eax,%ecx; ret */
#define LONG_INIT "\xb9\x00\x00\x01\x00\xe2\xfe\xfe\x04\x25\x20\x03\x40\x81\x91\xc3"
/* incb COUNT; xor %eax,%eax; ret */
#define SHORT_INIT "\xfe\x04\x25\x20\x03\x40\x81\x31\xc0\xc3xxxxxx"
/* movzbl COUNT,%eax; ret */
#define TELL "\x0f\xb6\x04\x25\x20\x03\x40\x81\xc3xxxxxxx"
#define EXIT "\xc3xxxxxxxxxxxxxxx"

enum { NR_NEEDED = 2 };

static struct rig rig;
static struct kofile own_file, files[NR_NEEDED];
static struct modimage own;
static struct addrspace_needed *needed[NR_NEEDED];
static struct models models;
static struct dryrun_machine kept;
static struct dryrun dryrun;
static struct dryrun_options options;

static void parse(const char functions[32], const char *name, struct kofile *ret)
{
	const struct ko ko = rig_ko(functions, 32);

	ko_parse(&ko, ret);
	ret->module_name = name;
}

static void setup(void)
{
	static const char *const functions[] = {LONG_INIT EXIT, SHORT_INIT EXIT};
	static const char *const names[] = {"long", "short"};

	rig_open(&rig, RIG_SYMBOLS);
	parse(TELL EXIT, "own", &own_file);
	cr_assert_eq(modimage_layout(&own, &own_file, &rig.space.section_rules), 0);
	modimage_move(&own, rig.space.room, 0);
	cr_assert_eq(relocate_resolve(&own, addrspace_resolve, &rig.space), 0);
	cr_assert_eq(relocate_load(&own), 0);
	rig.space.mod = &own;
	for (size_t i = 0; i < NR_NEEDED; i++) {
		parse(functions[i], names[i], &files[i]);
		cr_assert_eq(addrspace_need(&rig.space, &files[i], &needed[i]), 0);
	}
	models_find(&models, &rig.board.small.kernel);
	options.limits = limits_default;
}

static void teardown(void)
{
	dryrun_machine_close(&kept);
	addrspace_link(&rig.space, NULL, NULL, 0);
	for (size_t i = 0; i < NR_NEEDED; i++) {
		addrspace_needed_close(needed[i]);
		kofile_close(&files[i]);
	}
	rig.space.mod = NULL;
	modimage_close(&own);
	kofile_close(&own_file);
	rig_close(&rig);
}

TestSuite(dryrun_checkpoint, .init = setup, .fini = teardown);

/* What the module's init returns is how many inits of others ran. */
static void expect(size_t nr_needed, int value, uint64_t nr_instructions)
{
	addrspace_link(&rig.space, needed, NULL, nr_needed);
	cr_assert_eq(dryrun_run(&dryrun, &kept, &rig.space, &models, &options, NULL, 0),
		     0);
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_expect_eq(dryrun.value, value);
	if (nr_instructions)
		cr_expect_eq(dryrun.nr_instructions, nr_instructions);
	dryrun_close(&dryrun);
}

static const struct checkpoint *find(void)
{
	return checkpoints_find(&kept.checkpoints, &rig.space, 0);
}

Test(dryrun_checkpoint, the_next_module_goes_on_from_there)
{
	uint64_t nr_instructions;

	expect(1, 1, 0);
	nr_instructions = dryrun.nr_instructions;
	cr_expect_gt(nr_instructions, 65536);
	cr_assert_eq(kept.checkpoints.nr, 1);
	cr_expect_eq(find()->nr_steps, 1);
	expect(1, 1, nr_instructions);
	cr_expect_eq(kept.checkpoints.nr, 1, "it is not taken again");
	/* The second one's few instructions are not worth keeping. */
	expect(2, 2, 0);
	cr_expect_eq(find()->nr_steps, 1);
	expect(1, 1, nr_instructions);
	expect(0, 0, 0);
	cr_expect_null(find());
}

/* The machine may have been closed and opened in between. */
Test(dryrun_checkpoint, another_machine_goes_on_from_there)
{
	struct dryrun_machine other = {0};

	expect(1, 1, 0);
	other.checkpoints = kept.checkpoints;
	kept.checkpoints = (struct checkpoints){0};
	dryrun_machine_close(&kept);
	kept = other;
	expect(1, 1, dryrun.nr_instructions);
	cr_expect_eq(kept.checkpoints.nr, 1);
}

Test(dryrun_checkpoint, only_the_same_modules_in_the_same_run)
{
	static const bool is_optional[] = {true};
	struct addrspace_needed *both[] = {needed[1], needed[0]};

	expect(1, 1, 0);
	cr_expect_not_null(find());
	cr_expect_null(checkpoints_find(&kept.checkpoints, &rig.space, 1));
	addrspace_link(&rig.space, needed, is_optional, 1);
	cr_expect_null(find());
	addrspace_link(&rig.space, both, NULL, 2);
	cr_expect_null(find());
	/* Read anew it is another, whatever its address. */
	needed[0]->serial += 1000;
	addrspace_link(&rig.space, needed, NULL, 1);
	cr_expect_null(find());
}

/* Its memory changes from one run to the next. */
Test(dryrun_checkpoint, none_of_a_running_kernel)
{
	rig.board.small.kernel.is_live = true;
	expect(1, 1, 0);
	cr_expect_eq(kept.checkpoints.nr, 0);
	expect(1, 1, 0);
	rig.board.small.kernel.is_live = false;
}

static void take(const struct checkpoint *base)
{
	struct loader loader;
	struct handler_state handlers = {0};
	struct freelist_layout freelists = {0};

	cr_assert(loader_open(&loader, &kept.machine, &rig.space, &freelists));
	checkpoints_take(&kept.checkpoints, &loader, &handlers, 1, base);
	loader_close(&loader);
}

/* What was used last stays, and what is in use. */
Test(dryrun_checkpoint, the_oldest_goes)
{
	const struct checkpoint *base;

	expect(1, 1, 0);
	base = kept.checkpoints.array[0];
	for (size_t i = 1; i < CHECKPOINT_MAX + 3; i++)
		take(base);
	cr_expect_eq(kept.checkpoints.nr, CHECKPOINT_MAX);
	cr_expect_eq(kept.checkpoints.array[0], base);
	take(NULL);
	cr_expect_neq(kept.checkpoints.array[0], base);
}
