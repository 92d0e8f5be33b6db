/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alternatives: which of its codes stands at a place that the kernel chose one for. */
#include "unchanged/alternatives.h"

#include <string.h>

#include "insn/decode.h"
#include "insn/insntext.h"
#include "kcore/array.h"

/* Code that runs at va. */
struct code {
	const unsigned char *bytes;
	size_t nr;
	uint64_t va, end; /* end: of the place, which a jump over filling leads to */
	size_t at;
};

enum step { STEP_END, STEP_INSN, STEP_BAD };

/* Is there nothing but filling from where it is on? A short jump over the rest of it is
 * some, too.
 */
static bool is_filled(const struct code *code)
{
	enum { SHORT_JUMP = 0xeb, SHORT_JUMP_BYTES = 2 };
	size_t at = code->at;

	while (at < code->nr) {
		unsigned n = siteforms_filling(code->bytes + at, code->nr - at);

		if (n == 0 && code->nr - at >= SHORT_JUMP_BYTES &&
		    code->bytes[at] == SHORT_JUMP &&
		    at + SHORT_JUMP_BYTES + code->bytes[at + 1] == code->nr)
			n = SHORT_JUMP_BYTES;
		if (n == 0)
			return false;
		at += n;
	}
	return true;
}

/* The next instruction that does something. */
static enum step next(struct code *code, struct insntext *ret)
{
	while (code->at < code->nr) {
		unsigned n = siteforms_filling(code->bytes + code->at,
					       code->nr - code->at);

		code->at += n;
		if (n)
			continue;
		if (!insntext_of(code->bytes + code->at, code->nr - code->at,
				 code->va + code->at, ret))
			return STEP_BAD;
		code->at += ret->size_bytes;
		if (strncmp(ret->words, "jmp ", 4) == 0 && ret->has_target &&
		    ret->target == code->end && is_filled(code))
			return STEP_END;
		return STEP_INSN;
	}
	return STEP_END;
}

/* Are these the same bytes, but for a target, and the prefix lock? */
static bool is_same(const struct code *built, const struct insntext *a,
		    const struct code *now, const struct insntext *b)
{
	const unsigned char *x = built->bytes + built->at - a->size_bytes,
			    *y = now->bytes + now->at - b->size_bytes;

	if (a->has_target)
		return strcmp(a->words, b->words) == 0;
	return a->size_bytes == b->size_bytes &&
	       (memcmp(x, y, a->size_bytes) == 0 ||
		(x[0] == 0xf0 && y[0] == 0x3e &&
		 memcmp(x + 1, y + 1, a->size_bytes - 1) == 0));
}

/* @words: how it begins, up to its target. */
static bool is_direct(const struct insntext *insn, const char *words)
{
	return insn->has_target && strncmp(insn->words, words, strlen(words)) == 0;
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
		return is_direct(now, "call 0x") &&
		       siteforms_leads(audit, now->target, function);
	symbol = symbols_at(&audit->kernel->symbols, function);
	return symbol && strstr(symbol->name, "nop");
}

/* A call or jump within the code went along with it. */
static bool is_within(const struct code *built, const struct insntext *a,
		      const struct code *now, const struct insntext *b)
{
	return a->has_target && b->has_target && strncmp(a->words, b->words, 3) == 0 &&
	       a->target - built->va == b->target - now->va &&
	       a->target - built->va <= built->nr;
}

/* A branch to the thunk of register @number, or by that register. */
static bool is_by_register(const struct audit *audit, int number,
			   const struct insntext *built, const struct insntext *now)
{
	static const char *const names[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
					    "rsi", "rdi", "r8",	 "r9",	"r10", "r11",
					    "r12", "r13", "r14", "r15"};
	const char *name = strchr(now->words, ' ');

	if (strncmp(built->words, now->words, 4) != 0 || !name)
		return false;
	if (now->has_target)
		return siteforms_is_thunk_of(audit, now->target, number);
	return strcmp(name + 1, names[number]) == 0;
}

/* Is it what another table makes of @built: a return, a branch by register, a call whose
 * depth is counted?
 */
