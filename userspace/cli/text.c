/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * JSON, and names from elsewhere that must not break a line.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/** hbc_print_json() - print and free an object */
int hbc_print_json(struct json_object *object)
{
	const char *text = json_object_to_json_string_ext(object,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
		JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text)
		puts(text);
	json_object_put(object);
	return text ? HBC_OK : hbc_no_memory();
}

/* "\x" and two hexadecimal digits, which libhaltblk_rule_add() reads as a byte. */
static size_t put_escape(char *out, unsigned char c)
{
	return (size_t)sprintf(out, "\\x%02x", c);
}

/**
 * hbc_clean() - make untrusted text one harmless word
 * @out: the word, which comm= accepts
 * @size: bytes of @out
 * @in: text, need not be terminated
 * @len: most bytes of @in
 */
void hbc_clean(char *out, size_t size, const char *in, size_t len)
{
	size_t used = 0, i;

	for (i = 0; i < len && in[i] && used + 5 <= size; i++) {
		unsigned char c = (unsigned char)in[i];

		if (c > ' ' && c < 0x7f && c != '\\' && (i || c != '!'))
			out[used++] = (char)c;
		else
			used += put_escape(out + used, c);
	}
	out[used] = '\0';
}

/* Bytes of the UTF-8 character that begins here; 0 if none does. */
static size_t utf8_length(const unsigned char *s, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 :
		   s[0] >> 3 == 30 ? 4 : 0, i;
	uint32_t c = n > 1 ? s[0] & (0x7f >> n) : s[0];

	if (!n || n > len)
		return 0;
	for (i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	/* Not overlong, not a surrogate, not past the last character. */
	if (n > 1 && (c < least[n] || c >> 11 == 0x1b || c > 0x10ffff))
		return 0;
	return n;
}

/* Whether comm= would read an escape here. */
static bool looks_escaped(const char *s, size_t len)
{
	return len >= 4 && s[0] == '\\' && s[1] == 'x' &&
	       isxdigit((unsigned char)s[2]) && isxdigit((unsigned char)s[3]);
}

/**
 * hbc_name_json() - make an untrusted name a JSON string
 * @in: name, need not be terminated
 * @len: most bytes of @in
 *
 * Bytes that are not UTF-8, and a backslash or '!' that comm= would misread,
 * become \xNN; all else is copied. comm= accepts the result.
 */
struct json_object *hbc_name_json(const char *in, size_t len)
{
	char out[4 * 64 + 1];
	size_t used = 0, i, n;

	len = strnlen(in, len);
	for (i = 0; i < len && used + 5 <= sizeof(out); i += n) {
		n = utf8_length((const unsigned char *)in + i, len - i);
		if (n && !looks_escaped(in + i, len - i) &&
		    (i || *in != '!')) {
			memcpy(out + used, in + i, n);
			used += n;
		} else {
			n = 1;
			used += put_escape(out + used, (unsigned char)in[i]);
		}
	}
	return json_object_new_string_len(out, (int)used);
}
