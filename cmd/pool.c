/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs done by several processes, their output taken in order. */
#include "cmd/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/priv.h"
#include "kcore/cleanup.h"
#include "kcore/writeall.h"

enum {
	MAX_WORKERS = 64,
	NO_JOB = -1,
	NO_ROOM = 1,  /* a worker's exit status */
	PATIENCE = 8, /* times what is allowed, for one that sleeps */
	END = 64,     /* for any */
};

/* What all processes see. */
struct board {
	_Atomic size_t next; /* job to be taken */
	struct {
		_Atomic long job; /* being done; NO_JOB */
		_Atomic int64_t since_ms, since_cpu_ms;
	} workers[MAX_WORKERS];
};

struct answer {
	char *bytes;
	size_t nr_bytes;
	int status;
	enum pool_end end;
	bool is_there;
	bool is_second_try;
};

struct worker {
	pid_t pid;
	int fd;	     /* its answers; -1: gone */
	char *bytes; /* read and not yet whole */
	size_t nr, room;
	bool was_stopped;
	int64_t moved_ms, moved_cpu_ms; /* when its CPU time was last seen to grow */
};

struct run {
	const struct pool *pool;
	pid_t parent;
	struct board *board;
	struct worker workers[MAX_WORKERS];
	unsigned nr_workers;
	struct answer *answers;
	size_t nr_told;
};

/* Ahead of each answer in a pipe. */
struct head {
	uint64_t job, nr_bytes;
	int64_t status;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Of process @pid, which need not be ours to look into; -1: the kernel does not say. */
static int64_t cpu_ms(pid_t pid)
{
	/* include/linux/posix-timers_types.h: make_process_cpuclock(), CPUCLOCK_SCHED.
	 * The C library's clock_getcpuclockid() makes a call that the filter does not
	 * know.
	 */
	clockid_t clock = (clockid_t)(~(unsigned)pid << 3 | 2);
	struct timespec now;

	if (clock_gettime(clock, &now) < 0)
		return -1;
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool do_job(const struct run *run, size_t i, int fd)
{
	_cleanup_free_ char *bytes = NULL;
	size_t nr_bytes = 0;
	FILE *out = open_memstream(&bytes, &nr_bytes);
	struct head head;
	bool is_whole;

	if (!out)
		return false;
	head.status = run->pool->job(run->pool->ctx, i, out);
	/* Bytes that found no memory are known by the stream's error alone. */
	is_whole = head.status != -ENOMEM && !ferror(out);
	if (fclose(out) != 0 || !is_whole)
		return false;
	head.job = i;
	head.nr_bytes = nr_bytes;
	return writeall(fd, &head, sizeof(head)) == 0 &&
	       writeall(fd, bytes, nr_bytes) == 0;
}

/* @again: a job to begin with; NO_JOB. */
static void work(const struct run *run, unsigned number, long again, int fd)
{
	struct board *board = run->board;
	size_t i;

	if (run->pool->start)
		run->pool->start(run->pool->ctx, number);
	priv_end_with(run->parent);
	/* It parses: only who started it starts and ends processes. */
	priv_narrow(run->pool->needs);
	while ((i = again == NO_JOB ? atomic_fetch_add(&board->next, 1) : (size_t)again) <
	       run->pool->nr_jobs) {
		again = NO_JOB;
		atomic_store(&board->workers[number].since_ms, now_ms());
		atomic_store(&board->workers[number].since_cpu_ms, cpu_ms(getpid()));
		atomic_store(&board->workers[number].job, (long)i);
		if (!do_job(run, i, fd))
			_exit(NO_ROOM);
		atomic_store(&board->workers[number].job, NO_JOB);
	}
	_exit(0);
}

static int start(struct run *run, unsigned number, long again)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	/* Known before the child is there: it may die at once. */
	atomic_store(&run->board->workers[number].since_ms, now_ms());
	atomic_store(&run->board->workers[number].since_cpu_ms, 0);
	atomic_store(&run->board->workers[number].job, again);
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		int r = -errno;

		close(fds[0]);
		close(fds[1]);
		return r;
	}
	if (pid == 0) {
		close(fds[0]);
		for (unsigned i = 0; i < run->nr_workers; i++)
			if (i != number && run->workers[i].fd >= 0)
				close(run->workers[i].fd);
		work(run, number, again, fds[1]);
	}
	close(fds[1]);
	free(run->workers[number].bytes);
	run->workers[number] = (struct worker){.pid = pid, .fd = fds[0]};
	return 0;
}

