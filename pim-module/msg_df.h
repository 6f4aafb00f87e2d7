/* msg_df.h - election of the designated forwarder of a link (RFC 5015 3.7) */
#ifndef SMCKIT_PIM_MSG_DF_H
#define SMCKIT_PIM_MSG_DF_H

#include "msg.h"

/* The subtypes of the wire. */
enum msg_df_kind { DF_OFFER = 1, DF_WINNER, DF_BACKOFF, DF_PASS };

/* How a router reaches the RP address. */
struct msg_df_metric {
	uint32_t preference, metric;
};

struct msg_df {
	enum msg_df_kind kind;
	struct ip rp;
	struct msg_df_metric sender;
	struct ip other; /* who offered, or is the new winner; Backoff and Pass */
	struct msg_df_metric offered;
	uint16_t interval; /* ms; Backoff */
};

enum msg_bad msg_df_decode(struct msg_rd *r, struct msg_df *m);

/* The length, 0 if there is no room. */
size_t msg_df_encode(const struct msg_ends *ends, const struct msg_df *m, void *data, size_t size);

#endif
