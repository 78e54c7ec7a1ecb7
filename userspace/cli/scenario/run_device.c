/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The devices of a scenario: names, sessions, and how they come and go.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define LETTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS	"0123456789"

/** hbc_device_find() - the number of the device of a name, or -ENOENT */
int hbc_device_find(const struct hbc_run *run, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < run->nr_devs; i++)
		if (strlen(run->dev[i].name) == len &&
		    !strncmp(run->dev[i].name, name, len))
			return (int)i;
	return -ENOENT;
}

/** hbc_device_has_names() - whether lines can say which device they are for */
bool hbc_device_has_names(const struct hbc_run *run)
{
	return run->nr_devs && *run->dev[0].name;
}

/* It becomes a part of the name of an environment variable. */
static int check_name(const struct hbc_run *run, const char *name)
{
	const char *why = NULL;

	if (!*name)
		why = run->nr_devs ? "each of several devices needs a name, as in: device a size=16" :
				     NULL;
	else if (run->nr_devs && !hbc_device_has_names(run))
		why = "the device before it needs a name, too";
	else if (!strchr(LETTERS, *name) ||
		 name[strspn(name, LETTERS DIGITS)] ||
		 strlen(name) >= HBC_RUN_DEVICE)
		why = "a device's name has at most 15 letters, digits and underscores, and no digit first";
	else if (hbc_device_find(run, name, strlen(name)) >= 0)
		why = "two devices have this name";
	if (!why)
		return HBC_OK;
	hbc_error("device", "%s%s%s", name, *name ? ": " : "", why);
	return HBC_USAGE;
}

/**
 * hbc_device_declare() - take a device's name from its line
 * @run: scenario
 * @line: device line; only its options stay
 *
 * Return: exit status.
 */
int hbc_device_declare(struct hbc_run *run, struct hbc_line *line)
{
	bool named = line->nr_args && !strchr(line->args[0], '=');
	const char *name = named ? line->args[0] : "";
	struct hbc_run_device *more;
	int status = check_name(run, name);

	if (status)
		return status;
	more = reallocarray(run->dev, run->nr_devs + 1, sizeof(*more));
	if (!more)
		return hbc_no_memory();
	run->dev = more;
	more[run->nr_devs] = (struct hbc_run_device){ .lock = -1 };
	strcpy(more[run->nr_devs].name, name);
	line->dev = run->nr_devs++;
	line->args += named;
	line->nr_args -= named;
	return HBC_OK;
}

/** hbc_device_path() - the path of its node */
void hbc_device_path(const struct hbc_run_device *dev, char path[HBC_IO_PATH])
{
	snprintf(path, HBC_IO_PATH, "/dev/%s", dev->disk);
}

static int attach(struct hbc_run_device *dev)
{
	int status = hbc_attach(dev->h, dev->disk);

	return status == HBC_GO_ON ? HBC_OK : status;
}

/**
 * hbc_device_make() - make a device, and open a session on it
 * @dev: device
 * @line: its line
 * @mode: queue_mode= word, or NULL
 *
 * Return: exit status.
 */
int hbc_device_make(struct hbc_run_device *dev, const struct hbc_line *line,
		    char *mode)
{
	char *argv[HBC_RUN_WORDS + 1];
	int argc = line->nr_args, status, r;

	status = hbc_handle(&dev->h);
	if (status != HBC_GO_ON)
		return status;
	memcpy(argv, line->args, (size_t)argc * sizeof(*argv));
	if (mode)
		argv[argc++] = mode;
	r = hbc_run_own_make(dev, argc, argv);
	dev->made = !r;
	if (!r)
		r = libhaltblk_wait_node(dev->h, dev->disk, 10 * HBC_NSEC);
	if (r >= 0)
		return attach(dev);
	status = hbc_fail(dev->h, dev->disk, "create", r);
	return r == -ENOPROTOOPT ? HBC_USAGE : status;
}

/** hbc_device_use() - open a session on a device that is there */
int hbc_device_use(struct hbc_run_device *dev, const char *device)
{
	int status = hbc_handle(&dev->h), r;

	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_device_name(dev->h, device, dev->disk);
	return r ? hbc_fail(dev->h, hbc_base(device), NULL, r) : attach(dev);
}

/**
 * hbc_device_release() - remove the rules, release what they hold
 * @dev: device
 *
 * A device that the scenario did not make keeps rules of its own.
 */
void hbc_device_release(struct hbc_run_device *dev)
{
	if (!dev->h)
		return;
	if (dev->made)
		libhaltblk_remove(dev->h, NULL, NULL);
	libhaltblk_close(dev->h);
}

/** hbc_device_destroy() - remove a device if the scenario made it */
int hbc_device_destroy(struct hbc_run_device *dev)
{
	int r = dev->made ? libhaltblk_destroy(dev->h, dev->disk) : 0;

	if (r)
		hbc_fail(dev->h, dev->disk, "destroy", r);
	if (dev->lock >= 0)
		close(dev->lock);
	libhaltblk_free(dev->h);
	dev->h = NULL;
	dev->lock = -1;
	dev->made = false;
	return r;
}
