/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What standard output leads to. */
#ifndef KWCHECK_CMD_TERMINAL_H
#define KWCHECK_CMD_TERMINAL_H

#include <stdbool.h>

/* terminal_look - looks at it, once: once the privileges are dropped no call tells a
 * terminal from a file.
 */
void terminal_look(void);

bool terminal_is_one(void);
/* In columns; 0: no terminal, where nothing is fitted. */
unsigned terminal_width(void);
/* Does it understand colours, as far as TERM says? */
bool terminal_has_color(void);
/* Can a line be written anew, as far as TERM says? Of whatever terminal is meant. */
bool terminal_can_go_back(void);

#endif
