/* config_sim.c - configurations on their way in: slices, what waits, what stays, what is told */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/translation.h"
#include "sim/bed.h"
#include "static/static.h"

static const struct module *const modules[] = { &static_module, NULL };

static const char ok[] = "{\"ok\":true}\n";

static struct bed *new_bed(const char *conf)
{
	struct bed *b = xcalloc(1, sizeof(*b));

	bed_begin(b, modules, conf);
	router_start(b->r);
	bed_work(b);
	return b;
}

static void free_bed(struct bed *b)
{
	bed_end(b);
	free(b);
}

/* The text of @n routes, and @end behind them; it lives until the next one. */
static const char *many(unsigned n, const char *end)
{
	static struct buf text;

	buf_free(&text);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&text, "mroute from eth0 source 10.0.%u.%u group 239.1.%u.%u to eth1\n",
			   i / 200, 1 + i % 200, i / 200, 1 + i % 200);
	buf_puts(&text, end);
	buf_add(&text, "", 1);
	return buf_at(&text);
}

/* What a session was told since the last time; it lives until the next one. */
static const char *told(struct session *s)
{
	static char text[65536];
	struct buf *out = session_output(s);
	size_t len = buf_len(out);

	assert_true(len < sizeof(text));
	memcpy(text, buf_at(out), len);
	text[len] = '\0';
	buf_take(out, len);
	return text;
}

static void ask(struct session *s, const char *request)
{
	session_input(s, request, strlen(request));
	session_input(s, "\n", 1);
}

static unsigned nroutes(struct bed *b)
{
	return sim_nentries(b->k, V4);
}

/* Whether the reply has the text in it. */
static void assert_told(const char *reply, const char *text)
{
	if (strstr(reply, text))
		return;
	print_error("'%s' is not in: %s\n", text, reply);
	fail();
}

static void a_reload_is_read_in_slices(void **state)
{
	struct bed *b = new_bed("mroute from eth2 group 239.9.9.9 to eth3\n");
	struct session *s = session_open(b->r, true);
	unsigned slices = 0;

	(void)state;
	sim_file(b->k, BED_CONF, many(5000, "mroute from eth2 group 239.9.9.9 to eth3"));
	ask(s, "reload");
	/* what becomes of the file meanwhile is nothing to this reload */
	sim_file(b->k, BED_CONF, "frob\n");
	while (!nroutes(b)) {
		assert_string_equal(told(s), "");
		assert_true(router_work(b->r));
		slices++;
	}
	assert_in_range(slices, 5000 / 256, 60);
	/* a table that was asked for is given while it goes on */
	ask(s, "show interfaces");
	bed_work(b);
	assert_int_equal(nroutes(b), 5000);
	assert_told(told(s), "{\"ok\":true}\n{\"table\":\"interfaces\"");
	session_close(s);
	free_bed(b);
}

static void traffic_and_tables_do_not_wait(void **state)
{
	struct bed *b = new_bed("mroute from eth2 group 239.9.9.9 to eth3\n");
	struct session *s = session_open(b->r, true), *other = session_open(b->r, false);
	struct sim_packet packet = { .af = V4, .ttl = 8, .len = 100 };

	(void)state;
	sim_file(b->k, BED_CONF, many(5000, "mroute from eth2 group 239.9.9.9 to eth3"));
	ask(s, "reload");
	for (unsigned i = 1; i <= 30; i++) {
		char source[20];

		ask(other, "show groups");
		assert_true(router_work(b->r));
		assert_told(told(other), ok);
		snprintf(source, sizeof(source), "10.9.0.%u", i);
		packet.sg = bed_sg(source, "239.9.9.9");
		sim_packet(b->k, 3, &packet);
		assert_int_equal(b->out[4], i);
	}
	bed_work(b);
	assert_string_equal(told(s), ok);
	assert_int_equal(nroutes(b), 5030);
	session_close(s);
	session_close(other);
	free_bed(b);
}

