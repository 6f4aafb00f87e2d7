/* gm_conf.c - what can be said of IGMP and MLD: words of `phyint`, and statements */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gm_conf.h"
#include "group.h"

#define FIELD(family, member) offsetof(struct gm_fields, af[family].member)

/* A word of each family. */
#define BOTH(word, args, help, parse, member, min, max)                     \
	{ "igmp-" word, args, help, parse, FIELD(V4, member), min, max },   \
	{                                                                   \
		"mld-" word, args, help, parse, FIELD(V6, member), min, max \
	}

/* The longest time of one byte (RFC 3376 4.1.1, 4.1.7), and the least that it can tell. */
#define MAX_SECONDS 31744
#define MAX_RESPONSE (MAX_SECONDS * 100)
#define MIN_RESPONSE 100

#define MAX_COUNT 1000000000

/* MLDv1 does what IGMPv2 does. */
static int parse_mld_version(struct words *w, const struct keyword *k, void *object)
{
	struct gm_fields *fields = object;
	int64_t n;

	if (words_number(w, k->name, k->min, k->max, &n))
		return -1;
	fields->af[V6].version = n + 1;
	return 0;
}

/* Both are names of a version. */
static int set_version(struct words *w, const struct keyword *k, void *object)
{
	(void)w;
	*((uint8_t *)object + k->offset) = k->max;
	return 0;
}

const struct keyword gm_keywords[] = {
	{ "igmp", "", "ask for listeners of IPv4, even if no engine needs to know", keyword_flag,
	  FIELD(V4, on), 0, 0 },
	{ "mld", "", "ask for listeners of IPv6, even if no engine needs to know", keyword_flag,
	  FIELD(V6, on), 0, 0 },
	{ "igmp-version", "NUM", "the highest version spoken", keyword_u8, FIELD(V4, version), 1,
	  3 },
	{ "mld-version", "NUM", "the highest version spoken", parse_mld_version, 0, 1, 2 },
	{ "igmpv2", "", "the same as igmp-version 2", set_version, FIELD(V4, version), 0, 2 },
	{ "igmpv3", "", "the same as igmp-version 3", set_version, FIELD(V4, version), 0, 3 },
	{ "mldv1", "", "the same as mld-version 1", set_version, FIELD(V6, version), 0, 2 },
	{ "mldv2", "", "the same as mld-version 2", set_version, FIELD(V6, version), 0, 3 },
	BOTH("query-interval", "SEC", "between general queries", keyword_seconds, query_interval, 1,
	     MAX_SECONDS),
	BOTH("response-interval", "SEC", "most time to answer them", keyword_decimal,
	     response_interval, MIN_RESPONSE, MAX_RESPONSE),
	BOTH("last-member-interval", "SEC", "between queries when somebody leaves", keyword_decimal,
	     last_member_interval, MIN_RESPONSE, MAX_RESPONSE),
	BOTH("last-member-count", "NUM", "how many queries then", keyword_u8, last_member_count, 1,
	     255),
	BOTH("robustness", "NUM", "messages that may be lost in a row, and one more", keyword_u8,
	     robustness, 1, 255),
	BOTH("querier-timeout", "SEC", "until another querier that is silent is given up",
	     keyword_seconds, querier_timeout, 1, UINT16_MAX),
	BOTH("startup-interval", "SEC", "between the first general queries", keyword_decimal,
	     startup_interval, MIN_RESPONSE, SEC(MAX_SECONDS)),
	BOTH("startup-count", "NUM", "how many of them", keyword_u8, startup_count, 1, 255),
	BOTH("startup-response", "SEC", "most time to answer these", keyword_decimal,
	     startup_response, MIN_RESPONSE, MAX_RESPONSE),
	BOTH("fast-leave", "", "who leaves was the only listener: ask nobody", keyword_flag,
	     fast_leave, 0, 0),
	BOTH("track", "", "know each host, and ask only if others may listen", keyword_flag, track,
	     0, 0),
	BOTH("track-old", "", "... also where they are of older versions", keyword_flag, track_old,
	     0, 0),
	BOTH("max-groups", "NUM", "most groups there", keyword_u32, max_groups, 0, MAX_COUNT),
	BOTH("max-host-groups", "NUM", "most groups of one host", keyword_u32, max_host_groups, 0,
	     MAX_COUNT),
	BOTH("max-sources", "NUM", "most sources of a group", keyword_u32, max_sources, 0,
	     MAX_COUNT),
	BOTH("max-hosts", "NUM", "most hosts that are tracked", keyword_u32, max_hosts, 0,
	     MAX_COUNT),
	BOTH("max-rate", "NUM", "most messages a second that are looked at", keyword_u32, max_rate,
	     1, MAX_COUNT),
	BOTH("no-querier", "", "never ask, only listen", keyword_flag, no_querier, 0, 0),
	{ "igmp-require-alert", "", "messages must have the Router Alert option", keyword_flag,
	  FIELD(V4, require_alert), 0, 0 },
	{ "igmp-any-ttl", "", "messages may have any TTL", keyword_flag, FIELD(V4, any_ttl), 0, 0 },
	{ "igmp-any-network", "", "reports may come from any network", keyword_flag,
	  FIELD(V4, any_network), 0, 0 },
	{ "igmp-ignore-v1", "", "hosts of version 1 are not heard", keyword_flag,
	  FIELD(V4, ignore_v1), 0, 0 },
	{ "igmp-ignore-v2", "", "nor are those of version 2", keyword_flag, FIELD(V4, ignore_v2), 0,
	  0 },
	{ "mld-ignore-v1", "", "hosts of version 1 are not heard", keyword_flag,
	  FIELD(V6, ignore_v2), 0, 0 },
	{ 0 },
};

