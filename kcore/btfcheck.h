/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel asks of the BTF of a module, before it takes the module. */
#ifndef KWCHECK_KCORE_BTFCHECK_H
#define KWCHECK_KCORE_BTFCHECK_H

#include <stddef.h>

#include "kcore/types.h"

/* btfcheck_module - would kernel/bpf/btf.c:btf_parse_module() take it?
 *
 * @kernel: whose types it continues. @base: .BTF.base, NULL: none; of that the structures
 * are looked for in the kernel's by name alone. Returns 0: yes; -EINVAL: no, and *@why
 * has the verifier's words; -ENOTSUP: that cannot be told; -ENOMEM.
 */
int btfcheck_module(const struct types *kernel, const void *data, size_t size_bytes,
		    const void *base, size_t base_bytes, const char **why);

#endif
