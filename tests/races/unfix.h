/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the modules unfix.c: they take a fix out of code that is built into the
 * kernel, by a probe, while their switch is set.
 */
#ifndef HALTBLK_RACES_UNFIX_H
#define HALTBLK_RACES_UNFIX_H

#include <linux/kprobes.h>
#include <linux/module.h>

/* Runs in the place of a function without a result that is to do nothing. */
static noinline void unfix_nothing(void)
{
	barrier();
}

/**
 * unfix_skip - return this from a probe's pre_handler to skip its function
 * @regs: registers at the beginning of the function, which returns nothing
 */
static inline int unfix_skip(struct pt_regs *regs)
{
	instruction_pointer_set(regs, (unsigned long)unfix_nothing);
	return 1;
}

/**
 * unfix_module - a module that consists of one probe
 * @kind: kprobe or kretprobe
 * @probe: the probe
 * @what: what the kernel lacks while the switch is set
 */
#define unfix_module(kind, probe, what)					\
static int __init unfix_init(void)					\
{									\
	return register_##kind(&(probe));				\
}									\
static void __exit unfix_exit(void)					\
{									\
	unregister_##kind(&(probe));					\
}									\
module_init(unfix_init);						\
module_exit(unfix_exit);						\
MODULE_LICENSE("GPL");							\
MODULE_DESCRIPTION(what)

#endif /* HALTBLK_RACES_UNFIX_H */
