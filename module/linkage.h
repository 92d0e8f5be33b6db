/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a module's file says of the modules that it needs, and that may need it: as text,
 * so that a process without privileges reads the file and another one need not.
 */
#ifndef KWCHECK_MODULE_LINKAGE_H
#define KWCHECK_MODULE_LINKAGE_H

#include <stddef.h>
#include <stdio.h>

#include "module/kofile.h"

/* Zero is a file that says nothing. */
struct linkage {
	char *text;	    /* what the others point into */
	const char *name;   /* the module's; NULL: the file does not say */
	const char **words; /* nr_depends names of modules (depends=), then nr_imports
			     * symbols that it leaves undefined, then nr_exports that it
			     * offers to others, then nr_softdeps names or aliases of
			     * modules that modprobe tries before it
			     */
	size_t nr_depends, nr_imports, nr_exports, nr_softdeps;
};

/* linkage_write - as linkage_read() takes it: one word a line, led by its kind
 * @file: parsed. Words that are no names of modules or symbols are left out, and so is
 * what goes beyond a bound that no real module comes near. Imports that may stay
 * undefined (weak) are left out.
 */
void linkage_write(FILE *out, const struct kofile *file);

/* linkage_read - what linkage_write() wrote, or anything else: it is not trusted
 * A line of another form is passed over. Returns 0 or -ENOMEM.
 */
int linkage_read(struct linkage *ret, const char *text, size_t nr_bytes);
void linkage_close(struct linkage *linkage);

#endif
