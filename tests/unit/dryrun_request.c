/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/request.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "dryrun/reason.h"
#include "module/relocate.h"
#include "rig.h"

/* movb $1,RIG_SEEN; xor %eax,%eax; ret */
#define GOOD "\xc6\x04\x25\x00\x03\x40\x81\x01\x31\xc0\xc3xxxxx"
/* mov $-19,%eax; ret */
#define BAD "\xb8\xed\xff\xff\xff\xc3xxxxxxxxxx"
#define EXIT "\xc3xxxxxxxxxxxxxxx"

static struct rig rig;
static struct freelist_layout freelists;
static struct loader loader;
static struct kofile own_file, files[2];
static struct modimage own;
static struct addrspace_needed *modules[2];
static struct requests requests;
static struct request_step steps[3];
static struct request_plan plan = {.steps = steps};

static const struct request_plan *find_plan(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "unknown") == 0 ? NULL : &plan;
}

static struct request_modprobe modprobe = {.plan = find_plan};

static void parse(const char functions[32], const char *name, struct kofile *ret)
{
	const struct ko ko = rig_ko(functions, 32);

	ko_parse(&ko, ret);
	ret->module_name = name;
}

static void setup(void)
{
	static const char *const functions[] = {GOOD EXIT, BAD EXIT};
	static const char *const file_names[] = {"good", "bad"};

	rig_open(&rig, RIG_SYMBOLS);
	parse(GOOD EXIT, "own", &own_file);
	cr_assert_eq(modimage_layout(&own, &own_file, &rig.space.section_rules), 0);
	modimage_move(&own, rig.space.room, 0);
	rig.space.mod = &own;
	addrspace_link(&rig.space, NULL, NULL, 0);
	for (size_t i = 0; i < 2; i++) {
		parse(functions[i], file_names[i], &files[i]);
		cr_assert_eq(addrspace_need(&rig.space, &files[i], &modules[i]), 0);
		steps[i] = (struct request_step){.name = file_names[i],
						 .module = modules[i]};
	}
	cr_assert(loader_open(&loader, &rig.board.machine, &rig.space, &freelists));
	requests = (struct requests){.modprobe = &modprobe, .loader = &loader};
}

static void teardown(void)
{
	requests_close(&requests);
	loader_close(&loader);
	for (size_t i = 0; i < 2; i++) {
		addrspace_needed_close(modules[i]);
		kofile_close(&files[i]);
	}
	rig.space.mod = NULL;
	modimage_close(&own);
	kofile_close(&own_file);
	rig_close(&rig);
}

TestSuite(dryrun_request, .init = setup, .fini = teardown);

static int run(const char *name, size_t nr, size_t nr_groups)
{
	plan.nr = nr;
	plan.nr_groups = nr_groups;
	return request_run(&requests, &rig.board.machine, name);
}

Test(dryrun_request, a_module_is_loaded_once)
{
	cr_expect_eq(run("some-alias", 1, 1), 0);
	cr_expect_eq((uint8_t)board_read(&rig.board, RIG_SEEN), 1, "its init ran");
	cr_assert_not_null(loader_find(&loader, "good"));
	cr_expect(loader_find(&loader, "good")->is_live);
	cr_expect_eq(run("good", 1, 1), 0);
	cr_expect_eq(loader.nr, 1);
	cr_assert_eq(requests.nr, 2);
	cr_expect_str_eq(requests.records[0].name, "some-alias");
	cr_assert_eq(requests.records[0].nr_loaded, 1);
	cr_expect_str_eq(requests.records[0].loaded[0], "good");
	cr_expect_eq(requests.records[1].nr_loaded, 0);
	cr_expect_not(rig.board.machine.run.has_ended);
}

/* What stands behind it is not tried; a softdep may fail. */
Test(dryrun_request, one_whose_init_fails)
{
	struct request_step good = steps[0];

	steps[0] = steps[1];
	steps[1] = good;
	cr_expect_eq(run("bad", 2, 1), 256);
	cr_expect_null(loader_find(&loader, "good"));
	cr_expect_null(loader_find(&loader, "bad"));
	steps[0].is_optional = true;
	cr_expect_eq(run("bad", 2, 1), 0);
	cr_assert_not_null(loader_find(&loader, "good"));
	cr_expect_not(rig.board.machine.run.has_ended);
}

/* modprobe's status is that of the last module that the name stands for. */
Test(dryrun_request, the_last_of_several_counts)
{
	steps[1].group = 1;
	cr_expect_eq(run("two", 2, 2), 256);
	cr_assert_not_null(loader_find(&loader, "good"));
	cr_expect_eq(run("two", 2, 3), 0, "the third is built in");
	cr_expect_eq(run("nothing", 0, 0), 256);
}

