/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Cutting the power of devices.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

static int cut(struct libhaltblk *h, struct haltblk_crash_device *list,
	       size_t nr)
{
	struct haltblk_crash arg = {
		.devices = (uintptr_t)list,
		.nr_devices = (uint32_t)nr,
		.device_size = sizeof(*list),
	};
	struct libhaltblk own = { .fd = -1 };
	int r;

	r = libhaltblk_open(&own);
	if (!r) {
		r = hb_ioctl(&own, HALTBLK_IOC_CRASH, &arg.hdr, sizeof(arg));
		libhaltblk_close(&own);
	}
	return r < 0 ? hb_fail(h, r, "%s", own.why) : 0;
}

int libhaltblk_crash(struct libhaltblk *h, const char *const *devices,
		     const struct haltblk_keep *keep, size_t nr)
{
	struct haltblk_crash_device *list;
	size_t i;
	int r = 0;

	hb_begin(h);
	if (!nr || nr > HALTBLK_MAX_CRASH)
		return hb_fail(h, -EINVAL, "%zu devices, takes 1 to %d", nr,
			       HALTBLK_MAX_CRASH);
	list = calloc(nr, sizeof(*list));
	if (!list)
		return hb_fail(h, -ENOMEM, "out of memory");
	for (i = 0; i < nr && !r; i++) {
		r = hb_device_name(h, devices[i], list[i].name);
		if (keep)
			list[i].keep = keep[i];
		else
			list[i].keep.how = HALTBLK_KEEP_FLUSHED;
	}
	if (!r)
		r = cut(h, list, nr);
	free(list);
	return r;
}
