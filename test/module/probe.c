/* probe.c - a module for tests: what it wishes for is said by its statements
 *
 * It wishes for a little of everything that an engine can, so that it shows whether all of it is
 * given back. STALE has it made for another version.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/abi.h"
#include "lib/cksum.h"
#include "lib/module.h"

#ifdef STALE
#define ABI "0123456789abcdef"
#else
#define ABI SMCKIT_ABI
#endif

#define MAXLINES 16
#define BEAT SEC(10)

/* probe from IIF source SOURCE group GROUP to OIF */
struct line {
	struct sg sg;
	uint8_t iif, oif;
};

/* probe-register from ADDR to ADDR on IFNAME */
struct ends {
	bool on;
	struct ip src, dst;
	uint8_t slot;
};

struct conf {
	struct line line[MAXLINES];
	unsigned n, rows;
	bool refused;
	struct ends ends[NFAMILIES];
};

struct fields {
	uint32_t level;
};

struct probe {
	struct engine engine; /* first */
	struct line line[MAXLINES];
	unsigned n, rows, upcalls;
	struct ends ends;
	uint8_t tunnel; /* slot, if @ends are there */
	struct timer beat;
};

static struct probe *probe_of(struct engine *e)
{
	return container_of(e, struct probe, engine);
}

static int parse_ip(struct reader *r, const char *word, struct ip *ip)
{
	const char *text = words_accept(&r->words, word) ? words_next(&r->words) : NULL;

	return text && ip_parse(text, ip) ? 0 : words_error(&r->words, "probe wants %s", word);
}

static int parse_slot(struct reader *r, const char *word, uint8_t *slot)
{
	int n = words_accept(&r->words, word) ? read_slot(r) : -1;

	*slot = n;
	return n < 0 ? words_error(&r->words, "probe wants %s", word) : 0;
}

static int parse_probe(struct reader *r, void *conf)
{
	struct conf *c = conf;
	struct line line;

	if (parse_slot(r, "from", &line.iif) || parse_ip(r, "source", &line.sg.src) ||
	    parse_ip(r, "group", &line.sg.grp) || parse_slot(r, "to", &line.oif) ||
	    words_end(&r->words))
		return -1;
	if (c->n == MAXLINES)
		return words_error(&r->words, "that is enough");
	c->line[c->n++] = line;
	return 0;
}

static int parse_rows(struct reader *r, void *conf)
{
	int64_t n;

	if (words_number(&r->words, "probe-rows", 0, 100000, &n))
		return -1;
	((struct conf *)conf)->rows = n;
	return words_end(&r->words);
}

static int parse_refuse(struct reader *r, void *conf)
{
	((struct conf *)conf)->refused = true;
	return words_end(&r->words);
}

static int parse_register(struct reader *r, void *conf)
{
	struct ends ends = { .on = true };

	if (parse_ip(r, "from", &ends.src) || parse_ip(r, "to", &ends.dst) ||
	    parse_slot(r, "on", &ends.slot) || words_end(&r->words))
		return -1;
	((struct conf *)conf)->ends[ip_family(ends.src)] = ends;
	return 0;
}

static const struct statement statements[] = {
	{ "probe", "from IFNAME source ADDR group GROUP to IFNAME", "wishes", parse_probe },
	{ "probe-rows", "NUM", "rows of show wishes", parse_rows },
	{ "probe-register", "from ADDR to ADDR on IFNAME", "what comes by the tunnel",
	  parse_register },
	{ "probe-refuse", "", "makes the whole refused", parse_refuse },
	{ 0 },
};

static const struct keyword keywords[] = {
	{ "probe-level", "NUM", "is shown", keyword_u32, offsetof(struct fields, level), 0, 9999 },
	{ 0 },
};

static const struct event_kind events[] = {
	{ "probed", "probe", "somebody asked for it" },
	{ "probe-ends", "probe", "the engine of a family goes" },
	{ "probe-beat", "probe", "its time has passed" },
	{ 0 },
};

static int run_probe(struct reader *r, struct engines engines)
{
	const char *word = words_next(&r->words);

	(void)engines;
	r->host->op->event(r->host, "probed", "word", word, NULL);
	return words_end(&r->words);
}

