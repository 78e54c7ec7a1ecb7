/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * create, clone, destroy, set: devices through configfs. create and clone undo what
 * they began if they fail or a signal ends them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "latency.h"

#define SLICE_NSEC	100000000ULL	/* of a wait for the node and udev */
#define MOST_SLICES	100

/* The device to clone, or NULL, and what the clone has of it. */
static const char *origin;
static const char *keep_text;
static struct hbc_keep kept;

/* The signal that asked create or clone to end, or 0. */
static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	stopped = sig;
}

/* Every word has a '=', and power= is 0 or 1. */
static int check_words(const struct hbc_command *cmd, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strchr(argv[i], '=') || argv[i][0] == '=')
			return hbc_usage(cmd, "%s: not KEY=VALUE", argv[i]);
		if (!strncmp(argv[i], "power=", 6) &&
		    strcmp(argv[i], "power=0") && strcmp(argv[i], "power=1"))
			return hbc_usage(cmd, "%s: power= takes 0 or 1",
					 argv[i]);
	}
	return HBC_GO_ON;
}

/* The last power= among the words, or @otherwise. */
static bool powers_on(int argc, char **argv, bool otherwise)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strncmp(argv[i], "power=", 6))
			otherwise = argv[i][6] == '1';
	return otherwise;
}

static int fail_option(struct libhaltblk *h, const char *device,
		       const char *what, int r)
{
	int status = hbc_fail(h, hbc_base(device), what, r);

	return r == -ENOPROTOOPT ? HBC_USAGE : status;
}

/* In slices, so that a signal that was caught ends the wait soon. */
static int wait_node(struct libhaltblk *h, const char *device,
		     const char *what)
{
	int r, i = 0;

	do
		r = libhaltblk_wait_node(h, device, SLICE_NSEC);
	while ((r == -ETIME || r > 0) && !stopped && ++i < MOST_SLICES);
	if (stopped)
		return HBC_FAILED;
	if (r < 0)
		return hbc_fail(h, hbc_base(device), what, r);
	if (r > 0)
		hbc_error(hbc_base(device), "%s: warning: %s", what,
			  libhaltblk_why(h));
	return HBC_OK;
}

/* Make a device, which is a clone of @origin if there is one. */
static int create(struct libhaltblk *h, int argc, char **argv)
{
	const char *const *options = (const char *const *)argv + 1;
	const char *device = argv[0], *what = origin ? "clone" : "create";
	char name[HALTBLK_NAME_LEN];
	int status = HBC_OK, r;

	r = libhaltblk_new_name(h, device, name);
	if (r) {
		hbc_fail(h, hbc_base(device), what, r);
		return HBC_USAGE;
	}
	if (origin)
		r = libhaltblk_clone_keep(h, origin, device, &kept.keep,
					  options, (size_t)argc - 1);
	else
		r = libhaltblk_create(h, device, options, (size_t)argc - 1);
	if (r == -ENODEV && origin)
		device = origin;
	if (r)
		return fail_option(h, device, what, r);
	if (powers_on(argc, argv, true))
		status = wait_node(h, device, what);
	if (!status && powers_on(argc, argv, true)) {
		printf("/dev/%s\n", name);
		status = hbc_flush();
	}
	/* A caller that does not learn of the device cannot destroy it. */
	if (status || stopped)
		libhaltblk_destroy(h, device);
	return status;
}

/* A signal while the device is made leaves none behind. */
static int create_or_undo(struct libhaltblk *h, int argc, char **argv)
{
	struct hbc_signals signals;
	int status;

	stopped = 0;
	hbc_signals_catch(&signals, on_signal);
	signal(SIGPIPE, SIG_IGN);
	status = create(h, argc, argv);
	hbc_signals_restore(&signals);
	if (stopped)
		raise(stopped);
	stopped = 0;
	return status;
}

/* The words as the driver takes them; free_words() frees them. */
static int read_words(const struct hbc_command *cmd, int argc, char **argv,
		      char ***out)
{
	int i, status = HBC_GO_ON;

	*out = calloc((size_t)argc + 1, sizeof(**out));
	if (!*out)
		return hbc_no_memory();
	(*out)[0] = argv[0];
	for (i = 1; i < argc && status == HBC_GO_ON; i++)
		status = hbc_latency_read(cmd, argv[i], &(*out)[i]);
	return status;
}

static void free_words(int argc, char **words)
{
	int i;

	for (i = 1; words && i < argc; i++)
		free(words[i]);
	free(words);
}

