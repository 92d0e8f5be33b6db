/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/hookcalls.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <string.h>

static struct audit_row rows[] = {
	{.group = AUDIT_LSM, .verdict = AUDIT_SEALED, .name = "hook list heads"},
	{.group = AUDIT_LSM, .verdict = AUDIT_SEALED, .name = "alpha", .nr_hooks = 2},
	{.group = AUDIT_LSM, .verdict = AUDIT_SEALED, .name = "beta", .nr_hooks = 1},
};
static const struct audit_slot slots[] = {
	{.row = 2,
	 .hook = "file_open",
	 .index = 1,
	 .callback = 0x2000,
	 .callback_place = "beta_open",
	 .element = 0x20,
	 .element_place = "beta_hooks"},
	{.row = 1,
	 .hook = "inode_free",
	 .index = 0,
	 .callback = 0x3000,
	 .callback_place = "alpha_free"},
	{.row = 1,
	 .hook = "file_open",
	 .index = 0,
	 .callback = 0x1000,
	 .callback_place = "alpha_open",
	 .element = 0x10,
	 .element_place = "alpha_hooks"},
};
static const struct audit_finding redirected = {
	.row = 0, .kind = AUDIT_REDIRECTED, .address = 0x2000, .message = "m"};
static struct auditfacts audit;

static void setup(void)
{
	audit = (struct auditfacts){
		.rows = rows, .nr_rows = 3, .slots = slots, .nr_slots = 3};
}

TestSuite(cmd_hookcalls, .init = setup);

Test(cmd_hookcalls, one_row_a_call_in_order)
{
	const struct kernelfacts facts = {.path = "p"};
	const struct text text = {.facts = &facts};
	const struct options options = {.output = "order,module,function,verdict"};
	struct hookcalls calls;
	struct error err = {0};

	cr_redirect_stdout();
	cr_assert_eq(hookcalls_of(&calls, &audit, "file_open", false, &err), 0);
	cr_expect_eq(calls.nr, 2u);
	cr_expect_eq(hookcalls_status(&calls), 0u);
	hookcalls_print(&text, &calls, &options);
	hookcalls_free(&calls);
	fflush(stdout);
	cr_assert_stdout_eq_str("ORDER MODULE FUNCTION   VERDICT\n"
				"    0 alpha  alpha_open sealed\n"
				"    1 beta   beta_open  sealed\n");
}

/* A finding may be of a row that no call belongs to, such as that of functions' code. */
Test(cmd_hookcalls, a_finding_of_what_is_called)
{
	struct hookcalls calls;
	struct error err = {0};
	json_t *object;

	audit.findings = &redirected;
	audit.nr_findings = 1;
	cr_assert_eq(hookcalls_of(&calls, &audit, "file_open", false, &err), 0);
	cr_expect_eq(calls.array[0].verdict, AUDIT_SEALED);
	cr_expect_eq(calls.array[1].verdict, AUDIT_UNSEALED);
	cr_expect_eq(hookcalls_status(&calls), 1u);
	object = hookcalls_json(&calls, 1);
	cr_expect_str_eq(json_string_value(json_object_get(object, "owner")), "beta");
	cr_expect_str_eq(json_string_value(json_object_get(object, "verdict")),
			 "unsealed");
	cr_expect_eq(json_array_size(json_object_get(object, "findings")), 1u);
	json_decref(object);
	hookcalls_free(&calls);
}

/* What is not known of the heads is not known of any call. */
Test(cmd_hookcalls, unknown)
{
	struct hookcalls calls;
	struct error err = {0};

	rows[0].verdict = AUDIT_UNKNOWN;
	strcpy(rows[0].detail, "the code cannot be read");
	cr_assert_eq(hookcalls_of(&calls, &audit, "file_open", false, &err), 0);
	cr_expect_eq(hookcalls_status(&calls), 2u);
	cr_expect_str_eq(calls.array[0].detail, "the code cannot be read");
	hookcalls_free(&calls);
	cr_expect_eq(hookcalls_of(&calls, &audit, "nobody_has_this", true, &err),
		     -ENODATA);
	cr_expect_not_null(strstr(err.message, "the code cannot be read"));
}

/* By its caller's name, or that of a function that it calls, it is guessed. */
Test(cmd_hookcalls, other_names)
{
	static const char *const names[] = {"security_file_open", "beta_open",
					    "file_opne", "security_file_opn"};
	struct hookcalls calls;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct error err = {0};

		cr_expect_eq(hookcalls_of(&calls, &audit, names[i], false, &err),
			     -ENOENT);
		cr_expect_not_null(strstr(err.message, "; did you mean file_open"), "%s",
				   err.message);
	}
}

Test(cmd_hookcalls, names)
{
	struct hookcalls calls;
	struct error err = {0};

	cr_expect_eq(hookcalls_of(&calls, &audit, "file_opne", false, &err), -ENOENT);
	cr_expect_str_eq(err.message, "file_opne: no such hook; did you mean file_open");
	/* A hook that nobody has registered for. */
	cr_assert_eq(hookcalls_of(&calls, &audit, "key_free", true, &err), 0);
	cr_expect_eq(calls.nr, 0u);
	hookcalls_free(&calls);
}
