/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit as a monitoring plugin's line and status. */
#include "cmd/audit_nrpe.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

static struct run run;

/* What audit_nrpe() prints of a made audit; NULL: what it prints of @err. */
static int said(const struct auditfacts *audit, const struct error *err, char ret[512])
{
	FILE *file = tmpfile();
	int kept = dup(STDOUT_FILENO), status = -1;
	size_t nr;

	cr_assert(file && kept >= 0);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	if (audit)
		status = audit_nrpe(audit);
	else
		audit_nrpe_failed(err);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	rewind(file);
	nr = fread(ret, 1, 511, file);
	ret[nr] = '\0';
	fclose(file);
	return status;
}

static const struct audit_row rows[] = {
	{.group = AUDIT_LSM, .verdict = AUDIT_SEALED, .name = "alpha"},
	{.group = AUDIT_LEVERS, .name = "modprobe_path"},
	{.group = AUDIT_DISPATCH, .verdict = AUDIT_UNKNOWN, .name = "a|b\n"},
	{.group = AUDIT_DISPATCH, .verdict = AUDIT_UNSEALED, .name = "idt"},
};
static const struct audit_finding findings[] = {{.row = 3,
						 .kind = AUDIT_WRITABLE,
						 .address = 0xffffffff81000000,
						 .place = "idt_table|+0x8",
						 .message = "0xffffffff81000000"}};

Test(cmd_audit_nrpe, each_status)
{
	static const struct {
		struct auditfacts audit;
		int status;
		const char *line;
	} cases[] = {
		{{.rows = rows, .nr_rows = 2},
		 AUDIT_NRPE_OK,
		 "KWCHECK OK - 1 objects sealed | findings=0;;0 sealed=1 unsealed=0 "
		 "undecided=0\n"},
		{{.rows = rows, .nr_rows = 3},
		 AUDIT_NRPE_UNKNOWN,
		 "KWCHECK UNKNOWN - 1 undecided: dispatch a?b? | findings=0;;0 sealed=1 "
		 "unsealed=0 undecided=1\n"},
		{{.rows = rows, .nr_rows = 4, .findings = findings, .nr_findings = 1},
		 AUDIT_NRPE_CRITICAL,
		 "KWCHECK CRITICAL - 1 finding: writable: idt at idt_table?+0x8 | findings=1;;0 sealed=1 "
		 "unsealed=1 undecided=1\n"},
	};
	char line[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(said(&cases[i].audit, NULL, line), cases[i].status);
		cr_expect_str_eq(line, cases[i].line);
	}
}

Test(cmd_audit_nrpe, no_audit)
{
	const struct error err = {.code = ERROR_LOCKDOWN, .message = "locked | down"};
	char line[512];

	said(NULL, &err, line);
	cr_expect_str_eq(line, "KWCHECK UNKNOWN - locked ? down\n");
}

Test(cmd_audit_nrpe, as_a_plugin)
{
	run_kwcheck(&run, "audit --nrpe --core=tests/data/captures/6.1.zst image");
	cr_expect_eq(run.status, 0, "%s", run.out);
	cr_expect_eq(strncmp(run.out, "KWCHECK OK - ", 13), 0, "%s", run.out);
	run_kwcheck(&run, "audit --nrpe --core=/nonexistent");
	cr_expect_eq(run.status, 3);
	cr_expect_eq(strncmp(run.out, "KWCHECK UNKNOWN - /nonexistent: ", 32), 0, "%s",
		     run.out);
	run_kwcheck(&run, "audit --nrpe --json");
	cr_expect_eq(run.status, 64);
}
