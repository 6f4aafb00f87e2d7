/* config_read.h - a pimd.conf while it is read: what both files of its translation use */
#ifndef SMCKIT_PIM_CONFIG_READ_H
#define SMCKIT_PIM_CONFIG_READ_H

#include "config.h"
#include "lib/words.h"

/* An RP that was said. */
struct said_rp {
	struct prefix groups;
	struct ip ip;
};

/* A number that is looked at when all is read. */
struct said_number {
	struct origin from;
	unsigned n; /* 0: nothing was said */
};

/* `bsr-candidate` or `rp-candidate`; of several lines, the last one holds. */
struct said_candidate {
	struct origin from;
	bool is_said;
	char who[IP_STRLEN]; /* an address or an interface; "": nothing was said */
	unsigned priority, interval;
};

struct conf {
	const struct pimd_translation *how; /* not ours */
	struct translation *t;		    /* not ours */
	struct words words;
	unsigned line;
	bool warned;   /* of this line */
	bool disabled; /* as the file or the command line says */
	struct said_number query_interval, querier_timeout;
	struct said_candidate bsr, candidate;
	struct said_rp *rp; /* owned */
	unsigned nrps;
	unsigned nranges; /* of group-prefix */
};

struct conf_word {
	const char *name;
	void (*read)(struct conf *c, const struct conf_word *w);
	unsigned min, max; /* of a number */
	const char *ours;  /* what we call it; or why it is of no use */
};

/* Where the word taken last stands. */
struct origin conf_here(const struct conf *c, enum line_kind kind);

/* About that word; nothing comes of it. */
void conf_warn(struct conf *c, const char *fmt, ...) PRINTF(2, 3);

/* What follows the word; false with a warning. */
bool conf_number(struct conf *c, const struct conf_word *w, unsigned *n);

/* A.B.C.D, A.B.C.D/LEN or A.B.C.D masklen LEN, without a length @len; host bits are cleared. */
bool conf_net(struct conf *c, unsigned len, struct prefix *net);
bool conf_groups(struct conf *c, unsigned len, struct prefix *groups);

/* config_rp.c */
void conf_rp_address(struct conf *c, const struct conf_word *w);
void conf_bsr_candidate(struct conf *c, const struct conf_word *w);
void conf_rp_candidate(struct conf *c, const struct conf_word *w);
void conf_group_prefix(struct conf *c, const struct conf_word *w);

/* What is said of candidates, once all is read. */
void conf_add_candidates(struct conf *c);

#endif
