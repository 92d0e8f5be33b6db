/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board whose kernel has each function of models.def. */
#include "modelled.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
#define MODEL(why, symbol, does) #symbol,
#include "dryrun/models.def"
#undef MODEL
};

enum { NR_NAMES = sizeof(names) / sizeof(names[0]), FUNCTION_BYTES = 16 };

static void (*fill_more)(void);

uint64_t modelled_address(const char *name)
{
	for (size_t i = 0; i < NR_NAMES; i++)
		if (strcmp(names[i], name) == 0)
			return MODELLED_FUNCTIONS + FUNCTION_BYTES * i;
	cr_assert_fail("no row %s", name);
	return 0;
}

static void fill(void)
{
	for (size_t i = 0; i < NR_NAMES; i++) /* mov $77,%eax; ret */
		small_put_bytes(MODELLED_FUNCTIONS + FUNCTION_BYTES * i,
				"\xb8\x4d\x00\x00\x00\xc3", 6);
	small_put(SMALL_DATA + 0xf08, RIG_PER_CPU);
	small_put(RIG_CURRENT, MODELLED_TASK);
	if (fill_more)
		fill_more();
}

static void on_watch(void *ctx, struct machine *machine, uint64_t address, unsigned id)
{
	struct modelled *modelled = ctx;

	(void)address;
	models_enter(id, &modelled->state, machine);
}

void modelled_open(struct modelled *modelled, const char *symbols,
		   const struct board_type types[], size_t nr, void (*fill_it)(void))
{
	static char text[32768];
	struct machine *machine = &modelled->board.machine;
	int length = snprintf(text, sizeof(text),
			      "0000000000000010 A current_task\n" BOARD_SYMBOLS
			      "ffffffff81402f00 D jiffies\n%s",
			      symbols);

	for (size_t i = 0; i < NR_NAMES; i++)
		length += snprintf(
			text + length, sizeof(text) - (size_t)length, "%016llx T %s\n",
			(unsigned long long)modelled_address(names[i]), names[i]);
	cr_assert_lt((size_t)length, sizeof(text));
	fill_more = fill_it;
	modelled->state = (struct handler_state){0};
	board_open(&modelled->board, text, fill, board_btf(types, nr));
	models_find(&modelled->models, &modelled->board.small.kernel);
	cr_assert_eq(machine_watch_all(machine, modelled->models.addresses,
				       modelled->models.nr, 0),
		     0);
	machine_set_hooks(machine,
			  &(struct machine_hooks){.watch = on_watch, .ctx = modelled});
}

void modelled_close(struct modelled *modelled)
{
	board_close(&modelled->board);
}

uint64_t modelled_call(struct modelled *modelled, const char *name, uint64_t a,
		       uint64_t b, uint64_t c, uint64_t d)
{
	machine_call(&modelled->board.machine, modelled_address(name), 4,
		     (const uint64_t[]){a, b, c, d}, &modelled->board.result);
	return modelled->board.result.value;
}

void modelled_put(struct modelled *modelled, uint64_t va, uint64_t value)
{
	cr_assert_eq(machine_write(&modelled->board.machine, va, &value, sizeof(value)),
		     0);
}

void modelled_put_int(struct modelled *modelled, uint64_t va, uint32_t value)
{
	cr_assert_eq(machine_write(&modelled->board.machine, va, &value, sizeof(value)),
		     0);
}

void modelled_expect_end(const struct modelled *modelled, unsigned reason,
			 const char *why)
{
	const struct machine_run *run = &modelled->board.machine.run;

	cr_expect(run->has_ended);
	cr_expect_eq(run->reason, reason, "%u", run->reason);
	cr_expect_str_eq(run->why, why);
}
