/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of hbpower share. */
#ifndef HBPOWER_H
#define HBPOWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VALUE_LEN	32
#define OPTION_LEN	96	/* NAME=VALUE */
#define ILLEGAL_KINDS	7

/* hbpower_table.c: the driver's table of options */
extern const size_t table_rows;

const char *table_name(size_t row);
bool table_live(size_t row);
bool table_varies(size_t row);
void table_default(size_t row, char value[VALUE_LEN]);
void table_draw(size_t row, char value[VALUE_LEN]);
bool table_illegal(size_t row, int kind, char value[VALUE_LEN]);
size_t table_named(const char *text, size_t *rows, size_t room);

void rng_seed(uint64_t seed);
uint64_t rng_next(void);
uint64_t rng_below(uint64_t n);

/* hbpower_io.c: two threads of I/O */
void io_start(const char *path);
bool io_moves(unsigned int requests, unsigned int seconds);
void io_counts(uint64_t *ok, uint64_t *failed);
void io_stop(void);

#endif
