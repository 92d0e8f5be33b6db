/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function per verb, each in the file of its name. Each returns an exit status. */
#ifndef KWCHECK_CMD_VERBS_H
#define KWCHECK_CMD_VERBS_H

struct options;

int check_run(const struct options *options);
int capture_run(const struct options *options);
int oops_run(const struct options *options);
int preflight_run(const struct options *options);
int walk_run(const struct options *options);
int map_run(const struct options *options);
int audit_run_verb(const struct options *options);

#endif
