/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Switches the function-graph tracer and kretprobes on for one process, and
 * off again.
 *
 * Uses an instance of its own if the kernel allows this tracer one, so that
 * other tracing is not disturbed. Else uses the system's only tracer if that
 * is free, and restores its settings afterwards.
 *
 * If SIGKILL ends a command, its files stay. Their names have its pid, and the
 * next command removes them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracefs.h"

#define PREFIX		"haltblk_"
#define MOST_PROBES	64
#define SAVED_LEN	4096

/*
 * Functions that the ioctls pass and that return an errno. Those that a kernel
 * lacks or has inlined are left out.
 */
static const char *const probed[] = {
	"blkdev_open", "bdev_open", "blkdev_get_by_dev", "bd_prepare_to_claim",
	"blkdev_ioctl", "blkdev_common_ioctl", "blk_ioctl_discard",
	"blk_ioctl_secure_erase", "blk_ioctl_zeroout",
	"blk_validate_byte_range", "truncate_bdev_range",
	"invalidate_inode_pages2_range", "blkdev_issue_discard",
	"__blkdev_issue_discard", "blkdev_issue_zeroout",
	"__blkdev_issue_zeroout", "blkdev_issue_write_zeroes",
	"__blkdev_issue_write_zeroes", "blkdev_issue_zero_pages",
	"__blkdev_issue_zero_pages", "blkdev_issue_secure_erase",
	"submit_bio_wait", "bio_submit_or_kill", "blk_status_to_errno",
};

/*
 * Functions that the path can show. All functions of the kernel could be
 * traced, but switching that on and off slows the whole system.
 */
static const char *const traced[] = {
	"*blk*", "*bio*", "*bdev*", "*discard*", "*zeroout*", "*secure_erase*",
	"*zero_pages*", "truncate_*", "invalidate_*", "filemap_*", "*queue_rq*",
	"*submit*", "*haltblk*", "dm_*", "md_*", "scsi_*", "sd_*", "nvme_*",
};

/* Settings of the system's tracer, restored in this order. */
static const char *const settings[] = {
	"current_tracer", "set_graph_function", "set_ftrace_pid",
	"set_ftrace_filter", "tracing_on",
};

/**
 * struct hbc_tracefs - the tracer, on
 * @root: where tracefs is
 * @dir: our instance, or @root
 * @group: of our probes
 * @own: @dir is an instance
 * @saved: settings as they were, if not @own
 * @probes: whether there are any
 * @note: what is missing, or ""
 */
struct hbc_tracefs {
	const char *root;
	char dir[128];
	char group[32];
	bool own;
	char saved[HBC_ARRAY_SIZE(settings)][SAVED_LEN];
	bool probes;
	char note[256];
};

/* Some of these files take one word per write. */
static int put(const char *dir, const char *name, const char *text, int flags)
{
	size_t len = strlen(text);
	char path[512];
	int fd, r = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	if (fd < 0)
		return -errno;
	for (; !r && len; text += n, len -= (size_t)n) {
		n = write(fd, text, len);
		if (n <= 0) {
			r = n < 0 ? -errno : -EIO;
			n = 0;
		}
	}
	close(fd);
	return r;
}

static FILE *get(const char *dir, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return fopen(path, "re");
}

static bool has_word(const char *dir, const char *name, const char *word)
{
	char text[512], *rest = text, *p;
	FILE *f = get(dir, name);
	bool found = false;

	if (!f)
		return false;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	while ((p = strsep(&rest, " \n")))
		found |= !strcmp(p, word);
	return found;
}

static const char *find_root(void)
{
	static const char *const roots[] = {
		"/sys/kernel/tracing", "/sys/kernel/debug/tracing",
	};
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(roots); i++) {
		FILE *f = get(roots[i], "available_tracers");

		if (f) {
			fclose(f);
			return roots[i];
		}
	}
	return NULL;
}

/*
 * Read a setting in the form that restores it; text that means "none" becomes
 * "". False if it is too long.
 */
static bool save(const char *dir, const char *name, char text[SAVED_LEN])
{
	FILE *f = get(dir, name);
	char line[256];
	size_t len = 0;
	bool all = true;

	text[0] = '\0';
	while (f && fgets(line, sizeof(line), f))
		if (*line == '#' || !strcmp(line, "no pid\n"))
			continue;
		else if (len + strlen(line) < SAVED_LEN)
			len += (size_t)sprintf(text + len, "%s", line);
		else
			all = false;
	if (f)
		fclose(f);
	return all;
}

static void remove_probes(const char *root, const char *group)
{
	char line[512], text[256], *end;
	FILE *f = get(root, "kprobe_events");
	char *name;

	while (f && fgets(line, sizeof(line), f)) {
		name = strchr(line, ':');
		if (!name || strncmp(name + 1, group, strlen(group)) ||
		    name[1 + strlen(group)] != '/')
			continue;
		end = name + strcspn(name, " \n");
		snprintf(text, sizeof(text), "-%.*s\n", (int)(end - name),
			 name);
		put(root, "kprobe_events", text, O_APPEND);
	}
	if (f)
		fclose(f);
}

