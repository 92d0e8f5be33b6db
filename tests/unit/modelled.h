/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board whose kernel has each function of models.def, watched as in a dry run. Each is
 * two instructions long that return MODELLED_OWN: the value of a call whose model lets
 * the kernel's own code go on.
 */
#ifndef KWCHECK_TESTS_MODELLED_H
#define KWCHECK_TESTS_MODELLED_H

#include "board.h"
#include "dryrun/handlers.h"
#include "dryrun/models.h"
#include "rig.h"

#define MODELLED_OWN 77
#define MODELLED_TICK_NS 4000000ULL /* that of HZ=250, where the kernel does not tell */

/* Objects of a test's own lie from MODELLED_DATA on, code at BOARD_CODE. */
#define MODELLED_DATA (SMALL_DATA + 0x3000)
#define MODELLED_DATA_2 (SMALL_DATA + 0x2000)
#define MODELLED_FUNCTIONS (SMALL_TEXT + 0x2000)
#define MODELLED_TASK (SMALL_DATA + 0x1100) /* current */

struct modelled {
	struct board board;
	struct models models;
	struct handler_state state;
};

/* modelled_open - @symbols: more than BOARD_SYMBOLS, current_task, jiffies and the
 * models'
 * @types: @nr of them, beside which there is none. @fill: may be NULL.
 */
void modelled_open(struct modelled *modelled, const char *symbols,
		   const struct board_type types[], size_t nr, void (*fill)(void));
void modelled_close(struct modelled *modelled);

/* For @fill, too. */
uint64_t modelled_address(const char *name);

/* Calls the function of that name; its value, where it returned. */
uint64_t modelled_call(struct modelled *modelled, const char *name, uint64_t a,
		       uint64_t b, uint64_t c, uint64_t d);

/* 8 and 4 bytes of the machine's memory. */
void modelled_put(struct modelled *modelled, uint64_t va, uint64_t value);
void modelled_put_int(struct modelled *modelled, uint64_t va, uint32_t value);

/* The run has ended for @reason, and said @why. */
void modelled_expect_end(const struct modelled *modelled, unsigned reason,
			 const char *why);

#endif
