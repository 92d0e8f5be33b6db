/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel image's sections as whole ranges. */
#ifndef KWCHECK_AUDIT_IMAGE_H
#define KWCHECK_AUDIT_IMAGE_H

#include "audit/report.h"

/* The symbols that the check asks for; see audit_want(). */
void image_want(struct audit *audit);
void image_check(struct audit *audit);

#endif
