/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Devices through configfs: a directory is a device, a file an option.
 *
 * configfs returns an errno and no text. The driver logs one line that names
 * option, value and range; to find it, the kernel's log is read from just
 * before the write.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

#define PATH_ROOM	256
#define OPTION_LEN	64	/* name of an option, with its NUL */
#define VALUE_LEN	4096	/* configfs takes a page in one write */
#define LOG_LEN		1024

static int not_loaded(struct libhaltblk *h)
{
	return hb_fail(h, -ENXIO, "the haltblk driver is not loaded; load it with: modprobe haltblk");
}

static int not_root(struct libhaltblk *h, int err)
{
	return hb_fail(h, err, "only root may change haltblk devices; use sudo");
}

/* Make sure that the driver's directory is there; mount configfs if needed. */
static int need_subsystem(struct libhaltblk *h)
{
	struct stat st, parent;
	int r;

	if (!hb_sys->stat(HB_SUBSYSTEM, &st))
		return 0;
	if (hb_sys->stat(HB_CONFIGFS, &st) ||
	    hb_sys->stat(HB_CONFIGFS "/..", &parent))
		return not_loaded(h);
	if (st.st_dev == parent.st_dev) {
		r = hb_sys->mount("configfs", HB_CONFIGFS);
		if (r)
			return hb_fail(h, r, "cannot mount configfs: %s; as root: mount -t configfs none %s",
				       strerror(-r), HB_CONFIGFS);
	}
	return hb_sys->stat(HB_SUBSYSTEM, &st) ? not_loaded(h) : 0;
}

/* Whether a device was made at module load and so has no directory. */
static bool made_at_load(const char *name)
{
	struct libhaltblk h = { .fd = -1 };
	const struct haltblk_list_entry *entry;
	struct libhaltblk_table *table;
	bool found = false;
	size_t i;

	if (libhaltblk_open(&h))
		return false;
	if (libhaltblk_list(&h, &table) >= 0) {
		for (i = 0; (entry = libhaltblk_list_at(table, i)); i++)
			if (!strcmp(entry->name, name))
				found = entry->flags & HALTBLK_DEV_F_LOAD;
		libhaltblk_table_free(table);
	}
	libhaltblk_close(&h);
	return found;
}

/* Check the device's name and that it has a directory. */
static int need_device(struct libhaltblk *h, const char *device,
		       char name[HALTBLK_NAME_LEN])
{
	char path[PATH_ROOM];
	struct stat st;
	int r;

	r = hb_device_name(h, device, name);
	if (!r)
		r = need_subsystem(h);
	if (r)
		return r;
	snprintf(path, sizeof(path), HB_SUBSYSTEM "/%s", name);
	r = hb_sys->stat(path, &st);
	if (r == -EACCES)
		return not_root(h, r);
	if (!r && S_ISDIR(st.st_mode))
		return 0;
	if (made_at_load(name))
		return hb_fail(h, -EPERM, "it was made when the module was loaded; module parameters configure it, and only unloading removes it: rmmod haltblk");
	return hb_no_such_device(h, device, name, "");
}

/* Split KEY=VALUE; *value is NULL when there is no '='. */
static int split(struct libhaltblk *h, const char *option,
		 char key[OPTION_LEN], const char **value)
{
	size_t len = strcspn(option, "=");

	*value = option[len] ? option + len + 1 : NULL;
	if (!len || len >= OPTION_LEN || memchr(option, '/', len) ||
	    option[0] == '.')
		return hb_fail(h, -ENOPROTOOPT, "%s: not the name of an option",
			       option);
	memcpy(key, option, len);
	key[len] = '\0';
	return 0;
}

static void add_name(void *ctx, const char *name)
{
	struct hb_text *t = ctx;

	hb_text_add(t, "%s%s", t->len ? ", " : "", name);
}

static int unknown_option(struct libhaltblk *h, const char *name,
			  const char *key)
{
	char path[PATH_ROOM], all[HB_WHY_LEN - 256];
	struct hb_text t;

	hb_text_start(&t, all, sizeof(all));
	snprintf(path, sizeof(path), HB_SUBSYSTEM "/%s", name);
	hb_sys->list(path, add_name, &t);
	return hb_fail(h, -ENOPROTOOPT, "unknown option '%s'; the options are %s",
		       key, all);
}