static void tell(struct run *run)
{
	while (run->nr_told < run->pool->nr_jobs && run->answers[run->nr_told].is_there) {
		struct answer *answer = &run->answers[run->nr_told];

		run->pool->done(run->pool->ctx, run->nr_told, answer->end, answer->status,
				answer->bytes ? answer->bytes : "", answer->nr_bytes);
		free(answer->bytes);
		answer->bytes = NULL;
		run->nr_told++;
	}
}

/* The whole answers among what a worker has written. */
static int take_answers(struct run *run, struct worker *worker)
{
	size_t at = 0;
	struct head head;

	while (worker->nr - at >= sizeof(head)) {
		struct answer *answer;

		memcpy(&head, worker->bytes + at, sizeof(head));
		if (head.job >= run->pool->nr_jobs)
			return -EPROTO;
		if (worker->nr - at - sizeof(head) < head.nr_bytes)
			break;
		answer = &run->answers[head.job];
		answer->bytes = malloc(head.nr_bytes + 1);
		if (!answer->bytes)
			return -ENOMEM;
		memcpy(answer->bytes, worker->bytes + at + sizeof(head), head.nr_bytes);
		answer->nr_bytes = head.nr_bytes;
		answer->status = (int)head.status;
		answer->is_there = true;
		at += sizeof(head) + head.nr_bytes;
	}
	memmove(worker->bytes, worker->bytes + at, worker->nr - at);
	worker->nr -= at;
	tell(run);
	return 0;
}

static bool has_workers(const struct run *run)
{
	for (unsigned i = 0; i < run->nr_workers; i++)
		if (run->workers[i].fd >= 0)
			return true;
	return false;
}

/* A worker may die between taking a job and saying so. */
static void tell_lost(struct run *run)
{
	for (size_t i = run->nr_told; i < run->pool->nr_jobs; i++) {
		if (run->answers[i].is_there)
			continue;
		run->answers[i].end = POOL_CRASHED;
		run->answers[i].is_there = true;
	}
	tell(run);
}

/* Fewer workers than wanted do as well; -errno only where there is none. */
static int start_one(struct run *run, unsigned number)
{
	int r = start(run, number, NO_JOB);

	return r < 0 && has_workers(run) ? 0 : r;
}

static enum pool_end end_of(const struct worker *worker, int wait_status)
{
	if (worker->was_stopped)
		return POOL_TOO_LONG;
	if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL)
		return POOL_KILLED;
	return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == NO_ROOM
		       ? POOL_NO_ROOM
		       : POOL_CRASHED;
}

/* A worker's end: all jobs taken, or its job's fault. */
static int bury(struct run *run, unsigned number)
{
	struct worker *worker = &run->workers[number];
	long job = atomic_load(&run->board->workers[number].job);
	int status;

	close(worker->fd);
	worker->fd = -1;
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	/* The worker may have written any number there. */
	if (job >= 0 && (size_t)job < run->pool->nr_jobs && !run->answers[job].is_there) {
		enum pool_end end = end_of(worker, status);

		/* It may have died of want of memory, as Unicorn does: a new process has
		 * what the old one had not given back.
		 */
		if (end != POOL_TOO_LONG && !run->answers[job].is_second_try) {
			run->answers[job].is_second_try = true;
			if (start(run, number, job) == 0)
				return 0;
		}
		run->answers[job].end = end;
		run->answers[job].is_there = true;
		tell(run);
	}
	if (atomic_load(&run->board->next) < run->pool->nr_jobs)
		return start_one(run, number);
	return 0;
}

static int hear(struct run *run, unsigned number)
{
	struct worker *worker = &run->workers[number];
	ssize_t n;

	if (worker->room - worker->nr < 65536) {
		char *bytes = realloc(worker->bytes, worker->room * 2 + 65536);

		if (!bytes)
			return -ENOMEM;
		worker->bytes = bytes;
		worker->room = worker->room * 2 + 65536;
	}
	n = read(worker->fd, worker->bytes + worker->nr, worker->room - worker->nr);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0)
		return bury(run, number);
	worker->nr += (size_t)n;
	return take_answers(run, worker);
}

