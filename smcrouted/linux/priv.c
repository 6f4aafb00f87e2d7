/* priv.c - privileges: what the daemon may do, and no more */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/util.h"
#include "linux/linux.h"
#include "linux/priv.h"

static const cap_value_t network[] = { CAP_NET_ADMIN, CAP_NET_RAW };

/* What remains to root, for scripts that are run on events. */
static const cap_value_t bound[] = {
	CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_KILL, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE,
	CAP_NET_RAW, CAP_SETGID,       CAP_SETUID,
};

/* A number, or the name of a user or group. False if it is none. */
static bool parse_id(const char *text, long *id)
{
	char *end;

	*id = strtol(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && *id >= 0 && *id < UINT32_MAX;
}

static const char *parse_user(struct priv *p)
{
	struct passwd *pw = getpwnam(p->user);
	long id;

	if (!pw && parse_id(p->user, &id))
		pw = getpwuid(id);
	if (!pw)
		return "there is no such user";
	p->uid = pw->pw_uid;
	p->gid = pw->pw_gid;
	return NULL;
}

static const char *parse_group(struct priv *p, const char *text)
{
	struct group *gr = getgrnam(text);
	long id;

	if (gr)
		p->gid = gr->gr_gid;
	else if (parse_id(text, &id))
		p->gid = id;
	else
		return "there is no such group";
	return NULL;
}

const char *priv_parse(struct priv *p, const char *text)
{
	const char *colon = text ? strchrnul(text, ':') : NULL, *why;

	*p = (struct priv){ .uid = geteuid(), .gid = getegid() };
	if (!text)
		return NULL;
	if ((size_t)(colon - text) >= sizeof(p->user))
		return "there is no such user";
	memcpy(p->user, text, colon - text);
	why = parse_user(p);
	if (!why && *colon)
		why = parse_group(p, colon + 1);
	p->change = p->uid != geteuid() || p->gid != getegid();
	return why;
}

bool priv_suffices(void)
{
	cap_t caps = cap_get_proc();
	bool all = caps;

	for (unsigned i = 0; caps && i < NELEMS(network); i++) {
		cap_flag_value_t on = CAP_CLEAR;

		all &= !cap_get_flag(caps, network[i], CAP_EFFECTIVE, &on) && on == CAP_SET;
	}
	cap_free(caps);
	return all;
}

/* The network capabilities, and for a while the one to write where only root may. */
static int set_caps(bool permit_write, bool write_now)
{
	const cap_value_t write = CAP_DAC_OVERRIDE;
	cap_t caps = cap_init();
	int bad = !caps;

	bad = bad || cap_set_flag(caps, CAP_PERMITTED, NELEMS(network), network, CAP_SET);
	bad = bad || cap_set_flag(caps, CAP_EFFECTIVE, NELEMS(network), network, CAP_SET);
	bad = bad || cap_set_flag(caps, CAP_INHERITABLE, NELEMS(network), network, CAP_SET);
	if (permit_write)
		bad = bad || cap_set_flag(caps, CAP_PERMITTED, 1, &write, CAP_SET);
	if (write_now)
		bad = bad || cap_set_flag(caps, CAP_EFFECTIVE, 1, &write, CAP_SET);
	bad = bad || cap_set_proc(caps);
	cap_free(caps);
	return bad ? -1 : 0;
}

static bool may_write(void)
{
	cap_flag_value_t on = CAP_CLEAR;
	cap_t caps = cap_get_proc();

	if (caps)
		cap_get_flag(caps, CAP_DAC_OVERRIDE, CAP_PERMITTED, &on);
	cap_free(caps);
	return on == CAP_SET;
}

static const char *become(const struct priv *p)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || initgroups(p->user, p->gid) ||
	    setresgid(p->gid, p->gid, p->gid) || setresuid(p->uid, p->uid, p->uid))
		return reason(errno);
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	return !p->uid || !set_caps(true, false) ? NULL : reason(errno);
}

static bool is_bound(cap_value_t cap)
{
	for (unsigned i = 0; i < NELEMS(bound); i++) {
		if (bound[i] == cap)
			return true;
	}
	return false;
}

/* Takes all capabilities that are not within the bound out of all sets. */
static void stay_within_bound(void)
{
	cap_t caps = cap_get_proc();

	for (cap_value_t cap = 0; cap <= cap_max_bits() - 1; cap++) {
		if (is_bound(cap))
			continue;
		cap_drop_bound(cap);
		if (!caps)
			continue;
		cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_CLEAR);
		cap_set_flag(caps, CAP_PERMITTED, 1, &cap, CAP_CLEAR);
		cap_set_flag(caps, CAP_INHERITABLE, 1, &cap, CAP_CLEAR);
	}
	if (caps)
		cap_set_proc(caps);
	cap_free(caps);
}

const char *priv_drop(const struct priv *p)
{
	const char *why = p->change ? become(p) : NULL;

	if (!why && !geteuid())
		stay_within_bound();
	else if (!why)
		priv_pass_on(p, false);
	return why;
}

void priv_borrow(bool on)
{
	if (geteuid() && may_write())
		set_caps(true, on);
}

void priv_settle(void)
{
	if (geteuid())
		set_caps(false, false);
}

void priv_pass_on(const struct priv *p, bool on)
{
	if (!geteuid())
		return;
	for (unsigned i = 0; on && i < NELEMS(network); i++)
		cap_set_ambient(network[i], CAP_SET);
	/* Those of a user whom the service manager chose are the manager's to give. */
	if (!on && *p->user)
		cap_reset_ambient();
}
