/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables as text: the fixtures of tests/data/tables. */
#include "tables.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int read_entry(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	const struct tables *tables = ctx;
	bool has_page = pa >> 12 == tables->pt.root_pa >> 12;

	(void)fresh;
	for (size_t i = 0; i < tables->nr_entries; i++) {
		if (tables->entries[i].pa == pa) {
			*ret = tables->entries[i].value;
			return 0;
		}
		has_page |= tables->entries[i].pa >> 12 == pa >> 12;
	}
	*ret = 0;
	return has_page ? 0 : -EFAULT;
}

static void load_line(struct tables *tables, const char *line)
{
	struct pt_format *format = &tables->pt.format;
	uint64_t a, b;

	if (strncmp(line, "walk ", 5) == 0 || strncmp(line, "flags ", 6) == 0)
		strcpy(tables->checks[tables->nr_checks++], line);
	else if (sscanf(line, "0x%" SCNx64 " 0x%" SCNx64, &a, &b) == 2) {
		tables->entries[tables->nr_entries].pa = a;
		tables->entries[tables->nr_entries++].value = b;
	} else if (sscanf(line, "levels %u", &format->levels) == 1 ||
		   sscanf(line, "phys-bits %u", &format->phys_bits) == 1 ||
		   sscanf(line, "enc-mask %" SCNx64, &format->enc_mask) == 1 ||
		   sscanf(line, "pa-mask %" SCNx64, &format->pa_mask) == 1 ||
		   sscanf(line, "root %" SCNx64, &tables->pt.root_pa) == 1)
		;
	else if (strcmp(line, "no-nx") == 0)
		format->no_nx = true;
	else if (strcmp(line, "pks") == 0)
		format->pks = true;
	else if (strcmp(line, "ring3") == 0)
		format->is_ring3 = true;
	else
		cr_assert_fail("not a fixture line: %s", line);
}

void tables_load(struct tables *tables, const char *name)
{
	char path[256], line[TABLES_LINE_BYTES];
	FILE *file;

	memset(tables, 0, sizeof(*tables));
	tables->pt.format.phys_bits = 52;
	tables->pt.format.pa_mask = (1ULL << 52) - 1;
	tables->pt.read = read_entry;
	tables->pt.ctx = tables;
	snprintf(path, sizeof(path), "tests/data/tables/%s.txt", name);
	file = fopen(path, "re");
	cr_assert_not_null(file, "%s: run the tests from the project's root", path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '#' && line[0] != '\0')
			load_line(tables, line);
	}
	fclose(file);
	cr_assert(tables->nr_checks > 0, "%s: checks nothing", path);
}
