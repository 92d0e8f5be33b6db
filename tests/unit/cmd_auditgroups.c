/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/auditgroups.h"

#include <criterion/criterion.h>
#include <string.h>

#include "audit/report.h"

enum { ALL = (1u << AUDIT_NR_GROUPS) - 1, LSM = 1u << AUDIT_LSM, CPU = 1u << AUDIT_CPU };

Test(cmd_auditgroups, words)
{
	static const struct {
		const char *words[3];
		const char *hook;
		unsigned asked, named;
	} cases[] = {
		{{NULL}, NULL, ALL, 0},
		{{"all"}, NULL, ALL, 0},
		{{"lsm"}, NULL, LSM, LSM},
		{{"lsm,cpu"}, NULL, LSM | CPU, LSM | CPU},
		{{"cpu", "lsm"}, NULL, LSM | CPU, LSM | CPU},
		{{"all,cpu"}, NULL, ALL, CPU},
		{{"lsm", "all"}, NULL, ALL, LSM},
		{{NULL}, "file_open", LSM, 0},
		{{"all"}, "file_open", ALL, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options = {.operands = (char **)cases[i].words,
					  .hook = cases[i].hook};
		struct auditgroups groups;
		struct error err = {0};

		while (options.nr_operands < 3 && cases[i].words[options.nr_operands])
			options.nr_operands++;
		cr_assert_eq(auditgroups_parse(&options, &groups, &err), 0, "%zu: %s", i,
			     err.message);
		cr_expect_eq(groups.asked, cases[i].asked, "%zu", i);
		cr_expect_eq(groups.named, cases[i].named, "%zu", i);
	}
}

/* What is asked of a group that is not asked about would be left out in silence. */
Test(cmd_auditgroups, options_of_a_group)
{
	const char *words[] = {"cpu"};
	struct options hook = {
		.operands = (char **)words, .nr_operands = 1, .hook = "file_open"};
	struct options image = {
		.operands = (char **)words, .nr_operands = 1, .image = "vmlinuz"};
	struct auditgroups groups;
	struct error err = {0};

	cr_expect_lt(auditgroups_parse(&hook, &groups, &err), 0);
	cr_expect_not_null(strstr(err.message, "goes with the group lsm"));
	err = (struct error){0};
	cr_expect_lt(auditgroups_parse(&image, &groups, &err), 0);
	cr_expect_not_null(strstr(err.message, "goes with the group unchanged"));
	words[0] = "unchanged";
	cr_expect_eq(auditgroups_parse(&image, &groups, &err), 0);
}

Test(cmd_auditgroups, no_groups)
{
	static const struct {
		const char *word, *why;
	} cases[] = {
		{"modulse", "modulse: no group of the audit; did you mean modules"},
		{"lsm,", "'': no group"},
		{",", "'': no group"},
		{"", "'': no group"},
		{"lsm cpu", "lsm cpu: no group"},
		{"LSM", "LSM: no group"},
		{"nonsense",
		 "nonsense: no group of the audit; there are all, lsm, image, "
		 "dispatch, cpu, modules, executable, tables, levers, "
		 "unchanged"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *words[] = {"lsm", cases[i].word};
		struct options options = {.operands = (char **)words, .nr_operands = 2};
		struct auditgroups groups;
		struct error err = {0};

		cr_expect_lt(auditgroups_parse(&options, &groups, &err), 0);
		cr_expect_eq(err.code, ERROR_USAGE);
		cr_expect_not_null(strstr(err.message, cases[i].why), "%s", err.message);
	}
}
