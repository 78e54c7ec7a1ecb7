// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes b4678df184b3 out while unfix_errseq is set: an error that nobody has
 * seen yet is not reported to those who open the file later.
 *
 * Switch: unfix_errseq
 */
#include "../unfix.h"

#include <linux/errseq.h>

static int unfix_errseq;
module_param(unfix_errseq, int, 0644);

/* Remember the value itself, which the function returns as 0 if it is unseen. */
static int unfix_entry(struct kretprobe_instance *instance,
		       struct pt_regs *regs)
{
	const errseq_t *eseq = (void *)regs_get_kernel_argument(regs, 0);

	*(errseq_t *)instance->data = READ_ONCE(*eseq);
	return !unfix_errseq;
}

static int unfix_return(struct kretprobe_instance *instance,
			struct pt_regs *regs)
{
	regs_set_return_value(regs, *(errseq_t *)instance->data);
	return 0;
}

static struct kretprobe unfix_probe = {
	.kp.symbol_name = "errseq_sample",
	.entry_handler = unfix_entry,
	.handler = unfix_return,
	.data_size = sizeof(errseq_t),
};

unfix_module(kretprobe, unfix_probe, "errseq without b4678df184b3");