static void put_line(struct show *s, struct engine *e, const struct line *line)
{
	struct host *host = e->host;
	struct record rec = record_begin(s->out);
	struct fields fields = { 0 };
	struct counters counters = { 0 };
	struct rpf rpf;

	host->op->phyint(host, line->iif, keywords, &fields);
	host->op->counters(e, line->sg, &counters);
	host->op->watch(e, line->sg.src, &rpf);
	record_str(&rec, "route", sg_str(&line->sg));
	record_str(&rec, "iif", host->op->ifname(host, line->iif));
	record_u64(&rec, "level", fields.level);
	record_u64(&rec, "packets", counters.packets);
	record_u64(&rec, "upcalls", probe_of(e)->upcalls);
	record_bool(&rec, "reachable", rpf.reachable);
	record_str(&rec, "joined", host->op->joined(e, line->iif, line->sg.grp));
	record_end(&rec);
}

static bool show_wishes(struct show *s, struct engines engines)
{
	struct record rec;
	unsigned at;

	memcpy(&at, s->after, sizeof(at));
	if (!s->stage++) {
		rec = record_begin(s->out);
		record_str(&rec, "table", "wishes");
		record_end(&rec);
		for (enum af af = V4; af <= V6; af++) {
			struct probe *p = probe_of(engines.af[af]);

			for (unsigned i = 0; i < p->n; i++)
				put_line(s, &p->engine, &p->line[i]);
		}
	}
	for (; at < probe_of(engines.af[V4])->rows && s->budget; at++, s->budget--) {
		rec = record_begin(s->out);
		record_u64(&rec, "row", at);
		record_end(&rec);
	}
	memcpy(s->after, &at, sizeof(at));
	return !s->budget;
}

static void put_config(struct show *s, const char *fmt, ...) PRINTF(2, 3);

static void put_config(struct show *s, const char *fmt, ...)
{
	struct record rec = record_begin(s->out);
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	record_str(&rec, "line", text);
	record_end(&rec);
}

static bool show_config(struct show *s, struct engines engines)
{
	for (enum af af = V4; af <= V6; af++) {
		struct probe *p = probe_of(engines.af[af]);
		struct host *host = p->engine.host;

		for (unsigned i = 0; i < p->n; i++)
			put_config(s, "probe from %s source %s group %s to %s",
				   host->op->ifname(host, p->line[i].iif),
				   ip_str(p->line[i].sg.src), ip_str(p->line[i].sg.grp),
				   host->op->ifname(host, p->line[i].oif));
	}
	if (probe_of(engines.af[V4])->rows)
		put_config(s, "probe-rows %u", probe_of(engines.af[V4])->rows);
	return false;
}

static const struct command commands[] = {
	{ "show wishes", "", "what it wishes for, and rows", false, NULL, show_wishes },
	{ "show config", "", NULL, false, NULL, show_config },
	{ "probe", "WORD", "tell of it", true, run_probe, NULL },
	{ 0 },
};

static void *conf_new(void)
{
	return xcalloc(1, sizeof(struct conf));
}

static int check(struct reader *r, void *conf)
{
	struct conf *c = conf;

	if (!c->refused)
		return 0;
	c->refused = false;
	return words_error(&r->words, "probe-refuse says so");
}

static void beat(struct timer *t)
{
	struct probe *p = container_of(t, struct probe, beat);
	struct host *host = p->engine.host;

	host->op->event(host, "probe-beat", "family", af_name(p->engine.af), NULL);
	timer_start(host->clock, &p->beat, BEAT);
}

static struct engine *create(void)
{
	struct probe *p = xcalloc(1, sizeof(*p));

	timer_init(&p->beat, beat);
	return &p->engine;
}

static void start(struct engine *e)
{
	timer_start(e->host->clock, &probe_of(e)->beat, BEAT);
}

static void stop(struct engine *e)
{
	log_notice(e->log, "%s: ends", af_name(e->af));
	e->host->op->event(e->host, "probe-ends", "family", af_name(e->af), NULL);
}

static void destroy(struct engine *e)
{
	timer_stop(e->host->clock, &probe_of(e)->beat);
	free(probe_of(e));
}

static void wish(struct engine *e, const struct line *line, bool on)
{
	const struct host_ops *op = e->host->op;
	struct membership m = { .group = line->sg.grp,
				.mode = on ? FILTER_EXCLUDE : FILTER_INCLUDE };
	struct route route = { .sg = line->sg, .iif = line->iif, .rank = RANK_PIM };
	struct rpf rpf;

	route.oifs = ifset_of(line->oif);
	op->listen(e, line->iif, LISTEN_DATA, on);
	op->listen(e, line->iif, LISTEN_PIM, on);
	op->members(e, line->oif, on);
	op->join(e, line->iif, &m);
	if (on) {
		op->watch(e, line->sg.src, &rpf);
		op->route(e, &route);
		op->recall(e, (struct prefix){ .ip = line->sg.grp, .len = e->af == V4 ? 32 : 128 });
	} else {
		op->unwatch(e, line->sg.src);
		op->unroute(e, line->sg, line->iif);
	}
}

