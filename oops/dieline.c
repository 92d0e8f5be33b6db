/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line that a kernel dies with. */
#include "oops/dieline.h"

#include <ctype.h>
#include <string.h>

#include "oops/scan.h"
#include "pagetable/walk.h"

static const struct {
	const char *word; /* the die line's text starts with it */
	enum crash_kind kind;
} deaths[] = {
	{"Oops", CRASH_PAGE_FAULT},
	{"general protection fault", CRASH_GENERAL_PROTECTION},
	/* Whoever marked the text left its first letter out. */
	{"eneral protection fault", CRASH_GENERAL_PROTECTION},
	{"segment-related general protection fault", CRASH_GENERAL_PROTECTION},
	{"stack segment", CRASH_GENERAL_PROTECTION},
	{"invalid opcode", CRASH_INVALID_OPCODE},
	{"invalid operand", CRASH_INVALID_OPCODE}, /* to 2.6.16 */
	{"double fault", CRASH_DOUBLE_FAULT},
	{"stack guard page", CRASH_STACK_OVERFLOW},
	{"kernel stack overflow", CRASH_STACK_OVERFLOW},
	{"Bad pagetable", CRASH_BAD_PAGETABLE},
	{"kernel NULL pointer dereference", CRASH_GENERAL_PROTECTION},
	{"divide error", CRASH_TRAP},
	{"int3", CRASH_TRAP},
	{"overflow", CRASH_TRAP},
	{"bounds", CRASH_TRAP},
	{"alignment check", CRASH_TRAP},
	{"control protection fault", CRASH_TRAP},
	{"segment not present", CRASH_TRAP},
	{"invalid TSS", CRASH_TRAP},
	{"unexpected #VC exception", CRASH_TRAP},
	{"SIMD exception", CRASH_TRAP},
	{"simd exception", CRASH_TRAP}, /* to 5.x, and of x87 */
	{"fpu exception", CRASH_TRAP},
	{"debug", CRASH_TRAP},
};

static enum crash_kind death_of(const char *text)
{
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		if (strncmp(text, deaths[i].word, strlen(deaths[i].word)) == 0)
			return deaths[i].kind;
	return CRASH_UNKNOWN;
}

/* "coprocessor segment overrun: 0000": words, then the code. */
static bool is_exception_name(const char *text, const char *end)
{
	enum { MAX_NAME = 60 };

	if (end - text > MAX_NAME || !isalpha((unsigned char)*text))
		return false;
	for (; text < end && *text != ':'; text++)
		if (!isalnum((unsigned char)*text) && !strchr(" #-_/()", *text))
			return false;
	return end - text == 6;
}

/* Where the error code ends if the counter was lost: "Oops: 0003 SMP PTI", "Oops: 0003 1
 * SMP", "Oops: 0003 #1 SMP" and "Oops: 0003 [SMP " of who took "[#1]" for a link; or of
 * 2.6.28 and before, "Oops: 0003 [1] SMP".
 */
static const char *code_end(const char *text)
{
	const char *end = text + strlen(text), *c = strstr(text, ": ");
	uint64_t code;

	for (; c; c = strstr(c + 2, ": ")) {
		const char *p = c + 2;

		if (!scan_hex(&p, 4, 4, &code) || *p != ' ')
			continue;
		end = p;
		while (*p == ' ' || isdigit((unsigned char)*p) ||
		       isupper((unsigned char)*p) || (*p && strchr("_[]#", *p)))
			p++;
		return *p ? text + strlen(text) : end;
	}
	return end;
}

bool dieline_scan(const char *p, enum crash_kind *kind, struct crash *ret)
{
	const char *text = p, *bracket = strstr(p, " [#"), *c;
	size_t bytes;

	if (strncmp(p, "Oops: ", 6) == 0 && !isxdigit((unsigned char)p[6]))
		text += 6;
	/* "Oops: double fault", but "Oops: divide" starts with a hexadecimal digit. */
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		if (strncmp(p, "Oops: ", 6) == 0 &&
		    strncmp(p + 6, deaths[i].word, strlen(deaths[i].word)) == 0)
			text = p + 6;
	*kind = death_of(text);
	/* Behind a prefix that nobody knows. */
	for (c = bracket; *kind == CRASH_UNKNOWN && c && c > p; c--)
		if (c[-1] == ' ' && (*kind = death_of(c)) != CRASH_UNKNOWN)
			text = c;
	if (*kind == CRASH_UNKNOWN && (!bracket || !is_exception_name(text, bracket)))
		return false;
	/* The code stands right before the counter, or where the line ends. */
	c = bracket ? bracket : code_end(text);
	bytes = (size_t)(c - text);
	if (bytes < 6 || c[-5] != ' ' || c[-6] != ':')
		return false;
	c -= 4;
	if (!scan_hex(&c, 4, 4, &ret->error_code))
		return false;
	bytes -= 6;
	if (bytes >= sizeof(ret->die))
		bytes = sizeof(ret->die) - 1;
	memcpy(ret->die, text, bytes);
	ret->die[bytes] = '\0';
	if (*kind == CRASH_UNKNOWN)
		*kind = CRASH_TRAP;
	if (bracket) {
		bracket += 3;
		if (scan_decimal(&bracket, &ret->number) && *bracket != ']')
			ret->number = 0;
	}
	return true;
}

bool dieline_scan_cut(const char *p, enum crash_kind *kind, struct crash *ret)
{
	enum { DIGITS = 16, PREFIX_BYTES = sizeof(" 0x") - 1 };
	const char *text, *digits;
	uint64_t address;

	scan_word(&p, "Oops: ");
	text = p;
	if (!scan_word(&p, "general protection fault, ") || !scan_past(&p, "address 0x"))
		return false;
	digits = p;
	if (!scan_hex(&p, 1, DIGITS, &address) || *p)
		return false;
	*kind = CRASH_GENERAL_PROTECTION;
	scan_rest(text, ret->die, sizeof(ret->die));
	/* With fewer digits the cut may have been within it. */
	if (p - digits < DIGITS && (size_t)(digits - text) < sizeof(ret->die))
		ret->die[digits - text - PREFIX_BYTES] = '\0';
	return true;
}

void dieline_scan_address(struct crash *crash)
{
	const char *p = crash->die;
	bool is_maybe;

	crash->is_noncanonical = strstr(p, "non-canonical") != NULL;
	crash->is_null_worded = strstr(p, "NULL pointer") != NULL;
	is_maybe = strstr(p, "maybe for address") != NULL;
	if ((!scan_past(&p, "address 0x") && !scan_past(&p, "dereference 0x")) ||
	    !scan_hex(&p, 1, 16, &crash->address) || *p)
		return;
	/* "maybe" is said of canonical addresses only: digits were lost. */
	if (!is_maybe || pt_is_canonical(crash->address, 5))
		crash->address_from = CRASH_ADDRESS_HEADLINE;
}
