/* net_log.c - the log of a network: time, who, what happened */
#include <stdarg.h>
#include <stdio.h>

#include "igmpproxy/codec.h"
#include "sim/net_state.h"

void net_log(struct net *n, const char *who, const char *fmt, ...)
{
	int64_t now = n->clock.now;
	char line[1024];
	va_list args;

	if (!net_logs(n, NET_LOG_CHANGES))
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	buf_printf(&n->log, "%5lld.%03d %s %s\n", (long long)(now / 1000), (int)(now % 1000), who,
		   line);
}

const char *net_log_text(const struct net *n)
{
	return buf_len(&n->log) ? buf_at(&n->log) : "";
}

const struct gm_message *net_decode(struct net *n, const struct packet *packet)
{
	enum af af = ip_family(packet->dst);

	arena_reset(&n->arena);
	if (gm_decode(af, packet->data, packet->len, &n->arena, &n->message))
		return NULL;
	return &n->message;
}

struct line {
	char text[768];
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) add(struct line *line, const char *fmt, ...)
{
	size_t room = sizeof(line->text) - line->len;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line->text + line->len, room, fmt, args);
	va_end(args);
	line->len += len < 0 || (size_t)len >= room ? room - 1 : (size_t)len;
}

static void add_sources(struct line *line, const struct ip *source, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		add(line, " %s", ip_str(source[i]));
}

/* "IGMPv3 query all 10000 ms", "MLDv2 report [TO_EX ff0e::1] [ALLOW ff3e::1 fd00::1]" */
static void describe(struct line *line, enum af af, const struct gm_message *m)
{
	static const char *const types[] = { "query", "report", "leave", "report" };
	static const char *const records[] = { "?",	"IS_IN", "IS_EX", "TO_IN",
					       "TO_EX", "ALLOW", "BLOCK" };

	add(line, "%s%u %s", af == V4 ? "IGMPv" : "MLDv", m->version - (af == V6), types[m->type]);
	if (m->type != GM_REPORT_V3)
		add(line, " %s", ip_is_any(m->group) ? "all" : ip_str(m->group));
	if (m->type == GM_QUERY)
		add(line, "%s %lld ms", m->suppress ? " suppress" : "", (long long)m->max_response);
	add_sources(line, m->source, m->nsources);
	for (unsigned i = 0; i < m->nrecords; i++) {
		const struct gm_record *r = &m->record[i];

		add(line, " [%s %s", records[r->type], ip_str(r->group));
		add_sources(line, r->source, r->nsources);
		add(line, "]");
	}
}

void net_log_packet(struct net_port *port, const struct packet *packet)
{
	struct net *n = port->node->net;
	const struct gm_message *m;
	struct line line = { "", 0 };

	if (!net_is_gm(packet)) {
		net_log(n, port->node->name, "%s > %s protocol %u, %zu bytes", port->link->name,
			ip_str(packet->dst), packet->proto, packet->len);
		return;
	}
	m = net_decode(n, packet);
	if (!m)
		net_complain(n, "%s: sends to %s what is no message", port->node->name,
			     port->link->name);
	if (!m)
		return;
	n->has_old |= m->type == GM_QUERY && m->version < 3;
	if (!net_logs(n, NET_LOG_CHANGES))
		return;
	describe(&line, ip_family(packet->dst), m);
	net_log(n, port->node->name, "%s > %s", port->link->name, line.text);
}
