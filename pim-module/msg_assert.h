/* msg_assert.h - Assert: which of several routers is to forward to a link */
#ifndef SMCKIT_PIM_MSG_ASSERT_H
#define SMCKIT_PIM_MSG_ASSERT_H

#include "msg.h"

/* The metric of nobody (RFC 7761 4.6.3), with the RPT bit. */
#define MSG_INFINITE_PREFERENCE 0x7fffffff
#define MSG_INFINITE_METRIC 0xffffffff

/* RFC 7761 4.9.6. @sg has ip_any() as the source if it is said of the group as such. */
struct msg_assert {
	struct sg sg;
	bool rpt;
	uint32_t preference; /* 31 bits */
	uint32_t metric;
};

enum msg_bad msg_assert_decode(struct msg_rd *r, struct msg_assert *m);

/* The length, 0 if there is no room. */
size_t msg_assert_encode(const struct msg_ends *ends, const struct msg_assert *m, void *data,
			 size_t size);

/* RFC 7761 4.6.6: takes back what was said of (S,G), or of (*,G), whose source is ip_any(). */
struct msg_assert msg_assert_cancel(struct sg sg);

#endif
