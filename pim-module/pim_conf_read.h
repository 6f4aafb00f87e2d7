/* pim_conf_read.h - readers that statements of PIM share, and statements of other files
 *
 * What reads returns 0, or -1 with the error in the words.
 */
#ifndef SMCKIT_PIM_CONF_READ_H
#define SMCKIT_PIM_CONF_READ_H

#include "pim_conf.h"

/* ADDR[/LEN], /0 being all; host bits are cleared. */
int pim_read_prefix(struct words *w, struct prefix *prefix);

/* The same of groups, of which 224.0.0.0/4 and ff00::/8 are all; and of no groups. */
int pim_read_groups(struct words *w, struct prefix *groups);
int pim_read_hosts(struct words *w, struct prefix *hosts);

/* An address that a router can have. */
int pim_read_router(struct words *w, struct ip *ip);

/* One that more than its link knows. */
int pim_read_rp(struct words *w, struct ip *rp);

/* At least one to the end of the line; none counts if one is wrong. */
int pim_read_list(struct words *w, struct pim_conf *conf,
		  int (*read)(struct words *w, struct prefix *prefix),
		  void (*put)(struct pim_family *f, struct prefix prefix));

/* The same, and the end. */
int pim_read_line(struct reader *r, struct pim_conf *conf,
		  int (*read)(struct words *w, struct prefix *prefix),
		  void (*put)(struct pim_family *f, struct prefix prefix));

/* `ADDR[/LEN] [GROUP[/LEN]]` to the end of the line, without groups of all; pim_conf_rp.c. */
int pim_read_rp_filter(struct reader *r, struct pim_conf *conf, struct pim_rp_filter *filter);

/* The end of a line that was read without an error: it is kept as it was, to be shown. */
int pim_read_end(struct pim_conf *conf, struct words *w);

static inline struct pim_family *pim_conf_family(struct pim_conf *conf, struct ip ip)
{
	return &conf->af[ip_family(ip)];
}

/* One more at the end of a list. */
void pim_put_prefix(struct prefix **list, unsigned *n, struct prefix prefix);
void pim_put_rp_filter(struct pim_rp_filter **list, unsigned *n,
		       const struct pim_rp_filter *filter);

/* pim_conf_rp.c: who is the RP of which groups */
int pim_parse_rp_address(struct reader *r, void *conf);
int pim_parse_rp_static_first(struct reader *r, void *conf);
int pim_parse_rp_filter(struct reader *r, void *conf);
int pim_parse_auto_rp(struct reader *r, void *conf);
int pim_parse_embedded_rp(struct reader *r, void *conf);
int pim_parse_anycast_rp(struct reader *r, void *conf);

/* pim_conf_bsr.c: candidates, and what of them is believed */
int pim_parse_bsr_candidate(struct reader *r, void *conf);
int pim_parse_rp_candidate(struct reader *r, void *conf);
int pim_parse_group_prefix(struct reader *r, void *conf);
int pim_parse_bsr_filter(struct reader *r, void *conf);
int pim_parse_rp_candidate_filter(struct reader *r, void *conf);

#endif
