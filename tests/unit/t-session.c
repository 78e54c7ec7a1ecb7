/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Handle, session, attach, query; reasons; structures of other sizes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "tap.h"

#define NOT_LOADED "the haltblk driver is not loaded; load it with: modprobe haltblk"

static void open_errors(struct libhaltblk *h)
{
	fake_reset();
	tap_int(libhaltblk_open(h), -ENXIO, "no control device");
	tap_str(libhaltblk_why(h), NOT_LOADED, "no control device: the reason");
	fake_open_error(HB_CONTROL, -ENODEV);
	tap_int(libhaltblk_open(h), -ENXIO, "a node without a driver");
	fake_open_error(HB_CONTROL, -EACCES);
	tap_int(libhaltblk_open(h), -EACCES, "an ordinary user");
	tap_str(libhaltblk_why(h), "only root may control haltblk devices; use sudo",
		"an ordinary user: the reason");
	fake_open_error(HB_CONTROL, -EPERM);
	tap_int(libhaltblk_open(h), -EPERM, "root without CAP_SYS_ADMIN");
	fake_open_error(HB_CONTROL, -EMFILE);
	tap_int(libhaltblk_open(h), -EMFILE, "no descriptor left");
	tap_str(libhaltblk_why(h), "cannot open /dev/haltblk-control: Too many open files",
		"no descriptor left: the reason");
	tap_int(libhaltblk_fd(h), -EBADF, "no session, no descriptor");
	tap_int(libhaltblk_attach(h, "hb0"), -EBADF, "attach without a session");
	tap_str(libhaltblk_why(h), "no session is open",
		"attach without a session: the reason");
}

static void sessions(struct libhaltblk *h)
{
	fake_load();
	tap_int(libhaltblk_open(h), 0, "open");
	tap_int(fake.open_flags & O_ACCMODE, O_RDWR, "read and write");
	tap_ok(libhaltblk_fd(h) >= 0, "a session has a descriptor");
	tap_int(libhaltblk_open(h), -EALREADY, "open twice");
	tap_str(libhaltblk_why(h), "a session is open on this handle already",
		"open twice: the reason");
	tap_int(fake_open_fds(), 1, "one descriptor is open");
	libhaltblk_close(h);
	tap_int(fake_open_fds(), 0, "none after close");
	libhaltblk_close(h);
	tap_int(libhaltblk_open(h), 0, "open again after two closes");
}

static void attach(struct libhaltblk *h, const char *device, int want,
		   const char *why)
{
	tap_int(libhaltblk_attach(h, device), want, "attach '%s'", device);
	tap_str(libhaltblk_why(h), why, "attach '%s': the reason", device);
}

static void attaches(struct libhaltblk *h)
{
	const struct haltblk_attach *a = FAKE_ARG(haltblk_attach, 1);

	attach(h, "hb0", 0, "");
	tap_str(a->name, "hb0", "the name is sent");
	tap_int(a->hdr.size, sizeof(*a), "with the size of the structure");
	tap_int(a->hdr.flags, 0, "and no flags");
	tap_ok(a->hdr.why, "and room for a reason");
	attach(h, "/dev/hb0", 0, "");
	tap_str(fake.attached, "hb0", "the path is a name, too");
	attach(h, "hb9", -ENODEV, "no such haltblk device; see haltblk list");
	attach(h, "", -ENODEV, "'' is not the name of a haltblk device; use NAME or /dev/NAME");
	attach(h, "/dev/", -ENODEV, "'/dev/' is not the name of a haltblk device; use NAME or /dev/NAME");
	attach(h, "a/b", -ENODEV, "no such device: there is no a/b");
	attach(h, "..", -ENODEV, "'..' is not the name of a haltblk device; use NAME or /dev/NAME");
	attach(h, "12345678901234567890123456789012", -ENODEV,
	       "the name has 32 bytes; a haltblk device's name has at most 31");
	fake.err[1] = -EBUSY;
	attach(h, "hb0", -EBUSY, "the session is attached to a device already");
	fake.why[1] = "this session is attached to hb1";
	attach(h, "hb0", -EBUSY, "this session is attached to hb1");
	fake.err[1] = -ENODEV;
	fake.why[1] = "hb0 is being removed";
	attach(h, "hb0", -ENODEV, "hb0 is being removed");
	fake.why[1] = NULL;
}

