/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Breakpoints of the attached device: arm, remove, wait, release, step.
 */
#include <errno.h>
#include <string.h>

#include "private.h"

int libhaltblk_break(struct libhaltblk *h, struct libhaltblk_rule *rule)
{
	struct haltblk_rule arg = *libhaltblk_rule_get(rule);
	int r;

	hb_begin(h);
	if (!arg.tag[0])
		return hb_fail(h, -EINVAL, "the rule has no tag");
	r = hb_ioctl(h, HALTBLK_IOC_BREAK, &arg.hdr, sizeof(arg));
	if (r == -ENOSPC && !h->kernel_why[0])
		return hb_fail(h, r, "the device lists %d rules already; remove some",
			       HALTBLK_MAX_RULES);
	if (r < 0)
		return r;
	return hb_fail(h, 0, "%s", h->kernel_why);
}

/* Let ENOENT name the tag when the kernel did not. */
static int no_tag(struct libhaltblk *h, int err, const char *tag)
{
	if (err != -ENOENT || h->kernel_why[0])
		return err;
	return hb_fail(h, err, "no rule ever had the tag '%s'; see haltblk rules",
		       tag);
}

int libhaltblk_remove(struct libhaltblk *h, const char *tag,
		      unsigned int *removed)
{
	struct haltblk_remove arg = { 0 };
	int r = 0;

	hb_begin(h);
	if (tag)
		r = hb_tag(h, tag, arg.tag);
	else
		arg.hdr.flags = HALTBLK_REMOVE_F_ALL;
	if (r)
		return r;
	r = hb_ioctl(h, HALTBLK_IOC_REMOVE, &arg.hdr, sizeof(arg));
	if (r < 0)
		return tag ? no_tag(h, r, tag) : r;
	if (removed)
		*removed = arg.removed;
	return (int)arg.released;
}

int libhaltblk_wait(struct libhaltblk *h, const char *tag, unsigned int count,
		    uint64_t timeout_ns, struct haltblk_wait *wait, size_t size)
{
	struct haltblk_wait own = { .count = count, .timeout_ns = timeout_ns };
	int r;

	hb_begin(h);
	if (wait && size < sizeof(wait->hdr))
		return hb_fail(h, -EINVAL, "the structure has %zu bytes, too few for its header",
			       size);
	r = hb_tag(h, tag, own.tag);
	if (r)
		return r;
	r = hb_ioctl(h, HALTBLK_IOC_WAIT, &own.hdr, sizeof(own));
	if (wait) {
		/* As much as the caller's version of it knows, or we do. */
		memset(wait, 0, size);
		memcpy(wait, &own, size < sizeof(own) ? size : sizeof(own));
	}
	return r < 0 ? no_tag(h, r, tag) : 0;
}

static int resume(struct libhaltblk *h, struct haltblk_resume *arg,
		  const char *tag, int status)
{
	int r;

	if (tag) {
		r = hb_tag(h, tag, arg->tag);
		if (r)
			return r;
	}
	if (status != LIBHALTBLK_GO_ON) {
		arg->hdr.flags |= HALTBLK_RESUME_F_STATUS;
		arg->status = (uint32_t)status;
	}
	r = hb_ioctl(h, HALTBLK_IOC_RESUME, &arg->hdr, sizeof(*arg));
	return r < 0 ? r : (int)arg->released;
}

int libhaltblk_resume(struct libhaltblk *h, const char *tag, int status)
{
	struct haltblk_resume arg = { 0 };
	int r;

	hb_begin(h);
	arg.hdr.flags = tag ? HALTBLK_RESUME_F_TAG : HALTBLK_RESUME_F_ALL;
	r = resume(h, &arg, tag, status);
	return tag ? no_tag(h, r, tag) : r;
}

int libhaltblk_resume_ids(struct libhaltblk *h, const char *tag,
			  const uint64_t *ids, unsigned int nr_ids, int status)
{
	struct haltblk_resume arg = { 0 };
	int r;

	hb_begin(h);
	arg.hdr.flags = HALTBLK_RESUME_F_IDS;
	arg.ids = (uintptr_t)ids;
	arg.nr_ids = nr_ids;
	r = resume(h, &arg, tag, status);
	if (r == -ENOENT && !h->kernel_why[0])
		return hb_fail(h, r, "an id is not held%s%s; nothing was released; see haltblk held",
			       tag ? " under " : "", tag ? tag : "");
	return r;
}

int libhaltblk_step(struct libhaltblk *h, uint64_t id, unsigned int *event)
{
	struct haltblk_step arg = { .id = id };
	int r;

	hb_begin(h);
	r = hb_ioctl(h, HALTBLK_IOC_STEP, &arg.hdr, sizeof(arg));
	if (r == -ENOENT && !h->kernel_why[0])
		return hb_fail(h, r, "id %llu is not held; see haltblk held",
			       (unsigned long long)id);
	if (r < 0)
		return r;
	if (arg.event >= HALTBLK_EVENT_NR)
		return 0;
	if (event)
		*event = arg.event;
	return 1;
}
