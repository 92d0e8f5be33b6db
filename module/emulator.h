/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unicorn, which interprets x86-64 code, loaded when it is first wanted: it is a library
 * of 19 MB that only the dry run needs.
 */
#ifndef KWCHECK_MODULE_EMULATOR_H
#define KWCHECK_MODULE_EMULATOR_H

#include <stdbool.h>

#ifdef KWCHECK_UNICORN
#include <unicorn/unicorn.h>

/* Unicorn's functions, by their own names. */
struct emulator {
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
};

/* NULL: it is not there. emulator_load() must have been called. */
const struct emulator *emulator_get(void);
#endif

/* emulator_load - finds the library, while files can still be opened
 * Returns NULL, or why there is no emulator, in words.
 */
const char *emulator_load(void);

#endif
