/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's release as a number. */
#ifndef KWCHECK_KCORE_RELEASE_H
#define KWCHECK_KCORE_RELEASE_H

/* RELEASE(6, 16) is what release_number() makes of "6.16.3-amd64". */
#define RELEASE(major, minor) ((unsigned)(major) << 16 | (unsigned)(minor) << 8)

/* release_number - the first two numbers of "4.19.82-wwh", as RELEASE() has them
 * 0: the text is no release.
 */
unsigned release_number(const char *release);

#endif
