/* learned.c - streams that came in and matched rules which name no single source
 *
 * Where a stream was seen is an input of its route, kept until it is idle, moves, or no rule
 * matches it any more.
 */
#include <stdlib.h>

#include "engine.h"

static int learned_cmp(struct learned *a, struct learned *b)
{
	return sg_cmp(&a->sg, &b->sg);
}

TREE_GENERATE(learned_tree, learned, order, learned_cmp)

struct learned *learned_find(struct statics *s, struct sg sg)
{
	struct learned key = { .sg = sg };

	return TREE_FIND(learned_tree, &s->learned, &key);
}

struct learned *learned_next(struct statics *s, struct learned *l)
{
	return l ? TREE_NEXT(learned_tree, l) : TREE_MIN(learned_tree, &s->learned);
}

static void learned_free(struct statics *s, struct learned *l)
{
	age_remove(&s->idle, &l->idle);
	TREE_REMOVE(learned_tree, &s->learned, l);
	s->nlearned--;
	free(l);
}

const struct event_kind static_events[] = {
	{ "learned", "stream", "a stream came in that a configured route takes in" },
	{ "moved", "stream", "it comes in on another interface now" },
	{ "forgotten", "stream", "it was idle, or is not wanted any more" },
	{ "twofold", "stream", "one source of a group came in on two interfaces with rules" },
	{ 0 },
};

/* @kind of its events: learned, moved or forgotten. */
static void tell(struct statics *s, const char *kind, const struct learned *l)
{
	struct host *host = s->engine.host;

	host->op->event(host, kind, "route", sg_str(&l->sg), "iif",
			host->op->ifname(host, l->arrival), NULL);
}

void learned_drop(struct statics *s, struct learned *l)
{
	tell(s, "forgotten", l);
	learned_free(s, l);
}

unsigned learned_mark(struct statics *s, const struct rule *rule)
{
	struct learned key = { .sg = rule_first(rule) };
	unsigned n = 0;

	for (struct learned *l = TREE_NFIND(learned_tree, &s->learned, &key);
	     l && rule_reaches(rule, l->sg); l = TREE_NEXT(learned_tree, l), n++) {
		if (l->marked || !rule_covers(rule, l->sg))
			continue;
		l->marked = true;
		static_mark(s, l->sg);
	}
	return n;
}

/* Whoever can send can make up sources: those beyond the limit are not forwarded. */
static void learn(struct statics *s, struct sg sg, unsigned arrival)
{
	struct learned *l;

	if (s->nlearned >= LEARNED_LIMIT) {
		s->unlearned++;
		log_limited(s->engine.log, &s->too_many, s->engine.host->clock, LEVEL_WARNING,
			    "%s: not learned: %u %s streams are the limit", sg_str(&sg),
			    LEARNED_LIMIT, af_name(s->engine.af));
		return;
	}
	s->nlearned++;
	l = xcalloc(1, sizeof(*l));
	l->sg = sg;
	l->arrival = arrival;
	TREE_INSERT(learned_tree, &s->learned, l);
	age_add(&s->idle, &l->idle);
	tell(s, "learned", l);
}

void learned_see(struct statics *s, struct sg sg, unsigned arrival)
{
	if (!learned_find(s, sg))
		learn(s, sg, arrival);
	static_mark(s, sg);
}

static void move(struct statics *s, struct learned *l, unsigned arrival)
{
	struct host *host = s->engine.host;

	log_info(s->engine.log, "%s: moves from %s to %s", sg_str(&l->sg),
		 host->op->ifname(host, l->arrival), host->op->ifname(host, arrival));
	l->arrival = arrival;
	age_add(&s->idle, &l->idle);
	tell(s, "moved", l);
}

