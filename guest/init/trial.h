/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module loaded and unloaded in the guest, as guest/protocol.h has it. */
#ifndef KWCHECK_GUEST_INIT_TRIAL_H
#define KWCHECK_GUEST_INIT_TRIAL_H

/* Where the initramfs has a plan: what it says, told on the console. */
void trial_run(void);

/* What modprobe does for @query, by the plan. Returns its exit status. */
int trial_modprobe(const char *query);

#endif
