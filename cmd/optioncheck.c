/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/optioncheck.h"

#include <errno.h>
#include <string.h>

#include "cmd/optionrows.h"
#include "cmd/options.h"
#include "kcore/error.h"

static int check_kernel(const struct options *options, struct error *err)
{
	bool is_diff = options->verb->bit == VERB_DIFF;

	if (options->core && is_diff)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--core does not go with diff: both kernels are its "
				 "operands; see 'kwcheck diff --help'");
	if (options->append && !options->kernel && !is_diff)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--append is of a kernel that --kernel boots");
	if (options->trial && !options->kernel)
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"--trial loads modules in a virtual machine, never here: give "
			"--kernel, as --kernel=\"$(uname -r)\" is");
	if (!options->kernel)
		return 0;
	if (options->core || *options->sysroot)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--kernel and --%s exclude each other",
				 options->core ? "core" : "sysroot");
	if (strcmp(options->kernel, "all") == 0 && options->verb->bit != VERB_PREFLIGHT)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--kernel=all does not go with %s; give one kernel",
				 options->verb->name);
	if (strcmp(options->kernel, "all") == 0 && options->sarif)
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"--kernel=all does not go with --sarif; give one kernel");
	return 0;
}

int optioncheck_no_boot(const struct options *options, struct error *err)
{
	if (!options->no_boot)
		return 0;
	if (!options->kernel)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--no-boot is of a kernel that --kernel names");
	if (options->trial || options->append || options->vm_cpu || options->memory_word)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--no-boot boots nothing: it does not go with --trial, "
				 "--append, --memory or a CPU model");
	return 0;
}

/* Options of which the one would make nothing of the other. What two of them share is
 * told once: --memory is --small's opposite for a capture alone (take_words()).
 */
static const struct {
	const char *one, *other;
} pairs[] = {
	{"pid", "root"},	 {"btf", "no-btf"},	   {"quiet", "json"},
	{"quiet", "json-lines"}, {"quiet", "sarif"},	   {"quiet", "nrpe"},
	{"json", "json-lines"},	 {"json", "sarif"},	   {"json", "nrpe"},
	{"json", "output"},	 {"json-lines", "output"}, {"nrpe", "output"},
	{"nrpe", "baseline"},	 {"nrpe", "hook"},	   {"hook", "baseline"},
	{"baseline", "output"},	 {"small", "text"},	   {"list", "expect"},
	{"list", "cpu"},	 {"list", "pid"},	   {"list", "root"},
	{"list", "user-root"},	 {"list", "no-aliases"},   {"no-dry-run", "exit"},
	{"no-dry-run", "call"},	 {"no-dry-run", "trace"},  {"no-dry-run", "limit"},
	{"sarif", "output"},	 {"sarif", "trace"},	   {"trace", "output"},
	{"trace", "noheadings"}, {"merge", "json-lines"},  {"merge", "core"},
	{"merge", "kernel"},	 {"merge", "module"},	   {"merge", "vmlinux"},
	{"merge", "kallsyms"},	 {"merge", "btf"},	   {"merge", "nth"},
};

static bool is_given(const bool *given, const char *name)
{
	for (size_t i = 0; i < nr_option_rows; i++)
		if (given[i] && strcmp(option_rows[i].name, name) == 0)
			return true;
	return false;
}

static int check_pairs(const bool *given, struct error *err)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (is_given(given, pairs[i].one) && is_given(given, pairs[i].other))
			return error_set(err, ERROR_USAGE, -EINVAL,
					 "--%s and --%s exclude each other", pairs[i].one,
					 pairs[i].other);
	return 0;
}

int optioncheck_together(const struct options *options, const bool *given,
			 const char *taken, struct error *err)
{
	const struct verb *verb = options->verb;
	int r;

	for (size_t i = 0; i < nr_option_rows; i++)
		if (given[i] && !(option_rows[i].verbs & verb->bit))
			return error_set(
				err, ERROR_USAGE, -EINVAL,
				"--%s does not go with %s; see 'kwcheck %s --help'",
				option_rows[i].name, verb->name, verb->name);
	r = check_kernel(options, err);
	if (r < 0)
		return r;
	r = check_pairs(given, err);
	if (r < 0)
		return r;
	if (options->nr_operands && *verb->operands == '\0')
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "%.100s: %s takes no operands; %s", options->operands[0],
				 verb->name, verb->instead);
	if (options->list && options->nr_operands)
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"%.100s: --list takes no targets beside its pattern, which "
			"the shell expands unless it is quoted",
			options->operands[0]);
	if (options->nr_operands == 0 && !options->help && !options->version &&
	    !options->list && *verb->operands != '[' && *verb->operands != '\0')
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "nothing to %s: no %.*s is given%s%.60s%s; try '%s' or "
				 "'kwcheck%s%s --help'",
				 verb->name, (int)strcspn(verb->operands, ". "),
				 verb->operands, taken ? " ('" : "", taken ?: "",
				 taken ? "' is an option's argument)" : "", verb->example,
				 options->has_verb ? " " : "",
				 options->has_verb ? verb->name : "");
	return 0;
}