static void changes_wait_for_a_reload(void **state)
{
	struct bed *b = new_bed("");
	struct session *s = session_open(b->r, true), *other = session_open(b->r, true);

	(void)state;
	sim_file(b->k, BED_CONF, many(3000, ""));
	ask(s, "reload");
	ask(other, "add eth2 239.2.2.2 eth3");
	ask(other, "show groups");
	for (unsigned i = 0; i < 8; i++) {
		assert_true(router_work(b->r));
		assert_string_equal(told(s), "");
		assert_string_equal(told(other), "");
	}
	bed_work(b);
	assert_string_equal(told(s), ok);
	assert_memory_equal(told(other), ok, strlen(ok));
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.2.2.2"), "4");
	session_close(s);
	session_close(other);
	free_bed(b);
}

static void reloads_follow_one_another(void **state)
{
	struct bed *b = new_bed("");
	struct session *s[3];
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < NELEMS(s); i++)
		s[i] = session_open(b->r, true);
	sim_file(b->k, BED_CONF, many(3000, ""));
	ask(s[0], "reload");
	router_work(b->r);
	sim_file(b->k, BED_CONF, many(2000, "frob"));
	ask(s[1], "reload");
	ask(s[2], "reload");
	/* two signals are one reload, the last: it is begun when all that was asked for is done */
	router_reload(b->r);
	router_reload(b->r);
	while (router_work(b->r)) {
		if (!n && strstr(told(s[0]), ok)) {
			assert_int_equal(nroutes(b), 3000);
			sim_file(b->k, BED_CONF, many(1000, ""));
			n++;
		}
	}
	assert_int_equal(n, 1);
	assert_int_equal(nroutes(b), 1000);
	assert_string_equal(told(s[1]), ok);
	assert_string_equal(told(s[2]), ok);
	for (unsigned i = 0; i < NELEMS(s); i++)
		session_close(s[i]);
	free_bed(b);
}

static void names_stay_while_lines_are_read(void **state)
{
	struct bed *b = new_bed("");
	struct buf end = { 0 };

	(void)state;
	for (unsigned i = 0; i < 600; i++)
		buf_puts(&end, "mroute from eth2 group 239.9.9.9 to eth3\n");
	buf_add(&end, "", 1);
	sim_file(b->k, BED_CONF, many(1000, buf_at(&end)));
	buf_free(&end);
	assert_true(bed_reload(b));
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.9.9.9"), "4");
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.0.1"), "2");
	assert_string_equal(bed_send(b, 3, "10.0.0.1", "239.1.0.1"), "");
	free_bed(b);
}

static void who_is_told_of_a_refusal_is_told_once(void **state)
{
	struct bed *b = new_bed("");
	struct session *s = session_open(b->r, true);

	(void)state;
	sim_file(b->k, BED_CONF, many(1000, "frob\n"));
	ask(s, "reload");
	router_work(b->r);
	assert_false(bed_reload(b));
	assert_told(told(s), "nothing was changed");
	session_close(s);
	free_bed(b);
}

static void a_command_after_a_signal_waits_for_its_reload(void **state)
{
	struct bed *b = new_bed("");

	(void)state;
	router_reload(b->r);
	assert_string_equal(bed_ask(b, "add eth0 239.1.1.1 eth1"), ok);
	assert_string_equal(bed_send(b, 1, "10.1.1.1", "239.1.1.1"), "2");
	free_bed(b);
}

static void who_asked_may_leave(void **state)
{
	struct bed *b = new_bed("");
	struct session *s = session_open(b->r, true);

	(void)state;
	sim_file(b->k, BED_CONF, many(3000, ""));
	ask(s, "reload");
	router_work(b->r);
	session_close(s);
	bed_work(b);
	assert_int_equal(nroutes(b), 3000);

	/* a check is nothing to anybody else */
	s = session_open(b->r, true);
	sim_file(b->k, "/etc/other.conf", many(3000, "frob\n"));
	ask(s, "check /etc/other.conf");
	router_work(b->r);
	session_close(s);
	assert_string_equal(bed_ask(b, "reload"), ok);
	assert_int_equal(nroutes(b), 3000);

	/* nor does it keep the router from its end */
	sim_file(b->k, BED_CONF, many(3000, "frob\n"));
	router_reload(b->r);
	router_work(b->r);
	free_bed(b);
}

