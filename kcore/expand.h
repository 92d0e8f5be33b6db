/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump whose bytes come out of another file's: compressed, flattened, or both. */
#ifndef KWCHECK_KCORE_EXPAND_H
#define KWCHECK_KCORE_EXPAND_H

#include "kcore/error.h"
#include "kcore/form.h"

/* expand_file - all of @from, from its start, to the empty file @to
 *
 * @kind: of form_is_packed(). What is flattened inside is unflattened, too. At most 8 GiB
 * come out of it, zeros aside.
 * @ret_is_cut: it ended early, and @to has what was there. Returns 0, or -EINVAL
 * (malformed), -EOVERFLOW or what reading and writing give, with @err filled.
 */
int expand_file(int from, int to, enum form_kind kind, const char *path, bool *ret_is_cut,
		struct error *err);

#endif
