/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hooks of security modules: from lists or static calls, by owner, in the order of
 * calls, against what the kernel says.
 */
#include "audit/lsm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/lsmcalls.h"
#include "audit/lsmhooks.h"
#include "audit/lsmlist.h"
#include "audit/names.h"
#include "audit/pages.h"
#include "audit/redirect.h"

/* Place of @name in "lockdown,capability,...", from 0; a large number where it is not. */
static size_t place_in(const char *words, const char *name)
{
	size_t bytes = strlen(name), place = 0;

	if (!words)
		return SIZE_MAX;
	for (const char *word = words; *word; place++) {
		size_t word_bytes = strcspn(word, ",\n");

		if (word_bytes == bytes && memcmp(word, name, bytes) == 0)
			return place;
		word += word_bytes + (word[word_bytes] == ',');
		if (*word == '\n')
			break;
	}
	return SIZE_MAX;
}

/* Have all owners that are called before owner @i in some hook got a rank? */
static bool is_free(const struct lsm *lsm, const bool is_done[], size_t i)
{
	for (size_t j = 0; j < lsm->nr_owners; j++)
		if (j != i && !is_done[j] && lsm->is_before[j][i])
			return false;
	return true;
}

/* Ranks the owners by the order of calls over all hooks. Two owners that share no hook
 * are ranked as the kernel lists them. A contradiction between hooks is resolved by that
 * list, too; registration cannot make one.
 */
static void rank_owners(struct lsm *lsm)
{
	const char *words = lsm->audit->words.lsm;
	bool is_done[LSM_MAX_OWNERS] = {false};

	for (unsigned rank = 1; rank <= lsm->nr_owners; rank++) {
		size_t next = LSM_MAX_OWNERS;
		bool is_next_free = false;

		for (size_t i = 0; i < lsm->nr_owners; i++) {
			bool is_better, free_now = is_free(lsm, is_done, i);

			if (is_done[i])
				continue;
			is_better = next == LSM_MAX_OWNERS || free_now > is_next_free ||
				    (free_now == is_next_free &&
				     place_in(words, lsm->owners[i].name) <
					     place_in(words, lsm->owners[next].name));
			if (is_better) {
				next = i;
				is_next_free = free_now;
			}
		}
		if (next == LSM_MAX_OWNERS)
			return;
		is_done[next] = true;
		if (lsm->owners[next].row < lsm->audit->nr_rows)
			lsm->audit->rows[lsm->owners[next].row].rank = rank;
	}
}

/* Each array of an owner, in its row. */
static void finish_owner(struct lsm *lsm, const struct lsm_owner *owner)
{
	struct audit *audit = lsm->audit;
	struct audit_row *row;
	size_t used = 0;

	if (owner->row >= audit->nr_rows)
		return;
	row = &audit->rows[owner->row];
	for (size_t i = 0; i < owner->nr_arrays; i++) {
		const struct lsm_array *array = &owner->arrays[i];
		char place[128];

		if (i == 0) {
			row->address = array->start;
			audit_place(audit, array->start, row->symbol,
				    sizeof(row->symbol));
		}
		row->size_bytes += array->end - array->start;
		if (owner->nr_arrays > 1 && used < sizeof(row->detail))
			used += (size_t)snprintf(
				row->detail + used, sizeof(row->detail) - used,
				"%s%s@%" PRIx64, i ? " " : "arrays: ",
				audit_place(audit, array->start, place, sizeof(place)),
				array->start);
		pages_check(audit, owner->row, array->start, array->end - array->start);
	}
}

/* Compares "lockdown,capability,..." with the owners that were found: their names, and
 * the order of two owners that share a hook.
 */
static void compare_words(struct lsm *lsm)
{
	struct audit *audit = lsm->audit;
	const struct audit_row row = {
		.group = AUDIT_LSM,
		.verdict = AUDIT_SEALED,
		.name = "the kernel's own list",
		.symbol = "/sys/kernel/security/lsm",
		.why = "says which security modules are active; it is built from memory that "
		       "stays writable",
	};
	char words[512], *save, *word;
	const char *said = audit->words.lsm;
	size_t index;

	if (!said)
		return;
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	snprintf(words, sizeof(words), "%s", said);
	words[strcspn(words, "\n")] = '\0';
	snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail), "%.180s",
		 words);
	for (word = strtok_r(words, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		size_t i = 0;

		while (i < lsm->nr_owners && strcmp(lsm->owners[i].name, word) != 0)
			i++;
		if (i == lsm->nr_owners)
			audit_find(audit, index, AUDIT_KERNEL_DISAGREES, 0, 0,
				   "the kernel lists %.40s as active, but no hook of it "
				   "is registered",
				   word);
	}
	for (size_t i = 0; i < lsm->nr_owners; i++) {
		const char *name = lsm->owners[i].name;
		size_t place = place_in(said, name);

		if (place == SIZE_MAX)
			audit_find(audit, index, AUDIT_KERNEL_DISAGREES, 0, 0,
				   "hooks of %s are called, but the kernel does not list "
				   "it",
				   name);
		for (size_t j = 0; j < lsm->nr_owners; j++)
			if (place != SIZE_MAX && lsm->is_before[j][i] &&
			    place_in(said, lsm->owners[j].name) != SIZE_MAX &&
			    place_in(said, lsm->owners[j].name) > place)
				audit_find(audit, index, AUDIT_KERNEL_DISAGREES, 0, 0,
					   "%s is called before %s, but the kernel lists "
					   "it after",
					   lsm->owners[j].name, name);
	}
}

