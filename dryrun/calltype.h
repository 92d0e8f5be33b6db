/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kCFI of calls that the dry run makes in the place of the kernel's own code. */
#ifndef KWCHECK_DRYRUN_CALLTYPE_H
#define KWCHECK_DRYRUN_CALLTYPE_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

/* Functions of the kernel's own whose address is taken, so that they have a type. */
#define CALLTYPE_VOID "do_flush_tlb_all" /* void (*)(void *); arch/x86/mm/tlb.c */
#define CALLTYPE_INT "kthread_worker_fn" /* int (*)(void *); kernel/kthread.c */
#define CALLTYPE_LONG "local_pci_probe"	 /* long (*)(void *); drivers/pci */

/* calltype_check - may the kernel call @function as one of the type that @like has?
 * Where the kernel compares no types, or only reports, it may. @like: a function of the
 * kernel's own; NULL: none is known. @what: who calls. false: it may not, or that is not
 * known; machine_stop() has said so.
 */
bool calltype_check(struct machine *machine, uint64_t function, const char *like,
		    const char *what);

/* The same of a module's init, which do_one_initcall() calls. */
bool calltype_check_init(struct machine *machine, uint64_t init);

#endif
