/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the emulator at hand run kernel code as a CPU does? */
#ifndef KWCHECK_MACHINE_SELFTEST_H
#define KWCHECK_MACHINE_SELFTEST_H

struct unicorn;

/* selftest_load - loads the emulator and tests it, while files can still be opened
 * Returns NULL, or in one line why there can be no dry run and what to do. Valid until
 * the next call.
 */
const char *selftest_load(void);

/* "Unicorn 2.0.1", or what selftest_load() returns. Valid until the next call. */
const char *selftest_emulator(void);

/* selftest_run - a few instructions at kernel addresses, with stores that must go through
 * and accesses that must fault
 * @ret: NULL, or what went wrong, in words. Returns 0, or -errno as
 * machine_open_memory().
 */
int selftest_run(const struct unicorn *unicorn, const char **ret);

#endif
