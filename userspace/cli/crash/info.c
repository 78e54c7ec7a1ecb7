/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * info.json of a record. Its last member is a CRC of all text before it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format.h"

#define MOST_TEXT	(1U << 20)
#define CRC_KEY		",\n  \"crc32c\": \""
#define CRC_LEN		8

static void add_number(struct json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_uint64(n));
}

static void add_string(struct json_object *o, const char *key, const char *s)
{
	json_object_object_add(o, key, s ? json_object_new_string(s) : NULL);
}

static void add_bool(struct json_object *o, const char *key, bool b)
{
	json_object_object_add(o, key, json_object_new_boolean(b));
}

/* KEY=VALUE words as an object. */
static struct json_object *options_json(const struct hbc_rec_device *d)
{
	struct json_object *o = json_object_new_object();
	const char *value;
	char key[64];
	size_t i;

	for (i = 0; i < d->nr_options; i++) {
		value = strchr(d->options[i], '=');
		snprintf(key, sizeof(key), "%.*s",
			 (int)(value - d->options[i]), d->options[i]);
		add_string(o, key, value + 1);
	}
	return o;
}

static struct json_object *device_json(const struct hbc_rec_device *d)
{
	struct json_object *o = json_object_new_object();
	const char *base = d->base ? strrchr(d->base, '/') : NULL;

	json_object_object_add(o, "name", hbc_name_json(d->name,
							sizeof(d->name)));
	add_number(o, "sectors", d->sectors);
	add_number(o, "blocksize", d->block);
	add_string(o, "base", base ? base + 1 : d->base);
	add_number(o, "base_bytes", d->base_bytes);
	add_number(o, "base_crc32c", d->base_crc);
	json_object_object_add(o, "options", options_json(d));
	return o;
}

static struct json_object *info_json(const struct hbc_rec_info *info)
{
	struct json_object *o = json_object_new_object();
	struct json_object *devices = json_object_new_array();
	const struct hbc_rec *r = info->record;
	unsigned int i;

	add_number(o, "version", HBC_REC_VERSION);
	add_string(o, "id", r->id);
	add_bool(o, "finished", info->finished);
	add_bool(o, "truncated", r->truncated);
	if (info->finished)
		add_number(o, "reason", r->reason);
	else
		json_object_object_add(o, "reason", NULL);
	add_number(o, "events_bytes", info->events_bytes);
	add_string(o, "imported", r->imported);
	for (i = 0; i < r->nr_devices; i++)
		json_object_array_add(devices, device_json(&r->devices[i]));
	json_object_object_add(o, "devices", devices);
	return o;
}

/* The text with its CRC, or NULL; free it. */
static char *info_text(const struct hbc_rec_info *info)
{
	struct json_object *o = info_json(info);
	const char *json;
	char *text = NULL;
	size_t len;

	json = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
					      JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	len = json ? strlen(json) : 0;
	/* Without its last line, which is the brace. */
	while (len && json[len - 1] != '}')
		len--;
	while (len > 1 && strchr("}\n ", json[len - 1]))
		len--;
	/* The list of devices ends with "]": none of its braces was dropped. */
	if (len && asprintf(&text, "%.*s" CRC_KEY "%08" PRIx32 "\"\n}\n",
			    (int)len, json, hbc_crc32c(0, json, len)) < 0)
		text = NULL;
	json_object_put(o);
	return text;
}

static int say(const char *path, const char *what)
{
	hbc_error(path, "%s: %s", what, strerror(errno));
	return HBC_FAILED;
}

/* Write a file anew, whole or not at all. */
static int replace(const char *dir, const char *path, const char *text)
{
	char tmp[PATH_MAX];
	int fd, r;

	snprintf(tmp, sizeof(tmp), "%s/info.json.new", dir);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return say(tmp, "cannot make");
	r = hbc_write_at(fd, text, strlen(text), 0);
	if (!r && fsync(fd))
		r = -errno;
	if (close(fd) && !r)
		r = -errno;
	if (!r && rename(tmp, path))
		r = -errno;
	if (!r)
		return HBC_OK;
	unlink(tmp);
	errno = -r;
	return say(path, "cannot write");
}

