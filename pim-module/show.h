/* show.h - tables of `show pim`, and what they share
 *
 * Members have the names of RFC 9128, as far as it has one; times are ms. Each function writes
 * rows until the budget is used up, which returns true; where it goes on is in @after, which is 0
 * at the first call, and whose last byte is not theirs.
 */
#ifndef SMCKIT_PIM_SHOW_H
#define SMCKIT_PIM_SHOW_H

#include "macros.h"

typedef bool show_table(struct show *s, struct engines engines);

/* show_anycast.c */
show_table show_anycast;

/* show_rp.c */
show_table show_rps;

/* show_auto.c */
show_table show_auto;

/* show_tree.c */
show_table show_tree, show_registers, show_asserts;

/* show_bsr.c */
show_table show_bsr, show_bsr_rps, show_bsr_offers, show_rp_candidates;

/* show_count.c */
show_table show_statistics;

/* A row was written; of those that are not to be parted, there may be more than the budget. */
static inline void show_spend(struct show *s)
{
	s->budget -= !!s->budget;
}

/* A NULL of none. */
static inline void put_ip(struct record *rec, const char *key, struct ip ip)
{
	record_str(rec, key, ip_is_any(ip) ? NULL : ip_str(ip));
}

/* What is left of a timer; NULL if it does not run, or there is none. */
static inline void put_timer(struct record *rec, const char *key, const struct pim *pim,
			     const struct timer *timer)
{
	if (timer && timer_is_running(timer))
		record_int(rec, key, timer_left(pim_clock(pim), timer));
	else
		record_str(rec, key, NULL);
}

static inline void put_slot(struct record *rec, const char *key, const struct pim *pim,
			    unsigned slot)
{
	record_str(rec, key, slot == NOSLOT ? NULL : pim_ifname(pim, slot));
}

/* The way to an address, if anybody needs to know it. */
static inline void put_way(struct record *rec, const struct pim *pim, const struct target *t)
{
	record_bool(rec, "reachable", t && t->reachable);
	record_bool(rec, "own", t && t->own);
	put_slot(rec, "interface", pim, t ? t->slot : NOSLOT);
	put_ip(rec, "neighbor", t ? t->neighbor : ip_any(pim->engine.af));
}

#endif