static int need_option(struct libhaltblk *h, const char *name,
		       const char *option)
{
	char key[OPTION_LEN], path[PATH_ROOM];
	const char *value;
	struct stat st;
	int r;

	r = split(h, option, key, &value);
	if (r)
		return r;
	snprintf(path, sizeof(path), HB_SUBSYSTEM "/%s/%s", name, key);
	r = hb_sys->stat(path, &st);
	if (r == -EACCES)
		return not_root(h, r);
	return r ? unknown_option(h, name, key) : 0;
}

static int log_open(void)
{
	int fd = hb_sys->open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd >= 0 && hb_sys->seek_end(fd)) {
		hb_sys->close(fd);
		return -1;
	}
	return fd;
}

/*
 * The last line since log_open() that is about this device's option: it has
 * two of driver, device and option. A record is "prefix;text\n" and then
 * lines of its dictionary.
 */
static bool log_find(int fd, const char *name, const char *key,
		     char line[LOG_LEN])
{
	char record[8192], *text;
	bool found = false;
	ssize_t n;
	int i;

	for (i = 0; fd >= 0 && i < 10000; i++) {
		n = hb_sys->read(fd, record, sizeof(record) - 1);
		if (n == -EPIPE)
			continue;	/* overwritten before it was read */
		if (n <= 0)
			break;
		record[n] = '\0';
		text = strchr(record, ';');
		if (!text)
			continue;
		text++;
		text[strcspn(text, "\n")] = '\0';
		if (!!strstr(text, "haltblk") + !!strstr(text, name) +
		    !!strstr(text, key) < 2)
			continue;
		snprintf(line, LOG_LEN, "%s", text);
		found = true;
	}
	return found;
}

/* Why a write failed, from a line of the log: "...: KEY=VALUE: reason". */
static int fail_by_log(struct libhaltblk *h, int err, const char *option,
		       const char *key, const char *value, const char *line)
{
	char written[LOG_LEN];
	const char *found;
	size_t len;

	snprintf(written, sizeof(written), "%s=%s", key, value);
	found = strstr(line, written);
	len = strlen(written);
	if (found && !strncmp(found + len, ": ", 2))
		return hb_fail(h, err, "%s: %s", option, found + len + 2);
	return hb_fail(h, err, "%s: refused; the kernel's log says: %s", option,
		       line);
}

static const char *write_reason(int err, const char *key)
{
	if (err == -EBUSY && strcmp(key, "power"))
		return "cannot be changed while the device is powered; set power=0 first";
	if (err == -EINVAL || err == -ERANGE)
		return "refused by the driver; the kernel's log (dmesg) has the range";
	return strerror(-err);
}

static int write_file(const char *path, const char *value)
{
	char text[VALUE_LEN];
	int fd, len;
	ssize_t n;

	/* With a newline, as from a shell: the kernel drops an empty write. */
	len = snprintf(text, sizeof(text), "%s\n", value);
	if (len < 0 || (size_t)len >= sizeof(text))
		return -EINVAL;
	fd = hb_sys->open(path, O_WRONLY);
	if (fd < 0)
		return fd;
	n = hb_sys->write(fd, text, (size_t)len);
	hb_sys->close(fd);
	if (n < 0)
		return (int)n;
	return n == len ? 0 : -EIO;
}

