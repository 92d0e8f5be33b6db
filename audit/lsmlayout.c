/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the members of struct security_hook_list lie: proved before anything rests on it.
 */
#include "audit/lsmlayout.h"

#include <errno.h>
#include <string.h>

#include "audit/names.h"

/* What an element must be true of. */
enum { NAMES_ITS_LIST, CALLS_TEXT, HAS_OWNER, NR_TESTS };

/* Elements for which each test holds. */
struct fit {
	size_t nr[NR_TESTS];
};

bool lsmlayout_is_doubtful(size_t nr_bad, size_t nr)
{
	return nr_bad > LSMLAYOUT_HANDFUL && nr_bad >= nr - nr_bad;
}

static struct fit fit_of(struct lsm *lsm, const struct lsmlayout_element elements[],
			 size_t nr)
{
	const struct lsm_layout *layout = &lsm->layout;
	const struct mappings *mappings = &lsm->audit->mappings;
	uint32_t link_at = lsm->has_static_calls ? layout->scalls : layout->head;
	struct fit fit = {0};

	for (size_t i = 0; i < nr; i++) {
		uint64_t element = elements[i].node - layout->list, link, callback;
		char owner[LSM_NAME_BYTES];

		fit.nr[NAMES_ITS_LIST] += mappings_read_word(mappings, element + link_at,
							     &link) == 0 &&
					  link == elements[i].link;
		fit.nr[CALLS_TEXT] += mappings_read_word(mappings, element + layout->hook,
							 &callback) == 0 &&
				      audit_is_kernel_text(lsm->audit, callback);
		lsmhooks_read_owner(lsm, element, owner);
		fit.nr[HAS_OWNER] += owner[0] != '\0';
	}
	return fit;
}

static size_t sum_of(const struct fit *fit)
{
	return fit->nr[NAMES_ITS_LIST] + fit->nr[CALLS_TEXT] + fit->nr[HAS_OWNER];
}

/* Puts the members in order number @order of their @nr! orders: 4 members of which the
 * first has 16 bytes, a list node, or the last 3 of them.
 */
static void put_in_order(struct lsm_layout *layout, bool has_static_calls, unsigned order)
{
	struct {
		uint32_t *offset, size_bytes;
	} members[] = {
		{&layout->list, 16},
		{has_static_calls ? &layout->scalls : &layout->head, 8},
		{&layout->hook, 8},
		{&layout->owner, 8},
	};
	size_t first = has_static_calls, nr = 4 - first;
	bool is_placed[4] = {false};
	uint32_t at = 0;

	for (; nr > 0; nr--) {
		unsigned skip = order % (unsigned)nr;
		size_t i = first;

		order /= (unsigned)nr;
		while (is_placed[i] || skip--)
			i++;
		is_placed[i] = true;
		*members[i].offset = at;
		at += members[i].size_bytes;
	}
}

/* Fits most: damage is in a few elements, a wrong layout is in all of them. */
static bool is_fitting(const struct fit *fit, size_t nr)
{
	for (size_t i = 0; i < NR_TESTS; i++)
		if (2 * fit->nr[i] <= nr)
			return false;
	return true;
}

static int work_out(struct lsm *lsm, const struct lsmlayout_element elements[], size_t nr)
{
	unsigned nr_orders = lsm->has_static_calls ? 3 * 2 : 4 * 3 * 2;
	struct lsm_layout best = lsm->layout;
	size_t best_sum = 0;
	bool is_sole = false, does_fit = false;

	for (unsigned order = 0; order < nr_orders; order++) {
		struct fit fit;
		size_t sum;

		put_in_order(&lsm->layout, lsm->has_static_calls, order);
		fit = fit_of(lsm, elements, nr);
		sum = sum_of(&fit);
		if (sum == best_sum)
			is_sole = false;
		if (sum <= best_sum)
			continue;
		best_sum = sum;
		best = lsm->layout;
		is_sole = true;
		does_fit = is_fitting(&fit, nr);
	}
	lsm->layout = best;
	return is_sole && does_fit ? 0 : -ENOENT;
}

int lsmlayout_prove(struct lsm *lsm, const struct lsmlayout_element elements[], size_t nr)
{
	struct fit fit;

	if (nr == 0)
		return 0;
	if (!lsm->has_btf)
		return work_out(lsm, elements, nr);
	fit = fit_of(lsm, elements, nr);
	for (size_t i = 0; i < NR_TESTS; i++)
		if (lsmlayout_is_doubtful(nr - fit.nr[i], nr))
			return -ENOENT;
	return 0;
}

void lsmlayout_refuse(struct lsm *lsm, size_t row, const char *what)
{
	struct audit *audit = lsm->audit;

	lsm->is_refused = true;
	if (lsm->callback_row < audit->nr_rows)
		audit->rows[lsm->callback_row].verdict = AUDIT_INFO;
	audit_undecided(audit, row,
			"%s: no hook is judged by a layout that may be wrong; %s", what,
			audit->kernel->types.btf
				? "the kernel's BTF and its memory disagree"
				: "BTF (CONFIG_DEBUG_INFO_BTF) would tell the layout");
}