static void a_refused_reload_changes_nothing(void **state)
{
	struct bed *b = new_bed("mroute from eth2 group 239.9.9.9 to eth3\n");
	unsigned long writes;
	const char *reply;

	(void)state;
	assert_string_equal(bed_ask(b, "add eth0 239.1.1.1 eth1"), ok);
	assert_string_equal(bed_send(b, 1, "10.1.1.1", "239.1.1.1"), "2");
	writes = b->k->writes;
	sim_file(b->k, BED_CONF, many(3000, "frob\n"));
	reply = bed_ask(b, "reload");
	assert_string_equal(reply,
			    "{\"message\":\"" BED_CONF ":3001:1: unknown statement 'frob'\"}\n"
			    "{\"error\":\"nothing was changed: 1 errors in " BED_CONF
			    "\",\"column\":0}\n");
	assert_int_equal(b->k->writes, writes);
	sim_file(b->k, BED_CONF, NULL);
	assert_false(bed_reload(b));
	assert_told(b->said, BED_CONF ": No such file or directory");
	assert_told(b->said, BED_CONF ": nothing was changed: 1 errors");
	assert_int_equal(b->k->writes, writes);
	assert_string_equal(bed_send(b, 1, "10.1.1.2", "239.1.1.1"), "2");
	assert_string_equal(bed_send(b, 3, "10.1.1.2", "239.9.9.9"), "4");
	free_bed(b);
}

static void reload_keep(void **state)
{
	struct bed *b = new_bed("mroute from eth2 group 239.9.9.9 to eth3\n"
				"mroute from eth0 group 239.1.1.1 to eth1\n");

	(void)state;
	assert_string_equal(bed_ask(b, "add eth0 239.1.1.1 eth2"), ok);
	assert_string_equal(bed_ask(b, "add eth0 239.1.1.2 eth2"), ok);
	assert_string_equal(bed_ask(b, "join eth1 239.5.5.5"), ok);
	assert_string_equal(bed_send(b, 1, "10.1.1.1", "239.1.1.1"), "2 3");
	sim_file(b->k, BED_CONF, "mroute from eth0 group 239.1.1.2 to eth3\n");
	assert_string_equal(bed_ask(b, "reload keep"), ok);
	assert_string_equal(bed_send(b, 1, "10.1.1.1", "239.1.1.1"), "3");
	assert_string_equal(bed_send(b, 1, "10.1.1.1", "239.1.1.2"), "3 4");
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.9.9.9"), "");
	assert_non_null(sim_member(b->k, 2, bed_ip("239.5.5.5")));
	assert_string_equal(bed_ask(b, "reload"), ok);
	assert_string_equal(bed_send(b, 1, "10.1.1.1", "239.1.1.1"), "");
	assert_string_equal(bed_send(b, 1, "10.1.1.1", "239.1.1.2"), "4");
	assert_null(sim_member(b->k, 2, bed_ip("239.5.5.5")));
	assert_told(bed_ask(b, "reload keeps"), "'keeps' is too much");
	free_bed(b);
}

