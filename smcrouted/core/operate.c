/* operate.c - what operators turn: the log's levels, what was learned */
#include <stdio.h>
#include <string.h>

#include "operate.h"

static struct log_area *area_find(const struct log *log, const char *name)
{
	struct log_area *area;

	TAILQ_FOREACH(area, &log->areas, link) {
		if (!strcmp(area->name, name))
			return area;
	}
	return NULL;
}

/* Those within others are left to `show log`. */
static int unknown_area(struct words *w, const struct log *log, const char *name)
{
	struct log_area *area;
	char names[100] = "";

	TAILQ_FOREACH(area, &log->areas, link) {
		size_t len = strlen(names);

		if (!strchr(area->name, '-'))
			snprintf(names + len, sizeof(names) - len, " %s", area->name);
	}
	return words_error(w, "'%s' is no area of the log, there are:%s", name, names);
}

/* The level that is the next word. */
static int read_level(struct words *w, enum log_level *level)
{
	const char *word = words_next(w);
	char names[64] = "";

	if (word && log_level_parse(word, level))
		return words_end(w);
	for (enum log_level l = LEVEL_NONE; l <= LEVEL_DEBUG; l++) {
		size_t len = strlen(names);

		snprintf(names + len, sizeof(names) - len, " %s", log_level_name(l));
	}
	if (word)
		return words_error(w, "'%s' is no level, there are:%s", word, names);
	return words_error(w, "a level is missing:%s", names);
}

int run_log(struct reader *reader, struct engines engines)
{
	struct log *log = reader->host->log;
	struct words *w = &reader->words;
	const char *name = words_peek(w);
	struct log_area *area = name ? area_find(log, name) : NULL;
	enum log_level level;

	(void)engines;
	if (area || w->n - w->next > 1)
		words_next(w);
	else
		name = NULL;
	if (name && !area)
		return unknown_area(w, log, name);
	if (read_level(w, &level))
		return -1;
	log_set_level(log, name, level);
	return 0;
}

bool show_log(struct show *s, struct engines engines)
{
	struct record rec = record_begin(s->out);
	struct log_area *area;

	(void)engines;
	record_str(&rec, "table", "log");
	record_end(&rec);
	TAILQ_FOREACH(area, &s->reader->host->log->areas, link) {
		rec = record_begin(s->out);
		record_str(&rec, "area", area->name);
		record_str(&rec, "level", log_level_name(area->level));
		record_end(&rec);
	}
	return false;
}

static int read_prefix(struct words *w, struct prefix *prefix)
{
	const char *word = words_next(w);

	if (prefix_parse(word, prefix))
		return 0;
	return words_error(w, "'%s' is no address or prefix", word);
}

/* [SOURCE[/LEN]] GROUP[/LEN] up to the end of the line; without a source all of them. */
static int read_streams(struct words *w, struct prefix *sources, struct prefix *groups)
{
	bool has_source = w->n - w->next > 1;

	if ((has_source && read_prefix(w, sources)) || read_prefix(w, groups))
		return -1;
	if (!ip_is_multicast(groups->ip))
		return words_error(w, "%s is no multicast group", prefix_str(groups));
	if (!has_source)
		*sources = (struct prefix){ .ip = ip_any(ip_family(groups->ip)) };
	if (ip_family(sources->ip) != ip_family(groups->ip))
		return words_error(w, "source and group are of different families");
	return words_end(w);
}

/* What was learned of streams of one family goes, from engines and from the core. */
static void clear(struct router *r, struct prefix sources, struct prefix groups)
{
	enum af af = ip_family(groups.ip);

	engines_foreach(r, l, e, af) {
		if (l->module->forget)
			l->module->forget(e, &sources, &groups);
	}
	mfc_clear(&r->mfc[af], &sources, &groups);
}

int run_clear(struct reader *reader, struct engines engines)
{
	struct router *r = router_of(reader->host);
	struct prefix sources, groups;

	(void)engines;
	if (!words_peek(&reader->words)) {
		for (enum af af = V4; af <= V6; af++) {
			struct prefix all = { .ip = ip_any(af) };

			clear(r, all, all);
		}
		return 0;
	}
	if (read_streams(&reader->words, &sources, &groups))
		return -1;
	clear(r, sources, groups);
	return 0;
}
