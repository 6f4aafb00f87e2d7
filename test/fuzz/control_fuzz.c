/* control_fuzz.c - what clients send, in pieces of any size, and what they are told
 *
 * The input is what a client sends that may change things; then one that may not sends the same.
 */
#include <jansson.h>

#include "fuzz/fuzz.h"
#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "lib/buf.h"
#include "lib/rng.h"
#include "mrd/mrd.h"
#include "sim/bed.h"
#include "static/static.h"

static const struct module *const modules[] = { &static_module, &mrd_module, &gm_module,
						&proxy_module, NULL };

static const char config[] = "phyint eth3 disable\n"
			     "mgroup from eth0 group 225.1.2.3\n"
			     "mroute from eth0 group 225.1.2.3 to eth1 eth2\n"
			     "mroute from eth1 source 10.0.0.2 group 232.1.1.1 to eth0\n"
			     "proxy upstream eth2 downstream eth1 local none\n"
			     "static-group from eth1 group 225.1.2.4\n"
			     "mroute from eth0 source 2001:db8::1 group ff0e::1 to eth9 eth2\n";

struct client {
	struct bed *bed;
	struct session *session;
	struct rng rng;
	unsigned asked, answered;
	bool monitors; /* since then not all is answered */
};

/* Whether the record is the last one of a reply; it must be one object and no more. */
static bool is_final(const char *line, size_t len)
{
	json_t *record = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL), *ok, *error;
	bool final;

	MUST(record && json_is_object(record) && json_object_size(record));
	ok = json_object_get(record, "ok");
	error = json_object_get(record, "error");
	final = ok || error;
	MUST(!ok || (json_is_true(ok) && json_object_size(record) == 1));
	MUST(!error ||
	     (*json_string_value(error) && json_is_integer(json_object_get(record, "column"))));
	json_decref(record);
	return final;
}

/* Takes whole lines off the output; the beginning of one may be left by a client that is slow. */
static void read_replies(struct client *c)
{
	struct buf *out = session_output(c->session);
	size_t len, most = rng_below(&c->rng, 2) ? 1 : buf_len(out);
	const char *eol;

	while (most && (eol = memchr(buf_at(out), '\n', buf_len(out)))) {
		len = eol + 1 - buf_at(out);
		c->answered += is_final(buf_at(out), len);
		buf_take(out, len);
		most -= len < most ? len : most;
	}
}

static void send_input(struct client *c, const char *data, size_t len)
{
	while (len) {
		size_t n = 1 + rng_below(&c->rng, len < 64 ? len : 64);

		for (size_t i = 0; i < n; i++)
			c->asked += data[i] == '\n';
		session_input(c->session, data, n);
		if (!rng_below(&c->rng, 4))
			bed_work(c->bed);
		read_replies(c);
		data += n;
		len -= n;
	}
}

/* A request a line, and each has one answer, unless the router ended or events are told. */
static void run_client(struct bed *b, const uint8_t *data, size_t len, bool may_change)
{
	struct client c = { .bed = b, .session = session_open(b->r, may_change) };
	bool monitors = memmem(data, len, "monitor", 7);

	rng_seed(&c.rng, fuzz_seed(data, len));
	send_input(&c, (const char *)data, len);
	for (bed_work(b); buf_len(session_output(c.session)); bed_work(b))
		read_replies(&c);
	MUST(!session_is_over(c.session));
	MUST(c.answered == c.asked || (c.answered < c.asked && (monitors || router_is_done(b->r))));
	session_close(c.session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bed b = { 0 };

	bed_begin(&b, modules, config);
	router_start(b.r);
	bed_work(&b);
	bed_send(&b, 1, "10.0.0.1", "225.1.2.3");
	bed_send(&b, 3, "10.0.0.9", "225.1.2.4");
	run_client(&b, data, len, true);
	if (!router_is_done(b.r)) {
		bed_send(&b, 1, "10.0.0.1", "225.1.2.3");
		bed_advance(&b, SEC(61));
		run_client(&b, data, len, false);
	}
	bed_end(&b);
	return 0;
}
