/* querier.h - who asks on a link: the election, and general queries
 *
 * RFC 3376 6.6.2 and 8, RFC 2236 3, RFC 3810 7.6.2 and 9. Queries of others that were decoded and
 * found good go in; general queries and the news of who is querier come out. Whose queries are our
 * own is the owner's to know.
 */
#ifndef SMCKIT_GM_QUERIER_H
#define SMCKIT_GM_QUERIER_H

#include "lib/clock.h"
#include "message.h"

struct gm_querier_settings {
	unsigned version;	   /* of queries, 1 to 3 */
	bool passive;		   /* never asks, whoever else does */
	unsigned robustness;	   /* not 0 */
	int64_t query_interval;	   /* ms, as all times */
	int64_t response_interval; /* longest that answers to a general query take */
	int64_t startup_interval;  /* between the first queries */
	int64_t startup_response;  /* and the longest that answers to these take */
	unsigned startup_count;
	int64_t other_present; /* until the other querier is given up; 0: as RFCs derive it */
};

struct gm_querier;

/* What the owner is told, from within all calls below and from timers. No call re-enters. */
struct gm_querier_ops {
	/* A general query, to be sent at once. */
	void (*query)(struct gm_querier *q, const struct gm_message *m);

	/* Other members below "told" than before. */
	void (*changed)(struct gm_querier *q);
};

struct gm_querier {
	const struct gm_querier_ops *op; /* not ours */
	struct clock *clock;		 /* not ours */
	struct gm_querier_settings settings;
	struct timer timer; /* as querier to the next query, else while another one is present */
	struct ip own;	    /* from where we ask; ip_any(): we have no address */
	int64_t asked;	    /* when we did last */
	unsigned startup;   /* queries left of the first ones, but the next */
	bool runs;

	/* told */
	bool on;	    /* we are the querier */
	struct ip other;    /* who is instead, ip_any(): not known */
	unsigned version;   /* of the last query of the other */
	uint8_t robustness; /* in force: of who is querier, as far as it says */
	int64_t interval;   /* as well */
};

/* Not running. */
void gm_querier_init(struct gm_querier *q, struct clock *clock, const struct gm_querier_ops *op,
		     enum af af);

/*
 * Takes part from now on, with that address: as querier, which asks at once. Of one that runs,
 * the address is another one: it stays what it is if the other querier's still wins, and else
 * starts anew.
 */
void gm_querier_start(struct gm_querier *q, struct ip own);

/* No more: forgets the other. Tells nothing. */
void gm_querier_stop(struct gm_querier *q);

/* Other settings: the next query comes no later than the new interval. */
void gm_querier_set(struct gm_querier *q, const struct gm_querier_settings *settings);

/* A query of @src, which is not ours. */
void gm_querier_hear(struct gm_querier *q, struct ip src, const struct gm_message *m);

/* Other Querier Present Interval, with what is in force. */
int64_t gm_other_querier_interval(const struct gm_querier *q);

#endif
