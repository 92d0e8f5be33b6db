/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens modules for workers that can open nothing any more. */
#include "cmd/clerk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/priv.h"
#include "kcore/cleanup.h"
#include "module/modprobe.h"

struct question {
	uint64_t entry;
	uint32_t number;
	char name[CLERK_NAME_BYTES];
};

/* --- in the clerk --- */

struct desk {
	struct lookup *names;
	bool is_for_core;
	int fds[CLERK_MAX_WORKERS];
	unsigned nr;
};

static int send_step(int fd, const struct clerk_step *step, int file)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec bytes = {.iov_base = (void *)step, .iov_len = sizeof(*step)};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};

	if (file >= 0) {
		struct cmsghdr *header;

		message.msg_control = &control;
		message.msg_controllen = sizeof(control.room);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &file, sizeof(file));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* An "install" line that does nothing is the usual one. */
static enum clerk_kind kind_of(const char *command)
{
	static const struct {
		const char *command;
		enum clerk_kind kind;
	} rows[] = {
		{"/bin/true", CLERK_SUCCEED},
		{"/bin/false", CLERK_FAIL},
		{"/usr/bin/true", CLERK_SUCCEED},
		{"/usr/bin/false", CLERK_FAIL},
		{"true", CLERK_SUCCEED},
		{"false", CLERK_FAIL},
		{":", CLERK_SUCCEED},
	};

	if (!command)
		return CLERK_FILE;
	command += strspn(command, " \t");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(command, rows[i].command) == 0)
			return rows[i].kind;
	return CLERK_COMMAND;
}

static int tell_step(int fd, struct clerk_step *answer, const struct modprobe_step *step)
{
	_cleanup_fd_ int file = -1;

	answer->kind = kind_of(step->command);
	answer->is_optional = step->is_optional;
	answer->group = (unsigned)step->group;
	snprintf(answer->name, sizeof(answer->name), "%s", step->name);
	snprintf(answer->path, sizeof(answer->path), "%s", step->path ?: "");
	snprintf(answer->options, sizeof(answer->options), "%s", step->options);
	/* Cut, they would be others. */
	if (strlen(step->options) >= sizeof(answer->options))
		answer->kind = CLERK_COMMAND;
	if (answer->kind == CLERK_FILE && step->path)
		file = open(step->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return send_step(fd, answer, file);
}

static int answer(struct desk *desk, int fd, const struct question *question)
{
	struct clerk_step step = {.number = question->number, .kind = CLERK_UNKNOWN};
	static struct modprobe plan;
	int r = -EINVAL;

	if (question->entry < desk->names->nr)
		r = modprobe_plan(&plan, desk->names, question->entry, question->name);
	if (r == -ENOENT && !desk->is_for_core)
		r = 0; /* modprobe finds no tree, either */
	for (size_t i = 0; r == 0 && i < plan.nr; i++)
		r = tell_step(fd, &step, &plan.steps[i]) < 0 ? -EPIPE : 0;
	step.kind = r == 0 ? CLERK_END : CLERK_UNKNOWN;
	step.nr_groups = (unsigned)plan.nr_groups;
	modprobe_free(&plan);
	return r == -EPIPE ? r : send_step(fd, &step, -1);
}

/* false: that worker's end is closed. */
static bool serve(struct desk *desk, int fd)
{
	struct question question;
	ssize_t n = read(fd, &question, sizeof(question));

	if (n < 0 && errno == EINTR)
		return true;
	if (n != sizeof(question))
		return false;
	question.name[sizeof(question.name) - 1] = '\0';
	return answer(desk, fd, &question) == 0;
}

static void work(struct desk *desk)
{
	struct pollfd polls[CLERK_MAX_WORKERS];
	unsigned nr_open = desk->nr;

	for (unsigned i = 0; i < desk->nr; i++)
		polls[i] = (struct pollfd){.fd = desk->fds[i], .events = POLLIN};
	while (nr_open) {
		if (poll(polls, desk->nr, -1) < 0 && errno != EINTR)
			return;
		for (unsigned i = 0; i < desk->nr; i++) {
			if (polls[i].fd < 0 || !polls[i].revents ||
			    serve(desk, polls[i].fd))
				continue;
			close(polls[i].fd);
			polls[i].fd = -1;
			nr_open--;
		}
	}
}

/* --- in who starts it --- */

static void close_all(int fds[], unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		close(fds[i]);
}

int clerk_start(struct clerk *ret, unsigned nr_workers, struct lookup *names,
		bool has_sandbox, bool is_for_core)
{
	struct clerk clerk = {0};
	struct desk desk = {.names = names, .is_for_core = is_for_core};
	pid_t parent = getpid();
	struct error ignored = {0};

	if (nr_workers > CLERK_MAX_WORKERS)
		nr_workers = CLERK_MAX_WORKERS;
	for (; desk.nr < nr_workers; desk.nr++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
			break;
		clerk.fds[desk.nr] = pair[0];
		desk.fds[desk.nr] = pair[1];
	}
	clerk.nr_workers = desk.nr;
	clerk.pid = desk.nr == nr_workers ? fork() : -1;
	if (clerk.pid == 0) {
		close_all(clerk.fds, desk.nr);
		if (priv_keep_reading(has_sandbox, &ignored) == 0) {
			priv_end_with(parent);
			work(&desk);
		}
		_exit(0);
	}
	close_all(desk.fds, desk.nr);
	if (clerk.pid < 0) {
		close_all(clerk.fds, desk.nr);
		return -EAGAIN;
	}
	*ret = clerk;
	return 0;
}

void clerk_stop(struct clerk *clerk)
{
	if (!clerk->pid)
		return;
	close_all(clerk->fds, clerk->nr_workers);
	while (waitpid(clerk->pid, NULL, 0) < 0 && errno == EINTR)
		;
	clerk->pid = 0;
}

/* --- in a worker --- */

/* One worker takes another's place under its number: what the first one did not hear is
 * not meant for it.
 */
static unsigned asked;

int clerk_ask(struct clerk *clerk, unsigned worker, size_t entry, const char *name)
{
	struct question question = {.entry = entry};
	ssize_t n;

	if (!clerk->pid || worker >= clerk->nr_workers)
		return -ENOENT;
	if (!asked)
		asked = (unsigned)getpid() << 8;
	question.number = ++asked;
	snprintf(question.name, sizeof(question.name), "%s", name);
	do {
		n = write(clerk->fds[worker], &question, sizeof(question));
	} while (n < 0 && errno == EINTR);
	return n == sizeof(question) ? 0 : -EPIPE;
}

static int receive(int fd, struct clerk_step *ret, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec bytes = {.iov_base = ret, .iov_len = sizeof(*ret)};
	struct msghdr message = {.msg_iov = &bytes,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control.room)};
	struct cmsghdr *header;
	ssize_t n;

	*ret_fd = -1;
	do {
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_fd, CMSG_DATA(header), sizeof(*ret_fd));
	return n == sizeof(*ret) ? 0 : -EPIPE;
}

int clerk_hear(struct clerk *clerk, unsigned worker, struct clerk_step *ret, int *ret_fd)
{
	int r;

	for (;;) {
		r = receive(clerk->fds[worker], ret, ret_fd);
		if (r < 0 || ret->number == asked)
			return r;
		if (*ret_fd >= 0)
			close(*ret_fd);
	}
}
