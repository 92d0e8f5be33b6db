/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs done by several processes, their output taken in order. */
#ifndef KWCHECK_CMD_POOL_H
#define KWCHECK_CMD_POOL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum pool_end {
	POOL_DONE = 0,
	POOL_CRASHED,  /* the process that did it died, and another one, too */
	POOL_TOO_LONG, /* it was ended after the time allowed */
	POOL_NO_ROOM,  /* it had no memory for what the job writes */
	POOL_KILLED,   /* by SIGKILL, twice: the kernel does that where memory runs out */
};

struct pool {
	size_t nr_jobs;
	unsigned nr_workers;
	unsigned needs;	    /* bits of enum priv_need: what is left to a worker */
	int64_t allowed_ms; /* of CPU time for one job; eight times as long without any */
	/* In each worker's process, before its first job; may be NULL. Of workers that
	 * run at one time each has another number, below nr_workers.
	 */
	void (*start)(void *ctx, unsigned worker);
	/* In a process of its own; what it writes to @out and returns comes to done();
	 * -ENOMEM is told as POOL_NO_ROOM.
	 */
	int (*job)(void *ctx, size_t i, FILE *out);
	/* In the caller's process, for every job in order. */
	void (*done)(void *ctx, size_t i, enum pool_end end, int status,
		     const char *bytes, size_t nr_bytes);
	void *ctx;
};

/* pool_run - does every job once
 * A worker that crashes or hangs takes its job with it, and another takes its place. A
 * job is done a second time if its worker died. Returns 0, or -errno where not one
 * process can be had: the jobs left are not told then.
 */
int pool_run(const struct pool *pool);

#endif
