/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Inside libhaltblk. hb_* names are hidden from users of the shared library.
 *
 * All system calls of the library go through hb_sys, which unit tests replace;
 * nothing else here may call open, ioctl and the like.
 */
#ifndef HB_PRIVATE_H
#define HB_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "libhaltblk.h"

#define HB_WHY_LEN	2048
#define HB_CONTROL	"/dev/haltblk-control"
#define HB_CONFIGFS	"/sys/kernel/config"
#define HB_SUBSYSTEM	HB_CONFIGFS "/haltblk"
#define HB_NSEC		1000000000ULL

#define HB_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define HB_PRINTF(f, a) __attribute__((format(printf, f, a)))

/**
 * struct hb_transport - the system calls of the library
 * @open: file, always close-on-exec
 * @close: descriptor
 * @read: like read
 * @write: like write
 * @seek_end: to the end of a file; for /dev/kmsg, past what is logged already
 * @ioctl: like ioctl
 * @mkdir: like mkdir
 * @rmdir: like rmdir
 * @stat: like stat
 * @list: calls @each for the names in a directory, by the alphabet
 * @mount: a file system without a source, by type
 * @listens: 0 if a process listens on a unix socket of that type
 * @watch: descriptor that is readable after something appeared in a directory
 * @poll: 1 readable, 0 timed out
 * @now: CLOCK_MONOTONIC in nanoseconds
 * @sleep: for so many nanoseconds
 *
 * Each returns a negative errno on an error, and never sets errno.
 */
struct hb_transport {
	int (*open)(const char *path, int flags);
	void (*close)(int fd);
	ssize_t (*read)(int fd, void *buf, size_t len);
	ssize_t (*write)(int fd, const void *buf, size_t len);
	int (*seek_end)(int fd);
	int (*ioctl)(int fd, unsigned long nr, void *arg);
	int (*mkdir)(const char *path, mode_t mode);
	int (*rmdir)(const char *path);
	int (*stat)(const char *path, struct stat *st);
	int (*list)(const char *path,
		    void (*each)(void *ctx, const char *name), void *ctx);
	int (*mount)(const char *type, const char *path);
	int (*listens)(const char *path, int type);
	int (*watch)(const char *dir);
	int (*poll)(int fd, int timeout_ms);
	uint64_t (*now)(void);
	int (*sleep)(uint64_t ns);
};

extern const struct hb_transport hb_real;
extern const struct hb_transport *hb_sys;

/**
 * struct libhaltblk - a handle
 * @fd: session, or -1
 * @powered_at: CLOCK_MONOTONIC ns when this handle last powered a device on
 * @watching: the session records events
 * @kernel_why: what the kernel wrote about the last ioctl that failed
 * @events: records read and not handed out yet; NULL before the first read
 * @events_at: bytes of them handed out
 * @events_end: bytes of them
 * @why: reason of the last failure
 */
struct libhaltblk {
	int fd;
	uint64_t powered_at;
	bool watching;
	char kernel_why[HALTBLK_WHY_LEN];
	char *events;
	size_t events_at;
	size_t events_end;
	char why[HB_WHY_LEN];
};

/* session.c */
int hb_fail(struct libhaltblk *h, int err, const char *fmt, ...) HB_PRINTF(3, 4);
void hb_begin(struct libhaltblk *h);
int hb_ioctl(struct libhaltblk *h, unsigned long nr, struct haltblk_hdr *hdr,
	     size_t size);
int hb_tag(struct libhaltblk *h, const char *tag, char buf[HALTBLK_TAG_LEN]);

/* device.c */
int hb_device_name(struct libhaltblk *h, const char *device,
		   char name[HALTBLK_NAME_LEN]);
int hb_no_such_device(struct libhaltblk *h, const char *device,
		      const char *name, const char *why);

/* watch.c */
void hb_events_drop(struct libhaltblk *h);

/* names.c */
int hb_lookup(enum libhaltblk_words which, const char *word, size_t len);
void hb_all_words(struct libhaltblk *h, enum libhaltblk_words which, bool args,
		  char *buf, size_t size);
const char *hb_action_arg(unsigned int action);
const char *hb_status_refusal(const char *word);

/* text.c */

/**
 * struct hb_text - a bounded buffer that text is appended to
 * @buf: always terminated
 * @size: bytes of @buf
 * @len: length of the whole text, also of what did not fit
 */
struct hb_text {
	char *buf;
	size_t size;
	size_t len;
};

void hb_text_start(struct hb_text *t, char *buf, size_t size);
void hb_text_add(struct hb_text *t, const char *fmt, ...) HB_PRINTF(2, 3);
int hb_parse_number(const char *s, const char **end, uint64_t *value);
ssize_t hb_read_file(const char *path, char *buf, size_t size);

/* size.c */
#define HB_SIZE_LEN	24	/* a number of 64 bits */
int hb_size(struct libhaltblk *h, const char *option, const char *key,
	    const char *value, char buf[HB_SIZE_LEN], const char **out);

#endif /* HB_PRIVATE_H */
