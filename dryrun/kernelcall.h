/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the kernel that the dry run itself calls while it sets a module up. None
 * may fail: that would say nothing about the module.
 */
#ifndef KWCHECK_DRYRUN_KERNELCALL_H
#define KWCHECK_DRYRUN_KERNELCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;

/* Ends the machine's run: the module could not be set up. Returns false. */
bool kernelcall_fail(struct machine *machine, const char *what);

/* kernelcall_run - calls @function and waits for its value
 * false: it cannot go on; machine_stop() has said why.
 */
bool kernelcall_run(struct machine *machine, uint64_t function, size_t nr,
		    const uint64_t arguments[], uint64_t *ret);

/* The same by name, where this kernel has such a function. */
bool kernelcall_if_there(struct machine *machine, const char *name, size_t nr,
			 const uint64_t arguments[]);

#endif
