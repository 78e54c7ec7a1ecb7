/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * latency_OP_nsec=fio:FILE and =btt:FILE: latencies that somebody measured, as
 * the percentiles that the driver takes.
 *
 * fio:FILE is what fio --output-format=json printed; btt:FILE has a line for
 * each request, with the time and the seconds that it took: what btt -l and -q
 * write.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latency.h"

#define LATENCY_NSEC_MAX 1000000000000ULL	/* as the driver */
#define LATENCY_POINTS	24			/* as the driver */
#define NSEC_PER_SEC	1e9

/* Of a file of single latencies. */
static const double shares[] = {
	0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95,
	99.99, 100,
};

/* What fio calls an operation, or NULL if it measures none like it. */
static const char *fio_name(const char *option)
{
	static const struct {
		const char *option, *fio;
	} names[] = {
		{ "latency_read_nsec=", "read" },
		{ "latency_write_nsec=", "write" },
		{ "latency_zone_append_nsec=", "write" },
		{ "latency_discard_nsec=", "trim" },
		{ "latency_flush_nsec=", "sync" },
	};
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(names); i++)
		if (!strncmp(option, names[i].option,
			     strlen(names[i].option)))
			return names[i].fio;
	return NULL;
}

static void put_point(FILE *out, bool first, double share,
		      unsigned long long ns)
{
	fprintf(out, "%s%.4f=%llu", first ? "" : ",", share, ns);
}

/* The percentiles of the first job; with --group_reporting, of all. */
static struct json_object *fio_percentiles(struct json_object *root,
					   const char *name)
{
	struct json_object *jobs, *dir, *lat, *found = NULL;

	if (!json_object_object_get_ex(root, "jobs", &jobs) ||
	    !json_object_is_type(jobs, json_type_array) ||
	    !json_object_object_get_ex(json_object_array_get_idx(jobs, 0),
				       name, &dir))
		return NULL;
	if (json_object_object_get_ex(dir, "clat_ns", &lat) ||
	    json_object_object_get_ex(dir, "lat_ns", &lat))
		json_object_object_get_ex(lat, "percentile", &found);
	if (found && !json_object_object_length(found))
		found = NULL;
	return found;
}

static int read_fio(const struct hbc_command *cmd, const char *word,
		    const char *path, FILE *out)
{
	const char *name = fio_name(word);
	struct json_object *root, *found;
	int n = 0, status = HBC_GO_ON;

	if (!name)
		return hbc_usage(cmd, "%s: fio measures reads, writes, trims and syncs only",
				 word);
	root = json_object_from_file(path);
	if (!json_object_is_type(root, json_type_object)) {
		json_object_put(root);
		return hbc_usage(cmd, "%s: cannot be read as JSON; make it with fio --output-format=json --output=%s",
				 word, path);
	}
	found = fio_percentiles(root, name);
	if (!found) {
		status = hbc_usage(cmd, "%s: its first job has no percentiles for '%s'; run fio with an ioengine and jobs that do it",
				   word, name);
	} else if (json_object_object_length(found) > LATENCY_POINTS) {
		status = hbc_usage(cmd, "%s: more than %d percentiles; give fio a shorter --percentile_list",
				   word, LATENCY_POINTS);
	} else {
		json_object_object_foreach(found, share, ns)
			put_point(out, !n++, atof(share),
				  (unsigned long long)json_object_get_int64(ns));
	}
	json_object_put(root);
	return status;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* All the latencies of a file, in seconds. Return: how many; -1 no memory. */
static ssize_t load_btt(FILE *in, double **all)
{
	size_t nr = 0, room = 0;
	double when, took, *more;
	char line[256];

	*all = NULL;
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%lf %lf", &when, &took) != 2 || took < 0 ||
		    took * NSEC_PER_SEC > (double)LATENCY_NSEC_MAX)
			continue;
		if (nr == room) {
			room = room ? 2 * room : 1024;
			more = realloc(*all, room * sizeof(**all));
			if (!more)
				return -1;
			*all = more;
		}
		(*all)[nr++] = took;
	}
	return (ssize_t)nr;
}

static int read_btt(const struct hbc_command *cmd, const char *word,
		    const char *path, FILE *out)
{
	FILE *in = fopen(path, "re");
	int status = HBC_GO_ON;
	double *all;
	ssize_t nr;
	size_t i, at;

	if (!in)
		return hbc_usage(cmd, "%s: %s", word, strerror(errno));
	nr = load_btt(in, &all);
	fclose(in);
	if (nr < 0)
		status = hbc_no_memory();
	else if (!nr)
		status = hbc_usage(cmd, "%s: no line has a time and the seconds that a request took; make it with btt -l NAME, which writes NAME_..._d2c.dat",
				   word);
	if (nr > 0)
		qsort(all, (size_t)nr, sizeof(*all), compare);
	for (i = 0; nr > 0 && i < HBC_ARRAY_SIZE(shares); i++) {
		at = (size_t)(shares[i] / 100 * (double)(nr - 1) + 0.5);
		put_point(out, !i, shares[i],
			  (unsigned long long)(all[at] * NSEC_PER_SEC + 0.5));
	}
	free(all);
	return status;
}

/**
 * hbc_latency_read() - replace a file by what the driver takes
 * @cmd: for messages
 * @word: KEY=VALUE
 * @out: out: the word, or a latency with the percentiles of its file; to be
 *	freed by the caller, NULL on failure
 *
 * Return: HBC_GO_ON or an exit status.
 */
int hbc_latency_read(const struct hbc_command *cmd, const char *word,
		     char **out)
{
	const char *value = strchr(word, '=') + 1;
	int status = HBC_GO_ON;
	size_t len;
	FILE *text;

	text = open_memstream(out, &len);
	if (!text)
		return hbc_no_memory();
	if (strncmp(word, "latency_", 8) ||
	    (strncmp(value, "fio:", 4) && strncmp(value, "btt:", 4))) {
		fputs(word, text);
	} else {
		fprintf(text, "%.*spercentiles:", (int)(value - word), word);
		status = *value == 'f' ?
			 read_fio(cmd, word, value + 4, text) :
			 read_btt(cmd, word, value + 4, text);
	}
	if (fclose(text))
		status = hbc_no_memory();
	if (status == HBC_GO_ON)
		return status;
	free(*out);
	*out = NULL;
	return status;
}
