/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A loaded module in the small kernel: "good". Its struct module lies in data, its code
 * is SMALL_MODULE's page and its constants are the next, both read-only.
 */
#ifndef KWCHECK_TESTS_SMALLMODULE_H
#define KWCHECK_TESTS_SMALLMODULE_H

#include "small.h"

/* struct module: state 0, list 8, name 24, mem[] or core_layout 80, percpu 0x180. */
#define SMALLMODULE_HEAD (SMALL_DATA + 0x10)
#define SMALLMODULE (SMALL_DATA + 0x1000)
#define SMALLMODULE_LIST (SMALL_DATA + 0x1008)
enum { SMALLMODULE_BYTES = 0x200 };

/* The types of 6.4 and newer (module_memory), and up to 6.3 (module_layout). */
struct btf *smallmodule_btf_of_memory(void);
struct btf *smallmodule_btf_of_layout(void);

/* For small_open()'s @fill: the list, the name and the page tables' entries. */
void smallmodule_put(void);

#endif
