/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The fake control device and block devices.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/blkzoned.h>
#include <linux/fs.h>

#include "fake.h"
#include "fake_private.h"

static void *user(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

/* Like the driver: each entry is cut or padded with zeroes to the requested size. */
static void fill(struct haltblk_table *t, const void *entries, uint32_t nr,
		 size_t size)
{
	uint32_t fit = nr < t->nr ? nr : t->nr, i;
	size_t len = size < t->entry_size ? size : t->entry_size;
	char *out = user(t->buf);

	if (len > fake.entry_cut)
		len = fake.entry_cut;
	for (i = 0; i < fit; i++, out += t->entry_size) {
		memset(out, 0, t->entry_size);
		memcpy(out, (const char *)entries + i * size, len);
	}
	t->nr = nr;
}

static int attach(const struct haltblk_attach *a)
{
	uint32_t i;

	for (i = 0; i < fake.nr_devices; i++)
		if (!strcmp(fake.devices[i].name, a->name)) {
			strcpy(fake.attached, a->name);
			return 0;
		}
	return -ENODEV;
}

/* Copy the out fields of a structure, but not its header or the tag after it. */
static void answer(void *arg, const void *from, size_t start, size_t end)
{
	memcpy((char *)arg + start, (const char *)from + start, end - start);
}

static void backtrace(struct haltblk_backtrace *arg)
{
	snprintf(user(arg->buf), arg->len, "%s", fake.backtrace);
	arg->len = (uint32_t)strlen(fake.backtrace) + 1;
}

static void fill_out(unsigned int nr, void *arg)
{
	struct haltblk_resume *resume = arg;
	uint32_t size = ((struct haltblk_hdr *)arg)->size;

	switch (nr) {
	case 0:
		answer(arg, &fake.query, sizeof(struct haltblk_hdr),
		       size < sizeof(fake.query) ? size : sizeof(fake.query));
		break;
	case 2:
		fake.rules[fake.nr_rules] = *(struct haltblk_rule *)arg;
		fake.rules[fake.nr_rules++].armed = 1;
		break;
	case 3:
		answer(arg, &fake.remove,
		       offsetof(struct haltblk_remove, removed),
		       sizeof(fake.remove));
		break;
	case 4:
		answer(arg, &fake.wait, offsetof(struct haltblk_wait, matches),
		       sizeof(fake.wait));
		break;
	case 5:
		if (resume->hdr.flags & HALTBLK_RESUME_F_IDS)
			memcpy(fake.ids, user(resume->ids),
			       resume->nr_ids * sizeof(fake.ids[0]));
		resume->released = fake.released;
		break;
	case 6:
		fill(arg, fake.held, fake.nr_held, sizeof(fake.held[0]));
		fake.nr_held += fake.held_growth;
		break;
	case 7:
		fill(arg, fake.rules, fake.nr_rules, sizeof(fake.rules[0]));
		break;
	case 8:
		answer(arg, &fake.stats, sizeof(struct haltblk_hdr),
		       size < sizeof(fake.stats) ? size : sizeof(fake.stats));
		break;
	case 9:
		fill(arg, fake.hctx, fake.nr_hctx, sizeof(fake.hctx[0]));
		break;
	case 10:
		fill(arg, fake.devices, fake.nr_devices,
		     sizeof(fake.devices[0]));
		break;
	case 11:
		fill(arg, fake.config, fake.nr_config, sizeof(fake.config[0]));
		break;
	case 12:
		((struct haltblk_step *)arg)->event = fake.step_event;
		break;
	case 13:
		backtrace(arg);
		break;
	case 15:
		fill(arg, fake.locks, fake.nr_locks, sizeof(fake.locks[0]));
		break;
	}
}

int fake_control_ioctl(unsigned long request, void *arg)
{
	struct haltblk_hdr *hdr = arg;
	unsigned int nr = _IOC_NR(request);
	int r;

	if (request != (unsigned long)_IO(HALTBLK_IOC_MAGIC, nr) ||
	    nr >= FAKE_NR_IOCTLS || hdr->size > FAKE_ARG_MAX)
		return -ENOTTY;
	fake.calls[nr]++;
	memset(fake.arg[nr], 0, FAKE_ARG_MAX);
	memcpy(fake.arg[nr], arg, hdr->size);
	fake.arg_size[nr] = hdr->size;
	r = fake.err[nr];
	if (!r && nr == 1)
		r = attach(arg);
	if (!r || nr == 4)
		fill_out(nr, arg);
	if (hdr->why && fake.why[nr])
		snprintf(user(hdr->why), HALTBLK_WHY_LEN, "%s", fake.why[nr]);
	return r;
}

int fake_blkdev_ioctl(struct fake_node *node, unsigned long nr, void *arg)
{
	switch (nr) {
	case BLKGETSIZE64:
		*(uint64_t *)arg = node->size;
		return 0;
	case BLKSSZGET:
		*(int *)arg = node->block;
		return 0;
	case BLKALIGNOFF:
		*(int *)arg = -1;
		return 0;
	case BLKSECTGET:
		*(unsigned short *)arg = 2560;
		return 0;
	case BLKDISCARD:
	case BLKZEROOUT:
	case BLKSECDISCARD:
		fake.blk_nr = nr;
		memcpy(fake.blk_range, arg, sizeof(fake.blk_range));
		return fake.blk_calls++ < fake.blk_good ? 0 : fake.blk_err;
	default:
		return -ENOTTY;
	}
}
