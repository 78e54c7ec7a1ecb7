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

static int __init unfix_init(void)
{
	return register_kprobe(&unfix_probe);
}

static void __exit unfix_exit(void)
{
	unregister_kprobe(&unfix_probe);
}

module_init(unfix_init);
module_exit(unfix_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("direct I/O without 332391a9935d");
