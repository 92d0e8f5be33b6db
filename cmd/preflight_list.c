/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "preflight" about several modules, kept until all are there. */
#include "cmd/preflight_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"

struct preflight_list_row {
	enum finding_verdict verdict;
	char *bytes;
	size_t nr_bytes;
};

int preflight_list_add(struct preflight_list *list, enum finding_verdict verdict,
		       const char *bytes, size_t nr_bytes)
{
	struct preflight_list_row row = {.verdict = verdict, .nr_bytes = nr_bytes};

	if (array_reserve(&list->rows, list->nr, &list->room, sizeof(row)) < 0)
		return -ENOMEM;
	row.bytes = malloc(nr_bytes + 1);
	if (!row.bytes)
		return -ENOMEM;
	memcpy(row.bytes, bytes, nr_bytes);
	list->rows[list->nr++] = row;
	return 0;
}

void preflight_list_print(const struct preflight_list *list)
{
	for (unsigned verdict = 0; verdict < FINDING_NR_VERDICTS; verdict++)
		for (size_t i = 0; i < list->nr; i++)
			if (list->rows[i].verdict == verdict)
				fwrite(list->rows[i].bytes, 1, list->rows[i].nr_bytes,
				       stdout);
}

void preflight_list_free(struct preflight_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->rows[i].bytes);
	free(list->rows);
	memset(list, 0, sizeof(*list));
}
