/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine that kwcheck runs on failed to give: memory, or bytes of a file that
 * are there. It is a fact of the process, noted where it happens, however deep, and asked
 * about before anything is told: what rests on half of the facts is no answer.
 *
 * An allocation of ours that finds no memory is noted by itself: the linker puts loss.c
 * between us and malloc(3) (Makefile: WRAPPED). What a caller makes of its NULL cannot
 * make a verdict that nobody doubts.
 */
#ifndef KWCHECK_KCORE_LOSS_H
#define KWCHECK_KCORE_LOSS_H

#include "kcore/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Notes that @what, a string that stays, was lost for the reason @errnum (positive). The
 * first one is kept.
 */
void loss_note(const char *what, int errnum);

/* Closes a stream of open_memstream(). 0, or -ENOMEM, which is noted: its text is not
 * whole. */
int loss_close(FILE *stream);

/* 0: nothing was lost. Else -errno, and @err says what. */
int loss_check(struct error *err);

/* pread(2), all @size_bytes or as many as the file has: over interrupts and short counts.
 * Returns the count or -errno, which it does not note.
 */
ssize_t loss_pread(int fd, void *buf, size_t size_bytes, off_t offset);

/* Are all @size_bytes there at @offset, which a file said? Then @buf has them. */
bool loss_pread_all(int fd, void *buf, size_t size_bytes, uint64_t offset);

#endif
