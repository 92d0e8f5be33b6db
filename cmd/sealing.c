/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a kernel's own objects are sealed: one kernel's list, and two compared. */
#include "cmd/sealing.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/session.h"
#include "kcore/array.h"
#include "kcore/loss.h"
#include "kcore/region.h"
#include "pagetable/walk.h"

static const char letters[] = {
	[SEALING_NONE] = '-',  [SEALING_SEALED] = 's',	 [SEALING_WRITABLE] = 'w',
	[SEALING_MIXED] = 'm', [SEALING_UNMAPPED] = 'x', [SEALING_UNKNOWN] = 'u'};

static const char *const state_names[] = {
	[SEALING_SEALED] = "sealed",   [SEALING_WRITABLE] = "writable",
	[SEALING_MIXED] = "mixed",     [SEALING_UNMAPPED] = "unmapped",
	[SEALING_UNKNOWN] = "unknown",
};

const char *sealing_state_name(enum sealing_state state)
{
	return state_names[state];
}

/* --- one kernel's --- */

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

bool sealing_is_skipped(const char *name)
{
	/* Marks of the linker's lie between objects. */
	static const char *const marks[] = {
		"__start_", "__stop_",	   "__end_", "__begin_", "__setup_",
		"__brk_",   "__UNIQUE_ID", "__key.", "__func__", "__already_done"};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (starts_with(name, marks[i]))
			return true;
	return dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1);
}

static bool is_object(const struct kernel *kernel, const struct symbol *symbol)
{
	enum region_kind kind = region_of(kernel, symbol->address)->kind;

	return !symbol->module && strchr("bBdDrRgGvV", symbol->type) &&
	       !kernel_is_per_cpu(kernel, symbol->address) && kind != REGION_FREED_INIT &&
	       kind != REGION_FREED_GAP && kind != REGION_TEXT &&
	       kind != REGION_UNKNOWN && kind != REGION_USER &&
	       !sealing_is_skipped(symbol->name);
}

static enum sealing_state state_of_walk(const struct pt_walk *walk)
{
	switch (walk->verdict) {
	case PT_WRITABLE:
		return SEALING_WRITABLE;
	case PT_READ_ONLY:
		return SEALING_SEALED;
	case PT_UNMAPPED:
		return SEALING_UNMAPPED;
	case PT_UNKNOWN:
		break;
	}
	return SEALING_UNKNOWN;
}

static enum sealing_state both(enum sealing_state a, enum sealing_state b)
{
	if (a == SEALING_NONE || a == b)
		return b;
	return a == SEALING_UNKNOWN || b == SEALING_UNKNOWN ? SEALING_UNKNOWN
							    : SEALING_MIXED;
}

/* @walk: the last one, which the next object may lie in, too. */
static enum sealing_state state_of(struct kernel *kernel, uint64_t va, uint64_t end,
				   struct pt_walk *walk)
{
	enum sealing_state state = SEALING_NONE;

	while (va < end) {
		if (!walk->span || (va ^ walk->va) & ~(walk->span - 1))
			pt_walk(&kernel->pt, va, walk);
		if (kernel_is_walk_poisoned(kernel, walk))
			state = SEALING_UNKNOWN;
		state = both(state, state_of_walk(walk));
		va = (va & ~(walk->span - 1)) + walk->span;
	}
	return state;
}

static void print_objects(struct kernel *kernel)
{
	struct pt_walk walk = {0};
	const struct symbol *symbol;

	for (size_t i = 0; (symbol = symbols_nth(&kernel->symbols, i)); i++) {
		uint64_t va = symbol->address, end;

		if (!is_object(kernel, symbol))
			continue;
		if (!symbols_next_address(&kernel->symbols, va, &end))
			end = va + 1;
		printf("%c %s\n", letters[state_of(kernel, va, end, &walk)],
		       symbol->name);
	}
}

int sealing_run(const struct options *options)
{
	struct kernel kernel;
	struct source source;
	struct error err = {0};

	if (session_open(options, &source, &kernel, &err) < 0)
		return session_fail(options, &err);
	if (kernel.has_symbols)
		print_objects(&kernel);
	else
		err = kernel.symbols_error;
	loss_check(&err);
	session_close(&source, &kernel);
	return err.code ? session_fail(options, &err) : EXIT_YES;
}

/* --- two compared --- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sealing_object *)a)->name,
		      ((const struct sealing_object *)b)->name);
}

/* Objects of one name are one. */
static void unite(struct sealing *sealing)
{
	size_t nr = 0;

	if (sealing->nr)
		qsort(sealing->array, sealing->nr, sizeof(*sealing->array), by_name);
	for (size_t i = 0; i < sealing->nr; i++) {
		const struct sealing_object *object = &sealing->array[i];

		if (nr && strcmp(sealing->array[nr - 1].name, object->name) == 0)
			sealing->array[nr - 1].state = both(sealing->array[nr - 1].state,
							    object->state);
		else
			sealing->array[nr++] = *object;
	}
	sealing->nr = nr;
}

static enum sealing_state state_of_letter(char letter)
{
	const char *found = memchr(letters, letter, sizeof(letters));

	return found ? (enum sealing_state)(found - letters) : SEALING_NONE;
}

int sealing_read(struct sealing *ret, char *text, size_t bytes)
{
	char *end = text + bytes;

	*ret = (struct sealing){0};
	while (text < end) {
		char *newline = memchr(text, '\n', (size_t)(end - text));
		struct sealing_object object = {.name = text + 2};

		if (newline && newline - text > 2 && text[1] == ' ')
			object.state = state_of_letter(*text);
		if (object.state == SEALING_NONE) {
			sealing_free(ret);
			return -EBADMSG;
		}
		*newline = '\0';
		if (array_reserve(&ret->array, ret->nr, &ret->room, sizeof(*ret->array)) <
		    0) {
			sealing_free(ret);
			return -ENOMEM;
		}
		ret->array[ret->nr++] = object;
		text = newline + 1;
	}
	unite(ret);
	return 0;
}

void sealing_free(struct sealing *sealing)
{
	free(sealing->array);
	*sealing = (struct sealing){0};
}

enum sealing_state sealing_of(const struct sealing *sealing, const char *name)
{
	const struct sealing_object key = {.name = name}, *found = NULL;

	if (sealing->nr)
		found = bsearch(&key, sealing->array, sealing->nr,
				sizeof(*sealing->array), by_name);
	return found ? found->state : SEALING_NONE;
}

int sealing_compare(const struct sealing *a, const struct sealing *b, sealing_fn each,
		    void *ctx)
{
	size_t i = 0, k = 0;
	int r = 0;

	while (r == 0 && (i < a->nr || k < b->nr)) {
		int order = i == a->nr	 ? 1
			    : k == b->nr ? -1
					 : by_name(&a->array[i], &b->array[k]);
		const char *name = order <= 0 ? a->array[i].name : b->array[k].name;
		enum sealing_state of_a = order <= 0 ? a->array[i++].state : SEALING_NONE;
		enum sealing_state of_b = order >= 0 ? b->array[k++].state : SEALING_NONE;

		r = each(ctx, name, of_a, of_b);
	}
	return r;
}
