/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry that clang's libFuzzer and AFL++ call: the target that $KWCHECK_FUZZ names.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/target.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t nr_bytes);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("KWCHECK_FUZZ");

	(void)argc;
	(void)argv;
	target = name ? fuzz_target(name) : NULL;
	if (target)
		return 0;
	fputs("KWCHECK_FUZZ is one of:", stderr);
	for (const struct fuzz_target *one = fuzz_targets; one->name; one++)
		fprintf(stderr, " %s", one->name);
	fputc('\n', stderr);
	exit(1);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t nr_bytes)
{
	if (nr_bytes <= target->max_bytes)
		target->run(bytes, nr_bytes);
	return 0;
}
