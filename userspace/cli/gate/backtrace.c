/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * backtrace: the kernel stack that submitted a held request.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

/* An array of the lines; modifies @text. */
static struct json_object *lines_json(char *text)
{
	struct json_object *lines = json_object_new_array();
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line)
			json_object_array_add(lines, json_object_new_string(line));
	return lines;
}

static int backtrace(struct libhaltblk *h, const char *device, uint64_t id,
		     bool json)
{
	char what[64], *text = NULL, *more;
	size_t room = 4096;
	int r;

	for (;;) {
		more = realloc(text, room);
		r = -ENOMEM;
		if (!more)
			break;
		text = more;
		r = libhaltblk_backtrace(h, id, text, room);
		if (r < 0 || (size_t)r < room)
			break;
		room = (size_t)r + 1;
	}
	if (r >= 0 && json)
		hbc_print_json(lines_json(text));
	else if (r >= 0)
		printf("%s%s", text, r && text[r - 1] != '\n' ? "\n" : "");
	free(text);
	snprintf(what, sizeof(what), "backtrace %" PRIu64, id);
	return r < 0 ? hbc_fail(h, device, what, r) : HBC_OK;
}

static int cmd_backtrace(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *id_text = NULL;
	bool json = false;
	uint64_t id;
	const struct hbc_option options[] = {
		{ .name = "id", .value = &id_text, .arg = "ID",
		  .help = "the request, as haltblk held shows it",
		  .number = &id, .max = UINT64_MAX, .required = true },
		{ .name = "json", .flag = &json,
		  .help = "an array of the frames" },
		{ 0 },
	};
	struct libhaltblk *h;
	int status;

	status = hbc_begin_session(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	status = backtrace(h, hbc_base(argv[0]), id, json);
	hbc_end(h);
	return status;
}

const struct hbc_command hbc_cmd_backtrace = {
	.name = "backtrace",
	.args = "DEV --id ID",
	.min = 1,
	.max = 1,
	.summary = "print the kernel stack that submitted a held request",
	.help = "A line for each frame, innermost first.\n",
	.fn = cmd_backtrace,
};
