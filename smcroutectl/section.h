/* section.h - a table of a view: which rows it takes and how they are printed */
#ifndef SMCKIT_SECTION_H
#define SMCKIT_SECTION_H

#include <string.h>

#include "table.h"

/* As wide as the longest name of an interface */
#define WIDTH_NAME 1000

struct column {
	const char *title, *key;
	int width; /* negative: right aligned; 0: as it comes */
	size_t (*put)(struct buf *out, const struct reply *row, const char *key);
	bool detail; /* with -d only */
};

struct section {
	unsigned request;  /* which one of the view's it answers */
	const char *table; /* the daemon's name of it */
	const char *json;  /* our name of the list; in a flat view the kind of its rows */
	const char *title;
	const struct column *columns;
	bool headless; /* the columns have no head */
	void (*note)(struct buf *out, const struct reply *row, bool detail);

	/* In the place of columns: the whole row; @kind is the section's in JSON. */
	void (*put)(struct buf *out, const struct reply *row, const char *kind);

	/* Rows that belong here; NULL: all. */
	bool (*wanted)(const struct reply *row);
};

#define SECTIONS(array) .sections = array, .nsections = NELEMS(array)

/*
 * Cells: each returns how many columns it took. A text; the value as it is, - if there is none;
 * (S,G), of any source if there is no member "source"; the items of a list, each with a blank
 * before it; the same of one value; milliseconds as seconds.
 */
size_t put_text(struct buf *out, const char *text);
size_t put_value(struct buf *out, const struct reply *row, const char *key);
size_t put_sg(struct buf *out, const struct reply *row, const char *key);
size_t put_list(struct buf *out, const struct reply *row, const char *key);
size_t put_help_text(struct buf *out, const struct reply *row, const char *key);
size_t put_seconds(struct buf *out, const struct reply *row, const char *key);

/* All members but two of that name, as " key=value". */
void put_fields(struct buf *out, const struct reply *r, const char *but, const char *nor);

/*
 * Notes: what a row has to say beyond its columns, in brackets. "[what item item]"; "[what:
 * reason]", if there is one; "[what word]", of which either may be empty.
 */
void note_list(struct buf *out, const char *what, struct text names);
void note_reason(struct buf *out, const char *what, struct text reason);
void note_words(struct buf *out, const char *what, struct text word);

#endif
