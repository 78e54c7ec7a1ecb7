// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does on loading what the runner and scripts/vm must notice; tests/meta loads it.
 *
 *   what=warn      WARN_ON
 *   what=oops      a read through a bad pointer
 *   what=leak      memory that nothing points to
 *   what=lockdep   two locks taken in both orders (debug kernels)
 *   what=kasan     a write past the end of an allocation (debug kernels)
 *   what=hang      loading that never ends
 *   what=nothing   a module that loads: the check of the checks
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

static char *what = "nothing";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "what to do wrong");

static DEFINE_MUTEX(a);
static DEFINE_MUTEX(b);

/* noinline: a function of its own in each report, and not one that is freed after loading. */
static noinline void bad_oops(void)
{
	*(volatile int *)0x10 = 1;
	barrier();
}

static noinline void bad_leak(void)
{
	char *volatile p;
	int i;

	/* Several: one may still be found in a register or on an old stack. */
	for (i = 0; i < 16; i++) {
		p = kmalloc(4321, GFP_KERNEL);
		if (p)
			p[0] = 1;
	}
	p = NULL;
}

static void bad_lockdep(void)
{
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

static void bad_kasan(void)
{
	char *p = kmalloc(100, GFP_KERNEL);
	volatile int past = 130;

	if (p)
		((volatile char *)p)[past] = 1;
	kfree(p);
}

static int __init bad_init(void)
{
	if (sysfs_streq(what, "warn"))
		WARN_ON(1);
	else if (sysfs_streq(what, "oops"))
		bad_oops();
	else if (sysfs_streq(what, "leak"))
		bad_leak();
	else if (sysfs_streq(what, "lockdep"))
		bad_lockdep();
	else if (sysfs_streq(what, "kasan"))
		bad_kasan();
	else if (sysfs_streq(what, "hang"))
		for (;;)
			msleep(1000);
	else if (!sysfs_streq(what, "nothing"))
		return -EINVAL;
	return 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);
MODULE_DESCRIPTION("haltblk: misbehaves on purpose");
MODULE_LICENSE("GPL");
