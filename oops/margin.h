/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands left and right of every line and is nobody's known mark: a comment's sign,
 * a diff's, the words of a logger, a table's bars, the quotes of a list. It is learnt
 * from the lines of which it is known how a kernel begins or ends them.
 */
#ifndef KWCHECK_OOPS_MARGIN_H
#define KWCHECK_OOPS_MARGIN_H

#include <stdbool.h>
#include <stddef.h>

enum { MARGIN_BYTES = 64, MARGIN_SHAPES = 16 };

/* '0' of a shape is any number, ' ' any blanks, '\1' a level's name ("warning"). */
struct margin_shape {
	char text[MARGIN_BYTES];
	size_t nr;
	size_t first; /* what the first such line was of */
	bool is_sure; /* another was of something else */
};

struct margin {
	struct margin_shape left[MARGIN_SHAPES], right[MARGIN_SHAPES];
};

/* Where in [p, end) what is known of a line's left side goes on, and what is behind it;
 * or
 * @end for both.
 */
typedef const char *margin_known(const char *p, const char *end, const char **behind);

/* margin_learn - looks at a line behind what was known of its left side */
void margin_learn(struct margin *margin, const char *p, const char *end,
		  margin_known *known_at);

/* margin_settle - what most lines had on each side is kept, the first of each array; it
 * is empty where most had nothing
 */
void margin_settle(struct margin *margin);

/* margin_left - the length of the left margin at @p. *@is_mark: no word is in it, so that
 * a line may be the one's before that a mailer broke.
 */
size_t margin_left(const struct margin *margin, const char *p, const char *end,
		   bool *is_mark);

/* margin_right - the length of the right margin before @end */
size_t margin_right(const struct margin *margin, const char *p, const char *end);

#endif
