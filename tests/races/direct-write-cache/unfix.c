// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes 332391a9935d out while unfix_invalidate is set: when a direct write has
 * ended, the page cache keeps what was read into it meanwhile.
 *
 * Switch: unfix_invalidate
 */
#include "../unfix.h"

static int unfix_invalidate;
module_param(unfix_invalidate, int, 0644);

static int unfix_pre(struct kprobe *probe, struct pt_regs *regs)
{
	return unfix_invalidate ? unfix_skip(regs) : 0;
}

static struct kprobe unfix_probe = {
	.symbol_name = "kiocb_invalidate_post_direct_write",
	.pre_handler = unfix_pre,
};

unfix_module(kprobe, unfix_probe, "direct I/O without 332391a9935d");