/** hbc_rec_info_write() - write info.json */
int hbc_rec_info_write(const char *dir, const struct hbc_rec_info *info)
{
	char path[PATH_MAX], *text = info_text(info);
	int status;

	if (!text)
		return hbc_no_memory();
	snprintf(path, sizeof(path), "%s/info.json", dir);
	status = replace(dir, path, text);
	free(text);
	return status;
}

/* All of a small file; NULL after a message. */
static char *read_text(const char *dir, const char *path)
{
	char *text = NULL;
	struct stat st;
	int fd, r = 1;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		hbc_error(dir, "not a record: it has no info.json");
		return NULL;
	}
	if (fd < 0 || fstat(fd, &st)) {
		say(path, "cannot open");
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > MOST_TEXT) {
		hbc_error(path, "not the info.json of a record");
		goto out;
	}
	text = calloc(1, (size_t)st.st_size + 1);
	if (!text) {
		hbc_no_memory();
		goto out;
	}
	r = hbc_read_at(fd, text, (size_t)st.st_size, 0);
	if (r) {
		hbc_error(path, "cannot read: %s",
			  r > 0 ? "cut short" : strerror(-r));
		free(text);
		text = NULL;
	}
out:
	if (fd >= 0)
		close(fd);
	return text;
}

/* What is wrong with the end of the text, or NULL. */
static const char *check_crc(const char *text)
{
	char want[sizeof(CRC_KEY) + CRC_LEN + 8];
	const char *end = NULL, *at = text;

	while ((at = strstr(at, CRC_KEY)))
		end = at++;
	if (!end)
		return "cut short or altered: it does not end with its checksum";
	snprintf(want, sizeof(want), CRC_KEY "%08" PRIx32 "\"\n}\n",
		 hbc_crc32c(0, text, (size_t)(end - text)));
	return strcmp(end, want) ? "altered: its checksum is wrong" : NULL;
}

static struct json_object *member(struct json_object *o, const char *key,
				  enum json_type type)
{
	struct json_object *value;

	if (!json_object_object_get_ex(o, key, &value) ||
	    !json_object_is_type(value, type))
		return NULL;
	return value;
}

static bool get_number(struct json_object *o, const char *key, uint64_t max,
		       uint64_t *n)
{
	struct json_object *value = member(o, key, json_type_int);

	if (!value)
		return false;
	*n = json_object_get_uint64(value);
	return *n <= max;
}

static bool get_bool(struct json_object *o, const char *key, bool *b)
{
	struct json_object *value = member(o, key, json_type_boolean);

	if (value)
		*b = json_object_get_boolean(value);
	return value;
}

/* @s stays NULL if the member is null. */
static bool get_string(struct json_object *o, const char *key, char **s)
{
	struct json_object *value;

	if (!json_object_object_get_ex(o, key, &value))
		return false;
	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_string))
		return false;
	*s = strdup(json_object_get_string(value));
	return *s;
}

/** hbc_rec_note_option() - what an option means for a record */
void hbc_rec_note_option(struct hbc_rec_device *d, const char *option)
{
	if (!strcmp(option, "discard_reads=poison"))
		d->keep_zeroes = true;
	if (!strcmp(option, "cache=volatile"))
		d->cache = true;
	if (!strncmp(option, "cache_size=", 11) && strcmp(option + 11, "0"))
		d->cache = true;
}

static bool get_options(struct json_object *o, struct hbc_rec_device *d)
{
	struct json_object *options = member(o, "options", json_type_object);

	if (!options)
		return false;
	d->options = calloc((size_t)json_object_object_length(options) + 1,
			    sizeof(*d->options));
	if (!d->options)
		return false;
	json_object_object_foreach(options, key, value) {
		if (!json_object_is_type(value, json_type_string) ||
		    asprintf(&d->options[d->nr_options], "%s=%s", key,
			     json_object_get_string(value)) < 0)
			return false;
		hbc_rec_note_option(d, d->options[d->nr_options++]);
	}
	return true;
}

