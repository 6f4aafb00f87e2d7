/* pim_conf.c - what can be said of PIM: words of `phyint`, and statements */
#include <stdlib.h>

#include "pim_conf_read.h"

#define FIELD(member) offsetof(struct pim_fields, member)

/* Of these times, three and a half have to fit into the 16 bits of a holdtime. */
#define MIN_INTERVAL 100
#define MAX_INTERVAL SEC(18724)
#define MAX_HOLDTIME SEC(65534)

/* RFC 7761 4.3.3: the delay has a lower bound, and 15 bits. */
#define MIN_PROPAGATION_DELAY 10
#define MAX_PROPAGATION_DELAY INT16_MAX

#define MAX_TIME SEC(INT32_MAX)
#define MAX_COUNT 1000000000

#define SPT_INTERVAL SEC(100)
#define MIN_SPT_INTERVAL SEC(5)

/* How much there may be if nothing is said. */
#define MAX_ENTRIES 500000
#define MAX_REGISTERS 100000
#define MAX_NEIGHBORS 256
#define MAX_EMBEDDED 1000

static int parse_pim(struct words *w, const struct keyword *k, void *object)
{
	struct pim_fields *fields = object;

	(void)w;
	fields->pim[V4] = fields->pim[V6] = k->max;
	return 0;
}

static int parse_altnet(struct words *w, const struct keyword *k, void *object)
{
	struct pim_fields *fields = object;

	if (pim_read_hosts(w, &fields->altnet))
		return -1;
	return fields->altnet.len ? 0 : words_error(w, "%s cannot be that of all sources", k->name);
}

static int parse_scoped(struct words *w, const struct keyword *k, void *object)
{
	struct pim_fields *fields = object;

	(void)k;
	return pim_read_groups(w, &fields->scoped);
}

const struct keyword pim_keywords[] = {
	{ "pim", "", "PIM runs there", parse_pim, 0, 0, true },
	{ "no-pim", "", "it does not, whatever was said before", parse_pim, 0, 0, false },
	{ "pim4", "", "it runs there for IPv4", keyword_flag, FIELD(pim[V4]), 0, 0 },
	{ "pim6", "", "it runs there for IPv6", keyword_flag, FIELD(pim[V6]), 0, 0 },
	{ "passive", "", "say nothing there and hear nobody, but serve who listens", keyword_flag,
	  FIELD(passive), 0, 0 },
	{ "dr-priority", "NUM", "preference as designated router, the highest is it", keyword_u32,
	  FIELD(dr_priority), 0, UINT32_MAX },
	{ "hello-interval", "SEC", "between Hellos", keyword_decimal, FIELD(hello_interval),
	  MIN_INTERVAL, MAX_INTERVAL },
	{ "hello-holdtime", "SEC", "how long neighbors believe a Hello", keyword_decimal,
	  FIELD(hello_holdtime), MIN_INTERVAL, MAX_HOLDTIME },
	{ "hello-delay", "SEC", "most time until a new neighbor gets a Hello", keyword_decimal,
	  FIELD(triggered_hello_delay), 0, MAX_INTERVAL },
	{ "propagation-delay", "SEC", "how long a message takes on that link", keyword_decimal,
	  FIELD(propagation_delay), MIN_PROPAGATION_DELAY, MAX_PROPAGATION_DELAY },
	{ "override-interval", "SEC", "most time until a router overrides a Prune", keyword_decimal,
	  FIELD(override_interval), 0, UINT16_MAX },
	{ "track-joins", "", "routers there may all join, none relies on another's Join",
	  keyword_flag, FIELD(can_track), 0, 0 },
	{ "accept-strangers", "", "Joins and Asserts count of routers that say no Hello, too",
	  keyword_flag, FIELD(takes_strangers), 0, 0 },
	{ "max-holdtime", "SEC", "most that others are believed of how long a message holds",
	  keyword_decimal, FIELD(max_holdtime), SEC(1), MAX_HOLDTIME },
	{ "join-prune-interval", "SEC", "between Joins that are repeated", keyword_decimal,
	  FIELD(join_prune_interval), MIN_INTERVAL, MAX_INTERVAL },
	{ "assert-time", "SEC", "how long the outcome of an Assert holds", keyword_decimal,
	  FIELD(assert_time), MIN_INTERVAL, MAX_HOLDTIME },
	{ "assert-override-interval", "SEC", "by how much its winner says it anew before that",
	  keyword_decimal, FIELD(assert_override_interval), 1, MAX_HOLDTIME },
	{ "distance", "NUM", "preference of routes out there in Asserts, the lowest wins",
	  keyword_u8, FIELD(distance), 1, UINT8_MAX },
	{ "preference", "NUM", "the same", keyword_u8, FIELD(distance), 1, UINT8_MAX },
	{ "metric", "NUM", "metric of routes out there in Asserts", keyword_u32, FIELD(metric), 1,
	  UINT32_MAX },
	{ "altnet", "ADDR[/LEN]", "sources that are on that link too", parse_altnet, 0, 0, 0 },
	{ "scoped", "GROUP[/LEN]", "groups that do not pass there", parse_scoped, 0, 0, 0 },
	{ "bsr-border", "", "what bootstrap routers say does not pass there", keyword_flag,
	  FIELD(bsr_border), 0, 0 },
	{ "bsr-once", "", "nor goes it back there where it came in", keyword_flag, FIELD(bsr_once),
	  0, 0 },
	{ "bsr-unicast", "", "new neighbors are told it by messages to them alone", keyword_flag,
	  FIELD(bsr_unicast), 0, 0 },
	{ 0 },
};

