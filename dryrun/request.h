/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request_module() in the machine: what modprobe would load is loaded there. */
#ifndef KWCHECK_DRYRUN_REQUEST_H
#define KWCHECK_DRYRUN_REQUEST_H

#include "dryrun/loader.h"

enum request_kind {
	REQUEST_LOAD = 0,
	REQUEST_SUCCEED, /* an "install" line that does nothing: /bin/true */
	REQUEST_FAIL,	 /* /bin/false, or a file that cannot be read */
	REQUEST_COMMAND, /* another: nobody knows */
};

struct request_step {
	enum request_kind kind;
	const char *name;
	struct addrspace_needed *module; /* of REQUEST_LOAD */
	const char *options;		 /* "x=1 y=2"; NULL: none */
	bool is_optional;		 /* modprobe goes on where it does not load */
	size_t group;			 /* which of nr_groups it is for */
};

/* What modprobe would do: module/modprobe.h. */
struct request_plan {
	const struct request_step *steps;
	size_t nr, nr_groups;
};

/* How modprobe is asked. */
struct request_modprobe {
	bool is_missing; /* there is none: a bare initramfs */
	/* NULL: nobody knows. Valid as long as the run, and the same whenever asked. */
	const struct request_plan *(*plan)(void *ctx, const char *name);
	void *ctx;
};

enum {
	REQUEST_NAME_BYTES = 64,
	REQUEST_MAX_RECORDS = 32,
	REQUEST_MAX_LOADED = 8,
	REQUEST_MAX_LATE = 16
};

/* One request, and what came of it. */
struct request_record {
	char name[REQUEST_NAME_BYTES];
	int status; /* what request_module() returns */
	/* nr_loaded that came through their init; borrowed from their files. */
	const char *loaded[REQUEST_MAX_LOADED];
	size_t nr_loaded;
};

/* What modprobe was asked, and what it would do, in text. */
struct request_log {
	struct request_logged *array;
	size_t nr, room;
	bool is_lost; /* there was no memory for all of it */
};

struct requests {
	const struct request_modprobe *modprobe;
	struct loader *loader;
	struct request_record records[REQUEST_MAX_RECORDS];
	size_t nr; /* of all requests; the first ones have records */
	/* Names that nobody waits for, to be asked once a module is live. */
	char late[REQUEST_MAX_LATE][REQUEST_NAME_BYTES];
	size_t nr_late;
	struct request_log log;
};

void requests_close(struct requests *requests);

/* requests_copy - all but modprobe and loader
 * Returns 0, or -ENOMEM: of all of it or of the log.
 */
int requests_copy(struct requests *ret, const struct requests *requests);

/* requests_names - would modprobe have had to do with a module of that name? */
bool requests_names(const struct requests *requests, const char *module);

/* requests_hold - would @modprobe do the same, of the same files, for all that was asked?
 */
bool requests_hold(const struct requests *requests,
		   const struct request_modprobe *modprobe);

/* requests_module - the module of that serial in what @modprobe does for what was asked
 * NULL: there is none.
 */
struct addrspace_needed *requests_module(const struct requests *requests,
					 const struct request_modprobe *modprobe,
					 uint64_t serial);

/* request_run - "modprobe -q -- NAME", to its end
 * Returns what the kernel gets: 0, the status of a process that failed, or -errno where
 * there is no modprobe.
 */
int request_run(struct requests *requests, struct machine *machine, const char *name);

/* request_late - request_module_nowait(): modprobe runs beside whoever asked
 * How soon nobody knows. So it comes to its end before the next module is loaded in one
 * run, and in the other not at all; what depends on it ends differently. Where it would
 * load nothing, nothing is left open. false: nobody knows what it would load.
 */
bool request_late(struct requests *requests, struct machine *machine, const char *name);

/* request_run_late - what request_late() has put off; no module's init is running */
void request_run_late(struct requests *requests, struct machine *machine);

/* What came of loading a module for another. */
enum request_end {
	REQUEST_LOADED,
	REQUEST_FAILED, /* @ret: what its init returned, or the kernel for it */
	REQUEST_OVER,	/* so is the run; machine_stop() has said why */
};

/* request_load - one module: loaded, its parameters parsed, its init called; it is live
 * then, or dropped
 * @options: as in struct request_step. @why: "it needs", "it asks for", for words.
 */
enum request_end request_load(struct loader *loader,
			      const struct addrspace_needed *module, const char *options,
			      const char *why, int32_t *ret);

#endif
