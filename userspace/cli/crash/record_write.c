/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Makes a record on disk. If the process dies, what was flushed is a record
 * that is truncated.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format.h"

#define ROOM	(2 * HBC_REC_DATA_MAX)

static int say(const char *path, const char *what, int err)
{
	hbc_error(path, "%s: %s", what, strerror(err));
	return HBC_FAILED;
}

static bool is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	bool empty = true;

	while (d && (entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			empty = false;
	if (d)
		closedir(d);
	return empty;
}

static int make_dir(struct hbc_rec_writer *w)
{
	struct stat st;

	if (!mkdir(w->dir, 0777)) {
		w->made_dir = true;
		return HBC_OK;
	}
	if (errno != EEXIST)
		return say(w->dir, "cannot make the directory", errno);
	if (stat(w->dir, &st))
		return say(w->dir, "cannot use it", errno);
	if (!S_ISDIR(st.st_mode)) {
		hbc_error(w->dir, "not a directory");
		return HBC_FAILED;
	}
	if (!is_empty(w->dir)) {
		hbc_error(w->dir, "not empty; choose another directory, or remove what it has");
		return HBC_FAILED;
	}
	return HBC_OK;
}

static int make_id(char id[33])
{
	unsigned char bytes[16];
	unsigned int i;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return say("random numbers", "cannot get any", errno);
	for (i = 0; i < sizeof(bytes); i++)
		sprintf(id + 2 * i, "%02x", bytes[i]);
	return HBC_OK;
}

static int open_events(struct hbc_rec_writer *w)
{
	unsigned char head[HBC_REC_HEAD_SIZE];
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/events", w->dir);
	w->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (w->fd < 0)
		return say(path, "cannot make", errno);
	hbc_rec_head_encode(head, w->record.id, w->record.nr_devices);
	r = hbc_write_at(w->fd, head, sizeof(head), 0);
	if (r)
		return say(path, "cannot write", -r);
	w->bytes = sizeof(head);
	return HBC_OK;
}

/**
 * hbc_rec_writer_new() - begin a record
 * @dir: directory; it is made, or is empty
 * @devices: those of the record; taken over, also when the call fails
 * @nr: how many
 * @imported: see struct hbc_rec
 * @writer: out; hbc_rec_writer_end() or hbc_rec_writer_drop() frees it
 *
 * There is no info.json before hbc_rec_flush() is called.
 */
int hbc_rec_writer_new(const char *dir, struct hbc_rec_device *devices,
		       unsigned int nr, const char *imported,
		       struct hbc_rec_writer **writer)
{
	struct hbc_rec_writer *w = calloc(1, sizeof(*w));
	int status = HBC_OK;

	*writer = NULL;
	if (!w)
		return hbc_no_memory();
	w->fd = -1;
	w->record.nr_devices = nr;
	memcpy(w->record.devices, devices, nr * sizeof(*devices));
	memset(devices, 0, nr * sizeof(*devices));
	w->record.reason = HBC_REC_UNFINISHED;
	w->record.imported = imported ? strdup(imported) : NULL;
	w->dir = strdup(dir);
	w->buf = malloc(ROOM);
	if (!w->dir || !w->buf || (imported && !w->record.imported))
		status = hbc_no_memory();
	if (status == HBC_OK)
		status = make_id(w->record.id);
	if (status == HBC_OK)
		status = make_dir(w);
	if (status == HBC_OK)
		status = open_events(w);
	if (status == HBC_OK)
		*writer = w;
	else
		hbc_rec_writer_drop(w);
	return status;
}

static int write_out(struct hbc_rec_writer *w)
{
	int r = w->failed ? 0 : hbc_write_at(w->fd, w->buf, w->used, w->bytes);

	if (r) {
		hbc_error(w->dir, "cannot write events: %s", strerror(-r));
		w->failed = true;
	}
	if (w->failed)
		return HBC_FAILED;
	w->bytes += w->used;
	w->used = 0;
	return HBC_OK;
}

/** hbc_rec_put() - append an entry; hbc_rec_flush() writes it */
int hbc_rec_put(struct hbc_rec_writer *w, const struct hbc_rec_entry *e,
		const void *data)
{
	size_t size = hbc_rec_entry_size(e->data_len);
	unsigned char *to;
	uint32_t crc;

	if (w->used + HBC_REC_FRAME_SIZE + size > ROOM && write_out(w))
		return HBC_FAILED;
	to = w->buf + w->used;
	memset(to, 0, HBC_REC_FRAME_SIZE);
	hbc_rec_encode(to + HBC_REC_FRAME_SIZE, e);
	if (e->data_len)
		memcpy(to + HBC_REC_FRAME_SIZE + HBC_REC_ENTRY_SIZE, data,
		       e->data_len);
	memset(to + HBC_REC_FRAME_SIZE + HBC_REC_ENTRY_SIZE + e->data_len, 0,
	       size - HBC_REC_ENTRY_SIZE - e->data_len);
	crc = hbc_crc32c(w->crc, to + HBC_REC_FRAME_SIZE, size);
	w->crc = crc;
	to[0] = (unsigned char)crc;
	to[1] = (unsigned char)(crc >> 8);
	to[2] = (unsigned char)(crc >> 16);
	to[3] = (unsigned char)(crc >> 24);
	w->used += HBC_REC_FRAME_SIZE + size;
	w->record.last = e->seq;
	return HBC_OK;
}

static int write_info(struct hbc_rec_writer *w, bool finished)
{
	struct hbc_rec_info info = {
		.finished = finished,
		.events_bytes = finished ? w->bytes : 0,
		.record = &w->record,
	};

	return hbc_rec_info_write(w->dir, &info);
}

/**
 * hbc_rec_flush() - write out what was appended
 *
 * The first call makes the directory a record, so the bases must be there.
 */
int hbc_rec_flush(struct hbc_rec_writer *w)
{
	int status = write_out(w);

	if (status == HBC_OK && !w->record.truncated) {
		w->record.truncated = true;
		status = write_info(w, false);
	}
	return status;
}

/** hbc_rec_base_open() - a descriptor to write the base of a device to, or -1 */
int hbc_rec_base_open(struct hbc_rec_writer *w, unsigned int dev)
{
	struct hbc_rec_device *d = &w->record.devices[dev];
	int fd;

	if (asprintf(&d->base, "%s/base-%u", w->dir, dev) < 0) {
		d->base = NULL;
		hbc_no_memory();
		return -1;
	}
	fd = open(d->base, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		say(d->base, "cannot make", errno);
	return fd;
}

/** hbc_rec_base_end() - close a base that was written, and remember its CRC */
int hbc_rec_base_end(struct hbc_rec_writer *w, unsigned int dev, int fd,
		     uint64_t bytes)
{
	struct hbc_rec_device *d = &w->record.devices[dev];
	int err = 0;

	if (ftruncate(fd, (off_t)bytes))
		err = errno;
	if (close(fd) && !err)
		err = errno;
	if (err)
		return say(d->base, "cannot write", err);
	d->base_bytes = bytes;
	return hbc_rec_base_scan(d->base, bytes, false, NULL, NULL,
				 &d->base_crc);
}

static void free_writer(struct hbc_rec_writer *w)
{
	unsigned int i;

	if (w->fd >= 0)
		close(w->fd);
	for (i = 0; i < w->record.nr_devices; i++)
		hbc_rec_device_free(&w->record.devices[i]);
	free(w->record.imported);
	free(w->buf);
	free(w->dir);
	free(w);
}

static int end(struct hbc_rec_writer *w, uint32_t reason, bool truncated)
{
	struct hbc_rec_entry e = {
		.what = HBC_REC_END, .status = reason,
		.seq = w->record.last + 1,
	};
	int status;

	status = hbc_rec_put(w, &e, NULL);
	if (status == HBC_OK)
		status = write_out(w);
	if (status == HBC_OK && fsync(w->fd))
		status = say(w->dir, "cannot write events", errno);
	if (status != HBC_OK)
		return status;
	w->record.reason = reason;
	w->record.truncated = truncated;
	return write_info(w, true);
}

/**
 * hbc_rec_writer_end() - end a record, and free the writer
 * @w: writer
 * @reason: HALTBLK_RECORD_*
 * @truncated: see struct hbc_rec
 */
int hbc_rec_writer_end(struct hbc_rec_writer *w, uint32_t reason,
		       bool truncated)
{
	int status = w->failed ? HBC_FAILED : end(w, reason, truncated);

	free_writer(w);
	return status;
}

/** hbc_rec_writer_drop() - remove a record that did not begin; NULL is fine */
void hbc_rec_writer_drop(struct hbc_rec_writer *w)
{
	char path[PATH_MAX];
	unsigned int i;

	if (!w)
		return;
	for (i = 0; i < w->record.nr_devices; i++)
		if (w->record.devices[i].base)
			unlink(w->record.devices[i].base);
	if (w->fd >= 0) {
		snprintf(path, sizeof(path), "%s/events", w->dir);
		unlink(path);
		snprintf(path, sizeof(path), "%s/info.json", w->dir);
		unlink(path);
	}
	if (w->made_dir)
		rmdir(w->dir);
	free_writer(w);
}
