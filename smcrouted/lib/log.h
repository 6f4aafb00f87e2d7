/* log.h - the log: levels, areas that can be turned up one by one, rate limits
 *
 * An area is named after the file that writes to it. Each line names its subject first:
 * "eth0 (10.0.0.1,239.1.1.1): ...". Arguments are evaluated only if the line will be written.
 */
#ifndef SMCKIT_LOG_H
#define SMCKIT_LOG_H

#include <libite/queue.h>

#include "clock.h"

enum log_level {
	LEVEL_NONE,    /* as a threshold: nothing at all */
	LEVEL_ERR,     /* the operator must act */
	LEVEL_WARNING, /* a peer or the kernel misbehaves */
	LEVEL_NOTICE,  /* a change of state that operators care about */
	LEVEL_INFO,    /* start, stop, reload */
	LEVEL_DEBUG,   /* every transition, a line a packet */
};

struct log_area {
	TAILQ_ENTRY(log_area) link;
	struct log *log; /* not ours */
	enum log_level level;
	char name[16];
};

struct log {
	/* Takes a finished line without its end; set by the owner. */
	void (*write)(struct log *, enum log_level, const char *line);
	enum log_level level; /* of areas to come */
	TAILQ_HEAD(log_areas, log_area) areas;
};

/* At most LOG_BURST lines of a kind in LOG_WINDOW ms; how many were left out is told after. */
#define LOG_BURST 10
#define LOG_WINDOW SEC(10)

struct log_limit {
	int64_t since;
	unsigned n;
};

void log_init(struct log *log, enum log_level level,
	      void (*write)(struct log *, enum log_level, const char *line));
void log_free(struct log *log);

/*
 * The area of that name, made if it is new: with the level of the one that it is within, if there
 * is that, as `pim-assert` is in `pim`. It lives as long as the log.
 */
struct log_area *log_area(struct log *log, const char *name);

/*
 * Sets the level of an area and of those within it; or that of all areas and
 * of those to come if @name is NULL.
 */
bool log_set_level(struct log *log, const char *name, enum log_level level);

/* A level's name, and a level by its name, the start of its name, or its number. */
const char *log_level_name(enum log_level level);
bool log_level_parse(const char *text, enum log_level *level);

void log_line(struct log_area *area, enum log_level level, const char *fmt, ...) PRINTF(3, 4);

/* Counts a line against the limit; false if it is not to be written. */
bool log_allow(struct log_area *area, struct log_limit *limit, const struct clock *clock);

#define log_at(area, lvl, ...) ((area)->level >= (lvl) ? log_line(area, lvl, __VA_ARGS__) : (void)0)

#define log_err(area, ...) log_at(area, LEVEL_ERR, __VA_ARGS__)
#define log_warning(area, ...) log_at(area, LEVEL_WARNING, __VA_ARGS__)
#define log_notice(area, ...) log_at(area, LEVEL_NOTICE, __VA_ARGS__)
#define log_info(area, ...) log_at(area, LEVEL_INFO, __VA_ARGS__)
#define log_debug(area, ...) log_at(area, LEVEL_DEBUG, __VA_ARGS__)

/* For what strangers can cause. */
#define log_limited(area, limit, clock, lvl, ...)                \
	((area)->level >= (lvl) && log_allow(area, limit, clock) \
		 ? log_line(area, lvl, __VA_ARGS__)              \
		 : (void)0)

#endif