/* If the kernel gives no sentence, the library has one for every errno. */
static void errnos(struct libhaltblk *h)
{
	static const struct {
		int err;
		const char *why;
	} table[] = {
		{ -ENODEV, "the device is gone; see haltblk list" },
		{ -ENOTTY, "the loaded driver does not know this call; load the driver that came with this library" },
		{ -E2BIG, "the loaded driver is older than this library and does not know this request; load the driver that came with this library" },
		{ -EINTR, "interrupted by a signal" },
		{ -ENOMEM, "Cannot allocate memory" },
	};
	struct haltblk_stats stats;
	size_t i;

	for (i = 0; i < HB_ARRAY_SIZE(table); i++) {
		fake.err[8] = table[i].err;
		tap_int(libhaltblk_stats(h, &stats, sizeof(stats)),
			table[i].err, "errno %d", -table[i].err);
		tap_str(libhaltblk_why(h), table[i].why,
			"errno %d: the reason", -table[i].err);
	}
	fake.err[8] = 0;
	tap_int(libhaltblk_stats(h, &stats, sizeof(stats)), 0, "success");
	tap_str(libhaltblk_why(h), "", "clears the reason");
	tap_int((long long)stats.hdr.why, 0, "no address is left behind");
}

/*
 * A program compiled against a longer or a shorter structure than the
 * library: the caller's size counts, and nothing past it is touched.
 */
static void growth(struct libhaltblk *h)
{
	struct {
		struct haltblk_stats known;
		uint64_t newer[4];
	} longer;
	struct haltblk_stats shorter;
	struct haltblk_query query;

	fake.stats.submitted = 7;
	fake.stats.stored_pages = 9;
	memset(&longer, 0xff, sizeof(longer));
	tap_int(libhaltblk_stats(h, &longer.known, sizeof(longer)), 0,
		"a longer structure");
	tap_int(fake.arg_size[8], sizeof(longer), "is sent with its size");
	tap_int((long long)longer.known.stored_pages, 9, "is filled");
	tap_int((long long)longer.newer[3], 0, "and zero in unknown fields");
	memset(&shorter, 0xff, sizeof(shorter));
	tap_int(libhaltblk_stats(h, &shorter,
				 offsetof(struct haltblk_stats, stored_pages)),
		0, "a shorter structure");
	tap_int((long long)shorter.submitted, 7, "is filled");
	tap_ok(shorter.stored_pages == UINT64_MAX,
	       "and not written past its end");
	tap_int(libhaltblk_stats(h, &shorter, 8), -EINVAL, "far too short");
	tap_str(libhaltblk_why(h), "the structure has 8 bytes, too few for its header",
		"far too short: the reason");
	fake.query.abi = 1;
	fake.query.events = 7;
	tap_int(libhaltblk_query(h, &query, sizeof(query)), 0, "query");
	tap_int(query.events, 7, "query is filled");
	tap_int(libhaltblk_query(h, &query, 0), -EINVAL, "query far too short");
}

int main(void)
{
	struct libhaltblk *h;

	fake_reset();
	tap_int(libhaltblk_new(&h), 0, "new");
	tap_str(libhaltblk_why(h), "", "nothing failed yet");
	open_errors(h);
	sessions(h);
	attaches(h);
	errnos(h);
	growth(h);
	libhaltblk_free(h);
	libhaltblk_free(NULL);
	tap_int(fake_open_fds(), 0, "free closes the session");
	tap_str(libhaltblk_version(), HALTBLK_VERSION, "version");
	return tap_done();
}
