/* message.h - what the messages of IGMP and MLD say, whichever they came in
 *
 * The codecs (igmp.c, mld.c) fill it from bytes and make bytes of it; all else of the engine knows
 * messages in this form only.
 */
#ifndef SMCKIT_GM_MESSAGE_H
#define SMCKIT_GM_MESSAGE_H

#include "lib/ip.h"

/* MLD's Done is a leave. */
enum gm_type { GM_QUERY, GM_REPORT, GM_LEAVE, GM_REPORT_V3 };

/* The numbers of the wire (RFC 3376 4.2.12, RFC 3810 5.2.12). */
enum gm_record_type {
	MODE_IS_INCLUDE = 1,
	MODE_IS_EXCLUDE,
	CHANGE_TO_INCLUDE_MODE,
	CHANGE_TO_EXCLUDE_MODE,
	ALLOW_NEW_SOURCES,
	BLOCK_OLD_SOURCES,
};

struct gm_record {
	enum gm_record_type type;
	struct ip group;
	const struct ip *source; /* not ours */
	unsigned nsources;
};

/*
 * Versions by what they can do: IGMPv1 is 1; IGMPv2 and MLDv1 are 2; IGMPv3 and MLDv2 are 3. What
 * was decoded has its sources in ascending order, each once.
 */
struct gm_message {
	enum gm_type type;
	unsigned version;	 /* 1 to 3 */
	struct ip group;	 /* query: ip_any() if general; report, leave: the group */
	int64_t max_response;	 /* ms; query */
	bool suppress;		 /* S flag; v3 query */
	uint8_t robustness;	 /* QRV, 0: not said; v3 query */
	int64_t interval;	 /* QQI in ms, 0: not said; v3 query */
	const struct ip *source; /* not ours; v3 query */
	unsigned nsources;
	const struct gm_record *record; /* not ours; v3 report */
	unsigned nrecords;
	unsigned skipped; /* records read over: of unknown type, or of what is no group to report */
};

/* Why a message is dropped, to be counted. */
enum gm_bad {
	GM_GOOD,
	GM_BAD_LENGTH,
	GM_BAD_CHECKSUM,
	GM_BAD_TYPE,
	GM_BAD_GROUP,
	GM_BAD_SOURCES,
	GM_BAD_MEMORY,
	GM_BAD_TTL,
	GM_BAD_ALERT,
	GM_BAD_SENDER,
	GM_BAD_OFF_LINK,
	GM_BAD_DESTINATION,
	GM_NBAD,
};

/* The name of a reason, and what it says to operators. */
const char *gm_bad_name(enum gm_bad bad);
const char *gm_bad_help(enum gm_bad bad);

#endif
