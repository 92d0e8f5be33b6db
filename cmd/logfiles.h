/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that the operands of oops name, and those in the folders among them: opened
 * while the privileges are there, read when they are gone.
 */
#ifndef KWCHECK_CMD_LOGFILES_H
#define KWCHECK_CMD_LOGFILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/kernellog.h"

struct logfile {
	char *path;		/* as it was named, or found; "standard input" */
	int fd;			/* -1: its bytes were read already, or could not be */
	bool is_found;		/* in a folder: it need not be a log */
	int64_t written;	/* last, seconds since 1970; 0: no such time */
	struct kernellog bytes; /* fd < 0 */
	struct error err;	/* ERROR_NONE: it can be read */
};

struct logfiles {
	struct logfile *array;
	size_t nr, room;
	size_t max;	    /* each is an open descriptor */
	const char *remedy; /* for more than that */
	bool is_cut;	    /* an error says that there are more */
	void *known;	    /* a tree: of those that were seen */
};

/* logfiles_open - every regular file below the folders of @operands, and what else they
 * name. In a folder links, devices and pipes are passed over; a file is opened once,
 * however often it is named. What cannot be opened is an entry with its error. What has
 * no start to come back to, as a pipe, is read. No byte is looked at. At most @max files
 * are taken, and as many as there can be descriptors; that there are more is an entry
 * with an error. Returns 0 or -ENOMEM.
 */
int logfiles_open(struct logfiles *ret, char *const operands[], size_t nr, size_t max);

/* logfiles_add_input - standard input; @is_patient: however long it takes to come */
int logfiles_add_input(struct logfiles *files, bool is_patient);

/* logfile_read - @file's text, unpacked
 * Returns 0; -ENOMSG with @err filled where it is no log by its first bytes (@ret is
 * empty); -errno with @err filled.
 */
int logfile_read(struct logfile *file, struct kernellog *ret, struct error *err);
void logfiles_close(struct logfiles *files);

#endif
