/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does in a machine what the kernel's loader does between insmod and a module's init. */
#ifndef KWCHECK_DRYRUN_LOADER_H
#define KWCHECK_DRYRUN_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dryrun/freelist.h"
#include "dryrun/pagealloc.h"
#include "machine/result.h"
#include "module/addrspace.h"
#include "module/modimage.h"

/* One module in the machine. */
struct loaded {
	struct modimage mod;
	uint64_t module; /* struct module; 0: it was dropped */
	bool is_live;
	uint64_t init, exit; /* 0: it has none */
	uint64_t sections;   /* headers and names, as module_finalize() wants them */
};

enum { LOADER_MAX_LOADED = 128 };

struct loader {
	struct machine *machine;
	struct addrspace *space;
	struct loaded *loaded; /* nr of them, in order; they stay where they are */
	size_t nr;
	size_t nr_borrowed; /* of these, from who took the state: loader_resume() */
	struct pagealloc pages;
	uint64_t scratch, scratch_end; /* addresses for what the loader itself needs */
};

/* loader_open - a task to run as, no free memory at hand, nothing loaded
 * @freelists: as freelist_empty_all() takes it. What is missing ends the machine's run.
 * false: it cannot go on.
 */
bool loader_open(struct loader *ret, struct machine *machine, struct addrspace *space,
		 struct freelist_layout *freelists);
void loader_close(struct loader *loader);

/* loader_take - what the loader knows, for a run that goes on from here
 * @ret: borrows what it was opened with; to be closed with loader_close(). Returns 0 or
 * -ENOMEM.
 */
int loader_take(const struct loader *loader, struct loader *ret);

/* loader_resume - as loader_open(), in a machine that was restored to where @taken was
 * taken, which it borrows from
 */
bool loader_resume(struct loader *ret, struct machine *machine, struct addrspace *space,
		   const struct loader *taken);

/* loader_load - puts @file at @va, relocated, finalized by the kernel's own code
 * It is the last of loader->loaded. false: it cannot go on; machine_stop() has said why.
 */
bool loader_load(struct loader *loader, const struct kofile *file, uint64_t va);

/* The module of that name that was loaded here, and was not dropped; or NULL. */
const struct loaded *loader_find(const struct loader *loader, const char *name);

/* loader_parse - the values of the parameters of @loaded
 * @words: "name=value"; the kernel's parse_args() does it, and the module's own set
 * functions run. @ret: how that ended. false: it cannot go on.
 */
bool loader_parse(struct loader *loader, const struct loaded *loaded,
		  const char *const words[], size_t nr_words, struct machine_result *ret);

/* init has returned 0: the module is live, what is sealed then is sealed. */
void loader_go_live(struct loader *loader, struct loaded *loaded);

/* loader_forget - the init of @loaded has failed: the kernel drops it
 * false: it cannot go on.
 */
bool loader_forget(struct loader *loader, struct loaded *loaded);

/* Patches the static branches of the loaded modules that depend on @key (0: all). */
void loader_patch_branches(struct loader *loader, uint64_t key);

#endif
