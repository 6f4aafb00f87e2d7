/* priv.h - privileges: what the daemon may do, and no more
 *
 * As another user it keeps CAP_NET_ADMIN and CAP_NET_RAW alone. Where it stays root, what hook
 * scripts may need is left within a bound.
 */
#ifndef SMCKIT_PRIV_H
#define SMCKIT_PRIV_H

#include <stdbool.h>
#include <sys/types.h>

struct priv {
	uid_t uid;
	gid_t gid;
	bool change;   /* to another user than the present one */
	char user[64]; /* empty: the present one */
};

/* USER[:GROUP], NULL for the present user. NULL, or why not. */
const char *priv_parse(struct priv *p, const char *text);

/* Whether this process may do multicast routing. */
bool priv_suffices(void);

/*
 * Becomes the user, or stays root within the bound. The right to read and write files that only
 * root may can be borrowed until priv_settle(). NULL, or why not.
 */
const char *priv_drop(const struct priv *p);
void priv_borrow(bool on);
void priv_settle(void);

/* The network capabilities outlast an exec by a user who is not root, or no longer do. */
void priv_pass_on(const struct priv *p, bool on);

#endif