/* Write one KEY=VALUE to a device that is there. */
static int write_option(struct libhaltblk *h, const char *name,
			const char *option)
{
	char key[OPTION_LEN], path[PATH_ROOM], line[LOG_LEN];
	char size[HB_SIZE_LEN];
	const char *value, *number;
	struct stat st;
	int kmsg, r;

	r = split(h, option, key, &value);
	if (r)
		return r;
	if (!value)
		return hb_fail(h, -EINVAL, "'%s' is not KEY=VALUE", option);
	r = hb_size(h, option, key, value, size, &number);
	if (r)
		return r;
	snprintf(path, sizeof(path), HB_SUBSYSTEM "/%s/%s", name, key);
	if (!strcmp(key, "power") && strcmp(value, "0"))
		h->powered_at = hb_sys->now();
	kmsg = log_open();
	r = write_file(path, number);
	if (r == -ENOENT)
		r = unknown_option(h, name, key);
	else if (r == -EACCES && !hb_sys->stat(path, &st) &&
		 !(st.st_mode & 0222))
		r = hb_fail(h, -EINVAL, "%s: the option is read-only",
			    option);
	else if (r == -EACCES || r == -EPERM)
		r = not_root(h, r);
	else if (r && log_find(kmsg, name, key, line))
		r = fail_by_log(h, r, option, key, number, line);
	else if (r)
		r = hb_fail(h, r, "%s: %s", option, write_reason(r, key));
	if (kmsg >= 0)
		hb_sys->close(kmsg);
	return r;
}

int libhaltblk_has_option(struct libhaltblk *h, const char *device,
			  const char *option)
{
	char name[HALTBLK_NAME_LEN];
	int r;

	hb_begin(h);
	r = need_device(h, device, name);
	return r ? r : need_option(h, name, option);
}

int libhaltblk_set(struct libhaltblk *h, const char *device,
		   const char *option)
{
	char name[HALTBLK_NAME_LEN];
	int r;

	hb_begin(h);
	r = need_device(h, device, name);
	return r ? r : write_option(h, name, option);
}

int libhaltblk_power(struct libhaltblk *h, const char *device, int on)
{
	return libhaltblk_set(h, device, on ? "power=1" : "power=0");
}

static bool is_power(const char *option)
{
	return !strncmp(option, "power=", 6);
}

static int write_all(struct libhaltblk *h, const char *name,
		     const char *const *options, size_t nr)
{
	const char *power = "power=1";
	size_t i;
	int r;

	for (i = 0; i < nr; i++) {
		r = need_option(h, name, options[i]);
		if (r)
			return r;
	}
	for (i = 0; i < nr; i++) {
		if (is_power(options[i])) {
			power = options[i];
			continue;
		}
		r = write_option(h, name, options[i]);
		if (r)
			return r;
	}
	return strcmp(power, "power=0") ? write_option(h, name, power) : 0;
}

static int make_dir(struct libhaltblk *h, const char *path)
{
	int r = hb_sys->mkdir(path, 0755);
	struct stat st;

	switch (r) {
	case 0:
		return 0;
	case -EEXIST:
		if (!hb_sys->stat(path, &st) && !S_ISDIR(st.st_mode))
			return hb_fail(h, r, "the driver has a file of that name, %s; choose another name",
				       path);
		return hb_fail(h, r, "a haltblk device of that name exists; destroy it first, or choose another name");
	case -EACCES:
	case -EPERM:
		return not_root(h, r);
	default:
		return hb_fail(h, r, "cannot make %s: %s", path, strerror(-r));
	}
}

/*
 * The kernel does not replace something else of that name, like a file written
 * there by mistake, so waiting for the node would be in vain.
 */
static int node_is_free(struct libhaltblk *h, const char *name)
{
	char path[PATH_ROOM];
	struct stat st;

	snprintf(path, sizeof(path), "/dev/%s", name);
	if (hb_sys->stat(path, &st) || S_ISBLK(st.st_mode))
		return 0;
	return hb_fail(h, -EEXIST, "%s exists and is not a block device; %schoose another name",
		       path, S_ISREG(st.st_mode) ? "remove it, or " : "");
}

/* Make a device without power. */
static int make(struct libhaltblk *h, const char *device,
		char name[HALTBLK_NAME_LEN])
{
	char path[PATH_ROOM];
	int r;

	r = libhaltblk_new_name(h, device, name);
	if (!r)
		r = need_subsystem(h);
	if (!r)
		r = node_is_free(h, name);
	if (r)
		return r;
	snprintf(path, sizeof(path), HB_SUBSYSTEM "/%s", name);
	return make_dir(h, path);
}