static void remove_instance(const char *root, const char *name)
{
	char dir[400];

	snprintf(dir, sizeof(dir), "%s/instances/%s", root, name);
	put(dir, "events/enable", "0", 0);
	put(dir, "current_tracer", "nop", 0);
	rmdir(dir);
}

/* Whether it is a name of ours with the pid of a process that is gone. */
static bool is_stale(const char *name)
{
	long pid;

	if (strncmp(name, PREFIX, strlen(PREFIX)))
		return false;
	pid = strtol(name + strlen(PREFIX), NULL, 10);
	return pid > 0 && kill((pid_t)pid, 0) && errno == ESRCH;
}

/* Reset the system's tracer, too: it was taken only while it was free. */
static void remove_stale_group(const char *root, const char *group)
{
	char name[64];
	size_t i;

	snprintf(name, sizeof(name), "events/%.32s/enable", group);
	put(root, name, "0", 0);
	remove_probes(root, group);
	if (!has_word(root, "set_graph_function", "blkdev_ioctl"))
		return;
	put(root, "current_tracer", "nop", 0);
	for (i = 1; i < HBC_ARRAY_SIZE(settings) - 1; i++)
		put(root, settings[i], "", O_TRUNC);
	put(root, "tracing_on", "1", 0);
}

/* Remove what killed commands left. */
static void remove_stale(const char *root)
{
	char path[256], line[512], group[32];
	struct dirent *entry;
	const char *name;
	DIR *dir;
	FILE *f;

	snprintf(path, sizeof(path), "%s/instances", root);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (is_stale(entry->d_name))
			remove_instance(root, entry->d_name);
	if (dir)
		closedir(dir);
	f = get(root, "kprobe_events");
	group[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		name = strchr(line, ':');
		if (!name || !is_stale(name + 1) ||
		    (*group && !strncmp(name + 1, group, strlen(group))))
			continue;
		snprintf(group, sizeof(group), "%.*s",
			 (int)strcspn(name + 1, "/ \n"), name + 1);
		remove_stale_group(root, group);
	}
	if (f)
		fclose(f);
}

static bool is_probed(const char *name)
{
	size_t len = strcspn(name, "."), i;

	for (i = 0; i < HBC_ARRAY_SIZE(probed); i++)
		if (strlen(probed[i]) == len && !strncmp(probed[i], name, len))
			return true;
	return false;
}

static bool add_probe(const struct hbc_tracefs *fs, const char *function)
{
	char text[400], event[HBC_TRACE_NAME], *dot;

	if (strlen(function) >= sizeof(event))
		return false;
	strcpy(event, function);
	while ((dot = strchr(event, '.')))
		*dot = '_';
	snprintf(text, sizeof(text), "r:%s/%s %.*s ret=$retval:s32\n", fs->group,
		 event, HBC_TRACE_NAME, function);
	return !put(fs->root, "kprobe_events", text, O_APPEND);
}

static void add_probes(struct hbc_tracefs *fs, pid_t pid)
{
	FILE *f = get(fs->root, "available_filter_functions");
	char line[512], name[160], text[100];
	int nr = 0;

	while (f && nr < MOST_PROBES && fgets(line, sizeof(line), f)) {
		line[strcspn(line, " \t\n")] = '\0';
		if (is_probed(line))
			nr += add_probe(fs, line);
	}
	if (f)
		fclose(f);
	if (!nr) {
		snprintf(fs->note, sizeof(fs->note), "cannot set a kretprobe, so the function that first returned the errno is unknown");
		return;
	}
	snprintf(name, sizeof(name), "events/%s/filter", fs->group);
	snprintf(text, sizeof(text),
		 "ret < 0 && ret >= -4095 && common_pid == %d", (int)pid);
	put(fs->dir, name, text, 0);
	snprintf(name, sizeof(name), "events/%s/enable", fs->group);
	fs->probes = !put(fs->dir, name, "1", 0);
}

static int choose(const char *dir)
{
	bool any = false;
	size_t i;

	put(dir, "set_ftrace_filter", "", O_TRUNC);
	/* The kernel refuses a pattern that matches no function. */
	for (i = 0; i < HBC_ARRAY_SIZE(traced); i++)
		any |= !put(dir, "set_ftrace_filter", traced[i], O_APPEND);
	return any ? 0 : -ENOENT;
}

static int start_instance(struct hbc_tracefs *fs, const char *pid)
{
	int r;

	snprintf(fs->dir, sizeof(fs->dir), "%s/instances/%s", fs->root,
		 fs->group);
	if (mkdir(fs->dir, 0700))
		return -errno;
	fs->own = true;
	put(fs->dir, "tracing_on", "0", 0);
	r = put(fs->dir, "set_ftrace_pid", pid, O_TRUNC);
	if (!r)
		r = choose(fs->dir);
	if (!r)
		r = put(fs->dir, "current_tracer", "function_graph", 0);
	if (!r)
		return 0;
	remove_instance(fs->root, fs->group);
	fs->own = false;
	return r;
}

