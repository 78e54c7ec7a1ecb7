/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
#ifndef HBC_LATENCY_H
#define HBC_LATENCY_H

#include "cli.h"

int hbc_latency_read(const struct hbc_command *cmd, const char *word,
		     char **out);

#endif /* HBC_LATENCY_H */
