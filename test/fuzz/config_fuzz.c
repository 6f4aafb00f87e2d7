/* config_fuzz.c - configurations and requests, through a router to the modelled kernel
 *
 * Sections of the input, which lines of "%%" part, are by turns the configuration, read at the
 * start and then by reloads, and requests of a client.
 */
#include "fuzz/fuzz.h"
#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "lib/buf.h"
#include "mrd/mrd.h"
#include "sim/bed.h"
#include "static/static.h"

#define INCLUDED "/etc/more.conf"

/* More errors of a configuration are counted, not told, and as many warnings. */
#define MAX_TOLD 1002

static const struct module *const modules[] = { &static_module, &mrd_module, &gm_module,
						&proxy_module, NULL };

/* Errors are lines of bounded length that begin with their file, and hide nothing. */
static void judge_errors(struct buf *errors, unsigned n)
{
	const char *at = buf_at(errors), *end = at + buf_len(errors);
	unsigned lines = 0;

	for (; at < end; lines++) {
		const char *eol = memchr(at, '\n', end - at);

		MUST(eol && eol - at < 600 && *at == '/');
		for (; at < eol; at++)
			MUST((unsigned char)*at >= 0x20 && *at != 0x7f);
		at++;
	}
	MUST((!n || lines) && lines <= 2 * MAX_TOLD);
}

/* True if the configuration is in force then; the kernel side is told the same. */
static bool reload(struct bed *b)
{
	unsigned good = b->k->nready, bad = b->k->nrefused;

	router_reload(b->r);
	bed_work(b);
	MUST(b->k->nready + b->k->nrefused == good + bad + 1);
	return b->k->nready > good;
}

/* The included file is the one that was there before, so that files include one another. */
static void read_config(struct bed *b, const char *text, const char *before, bool first)
{
	struct buf errors = { 0 };
	unsigned n;

	sim_file(b->k, BED_CONF, text);
	sim_file(b->k, INCLUDED, before);
	n = router_check(b->r, &errors);
	judge_errors(&errors, n);
	buf_free(&errors);
	if (first)
		router_start(b->r);
	else
		MUST(reload(b) == !n);
	bed_work(b);
}

static void ask(struct bed *b, const char *requests)
{
	struct session *s = session_open(b->r, true);
	struct buf *out = session_output(s);
	size_t len = strlen(requests);

	session_input(s, requests, len);
	bed_work(b);
	while (buf_len(out)) {
		buf_take(out, buf_len(out));
		bed_work(b);
	}
	session_close(s);
}

static void send_packets(struct bed *b)
{
	bed_send(b, 1, "10.0.0.1", "225.1.2.3");
	bed_send(b, 2, "10.0.0.1", "225.1.2.3");
	bed_send(b, 2, "10.0.0.2", "232.1.1.1");
	bed_send(b, 1, "2001:db8::1", "ff0e::1");
	bed_send(b, 3, "2001:db8::1", "ff3e::1");
}

/* A reload without a change writes nothing, whatever was done before it. */
static void settle(struct bed *b)
{
	if (!reload(b))
		return;
	b->k->writes = 0;
	MUST(reload(b) && !b->k->writes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *at = (const char *)data, *end = at + len;
	struct bed b = { 0 };
	char *config = NULL, *text;
	bool first = true;

	bed_begin(&b, modules, NULL);
	for (unsigned i = 0; (text = fuzz_section(&at, end)) && !router_is_done(b.r); i++) {
		if (i % 2) {
			ask(&b, text);
			free(text);
			continue;
		}
		read_config(&b, text, config, first);
		send_packets(&b);
		free(config);
		config = text;
		first = false;
	}
	free(text);
	if (!router_is_done(b.r)) {
		bed_advance(&b, SEC(61));
		settle(&b);
	}
	bed_end(&b);
	free(config);
	return 0;
}
