/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unicorn, which interprets x86-64 code, loaded when it is first wanted: it is a library
 * of 19 MB that only the dry run needs.
 */
#ifndef KWCHECK_MACHINE_UNICORN_H
#define KWCHECK_MACHINE_UNICORN_H

#include <stdbool.h>

#ifdef KWCHECK_UNICORN
#include <unicorn/unicorn.h>

/* What came with Unicorn 2.1, by its numbers: the headers of 2.0 do not have it, and the
 * library that is loaded need not be the one that was built with.
 */
enum {
	UNICORN_CTL_TLB_TYPE = 12,
	UNICORN_TLB_VIRTUAL = 1,
	UNICORN_HOOK_TLB_FILL = 1 << 17,
};

struct unicorn_tlb_entry {
	uint64_t paddr;
	uint32_t perms; /* UC_PROT_* */
};

#if UC_API_MINOR >= 1
_Static_assert((int)UC_CTL_TLB_TYPE == UNICORN_CTL_TLB_TYPE &&
		       (int)UC_TLB_VIRTUAL == UNICORN_TLB_VIRTUAL &&
		       (int)UC_HOOK_TLB_FILL == UNICORN_HOOK_TLB_FILL &&
		       sizeof(uc_tlb_entry) == sizeof(struct unicorn_tlb_entry),
	       "Unicorn's own numbers");
#endif

/* Unicorn's functions, by their own names. */
struct unicorn {
	__typeof__(uc_version) *version;
	__typeof__(uc_open) *open;
	__typeof__(uc_close) *close;
	__typeof__(uc_ctl) *ctl;
	__typeof__(uc_strerror) *strerror;
	__typeof__(uc_emu_start) *emu_start;
	__typeof__(uc_emu_stop) *emu_stop;
	__typeof__(uc_hook_add) *hook_add;
	__typeof__(uc_mem_map_ptr) *mem_map_ptr;
	__typeof__(uc_mem_unmap) *mem_unmap;
	__typeof__(uc_reg_read) *reg_read;
	__typeof__(uc_reg_write) *reg_write;
	__typeof__(uc_reg_read_batch) *reg_read_batch;
	__typeof__(uc_reg_write_batch) *reg_write_batch;
	/* Where an access faults EFLAGS is wrong, since each instruction is
	 * hooked: 2.1.4. */
	bool loses_flags;
};

/* NULL: it is not there. unicorn_load() must have been called. */
const struct unicorn *unicorn_get(void);
#endif

/* unicorn_load - finds the library, while files can still be opened
 * Returns NULL, or why there is no emulator, in words.
 */
const char *unicorn_load(void);

/* unicorn_no_room - does this process get the memory that an emulator wants?
 * Returns NULL, or what is denied, and what to do. Unicorn itself would end the process.
 */
const char *unicorn_no_room(void);

/* "Unicorn 2.0": the library that was loaded. Valid until the next call. */
const char *unicorn_name(void);

#endif
