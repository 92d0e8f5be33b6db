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
	return checkpoints_find(&kept.checkpoints, &rig.space, options.modprobe, 0);
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

/* mov $-19,%eax; ret */
#define BAD_INIT "\xb8\xed\xff\xff\xff\xc3xxxxxxxxxx"

/* Then the module is not loaded, and that is told with the other's name. */
Test(dryrun_checkpoint, one_that_it_needs_fails)
{
	kofile_close(&files[1]);
	parse(BAD_INIT EXIT, "short", &files[1]);
	addrspace_link(&rig.space, needed, NULL, 2);
	cr_assert_eq(dryrun_run(&dryrun, &kept, &rig.space, &models, &options, NULL, 0),
		     0);
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_assert_not_null(dryrun.needed);
	cr_expect_str_eq(dryrun.needed, "short");
	cr_expect_eq(dryrun.value, -19);
	dryrun_close(&dryrun);
}

Test(dryrun_checkpoint, only_the_same_modules_in_the_same_run)
{
	static const bool is_optional[] = {true};
	struct addrspace_needed *both[] = {needed[1], needed[0]};

	expect(1, 1, 0);
	cr_expect_not_null(find());
	cr_expect_null(checkpoints_find(&kept.checkpoints, &rig.space, NULL, 1));
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

static struct request_step step;
static struct request_plan plan = {.steps = &step, .nr = 1, .nr_groups = 1};

static const struct request_plan *find_plan(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return &plan;
}

/* Asks for @asked while the first of the needed modules is being loaded, and keeps that.
 */
static void take_with(struct addrspace_needed *asked)
{
	static const struct request_modprobe modprobe = {.plan = find_plan};
	struct freelist_layout freelists = {0};
	struct handler_state handlers = {0};
	struct requests requests = {.modprobe = &modprobe};
	struct loader loader;

	step = (struct request_step){.name = asked->file->module_name, .module = asked};
	options.modprobe = &modprobe;
	addrspace_link(&rig.space, needed, NULL, 1);
	cr_assert(loader_open(&loader, &kept.machine, &rig.space, &freelists));
	requests.loader = &loader;
	cr_expect_eq(request_run(&requests, &kept.machine, "an-alias"), 0);
	checkpoints_take(&kept.checkpoints, &loader, &handlers, &requests, 1, NULL);
	requests_close(&requests);
	loader_close(&loader);
}

/* What was asked for is where it was, if modprobe does the same and nothing else comes in
 * between.
 */
Test(dryrun_checkpoint, what_was_asked_for_meanwhile)
{
	struct addrspace_needed *third[] = {needed[0], needed[1], NULL};
	struct addrspace_needed *asked;
	struct kofile file;
	uint64_t va;

	expect(1, 1, 0);
	checkpoints_close(&kept.checkpoints);
	parse(SHORT_INIT EXIT, "asked", &file);
	cr_assert_eq(addrspace_need(&rig.space, &file, &asked), 0);
	take_with(asked);
	cr_assert_eq(kept.checkpoints.nr, 1);
	va = asked->mod.va;
	addrspace_link(&rig.space, needed, NULL, 2);
	cr_assert_not_null(find());
	cr_assert_eq(rig.space.nr_asked, 1);
	cr_expect_eq(asked->mod.va, va);
	cr_expect_eq(find()->requests.nr, 1);

	step.options = "debug=1";
	cr_expect_null(find());
	cr_expect_eq(rig.space.nr_asked, 0);
	step.options = NULL;
	cr_expect_not_null(find());
	/* It is the module in question itself, or one that this one needs later. */
	own_file.module_name = "asked";
	cr_expect_null(find());
	own_file.module_name = "own";
	cr_assert_eq(addrspace_need(&rig.space, &file, &third[2]), 0);
	addrspace_link(&rig.space, third, NULL, 3);
	cr_expect_null(find());
	addrspace_link(&rig.space, needed, NULL, 2);
	asked->serial += 1000;
	cr_expect_null(find(), "its file was read anew");

	checkpoints_close(&kept.checkpoints);
	own_file.module_name = "asked";
	take_with(asked);
	cr_expect_eq(kept.checkpoints.nr, 0);
	own_file.module_name = "own";
	addrspace_link(&rig.space, NULL, NULL, 0);
	addrspace_needed_close(third[2]);
	addrspace_needed_close(asked);
	kofile_close(&file);
}

static void take(const struct checkpoint *base)
{
	struct loader loader;
	struct handler_state handlers = {0};
	struct requests requests = {0};
	struct freelist_layout freelists = {0};

	cr_assert(loader_open(&loader, &kept.machine, &rig.space, &freelists));
	checkpoints_take(&kept.checkpoints, &loader, &handlers, &requests, 1, base);
	loader_close(&loader);
}

/* What took long to make stays, and what is in use. */
Test(dryrun_checkpoint, the_cheapest_goes)
{
	const struct checkpoint *first;

	expect(1, 1, 0);
	first = kept.checkpoints.array[0];
	for (size_t i = 1; i < CHECKPOINT_MAX + 3; i++)
		take(i % 2 ? first : NULL);
	cr_assert_eq(kept.checkpoints.nr, CHECKPOINT_MAX);
	for (size_t i = 0; i < CHECKPOINT_MAX; i++)
		kept.checkpoints.array[i]->gain = 1000 + i;
	take(first);
	cr_expect_eq(kept.checkpoints.array[0], first, "a new one takes nothing");
	take(NULL);
	cr_expect_neq(kept.checkpoints.array[0], first);
	cr_expect_gt(kept.checkpoints.array[CHECKPOINT_MAX - 1]->gain, 65536);
	kept.checkpoints.array[0]->gain = 0;
	first = kept.checkpoints.array[0];
	take(first);
	cr_expect_eq(kept.checkpoints.array[0], first, "it is in use");
}
