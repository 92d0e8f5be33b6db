/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives up every privilege once the files are open and before their bytes are parsed. */
#ifndef KWCHECK_CMD_PRIV_H
#define KWCHECK_CMD_PRIV_H

#include "kcore/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* What a verb needs beyond reading, writing and memory. */
enum priv_need {
	PRIV_FORK = 1 << 0, /* workers, and waiting for them */
	PRIV_JIT = 1 << 1,  /* executable memory, and a file in memory: the emulator */
	PRIV_HEAR = 1 << 2, /* messages, and the descriptors in them: cmd/clerk.h */
	PRIV_OPEN = 1 << 3, /* files for reading, and to send them */
};

/* priv_drop - an unprivileged user without capabilities, from here on
 *
 * As root: uid and gid 65534, no supplementary groups, all five capability sets empty. In
 * any case: no_new_privs, not dumpable, and, unless @has_sandbox is false, a seccomp
 * filter that knows no call which opens, connects or executes (the answer is ENOSYS), and
 * where the kernel has Landlock no file, port or other process by that, either. The
 * result is read back from /proc/self/status. An open /proc/kcore keeps being read: its
 * capability is asked for in open(2) alone (fs/proc/kcore.c), and /proc/kallsyms looks at
 * the opener's. Returns 0, or -errno with @err filled (ERROR_PRIVILEGES): nothing may be
 * parsed then.
 */
int priv_drop(unsigned needs, bool has_sandbox, struct error *err);

/* priv_narrow - in a child, after priv_drop(): no more than @needs from here on
 * What priv_drop() has taken stays away.
 */
void priv_narrow(unsigned needs);

/* priv_keep_reading - an unprivileged user who may read any file, and no more
 * As root: CAP_DAC_READ_SEARCH is what is left of the capabilities. Unless @has_sandbox
 * is false, a filter lets files be opened for reading alone. Returns 0, or -errno with
 * @err filled.
 */
int priv_keep_reading(bool has_sandbox, struct error *err);

/* In a child, after priv_drop(), which would undo it: ends the process when @parent ends,
 * however it does.
 */
void priv_end_with(pid_t parent);

#endif
