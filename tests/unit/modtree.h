/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of module files, made for one test. */
#ifndef KWCHECK_TESTS_MODTREE_H
#define KWCHECK_TESTS_MODTREE_H

/* Runs a shell command that must succeed. */
__attribute__((format(printf, 1, 2))) void modtree_run(const char *format, ...);

/* The same of short commands that are run in @root. */
void modtree_run_in(const char *root, const char *commands);

/* Makes the folder that the template @root names, and removes it. */
void modtree_make(char *root);
void modtree_remove(const char *root);

/* Writes the module @root/@path, which exports @exported and uses @used ("": nothing);
 * folders on the way are made.
 */
void modtree_write(const char *root, const char *path, const char *exported,
		   const char *used);

#endif
