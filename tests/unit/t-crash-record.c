/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A record on disk: what was written is read again, and what was changed or cut
 * is refused.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crash/format.h"
#include "libhaltblk/crash.h"
#include "tap.h"

static char top[] = "/tmp/hbrec.XXXXXX";
static char dir[64], path[96];

static void make_record(void)
{
	struct hbc_rec_device device = { .name = "hb0", .sectors = 64, .block = 512 };
	struct hbc_rec_entry e = {
		.what = HBC_REC_REACHED, .op = HALTBLK_OP_WRITE, .seq = 1,
		.id = 7, .sector = 8, .sectors = 2,
	};
	struct hbc_rec_writer *w;
	char data[1024];

	memset(data, 'x', 512);
	memset(data + 512, 'y', 512);
	tap_int(hbc_rec_writer_new(dir, &device, 1, NULL, &w), 0, "begun");
	hbc_rec_put(w, &e, NULL);
	tap_int(hbc_rec_flush(w), 0, "flushed");
	e.what = HBC_REC_MOVED;
	e.request = 1;
	e.seq = 2;
	e.data_len = sizeof(data);
	hbc_rec_put(w, &e, data);
	e.what = HBC_REC_ENDED;
	e.seq = 3;
	e.data_len = 0;
	hbc_rec_put(w, &e, NULL);
	e = (struct hbc_rec_entry){ .what = HBC_REC_MARK, .seq = 5, .data_len = 4 };
	hbc_rec_put(w, &e, "done");
	tap_int(hbc_rec_writer_end(w, 0, false), 0, "ended");
}

static void reads(void)
{
	struct hbc_rec *r;
	uint64_t event = 0;
	char buf[512];

	tap_int(hbc_rec_open(dir, &r), 0, "opened");
	tap_int((long long)r->nr_requests, 1, "one request");
	tap_int((long long)r->requests[0].moved, 2, "it took effect");
	tap_int((long long)r->requests[0].ended, 3, "it ended");
	tap_int(r->truncated, 0, "whole");
	tap_int(hbc_rec_data(r, &r->requests[0], 9, 1, buf), 0, "data");
	tap_int(buf[0], 'y', "of the second sector");
	tap_int(hbc_rec_point(r, "mark=done", &event), 0, "a mark");
	tap_int((long long)event, 5, "its event");
	hbc_rec_close(r);
}

/* Each byte changed, each length: refused, and never a crash. */
static void damaged(const char *name)
{
	char text[8192];
	struct hbc_rec *r;
	int fd, bad = 0;
	ssize_t len, i;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	len = read(fd, text, sizeof(text));
	tap_ok(len > 0, "%s has bytes", name);
	for (i = 0; i < len; i++) {
		text[i] ^= 4;
		hbc_write_at(fd, text + i, 1, (uint64_t)i);
		bad += hbc_rec_open(dir, &r) == HBC_OK;
		hbc_rec_close(r);
		text[i] ^= 4;
		hbc_write_at(fd, text + i, 1, (uint64_t)i);
	}
	tap_int(bad, 0, "%s: each changed byte is refused", name);
	for (i = len - 1; i >= 0; i--) {
		if (ftruncate(fd, i))
			break;
		bad += hbc_rec_open(dir, &r) == HBC_OK;
		hbc_rec_close(r);
	}
	tap_int(bad, 0, "%s: each shorter length is refused", name);
	hbc_write_at(fd, text, (size_t)len, 0);
	close(fd);
}

int main(void)
{
	FILE *null = fopen("/dev/null", "w");

	if (!mkdtemp(top))
		return 1;
	snprintf(dir, sizeof(dir), "%s/r", top);
	make_record();
	reads();
	hbc_messages_to(null);
	damaged("events");
	damaged("info.json");
	hbc_messages_to(NULL);
	reads();
	snprintf(path, sizeof(path), "%s/events", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/info.json", dir);
	unlink(path);
	rmdir(dir);
	rmdir(top);
	fclose(null);
	return tap_done();
}
