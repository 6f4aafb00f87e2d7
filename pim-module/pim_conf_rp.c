/* pim_conf_rp.c - statements of RPs: static, Auto-RP, embedded, anycast, and who is believed */
#include <stdlib.h>

#include "pim_conf_read.h"

/* RFC 7761 4.7.1; RFC 5059 3.2: all groups, if none are said. */
static int read_range(struct words *w, struct ip rp, struct prefix *range)
{
	const char *next = words_peek(w);

	*range = pim_all_groups(ip_family(rp));
	if (!next || !strcmp(next, "priority"))
		return 0;
	if (pim_read_groups(w, range))
		return -1;
	if (ip_family(range->ip) != ip_family(rp))
		return words_error(w, "the groups are of another family than the RP");
	return 0;
}

static bool has_rp(const struct pim_family *f, const struct pim_static_rp *rp)
{
	for (unsigned i = 0; i < f->nrps; i++) {
		if (ip_eq(f->rp[i].rp, rp->rp) && prefix_eq(&f->rp[i].range, &rp->range))
			return true;
	}
	return false;
}

int pim_parse_rp_address(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;
	struct words *w = &r->words;
	struct pim_static_rp rp;
	struct pim_family *f;
	int64_t priority = 1;

	if (pim_read_rp(w, &rp.rp) || read_range(w, rp.rp, &rp.range))
		return -1;
	if (words_accept(w, "priority") && words_number(w, "priority", 0, UINT8_MAX, &priority))
		return -1;
	rp.priority = priority;
	f = pim_conf_family(conf, rp.rp);
	if (has_rp(f, &rp))
		return words_error(w, "%s is an RP of %s already", ip_str(rp.rp),
				   prefix_str(&rp.range));
	if (pim_read_end(conf, w))
		return -1;
	f->rp = xrealloc(f->rp, (f->nrps + 1) * sizeof(rp));
	f->rp[f->nrps++] = rp;
	return 0;
}

int pim_parse_rp_static_first(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;

	if (pim_read_end(conf, &r->words))
		return -1;
	conf->rp_static_first = true;
	return 0;
}

int pim_read_rp_filter(struct reader *r, struct pim_conf *conf, struct pim_rp_filter *filter)
{
	struct words *w = &r->words;

	if (pim_read_hosts(w, &filter->rp) || read_range(w, filter->rp.ip, &filter->groups))
		return -1;
	return pim_read_end(conf, w);
}

void pim_put_rp_filter(struct pim_rp_filter **list, unsigned *n, const struct pim_rp_filter *filter)
{
	*list = xrealloc(*list, (*n + 1) * sizeof(**list));
	(*list)[(*n)++] = *filter;
}

int pim_parse_rp_filter(struct reader *r, void *conf)
{
	struct pim_rp_filter filter;
	struct pim_family *f;

	if (pim_read_rp_filter(r, conf, &filter))
		return -1;
	f = pim_conf_family(conf, filter.rp.ip);
	pim_put_rp_filter(&f->rp_from, &f->nrp_from, &filter);
	return 0;
}

/* Auto-RP speaks of IPv4 alone. */
static int read_agents(struct words *w, struct prefix *agents)
{
	if (pim_read_hosts(w, agents))
		return -1;
	if (ip_family(agents->ip) != V4)
		return words_error(w, "there is no Auto-RP of IPv6");
	return 0;
}

static void put_agents(struct pim_family *f, struct prefix agents)
{
	pim_put_prefix(&f->auto_from, &f->nauto_from, agents);
}

int pim_parse_auto_rp(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;
	struct words *w = &r->words;

	if (words_peek(w) && pim_read_list(w, conf, read_agents, put_agents))
		return -1;
	conf->auto_rp = true;
	return pim_read_end(conf, w);
}

int pim_parse_embedded_rp(struct reader *r, void *arg)
{
	struct pim_conf *conf = arg;
	struct words *w = &r->words;
	bool is_off = words_accept(w, "off");
	int64_t limit = conf->max_embedded;

	if (!is_off && !words_accept(w, "limit")) {
		words_next(w);
		return words_error(w, "'off' or 'limit' is missing");
	}
	if (!is_off && words_number(w, "limit", 1, UINT32_MAX, &limit))
		return -1;
	if (pim_read_end(conf, w))
		return -1;
	conf->no_embedded_rp = is_off;
	conf->max_embedded = limit;
	return 0;
}

/* Behind the others of its RP, if it is none of them. */
static void put_member(struct pim_family *f, const struct pim_anycast *member)
{
	unsigned at = 0;

	for (unsigned i = 0; i < f->nanycast; i++) {
		if (!memcmp(&f->anycast[i], member, sizeof(*member)))
			return;
		if (ip_eq(f->anycast[i].rp, member->rp))
			at = i + 1;
	}
	if (!at)
		at = f->nanycast;
	f->anycast = xrealloc(f->anycast, (f->nanycast + 1) * sizeof(*member));
	memmove(&f->anycast[at + 1], &f->anycast[at], (f->nanycast - at) * sizeof(*member));
	f->anycast[at] = *member;
	f->nanycast++;
}

static int read_member(struct words *w, struct pim_anycast *member)
{
	if (pim_read_rp(w, &member->member))
		return -1;
	if (ip_family(member->member) != ip_family(member->rp))
		return words_error(w, "%s is of another family than the RP",
				   ip_str(member->member));
	if (ip_eq(member->member, member->rp))
		return words_error(w, "a member needs an address that it alone has");
	return 0;
}

int pim_parse_anycast_rp(struct reader *r, void *arg)
{
	struct words *w = &r->words;
	struct pim_conf *conf = arg;
	struct pim_anycast member;
	unsigned first;

	if (pim_read_rp(w, &member.rp))
		return -1;
	first = w->next;
	do {
		if (read_member(w, &member))
			return -1;
	} while (words_peek(w));
	for (w->next = first; words_peek(w);) {
		read_member(w, &member);
		put_member(pim_conf_family(conf, member.rp), &member);
	}
	return pim_read_end(conf, w);
}
