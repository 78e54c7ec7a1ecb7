/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * held, rules, show, list: columns and JSON, byte for byte.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "run.h"
#include "tap.h"

static void two_held(void)
{
	fake.held[0] = (struct haltblk_held){
		.id = 7, .sector = 2048, .sectors = 8, .age_ns = 1500999,
		.event = HALTBLK_EVENT_MEDIA, .op = HALTBLK_OP_WRITE,
		.rq_flags = HALTBLK_RQ_FUA | HALTBLK_RQ_SYNC,
		.hctx = 1, .cpu = 1, .pid = 4242, .tag = "K", .comm = "my \"dd\"",
	};
	fake.held[1] = (struct haltblk_held){
		.id = 18446744073709551615ULL, .event = HALTBLK_EVENT_SUBMIT,
		.op = HALTBLK_OP_FLUSH, .hctx = -1, .tag = "F",
	};
	fake.nr_held = 2;
}

#define HELD_HEAD "id  tag  event  op  sector  sectors  flags  hctx  cpu  pid  comm  age_us\n"

static void held(void)
{
	run_is("held hb0", 0, HELD_HEAD, "");
	run_json("held hb0 --json", 0, "[]", "");
	two_held();
	run_is("held hb0", 0,
	       "id                    tag  event   op     sector  sectors  flags     hctx  cpu  pid   comm        age_us\n"
	       "7                     K    media   write  2048    8        fua,sync  1     1    4242  my\\x20\"dd\"  1500\n"
	       "18446744073709551615  F    submit  flush  0       0        -         -     0    -     -           0\n",
	       "");
	fake.nr_held = 1;
	run_json("held hb0 --json", 0,
	       "[{\"id\":7,\"tag\":\"K\",\"event\":\"media\",\"op\":\"write\","
	       "\"sector\":2048,\"sectors\":8,\"flags\":[\"fua\",\"sync\"],"
	       "\"hctx\":1,\"cpu\":1,\"pid\":4242,\"comm\":\"my \\\"dd\\\"\",\"age_us\":1500}]",
	       "");
	fake.held[0] = fake.held[1];
	run_json("held --json hb0", 0,
	       "[{\"id\":18446744073709551615,\"tag\":\"F\",\"event\":\"submit\",\"op\":\"flush\","
	       "\"sector\":0,\"sectors\":0,\"flags\":[],"
	       "\"hctx\":null,\"cpu\":0,\"pid\":null,\"comm\":null,\"age_us\":0}]",
	       "");
	run_is("held hb9", 3, "",
	       "haltblk: hb9: no such haltblk device; see haltblk list\n");
	fake.err[6] = -ENODEV;
	run_is("held hb0", 3, "",
	       "haltblk: hb0: held: the device is gone; see haltblk list\n");
	fake.err[6] = 0;
	fake.nr_held = 0;
}

static void two_rules(void)
{
	fake.rules[0] = (struct haltblk_rule){
		.tag = "K", .event = HALTBLK_EVENT_MEDIA, .count = 1,
		.keys = HALTBLK_KEY_OPS | HALTBLK_KEY_SECTOR,
		.ops = 2, .sector = 8, .nr_sectors = 8, .matches = 3,
		.hits = 1, .held = 1,
	};
	fake.rules[1] = (struct haltblk_rule){
		.hdr.flags = HALTBLK_RULE_F_SESSION | HALTBLK_RULE_F_NOT_COMM |
			     HALTBLK_RULE_F_NOT_PID,
		.tag = "C", .event = HALTBLK_EVENT_SUBMIT, .skip = 2,
		.keys = HALTBLK_KEY_COMM | HALTBLK_KEY_PID, .comm = "fio",
		.pid = 9, .action = HALTBLK_ACTION_FAIL,
		.arg = HALTBLK_STATUS_NOSPC, .armed = 1,
	};
	fake.nr_rules = 2;
}

#define RULE_K \
	"{\"tag\":\"K\",\"event\":\"media\",\"action\":\"hold\",\"matches\":3,\"hits\":1," \
	"\"held\":1,\"armed\":false,\"skip\":0,\"count\":1,\"owner\":\"device\"," \
	"\"op\":[\"write\"],\"sector\":8,\"sectors\":8}"
