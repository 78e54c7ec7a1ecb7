/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Lists are fetched in full, however long, while they grow, and from a driver
 * with shorter entries.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "tap.h"

static struct libhaltblk *h;

static void fill_held(uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < FAKE_ENTRIES; i++) {
		fake.held[i].id = 100 + i;
		fake.held[i].age_ns = i;
		strcpy(fake.held[i].comm, "dd");
	}
	fake.nr_held = nr;
}

static void lengths(uint32_t nr, int calls)
{
	struct libhaltblk_table *table;
	const struct haltblk_held *entry;
	bool right = true;
	uint32_t i;

	fill_held(nr);
	fake.calls[6] = 0;
	tap_int(libhaltblk_held(h, &table), nr, "%u held", nr);
	for (i = 0; (entry = libhaltblk_held_at(table, i)); i++)
		right = right && entry->id == 100 + i;
	tap_int(i, nr, "%u held: all are there", nr);
	tap_ok(right, "%u held: in order", nr);
	tap_int(fake.calls[6], calls, "%u held: calls", nr);
	libhaltblk_table_free(table);
}

static void growing(void)
{
	struct libhaltblk_table *table;
	int nr;

	fill_held(60);
	fake.held_growth = 50;
	nr = libhaltblk_held(h, &table);
	tap_int(nr, 60, "a list that fits at once");
	libhaltblk_table_free(table);
	nr = libhaltblk_held(h, &table);
	tap_int(nr, 160, "a list that grows between two calls");
	tap_ok(libhaltblk_held_at(table, 159) != NULL, "has its last entry");
	tap_ok(!libhaltblk_held_at(table, 160), "and none past it");
	libhaltblk_table_free(table);
	fake.held_growth = 0;
}

static void older_driver(void)
{
	struct libhaltblk_table *table;
	const struct haltblk_held *entry;

	fill_held(3);
	fake.entry_cut = offsetof(struct haltblk_held, comm);
	libhaltblk_held(h, &table);
	tap_int(FAKE_ARG(haltblk_table, 6)->entry_size,
		sizeof(struct haltblk_held), "the size of an entry is sent");
	entry = libhaltblk_held_at(table, 2);
	tap_int((long long)entry->id, 102, "an older driver's entry is read");
	tap_str(entry->comm, "", "what it does not know is zero");
	libhaltblk_table_free(table);
	fake.entry_cut = SIZE_MAX;
}

static void kinds(void)
{
	struct libhaltblk_table *table;

	fake.nr_rules = 1;
	strcpy(fake.rules[0].tag, "K");
	tap_int(libhaltblk_rules(h, &table), 1, "rules");
	tap_str(libhaltblk_rule_at(table, 0)->tag, "K", "a rule");
	tap_ok(!libhaltblk_held_at(table, 0), "is no held request");
	tap_ok(!libhaltblk_list_at(table, 0), "and no device");
	libhaltblk_table_free(table);
	fake.nr_hctx = 2;
	fake.hctx[1].hctx = 1;
	tap_int(libhaltblk_hctx_stats(h, &table), 2, "hctx stats");
	tap_int(libhaltblk_hctx_stats_at(table, 1)->hctx, 1, "a queue");
	libhaltblk_table_free(table);
	tap_int(libhaltblk_list(h, &table), 1, "devices");
	tap_str(libhaltblk_list_at(table, 0)->name, "hb0", "a device");
	libhaltblk_table_free(table);
	fake.nr_config = 1;
	strcpy(fake.config[0].name, "size");
	strcpy(fake.config[0].value, "1024");
	tap_int(libhaltblk_config(h, &table), 1, "config");
	tap_str(libhaltblk_config_at(table, 0)->value, "1024", "an option");
	libhaltblk_table_free(table);
	fake.nr_locks = 2;
	strcpy(fake.locks[1].name, "haltblk_lock_complete");
	tap_int(libhaltblk_locks(h, &table), 2, "locks");
	tap_str(libhaltblk_lock_at(table, 1)->name, "haltblk_lock_complete",
		"a lock");
	tap_ok(!libhaltblk_hctx_stats_at(table, 0), "is no queue");
	libhaltblk_table_free(table);
	libhaltblk_table_free(NULL);
	tap_ok(!libhaltblk_held_at(NULL, 0), "no list, no entry");
}

static void errors(void)
{
	struct libhaltblk_table *table = (void *)1;

	fake.err[6] = -ENODEV;
	tap_int(libhaltblk_held(h, &table), -ENODEV, "the device is gone");
	tap_ok(!table, "no list then");
	tap_str(libhaltblk_why(h), "the device is gone; see haltblk list",
		"the reason");
	fake.err[6] = 0;
	fake.nr_held = UINT32_MAX;
	tap_int(libhaltblk_held(h, &table), -EOVERFLOW, "an absurd length");
	tap_str(libhaltblk_why(h), "the driver lists 4294967295 entries, more than this library supports",
		"an absurd length: the reason");
	tap_int(libhaltblk_hctx_stats(h, &table), 2, "another list is fine");
	libhaltblk_table_free(table);
}

int main(void)
{
	fake_load();
	libhaltblk_new(&h);
	libhaltblk_open(h);
	lengths(0, 1);
	lengths(1, 1);
	lengths(64, 1);
	lengths(65, 2);
	lengths(400, 2);
	growing();
	older_driver();
	kinds();
	errors();
	libhaltblk_free(h);
	return tap_done();
}
