/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * States of a record as devices. explore makes one base device for each device
 * of the record, and each state with hbc_state_make() on devices that it uses
 * again and again; haltblk state does both once.
 *
 * Functions here print why they failed, and return an exit status.
 */
#ifndef HBC_CRASH_STATE_H
#define HBC_CRASH_STATE_H

#include "record.h"

struct haltblk_crash_write;

/**
 * hbc_state_create() - make a device without power that suits a recorded one
 * @h: handle
 * @record: record
 * @dev: index of the recorded device
 * @name: of the new device
 * @options: KEY=VALUE words that replace those of the recorded device, or NULL
 * @nr: how many
 */
int hbc_state_create(struct libhaltblk *h, const struct hbc_rec *record,
		     unsigned int dev, const char *name,
		     const char *const *options, size_t nr);

/**
 * hbc_state_load() - give a device the base of a recorded one
 * @s: session of the device, which is without power
 * @name: its name, for messages
 * @record: record
 * @dev: index of the recorded device
 */
int hbc_state_load(struct libhaltblk *s, const char *name,
		   const struct hbc_rec *record, unsigned int dev);

/**
 * hbc_state_patch() - write an image over a base
 * @s: session of a device that has the base of @dev, and is without power or
 *	open nowhere
 * @name: its name, for messages
 * @record: record
 * @dev: index of the recorded device: parts of the image for others are left out
 * @image: what to write, in this order
 * @nr: how many
 */
int hbc_state_patch(struct libhaltblk *s, const char *name,
		    const struct hbc_rec *record, unsigned int dev,
		    const struct haltblk_crash_write *image, size_t nr);

#endif /* HBC_CRASH_STATE_H */
