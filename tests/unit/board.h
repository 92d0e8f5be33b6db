/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine over the small kernel of small.h: a test writes code at BOARD_CODE and calls
 * it.
 */
#ifndef KWCHECK_TESTS_BOARD_H
#define KWCHECK_TESTS_BOARD_H

#include "kcore/landmarks.h"
#include "machine/call.h"
#include "machine/machine.h"
#include "small.h"

/* The image is not mapped in one piece: nr_cpu_ids, which is read by physical address,
 * must lie in the text.
 */
#define BOARD_CODE (SMALL_TEXT + 0x1000)
#define BOARD_STACK (SMALL_DATA + 0x3000) /* its top */
#define BOARD_NOTHING (SMALL_DATA + 0x8000)
#define BOARD_MARKER (SMALL_MODULE + 0x100000)
/* Frames that nobody uses, in the direct map. */
#define BOARD_FREE_PA 0x140000ULL
#define BOARD_FREE (FAKE_DIRECT_MAP + BOARD_FREE_PA)

/* What a CPU needs; a test's own symbols come behind. */
#define BOARD_SYMBOLS                     \
	"ffffffff81000000 T _text\n"      \
	"ffffffff81000000 T _stext\n"     \
	"ffffffff81000f00 D nr_cpu_ids\n" \
	"ffffffff81400f08 D __per_cpu_offset\n"

struct board {
	struct small small;
	struct landmarks landmarks;
	struct machine machine;
	struct machine_result result; /* of board_call() */
};

/* A structure for board_btf(); each member is 8 bytes long. */
struct board_type {
	const char *name;
	uint32_t size_bytes;
	struct {
		const char *name;
		uint32_t offset;
	} members[20];
};

/* Of what runs later: rows for a table of them. */
#define BOARD_LATER_TYPES                                        \
	{"timer_list", 40, {{"expires", 16}, {"function", 24}}}, \
		{"task_struct", 64, {{"__state", 24}}},          \
		{"irq_work", 32, {{"func", 24}}},                \
		{"hrtimer",                                      \
		 64,                                             \
		 {{"node", 0},                                   \
		  {"_softexpires", 32},                          \
		  {"function", 40},                              \
		  {"base", 48},                                  \
		  {"state", 56}}},                               \
		{"timerqueue_node", 32, {{"expires", 8}}},       \
		{"hrtimer_clock_base", 16, {{"clockid", 4}}},

struct btf *board_btf(const struct board_type types[], size_t nr);

/* board_open - @kallsyms: BOARD_SYMBOLS and more. @fill: writes code and data with
 * small_put() and its like. @btf: taken over; NULL: no types.
 */
void board_open(struct board *board, const char *kallsyms, void (*fill)(void),
		struct btf *btf);
void board_close(struct board *board);

/* Calls the code at @function with one argument. */
void board_call(struct board *board, uint64_t function, uint64_t argument);

/* 8 bytes of the machine's memory. */
uint64_t board_read(struct board *board, uint64_t va);

/* A page allocator as __get_free_pages(gfp, order): gives the frames from BOARD_FREE on.
 * Code for @va; what is free next lies at @next.
 */
void board_put_allocator(uint64_t va, uint64_t next);

#endif
