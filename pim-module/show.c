/* show.c - tables of interfaces, neighbors and ways; statements as they were written */
#include <string.h>

#include "show.h"

/* Where tables of interfaces are: a family's slot, and behind what of it. */
struct place {
	uint8_t af, slot;
	struct ip ip;
};

_Static_assert(sizeof(struct place) < SHOW_KEY, "a place fits into a table's key");

/* The next slot, or that of the other family. */
static void place_next(struct place *at)
{
	bool end = ++at->slot == MAXSLOTS;

	*at = (struct place){ at->af + end, end ? 0 : at->slot, ip_any(V6) };
}

static void put_interface(struct show *s, const struct pim_iface *i)
{
	struct record rec = record_begin(s->out);
	const struct pim_fields *f = &i->fields;
	struct pim *pim = i->pim;

	record_str(&rec, "interface", pim_ifname(pim, i->slot));
	record_str(&rec, "family", af_name(pim->engine.af));
	record_str(&rec, "state", pim_state_name(i->state));
	record_bool(&rec, "refused", pim->engine.host->op->iface(&pim->engine, i->slot).refused);
	record_bool(&rec, "passive", f->passive);
	put_ip(&rec, "address", i->address);
	put_ip(&rec, "dr_address", i->dr);
	record_bool(&rec, "dr", i->is_dr);
	record_u64(&rec, "dr_priority", f->dr_priority);
	record_u64(&rec, "neighbor_count", i->nneighbors);
	record_u64(&rec, "entry_count", pim->nbranches[i->slot]);
	record_int(&rec, "hello_interval", f->hello_interval);
	put_timer(&rec, "next_hello", pim, &i->hello);
	record_u64(&rec, "gen_id", i->genid);
	record_int(&rec, "propagation_delay", i->propagation_delay);
	record_int(&rec, "override_interval", i->override_interval);
	record_bool(&rec, "suppression", i->has_suppression);
	record_int(&rec, "jp_interval", f->join_prune_interval);
	record_u64(&rec, "mtu", i->mtu);
	record_end(&rec);
}

static bool show_interfaces(struct show *s, struct engines engines)
{
	struct place at;

	memcpy(&at, s->after, sizeof(at));
	for (; at.af < NFAMILIES && s->budget; place_next(&at)) {
		const struct pim_iface *i = pim_of(engines.af[at.af])->iface[at.slot];

		if (!i)
			continue;
		s->budget--;
		put_interface(s, i);
	}
	memcpy(s->after, &at, sizeof(at));
	return at.af < NFAMILIES;
}

static void put_neighbor(struct show *s, const struct neighbor *n)
{
	struct record rec = record_begin(s->out);
	const struct msg_hello *said = &n->said;
	const struct pim_iface *i = n->iface;

	record_str(&rec, "interface", pim_ifname(i->pim, i->slot));
	record_str(&rec, "family", af_name(i->pim->engine.af));
	record_str(&rec, "address", ip_str(n->address));
	record_bool(&rec, "dr", ip_eq(i->dr, n->address));
	if (said->has_dr_priority)
		record_u64(&rec, "dr_priority", said->dr_priority);
	else
		record_str(&rec, "dr_priority", NULL);
	record_int(&rec, "up_time", pim_clock(i->pim)->now - n->since);
	put_timer(&rec, "expiration", i->pim, &n->timeout);
	if (said->has_genid)
		record_u64(&rec, "gen_id", said->genid);
	if (said->has_lan_delay) {
		record_int(&rec, "propagation_delay", said->propagation_delay);
		record_int(&rec, "override_interval", said->override_interval);
		record_bool(&rec, "tracks", said->no_suppression);
	}
	record_list(&rec, "secondary");
	for (unsigned k = 0; k < n->nsecondary; k++)
		record_item(&rec, ip_str(n->secondary[k]));
	record_list_end(&rec);
	record_end(&rec);
}

/* Neighbors of one interface; true if there are more than the budget. */
static bool put_neighbors(struct show *s, const struct pim_iface *i, struct place *at)
{
	const struct neighbor *n;

	TAILQ_FOREACH(n, &i->neighbors, link) {
		if (ip_cmp(n->address, at->ip) <= 0)
			continue;
		if (!s->budget)
			return true;
		s->budget--;
		put_neighbor(s, n);
		at->ip = n->address;
	}
	return false;
}

static bool show_neighbors(struct show *s, struct engines engines)
{
	struct place at;

	memcpy(&at, s->after, sizeof(at));
	for (; at.af < NFAMILIES; place_next(&at)) {
		const struct pim_iface *i = pim_of(engines.af[at.af])->iface[at.slot];

		if (i && put_neighbors(s, i, &at))
			break;
	}
	memcpy(s->after, &at, sizeof(at));
	return at.af < NFAMILIES;
}

static void put_target(struct show *s, const struct target *t)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "address", ip_str(t->ip));
	record_str(&rec, "kind", t->is_rp ? "rp" : "source");
	put_way(&rec, t->pim, t);
	record_bool(&rec, "connected", t->connected);
	put_ip(&rec, "via", ip_eq(t->watched, t->ip) ? ip_any(V4) : t->watched);
	record_u64(&rec, "preference", t->preference);
	record_u64(&rec, "metric", t->metric);
	record_u64(&rec, "next_hops", t->rpf.nhops);
	record_end(&rec);
}

struct target_place {
	uint8_t af;
	struct ip ip;
	uint64_t number; /* 0: before the first */
};

_Static_assert(sizeof(struct target_place) < SHOW_KEY,
	       "the place of a way fits into a table's key");