/* Calls @fn with the device, for clone the new one, and KEY=VALUE words. */
static int with_words(const struct hbc_command *cmd,
		      const struct hbc_option *options, int argc, char **argv,
		      int (*fn)(struct libhaltblk *h, int argc, char **argv))
{
	struct libhaltblk *h;
	char **words = NULL;
	int status;

	status = hbc_begin(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	origin = NULL;
	if (cmd == &hbc_cmd_clone) {
		origin = argv[0];
		argc--;
		argv++;
	}
	status = check_words(cmd, argc, argv);
	if (status == HBC_GO_ON)
		status = read_words(cmd, argc, argv, &words);
	if (status == HBC_GO_ON)
		status = fn(h, argc, words);
	free_words(argc, words);
	libhaltblk_free(h);
	return status;
}

static int cmd_create(const struct hbc_command *cmd, int argc, char **argv)
{
	const struct hbc_option options[] = { { 0 } };

	return with_words(cmd, options, argc, argv, create_or_undo);
}

static int clone_or_undo(struct libhaltblk *h, int argc, char **argv)
{
	int status;

	status = hbc_keep_read(&hbc_cmd_clone, keep_text, true, &kept);
	if (status == HBC_GO_ON)
		status = create_or_undo(h, argc, argv);
	hbc_keep_free(&kept);
	return status;
}

static int cmd_clone(const struct hbc_command *cmd, int argc, char **argv)
{
	const struct hbc_option options[] = {
		{ .name = "keep", .value = &keep_text, .arg = "K",
		  .help = hbc_keep_help },
		{ 0 },
	};

	keep_text = "live";
	return with_words(cmd, options, argc, argv, clone_or_undo);
}

const struct hbc_command hbc_cmd_create = {
	.name = "create",
	.args = "NAME [KEY=VALUE ...]",
	.min = 1,
	.max = -1,
	.summary = "make a device",
	.help =
	"Sets the options in this order, powers the device on unless power=0 is given,\n"
	"waits for its node and for udev, if that runs, and prints /dev/NAME (nothing\n"
	"with power=0). If an option is refused, the path cannot be printed or a signal\n"
	"ends the command, the device is removed again. The options are those of null_blk\n"
	"and haltblk's own: see haltblk(1), and /sys/kernel/config/haltblk/features for\n"
	"the names.\n",
	.fn = cmd_create,
};

const struct hbc_command hbc_cmd_clone = {
	.name = "clone",
	.args = "DEV NAME [KEY=VALUE ...]",
	.min = 2,
	.max = -1,
	.summary = "make a device with the data of another one",
	.help =
	"The new device NAME has the options of DEV, and the data that DEV has at one\n"
	"instant, as reads see it, or with --keep what a power cut at that instant would\n"
	"leave. The two share memory until one of them writes. DEV can\n"
	"be without power, mounted, or have requests held: they stay held. Otherwise\n"
	"this does what create does. size, blocksize and discard_reads stay as they are.\n",
	.fn = cmd_clone,
};

static int cmd_destroy(const struct hbc_command *cmd, int argc, char **argv)
{
	const struct hbc_option options[] = { { 0 } };
	struct libhaltblk *h;
	int status, r;

	status = hbc_begin(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_destroy(h, argv[0]);
	status = r ? hbc_fail(h, hbc_base(argv[0]), "destroy", r) : HBC_OK;
	libhaltblk_free(h);
	return status;
}

const struct hbc_command hbc_cmd_destroy = {
	.name = "destroy",
	.args = "NAME",
	.min = 1,
	.max = 1,
	.summary = "power a device off and remove it",
	.help =
	"Requests that it holds end with IOERR, or go on with on_remove=resume. A device\n"
	"made at module load is removed only with the module.\n",
	.fn = cmd_destroy,
};

static int set(struct libhaltblk *h, int argc, char **argv)
{
	char name[HALTBLK_NAME_LEN];
	int i, r;

	/* Once: power=0 removes the node, so a link to it leads nowhere. */
	r = libhaltblk_device_name(h, argv[0], name);
	for (i = 1; !r && i < argc; i++)
		r = libhaltblk_has_option(h, name, argv[i]);
	for (i = 1; !r && i < argc; i++)
		r = libhaltblk_set(h, name, argv[i]);
	if (r)
		return fail_option(h, argv[0], "set", r);
	return powers_on(argc, argv, false) ? wait_node(h, name, "set") :
					      HBC_OK;
}

static int cmd_set(const struct hbc_command *cmd, int argc, char **argv)
{
	const struct hbc_option options[] = { { 0 } };

	return with_words(cmd, options, argc, argv, set);
}

const struct hbc_command hbc_cmd_set = {
	.name = "set",
	.args = "NAME KEY=VALUE [...]",
	.min = 2,
	.max = -1,
	.summary = "set options of a device",
	.help =
	"Sets the options in this order and stops at the first one that is refused. Some\n"
	"options can be set only with power=0.\n",
	.fn = cmd_set,
};