struct pim_fields pim_fields_default(const struct pim_conf *conf)
{
	return (struct pim_fields){
		.dr_priority = 1,
		.hello_interval = conf->hello_interval,
		.triggered_hello_delay = PIM_TRIGGERED_HELLO_DELAY,
		.propagation_delay = PIM_PROPAGATION_DELAY,
		.override_interval = PIM_OVERRIDE_INTERVAL,
		.join_prune_interval = PIM_JOIN_PRUNE_INTERVAL,
		.assert_time = PIM_ASSERT_TIME,
		.assert_override_interval = PIM_ASSERT_OVERRIDE_INTERVAL,
		.distance = conf->distance,
		.metric = conf->metric,
	};
}

static void put_slot(uint8_t **list, unsigned n, unsigned slot)
{
	*list = xrealloc(*list, n);
	(*list)[n - 1] = slot;
}

void pim_phyint_named(void *arg, unsigned slot, const void *said)
{
	const struct pim_fields *fields = said;
	struct pim_conf *conf = arg;
	struct pim_family *f;

	conf->named = ifset_with(conf->named, slot);
	if (fields->altnet.len) {
		f = pim_conf_family(conf, fields->altnet.ip);
		pim_put_prefix(&f->altnet, &f->naltnets, fields->altnet);
		put_slot(&f->altnet_slot, f->naltnets, slot);
	}
	if (fields->scoped.len) {
		f = pim_conf_family(conf, fields->scoped.ip);
		pim_put_prefix(&f->scoped, &f->nscoped, fields->scoped);
		put_slot(&f->scoped_slot, f->nscoped, slot);
	}
}

/* The longest prefix is first. */
static void put_rpf(struct pim_family *f, const struct pim_static_rpf *rpf)
{
	unsigned i = f->nrpfs++;

	f->rpf = xrealloc(f->rpf, f->nrpfs * sizeof(*rpf));
	for (; i && f->rpf[i - 1].sources.len < rpf->sources.len; i--)
		f->rpf[i] = f->rpf[i - 1];
	f->rpf[i] = *rpf;
}

static int parse_rpf(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;
	struct words *w = &r->words;
	struct pim_static_rpf rpf;
	const char *word;

	if (pim_read_hosts(w, &rpf.sources))
		return -1;
	word = words_next(w);
	if (!word || strcmp(word, "via"))
		return words_error(w, "'via ADDRESS' is missing");
	if (pim_read_router(w, &rpf.via))
		return -1;
	if (ip_family(rpf.via) != ip_family(rpf.sources.ip))
		return words_error(w, "%s is of another family", ip_str(rpf.via));
	if (pim_read_end(conf, w))
		return -1;
	put_rpf(pim_conf_family(conf, rpf.via), &rpf);
	return 0;
}

