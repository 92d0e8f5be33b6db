/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a name to an address, and from an address to words, for the checks of an audit. */
#ifndef KWCHECK_AUDIT_NAMES_H
#define KWCHECK_AUDIT_NAMES_H

#include "audit/report.h"

/* audit_symbol - the address of the kernel's own symbol @name, of several the first
 * All names that the checks ask for are looked up in one pass before the checks run: a
 * check's want function calls audit_want() for each. @name must live as long as the
 * audit. false: there is no such symbol.
 */
void audit_want(struct audit *audit, const char *name);
bool audit_symbol(const struct audit *audit, const char *name, uint64_t *ret);

/* The same, but of several symbols of that name the first among the constants or in the
 * text is preferred.
 */
bool audit_constant(const struct audit *audit, const char *name, uint64_t *ret);

/* Looks up all that is wanted, in one pass. audit_run() calls it once. */
void audit_look_up(struct audit *audit);

/* A copy of @name that lives as long as the audit; "?" where there is no memory. */
const char *audit_keep_name(struct audit *audit, const char *name);

/* Puts @va into words: "apparmor_file_open", "init+0x10 [module]", or the region's name
 * where no symbol is near. Returns @text.
 */
const char *audit_place(const struct audit *audit, uint64_t va, char *text,
			size_t text_bytes);

/* Bytes to the next symbol; 0: no symbol follows within 16 MiB. */
uint64_t audit_symbol_size(const struct audit *audit, uint64_t va);

/* In [_text, _etext), which init text lies outside of. */
bool audit_is_kernel_text(const struct audit *audit, uint64_t va);
/* Does the kernel link what lies at @va to be sealed: in text, constants or
 * ro_after_init?
 */
bool audit_is_constant(const struct audit *audit, uint64_t va);

#endif