/* Whether the stream comes in elsewhere now, and not there as well: what is recalled is no news. */
static bool has_moved(struct statics *s, const struct learned *l, const struct upcall *upcall)
{
	switch (upcall->kind) {
	case UPCALL_RECALL:
		return false;
	case UPCALL_WRONGIF:
		return !wild_is_twofold(s, l->sg.grp, l->arrival, upcall->arrival);
	case UPCALL_NOROUTE:
		break;
	}
	return true;
}

/* A stream came in: where, is an input of its route. */
void static_upcall(struct engine *e, const struct upcall *upcall)
{
	struct statics *s = statics_of(e);
	unsigned arrival = upcall->arrival, iif;
	struct match match = rules_match(&s->rules, upcall->sg,
					 e->host->op->named_by(e->host, arrival));
	struct learned *l;

	if (!match.any)
		return;
	l = learned_find(s, upcall->sg);
	if (!l) {
		struct rule *first = match.exact ? rules_exact(&s->rules, upcall->sg) : NULL;

		if (!static_choose_exact(s, first, &iif) || iif != arrival)
			learn(s, upcall->sg, arrival);
	} else if (l->arrival != arrival && has_moved(s, l, upcall)) {
		move(s, l, arrival);
	}
	static_mark(s, upcall->sg);
}

static void forget(struct statics *s, struct learned *l)
{
	static_mark(s, l->sg);
	learned_drop(s, l);
	s->engine.host->op->wake(&s->engine);
}

bool learned_is_uncounted(const struct statics *s, const struct learned *l)
{
	const struct wild *w = wild_find(s, l->sg.grp);

	return w && ifset_has(w->told, l->arrival) && rules_exact(&s->rules, l->sg);
}

/* Whether packets came since the last look, as far as can be known. */
static bool was_used(struct statics *s, struct learned *l)
{
	struct counters c;
	bool used = s->engine.host->op->counters(&s->engine, l->sg, &c) && c.packets != l->packets;

	if (used)
		l->packets = c.packets;
	return used || learned_is_uncounted(s, l);
}

static void look_at_idle(struct age_queue *q, struct age *a)
{
	struct statics *s = container_of(q, struct statics, idle);
	struct learned *l = container_of(a, struct learned, idle);

	if (was_used(s, l))
		age_add(q, a);
	else
		forget(s, l);
}

void statics_flush(struct statics *s)
{
	struct learned *l, *next;

	for (l = learned_next(s, NULL); l; l = next) {
		next = learned_next(s, l);
		if (!was_used(s, l))
			forget(s, l);
	}
}

void static_forget(struct engine *e, const struct prefix *sources, const struct prefix *groups)
{
	struct statics *s = statics_of(e);
	struct learned key = { .sg.grp = ip_mask(groups->ip, groups->len) }, *l, *next;

	for (l = TREE_NFIND(learned_tree, &s->learned, &key); l && prefix_has(groups, l->sg.grp);
	     l = next) {
		next = TREE_NEXT(learned_tree, l);
		if (prefix_has(sources, l->sg.src))
			forget(s, l);
	}
	if (!sources->len)
		wild_forget(s, *groups);
}

bool static_count(struct engine *e, unsigned i, struct count *count)
{
	const struct statics *s = statics_of(e);
	const char *family = af_name(e->af);
	const struct count counts[] = {
		{ "static", family, "learned", "streams learned now", s->nlearned },
		{ "static", family, "learned-limit", "streams that were one too many to be learned",
		  s->unlearned },
	};

	if (i < NELEMS(counts))
		*count = counts[i];
	return i < NELEMS(counts);
}

void learned_init(struct statics *s)
{
	TREE_INIT(learned_tree, &s->learned);
}

void learned_start(struct statics *s)
{
	struct host *host = s->engine.host;

	age_init(&s->idle, host->clock, host->cache_idle, look_at_idle);
}

void learned_end(struct statics *s)
{
	struct learned *l;

	while ((l = TREE_ANY(learned_tree, &s->learned)))
		learned_free(s, l);
	age_end(&s->idle);
}