#define RULE_C \
	"{\"tag\":\"C\",\"event\":\"submit\",\"action\":\"fail=NOSPC\",\"matches\":0,\"hits\":0," \
	"\"held\":0,\"armed\":true,\"skip\":2,\"count\":0,\"owner\":\"session\"," \
	"\"not_pid\":9,\"not_comm\":\"fio\"}"

static void rules(void)
{
	two_rules();
	run_is("rules hb0", 0,
	       "tag  event   action      matches  hits  held  armed  conditions\n"
	       "K    media   hold        3        1     1     no     op=write sector=8+8\n"
	       "C    submit  fail=NOSPC  0        0     0     yes    pid=!9 comm=!fio skip=2 count=0 owner=session\n",
	       "");
	run_json("rules hb0 --json", 0, "[" RULE_K "," RULE_C "]", "");
	run_is("rules hb0 --unhit", 1,
	       "tag  event   action      matches  hits  held  armed  conditions\n"
	       "C    submit  fail=NOSPC  0        0     0     yes    pid=!9 comm=!fio skip=2 count=0 owner=session\n",
	       "haltblk: hb0: rules: 1 of 2 never hit\n");
	run_json("rules hb0 --unhit --json", 1, "[" RULE_C "]",
	       "haltblk: hb0: rules: 1 of 2 never hit\n");
	fake.nr_rules = 1;
	run_is("rules hb0 --unhit", 0,
	       "tag  event  action  matches  hits  held  armed  conditions\n", "");
	fake.err[7] = -ENODEV;
	run_is("rules hb0 --unhit", 3, "",
	       "haltblk: hb0: rules: the device is gone; see haltblk list\n");
	fake.err[7] = 0;
}

/* Every condition has its key. */
static void all_conditions(void)
{
	run("break hb0 media A op=read sector=1+2 hctx=3 cpu=4 pid=5 comm=dd flags=fua state=6 set_state=7 chance=1/8");
	fake.rules[0] = fake.rules[fake.nr_rules - 1];
	fake.nr_rules = 1;
	run("rules hb0 --json");
	run_compact();
	tap_has(run_out, "\"op\":[\"read\"],\"sector\":1,\"sectors\":2,\"hctx\":3,\"cpu\":4,\"pid\":5,\"comm\":\"dd\",\"flags\":[\"fua\"],\"state\":6,\"set_state\":7,\"chance\":8",
		"all conditions as JSON");
	run("rules hb0");
	tap_has(run_out, "op=read sector=1+2 hctx=3 cpu=4 pid=5 comm=dd flags=fua state=6 set_state=7 chance=1/8\n",
		"all conditions as words");
}

static void numbers(void)
{
	strcpy(fake.config[0].name, "size");
	strcpy(fake.config[0].value, "64");
	strcpy(fake.config[1].name, "home_node");
	strcpy(fake.config[1].value, "-1");
	strcpy(fake.config[2].name, "on_remove");
	strcpy(fake.config[2].value, "fail");
	strcpy(fake.config[3].name, "badblocks");
	fake.nr_config = 4;
	fake.stats.submitted = 12;
	fake.stats.completed = 10;
	fake.stats.failed = 1;
	fake.stats.inflight = 2;
	fake.stats.held = 1;
	fake.hctx[0] = (struct haltblk_hctx_stats){ 12, 10, 1, 1, 0 };
	fake.nr_hctx = 1;
	fake.nr_rules = 0;
}

