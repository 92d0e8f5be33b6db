/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit as a monitoring plugin tells it. */
#include "cmd/audit_nrpe.h"

#include <stdio.h>

/* Behind a bar stands performance data, and a line is all that is shown. */
static void put_words(const char *words)
{
	for (const unsigned char *c = (const unsigned char *)words; *c; c++)
		putchar(*c < 0x20 || *c >= 0x7f || *c == '|' ? '?' : *c);
}

static void put_unknown(const struct auditfacts *audit)
{
	for (size_t i = 0; i < audit->nr_rows; i++)
		if (audit->rows[i].verdict == AUDIT_UNKNOWN) {
			printf(": %s ", audit_group_name(audit->rows[i].group));
			put_words(audit->rows[i].name);
			return;
		}
}

/* The first one, without its address: a monitor has no business with the layout. */
static void put_finding(const struct auditfacts *audit)
{
	const struct audit_finding *finding = &audit->findings[0];

	printf("%s: ", audit_kind_name(finding->kind));
	put_words(audit->rows[finding->row].name);
	if (*finding->place) {
		fputs(" at ", stdout);
		put_words(finding->place);
	}
}

int audit_nrpe(const struct auditfacts *audit)
{
	size_t nr[AUDIT_UNSEALED + 1] = {0};
	int status = AUDIT_NRPE_OK;

	for (size_t i = 0; i < audit->nr_rows; i++)
		nr[audit->rows[i].verdict]++;
	if (audit->nr_findings) {
		status = AUDIT_NRPE_CRITICAL;
		printf("KWCHECK CRITICAL - %zu finding%s: ", audit->nr_findings,
		       audit->nr_findings == 1 ? "" : "s");
		put_finding(audit);
	} else if (nr[AUDIT_UNKNOWN]) {
		status = AUDIT_NRPE_UNKNOWN;
		printf("KWCHECK UNKNOWN - %zu undecided", nr[AUDIT_UNKNOWN]);
		put_unknown(audit);
	} else {
		printf("KWCHECK OK - %zu objects sealed", nr[AUDIT_SEALED]);
	}
	printf(" | findings=%zu;;0 sealed=%zu unsealed=%zu undecided=%zu\n",
	       audit->nr_findings, nr[AUDIT_SEALED], nr[AUDIT_UNSEALED],
	       nr[AUDIT_UNKNOWN]);
	return status;
}

void audit_nrpe_failed(const struct error *err)
{
	fputs("KWCHECK UNKNOWN - ", stdout);
	put_words(err->message);
	putchar('\n');
}