static void put_ssm(struct pim_family *f, struct prefix groups)
{
	pim_put_prefix(&f->ssm, &f->nssm, groups);
}

/* The engine of IGMP and MLD has the statement too, and shows it. */
static int parse_ssm_range(struct reader *r, void *conf)
{
	return pim_read_list(&r->words, conf, pim_read_groups, put_ssm);
}

static void put_neighbor(struct pim_family *f, struct prefix prefix)
{
	pim_put_prefix(&f->neighbor, &f->nneighbors, prefix);
}

static int parse_neighbor_filter(struct reader *r, void *conf)
{
	return pim_read_line(r, conf, pim_read_hosts, put_neighbor);
}

static void put_register_from(struct pim_family *f, struct prefix prefix)
{
	pim_put_prefix(&f->register_from, &f->nregister_from, prefix);
}

static int parse_register_filter(struct reader *r, void *conf)
{
	return pim_read_line(r, conf, pim_read_hosts, put_register_from);
}

/* What the shared tree may bring, in packets or in kbit/s, until the last hop leaves it. */
static int read_threshold(struct words *w, struct pim_conf *conf)
{
	int64_t n = 0;

	conf->spt = SPT_PACKETS;
	if (words_accept(w, "infinity")) {
		conf->spt = SPT_NEVER;
	} else if (words_accept(w, "rate")) {
		conf->spt = SPT_RATE;
		if (words_number(w, "rate", 0, UINT32_MAX, &n))
			return -1;
	} else if (words_accept(w, "packets")) {
		if (words_number(w, "packets", 0, UINT32_MAX, &n))
			return -1;
	}
	conf->spt_value = n;
	if (words_accept(w, "interval") &&
	    words_seconds(w, "interval", MIN_SPT_INTERVAL, MAX_TIME, &conf->spt_interval))
		return -1;
	return words_end(w);
}

static int parse_spt_threshold(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg, now = *conf;
	struct words *w = &r->words;

	if (read_threshold(w, &now))
		return -1;
	*conf = now;
	return pim_read_end(conf, w);
}

/* NAME SEC, with decimals */
static int read_time(struct reader *r, struct pim_conf *conf, int64_t min, int64_t max, int64_t *ms)
{
	int64_t n;

	if (words_seconds(&r->words, r->words.word[0], min, max, &n) ||
	    pim_read_end(conf, &r->words))
		return -1;
	*ms = n;
	return 0;
}

static int parse_hello_interval(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;

	return read_time(r, conf, MIN_INTERVAL, MAX_INTERVAL, &conf->hello_interval);
}

static int parse_keepalive(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;

	return read_time(r, conf, SEC(1), MAX_TIME, &conf->keepalive_period);
}

static int parse_suppression(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;

	return read_time(r, conf, MIN_INTERVAL, MAX_TIME, &conf->register_suppression);
}

static int parse_probe(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;

	return read_time(r, conf, MIN_INTERVAL, MAX_TIME, &conf->register_probe);
}

static int parse_distance(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;
	int64_t n;

	if (words_number(&r->words, r->words.word[0], 1, UINT8_MAX, &n) ||
	    pim_read_end(conf, &r->words))
		return -1;
	conf->distance = n;
	return 0;
}

static int parse_metric(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;
	int64_t n;

	if (words_number(&r->words, r->words.word[0], 1, UINT32_MAX, &n) ||
	    pim_read_end(conf, &r->words))
		return -1;
	conf->metric = n;
	return 0;
}

static int read_limit(struct words *w, const char *name, uint32_t *limit)
{
	int64_t n = *limit;

	if (words_accept(w, name) && words_number(w, name, 1, MAX_COUNT, &n))
		return -1;
	*limit = n;
	return 0;
}