/* Remove a device whose creation failed with @r, and return that. */
static int undo_make(struct libhaltblk *h, const char *name, int r)
{
	char path[PATH_ROOM], off[PATH_ROOM];
	size_t len = strlen(h->why);
	int undo;

	snprintf(path, sizeof(path), HB_SUBSYSTEM "/%s", name);
	snprintf(off, sizeof(off), HB_SUBSYSTEM "/%s/power", name);
	write_file(off, "0");
	undo = hb_sys->rmdir(path);
	if (undo)
		snprintf(h->why + len, sizeof(h->why) - len,
			 "; and %s could not be removed again: %s", path,
			 strerror(-undo));
	return r;
}

int libhaltblk_create(struct libhaltblk *h, const char *device,
		      const char *const *options, size_t nr)
{
	char name[HALTBLK_NAME_LEN];
	int r;

	hb_begin(h);
	r = make(h, device, name);
	if (r)
		return r;
	r = write_all(h, name, options, nr);
	return r ? undo_make(h, name, r) : 0;
}

/* A clone has some options of its origin in any case. */
static int check_clone_options(struct libhaltblk *h,
			       const char *const *options, size_t nr)
{
	static const char *const same[] = {
		"size", "blocksize", "discard_reads",
	};
	size_t i, k, len;

	for (i = 0; i < nr; i++) {
		len = strcspn(options[i], "=");
		for (k = 0; k < HB_ARRAY_SIZE(same); k++)
			if (len == strlen(same[k]) &&
			    !strncmp(options[i], same[k], len))
				return hb_fail(h, -EINVAL, "%s: a clone has the %s of its origin",
					       options[i], same[k]);
	}
	return 0;
}

/* Options and data, in a session of the new device. */
static int clone_data(struct libhaltblk *h, const char *name,
		      const char *source, const struct haltblk_keep *keep)
{
	struct haltblk_clone arg = {
		.hdr.flags = HALTBLK_CLONE_F_OPTIONS,
	};
	struct libhaltblk own = { .fd = -1 };
	int r;

	memcpy(arg.source, source, sizeof(arg.source));
	if (keep)
		arg.keep = *keep;
	r = libhaltblk_open(&own);
	if (!r) {
		r = libhaltblk_attach(&own, name);
		if (!r)
			r = hb_ioctl(&own, HALTBLK_IOC_CLONE, &arg.hdr,
				     sizeof(arg));
		libhaltblk_close(&own);
	}
	return r < 0 ? hb_fail(h, r, "%s", own.why) : 0;
}

int libhaltblk_clone(struct libhaltblk *h, const char *device,
		     const char *clone, const char *const *options, size_t nr)
{
	return libhaltblk_clone_keep(h, device, clone, NULL, options, nr);
}

int libhaltblk_clone_keep(struct libhaltblk *h, const char *device,
			  const char *clone, const struct haltblk_keep *keep,
			  const char *const *options, size_t nr)
{
	char name[HALTBLK_NAME_LEN], source[HALTBLK_NAME_LEN];
	int r;

	hb_begin(h);
	r = hb_device_name(h, device, source);
	if (!r)
		r = check_clone_options(h, options, nr);
	if (!r)
		r = make(h, clone, name);
	if (r)
		return r;
	r = clone_data(h, name, source, keep);
	if (r == -ENXIO)
		r = hb_no_such_device(h, device, source, "");
	if (!r)
		r = write_all(h, name, options, nr);
	return r ? undo_make(h, name, r) : 0;
}

int libhaltblk_destroy(struct libhaltblk *h, const char *device)
{
	char name[HALTBLK_NAME_LEN], path[PATH_ROOM];
	int r;

	hb_begin(h);
	r = need_device(h, device, name);
	if (!r)
		r = write_option(h, name, "power=0");
	if (r)
		return r;
	snprintf(path, sizeof(path), HB_SUBSYSTEM "/%s", name);
	r = hb_sys->rmdir(path);
	return r ? hb_fail(h, r, "cannot remove %s: %s", path, strerror(-r)) : 0;
}
