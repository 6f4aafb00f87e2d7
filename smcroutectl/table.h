/* table.h - what the client prints: tables for people, JSON for programs
 *
 * Replies are printed row by row as they come, so a table of any size takes no memory. Titles
 * and columns are the client's: the daemon knows of neither.
 */
#ifndef SMCKIT_TABLE_H
#define SMCKIT_TABLE_H

#include "reply.h"

enum headings {
	HEADINGS_STYLED, /* underlined and inverse, as wide as the terminal */
	HEADINGS_PLAIN,
	HEADINGS_NONE,
};

struct options {
	const char *socket; /* path of the daemon's */
	enum headings headings;
	unsigned columns; /* of the terminal */
	bool json, detail;
	bool keep_going; /* a batch goes on after errors */
	bool wait;	 /* for an interface to come */
};

#define VIEW_REQUESTS 2

/* What a command shows: one JSON document, or some tables. */
struct view {
	const char *word; /* behind "show"; NULL: not to be had there */
	const char *json; /* the name of all that it shows; NULL: no document */
	bool flat;	  /* one list of all rows, not a list for each section */
	bool bare;	  /* rows alone, nothing before or after them */
	bool has_detail;  /* its requests can be followed by "detail" */
	const char *request[VIEW_REQUESTS];
	unsigned nrequests, nall;	/* how many of them tables need; JSON, and -d */
	const struct section *sections; /* in the order that the daemon keeps */
	unsigned nsections;

	/* A record that belongs to no table; NULL: left out. */
	void (*loose)(struct buf *out, const struct reply *r, struct text line, bool json);
};

extern const struct view view_routes, view_groups, view_interfaces, view_pending, view_help,
	view_config, view_errors, view_version, view_monitor, view_log, view_counters, view_events,
	view_mrd, view_igmp, view_mld, view_proxy, view_pim, view_modules, view_other;

/*
 * The view that is meant by the word after "show": exact names first, then by the first letter,
 * as in smcroute, which knows routes, groups, interfaces and pending. Without a word the routes;
 * &view_other for a word that only the daemon may know.
 */
const struct view *view_find(struct text word);

/* The word of the view number @i, NULL behind the last. */
const char *view_word(unsigned i);

struct printer {
	const struct options *options;
	struct buf out;	  /* owned */
	const char *only; /* help: commands that begin so; NULL: all */

	const struct view *view; /* under way; NULL: none. Not ours */
	unsigned request;	 /* which one of the view's is being answered */
	bool detail;
	const struct section *section; /* NULL: of a table that we do not know */
	char table[32];		       /* its name */
	unsigned width;		       /* of the longest name of an interface */
	int64_t errors;		       /* of the daemon's configuration, in force without them */
	bool titled;		       /* the table has its heading */
	const char *title;	       /* of the last heading; not ours */
	unsigned nrows;		       /* of the view */
	unsigned nlists;	       /* JSON: sections written or under way */
	bool list;		       /* JSON: a list is open */
	bool comma;
};

/* A view begins; @detail adds columns. */
void printer_begin(struct printer *p, const struct view *view, bool detail);

/* The answers to another of its requests begin. */
void printer_request(struct printer *p, unsigned request);

/* A line of the reply that is neither ok nor error. False if it is no record. */
bool printer_line(struct printer *p, struct text line);

/* The view is complete, or has failed: what is open is closed. */
void printer_end(struct printer *p, bool ok);

/* Writes out what was printed; 0, or -1 with errno. */
int printer_flush(struct printer *p);

/* How wide the terminal is; 0 if standard output is none. */
unsigned terminal_columns(void);

#endif
