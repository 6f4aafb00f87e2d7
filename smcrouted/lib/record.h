/* record.h - writing replies and events: one JSON object a line
 *
 *	struct record r = record_begin(buf);
 *
 *	record_str(&r, "group", "239.1.1.1");
 *	record_list(&r, "oifs");
 *	record_item(&r, "eth1");
 *	record_list_end(&r);
 *	record_end(&r);
 */
#ifndef SMCKIT_RECORD_H
#define SMCKIT_RECORD_H

#include "buf.h"

struct record {
	struct buf *buf; /* not ours */
	bool comma;	 /* whether something stands before the next member */
};

struct record record_begin(struct buf *buf);

/* Ends the object and its line. */
void record_end(struct record *r);

/* A member; a NULL @value is written as null. Text is escaped as JSON demands. */
void record_str(struct record *r, const char *key, const char *value);
void record_int(struct record *r, const char *key, int64_t value);
void record_u64(struct record *r, const char *key, uint64_t value);
void record_bool(struct record *r, const char *key, bool value);

/* A member that is a list of strings. */
void record_list(struct record *r, const char *key);
void record_item(struct record *r, const char *value);
void record_list_end(struct record *r);

#endif