static int start_global(struct hbc_tracefs *fs, const char *pid, char *why,
			size_t size)
{
	bool all = true;
	size_t i;
	int r;

	snprintf(fs->dir, sizeof(fs->dir), "%s", fs->root);
	for (i = 0; i < HBC_ARRAY_SIZE(settings); i++)
		all &= save(fs->root, settings[i], fs->saved[i]);
	if (!all) {
		snprintf(why, size, "this kernel has only one function tracer, and its settings are too long to restore; clear set_ftrace_filter and set_graph_function");
		return -EBUSY;
	}
	if (strcmp(fs->saved[0], "nop\n")) {
		snprintf(why, size, "this kernel has only one function tracer, and it is in use (current_tracer is %.*s); write nop to current_tracer to free it",
			 (int)strcspn(fs->saved[0], "\n"), fs->saved[0]);
		return -EBUSY;
	}
	put(fs->root, "tracing_on", "0", 0);
	put(fs->root, "set_graph_function", "blkdev_ioctl\n", O_TRUNC);
	put(fs->root, "set_graph_function", "blkdev_open\n", O_APPEND);
	r = put(fs->root, "set_ftrace_pid", pid, O_TRUNC);
	if (!r)
		r = choose(fs->root);
	if (!r)
		r = put(fs->root, "current_tracer", "function_graph", 0);
	if (!r)
		return 0;
	snprintf(why, size, "cannot switch on the function-graph tracer: %s",
		 strerror(-r));
	hbc_tracefs_stop(fs, NULL);
	return r;
}

static int start(struct hbc_tracefs *fs, pid_t pid, char *why, size_t size)
{
	char text[32];

	fs->root = find_root();
	if (!fs->root) {
		snprintf(why, size, geteuid() ?
			 "only root may trace; use sudo" :
			 "this kernel has no tracer, or tracefs is not mounted: mount -t tracefs tracefs /sys/kernel/tracing");
		return -ENOENT;
	}
	if (!has_word(fs->root, "available_tracers", "function_graph")) {
		snprintf(why, size, "this kernel has no function-graph tracer (CONFIG_FUNCTION_GRAPH_TRACER); only limits can be explained");
		return -EOPNOTSUPP;
	}
	remove_stale(fs->root);
	snprintf(fs->group, sizeof(fs->group), PREFIX "%d", (int)getpid());
	snprintf(text, sizeof(text), "%d\n", (int)pid);
	return start_instance(fs, text) ? start_global(fs, text, why, size) : 0;
}

/**
 * hbc_tracefs_start() - trace a process
 * @fs: out; NULL on an error
 * @pid: process, which waits meanwhile
 * @why: out: reason of an error
 * @size: bytes of @why
 *
 * Return: 0 or a negative errno.
 */
int hbc_tracefs_start(struct hbc_tracefs **fs, pid_t pid, char *why,
		      size_t size)
{
	int r;

	*fs = calloc(1, sizeof(**fs));
	if (!*fs) {
		snprintf(why, size, "out of memory");
		return -ENOMEM;
	}
	r = start(*fs, pid, why, size);
	if (r) {
		free(*fs);
		*fs = NULL;
		return r;
	}
	add_probes(*fs, pid);
	put((*fs)->dir, "trace", "", O_TRUNC);
	put((*fs)->dir, "tracing_on", "1", 0);
	return 0;
}

/** hbc_tracefs_note() - what is missing, or "" */
const char *hbc_tracefs_note(const struct hbc_tracefs *fs)
{
	return fs->note;
}

static void read_trace(const struct hbc_tracefs *fs, struct hbc_record *record)
{
	FILE *f = get(fs->dir, "trace");
	char *line = NULL;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0)
		hbc_record_line(record, line);
	free(line);
	if (f)
		fclose(f);
}

/**
 * hbc_tracefs_stop() - switch it off and restore all settings
 * @fs: tracer; not freed
 * @record: what was recorded is added to it; or NULL
 */
void hbc_tracefs_stop(struct hbc_tracefs *fs, struct hbc_record *record)
{
	char name[64];
	size_t i;

	put(fs->dir, "tracing_on", "0", 0);
	if (record)
		read_trace(fs, record);
	snprintf(name, sizeof(name), "events/%s/enable", fs->group);
	put(fs->dir, name, "0", 0);
	if (fs->own)
		remove_instance(fs->root, fs->group);
	for (i = 0; !fs->own && i < HBC_ARRAY_SIZE(settings); i++)
		put(fs->root, settings[i], fs->saved[i], O_TRUNC);
	remove_probes(fs->root, fs->group);
}