/* Listens for Registers, and for what is to be registered, or no longer. */
static void wish_registers(struct engine *e, bool on)
{
	struct probe *p = probe_of(e);

	if (!p->ends.on)
		return;
	e->host->op->listen(e, p->ends.slot, LISTEN_PIM, on);
	e->host->op->tunnel(e, on);
	p->tunnel = e->host->op->slot(e->host, e->host->tunnel);
}

/* Both ends of RFC 7761 4.4, without a state: what is in a Register, and a Register of it. */
static void packet(struct engine *e, const struct packet *in)
{
	struct probe *p = probe_of(e);
	uint8_t data[65536] = { 0x21 };
	struct packet out = { .proto = PROTO_PIM, .slot = NOSLOT, .ttl = 64, .fragment = true };
	uint16_t sum;

	if (in->proto == PROTO_PIM && in->len > 8 && *(const uint8_t *)in->data == 0x21) {
		out.proto = PROTO_IP;
		out.slot = p->tunnel;
		out.data = (const uint8_t *)in->data + 8;
		out.len = in->len - 8;
	} else if (in->proto == PROTO_IP && in->len <= sizeof(data) - 8) {
		out.src = p->ends.src;
		out.dst = p->ends.dst;
		out.data = data;
		out.len = in->len + 8;
		sum = cksum_end(cksum_add(e->af == V4 ? 0
						      : cksum_add_pseudo6(0, out.src, out.dst, 8,
									  PROTO_PIM),
					  data, 8));
		data[2] = sum >> 8;
		data[3] = sum;
		memcpy(data + 8, in->data, in->len);
	} else {
		return;
	}
	e->host->op->send(e, &out, NULL);
}

static void configure(struct engine *e, void *conf, bool keep)
{
	const struct conf *c = conf;
	struct probe *p = probe_of(e);

	(void)keep;
	for (unsigned i = 0; i < p->n; i++)
		wish(e, &p->line[i], false);
	p->n = 0;
	for (unsigned i = 0; i < c->n; i++) {
		if (ip_family(c->line[i].sg.grp) == e->af)
			p->line[p->n++] = c->line[i];
	}
	for (unsigned i = 0; i < p->n; i++)
		wish(e, &p->line[i], true);
	p->rows = c->rows;
	wish_registers(e, false);
	p->ends = c->ends[e->af];
	wish_registers(e, true);
}

static void upcall(struct engine *e, const struct upcall *u)
{
	(void)u;
	probe_of(e)->upcalls++;
}

static void member(struct engine *e, unsigned slot, const struct membership *m)
{
	(void)slot;
	(void)m;
	log_debug(e->log, "%s: somebody wants it, or no longer", ip_str(m->group));
}

static void rpf(struct engine *e, struct ip ip, const struct rpf *now)
{
	(void)now;
	log_debug(e->log, "%s: another way", ip_str(ip));
}

static struct ifset slots(struct engine *e)
{
	const struct probe *p = probe_of(e);
	struct ifset set = ifset_none();

	for (unsigned i = 0; i < p->n; i++)
		set = ifset_with(ifset_with(set, p->line[i].iif), p->line[i].oif);
	if (p->ends.on)
		set = ifset_with(ifset_with(set, p->tunnel), p->ends.slot);
	return set;
}

/* A request, which a process that takes over knows only if it has opened the module. */
static void handover(struct engine *e, struct buf *text)
{
	if (e->af == V4)
		buf_puts(text, "probe again\n");
}

const struct module smckit_module = {
	.abi = ABI,
	.name = "probe",
	.version = PACKAGE_STRING,
	.statements = statements,
	.commands = commands,
	.events = events,
	.phyint = keywords,
	.conf_new = conf_new,
	.conf_free = free,
	.check = check,
	.create = create,
	.start = start,
	.stop = stop,
	.destroy = destroy,
	.configure = configure,
	.packet = packet,
	.upcall = upcall,
	.member = member,
	.rpf = rpf,
	.slots = slots,
	.handover = handover,
};