/* The one behind that place; all are looked through only if what was there has gone meanwhile. */
static const struct target *target_behind(const struct pim *pim, const struct target_place *at)
{
	const struct target *t = at->number ? target_find(pim, at->ip) : NULL;

	if (t && t->number == at->number)
		return TAILQ_NEXT(t, link);
	TAILQ_FOREACH(t, &pim->target_list, link) {
		if (t->number > at->number)
			break;
	}
	return t;
}

static bool put_targets(struct show *s, const struct pim *pim, struct target_place *at)
{
	const struct target *t = target_behind(pim, at);

	for (; t; t = TAILQ_NEXT(t, link)) {
		if (!s->budget)
			return true;
		s->budget--;
		put_target(s, t);
		*at = (struct target_place){ pim->engine.af, t->ip, t->number };
	}
	return false;
}

static bool show_ways(struct show *s, struct engines engines)
{
	struct target_place at;

	memcpy(&at, s->after, sizeof(at));
	while (at.af < NFAMILIES && !put_targets(s, pim_of(engines.af[at.af]), &at))
		at = (struct target_place){ .af = at.af + 1 };
	memcpy(s->after, &at, sizeof(at));
	return at.af < NFAMILIES;
}

/*
 * The tables, and their names in replies; without a word, the first ones are shown. Those of the
 * same word follow one another.
 */
static const struct {
	const char *word, *name;
	show_table *show;
	bool has_group;
} tables[] = {
	{ "interface", "pim_interface", show_interfaces, false },
	{ "neighbor", "pim_neighbor", show_neighbors, false },
	{ "rp", "pim_rp", show_rps, true },
	{ "anycast-rp", "pim_anycast", show_anycast, false },
	{ "auto-rp", "pim_auto", show_auto, false },
	{ "bsr", "pim_bsr", show_bsr, false },
	{ "bsr", "pim_bsr_rp", show_bsr_rps, false },
	{ "bsr", "pim_bsr_offer", show_bsr_offers, false },
	{ "rp-candidate", "pim_rp_candidate", show_rp_candidates, false },
	{ "tree", "pim_tree", show_tree, true },
	{ "register", "pim_register", show_registers, false },
	{ "assert", "pim_assert", show_asserts, false },
	{ "rpf", "pim_rpf", show_ways, false },
	{ "statistics", "pim_statistics", show_statistics, false },
};

#define OVERVIEW 3

static void put_heading(struct show *s, const char *name, struct engines engines)
{
	struct record rec = record_begin(s->out);
	size_t width = 3;

	for (enum af af = V4; af <= V6; af++) {
		const struct pim *pim = pim_of(engines.af[af]);

		for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
			size_t len = pim->iface[slot] ? strlen(pim_ifname(pim, slot)) : 0;

			width = len > width ? len : width;
		}
	}
	record_str(&rec, "table", name);
	record_u64(&rec, "width", width);
	record_end(&rec);
}

/* The number of the first table, NELEMS(tables) if none is asked for; -1 with the error set. */
static int read_table(struct words *w)
{
	const char *word = words_next(w);
	struct ip group;
	unsigned i = 0;

	if (!word)
		return NELEMS(tables);
	while (i < NELEMS(tables) && strcmp(tables[i].word, word))
		i++;
	if (i == NELEMS(tables))
		return words_error(w, "there is no table '%s'", word);
	word = tables[i].has_group ? words_next(w) : NULL;
	if (word && (!ip_parse(word, &group) || !ip_is_multicast(group)))
		return words_error(w, "'%s' is no group", word);
	return words_end(w) ? -1 : (int)i;
}

/* The last one of the tables that are asked for. */
static unsigned last_table(unsigned asked)
{
	unsigned last = asked;

	if (asked == NELEMS(tables))
		return OVERVIEW - 1;
	while (last + 1 < NELEMS(tables) && !strcmp(tables[last + 1].word, tables[asked].word))
		last++;
	return last;
}

/* A stage is the number of a table, from 1. Tables find the word behind their own the next one. */
static bool pim_show(struct show *s, struct engines engines)
{
	struct words *w = &s->reader->words;
	unsigned next = w->next, last;
	int asked = read_table(w);
	bool more;

	w->next = next;
	if (asked < 0)
		return false;
	last = last_table(asked);
	if (!s->stage || s->after[SHOW_KEY - 1]) {
		s->stage = s->stage ? s->stage + 1 : asked % NELEMS(tables) + 1;
		memset(s->after, 0, sizeof(s->after));
		put_heading(s, tables[s->stage - 1].name, engines);
	}
	words_next(w);
	more = tables[s->stage - 1].show(s, engines);
	w->next = next;
	s->after[SHOW_KEY - 1] = !more;
	return more || s->stage - 1 != last;
}

/* The key is where the next line begins. */
static bool show_config(struct show *s, struct engines engines)
{
	const struct buf *text = &pim_of(engines.af[V4])->conf->text;
	size_t at;

	if (!s->stage) {
		struct record rec = record_begin(s->out);

		record_str(&rec, "table", "config");
		record_end(&rec);
		s->stage = 1;
	}
	memcpy(&at, s->after, sizeof(at));
	for (; at < buf_len(text) && s->budget; s->budget--) {
		const char *line = buf_at(text) + at;
		struct record rec = record_begin(s->out);

		record_str(&rec, "line", line);
		record_end(&rec);
		at += strlen(line) + 1;
	}
	memcpy(s->after, &at, sizeof(at));
	return at < buf_len(text);
}

const struct command pim_commands[] = {
	{ "show pim",
	  "[interface|neighbor|rp|anycast-rp|auto-rp|bsr|rp-candidate|tree|register|assert|rpf|"
	  "statistics] [GROUP]",
	  "PIM's interfaces, neighbors and rendezvous points; trees, and what leads to them", false,
	  NULL, pim_show },
	{ "show config", "", NULL, false, NULL, show_config },
	{ 0 },
};
