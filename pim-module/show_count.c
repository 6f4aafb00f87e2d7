/* show_count.c - what was counted: messages by type, and why some were dropped */
#include <string.h>

#include "show.h"

#define ROW(name, member, help)                                   \
	{                                                         \
		name, help, offsetof(struct pim_counters, member) \
	}

/* What is dropped, or fails, beside what decoders refuse. */
static const struct {
	const char *name, *help;
	size_t offset;
} rows[] = {
	ROW("send-failed", send_failed, "messages that could not be sent"),
	ROW("ttl", bad_ttl, "dropped: came through a router, which must not be"),
	ROW("no-neighbor", stranger, "dropped: the router never said Hello"),
	ROW("restarts", restarts, "Hellos of who began anew all the time, answered less often"),
	ROW("filtered", filtered, "dropped: routers that the configuration does not want"),
	ROW("not-for-us", not_for_me, "Joins and Prunes to other routers"),
	ROW("wrong-rp", wrong_rp, "dropped: Joins to a group by another RP than ours"),
	ROW("ssm", ssm_refused, "dropped: shared trees of source-specific groups"),
	ROW("limit", limited, "dropped: a limit has no room"),
	ROW("register-no-rp", register_wrong_rp, "Registers: we are not the group's RP"),
	ROW("register-filter", register_filtered, "Registers: sources that we do not want"),
	ROW("register-limit", register_limited, "Registers: more than may come in a second"),
	ROW("register-none", register_no_state, "packets to be registered of no known source"),
	ROW("register-size", register_too_big, "packets that are too big to be registered"),
	ROW("register-copied", copies_sent, "Registers copied to members of an anycast RP"),
	ROW("register-member", copies_received, "Registers: copies of members of an anycast RP"),
	ROW("auto-rp", auto_received, "messages of Auto-RP that were taken"),
	ROW("auto-rp-filter", auto_filtered, "Auto-RP: agents that we do not believe"),
	ROW("auto-rp-bad", auto_bad, "Auto-RP: messages that are wrong"),
	ROW("stop-no-rp", stop_stranger, "Register-Stops of another router than the RP"),
	ROW("bsr-rpf", bsr_rpf, "Bootstrap: not from the way to the bootstrap router"),
	ROW("bsr-late", bsr_late, "Bootstrap: for a router that just began"),
	ROW("bsr-border", bsr_border, "dropped: over a border of bootstrap routers, or of a zone"),
	ROW("bsr-filter", bsr_filtered, "Bootstrap: of a bootstrap router that we do not want"),
	ROW("bsr-scope", bsr_scope, "Bootstrap: of no zone, or of groups beyond it"),
	ROW("candidate-no-bsr", candidate_not_bsr,
	    "Candidate-RP-Advertisements: we are no bootstrap router"),
	ROW("candidate-filter", candidate_filtered,
	    "Candidate-RP-Advertisements: RPs that we do not want"),
	ROW("rp-filter", rp_filtered, "RPs of others that we do not believe"),
	ROW("stop-none", stop_no_state, "Register-Stops of a source that is not registered"),
};

static uint64_t value_of(const struct pim_counters *c, unsigned row)
{
	return *(const uint64_t *)(const void *)((const char *)c + rows[row].offset);
}

bool pim_count(struct engine *e, unsigned i, struct count *count)
{
	const struct pim_counters *c = &pim_of(e)->counters;

	*count = (struct count){ .area = "pim", .family = af_name(e->af) };
	if (i < 2) {
		count->name = i ? "sent" : "received";
		count->help = i ? "messages sent" : "messages that were not dropped";
		for (unsigned type = 0; type < MSG_NTYPES; type++)
			count->value += i ? c->sent[type] : c->received[type];
		return true;
	}
	i -= 2;
	if (i < NELEMS(rows)) {
		count->name = rows[i].name;
		count->help = rows[i].help;
		count->value = value_of(c, i);
		return true;
	}
	i -= NELEMS(rows);
	if (++i >= MSG_NBAD)
		return false;
	count->name = msg_bad_name(i);
	count->help = msg_bad_help(i);
	count->value = c->bad[i];
	return true;
}

static struct record begin(struct show *s, const struct pim *pim, const char *interface)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "interface", interface);
	record_str(&rec, "family", af_name(pim->engine.af));
	show_spend(s);
	return rec;
}

static void put_drop(struct show *s, const struct pim *pim, const char *interface, const char *name,
		     uint64_t n)
{
	struct record rec;

	if (!n)
		return;
	rec = begin(s, pim, interface);
	record_str(&rec, "dropped", name);
	record_u64(&rec, "count", n);
	record_end(&rec);
}

/* Of an interface, or of all, whose name is NULL. */
static void put_counters(struct show *s, const struct pim *pim, const char *interface,
			 const struct pim_counters *c)
{
	for (unsigned type = 0; type < MSG_NTYPES; type++) {
		struct record rec;

		if (!c->received[type] && !c->sent[type])
			continue;
		rec = begin(s, pim, interface);
		record_str(&rec, "message", msg_type_name(type));
		record_u64(&rec, "received", c->received[type]);
		record_u64(&rec, "sent", c->sent[type]);
		record_end(&rec);
	}
	for (unsigned i = 0; i < NELEMS(rows); i++)
		put_drop(s, pim, interface, rows[i].name, value_of(c, i));
	for (unsigned i = 1; i < MSG_NBAD; i++)
		put_drop(s, pim, interface, msg_bad_name(i), c->bad[i]);
}

/* The key is the family, and the slot of the next interface; behind the last come all. */
bool show_statistics(struct show *s, struct engines engines)
{
	uint8_t *af = &s->after[0], *slot = &s->after[1];

	while (*af < NFAMILIES && s->budget) {
		const struct pim *pim = pim_of(engines.af[*af]);

		if (*slot == MAXSLOTS) {
			put_counters(s, pim, NULL, &pim->counters);
			*slot = 0;
			++*af;
			continue;
		}
		if (pim->iface[*slot])
			put_counters(s, pim, pim_ifname(pim, *slot), &pim->iface[*slot]->counters);
		++*slot;
	}
	return *af < NFAMILIES;
}
