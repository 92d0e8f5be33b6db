/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of a log line, taken one after the other. Each function moves *@p only when what
 * it wants is there.
 */
#ifndef KWCHECK_OOPS_SCAN_H
#define KWCHECK_OOPS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* scan_word - @word, at *@p */
bool scan_word(const char **p, const char *word);

/* scan_past - *@p behind the next @word of the line */
bool scan_past(const char **p, const char *word);

/* scan_hex - @min to @max lower or upper case hexadecimal digits and no further one
 * A value that the kernel prints at full width is asked for at full width, so that one
 * that was cut is not taken for another.
 */
bool scan_hex(const char **p, int min, int max, uint64_t *ret);

/* scan_pointer - all 16 digits of an address; "          (null)" to 4.14, which is 0:
 * lib/vsprintf.c:pointer()
 */
bool scan_pointer(const char **p, uint64_t *ret);

/* scan_decimal - an unsigned number of at most nine digits */
bool scan_decimal(const char **p, unsigned *ret);

/* scan_text - bytes up to the first of @stops or the end into @ret, cut at its room */
void scan_text(const char **p, const char *stops, char *ret, size_t ret_bytes);

/* scan_rest - all of @text into @ret, cut at its room */
void scan_rest(const char *text, char *ret, size_t ret_bytes);

#endif
