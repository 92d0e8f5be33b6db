/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture notes of the running system, as text. */
#ifndef KWCHECK_CMD_SYSINFO_H
#define KWCHECK_CMD_SYSINFO_H

/* KEY=value lines: RELEASE, VERSION, HOST, CMDLINE, LOCKDOWN, LSM, MODULES_DISABLED,
 * SIG_ENFORCE, DATE, PHYS_BITS. Heap; NULL: no memory.
 */
char *sysinfo_about(const char *sysroot);

/* /proc/modules, an empty line, then "MODULE SECTION ADDRESS" lines from /sys/module. */
char *sysinfo_modules(const char *sysroot);

#endif
