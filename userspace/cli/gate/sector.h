/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
#ifndef HBC_SECTOR_H
#define HBC_SECTOR_H

#include "cli.h"

int hbc_sector(const char *disk, const char *word, char *buf, size_t size);

#endif /* HBC_SECTOR_H */