struct gm_fields gm_defaults(void)
{
	const struct gm_group_settings groups = gm_group_settings();
	const struct gm_port_fields fields = {
		.query_interval = groups.query_interval,
		.response_interval = groups.response_interval,
		.last_member_interval = groups.last_member_interval,
		.startup_response = SEC(1),
		.max_groups = groups.max_groups,
		.max_host_groups = groups.max_host_groups,
		.max_sources = groups.max_sources,
		.max_hosts = groups.max_tracked,
		.max_rate = 10000,
		.version = 3,
		.robustness = groups.robustness,
	};

	return (struct gm_fields){ { fields, fields } };
}

struct gm_fields gm_defaults_said(const struct gm_times *times)
{
	struct gm_fields fields = gm_defaults();

	for (enum af af = V4; af <= V6; af++) {
		struct gm_port_fields *f = &fields.af[af];

		if (times->query_interval[af])
			f->query_interval = times->query_interval[af];
		if (f->response_interval >= f->query_interval)
			f->response_interval = f->query_interval / 2;
		f->querier_timeout = times->querier_timeout[af];
	}
	return fields;
}

/* RFC 3376 8.6, 8.7; RFC 3810 9.6, 9.7 */
int64_t gm_startup_interval(const struct gm_port_fields *f)
{
	return f->startup_interval ? f->startup_interval : f->query_interval / 4;
}

unsigned gm_startup_count(const struct gm_port_fields *f)
{
	return f->startup_count ? f->startup_count : f->robustness;
}

static void add_line(struct gm_conf *conf, const struct gm_line *line)
{
	struct gm_lines *l = &conf->lines[ip_family(line->group.ip)];

	if (l->n == l->size) {
		l->size = l->size ? 2 * l->size : 16;
		l->line = xrealloc(l->line, l->size * sizeof(*line));
	}
	l->line[l->n++] = *line;
}

static int read_prefix(struct words *w, struct prefix *prefix)
{
	const char *word = words_next(w);

	if (!word)
		return words_error(w, "an address is missing");
	if (!prefix_parse(word, prefix))
		return words_error(w, "'%s' is no address", word);
	prefix->ip = ip_mask(prefix->ip, prefix->len);
	return 0;
}

static int read_groups(struct words *w, struct prefix *groups)
{
	if (read_prefix(w, groups))
		return -1;
	if (!ip_is_multicast(groups->ip))
		return words_error(w, "%s is no multicast group", prefix_str(groups));
	return 0;
}

static int read_sources(struct words *w, struct prefix *sources)
{
	if (read_prefix(w, sources))
		return -1;
	if (ip_is_multicast(sources->ip))
		return words_error(w, "%s is a group, not a source", prefix_str(sources));
	return 0;
}

