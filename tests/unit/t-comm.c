/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * comm= takes the name of a process as tables and JSON show it: each name
 * comes back byte for byte. JSON shows the plain name if possible.
 */
#include <string.h>

#include "cli.h"
#include "fake.h"
#include "tap.h"

static struct libhaltblk *h;

/* Whether comm=@text means @name, and comm=!@text all others. */
static bool means(const char *text, const char *name)
{
	char word[128], want[HALTBLK_COMM_LEN] = "";
	struct libhaltblk_rule *rule;
	bool good = true;
	int not;

	memcpy(want, name, strlen(name));
	for (not = 0; not < 2; not++) {
		snprintf(word, sizeof(word), "comm=%s%s", not ? "!" : "", text);
		if (libhaltblk_rule_new(h, &rule))
			return false;
		good &= !libhaltblk_rule_add(rule, word) &&
			!memcmp(libhaltblk_rule_get(rule)->comm, want,
				sizeof(want)) &&
			!(libhaltblk_rule_get(rule)->hdr.flags &
			  HALTBLK_RULE_F_NOT_COMM) == !not;
		libhaltblk_rule_free(rule);
	}
	return good;
}

static bool comes_back(const char *name)
{
	struct json_object *json = hbc_name_json(name, HALTBLK_COMM_LEN);
	char clean[4 * HALTBLK_COMM_LEN + 1];
	bool good;

	hbc_clean(clean, sizeof(clean), name, HALTBLK_COMM_LEN);
	good = means(clean, name) && !strpbrk(clean, " \t\n") &&
	       means(json_object_get_string(json), name);
	json_object_put(json);
	return good;
}

static void every_byte(void)
{
	static const char *const fmts[] = {
		"%c", "a%c", "%c%c", "a%cb", "\\%c41", "\\x%c1", "\\x4%c",
		"%c\xa9", "\xe2%c\xac", "\xf0\x9f%c\x80", "123456789012345%c",
	};
	char name[32];
	size_t i;
	int c;

	for (i = 0; i < HBC_ARRAY_SIZE(fmts); i++) {
		int bad = 0;

		for (c = 1; c < 256 && !bad; c++) {
			snprintf(name, sizeof(name), fmts[i], c, c);
			name[HALTBLK_COMM_LEN - 1] = '\0';
			if (!comes_back(name))
				bad = c;
		}
		tap_int(bad, 0, "every byte in the place of %%c in name %zu",
			i);
	}
}

static void json_is(const char *name, const char *want)
{
	struct json_object *json = hbc_name_json(name, HALTBLK_COMM_LEN);

	tap_str(json_object_get_string(json), want, "in JSON: '%s'", want);
	json_object_put(json);
}

static void json(void)
{
	static const char *const themselves[] = {
		"dd", "Web Content", "\xc3\xa9", "\xe2\x82\xac", "a\\b", "\\x4",
		"\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "a!", "a\"b", "\x7f",
		"\xee\x80\x80", "\xed\x9f\xbf",
	};
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(themselves); i++)
		json_is(themselves[i], themselves[i]);
	json_is("a\xff", "a\\xff");
	json_is("\xc3", "\\xc3");
	json_is("\xc0\xaf", "\\xc0\\xaf");
	json_is("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	json_is("\xed\xa0\x80", "\\xed\\xa0\\x80");
	json_is("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	json_is("\xf8\x88\x80\x80", "\\xf8\\x88\\x80\\x80");
	json_is("a\\x41", "a\\x5cx41");
	json_is("!a", "\\x21a");
	/* The kernel cuts a name that is too long. */
	json_is("1234567890123\xe2\x82", "1234567890123\\xe2\\x82");
}

int main(void)
{
	fake_load();
	if (libhaltblk_new(&h))
		return 1;
	every_byte();
	json();
	libhaltblk_free(h);
	return tap_done();
}
