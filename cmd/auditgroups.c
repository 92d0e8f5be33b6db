/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which groups of the audit are meant by the words of a command line. */
#include "cmd/auditgroups.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/report.h"
#include "kcore/nearest.h"

enum { ALL_GROUPS = (1u << AUDIT_NR_GROUPS) - 1 };

static int refuse(const char *word, struct error *err)
{
	struct nearest nearest = {.name = word};
	char names[256] = "", guess[NEAREST_GUESS_BYTES];
	size_t used = 0;

	nearest_offer(&nearest, "all");
	for (int i = 0; i < AUDIT_NR_GROUPS; i++) {
		const char *name = audit_group_name((enum audit_group)i);

		nearest_offer(&nearest, name);
		used += (size_t)snprintf(names + used, sizeof(names) - used, ", %s",
					 name);
	}
	nearest_guess(&nearest, guess);
	return error_set(err, ERROR_USAGE, -EINVAL,
			 "%.80s: no group of the audit%s; there are all%s%s%.80s%s",
			 *word ? word : "''", guess, names,
			 *word && !*guess ? "; of a symbol ask 'kwcheck " : "",
			 *guess ? "" : word, *word && !*guess ? "'" : "");
}

static int take(struct auditgroups *groups, const char *word, struct error *err)
{
	if (strcmp(word, "all") == 0) {
		groups->asked = ALL_GROUPS;
		return 0;
	}
	for (int i = 0; i < AUDIT_NR_GROUPS; i++)
		if (strcmp(word, audit_group_name((enum audit_group)i)) == 0) {
			groups->named |= 1u << i;
			groups->asked |= 1u << i;
			return 0;
		}
	return refuse(word, err);
}

int auditgroups_parse(const struct options *options, struct auditgroups *ret,
		      struct error *err)
{
	struct auditgroups groups = {0};

	for (size_t i = 0; i < options->nr_operands; i++) {
		const char *words = options->operands[i];

		for (;;) {
			size_t bytes = strcspn(words, ",");
			char word[64];

			/* A longer one is no group's name when cut, either. */
			snprintf(word, sizeof(word), "%.*s", (int)bytes, words);
			if (take(&groups, word, err) < 0)
				return -EINVAL;
			if (words[bytes] == '\0')
				break;
			words += bytes + 1;
		}
	}
	if (options->hook && groups.asked && !(groups.asked & 1u << AUDIT_LSM))
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"--hook goes with the group lsm; see 'kwcheck audit --help'");
	if (options->image && groups.asked && !(groups.asked & 1u << AUDIT_UNCHANGED))
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--image goes with the group unchanged; see 'kwcheck "
				 "audit --help'");
	if (!groups.asked)
		groups.asked = options->hook ? 1u << AUDIT_LSM : ALL_GROUPS;
	*ret = groups;
	return 0;
}
