/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options, operands and verbs that are right by themselves: do they go together? */
#ifndef KWCHECK_CMD_OPTIONCHECK_H
#define KWCHECK_CMD_OPTIONCHECK_H

#include <stdbool.h>

struct error;
struct options;

/* optioncheck_together - refuses those that do not go together
 *
 * @given: for each of option_rows[], whether it was. @taken: the last word that is an
 * option's argument, which may have been meant for an operand; NULL: none. Returns 0, or
 * -EINVAL with @err filled (ERROR_USAGE).
 */
int optioncheck_together(const struct options *options, const bool *given,
			 const char *taken, struct error *err);

/* The same of --no-boot, when it is known what --cpu and --memory mean. */
int optioncheck_no_boot(const struct options *options, struct error *err);

#endif
