/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses that a dry run came by, in words. */
#include "preflight/runnames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "module/modsym.h"

/* Of one object that init gave away. */
enum { MAX_FUNCTIONS = 64 };

static void name(struct addrspace *space, uint64_t va, struct runnames_at *ret)
{
	*ret = (struct runnames_at){.address = va};
	addrspace_name(space, va, &ret->name);
}

static void name_with_size(struct addrspace *space, uint64_t va, struct runnames_at *ret)
{
	uint64_t end;

	name(space, va, ret);
	if (ret->name.symbol && addrspace_symbol_end(space, va, &end))
		ret->symbol_bytes = end - va + ret->name.offset;
}

static int name_frames(struct runnames *names, struct addrspace *space,
		       const struct machine_result *result)
{
	names->frames = calloc(result->nr_frames, sizeof(*names->frames));
	if (!names->frames && result->nr_frames)
		return -ENOMEM;
	for (size_t i = result->nr_frames; i-- > 0;) {
		struct runnames_frame *frame = &names->frames[names->nr_frames];

		/* The outermost was called from outside. */
		if (!result->frames[i].site)
			continue;
		name(space, result->frames[i].site, &frame->site);
		name_with_size(space, result->frames[i].back, &frame->back);
		names->nr_frames++;
	}
	return 0;
}

static int name_calls(struct runnames *names, struct addrspace *space,
		      const struct dryrun *dryrun)
{
	names->calls = calloc(dryrun->nr_calls, sizeof(*names->calls));
	if (!names->calls && dryrun->nr_calls)
		return -ENOMEM;
	for (; names->nr_calls < dryrun->nr_calls; names->nr_calls++) {
		const struct dryrun_call *from = &dryrun->calls[names->nr_calls];
		struct runnames_call *call = &names->calls[names->nr_calls];

		name(space, from->site, &call->site);
		name(space, from->callee, &call->callee);
		call->depth = from->depth;
	}
	return 0;
}

static int name_functions(struct runnames_given *given, struct addrspace *space)
{
	uint64_t functions[MAX_FUNCTIONS];
	size_t nr = modsym_functions(space->mod, given->what.address, MAX_FUNCTIONS,
				     functions);

	given->functions = calloc(nr, sizeof(*given->functions));
	if (!given->functions && nr)
		return -ENOMEM;
	for (; given->nr_functions < nr; given->nr_functions++)
		name(space, functions[given->nr_functions],
		     &given->functions[given->nr_functions]);
	return 0;
}

static int name_given(struct runnames *names, struct addrspace *space,
		      const struct dryrun *dryrun)
{
	names->given = calloc(dryrun->nr_given, sizeof(*names->given));
	if (!names->given && dryrun->nr_given)
		return -ENOMEM;
	for (; names->nr_given < dryrun->nr_given; names->nr_given++) {
		struct runnames_given *given = &names->given[names->nr_given];

		name(space, dryrun->given[names->nr_given].callee, &given->callee);
		name(space, dryrun->given[names->nr_given].address, &given->what);
		if (name_functions(given, space) < 0) {
			names->nr_given++;
			return -ENOMEM;
		}
	}
	return 0;
}

int runnames_find(struct runnames *ret, struct addrspace *space,
		  const struct dryrun *dryrun)
{
	const struct machine_result *result = &dryrun->result;
	int r = 0;

	*ret = (struct runnames){0};
	if (dryrun->outcome == DRYRUN_FAULT) {
		name_with_size(space, result->registers[MACHINE_RIP], &ret->instruction);
		name_with_size(space, result->fault.address, &ret->target);
		r = name_frames(ret, space, result);
	}
	if (r == 0)
		r = name_calls(ret, space, dryrun);
	if (r == 0)
		r = name_given(ret, space, dryrun);
	if (r < 0)
		runnames_free(ret);
	return r;
}

void runnames_free(struct runnames *names)
{
	for (size_t i = 0; i < names->nr_given; i++)
		free(names->given[i].functions);
	free(names->given);
	free(names->calls);
	free(names->frames);
	memset(names, 0, sizeof(*names));
}