static int parse_pim_limit(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg, now = *conf;
	struct words *w = &r->words;

	if (!words_peek(w) && !words_next(w))
		return words_error(w, "'entries', 'joins', 'registers' or 'neighbors' is missing");
	if (read_limit(w, "entries", &now.max_entries) || read_limit(w, "joins", &now.max_joins) ||
	    read_limit(w, "registers", &now.max_registers) ||
	    read_limit(w, "neighbors", &now.max_neighbors) || words_end(w))
		return -1;
	*conf = now;
	return pim_read_end(conf, w);
}

const struct statement pim_statements[] = {
	{ "rp-address", "ADDR [GROUP[/LEN]] [priority NUM]",
	  "the rendezvous point of these groups, or of all", pim_parse_rp_address },
	{ "rp-static-first", "", "those of rp-address win, whatever others say of their groups",
	  pim_parse_rp_static_first },
	{ "rp-filter", "ADDR[/LEN] [GROUP[/LEN]]",
	  "rendezvous points of these groups that others may tell of, instead of all",
	  pim_parse_rp_filter },
	{ "bsr-candidate",
	  "[ADDR | IFNAME] [priority NUM] [interval SEC] [hash-mask-len NUM] [scope GROUP[/LEN]]",
	  "be bootstrap router if no other is better", pim_parse_bsr_candidate },
	{ "bsr-filter", "ADDR[/LEN] ...", "who may be bootstrap router, instead of all",
	  pim_parse_bsr_filter },
	{ "rp-candidate", "[ADDR | IFNAME] [priority NUM] [interval SEC | time SEC]",
	  "offer the bootstrap router to be a rendezvous point", pim_parse_rp_candidate },
	{ "group-prefix", "GROUP[/LEN] ...", "of these groups, instead of all",
	  pim_parse_group_prefix },
	{ "rp-candidate-filter", "ADDR[/LEN] [GROUP[/LEN]]",
	  "offers that the bootstrap router takes, instead of all", pim_parse_rp_candidate_filter },
	{ "auto-rp", "[ADDR[/LEN] ...]", "listen to mapping agents of Auto-RP, to these or to all",
	  pim_parse_auto_rp },
	{ "embedded-rp", "off | limit NUM",
	  "whether groups may tell their rendezvous point, and how many", pim_parse_embedded_rp },
	{ "anycast-rp", "ADDR ADDR ...", "the routers that share an address as rendezvous point",
	  pim_parse_anycast_rp },
	{ "spt-threshold", "[rate KBPS | packets NUM | infinity] [interval SEC]",
	  "when the way by the rendezvous point is left for the shortest one",
	  parse_spt_threshold },
	{ "ssm-range", "GROUP[/LEN] ...", "groups without a rendezvous point", parse_ssm_range },
	{ "rpf", "ADDR[/LEN] via ADDR", "the router that leads to these sources", parse_rpf },
	{ "hello-interval", "SEC", "between Hellos, where phyint does not say it",
	  parse_hello_interval },
	{ "default-route-distance", "NUM", "preference in Asserts, where phyint does not say it",
	  parse_distance },
	{ "default-route-metric", "NUM", "metric in Asserts, where phyint does not say it",
	  parse_metric },
	{ "keepalive-period", "SEC", "how long a silent source is remembered", parse_keepalive },
	{ "register-suppression", "SEC", "how long a stopped router does not register",
	  parse_suppression },
	{ "register-probe", "SEC", "how long before that it asks whether to go on", parse_probe },
	{ "neighbor-filter", "ADDR[/LEN] ...", "routers that may be neighbors, instead of all",
	  parse_neighbor_filter },
	{ "register-filter", "ADDR[/LEN] ...",
	  "sources that a rendezvous point takes, instead of all", parse_register_filter },
	{ "pim-limit", "[entries NUM] [joins NUM] [registers NUM] [neighbors NUM]",
	  "most entries of a family and of an interface, Registers in a second, neighbors",
	  parse_pim_limit },
	{ 0 },
};

