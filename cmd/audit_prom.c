/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit as metrics: the text format of Prometheus, for node_exporter's textfile
 * collector. Values only: an address in a label would be a new series with every boot.
 */
#include "cmd/audit_prom.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static void put_label(FILE *file, const char *value)
{
	for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
		if (*c == '\\' || *c == '"')
			fprintf(file, "\\%c", *c);
		else if (*c < 0x20 || *c >= 0x7f)
			fputc('?', file);
		else
			fputc(*c, file);
	}
}

static void put_head(FILE *file, const char *metric, const char *help)
{
	fprintf(file, "# HELP kwcheck_audit_%s %s\n# TYPE kwcheck_audit_%s gauge\n",
		metric, help, metric);
}

/* Two symbols of one name give two rows of one name. Prometheus refuses two series of one
 * label: so the second row has its number in the label.
 */
static void put_row_labels(FILE *file, const struct auditfacts *audit, size_t i)
{
	size_t nr = auditfacts_namesakes(audit, i);

	fprintf(file, "{group=\"%s\",name=\"", audit_group_name(audit->rows[i].group));
	put_label(file, audit->rows[i].name);
	if (nr)
		fprintf(file, " (%zu)", nr + 1);
	fputs("\"}", file);
}

static void put_info(FILE *file, const char *release, const char *build_id)
{
	put_head(file, "info", "The kernel that was asked, and the kwcheck that asked.");
	fputs("kwcheck_audit_info{kernel=\"", file);
	put_label(file, release);
	fputs("\",build_id=\"", file);
	put_label(file, build_id);
	fputs("\",version=\"" KWCHECK_VERSION "\"} 1\n", file);
}

static void put_up(FILE *file, bool is_up)
{
	put_head(file, "up", "1 where the kernel was audited, 0 where it could not be.");
	fprintf(file, "kwcheck_audit_up %d\n", is_up);
}

static void put_time(FILE *file)
{
	put_head(file, "timestamp_seconds", "When the audit was made, or was tried.");
	fprintf(file, "kwcheck_audit_timestamp_seconds %" PRId64 "\n",
		(int64_t)time(NULL));
}

void audit_prom_print_failed(FILE *file, const char *release, const struct error *err)
{
	put_info(file, release, "");
	put_up(file, false);
	put_head(file, "failed", "Why the kernel could not be audited.");
	fprintf(file, "kwcheck_audit_failed{reason=\"%s\"} 1\n",
		error_code_name(err->code));
	put_time(file);
}

void audit_prom_print(FILE *file, const struct kernelfacts *kernel,
		      const struct auditfacts *audit)
{
	unsigned nr_kinds[AUDIT_NR_KINDS] = {0}, nr_verdicts[AUDIT_UNSEALED + 1] = {0};

	for (size_t i = 0; i < audit->nr_findings; i++)
		nr_kinds[audit->findings[i].kind]++;
	for (size_t i = 0; i < audit->nr_rows; i++)
		nr_verdicts[audit->rows[i].verdict]++;
	put_info(file, kernel->release, kernel->build_id);
	put_up(file, true);
	put_head(file, "findings", "Findings of the audit, by kind.");
	for (int kind = AUDIT_KIND_NONE + 1; kind < AUDIT_NR_KINDS; kind++) {
		/* The enum has numbers that name no kind. */
		if (audit_kind_name((enum audit_kind)kind))
			fprintf(file, "kwcheck_audit_findings{kind=\"%s\"} %u\n",
				audit_kind_name((enum audit_kind)kind), nr_kinds[kind]);
	}
	put_head(file, "objects", "Objects of the audit, by verdict.");
	for (int verdict = 0; verdict <= AUDIT_UNSEALED; verdict++)
		fprintf(file, "kwcheck_audit_objects{verdict=\"%s\"} %u\n",
			audit_verdict_name((enum audit_verdict)verdict),
			nr_verdicts[verdict]);
	put_head(file, "sealed",
		 "1 where an object is sealed, 0 where not, -1 where it is undecided.");
	for (size_t i = 0; i < audit->nr_rows; i++) {
		enum audit_verdict verdict = audit->rows[i].verdict;

		if (verdict == AUDIT_INFO)
			continue;
		fputs("kwcheck_audit_sealed", file);
		put_row_labels(file, audit, i);
		fprintf(file, " %d\n",
			verdict == AUDIT_SEALED	    ? 1
			: verdict == AUDIT_UNSEALED ? 0
						    : -1);
	}
	put_head(file, "hooks", "Hooks that a security module has registered.");
	for (size_t i = 0; i < audit->nr_rows; i++) {
		if (audit->rows[i].nr_hooks == 0)
			continue;
		fputs("kwcheck_audit_hooks", file);
		put_row_labels(file, audit, i);
		fprintf(file, " %u\n", audit->rows[i].nr_hooks);
	}
	put_time(file);
}
