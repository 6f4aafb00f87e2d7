/* message.c - why messages of IGMP and MLD are dropped, in words */
#include "lib/util.h"
#include "message.h"

static const struct {
	const char *name, *help;
} rows[GM_NBAD] = {
	[GM_GOOD] = { "good", "messages that were as they should be" },
	[GM_BAD_LENGTH] = { "length", "dropped: longer or shorter than what it says is in it" },
	[GM_BAD_CHECKSUM] = { "checksum", "dropped: the checksum is wrong" },
	[GM_BAD_TYPE] = { "type", "dropped: of another protocol or an unknown type" },
	[GM_BAD_GROUP] = { "group", "dropped: of what is no group, or is never reported" },
	[GM_BAD_SOURCES] = { "sources", "dropped: asks for what are no sources" },
	[GM_BAD_MEMORY] = { "memory", "dropped: larger than there is room for" },
	[GM_BAD_TTL] = { "ttl", "dropped: TTL or hop limit is not 1, so it may be from afar" },
	[GM_BAD_ALERT] = { "router-alert", "dropped: without the Router Alert option" },
	[GM_BAD_SENDER] = { "sender", "dropped: from an address that nobody may send it from" },
	[GM_BAD_OFF_LINK] = { "off-link", "dropped: from an address of no network there" },
	[GM_BAD_DESTINATION] = { "destination", "dropped: sent where it does not belong" },
};

const char *gm_bad_name(enum gm_bad bad)
{
	return bad < NELEMS(rows) ? rows[bad].name : "unknown";
}

const char *gm_bad_help(enum gm_bad bad)
{
	return bad < NELEMS(rows) ? rows[bad].help : "unknown";
}
