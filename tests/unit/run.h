/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the built tool as a user would. */
#ifndef KWCHECK_TESTS_RUN_H
#define KWCHECK_TESTS_RUN_H

struct run {
	int status; /* exit status; -1 where it was killed */
	char out[1 << 19];
	char err[8192];
};

/* "kwcheck ARGUMENTS" through sh, stdin empty unless redirected in @arguments. */
void run_kwcheck(struct run *run, const char *arguments);
/* The same of any line of sh. */
void run_shell(struct run *run, const char *words);

#endif
