/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the built tool as a user would. */
#ifndef KWCHECK_TESTS_RUN_H
#define KWCHECK_TESTS_RUN_H

enum { RUN_OUT_BYTES = 1 << 19, RUN_ERR_BYTES = 8192 };

struct run {
	int status;	 /* exit status; -1 where it was killed */
	char *out, *err; /* taken at the first run */
};

/* "kwcheck ARGUMENTS" through sh, stdin empty unless redirected in @arguments. */
void run_kwcheck(struct run *run, const char *arguments);
/* The same of any line of sh. */
void run_shell(struct run *run, const char *words);

#endif
