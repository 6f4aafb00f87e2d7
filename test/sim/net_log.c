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

static void add_sources(struct buf *line, const struct ip *source, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_printf(line, " %s", ip_str(source[i]));
}

/* "IGMPv3 query all 10000 ms", "MLDv2 report [TO_EX ff0e::1] [ALLOW ff3e::1 fd00::1]" */
static void describe(struct buf *line, enum af af, const struct gm_message *m)
{
	static const char *const types[] = { "query", "report", "leave", "report" };
	static const char *const records[] = { "?",	"IS_IN", "IS_EX", "TO_IN",
					       "TO_EX", "ALLOW", "BLOCK" };

	buf_printf(line, "%s%u %s", af == V4 ? "IGMPv" : "MLDv", m->version - (af == V6),
		   types[m->type]);
	if (m->type != GM_REPORT_V3)
		buf_printf(line, " %s", ip_is_any(m->group) ? "all" : ip_str(m->group));
	if (m->type == GM_QUERY)
		buf_printf(line, "%s %lld ms", m->suppress ? " suppress" : "",
			   (long long)m->max_response);
	add_sources(line, m->source, m->nsources);
	for (unsigned i = 0; i < m->nrecords; i++) {
		const struct gm_record *r = &m->record[i];

		buf_printf(line, " [%s %s", records[r->type], ip_str(r->group));
		add_sources(line, r->source, r->nsources);
		buf_printf(line, "]");
	}
}

/* Whether it is a message that can be read; @line, if any, is given what it says. */
static bool read_message(struct net *n, const struct packet *packet, struct buf *line)
{
	const struct gm_message *m;

	if (packet->proto == PROTO_PIM)
		return net_pim(&n->arena, packet, line);
	if (!net_is_gm(packet)) {
		if (line)
			buf_printf(line, "protocol %u to %s, %zu bytes", packet->proto,
				   ip_str(packet->dst), packet->len);
		return true;
	}
	m = net_decode(n, packet);
	if (!m)
		return false;
	n->has_old |= m->type == GM_QUERY && m->version < 3;
	if (line)
		describe(line, ip_family(packet->dst), m);
	return true;
}

void net_log_packet(struct net_port *port, const struct packet *packet, enum net_log_level level)
{
	struct net *n = port->node->net;
	struct buf line = { 0 };

	if (!read_message(n, packet, net_logs(n, level) ? &line : NULL))
		net_complain(n, "%s: sends to %s what is no message", port->node->name,
			     port->link->name);
	else if (net_logs(n, level))
		net_log(n, port->node->name, "%s > %.*s", port->link->name, (int)buf_len(&line),
			buf_at(&line));
	buf_free(&line);
}