static void show(void)
{
	int i;

	numbers();
	run_is("show hb0", 0,
	       "config\n\nsize=64\nhome_node=-1\non_remove=fail\nbadblocks=\n"
	       "\nstats\n\n"
	       "hctx  inflight  held  submitted  completed  failed\n"
	       "all   2         1     12         10         1\n"
	       "0     2         1     12         10         1\n"
	       "\nrules\n\ntag  event  action  matches  hits  held  armed  conditions\n"
	       "\nheld\n\n" HELD_HEAD, "");
	run_json("show hb0 --json", 0,
	       "{\"name\":\"hb0\",\"config\":{\"size\":64,\"home_node\":-1,\"on_remove\":\"fail\",\"badblocks\":\"\"},"
	       "\"stats\":{\"inflight\":2,\"held\":1,\"submitted\":12,\"completed\":10,\"failed\":1,\"stored_pages\":0,\"cached_blocks\":0,\"shared_pages\":0,"
	       "\"hctx\":[{\"hctx\":0,\"inflight\":2,\"held\":1,\"submitted\":12,\"completed\":10,\"failed\":1}]},"
	       "\"rules\":[],\"held\":[],\"locks\":[],\"badblocks\":[]}", "");
	fake.hctx[0].hctx = -1;
	run("show hb0 --json");
	run_compact();
	tap_has(run_out, "\"hctx\":null,", "bio mode has no queue number");
	for (i = 6; i <= 15; i++) {
		if (i == 10 || (i >= 12 && i <= 14))	/* not asked */
			continue;
		fake.err[i] = -ENODEV;
		run_is("show hb0", 3, "",
		       "haltblk: hb0: show: the device is gone; see haltblk list\n");
		fake.err[i] = 0;
	}
}

static void show_locks(void)
{
	const char *head = "\nlocks\n\n"
		"name                 hctx  acquisitions  contended  wait_ns  hold_ns\n";

	numbers();
	fake.locks[0] = (struct haltblk_lock_stats){
		"haltblk_lock_hctx", 24, 3, 700, 4800, 0, 0,
	};
	fake.locks[1] = (struct haltblk_lock_stats){
		"haltblk_lock_shared", 1, 0, 0, 0, -1, 0,
	};
	fake.nr_locks = 2;
	run("show hb0");
	tap_has(run_out, head, "locks: columns");
	tap_has(run_out, "haltblk_lock_hctx    0     24            3          700      4800\n", "a queue's lock");
	tap_has(run_out, "haltblk_lock_shared  -     1             0          0        0\n", "one of no queue");
	run("show hb0 --json");
	run_compact();
	tap_has(run_out, "\"locks\":[{\"name\":\"haltblk_lock_hctx\",\"hctx\":0,\"acquisitions\":24,\"contended\":3,\"wait_ns\":700,\"hold_ns\":4800},"
		"{\"name\":\"haltblk_lock_shared\",\"hctx\":null,", "locks as JSON");
	fake.err[15] = -ENOTTY;
	run("show hb0 --json");
	run_compact();
	tap_has(run_out, "\"locks\":[]", "a driver that knows no locks");
	fake.err[15] = 0;
	fake.nr_locks = 0;
}

static void list(void)
{
	strcpy(fake.devices[1].name, "haltblk0");
	fake.devices[1].index = 1;
	fake.devices[1].flags = HALTBLK_DEV_F_LOAD;
	fake.nr_devices = 2;
	run_is("list", 0,
	       "name      index  power  made\n"
	       "hb0       0      on     configfs\n"
	       "haltblk0  1      off    load\n", "");
	fake.nr_devices = 1;
	run_json("list --json", 0,
	       "[{\"name\":\"hb0\",\"index\":0,\"power\":true,\"made\":\"configfs\"}]",
	       "");
	fake.devices[0].index = UINT32_MAX;
	fake.devices[0].flags = 0;
	run_json("list --json", 0,
		 "[{\"name\":\"hb0\",\"index\":null,\"power\":false,\"made\":\"configfs\"}]",
		 "");
	run_is("list", 0,
	       "name  index  power  made\n"
	       "hb0   -      off    configfs\n", "");
	fake.nr_devices = 0;
	run_is("list", 0, "name  index  power  made\n", "");
	run_json("list --json", 0, "[]", "");
	fake_remove_file(HB_CONTROL);
	run_is("list", 1, "", "haltblk: list: the haltblk driver is not loaded; load it with: modprobe haltblk\n");
	fake_open_error(HB_CONTROL, -EACCES);
	run_is("list", 1, "", "haltblk: list: only root may control haltblk devices; use sudo\n");
}

int main(void)
{
	fake_load();
	held();
	rules();
	all_conditions();
	show();
	show_locks();
	list();
	tap_int(fake_open_fds(), 0, "nothing stays open");
	return tap_done();
}
