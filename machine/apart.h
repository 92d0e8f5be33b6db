/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work in a process of its own: Unicorn and its libraries die where an allocation fails.
 */
#ifndef KWCHECK_MACHINE_APART_H
#define KWCHECK_MACHINE_APART_H

enum { APART_FAILED = 255 };

/* apart_run - what @fn returns, 0 to 254, run in a process of its own
 * Only memory that is shared sees what it does. It is run again, once, where it dies or
 * returns APART_FAILED, which may be want of memory, and here where no process can be
 * had. Returns APART_FAILED where the second time was no better.
 */
int apart_run(int (*fn)(void *ctx), void *ctx);

#endif
