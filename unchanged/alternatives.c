/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alternatives: which of its codes stands at a place that the kernel chose one for. */
#include "unchanged/alternatives.h"

#include <string.h>

#include "insn/insntext.h"

/* Code that runs at va. */
struct code {
	const unsigned char *bytes;
	size_t nr;
	uint64_t va, end; /* end: of the place, which a jump over filling leads to */
	size_t at;
};

enum step { STEP_END, STEP_INSN, STEP_BAD };

/* The next instruction that does something. */
static enum step next(struct code *code, struct insntext *ret)
{
	while (code->at < code->nr) {
		if (!insntext_of(code->bytes + code->at, code->nr - code->at,
				 code->va + code->at, ret))
			return STEP_BAD;
		code->at += ret->size_bytes;
		if (strncmp(ret->words, "jmp ", 4) == 0 && ret->has_target &&
		    ret->target == code->end)
			return STEP_END;
		if (strstr(ret->words, "nop") == NULL && strcmp(ret->words, "int3") != 0)
			return STEP_INSN;
	}
	return STEP_END;
}

/* Is @built the call of a pointer (pv_ops) that is @now a direct one, or where
 * @now is NULL nothing (ALT_FLAG_DIRECT_CALL, since 6.7)? The pointer says which.
 */
static bool is_made_direct(struct audit *audit, const struct insntext *built,
			   const struct insntext *now)
{
	const struct symbol *symbol;
	uint64_t function;

	if (!built->has_target || strncmp(built->words, "call [", 6) != 0)
		return false;
	if (mappings_read_word(&audit->mappings, built->target, &function) < 0)
		return true;
	if (now)
		return now->has_target && strncmp(now->words, "call 0x", 7) == 0 &&
		       now->target == function;
	symbol = symbols_at(&audit->kernel->symbols, function);
	return symbol && strstr(symbol->name, "nop");
}

/* Is a call or jump of it patched by a table of its own: to a thunk? */
static bool is_thunk(const struct audit *audit, uint64_t target)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, target);

	return symbol && strstr(symbol->name, "thunk");
}

/* A call or jump within the code went along with it. */
static bool is_within(const struct code *built, const struct insntext *a,
		      const struct code *now, const struct insntext *b)
{
	return a->has_target && b->has_target && strncmp(a->words, b->words, 3) == 0 &&
	       a->target - built->va == b->target - now->va &&
	       a->target - built->va <= built->nr;
}

static bool is_same(struct audit *audit, struct code built, struct code now)
{
	struct insntext a, b;

	for (;;) {
		enum step x = next(&built, &a), y = next(&now, &b);

		while (x == STEP_INSN &&
		       (y != STEP_INSN || strcmp(a.words, b.words) != 0) &&
		       is_made_direct(audit, &a, NULL))
			x = next(&built, &a);
		if (x == STEP_BAD)
			return true;
		if (x == STEP_INSN && a.has_target && is_thunk(audit, a.target))
			return true;
		if (x != y || y == STEP_BAD)
			return false;
		if (x == STEP_END)
			return true;
		if (strcmp(a.words, b.words) != 0 && !is_made_direct(audit, &a, &b) &&
		    !is_within(&built, &a, &now, &b))
			return false;
	}
}

/* Does no other table patch in it? */
static bool is_alone(const struct sites *sites, const struct site_alternative *site)
{
	uint64_t at = site->va - sites->va;

	if (at >= sites->size_bytes || site->nr_bytes > sites->size_bytes - at)
		return false;
	for (unsigned i = 0; i < site->nr_bytes; i++)
		if (sites->may[at + i] & SITES_OTHERS)
			return false;
	return true;
}

bool alternatives_is_sound(struct audit *audit, const struct sites *sites,
			   const struct image *image, const struct site_alternative *site,
			   const unsigned char *now)
{
	struct code is = {.bytes = now + (site->va - sites->va),
			  .nr = site->nr_bytes,
			  .va = site->va,
			  .end = site->va + site->nr_bytes};
	struct code built = is;

	if (!is_alone(sites, site))
		return true;
	built.bytes = image_at(image, site->va, site->nr_bytes);
	if (!built.bytes || is_same(audit, built, is))
		return true;
	/* Of nested ones the longest is the place (alt_fixup_nested() in alternative.c).
	 */
	for (size_t i = 0; i < sites->nr_alternatives; i++)
		if (sites->alternatives[i].va == site->va &&
		    sites->alternatives[i].nr_bytes > site->nr_bytes)
			return true;
	for (size_t i = 0; i < sites->nr_alternatives; i++) {
		const struct site_alternative *other = &sites->alternatives[i];

		if (other->va != site->va)
			continue;
		built.bytes = image_at(image, other->replacement, other->nr_replacement);
		built.nr = other->nr_replacement;
		built.va = other->replacement;
		if (!built.bytes || is_same(audit, built, is))
			return true;
	}
	return false;
}
