/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: freeze the requests of a haltblk device at a named state.
 *
 * Programs include this file. The headers below it each cover one subject;
 * base.h has what holds for all of them.
 */
#ifndef LIBHALTBLK_H
#define LIBHALTBLK_H

#include <libhaltblk/base.h>

#include <libhaltblk/session.h>
#include <libhaltblk/words.h>
#include <libhaltblk/rule.h>
#include <libhaltblk/gate.h>
#include <libhaltblk/watch.h>
#include <libhaltblk/table.h>
#include <libhaltblk/device.h>
#include <libhaltblk/blkdev.h>
#include <libhaltblk/crash.h>

#endif /* LIBHALTBLK_H */
