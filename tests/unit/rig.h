/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small kernel that a module can be loaded into: a task, a page allocator, a list of
 * modules, and the types that tell where their members lie.
 */
#ifndef KWCHECK_TESTS_RIG_H
#define KWCHECK_TESTS_RIG_H

#include "board.h"
#include "ko.h"
#include "module/addrspace.h"

#define RIG_ALLOCATOR (SMALL_TEXT + 0x100)
#define RIG_NEXT_PAGE (SMALL_DATA + 0x200)
/* Functions that write down their first three arguments at RIG_SEEN, and return 0, 5 or
 * -EINVAL.
 */
#define RIG_TREE_INSERT (SMALL_TEXT + 0x180)
#define RIG_PARSE_ARGS (SMALL_TEXT + 0x200)
#define RIG_HELPER (SMALL_TEXT + 0x280)
#define RIG_REFUSE (SMALL_TEXT + 0x2c0)
#define RIG_SEEN (SMALL_DATA + 0x300)

#define RIG_TASK (SMALL_DATA + 0x1100)
#define RIG_STACK (FAKE_DIRECT_MAP + 0x138000)
#define RIG_PER_CPU (FAKE_DIRECT_MAP + 0x13c000)
#define RIG_CURRENT (RIG_PER_CPU + 0x10)
#define RIG_MODULES (SMALL_DATA + 0x1200)
#define RIG_TREE (SMALL_DATA + 0x1300) /* mod_tree */
#define RIG_SEALED (SMALL_SEALED + 0x100)

/* Offsets in this kernel's struct module. */
enum {
	RIG_MODULE_STATE = 0,
	RIG_MODULE_LIST = 8,
	RIG_MODULE_NAME = 24,
	RIG_MODULE_REFCNT = 0x60,
	RIG_MODULE_KP = 0x68,
	RIG_MODULE_NUM_KP = 0x70,
	RIG_MODULE_ARGS = 0x78,
	RIG_MODULE_MEM = 0x80,
	RIG_MODULE_INIT = 0x160,
	RIG_MODULE_EXIT = 0x168,
	RIG_MODULE_USERS = 0x170, /* source_list */
	RIG_MODULE_TRAPS = 0x180, /* kcfi_traps, kcfi_traps_end */
	RIG_MODULE_BYTES = 0x200,
};

#define RIG_NO_TASK_SYMBOLS                                  \
	"0000000000000010 A current_task\n"                  \
	"0000000000000020 A __preempt_count\n" BOARD_SYMBOLS \
	"ffffffff81000100 T __get_free_pages\n"              \
	"ffffffff81000180 t mod_tree_insert\n"               \
	"ffffffff81000200 T parse_args\n"                    \
	"ffffffff81000280 T helper\n"                        \
	"ffffffff81300100 D sealed\n"                        \
	"ffffffff81401200 d modules\n"                       \
	"ffffffff81401300 d mod_tree\n"
#define RIG_SYMBOLS RIG_NO_TASK_SYMBOLS "ffffffff81401000 D init_task\n"

struct rig {
	struct board board;
	struct exports exports;
	struct addrspace space;
};

/* @symbols: RIG_SYMBOLS and more. */
void rig_open(struct rig *rig, const char *symbols);
void rig_close(struct rig *rig);

/* A module: its functions in .text, each 16 bytes, of which the first is init_module and
 * the second cleanup_module; further sections come from the test.
 */
struct ko rig_ko(const void *text, size_t text_bytes);

#endif