/* What a job may take is CPU time: beside busy processes it gets little, and is waited
 * for. One that sleeps gets none, and is waited for longer.
 */
static bool is_slow(const struct run *run, unsigned number, struct worker *worker)
{
	int64_t allowed = run->pool->allowed_ms, now = now_ms();
	int64_t took = now - atomic_load(&run->board->workers[number].since_ms);
	int64_t cpu_since = atomic_load(&run->board->workers[number].since_cpu_ms);
	int64_t cpu = cpu_ms(worker->pid);

	if (cpu != worker->moved_cpu_ms) {
		worker->moved_cpu_ms = cpu;
		worker->moved_ms = now;
	}
	if (took < allowed)
		return false;
	return cpu < 0 || cpu_since < 0 || cpu - cpu_since >= allowed ||
	       now - worker->moved_ms >= allowed * PATIENCE || took >= allowed * END;
}

static void stop_slow(struct run *run)
{
	for (unsigned i = 0; i < run->nr_workers; i++) {
		struct worker *worker = &run->workers[i];

		if (worker->fd < 0 || worker->was_stopped ||
		    atomic_load(&run->board->workers[i].job) == NO_JOB ||
		    !is_slow(run, i, worker))
			continue;
		worker->was_stopped = true;
		kill(worker->pid, SIGKILL);
	}
}

/* Workers have enough to do: each answer would take a CPU away from one of them. */
static void nap(void)
{
	static const struct timespec some = {.tv_nsec = 2 * 1000 * 1000};

	nanosleep(&some, NULL);
}

static int listen_to_all(struct run *run)
{
	struct pollfd polls[MAX_WORKERS];
	unsigned numbers[MAX_WORKERS], nr;
	int r = 0;

	while (r == 0) {
		nr = 0;
		for (unsigned i = 0; i < run->nr_workers; i++)
			if (run->workers[i].fd >= 0) {
				numbers[nr] = i;
				polls[nr++] = (struct pollfd){.fd = run->workers[i].fd,
							      .events = POLLIN};
			}
		if (nr == 0)
			break;
		if (poll(polls, nr, 500) < 0 && errno != EINTR)
			return -errno;
		for (unsigned i = 0; i < nr && r == 0; i++)
			if (polls[i].revents)
				r = hear(run, numbers[i]);
		stop_slow(run);
		if (r == 0 && atomic_load(&run->board->next) < run->pool->nr_jobs)
			nap();
	}
	return r;
}

int pool_run(const struct pool *pool)
{
	struct run run = {
		.pool = pool, .parent = getpid(), .nr_workers = pool->nr_workers};
	int r = 0;

	if (run.nr_workers > MAX_WORKERS)
		run.nr_workers = MAX_WORKERS;
	if (run.nr_workers > pool->nr_jobs)
		run.nr_workers = (unsigned)pool->nr_jobs;
	run.answers = calloc(pool->nr_jobs ? pool->nr_jobs : 1, sizeof(*run.answers));
	run.board = mmap(NULL, sizeof(*run.board), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!run.answers || run.board == MAP_FAILED) {
		free(run.answers);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < run.nr_workers; i++)
		run.workers[i].fd = -1;
	for (unsigned i = 0; i < run.nr_workers && r == 0; i++)
		r = start_one(&run, i);
	if (r == 0)
		r = listen_to_all(&run);
	if (r == 0)
		tell_lost(&run);
	for (unsigned i = 0; i < run.nr_workers; i++) {
		if (run.workers[i].fd >= 0) {
			kill(run.workers[i].pid, SIGKILL);
			close(run.workers[i].fd);
			waitpid(run.workers[i].pid, NULL, 0);
		}
		free(run.workers[i].bytes);
	}
	for (size_t i = 0; i < pool->nr_jobs; i++)
		free(run.answers[i].bytes);
	free(run.answers);
	munmap(run.board, sizeof(*run.board));
	return r;
}
