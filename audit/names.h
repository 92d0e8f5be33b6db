/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a name to an address, and from an address to words, for the checks of an audit. */
#ifndef KWCHECK_AUDIT_NAMES_H
#define KWCHECK_AUDIT_NAMES_H

#include "audit/report.h"

/* One of the kernel's own symbols by name, the first of several. All names that a check
 * asks for are looked up in one pass before it runs: audit_want() in its want function,
 * which has the name live as long as the audit. false: none.
 */
void audit_want(struct audit *audit, const char *name);
bool audit_symbol(const struct audit *audit, const char *name, uint64_t *ret);

/* The same, but where several symbols have the name, the first that the release links
 * among its constants or in its text, if one is.
 */
bool audit_constant(const struct audit *audit, const char *name, uint64_t *ret);

/* Looks up all that is wanted, in one pass. audit_run() calls it once. */
void audit_look_up(struct audit *audit);

/* A copy of @name that lives as long as the audit; "?" where there is no memory. */
const char *audit_keep_name(struct audit *audit, const char *name);

/* "apparmor_file_open", "init+0x10 [module]", "0xffff...": what lies at @va. Returns
 * @text.
 */
const char *audit_place(const struct audit *audit, uint64_t va, char *text,
			size_t text_bytes);

/* Bytes to the next symbol; 0: no symbol follows within 16 MiB. */
uint64_t audit_symbol_size(const struct audit *audit, uint64_t va);

/* In [_text, _etext), which init text lies outside of. */
bool audit_is_kernel_text(const struct audit *audit, uint64_t va);
/* In text, constants or ro_after_init: what the kernel links to be sealed. */
bool audit_is_constant(const struct audit *audit, uint64_t va);

#endif
