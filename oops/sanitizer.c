/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What KASAN, KFENCE, KMSAN and UBSAN tell below the first line. */
#include "oops/sanitizer.h"

#include <string.h>
#include <strings.h>

#include "oops/body.h"
#include "oops/scan.h"

/* UBSAN's values come within so many lines. */
enum { MAX_VALUE_LINES = 3 };

void sanitizer_scan_place(struct crash *crash, const char *p)
{
	if (!scan_past(&p, " in "))
		return;
	if (crash->kind == CRASH_UBSAN)
		scan_text(&p, " ", crash->bug_at, sizeof(crash->bug_at));
	else if (crash->kind == CRASH_KASAN || crash->kind == CRASH_KFENCE ||
		 crash->kind == CRASH_KMSAN)
		crash->has_site = site_scan(&p, &crash->site);
}

bool sanitizer_scan_access(struct crash *crash, const char *p)
{
	static const char *const accesses[] = {"Use-after-free ", "Out-of-bounds ",
					       "Invalid ", "Corrupted memory at "};
	const char *line = p;

	for (size_t i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++)
		if (crash->kind == CRASH_KFENCE && !crash->access[0] &&
		    strncmp(p, accesses[i], strlen(accesses[i])) == 0 &&
		    (strstr(p, "kfence-#") || strncmp(p, "Invalid ", 8) == 0)) {
			scan_rest(p, crash->access, sizeof(crash->access));
			return true;
		}
	if (crash->kind != CRASH_KASAN || crash->access[0] ||
	    (!scan_word(&p, "Write of size ") && !scan_word(&p, "Read of size ")))
		return false;
	scan_rest(line, crash->access, sizeof(crash->access));
	/* To 4.8 the address is on the first line. */
	if (!scan_past(&p, " at addr ")) {
		p = crash->headline;
		if (!scan_past(&p, " at addr ") && !scan_past(&p, " on address "))
			return true;
	}
	if (scan_hex(&p, 16, 16, &crash->address) && strchr(" ", *p))
		crash->address_from = CRASH_ADDRESS_HEADLINE;
	return true;
}

void sanitizer_scan_values(struct crash *crash, const struct log_line *line, size_t at)
{
	static const char *const values[] = {
		"index ",
		"load of ",
		"shift exponent ",
		"left shift of ",
		"member access",
		"division ",
		" is out of range ",
		"constructor ",
		"load ",
		"signed integer ",
		"null pointer ",
		"argument ",
		"variable length ",
		"negation of ",
		"reference binding ",
		"downcast ",
		"store to ",
		"execution reached ",
	};

	if (crash->kind != CRASH_UBSAN || crash->access[0] ||
	    at - crash->first_line > MAX_VALUE_LINES || !line->is_whole)
		return;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strncmp(line->text, values[i], strlen(values[i])) == 0)
			scan_rest(line->text, crash->access, sizeof(crash->access));
	/* "2147483647 + 1 cannot be represented in type 'int'" */
	if (strstr(line->text, " cannot be represented in type "))
		scan_rest(line->text, crash->access, sizeof(crash->access));
}

/* What frees, above who had it freed. */
static bool is_freer(const char *function)
{
	static const char *const names[] = {
		"kasan_",	 "__kasan_",	    "___kasan_",
		"____kasan_",	 "kfree",	    "__kfree",
		"kvfree",	 "kmem_cache_free", "__kmem_cache_free",
		"slab_free",	 "__slab_free",	    "do_slab_free",
		"___cache_free", "save_stack",	    "stack_trace_",
		"kfence_",	 "__cache_free",    "kmem_cache_destroy",
		"vfree",	 "__vfree",	    "krealloc",
		"devm_kfree",	 "poison_slab_",    "check_",
		"set_track"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(function, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

void sanitizer_scan_freed(struct crash *crash, const struct log_line *line)
{
	const char *p = line->text;
	struct site site;

	if (strncasecmp(p, "freed by task ", 14) == 0) {
		crash->is_in_freeing = !crash->has_freed_in;
		return;
	}
	if (!crash->is_in_freeing)
		return;
	if (!body_is_frame(line)) {
		crash->is_in_freeing = line->text[0] == '<' || !line->text[0];
		return;
	}
	if (scan_word(&p, "? ") || !site_scan(&p, &site) || is_freer(site.function))
		return;
	crash->is_in_freeing = false;
	crash->has_freed_in = true;
	crash->freed_in = site;
}

bool sanitizer_is_of_object(const struct crash *crash, const char *p)
{
	return (crash->kind == CRASH_KASAN || crash->kind == CRASH_KFENCE) &&
	       (strncasecmp(p, "allocated by task ", 18) == 0 ||
		strncasecmp(p, "freed by task ", 14) == 0 ||
		strncmp(p, "The buggy address ", 18) == 0);
}

bool sanitizer_is_damage(const char *text)
{
	return strncmp(text, "BUG ", 4) == 0 && strstr(text, "): kasan: bad access");
}
