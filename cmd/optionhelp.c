/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --help. */
#include "cmd/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cmd/optionrows.h"
#include "cmd/text.h"

static const char *const group_names[NR_GROUPS] = {
	[GROUP_ASK] = "What is asked",
	[GROUP_OUTPUT] = "What is printed",
	[GROUP_SOURCE] = "Which kernel, and how it is read",
	[GROUP_OTHER] = "Other",
};

/* What it does to @verb (NULL: to any); NULL: nothing. */
static const char *help_of(const struct option_row *row, const struct verb *verb)
{
	if (verb && row->offset == offsetof(struct options, verbose))
		return verb->verbose;
	return verb && row->other_verbs & verb->bit ? row->other_help : row->help;
}

/* What it is to other verbs is about the kernel that --kernel boots. */
static enum option_group group_of(const struct option_row *row, const struct verb *verb)
{
	return verb && row->other_verbs & verb->bit ? GROUP_SOURCE : row->group;
}

static void help_row(const struct option_row *row, const struct verb *verb)
{
	enum { HELP_COLUMN = 35 };
	bool is_other = verb && row->other_verbs & verb->bit;
	char text[96], argument[64];
	int column;

	optionrows_describe(row, argument, sizeof(argument));
	snprintf(text, sizeof(text),
		 row->kind == OPTION_FLAG     ? "--%s"
		 : row->fallback && !is_other ? "--%s[=%s]"
					      : "--%s=%s",
		 row->name,
		 is_other && row->other_argument ? row->other_argument : argument);
	if (row->letter)
		column = printf("  -%c, %-28s ", row->letter, text);
	else
		column = printf("      %-28s ", text);
	text_wrapped_from(column, HELP_COLUMN, help_of(row, verb));
}

/* Of @verb's help those that not every verb has, or that are another thing to each. */
static bool is_of_help(const struct option_row *row, const struct verb *verb)
{
	bool is_common = row->verbs == (unsigned)ANY_VERB;

	if (!verb)
		return is_common;
	return row->verbs & verb->bit && help_of(row, verb) &&
	       (!is_common || row->offset == offsetof(struct options, verbose));
}

/* Those that go with @verb alone; with NULL those that go with every verb. */
static void help_options(const struct verb *verb)
{
	for (enum option_group group = 0; group < NR_GROUPS; group++) {
		bool has_heading = false;

		for (size_t i = 0; i < nr_option_rows; i++) {
			if (group_of(&option_rows[i], verb) != group ||
			    !is_of_help(&option_rows[i], verb))
				continue;
			if (!has_heading)
				printf("\n%s:\n", group_names[group]);
			has_heading = true;
			help_row(&option_rows[i], verb);
		}
	}
}

/* The names of those that go with every verb, for which the tool's own help is there. */
static void help_common(void)
{
	char names[512] = "";
	size_t used = 0;

	for (size_t i = 0; i < nr_option_rows; i++) {
		if (option_rows[i].verbs != (unsigned)ANY_VERB ||
		    option_rows[i].offset == offsetof(struct options, verbose))
			continue;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s--%s",
					 used ? " " : "", option_rows[i].name);
		if (option_rows[i].letter)
			used += (size_t)snprintf(names + used, sizeof(names) - used,
						 ",-%c", option_rows[i].letter);
	}
	puts("\nWith every verb ('kwcheck --help' explains them):");
	text_wrapped("", 2, names);
}

void options_help(const struct verb *verb)
{
	if (verb) {
		printf("Usage: kwcheck %s [OPTION]...%s%s\n\n%c%s.\n", verb->name,
		       *verb->operands ? " " : "", verb->operands,
		       toupper((unsigned char)*verb->summary), verb->summary + 1);
		help_options(verb);
		help_common();
		printf("\nExample: %s\n\n%s", verb->example, verb->help);
		return;
	}
	puts("Usage: kwcheck [OPTION]... TARGET...\n"
	     "       kwcheck VERB [OPTION]... OPERAND...\n"
	     "       kwcheck help [VERB]\n"
	     "\n"
	     "Would a write to this kernel address fault? Read from the page tables of the\n"
	     "running kernel; nothing is written to it.\n"
	     "\n"
	     "Verbs (a bare TARGET means check; 'kwcheck -- walk' is the symbol):");
	for (size_t i = 0; i < nr_verbs; i++)
		printf("  %-10s %s\n", verbs[i].name, verbs[i].summary);
	puts("\n'kwcheck help VERB' has its operands, its other options and its exit status.");
	help_options(NULL);
	fputs("\n" VERBS_TARGETS_HELP, stdout);
}