static void errors_are_kept_until_the_next_good_reload(void **state)
{
	struct bed *b = new_bed("mroute from eth0 group 239.1.1.1 to eth1\nfrob\n");
	const char *reply;

	(void)state;
	assert_told(b->said, BED_CONF ":2:1: unknown statement 'frob'");
	assert_told(b->said, "going on without the 1 lines in error");
	assert_string_equal(bed_send(b, 1, "10.1.1.1", "239.1.1.1"), "2");
	reply = bed_ask(b, "show errors");
	assert_told(reply, "{\"message\":\"" BED_CONF
			   ":2:1: unknown statement 'frob'\",\"warning\":false}\n");
	assert_told(bed_ask(b, "show routes"), ",\"errors\":1}\n");
	assert_told(bed_ask(b, "check " BED_CONF), "errors: 1");

	sim_file(b->k, BED_CONF, "mroute from eth0 group 239.1.1.1 to eth0 eth1\n");
	assert_string_equal(bed_ask(b, "check " BED_CONF),
			    "{\"message\":\"" BED_CONF
			    ":1:37: warning: packets never leave by where they came in\"}\n"
			    "{\"ok\":true}\n");
	assert_told(bed_ask(b, "show errors"), "frob");
	assert_true(bed_reload(b));
	assert_told(b->said, BED_CONF ":1:37: warning: packets never leave");
	reply = bed_ask(b, "show errors");
	assert_null(strstr(reply, "frob"));
	assert_told(reply, "\"warning\":true}\n");
	assert_null(strstr(bed_ask(b, "show routes"), "errors"));
	assert_told(bed_ask(b, "add eth2 239.1.1.1 eth1 eth2"),
		    "{\"message\":\"packets never leave by where they came in\"}\n{\"ok\":true}\n");
	assert_string_equal(bed_send(b, 3, "10.1.1.3", "239.1.1.1"), "2");
	free_bed(b);
}

static void many_errors_are_counted(void **state)
{
	struct bed *b = new_bed("");
	struct session *s = session_open(b->r, true);
	struct buf text = { 0 }, *out = session_output(s);

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		buf_puts(&text, "frob\n");
	buf_add(&text, "", 1);
	sim_file(b->k, "/x", buf_at(&text));
	ask(s, "check /x");
	bed_work(b);
	assert_in_range(buf_len(out), 1000 * 20, 100000);
	buf_add(out, "", 1);
	assert_told(buf_at(out), "{\"message\":\"/x:1000:1: unknown statement 'frob'\"}\n"
				 "{\"message\":\"and 4000 more\"}\n"
				 "{\"error\":\"errors: 5000\",\"column\":0}\n");
	session_close(s);
	buf_free(&text);
	free_bed(b);
}

static void without_a_file_commands_are_waited_for(void **state)
{
	struct bed *b = new_bed(NULL);

	(void)state;
	assert_string_equal(b->said, "");
	assert_string_equal(bed_ask(b, "add eth0 239.1.1.1 eth1"), ok);
	assert_string_equal(bed_send(b, 1, "10.1.1.1", "239.1.1.1"), "2");
	assert_null(strstr(bed_ask(b, "show routes"), "errors"));
	assert_null(strstr(bed_ask(b, "show errors"), "message"));
	assert_int_equal(b->k->nready, 1);
	free_bed(b);
}

static void included_files_come_in_their_place(void **state)
{
	struct bed *b = new_bed("");
	const char *reply;

	(void)state;
	sim_file(b->k, BED_CONF, "include d/*.conf\n1\ninclude e.conf\n2");
	sim_file(b->k, "/etc/d/a.conf", "a1\n");
	sim_file(b->k, "/etc/d/b.conf", "include c.inc\nb2\n");
	sim_file(b->k, "/etc/d/c.conf", "include *.conf\ninclude b.conf\n");
	sim_file(b->k, "/etc/d/c.inc", "inc1\ninclude b.conf");
	sim_file(b->k, "/etc/e.conf", "include smcroute.conf\ne2\ninclude nosuch");
	reply = bed_ask(b, "reload");
	for (const char *const *want =
		     (const char *const[]){
			     "d/a.conf:1:1: unknown statement 'a1'",
			     "d/c.inc:1:1: unknown statement 'inc1'",
			     "d/c.inc:2:1: /etc/d/b.conf includes itself",
			     "d/b.conf:2:1: unknown statement 'b2'",
			     "d/c.conf:1:1: /etc/d/c.conf includes itself",
			     "d/a.conf:1:1: unknown statement 'a1'",
			     "d/c.inc:1:1: unknown statement 'inc1'",
			     "d/c.inc:2:1: /etc/d/b.conf includes itself",
			     "d/b.conf:2:1: unknown statement 'b2'",
			     "d/c.inc:1:1: unknown statement 'inc1'",
			     "d/c.inc:2:1: /etc/d/b.conf includes itself",
			     "d/b.conf:2:1: unknown statement 'b2'",
			     "smcroute.conf:2:1: unknown statement '1'",
			     "e.conf:1:1: " BED_CONF " includes itself",
			     "e.conf:2:1: unknown statement 'e2'",
			     "e.conf:3:9: warning: /etc/nosuch: No such file or directory",
			     "smcroute.conf:4:1: unknown statement '2'",
			     "16 errors",
			     NULL,
		     };
	     *want; want++) {
		assert_told(reply, *want);
		reply = strstr(reply, *want) + 1;
	}
	free_bed(b);
}

