/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mail, browsers, editors and bug trackers made of a log's bytes, undone. */
#ifndef KWCHECK_OOPS_PASTE_H
#define KWCHECK_OOPS_PASTE_H

#include <stdbool.h>
#include <stddef.h>

/* paste_plain - UTF-16, quoted-printable and HTML back to plain text, in place
 * Each is undone only where the text shows that it is one. Returns the new length, at
 * most @nr. The time taken is linear in @nr.
 */
size_t paste_plain(char *bytes, size_t nr);

/* paste_unescape - a text that is one string of JSON or of a program, "\\n" for its
 * lines' ends: back to lines, in place. Returns the new length.
 */
size_t paste_unescape(char *bytes, size_t nr);

/* paste_fence - what a tracker or forum wants before and behind a log, "```", "{code}",
 * "[code]", off a line's start and end
 */
void paste_fence(const char **line, const char **end);

/* paste_quotes - the length of the mail's quoting marks ("> > ", "| ") at the start of a
 * line. No more than @max_depth marks are taken; *@ret_depth is their number.
 */
size_t paste_quotes(const char *line, const char *end, int max_depth, int *ret_depth);

/* paste_line - the marks of trackers and pagers out of a line, in place
 * "[#1]" made a link or an URL, "\_", "[<address>](<address>])", "[26/4066]".
 * *@has_edge tells that the line ends with a pager's '>' for what it cut off, which is
 * taken away. Returns the new end.
 */
char *paste_line(char *line, char *end, bool *has_edge);

#endif
