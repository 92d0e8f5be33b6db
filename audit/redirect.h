/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a function run what its name says? ftrace, kprobes, live patches, BPF and plain
 * patching all change its first bytes.
 */
#ifndef KWCHECK_AUDIT_REDIRECT_H
#define KWCHECK_AUDIT_REDIRECT_H

#include "audit/report.h"

/* redirect_check - what the first bytes of the kernel function at @va lead to
 * @what: what the function is for, for the sentence: "callback of file_open".
 * The kernel's own means give a notice that names them; a target in a module or in memory
 * without a name gives a finding.
 */
void redirect_check(struct audit *audit, size_t row, uint64_t va, const char *what);

/* redirect_ops_function - the function that an ftrace trampoline's ops call
 * @va: where the trampoline starts. false: not found, as where several users share it.
 */
bool redirect_ops_function(const struct audit *audit, uint64_t va, uint64_t *ret);

#endif
