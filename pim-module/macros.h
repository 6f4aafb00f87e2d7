/* macros.h - the state summarization macros of RFC 7761 4.1.5 and 4.6, by their names
 *
 * They read what is stored and change nothing. Of (*,G) entries or (S,G) ones, as the name says;
 * of (S,G) with @star NULL where no (*,G) state is.
 */
#ifndef SMCKIT_PIM_MACROS_H
#define SMCKIT_PIM_MACROS_H

#include "pim.h"

/* RFC 7761 4.1.5. Of (*,G) or (S,G), whichever the entry is. */
struct ifset joins(const struct entry *e);
struct ifset pim_include(const struct entry *e);
struct ifset lost_assert(const struct entry *e);
struct ifset immediate_olist(const struct entry *e);

/* Of (S,G). */
struct ifset prunes_sg_rpt(const struct entry *e);
struct ifset pim_exclude(const struct entry *e);

/* Where listeners of all sources are ours by an Assert of this one, while it sends. */
struct ifset could_take_over(const struct entry *e);
struct ifset lost_assert_sg_rpt(const struct entry *e);
struct ifset inherited_olist_sg_rpt(const struct entry *e);
struct ifset inherited_olist_sg(const struct entry *e);

/* An address on an interface; ip_any(): there is none. */
struct rpf_neighbor {
	uint8_t slot;
	struct ip ip;
	bool by_assert; /* it is the winner of an Assert */
};

/* RPF'(*,G) or RPF'(S,G); RPF'(S,G,rpt). */
struct rpf_neighbor rpf_prime(const struct entry *e);
struct rpf_neighbor rpf_prime_sg_rpt(const struct entry *e);

/*
 * RPF_interface(RP(G)) or RPF_interface(S); NOSLOT: none, or the group does not pass there. At the
 * RP it is the tunnel, where what was registered comes in (RFC 7761 4.2). Of NULL there is none.
 */
unsigned rpf_interface(const struct entry *e);

/* RFC 7761 4.5.4, 4.5.5, 4.5.7 */
bool join_desired(const struct entry *e);
bool rpt_join_desired(const struct entry *star);
bool prune_desired_sg_rpt(const struct entry *e);

/* RFC 7761 4.6.1, 4.6.2, of (*,G) or (S,G), whichever the entry is. */
bool could_assert(const struct entry *e, unsigned slot);
bool assert_tracking_desired(const struct entry *e, unsigned slot);

/* RFC 7761 4.6.3: what we would say there; infinite if CouldAssert is false. */
struct assert_metric my_assert_metric(const struct entry *e, unsigned slot);
struct assert_metric spt_assert_metric(const struct entry *e, unsigned slot);
struct assert_metric rpt_assert_metric(const struct entry *star, unsigned slot);
bool assert_is_better(const struct assert_metric *a, const struct assert_metric *b);

/* RFC 7761 4.4.1 */
bool could_register(const struct entry *e);

#endif