/* [source ADDR[/LEN]] group ADDR[/LEN], in either order, to the end of the line. */
static int read_source_group(struct words *w, struct gm_line *line)
{
	bool has_group = false;
	const char *word;

	while ((word = words_next(w))) {
		if (!strcmp(word, "source")) {
			if (read_sources(w, &line->source))
				return -1;
			line->has_source = true;
		} else if (!strcmp(word, "group")) {
			if (read_groups(w, &line->group))
				return -1;
			has_group = true;
		} else {
			return words_error(w, "unknown word '%s'", word);
		}
	}
	if (!has_group)
		return words_error(w, "'group ADDRESS' is missing");
	if (line->has_source && ip_family(line->source.ip) != ip_family(line->group.ip))
		return words_error(w, "source and group are of different families");
	return 0;
}

static int read_line_slot(struct reader *r, struct gm_line *line)
{
	int slot = read_slot(r);

	line->slot = slot;
	return slot < 0 ? -1 : 0;
}

static int parse_static_group(struct reader *r, void *conf)
{
	struct gm_line line = { .kind = GM_STATIC_GROUP };
	struct words *w = &r->words;

	if (!words_accept(w, "from"))
		return words_error(w, "'from IFNAME' is missing");
	if (read_line_slot(r, &line) || read_source_group(w, &line))
		return -1;
	if (!prefix_is_host(&line.group) || (line.has_source && !prefix_is_host(&line.source)))
		return words_error(w, "one group and one source are wanted, no range");
	if (!line.has_source && ip_is_ssm(line.group.ip))
		words_warn(w, "%s is source-specific: without a source it means nothing to others",
			   ip_str(line.group.ip));
	add_line(conf, &line);
	return 0;
}

static int parse_group_filter(struct reader *r, void *conf)
{
	struct gm_line line = { .kind = GM_FILTER };
	struct words *w = &r->words;

	if (read_line_slot(r, &line))
		return -1;
	line.permit = words_accept(w, "permit");
	if (!line.permit && !words_accept(w, "deny"))
		return words_error(w, "'permit' or 'deny' is missing");
	if (read_source_group(w, &line))
		return -1;
	add_line(conf, &line);
	return 0;
}

static int parse_altnet(struct reader *r, void *conf)
{
	struct gm_line line = { .kind = GM_ALTNET };
	struct words *w = &r->words;

	if (read_line_slot(r, &line))
		return -1;
	do {
		if (read_sources(w, &line.group))
			return -1;
		if (ip_family(line.group.ip) != V4)
			return words_error(w, "altnet is for IPv4: hosts of IPv6 have addresses "
					      "of their link");
		add_line(conf, &line);
	} while (words_peek(w));
	return 0;
}

static int parse_ssm_range(struct reader *r, void *conf)
{
	struct gm_line line = { .kind = GM_SSM_RANGE, .slot = NOSLOT };

	do {
		if (read_groups(&r->words, &line.group))
			return -1;
		add_line(conf, &line);
	} while (words_peek(&r->words));
	return 0;
}

static int parse_ssm_map(struct reader *r, void *conf)
{
	struct gm_line line = { .kind = GM_SSM_MAP, .slot = NOSLOT, .has_source = true };
	struct words *w = &r->words;

	if (!words_accept(w, "group"))
		return words_error(w, "'group ADDRESS' is missing");
	if (read_groups(w, &line.group))
		return -1;
	if (!words_accept(w, "source"))
		return words_error(w, "'source ADDRESS' is missing");
	do {
		if (read_sources(w, &line.source))
			return -1;
		if (!prefix_is_host(&line.source) ||
		    ip_family(line.source.ip) != ip_family(line.group.ip))
			return words_error(w, "%s is no source of the group",
					   prefix_str(&line.source));
		add_line(conf, &line);
	} while (words_peek(w));
	return 0;
}

/* NAME SEC */
static int read_time(struct reader *r, int64_t max, int64_t *ms)
{
	int64_t n;

	if (words_number(&r->words, r->words.word[0], 1, max, &n))
		return -1;
	*ms = SEC(n);
	return words_end(&r->words);
}

static int parse_igmp_query_interval(struct reader *r, void *arg)
{
	struct gm_conf *conf = arg;

	return read_time(r, MAX_SECONDS, &conf->times.query_interval[V4]);
}

