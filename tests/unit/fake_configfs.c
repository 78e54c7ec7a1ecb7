/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The driver's part of configfs: which options a device has and what it
 * refuses, with the line it logs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "fake.h"
#include "fake_private.h"

static bool is_device(const char *path)
{
	const char *name = path + strlen(HB_SUBSYSTEM "/");

	return !strncmp(path, HB_SUBSYSTEM "/", strlen(HB_SUBSYSTEM "/")) &&
	       !strchr(name, '/');
}

void fake_configfs_mkdir(const char *path)
{
	static const char *const options[] = {
		"badblocks", "blocksize", "index", "power", "queue_mode",
		"size",
	};
	char file[192];
	size_t i;

	if (!is_device(path))
		return;
	for (i = 0; i < HB_ARRAY_SIZE(options); i++) {
		snprintf(file, sizeof(file), "%s/%s", path, options[i]);
		fake_file(file, "0\n",
			  strcmp(options[i], "index") ? 0644 : 0444);
	}
}

static void node_path(const char *device, char *path, size_t size)
{
	snprintf(path, size, "/dev/%s", device);
}

void fake_configfs_rmdir(const char *path)
{
	char node[96];

	node_path(strrchr(path, '/') + 1, node, sizeof(node));
	fake_remove_file(node);
}

static int refuse(const char *fmt, ...) HB_PRINTF(1, 2);

/* A line from the driver, then one from someone else. */
static int refuse(const char *fmt, ...)
{
	char line[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fake_kmsg(line);
	fake_kmsg("someone else: nothing to see here");
	return -EINVAL;
}

static void power(const char *device, bool on)
{
	char node[96];

	node_path(device, node, sizeof(node));
	if (on && fake.node_at_power)
		fake_blkdev(node, makedev(252, 7), 1 << 20, 512);
	else if (!on)
		fake_remove_file(node);
}

int fake_configfs_write(struct fake_node *node, const char *text)
{
	char device[64], key[64], value[64], path[192];
	struct fake_node *powered;

	if (sscanf(node->path, HB_SUBSYSTEM "/%63[^/]/%63s", device, key) != 2)
		return 0;
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(text, "\n"), text);
	snprintf(path, sizeof(path), HB_SUBSYSTEM "/%s/power", device);
	powered = fake_find(path);
	if (!strcmp(key, "power")) {
		power(device, !strcmp(value, "1"));
		return 0;
	}
	if (powered && powered->text[0] == '1' && strcmp(key, "badblocks"))
		return -EBUSY;
	if (!strcmp(key, "blocksize") && !strcmp(value, "3000"))
		return refuse("haltblk: %s: blocksize=3000: must be a power of two from 512 to 4096",
			      device);
	if (!strcmp(key, "size") && !strcmp(value, "13"))
		return refuse("haltblk: %s: bad luck", device);
	if (!strcmp(key, "size") && !strcmp(value, "14"))
		return refuse("%s: size=14: bad luck again", device);
	if (!strcmp(key, "queue_mode") && !strcmp(value, "1"))
		return -EINVAL;		/* without a line in the log */
	return 0;
}
