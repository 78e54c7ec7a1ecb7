/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The client of the I/O process: requests by name, and how they ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io.h"

/**
 * struct hbc_io - requests of one device
 * @sock: to the I/O process
 * @pid: I/O process
 * @entry: requests in the order they were submitted
 * @nr: how many
 * @nr_ended: those that ended
 * @submitted: the last one was acknowledged
 */
struct hbc_io {
	int sock;
	pid_t pid;
	struct hbc_io_entry *entry;
	size_t nr;
	unsigned int nr_ended;
	bool submitted;
};

/* 1 for a reply, 0 for none in time, or a negative errno. */
static int receive(struct hbc_io *io, uint64_t timeout_ns,
		   struct hbc_io_reply *reply)
{
	struct pollfd p = { .fd = io->sock, .events = POLLIN };
	uint64_t ms = timeout_ns / 1000000 + !!(timeout_ns % 1000000);
	ssize_t n;
	int r;

	r = poll(&p, 1, ms > INT32_MAX ? -1 : (int)ms);
	if (r <= 0)
		return r < 0 ? -errno : 0;
	n = recv(io->sock, reply, sizeof(*reply), 0);
	if (n < 0)
		return -errno;
	return n == sizeof(*reply) ? 1 : -EPIPE;
}

static pid_t start_server(int ends[2], const char *path, bool buffered)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(HBC_FAILED);
	hbc_keep_only(ends[1], ends[1]);
	_exit(hbc_io_serve(ends[1], path, buffered));
}

