/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel may have put at a place that it patches: one of few forms. */
#ifndef KWCHECK_UNCHANGED_SITEFORMS_H
#define KWCHECK_UNCHANGED_SITEFORMS_H

#include "unchanged/sites.h"

enum siteform {
	SITEFORM_KNOWN = 0, /* one of the forms */
	SITEFORM_OTHER,	    /* none of them */
	SITEFORM_BEYOND,    /* what it may be cannot be said */
};

/* The symbols that are asked for; see audit_want(). */
void siteforms_want(struct audit *audit);

/* siteforms_of - what is at @site
 * @now: the text, @sites->size_bytes of it. A call of ftrace's to code that is neither
 * the text's nor the image's is of a known form: who led it there is another row's.
 */
enum siteform siteforms_of(const struct sites *sites, struct audit *audit,
			   const struct image *image, const struct site *site,
			   const unsigned char *now);

/* Does a call of @target come to @function? With call-depth tracking it goes to a thunk
 * right before the function (arch/x86/kernel/callthunks.c).
 */
bool siteforms_leads(const struct audit *audit, uint64_t target, uint64_t function);

/* The length of the nop or breakpoint that @code begins with, as the kernel fills places
 * up; 0: it is neither.
 */
unsigned siteforms_filling(const unsigned char *code, size_t nr);

/* siteforms_register - the register that the thunk of an indirect branch at @va is for
 * 0 to 15. -1: it is no such thunk.
 */
int siteforms_register(const struct audit *audit, uint64_t va);

/* Is at @va a thunk of register @number, or a jump by that register? */
bool siteforms_is_thunk_of(const struct audit *audit, uint64_t va, int number);

/* Is it a thunk that takes the place of a return? */
bool siteforms_is_return_thunk(const struct audit *audit, uint64_t va);

/* siteforms_lift_thunks - puts back the bytes before functions that count the depth of
 * calls (retbleed=stuff)
 * @now: the text, @sites->size_bytes of it. Returns how many were lifted.
 */
size_t siteforms_lift_thunks(const struct sites *sites, struct audit *audit,
			     const struct image *image, unsigned char *now);

#endif
