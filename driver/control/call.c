// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying a call's structure between user space and the driver. Either side may
 * know a longer version of it than the other. Fields that the caller lacks are
 * zero, and nothing is written past the caller's structure. Process context,
 * may sleep.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "control.h"

/* The last field of each first version, whatever has been added since. */
#define HALTBLK_CALL_ENDS(name, NAME, last)				\
	static_assert(offsetofend(struct haltblk_##name, last) ==	\
		      HALTBLK_##NAME##_SIZE_0)

HALTBLK_CALL_ENDS(query, QUERY, ioctls);
HALTBLK_CALL_ENDS(attach, ATTACH, name);
HALTBLK_CALL_ENDS(rule, RULE, armed);
HALTBLK_CALL_ENDS(remove, REMOVE, released);
HALTBLK_CALL_ENDS(wait, WAIT, armed);
HALTBLK_CALL_ENDS(resume, RESUME, reserved);
HALTBLK_CALL_ENDS(table, TABLE, entry_size);
HALTBLK_CALL_ENDS(stats, STATS, cached_blocks);
HALTBLK_CALL_ENDS(step, STEP, reserved);
HALTBLK_CALL_ENDS(backtrace, BACKTRACE, reserved);
HALTBLK_CALL_ENDS(event, EVENT, tag);
HALTBLK_CALL_ENDS(watch, WATCH, room);
HALTBLK_CALL_ENDS(clone, CLONE, source);
HALTBLK_CALL_ENDS(crash, CRASH, device_size);
HALTBLK_CALL_ENDS(crash_device, CRASH_DEVICE, keep);
HALTBLK_CALL_ENDS(record, RECORD, reserved);
HALTBLK_CALL_ENDS(mark, MARK, text);
HALTBLK_CALL_ENDS(patch, PATCH, range_size);
HALTBLK_CALL_ENDS(extents, EXTENTS, reserved);

/**
 * haltblk_call_in - copy a call's structure from user space
 * @call: call; its size is set
 * @buf: where to copy it; starts with a struct haltblk_hdr
 * @len: size of @buf, the structure as this driver knows it
 * @least: size of its first version
 * @flags: known bits of hdr.flags
 *
 * Return: 0, -EFAULT, -EINVAL (too short, unknown flags) or -E2BIG.
 */
int haltblk_call_in(struct haltblk_call *call, void *buf, size_t len,
		    size_t least, u32 flags)
{
	const struct haltblk_hdr *hdr = buf;
	int err;

	if (get_user(call->size, (u32 __user *)call->arg))
		return -EFAULT;
	if (call->size < least) {
		snprintf(call->why, sizeof(call->why),
			 "size: %u bytes, takes %zu or more", call->size,
			 least);
		return -EINVAL;
	}
	if (call->size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(buf, len, call->arg, call->size);
	if (err || !(hdr->flags & ~flags))
		return err;
	snprintf(call->why, sizeof(call->why), "flags: unknown bits 0x%x",
		 hdr->flags & ~flags);
	return -EINVAL;
}

/**
 * haltblk_call_out - copy a call's structure back to user space
 * @call: call, after haltblk_call_in()
 * @buf: the structure
 * @len: size of @buf; only the part for which the caller has room is copied
 */
int haltblk_call_out(struct haltblk_call *call, const void *buf, size_t len)
{
	len = min_t(size_t, len, call->size);
	return copy_to_user(call->arg, buf, len) ? -EFAULT : 0;
}

/**
 * haltblk_call_tell - give the caller the reason of a refusal, or a warning
 * @call: call; the text goes to hdr.why, if the caller has set it
 */
void haltblk_call_tell(const struct haltblk_call *call)
{
	struct haltblk_hdr hdr;

	if (copy_from_user(&hdr, call->arg, sizeof(hdr)) ||
	    hdr.size < sizeof(hdr) || !hdr.why)
		return;
	/* A failure to copy the reason does not change the call's result. */
	if (copy_to_user(u64_to_user_ptr(hdr.why), call->why,
			 strlen(call->why) + 1))
		return;
}
