/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes a module out of a machine's kernel, as rmmod does, or an init that failed. */
#ifndef KWCHECK_DRYRUN_UNLOAD_H
#define KWCHECK_DRYRUN_UNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/cpu.h"

/* unload_forget - the kernel no longer has the struct module at @va
 * Its sysfs entry, its place in the list and in the tree of modules are gone; its memory
 * stays mapped. false: the run is over.
 */
bool unload_forget(struct machine *machine, uint64_t va);

/* unload_module - what rmmod does to the module @name, its exit function included
 * Returns true: it is gone, or there was none. false: machine_stop() has said why it
 * cannot be unloaded.
 */
bool unload_module(struct machine *machine, const char *name);

#endif