static bool is_patched(const struct audit *audit, const struct insntext *built,
		       const struct insntext *now)
{
	int number;

	if (!is_direct(built, "call 0x") && !is_direct(built, "jmp 0x"))
		return false;
	number = siteforms_register(audit, built->target);
	if (number >= 0)
		return is_by_register(audit, number, built, now);
	if (siteforms_is_return_thunk(audit, built->target))
		return strcmp(now->words, "ret") == 0 ||
		       (is_direct(now, "jmp 0x") &&
			siteforms_is_return_thunk(audit, now->target));
	return is_direct(built, "call 0x") && is_direct(now, "call 0x") &&
	       siteforms_leads(audit, now->target, built->target);
}

/* Code that cannot be read as instructions is the same bytes. */
static bool is_rest(const struct code *built, const struct code *now, size_t now_at)
{
	struct code rest = *now;
	size_t nr = built->nr - built->at;

	rest.at = now_at + nr;
	return nr <= now->nr - now_at &&
	       memcmp(built->bytes + built->at, now->bytes + now_at, nr) == 0 &&
	       is_filled(&rest);
}

static enum siteform form_of(struct audit *audit, struct code built, struct code now)
{
	struct insntext a, b;

	for (;;) {
		size_t now_at = now.at;
		enum step x = next(&built, &a), y = next(&now, &b);

		while (x == STEP_INSN &&
		       (y != STEP_INSN || !is_same(&built, &a, &now, &b)) &&
		       is_made_direct(audit, &a, NULL))
			x = next(&built, &a);
		if (x == STEP_BAD)
			return is_rest(&built, &now, now_at) ? SITEFORM_KNOWN
							     : SITEFORM_OTHER;
		if (x == STEP_INSN && y == STEP_INSN && strcmp(b.words, "lfence") == 0 &&
		    a.has_target && siteforms_register(audit, a.target) >= 0 &&
		    !is_same(&built, &a, &now, &b))
			y = next(&now, &b);
		if (x != y || y == STEP_BAD)
			return SITEFORM_OTHER;
		if (x == STEP_END)
			return SITEFORM_KNOWN;
		if (!is_same(&built, &a, &now, &b) && !is_made_direct(audit, &a, &b) &&
		    !is_within(&built, &a, &now, &b) && !is_patched(audit, &a, &b))
			return SITEFORM_OTHER;
	}
}

enum siteform alternatives_form(struct audit *audit, const struct sites *sites,
				const struct image *image,
				const struct site_alternative *site,
				const unsigned char *now)
{
	uint64_t at = site->va - sites->va;
	struct code is = {.bytes = now + at,
			  .nr = site->nr_bytes,
			  .va = site->va,
			  .end = site->va + site->nr_bytes};
	struct code built = is;
	const struct site_alternative *first, *other,
		*end = sites->alternatives + sites->nr_alternatives;
	enum siteform form;

	if (at >= sites->size_bytes || site->nr_bytes > sites->size_bytes - at)
		return SITEFORM_BEYOND;
	built.bytes = image_at(image, site->va, site->nr_bytes);
	if (!built.bytes)
		return SITEFORM_BEYOND;
	if (memcmp(built.bytes, is.bytes, site->nr_bytes) == 0)
		return SITEFORM_KNOWN;
	if (decode_missing())
		return SITEFORM_BEYOND;
	form = form_of(audit, built, is);
	if (form != SITEFORM_OTHER)
		return form;
	first = other = sites->alternatives +
			array_below(sites->alternatives, sites->nr_alternatives,
				    sizeof(*sites->alternatives),
				    offsetof(struct site_alternative, va), site->va);
	/* Of nested ones the longest is the place (alt_fixup_nested() in alternative.c).
	 */
	for (; other < end && other->va == site->va; other++)
		if (other->nr_bytes > site->nr_bytes)
			return SITEFORM_BEYOND;
	for (other = first; other < end && other->va == site->va; other++) {
		built.bytes = image_at(image, other->replacement, other->nr_replacement);
		built.nr = other->nr_replacement;
		built.va = other->replacement;
		form = built.bytes ? form_of(audit, built, is) : SITEFORM_BEYOND;
		if (form != SITEFORM_OTHER)
			return form;
	}
	return SITEFORM_OTHER;
}