void *pim_conf_new(void)
{
	struct pim_conf *conf = xcalloc(1, sizeof(*conf));

	conf->spt_interval = SPT_INTERVAL;
	conf->hello_interval = PIM_HELLO_INTERVAL;
	conf->keepalive_period = PIM_KEEPALIVE_PERIOD;
	conf->register_suppression = PIM_REGISTER_SUPPRESSION;
	conf->register_probe = PIM_REGISTER_PROBE;
	conf->max_entries = MAX_ENTRIES;
	conf->max_registers = MAX_REGISTERS;
	conf->max_neighbors = MAX_NEIGHBORS;
	conf->max_embedded = MAX_EMBEDDED;
	return conf;
}

void pim_conf_free(void *arg)
{
	struct pim_conf *conf = arg;

	for (enum af af = V4; af <= V6; af++) {
		struct pim_family *f = &conf->af[af];

		free(f->rp);
		free(f->rpf);
		free(f->ssm);
		free(f->altnet);
		free(f->altnet_slot);
		free(f->scoped);
		free(f->scoped_slot);
		free(f->neighbor);
		free(f->register_from);
		free(f->bsr);
		free(f->candidate);
		free(f->group);
		free(f->bsr_from);
		free(f->rp_from);
		free(f->offer_from);
		free(f->auto_from);
		free(f->anycast);
	}
	buf_free(&conf->text);
	free(conf);
}

struct pim_conf *pim_conf_take(struct pim_conf *from, enum af af)
{
	struct pim_conf *conf = xcalloc(1, sizeof(*conf));

	*conf = *from;
	memset(conf->af, 0, sizeof(conf->af));
	conf->af[af] = from->af[af];
	from->af[af] = (struct pim_family){ 0 };
	if (af == V4)
		from->text = (struct buf){ 0 };
	else
		conf->text = (struct buf){ 0 };
	return conf;
}

/* RFC 7761 4.11: the first probe comes after half of the time at the earliest. */
static int check_register(struct reader *r, struct pim_conf *conf)
{
	if (conf->register_probe * 2 < conf->register_suppression)
		return 0;
	conf->register_probe = PIM_REGISTER_PROBE;
	conf->register_suppression = PIM_REGISTER_SUPPRESSION;
	return words_error(&r->words,
			   "register-probe must be less than half of register-suppression");
}

static int check_times(struct reader *r, const char *name, const struct pim_fields *f)
{
	if (f->hello_holdtime && f->hello_holdtime <= f->hello_interval)
		return words_error(&r->words,
				   "%s: hello-holdtime must be longer than hello-interval", name);
	if (f->assert_override_interval >= f->assert_time)
		return words_error(&r->words,
				   "%s: assert-override-interval must be shorter than assert-time",
				   name);
	return 0;
}

/* What is right, and of no use as it stands. */
static void check_use(struct reader *r, const struct pim_conf *conf, bool runs)
{
	const struct pim_family *v4 = &conf->af[V4], *v6 = &conf->af[V6];

	if (!runs && buf_len(&conf->text))
		words_warn(&r->words, "PIM runs nowhere, no phyint line says pim");
	if (v4->ngroups + v6->ngroups && !v4->ncandidates && !v6->ncandidates)
		words_warn(&r->words, "group-prefix is about rp-candidate, which nobody says");
}

int pim_conf_check(struct reader *r, void *arg)
{
	const struct host_ops *op = r->host->op;
	struct pim_conf *conf = arg;
	bool runs = false;

	if (check_register(r, conf))
		return -1;
	ifset_foreach(slot, conf->named) {
		struct pim_fields fields = pim_fields_default(conf);

		op->phyint(r->host, slot, pim_keywords, &fields);
		runs |= fields.pim[V4] || fields.pim[V6];
		if (!check_times(r, op->ifname(r->host, slot), &fields))
			continue;
		conf->named = ifset_without(conf->named, slot);
		return -1;
	}
	check_use(r, conf, runs);
	return 0;
}

struct ifset pim_serves(struct host *host, const void *arg, enum af af)
{
	const struct pim_conf *conf = arg;
	struct ifset slots = ifset_none();

	ifset_foreach(slot, host->op->expand(host, conf->named)) {
		struct pim_fields fields = pim_fields_default(conf);

		host->op->phyint(host, slot, pim_keywords, &fields);
		if (fields.pim[af])
			slots = ifset_with(slots, slot);
	}
	return slots;
}