/* What the kernel holds, as a text. */
static void put_entry(void *arg, const struct sim_entry *e)
{
	struct buf *text = arg;

	buf_printf(text, "%s from %u to", sg_str(&e->sg), e->iif);
	for (unsigned i = 0; i <= 4; i++) {
		for (unsigned vif = 0; vif < MAXVIFS; vif++) {
			if (e->ttl[vif] && e->oif[vif] == i)
				buf_printf(text, " %u/%u", i, e->ttl[vif]);
		}
	}
	buf_puts(text, "\n");
}

static void put_member(void *arg, const struct membership *m)
{
	struct buf *text = arg;

	buf_printf(text, "%s %s", ip_str(m->group), m->mode == FILTER_EXCLUDE ? "all" : "from");
	for (unsigned i = 0; i < m->nsources; i++)
		buf_printf(text, " %s", ip_str(m->source[i]));
	buf_puts(text, "\n");
}

static void put_kernel(struct buf *text, struct sim_kern *k)
{
	for (enum af af = V4; af <= V6; af++) {
		sim_entries(k, af, put_entry, text);
		for (unsigned i = 1; i <= 4; i++)
			sim_members(k, i, af, put_member, text);
	}
	buf_add(text, "", 1);
}

/* The lines of a show config, which are those of a file. */
static void put_lines(struct buf *text, const char *reply)
{
	static const char before[] = "{\"line\":\"";

	while ((reply = strstr(reply, before))) {
		reply += strlen(before);
		buf_add(text, reply, strcspn(reply, "\""));
		buf_puts(text, "\n");
	}
	buf_add(text, "", 1);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Puts words of a text in order, which are parted by @by; in its place. */
static void sort(char *text, const char *by)
{
	char *word[200], *copy = xstrdup(text), *next = copy, *at;
	unsigned n = 0;

	while ((at = strsep(&next, by))) {
		assert_true(n < NELEMS(word));
		word[n++] = at;
	}
	qsort(word, n, sizeof(*word), compare);
	for (unsigned i = 0; i < n; i++)
		text += sprintf(text, "%s%s", word[i], i + 1 < n ? by : "");
	free(copy);
}

/* Which interfaces come first is a matter of slots: the same lines in an order of their own. */
static const char *in_order(struct buf *text)
{
	char *line = text->data + text->start, *next = line, *at;

	while ((at = strchr(next, '\n'))) {
		char *to;

		*at = '\0';
		to = strstr(next, " to ");
		if (to)
			sort(to + 4, " ");
		*at = '\n';
		next = at + 1;
	}
	sort(line, "\n");
	return line;
}

static const char *any_of(struct rng *rng, const char *const *words, unsigned n)
{
	return words[rng_below(rng, n)];
}

#define ANY(words) any_of(rng, words, NELEMS(words))

/* A range of the family: its last bits are @last, and how many of them it leaves open is random. */
static void put_range(struct buf *text, struct rng *rng, enum af af, const char *base,
		      unsigned bits, unsigned last)
{
	unsigned len = af_bits(af) - (rng_below(rng, 2) ? 0 : rng_below(rng, bits + 1));

	buf_printf(text, af == V4 ? "%s%u" : "%s%x", base, last);
	if (len < af_bits(af))
		buf_printf(text, "/%u", len);
}

/*
 * A route has the interface of its source: of several for one source and group, which one holds is
 * a matter of slots.
 */
static void put_statement(struct buf *text, struct rng *rng, const char *verb)
{
	static const char *const iface[] = { "eth0", "eth1", "eth2", "eth3", "late0" };
	static const char *const to[] = { "eth0", "eth1", "eth2", "eth3", "late0", "eth+" };
	bool file = verb[0] == 'm', member = !strcmp(verb, "mgroup") || !strcmp(verb, "join");
	unsigned source = 1 + rng_below(rng, 15), group = 1 + rng_below(rng, 31);
	enum af af = rng_below(rng, 2);

	buf_printf(text, "%s%s %s", verb, file ? " from" : " -w",
		   member ? ANY(iface) : iface[source % NELEMS(iface)]);
	if (rng_below(rng, 2)) {
		buf_puts(text, file ? " source " : " ");
		put_range(text, rng, af, af == V4 ? "10.0.0." : "fd00::", 4, source);
	}
	buf_puts(text, file ? " group " : " ");
	put_range(text, rng, af, af == V4 ? "239.1.1." : "ff05::", 5, group);
	if (member || rng_below(rng, 6) == 0)
		return;
	if (file)
		buf_puts(text, " to");
	for (unsigned n = 1 + rng_below(rng, 3); n; n--)
		buf_printf(text, " %s", ANY(to));
}

/* What is in force, saved, and read by another router, is the same in words and in the kernel. */
static void run_seed(uint64_t seed)
{
	static const char *const iface[] = { "eth0", "eth1", "eth+", "*", "late0" };
	static const char *const word[] = { "", " enable", " disable", " ttl-threshold 3",
					    " enable ttl-threshold 7" };
	struct buf conf = { 0 }, saved = { 0 }, again = { 0 }, held = { 0 }, held_again = { 0 };
	struct rng state, *rng = &state;
	struct bed *b;

	rng_seed(rng, seed);
	for (unsigned n = rng_below(rng, 4); n; n--)
		buf_printf(&conf, "phyint %s%s\n", ANY(iface), ANY(word));
	for (unsigned n = rng_below(rng, 30); n; n--) {
		put_statement(&conf, rng, rng_below(rng, 2) ? "mroute" : "mgroup");
		buf_puts(&conf, "\n");
	}
	buf_add(&conf, "", 1);
	b = new_bed(buf_at(&conf));
	for (unsigned n = rng_below(rng, 20); n; n--) {
		static const char *const verb[] = { "add", "remove", "join", "leave" };
		struct buf request = { 0 };

		put_statement(&request, rng, ANY(verb));
		buf_add(&request, "", 1);
		bed_ask(b, buf_at(&request));
		buf_free(&request);
	}
	put_lines(&saved, bed_ask(b, "show config"));
	put_kernel(&held, b->k);
	free_bed(b);

	b = new_bed(buf_at(&saved));
	put_lines(&again, bed_ask(b, "show config"));
	put_kernel(&held_again, b->k);
	if (strstr(b->said, "in error") || strcmp(in_order(&saved), in_order(&again)) ||
	    strcmp(buf_at(&held), buf_at(&held_again))) {
		print_error("SEED=%llu: %s\n-- saved:\n%s-- and again:\n%s",
			    (unsigned long long)seed, b->said, buf_at(&saved), buf_at(&again));
		print_error("-- kernel:\n%s-- and again:\n%s", buf_at(&held), buf_at(&held_again));
		fail();
	}
	free_bed(b);
	buf_free(&conf);
	buf_free(&saved);
	buf_free(&again);
	buf_free(&held);
	buf_free(&held_again);
}

static void what_is_saved_gives_the_same(void **state)
{
	(void)state;
	bed_seeds(run_seed, 2000);
}

static void ranges_are_one_line_again(void **state)
{
	static const char conf[] =
		"phyint eth0 enable ttl-threshold 3\n"
		"phyint eth1\n"
		"mroute from eth0 source 10.0.0.5/24 group 239.1.1.1/24 to eth1\n"
		"mroute from eth0 group ff05::1\n"
		"mgroup from eth1 source 10.0.0.4/30 group 232.1.1.0/28\n"
		"mgroup from eth1 group 239.0.0.0/22\n"
		"mgroup from eth1 group 239.0.4.0/31\n"
		"mgroup from eth1 group 239.0.4.2\n"
		"mgroup from eth2 group 239.0.0.0/16\n"
		"mgroup from eth1 group ff05::5\n";
	struct buf saved = { 0 };
	struct bed *b = new_bed(conf);

	(void)state;
	put_lines(&saved, bed_ask(b, "show config"));
	assert_string_equal(buf_at(&saved), conf);
	/* one source more for one group parts the range, and no more */
	buf_free(&saved);
	assert_string_equal(bed_ask(b, "join eth1 10.0.0.9 232.1.1.8"), ok);
	put_lines(&saved, bed_ask(b, "show config"));
	assert_told(buf_at(&saved), "mgroup from eth1 source 10.0.0.4/30 group 232.1.1.0/29\n"
				    "mgroup from eth1 source 10.0.0.4/30 group 232.1.1.8\n"
				    "mgroup from eth1 source 10.0.0.9 group 232.1.1.8\n"
				    "mgroup from eth1 source 10.0.0.4/30 group 232.1.1.9\n"
				    "mgroup from eth1 source 10.0.0.4/30 group 232.1.1.10/31\n"
				    "mgroup from eth1 source 10.0.0.4/30 group 232.1.1.12/30\n");
	buf_free(&saved);
	free_bed(b);
}

/* A grammar in which a letter before each line says what it is. Each stands for ten lines. */
static void translate(struct translation *t, const char *text, size_t len)
{
	static const char kinds[] = {
		[LINE_STATEMENT] = 's', [LINE_ERROR] = 'e', [LINE_WARNING] = 'w', [LINE_NOTE] = 'n'
	};
	const char *at = text, *eol;
	unsigned line = 10;

	while ((eol = memchr(at, '\n', len - (at - text)))) {
		const char *kind = memchr(kinds, *at, sizeof(kinds));
		struct origin from = { line, 7, kind ? kind - kinds : LINE_ERROR };

		translation_add(t, from, "%.*s", (int)(eol - at - 1), at + 1);
		at = eol + 1;
		line += 10;
	}
}

static struct bed *new_translating_bed(const char *conf)
{
	struct bed *b = xcalloc(1, sizeof(*b));

	b->translate = translate;
	bed_begin(b, modules, conf);
	router_start(b->r);
	bed_work(b);
	return b;
}

static void another_grammar_is_translated(void **state)
{
	struct bed *b = new_translating_bed("smroute from eth2 group 239.9.9.9 to eth3\n");

	(void)state;
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.9.9.9"), "4");
	sim_file(b->k, BED_CONF, "smroute from eth2 group 239.9.9.9 to eth1\nwhm\nnso\n");
	assert_string_equal(
		bed_ask(b, "reload"),
		"{\"message\":\"/etc/smcroute.conf:20:7: warning: hm\"}\n{\"ok\":true}\n");
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.9.9.9"), "2");
	free_bed(b);
}

static void errors_stand_where_the_other_text_has_them(void **state)
{
	struct bed *b = new_translating_bed("smroute from eth2 group 239.9.9.9 to eth3\n");

	(void)state;
	sim_file(b->k, BED_CONF, "nso\neno\nsmroute from eth0 frob\nwhm\n");
	assert_false(bed_reload(b));
	assert_string_equal(b->said, "/etc/smcroute.conf:20:7: no\n"
				     "/etc/smcroute.conf:30:7: unknown word 'frob'\n"
				     "/etc/smcroute.conf:40:7: warning: hm\n"
				     "/etc/smcroute.conf: nothing was changed: 2 errors\n");
	assert_told(bed_ask(b, "show errors"), "/etc/smcroute.conf:30:7: unknown word 'frob'");
	assert_told(bed_ask(b, "check " BED_CONF), "/etc/smcroute.conf:20:7: no");
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.9.9.9"), "4");
	free_bed(b);
}

static void what_a_translation_includes_is_our_grammar(void **state)
{
	struct bed *b = new_translating_bed("sinclude /etc/more.conf\n");

	(void)state;
	sim_file(b->k, "/etc/more.conf", "\nmroute from eth2 group 239.9.9.9 to eth3\nfrob\n");
	assert_false(bed_reload(b));
	assert_told(b->said, "/etc/more.conf:3:1: unknown statement 'frob'\n");
	sim_file(b->k, "/etc/more.conf", "mroute from eth2 group 239.9.9.9 to eth3\n");
	assert_true(bed_reload(b));
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.9.9.9"), "4");
	free_bed(b);
}

/* It is in the other grammar, stands in for that one file, and only while there is none. */
static void a_fallback_for_no_file(void **state)
{
	struct bed *b = xcalloc(1, sizeof(*b));

	(void)state;
	b->translate = translate;
	b->fallback = "smroute from eth2 group 239.9.9.9 to eth3\n";
	bed_begin(b, modules, NULL);
	router_start(b->r);
	bed_work(b);
	assert_string_equal(b->said, "warning: /etc/smcroute.conf: No such file or directory, "
				     "defaults hold in its place\n");
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.9.9.9"), "4");
	assert_told(bed_ask(b, "check /etc/none"), "\"error\":\"errors: 1\"");
	sim_file(b->k, BED_CONF, "smroute from eth2 group 239.9.9.9 to eth1\n");
	assert_true(bed_reload(b));
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.9.9.9"), "2");
	sim_file(b->k, BED_CONF, NULL);
	assert_true(bed_reload(b));
	assert_string_equal(bed_send(b, 3, "10.1.1.1", "239.9.9.9"), "4");
	free_bed(b);
}

static void no_text_is_translated_too(void **state)
{
	struct bed *b = new_translating_bed("");

	(void)state;
	assert_true(bed_reload(b));
	assert_string_equal(b->said, "");
	free_bed(b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reload_is_read_in_slices),
		cmocka_unit_test(traffic_and_tables_do_not_wait),
		cmocka_unit_test(changes_wait_for_a_reload),
		cmocka_unit_test(reloads_follow_one_another),
		cmocka_unit_test(names_stay_while_lines_are_read),
		cmocka_unit_test(who_is_told_of_a_refusal_is_told_once),
		cmocka_unit_test(a_command_after_a_signal_waits_for_its_reload),
		cmocka_unit_test(who_asked_may_leave),
		cmocka_unit_test(a_refused_reload_changes_nothing),
		cmocka_unit_test(reload_keep),
		cmocka_unit_test(errors_are_kept_until_the_next_good_reload),
		cmocka_unit_test(many_errors_are_counted),
		cmocka_unit_test(without_a_file_commands_are_waited_for),
		cmocka_unit_test(included_files_come_in_their_place),
		cmocka_unit_test(another_grammar_is_translated),
		cmocka_unit_test(errors_stand_where_the_other_text_has_them),
		cmocka_unit_test(what_a_translation_includes_is_our_grammar),
		cmocka_unit_test(a_fallback_for_no_file),
		cmocka_unit_test(no_text_is_translated_too),
		cmocka_unit_test(ranges_are_one_line_again),
		cmocka_unit_test(what_is_saved_gives_the_same),
	};

	return cmocka_run_group_tests_name("configurations", tests, NULL, NULL);
}