/* Start the process, and learn whether it could open the device. */
static int connect_server(struct hbc_io *io, const char *device, bool buffered)
{
	struct hbc_io_reply reply;
	char path[HBC_IO_PATH] = "";
	int ends[2], r;

	if (device &&
	    snprintf(path, sizeof(path), "%s%s", strchr(device, '/') ? "" :
		     "/dev/", device) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	io->sock = ends[0];
	io->pid = start_server(ends, path, buffered);
	close(ends[1]);
	do
		r = io->pid < 0 ? -EAGAIN : receive(io, UINT64_MAX, &reply);
	while (r == -EINTR);
	return r > 0 ? reply.res : r;
}

/**
 * hbc_io_start() - start the I/O process
 * @device: name or path of what requests without a path are for; NULL: each
 *	request has a path
 * @buffered: never use O_DIRECT
 * @io: out
 *
 * Return: 0, or a negative errno of opening the device or of the ring.
 */
int hbc_io_start(const char *device, bool buffered, struct hbc_io **io)
{
	int r;

	*io = calloc(1, sizeof(**io));
	if (!*io)
		return -ENOMEM;
	(*io)->sock = -1;
	r = connect_server(*io, device, buffered);
	if (r < 0)
		hbc_io_stop(*io, HBC_NSEC);
	return r;
}

/**
 * hbc_io_pump() - take one message of the I/O process
 * @io: requests
 * @timeout_ns: how long to wait for one
 *
 * Return: 1; 0 for none in time; -EINTR; -EPIPE if the process is gone.
 */
int hbc_io_pump(struct hbc_io *io, uint64_t timeout_ns)
{
	struct hbc_io_reply reply;
	struct hbc_io_entry *entry;
	int r = receive(io, timeout_ns, &reply);

	if (r <= 0)
		return r;
	if (reply.index >= io->nr)
		return -EPROTO;
	entry = &io->entry[reply.index];
	entry->reply = reply;
	if (reply.done) {
		entry->order = ++io->nr_ended;
		entry->ended = reply.ns;
	} else {
		io->submitted = true;
	}
	return 1;
}

struct hbc_io_entry *hbc_io_at(struct hbc_io *io, size_t i)
{
	return i < io->nr ? &io->entry[i] : NULL;
}

/** hbc_io_find() - the last request of a name, or NULL */
struct hbc_io_entry *hbc_io_find(struct hbc_io *io, const char *name)
{
	size_t i;

	for (i = io->nr; i; i--)
		if (!strcmp(io->entry[i - 1].request.name, name))
			return &io->entry[i - 1];
	return NULL;
}

/** hbc_io_ended() - the request that ended as number @order, from 1, or NULL */
const struct hbc_io_entry *hbc_io_ended(struct hbc_io *io, unsigned int order)
{
	size_t i;

	for (i = 0; i < io->nr; i++)
		if (io->entry[i].order == order)
			return &io->entry[i];
	return NULL;
}

/* Send a request, with a descriptor if @fd is one. */
static int send_request(struct hbc_io *io, struct hbc_io_request *request,
			int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(fd))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { request, sizeof(*request) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (fd >= 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(io->sock, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Send a request, and wait until it is submitted. */
static int submit(struct hbc_io *io, const struct hbc_io_request *request,
		  int fd, uint64_t timeout_ns)
{
	struct hbc_io_entry *entry = hbc_io_find(io, request->name), *more;
	uint64_t begin = hbc_now(), past;
	int r;

	if (entry && !entry->order)
		return -EEXIST;
	more = reallocarray(io->entry, io->nr + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	io->entry = more;
	entry = &io->entry[io->nr];
	*entry = (struct hbc_io_entry){ .request = *request };
	entry->request.index = (unsigned int)io->nr++;
	entry->began = begin;
	io->submitted = false;
	r = send_request(io, &entry->request, fd);
	while (!r && !io->submitted) {
		past = hbc_now() - begin;
		r = hbc_io_pump(io, past < timeout_ns ? timeout_ns - past : 0);
		r = r > 0 ? 0 : r ? r : -ETIME;
	}
	if (!r && !entry->order)
		r = entry->reply.res;
	/* One that may still be submitted stays in the list. */
	if (r && r != -ETIME && r != -EINTR)
		io->nr--;
	return r;
}

/**
 * hbc_io_submit() - send a request, and wait until it is submitted
 * @io: requests
 * @request: its name must not be in flight
 * @timeout_ns: how long the submission may take
 *
 * Return: 0; -EEXIST if the name is in flight; -ETIME; -EINTR; an error of the
 * submission.
 */
int hbc_io_submit(struct hbc_io *io, const struct hbc_io_request *request,
		  uint64_t timeout_ns)
{
	return submit(io, request, -1, timeout_ns);
}

/**
 * hbc_io_add_command() - wait for a shell command beside the requests
 * @io: requests
 * @name: its name must not be in flight
 * @report: pipe from which its wait status will be read; the caller closes it
 * @timeout_ns: as for hbc_io_submit()
 *
 * Its end has a place in the same order as the ends of requests.
 *
 * Return: as hbc_io_submit().
 */
int hbc_io_add_command(struct hbc_io *io, const char *name, int report,
		       uint64_t timeout_ns)
{
	struct hbc_io_request rq = { .op = HBC_IO_COMMAND };

	snprintf(rq.name, sizeof(rq.name), "%s", name);
	return submit(io, &rq, report, timeout_ns);
}

/**
 * hbc_io_reopen() - open a device again, which was powered off meanwhile
 * @io: requests; those in flight keep what they have open
 * @path: of the device
 * @timeout_ns: as for hbc_io_submit()
 *
 * Return: as hbc_io_submit().
 */
int hbc_io_reopen(struct hbc_io *io, const char *path, uint64_t timeout_ns)
{
	struct hbc_io_request rq = { .op = HBC_IO_REOPEN };
	int r;

	snprintf(rq.path, sizeof(rq.path), "%s", path);
	r = submit(io, &rq, -1, timeout_ns);
	if (!r)
		io->nr--;
	return r;
}

/**
 * hbc_io_wait() - wait until a request has ended
 * @io: requests
 * @name: its name
 * @timeout_ns: how long
 * @entry: out
 *
 * Return: 0; -ENOENT if no request has the name; -ETIME; -EINTR; -EPIPE.
 */
int hbc_io_wait(struct hbc_io *io, const char *name, uint64_t timeout_ns,
		struct hbc_io_entry **entry)
{
	uint64_t begin = hbc_now(), past;
	int r;

	*entry = hbc_io_find(io, name);
	if (!*entry)
		return -ENOENT;
	while (!(*entry)->order) {
		past = hbc_now() - begin;
		r = hbc_io_pump(io, past < timeout_ns ? timeout_ns - past : 0);
		if (r < 0)
			return r;
		if (!r && hbc_now() - begin >= timeout_ns)
			return -ETIME;
	}
	(*entry)->reaped = true;
	return 0;
}

/**
 * hbc_io_result() - how a request ended, as words
 * @entry: request that has ended
 * @buf: out: "ok", the name of an errno, "bad AT" for data that differs from
 *	the pattern, "short BYTES"; of a command "ok", its exit status, or
 *	"signal N"
 * @size: bytes of @buf
 */
void hbc_io_result(const struct hbc_io_entry *entry, char *buf, size_t size)
{
	const struct hbc_io_reply *reply = &entry->reply;
	const char *name;

	if (reply->res < 0) {
		name = strerrorname_np(-reply->res);
		snprintf(buf, size, "%s", name ? name : "EIO");
	} else if (entry->request.op == HBC_IO_COMMAND && reply->res) {
		snprintf(buf, size, WIFSIGNALED(reply->res) ? "signal %d" : "%d",
			 WIFSIGNALED(reply->res) ? WTERMSIG(reply->res) :
						   WEXITSTATUS(reply->res));
	} else if (entry->request.op <= HBC_IO_WRITE &&
		   (uint64_t)reply->res != entry->request.length) {
		snprintf(buf, size, "short %d", reply->res);
	} else if (reply->bad) {
		snprintf(buf, size, "bad %llu (0x%02x, expected 0x%02x)",
			 (unsigned long long)reply->bad_at, reply->bad_byte,
			 (unsigned int)entry->request.pattern);
	} else {
		snprintf(buf, size, "ok");
	}
}

/* Whether a child ends in time. */
static bool is_gone(pid_t pid, uint64_t timeout_ns)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	uint64_t begin = hbc_now();

	while (!waitpid(pid, NULL, WNOHANG)) {
		if (hbc_now() - begin >= timeout_ns)
			return false;
		nanosleep(&nap, NULL);
	}
	return true;
}

/** hbc_io_is_result() - whether a result is @expected: "bad" fits "bad 512" */
bool hbc_io_is_result(const char *result, const char *expected)
{
	size_t len = strlen(expected);

	return !strncmp(result, expected, len) &&
	       (!result[len] || result[len] == ' ');
}

/**
 * hbc_io_can_end() - whether a word can be a result
 * @word: ok, bad, short or the name of an errno
 */
bool hbc_io_can_end(const char *word)
{
	const char *name;
	int err;

	if (!strcmp(word, "ok") || !strcmp(word, "bad") ||
	    !strcmp(word, "short"))
		return true;
	for (err = 1; err < HBC_IO_ERRNOS; err++) {
		name = strerrorname_np(err);
		if (name && !strcmp(name, word))
			return true;
	}
	return false;
}

static void end_server(struct hbc_io *io, uint64_t timeout_ns)
{
	shutdown(io->sock, SHUT_WR);
	if (io->pid > 0 && !is_gone(io->pid, timeout_ns)) {
		kill(io->pid, SIGKILL);
		is_gone(io->pid, HBC_NSEC);
	}
	if (io->sock >= 0)
		close(io->sock);
	io->sock = -1;
	io->pid = 0;
}

/**
 * hbc_io_stop() - end the I/O process
 * @io: requests; freed
 * @timeout_ns: how long requests in flight may take; then the process is
 *	killed, and ends as soon as the kernel lets it
 */
void hbc_io_stop(struct hbc_io *io, uint64_t timeout_ns)
{
	end_server(io, timeout_ns);
	free(io->entry);
	free(io);
}
