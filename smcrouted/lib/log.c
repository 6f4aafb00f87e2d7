/* log.c - the log: levels, areas, rate limits */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

static const char *const level_name[] = {
	[LEVEL_NONE] = "none",	   [LEVEL_ERR] = "err",	  [LEVEL_WARNING] = "warning",
	[LEVEL_NOTICE] = "notice", [LEVEL_INFO] = "info", [LEVEL_DEBUG] = "debug",
};

void log_init(struct log *log, enum log_level level,
	      void (*write)(struct log *, enum log_level, const char *line))
{
	*log = (struct log){ .write = write, .level = level };
	TAILQ_INIT(&log->areas);
}

void log_free(struct log *log)
{
	struct log_area *area;

	while ((area = TAILQ_FIRST(&log->areas))) {
		TAILQ_REMOVE(&log->areas, area, link);
		free(area);
	}
}

static struct log_area *find(struct log *log, const char *name)
{
	struct log_area *area;

	/* of a longer name as much counts as was kept */
	TAILQ_FOREACH(area, &log->areas, link) {
		if (!strncmp(area->name, name, sizeof(area->name) - 1))
			return area;
	}
	return NULL;
}

static bool is_within(const char *name, const char *outer)
{
	size_t len = strnlen(outer, sizeof(((struct log_area *)0)->name) - 1);

	return !strncmp(name, outer, len) && (!name[len] || name[len] == '-');
}

struct log_area *log_area(struct log *log, const char *name)
{
	struct log_area *area = find(log, name), *outer = NULL, *other;

	if (!area) {
		TAILQ_FOREACH(other, &log->areas, link) {
			if (is_within(name, other->name))
				outer = other;
		}
		area = xcalloc(1, sizeof(*area));
		area->log = log;
		area->level = outer ? outer->level : log->level;
		snprintf(area->name, sizeof(area->name), "%s", name);
		TAILQ_INSERT_TAIL(&log->areas, area, link);
	}
	return area;
}

bool log_set_level(struct log *log, const char *name, enum log_level level)
{
	struct log_area *area;

	if (name && !find(log, name))
		return false;
	if (!name)
		log->level = level;
	TAILQ_FOREACH(area, &log->areas, link) {
		if (!name || is_within(area->name, name))
			area->level = level;
	}
	return true;
}

const char *log_level_name(enum log_level level)
{
	return level_name[level];
}

bool log_level_parse(const char *text, enum log_level *level)
{
	size_t len = strlen(text);

	if (!len)
		return false;
	for (unsigned i = 0; i < NELEMS(level_name); i++) {
		if (!strncmp(level_name[i], text, len)) {
			*level = i;
			return true;
		}
	}
	/* syslog's numbers: 3 is err, 7 debug */
	if (len == 1 && *text >= '0' && *text <= '7') {
		*level = *text < '3' ? LEVEL_NONE : *text - '2';
		return true;
	}
	return false;
}

void log_line(struct log_area *area, enum log_level level, const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	area->log->write(area->log, level, line);
}

bool log_allow(struct log_area *area, struct log_limit *limit, const struct clock *clock)
{
	if (clock->now >= limit->since + LOG_WINDOW) {
		if (limit->n > LOG_BURST)
			log_warning(area, "%s: %u more lines like the last were left out",
				    area->name, limit->n - LOG_BURST);
		limit->since = clock->now;
		limit->n = 0;
	}
	return limit->n++ < LOG_BURST;
}
