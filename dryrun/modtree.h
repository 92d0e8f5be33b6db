/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree by which the kernel finds the module of an address. */
#ifndef KWCHECK_DRYRUN_MODTREE_H
#define KWCHECK_DRYRUN_MODTREE_H

#include <stdbool.h>

struct machine;

/* modtree_rebuild - makes the machine's tree anew from its list of modules
 * For memory that changed while it was read: a tree whose nodes are of different moments
 * leads into freed ones, or misses modules. The list tells how far it is of one moment:
 * each entry is the next one's previous; modules that came or went meanwhile are left out
 * of both, and their objects of /sys/module's. Kernels without such a tree
 * (CONFIG_MODULES_TREE_LOOKUP), or without types, stay as they are. false: the machine's
 * run is over; the list does not end.
 */
bool modtree_rebuild(struct machine *machine);

#endif
