/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the code at a bad access was about to do, where it shows. */
#ifndef KWCHECK_OOPS_HINT_H
#define KWCHECK_OOPS_HINT_H

#include "oops/question.h"

/* hint_is_negative_length - whether a copy or fill was given a length below zero, which
 * is noted
 */
bool hint_is_negative_length(const struct cause_question *q, struct cause *cause);

/* hint_is_percpu - whether a variable of the CPU's own was named by its distance from the
 * code
 */
bool hint_is_percpu(const struct cause_question *q);

/* hint_user - notes about @address of the user half, where nothing is mapped */
void hint_user(const struct cause_question *q, uint64_t address, struct cause *cause);

/* hint_page_structure - notes that the pointer was computed as a page structure's */
void hint_page_structure(const struct cause_question *q, struct cause *cause);

#endif