static bool is_power_of_2(uint64_t n)
{
	return n && !(n & (n - 1));
}

static bool get_device(const char *dir, struct json_object *o,
		       struct hbc_rec_device *d)
{
	char *name = NULL, *base = NULL;
	uint64_t block, crc;
	bool good;

	good = get_string(o, "name", &name) && name &&
	       strlen(name) < sizeof(d->name) &&
	       get_number(o, "sectors", INT64_MAX / 512, &d->sectors) &&
	       get_number(o, "blocksize", 4096, &block) && block >= 512 &&
	       is_power_of_2(block) && d->sectors &&
	       d->sectors % (block / 512) == 0 &&
	       get_string(o, "base", &base) &&
	       (!base || (*base && *base != '.' && !strchr(base, '/'))) &&
	       get_number(o, "base_bytes", d->sectors * 512,
			  &d->base_bytes) &&
	       get_number(o, "base_crc32c", UINT32_MAX, &crc) &&
	       get_options(o, d);
	if (good) {
		strcpy(d->name, name);
		d->block = (uint32_t)block;
		d->base_crc = (uint32_t)crc;
		good = !base || asprintf(&d->base, "%s/%s", dir, base) >= 0;
	}
	free(name);
	free(base);
	return good;
}

static bool get_devices(const char *dir, struct json_object *o,
			struct hbc_rec *r)
{
	struct json_object *array = member(o, "devices", json_type_array);
	size_t i, nr = array ? json_object_array_length(array) : 0;

	if (!nr || nr > HBC_REC_DEVICES)
		return false;
	for (i = 0; i < nr; i++) {
		r->nr_devices++;
		if (!get_device(dir, json_object_array_get_idx(array, i),
				&r->devices[i]))
			return false;
	}
	return true;
}

static bool get_id(struct json_object *o, struct hbc_rec *r)
{
	char *id = NULL;
	bool good = get_string(o, "id", &id) && id && strlen(id) == 32;

	if (good)
		strcpy(r->id, id);
	free(id);
	return good;
}

static bool get_info(const char *dir, struct json_object *o,
		     struct hbc_rec_info *info)
{
	struct hbc_rec *r = info->record;
	uint64_t reason = HBC_REC_UNFINISHED;

	if (!get_id(o, r) || !get_bool(o, "finished", &info->finished) ||
	    !get_bool(o, "truncated", &r->truncated) ||
	    (info->finished && !get_number(o, "reason", 255, &reason)) ||
	    !get_number(o, "events_bytes", INT64_MAX, &info->events_bytes) ||
	    !get_string(o, "imported", &r->imported))
		return false;
	r->reason = (uint32_t)reason;
	return get_devices(dir, o, r);
}

/* What is wrong with it, or NULL. */
static const char *read_info(const char *dir, const char *text,
			     struct hbc_rec_info *info)
{
	struct json_object *o = json_tokener_parse(text);
	uint64_t version;
	const char *why;

	if (o && get_number(o, "version", UINT64_MAX, &version) &&
	    version > HBC_REC_VERSION)
		why = "made by a newer haltblk; use that one";
	else
		why = check_crc(text);
	if (!why && (!o || !get_info(dir, o, info)))
		why = "not the info.json of a record";
	json_object_put(o);
	return why;
}

/** hbc_rec_info_read() - read info.json; what it allocates is the record's */
int hbc_rec_info_read(const char *dir, struct hbc_rec_info *info)
{
	char path[PATH_MAX], *text;
	const char *why;

	snprintf(path, sizeof(path), "%s/info.json", dir);
	text = read_text(dir, path);
	if (!text)
		return HBC_FAILED;
	why = read_info(dir, text, info);
	free(text);
	if (why)
		hbc_error(path, "%s", why);
	return why ? HBC_FAILED : HBC_OK;
}

/** hbc_rec_device_free() - free what a device of a record points to */
void hbc_rec_device_free(struct hbc_rec_device *device)
{
	size_t i;

	for (i = 0; i < device->nr_options; i++)
		free(device->options[i]);
	free(device->options);
	free(device->base);
}
