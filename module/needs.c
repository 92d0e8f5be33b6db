/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be loaded before a module, in the order of loading. */
#include "module/needs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"

static struct need *find(const struct needs *needs, size_t number)
{
	for (size_t i = 0; i < needs->nr; i++)
		if (needs->array[i].number == number)
			return &needs->array[i];
	return NULL;
}

int needs_add(struct needs *needs, size_t number, bool is_optional)
{
	struct need *need = find(needs, number);

	if (need) {
		need->is_optional &= is_optional;
		return 0;
	}
	if (array_reserve(&needs->array, needs->nr, &needs->room, sizeof(*needs->array)) <
	    0)
		return -ENOMEM;
	needs->array[needs->nr++] = (struct need){number, is_optional};
	return 0;
}

bool needs_has(const struct needs *needs, size_t number)
{
	return find(needs, number) != NULL;
}

void needs_close(struct needs *needs)
{
	free(needs->array);
	memset(needs, 0, sizeof(*needs));
}