static int parse_mld_query_interval(struct reader *r, void *arg)
{
	struct gm_conf *conf = arg;

	return read_time(r, MAX_SECONDS, &conf->times.query_interval[V6]);
}

static int parse_igmp_querier_timeout(struct reader *r, void *arg)
{
	struct gm_conf *conf = arg;

	return read_time(r, UINT16_MAX, &conf->times.querier_timeout[V4]);
}

static int parse_mld_querier_timeout(struct reader *r, void *arg)
{
	struct gm_conf *conf = arg;

	return read_time(r, UINT16_MAX, &conf->times.querier_timeout[V6]);
}

const struct statement gm_statements[] = {
	{ "static-group", "from IFNAME [source ADDR] group GROUP",
	  "take it that somebody listens there for ever", parse_static_group },
	{ "group-filter", "IFNAME permit|deny [source ADDR[/LEN]] group GROUP[/LEN]",
	  "which groups and sources hosts may listen to; the last line that matches decides",
	  parse_group_filter },
	{ "altnet", "IFNAME ADDR[/LEN] ...", "networks from which reports of IGMP may come as well",
	  parse_altnet },
	{ "ssm-range", "GROUP[/LEN] ...",
	  "the groups that are source-specific, instead of 232.0.0.0/8 or ff3x::/32",
	  parse_ssm_range },
	{ "ssm-map", "group GROUP[/LEN] source ADDR ...",
	  "what hosts that cannot name sources want of a group", parse_ssm_map },
	{ "igmp-query-interval", "SEC", "between general queries, where phyint does not say it",
	  parse_igmp_query_interval },
	{ "mld-query-interval", "SEC", "the same of IPv6", parse_mld_query_interval },
	{ "igmp-querier-timeout", "SEC",
	  "until another querier is given up, where phyint does not say it",
	  parse_igmp_querier_timeout },
	{ "mld-querier-timeout", "SEC", "the same of IPv6", parse_mld_querier_timeout },
	{ 0 },
};

void *gm_conf_new(void)
{
	return xcalloc(1, sizeof(struct gm_conf));
}

void gm_conf_free(void *arg)
{
	struct gm_conf *conf = arg;

	for (enum af af = V4; af <= V6; af++)
		free(conf->lines[af].line);
	free(conf);
}

void gm_phyint_named(void *arg, unsigned slot, const void *fields)
{
	struct gm_conf *conf = arg;

	(void)fields;
	conf->named = ifset_with(conf->named, slot);
}

/*
 * RFC 3376 8.3, RFC 3810 9.3: answers are in before the next query; and that one comes before who
 * sends it is given up.
 */
static int check_times(struct reader *r, enum af af, const struct gm_port_fields *f,
		       const char *name)
{
	static const char *const prefix[] = { "igmp", "mld" };

	if (f->response_interval >= f->query_interval)
		return words_error(&r->words,
				   "%s%s-query-interval must be longer than %s-response-interval",
				   name, prefix[af], prefix[af]);
	if (f->querier_timeout && f->querier_timeout <= f->query_interval)
		return words_error(&r->words,
				   "%s%s-querier-timeout must be longer than %s-query-interval",
				   name, prefix[af], prefix[af]);
	return 0;
}

int gm_conf_check(struct reader *r, void *arg)
{
	const struct host_ops *op = r->host->op;
	struct gm_conf *conf = arg;
	struct gm_fields all = gm_defaults_said(&conf->times);

	for (enum af af = V4; af <= V6; af++) {
		if (!check_times(r, af, &all.af[af], ""))
			continue;
		conf->times.query_interval[af] = conf->times.querier_timeout[af] = 0;
		return -1;
	}
	ifset_foreach(slot, conf->named) {
		struct gm_fields fields = all;
		char name[IFNAME_SIZE + 2];

		op->phyint(r->host, slot, gm_keywords, &fields);
		snprintf(name, sizeof(name), "%s: ", op->ifname(r->host, slot));
		for (enum af af = V4; af <= V6; af++) {
			if (!check_times(r, af, &fields.af[af], name))
				continue;
			conf->named = ifset_without(conf->named, slot);
			return -1;
		}
	}
	return 0;
}