Test(dryrun_request, install_lines)
{
	steps[0].kind = REQUEST_SUCCEED;
	cr_expect_eq(run("good", 1, 1), 0);
	cr_expect_null(loader_find(&loader, "good"));
	steps[0].kind = REQUEST_FAIL;
	cr_expect_eq(run("good", 1, 1), 256);
	cr_expect_not(rig.board.machine.run.has_ended);
	steps[0].kind = REQUEST_COMMAND;
	run("good", 1, 1);
	cr_expect(rig.board.machine.run.has_ended);
	cr_expect_str_eq(rig.board.machine.run.why,
			 "modprobe would run a command for good, which it asks for: an "
			 "\"install\" line of modprobe.d");
}

Test(dryrun_request, one_that_waits_for_itself)
{
	cr_assert(loader_load(&loader, &files[0], rig.space.room));
	run("good", 1, 1);
	cr_expect(rig.board.machine.run.has_ended);
	cr_expect_eq(rig.board.machine.run.reason, DRYRUN_WAITS);
}

Test(dryrun_request, nobody_to_ask)
{
	const struct machine_run *state = &rig.board.machine.run;

	cr_expect_eq(state->nr_invented, 0);
	run("unknown", 1, 1);
	cr_expect_eq(state->nr_invented, 1);
	modprobe.is_missing = true;
	cr_expect_eq(run("good", 1, 1), -ENOENT);
	cr_expect_null(loader_find(&loader, "good"));
}

/* What links to it expects it there. */
Test(dryrun_request, one_that_is_needed_later)
{
	struct addrspace_needed *later[1];

	cr_assert_eq(addrspace_need(&rig.space, &files[0], &later[0]), 0);
	addrspace_link(&rig.space, later, NULL, 1);
	cr_expect_eq(run("good", 1, 1), 0);
	cr_assert_not_null(loader_find(&loader, "good"));
	cr_expect_eq(loader_find(&loader, "good")->mod.va, later[0]->mod.va);
	cr_expect_eq(rig.space.nr_asked, 0);
	addrspace_link(&rig.space, NULL, NULL, 0);
	addrspace_needed_close(later[0]);
}

/* Another run may go on from where this one is, if modprobe does the same for it. */
Test(dryrun_request, what_was_asked_is_remembered)
{
	struct request_modprobe missing = {.is_missing = true};
	struct requests copy;

	run("good", 1, 1);
	run("unknown", 1, 1);
	cr_assert_eq(requests_copy(&copy, &requests), 0);
	cr_expect_eq(copy.nr, 2);
	cr_expect_str_eq(copy.records[0].name, "good");
	cr_expect(requests_names(&copy, "good"));
	cr_expect_not(requests_names(&copy, "goo"));
	cr_expect_not(requests_names(&copy, "bad"));
	cr_expect(requests_hold(&copy, &modprobe));
	cr_expect_not(requests_hold(&copy, &missing));
	cr_expect_not(requests_hold(&copy, NULL));
	cr_expect_eq(requests_module(&copy, &modprobe, modules[0]->serial), modules[0]);
	cr_expect_null(requests_module(&copy, &modprobe, modules[1]->serial));

	steps[0].options = "debug=1";
	cr_expect_not(requests_hold(&copy, &modprobe));
	steps[0].options = NULL;
	cr_expect(requests_hold(&copy, &modprobe));
	plan.nr = 2;
	cr_expect_not(requests_hold(&copy, &modprobe));
	plan.nr = 1;
	modules[0]->serial += 1000;
	cr_expect_not(requests_hold(&copy, &modprobe), "the file was read anew");
	requests_close(&copy);
}

/* In one run it comes after all else; in the other it is there for what is loaded next.
 */
Test(dryrun_request, one_that_nobody_waits_for)
{
	struct machine *machine = &rig.board.machine;

	plan.nr = plan.nr_groups = 1;
	cr_expect(request_late(&requests, machine, "good"));
	cr_expect_eq(machine->run.nr_invented, 1);
	request_run_late(&requests, machine);
	cr_expect_null(loader_find(&loader, "good"));
	machine->variant = 1;
	cr_expect(request_late(&requests, machine, "good"));
	cr_expect_null(loader_find(&loader, "good"), "it was run at once");
	request_run_late(&requests, machine);
	cr_assert_not_null(loader_find(&loader, "good"));
	cr_expect(loader_find(&loader, "good")->is_live);
	cr_expect_eq(machine->run.nr_invented, 2);
	cr_expect(request_late(&requests, machine, "good"));
	cr_expect_eq(machine->run.nr_invented, 2, "it is there already");
	cr_expect_eq(requests.nr_late, 0);
	cr_expect_not(request_late(&requests, machine, "unknown"));
	steps[0].name = "own";
	cr_expect(request_late(&requests, machine, "own"));
	cr_expect_eq(machine->run.nr_invented, 2, "that is the module itself");
}