/* Compares the kernel's word with its memory. kernel_locked_down holds a level of enum
 * lockdown_reason since 5.4 (security/lockdown).
 */
static void compare_lockdown(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_LSM,
		.verdict = AUDIT_SEALED,
		.name = "lockdown level",
		.symbol = "kernel_locked_down",
		.why = "a variable that stays writable: a write of 0 lifts lockdown",
	};
	const char *level = audit->words.lockdown;
	uint64_t va;
	uint32_t value;
	size_t index;

	if (!level || !audit_symbol(audit, "kernel_locked_down", &va) ||
	    mappings_read(&audit->mappings, va, &value, sizeof(value)) < 0)
		return;
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	audit->rows[index].address = va;
	audit->rows[index].size_bytes = sizeof(value);
	snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
		 "%.*s, in memory %" PRIu32, (int)strcspn(level, "\n"), level, value);
	if ((strstr(level, "[none]") != NULL) != (value == 0))
		audit_find(
			audit, index, AUDIT_KERNEL_DISAGREES, va, sizeof(value),
			"/sys/kernel/security/lockdown says %.*s, memory holds %" PRIu32,
			(int)strcspn(level, "\n"), level, value);
}

struct wrappers {
	struct audit *audit;
	size_t row, nr;
};

static void check_wrapper(void *ctx, const struct symbol *symbol)
{
	struct wrappers *wrappers = ctx;

	if (!audit_is_kernel_text(wrappers->audit, symbol->address))
		return;
	wrappers->nr++;
	pages_check(wrappers->audit, wrappers->row, symbol->address, 1);
	redirect_check(wrappers->audit, wrappers->row, symbol->address,
		       "a security wrapper");
}

/* The wrappers that the kernel calls, security_file_open() and its like. */
static void check_wrappers(struct lsm *lsm)
{
	struct audit *audit = lsm->audit;
	const struct audit_row row = {
		.group = AUDIT_LSM,
		.verdict = AUDIT_SEALED,
		.name = "security_* functions",
		.expected = "r-x",
		.why = "call the hooks; redirected, no hook is called",
		.since = "2.6",
	};
	struct wrappers wrappers = {.audit = audit, .row = audit_add_row(audit, &row)};

	if (wrappers.row >= audit->nr_rows)
		return;
	symbols_each(&audit->kernel->symbols, "security_", check_wrapper, &wrappers);
	snprintf(audit->rows[wrappers.row].detail,
		 sizeof(audit->rows[wrappers.row].detail), "%zu functions", wrappers.nr);
}

void lsm_want(struct audit *audit)
{
	audit_want(audit, "static_calls_table");
	audit_want(audit, "security_hook_heads");
	audit_want(audit, "kernel_locked_down");
	audit_want(audit, "__x86_return_thunk");
	audit_want(audit, "x86_return_thunk");
	audit_want(audit, "__static_call_return0");
	audit_want(audit, "__start_static_call_sites");
	audit_want(audit, "__stop_static_call_sites");
	audit_want(audit, "__start___jump_table");
	audit_want(audit, "__stop___jump_table");
}

void lsm_check(struct audit *audit)
{
	struct lsm lsm;
	const struct audit_row callbacks = {
		.group = AUDIT_LSM,
		.verdict = AUDIT_SEALED,
		.name = "hook functions",
		.expected = "r-x",
		.why = "the code that the hooks run",
		.since = "2.6",
	};
	uint64_t heads, table;
	bool has_table = audit_symbol(audit, "static_calls_table", &table);

	lsmhooks_open(&lsm, audit, has_table);
	lsm.callback_row = audit_add_row(audit, &callbacks);
	if (has_table) {
		lsmcalls_check(&lsm, table);
	} else if (audit_symbol(audit, "security_hook_heads", &heads)) {
		lsm.is_writable = region_of(audit->kernel, heads)->intent ==
				  REGION_WRITABLE;
		lsmlist_check(&lsm, heads);
	} else {
		audit_undecided(
			audit, lsm.callback_row,
			"no security_hook_heads and no static_calls_table among the "
			"symbols: %s",
			audit->kernel->has_symbols
				? "CONFIG_SECURITY or CONFIG_KALLSYMS_ALL is off"
				: audit->kernel->symbols_error.message);
		/* Functions have names all the same. */
		check_wrappers(&lsm);
		return;
	}
	rank_owners(&lsm);
	for (size_t i = 0; i < lsm.nr_owners; i++)
		finish_owner(&lsm, &lsm.owners[i]);
	if (lsm.callback_row < audit->nr_rows) {
		struct audit_row *row = &audit->rows[lsm.callback_row];

		snprintf(row->detail, sizeof(row->detail), "%zu functions",
			 lsm.nr_callbacks);
		if (lsm.nr_callbacks == 0 && !lsm.is_refused)
			audit_undecided(
				audit, lsm.callback_row,
				"no hook was found: the layout of this kernel's hooks "
				"is not known");
	}
	check_wrappers(&lsm);
	if (lsm.nr_callbacks)
		compare_words(&lsm);
	compare_lockdown(audit);
}
