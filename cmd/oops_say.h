/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentences that both renderings of an explained crash share. */
#ifndef KWCHECK_CMD_OOPS_SAY_H
#define KWCHECK_CMD_OOPS_SAY_H

#include "oops/explanation.h"

/* What the code tried and why it was refused; what the instruction does to memory, or "";
 * which entry of the page tables denied it, or "". @text: @room bytes.
 */
void oops_say_what(const struct explanation *explanation, char *text, size_t room);
void oops_say_access(const struct explanation *explanation, char *text, size_t room);
void oops_say_denial(const struct explanation *explanation, char *text, size_t room);

#endif
