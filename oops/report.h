/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's own reports mean: of its checkers, of BUG() and of traps. */
#ifndef KWCHECK_OOPS_REPORT_H
#define KWCHECK_OOPS_REPORT_H

#include "oops/question.h"

/* Reports that need no more than what the kernel said. */
enum cause_kind report_cause(const struct cause_question *q, struct cause *cause);

enum cause_kind report_of_bug(const struct cause_question *q, struct cause *cause);
enum cause_kind report_of_list(const struct cause_question *q, struct cause *cause);
/* An indirect call that control-flow integrity stopped. */
enum cause_kind report_of_call(const struct cause_question *q, struct cause *cause);
/* An invalid opcode without the line of a BUG(). */
enum cause_kind report_of_opcode(const struct cause_question *q, struct cause *cause);
/* Exceptions that the die line names. */
enum cause_kind report_of_trap(const struct cause_question *q, struct cause *cause);
/* The branch to a place without endbr64. */
enum cause_kind report_of_endbr(const struct cause_question *q, struct cause *cause);

/* Is the function one of the checkers, above the code that they report? */
bool report_is_checker(const struct site *site);

#endif
