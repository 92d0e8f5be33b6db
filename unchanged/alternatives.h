/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alternatives: which of its codes stands at a place that the kernel chose one for. */
#ifndef KWCHECK_UNCHANGED_ALTERNATIVES_H
#define KWCHECK_UNCHANGED_ALTERNATIVES_H

#include "unchanged/image.h"
#include "unchanged/siteforms.h"
#include "unchanged/sites.h"

/* alternatives_form - are the bytes at @site its own or one of its replacements'?
 * @sites: that has @site's replacements. @now: the text, @sites->size_bytes of it.
 * Instructions are compared where they run, so that relocated branches are alike, and
 * without what fills up (arch/x86/kernel/alternative.c: add_nops, optimize_nops). What
 * other tables patch in them may be in any of its forms.
 */
enum siteform alternatives_form(struct audit *audit, const struct sites *sites,
				const struct image *image,
				const struct site_alternative *site,
				const unsigned char *now);

#endif
