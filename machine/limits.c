/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bounds of one run in the machine. */
#include "machine/limits.h"

const struct machine_limits limits_default = {
	.instructions = 500 * 1000 * 1000,
	.milliseconds = 30000,
	.pages = 96 * 1024, /* 384 MiB */
	.depth = 256,
};
