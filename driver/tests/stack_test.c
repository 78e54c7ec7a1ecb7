// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: the text of a stack contains no address, whatever the stack. */
#include <kunit/test.h>
#include <linux/string.h>

#include "gate/stack.h"

#define KNOWN(address)	((unsigned long)(address))
/* No function's address, like one of an unloaded module. */
#define UNKNOWN		0x1234567UL

static void stack_names(struct kunit *test)
{
	const struct haltblk_stack stack = {
		.nr = 3,
		.at = { KNOWN(memcpy), UNKNOWN, KNOWN(printk_timed_ratelimit) },
	};
	char text[512];
	size_t len = haltblk_stack_text(&stack, text, sizeof(text));
	char *second = strchr(text, '\n');

	KUNIT_EXPECT_EQ(test, len, strlen(text));
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_EQ(test, 0, strncmp(second, "\n(unknown)\nprintk_timed_",
					 24));
	KUNIT_EXPECT_NULL(test, strstr(text, "1234567"));
	KUNIT_EXPECT_EQ(test, text[len - 1], '\n');
}

static void stack_cut(struct kunit *test)
{
	const struct haltblk_stack stack = {
		.nr = 2, .at = { UNKNOWN, UNKNOWN },
	};
	const char *whole = "(unknown)\n(unknown)\n";
	char text[32];
	size_t size;

	for (size = 1; size < sizeof(text); size++) {
		size_t len = min(size - 1, strlen(whole));

		memset(text, 'x', sizeof(text));
		KUNIT_EXPECT_EQ(test, len,
				haltblk_stack_text(&stack, text, size));
		KUNIT_EXPECT_EQ(test, 0, memcmp(text, whole, len));
		KUNIT_EXPECT_EQ(test, text[len], 0);
		KUNIT_EXPECT_EQ(test, text[size], 'x');
	}
}

static void stack_empty(struct kunit *test)
{
	const struct haltblk_stack stack = { };
	char text[8] = "x";

	KUNIT_EXPECT_EQ(test, 0, haltblk_stack_text(&stack, text, sizeof(text)));
	KUNIT_EXPECT_STREQ(test, text, "");
}

static struct kunit_case stack_cases[] = {
	KUNIT_CASE(stack_names),
	KUNIT_CASE(stack_cut),
	KUNIT_CASE(stack_empty),
	{}
};

static struct kunit_suite stack_suite = {
	.name = "haltblk_stack",
	.test_cases = stack_cases,
};

kunit_test_suites(&stack_suite);
