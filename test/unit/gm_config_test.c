/* gm_config_test.c - igmpproxy.conf in our grammar: each word, each error, any text */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "igmpproxy/config.h"
#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "sim/bed.h"

static const struct module *const modules[] = { &gm_module, &proxy_module, NULL };

/* What is said of the text, a line each; it lives until the next one. */
static const char *translated_bytes(const char *text, size_t len)
{
	static const char *const kinds[] = { [LINE_STATEMENT] = "",
					     [LINE_ERROR] = "error: ",
					     [LINE_WARNING] = "warning: ",
					     [LINE_NOTE] = "note: " };
	static struct buf out;
	struct translation t = { 0 };
	struct origin from;

	buf_free(&out);
	igmpproxy_translate(&t, text, len);
	while (translation_origin(&t.origins, &from)) {
		const char *line = buf_at(&t.text);
		size_t n = (const char *)memchr(line, '\n', buf_len(&t.text)) - line;

		buf_printf(&out, "%u:%u %s%.*s\n", from.line, from.column, kinds[from.kind], (int)n,
			   line);
		buf_take(&t.text, n + 1);
	}
	assert_int_equal(buf_len(&t.text), 0);
	translation_free(&t);
	buf_add(&out, "", 1);
	return buf_at(&out);
}

static const char *translated(const char *text)
{
	return translated_bytes(text, strlen(text));
}

/* What always follows an upstream and a downstream without more. */
#define LOCAL_NOTE                                                                     \
	"1:1 note: groups of 239.255.0.0/16 stay among the downstream interfaces: no " \
	"whitelist of an upstream names them\n"

/* Checks what is said of a file that begins with a line of an upstream and one of a downstream. */
static void assert_more(const char *more, const char *want)
{
	static const char ends[] = "phyint up upstream\nphyint down downstream\n";
	struct buf text = { 0 };

	buf_printf(&text, "%s%s", ends, more);
	buf_add(&text, "", 1);
	assert_string_equal(translated(buf_at(&text)), want);
	buf_free(&text);
}

static void has_line(const char *text, const char *line)
{
	const char *said = translated(text);

	if (strstr(said, line))
		return;
	print_error("'%s' is not in:\n%s", line, said);
	fail();
}

static void has_not(const char *text, const char *line)
{
	const char *said = translated(text);

	if (!strstr(said, line))
		return;
	print_error("'%s' is in:\n%s", line, said);
	fail();
}

/* A file with one more word of the upstream, or of the downstream. */
#define OF_UP(words) "phyint up upstream " words "\nphyint down downstream\n"
#define OF_DOWN(words) "phyint up upstream\nphyint down downstream " words "\n"

static void two_interfaces_are_a_proxy(void **state)
{
	(void)state;
	assert_more("", "1:8 proxy name igmpproxy upstream up igmp receive-only\n"
			"2:8 proxy name igmpproxy downstream down\n" LOCAL_NOTE);
}

/* Lexer */

static void lines_mean_nothing(void **state)
{
	const char *want = "1:8 proxy name igmpproxy upstream up igmp receive-only\n"
			   "1:27 proxy name igmpproxy downstream down\n" LOCAL_NOTE;

	(void)state;
	assert_string_equal(translated("phyint up upstream phyint down downstream"), want);
	has_line("phyint\n\tup\r\nupstream # on the\n#phyint x\n phyint down\ndownstream",
		 "2:2 proxy name igmpproxy upstream up igmp receive-only\n"
		 "5:9 proxy name igmpproxy downstream down\n");
}

static void a_comment_begins_anywhere(void **state)
{
	(void)state;
	has_line("phyint up upstream#phyint\nphyint down downstream # end", "upstream up igmp");
	has_not("#phyint x upstream\nphyint up upstream", "upstream x");
}

static void a_nul_ends_the_file(void **state)
{
	static const char text[] = "phyint up upstream phyint down downstream\0frob \1";

	(void)state;
	assert_null(strstr(translated_bytes(text, sizeof(text) - 1), "error"));
}

static void control_characters_are_refused(void **state)
{
	(void)state;
	has_line("phyint up upstream\n  phyint do\x1bwn", "2:12 error: control character 0x1b\n");
	has_not("phyint up upstream # \x1b\n", "control");
}

static void long_tokens_are_taken_whole(void **state)
{
	(void)state;
	has_line("phyint up upstream user abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
		 "warning: nothing is forwarded");
	has_not("phyint up upstream user abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
		"error");
}

static void words_are_case_sensitive(void **state)
{
	(void)state;
	has_line("Phyint up upstream", "1:1 error: Unknown token 'Phyint' in configfile\n");
}

/* Errors */

static void an_empty_file(void **state)
{
	(void)state;
	assert_string_equal(translated(""), "1:1 error: Config file was empty.\n");
	assert_string_equal(translated("# nothing\n"),
			    "1:1 error: There must be at least 1 Vif as upstream.\n");
}

static void no_upstream(void **state)
{
	(void)state;
	has_line("phyint down downstream\n",
		 "1:1 error: There must be at least 1 Vif as upstream.\n");
	has_line("phyint up disabled\nphyint down downstream\n", "at least 1 Vif");
}

static void no_downstream(void **state)
{
	(void)state;
	assert_string_equal(translated("phyint up upstream threshold 3"),
			    "1:1 warning: nothing is forwarded: there is no downstream\n"
			    "1:8 phyint up ttl-threshold 3\n");
}

static void one_wrong_word_is_one_error(void **state)
{
	(void)state;
	assert_string_equal(translated("phyint up upstreem ratelimit 0\nphyint down downstream"),
			    "1:11 error: Unknown token 'upstreem' in configfile\n");
	assert_string_equal(translated("frob a\nphyint up upstream b c"),
			    "1:1 error: Unknown token 'frob' in configfile\n"
			    "2:20 error: Unknown token 'b' in configfile\n"
			    "1:1 warning: nothing is forwarded: there is no downstream\n");
	assert_string_equal(translated("frob a b c\nphyint up upstream\n"),
			    "1:1 error: Unknown token 'frob' in configfile\n"
			    "1:1 warning: nothing is forwarded: there is no downstream\n");
}

static void wrong_values(void **state)
{
	static const struct {
		const char *words, *error;
	} wrong[] = {
		{ "threshold 0", "3:11 error: threshold wants a number from 1 to 255" },
		{ "threshold 256", "3:11 error: threshold wants a number from 1 to 255" },
		{ "threshold x", "3:11 error: threshold wants a number from 1 to 255" },
		{ "threshold", "3:1 error: threshold wants a number from 1 to 255" },
		{ "threshold 99999999999999999999", "3:11 error: threshold wants" },
		{ "ratelimit -1", "3:11 error: ratelimit wants a number from 0 to 2147483647" },
		{ "altnet 10.0.0.0/33", "3:8 error: altnet wants a network" },
		{ "altnet 10.0.0/8", "3:8 error: altnet wants a network" },
		{ "altnet 10.0.0.0/", "3:8 error: altnet wants a network" },
		{ "altnet 10.0.0.0/8x", "3:8 error: altnet wants a network" },
		{ "altnet ff02::1", "3:8 error: altnet wants a network" },
		{ "altnet 255.255.255.255", "3:8 error: altnet wants a network" },
		{ "altnet 10.0.0.000000000000000000000000000000000000000000/8",
		  "3:8 error: altnet" },
		{ "altnet", "3:1 error: altnet wants a network" },
		{ "whitelist 239.0.0.0/8/8", "3:11 error: whitelist wants a network" },
		{ "blacklist any", "3:11 error: blacklist wants a network" },
		{ "phyint", "3:1 error: phyint wants the name of an interface" },
		{ "phyint abcdefghijklmnop", "3:8 error: phyint wants the name of an interface" },
		{ "phyint a/b upstream", "3:8 error: phyint wants the name of an interface" },
		{ "phyint ..", "3:8 error: phyint wants the name of an interface" },
		{ "phyint :1", "3:8 error: phyint wants the name of an interface" },
		{ "hashtablesize 32", "3:1 error: hashtablesize must come after quickleave" },
		{ "quickleave hashtablesize 0", "3:26 error: hashtablesize wants a number from 1" },
		{ "quickleave hashtablesize 536870913", "3:26 error: hashtablesize wants" },
		{ "user", "3:1 error: user wants a name" },
		{ "include /etc/more", "3:9 error: include is not to be had" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(wrong); i++) {
		struct buf text = { 0 };

		buf_printf(&text, "phyint up upstream\nphyint down downstream\n%s\n",
			   wrong[i].words);
		buf_add(&text, "", 1);
		has_line(buf_at(&text), wrong[i].error);
		buf_free(&text);
	}
}

static void words_of_an_interface_need_one(void **state)
{
	(void)state;
	has_line("upstream\nphyint up upstream", "1:1 error: Unknown token 'upstream' in "
						 "configfile: it belongs to a phyint\n");
	has_line("altnet 10.0.0.0/8", "1:1 error: Unknown token 'altnet' in configfile");
}

/* Roles */

static void without_a_role_it_is_disabled(void **state)
{
	(void)state;
	assert_more("phyint other threshold 3",
		    "1:8 proxy name igmpproxy upstream up igmp receive-only\n"
		    "2:8 proxy name igmpproxy downstream down\n" LOCAL_NOTE);
}

static void defaultdown_takes_in_all_others(void **state)
{
	(void)state;
	assert_string_equal(translated("phyint up upstream\nphyint off disabled\n"
				       "defaultdown\nphyint late threshold 2\n"),
			    "2:8 phyint off disable\n"
			    "4:8 phyint late ttl-threshold 2\n"
			    "1:1 proxy name igmpproxy downstream +\n"
			    "1:8 proxy name igmpproxy upstream up igmp receive-only\n"
			    "4:8 proxy name igmpproxy downstream late\n" LOCAL_NOTE);
}

static void the_first_phyint_of_a_name_holds(void **state)
{
	(void)state;
	assert_more("phyint up downstream threshold 4\nphyint up:1 disabled",
		    "3:8 warning: up stands in line 1 already, and that holds\n"
		    "4:8 warning: up stands in line 1 already, and that holds\n"
		    "1:8 proxy name igmpproxy upstream up igmp receive-only\n"
		    "2:8 proxy name igmpproxy downstream down\n" LOCAL_NOTE);
}

static void addresses_are_no_interfaces(void **state)
{
	(void)state;
	assert_string_equal(translated("defaultdown\nphyint up:1 disabled\nphyint up upstream\n"
				       "phyint down:1 disabled phyint old:2 upstream"),
			    "1:1 proxy name igmpproxy downstream +\n"
			    "3:8 proxy name igmpproxy upstream up igmp all receive-only\n"
			    "4:31 proxy name igmpproxy upstream old\n" LOCAL_NOTE);
}

static void the_last_role_of_a_phyint_holds(void **state)
{
	(void)state;
	has_line("phyint a upstream downstream phyint b upstream", "downstream a\n");
}

static void all_upstreams_are_asked(void **state)
{
	(void)state;
	assert_more("phyint wan upstream",
		    "1:8 proxy name igmpproxy upstream up igmp all receive-only\n"
		    "2:8 proxy name igmpproxy downstream down\n"
		    "3:8 proxy name igmpproxy upstream wan\n" LOCAL_NOTE);
}

/* Words of interfaces */

static void thresholds(void **state)
{
	(void)state;
	has_line(OF_UP("threshold 5"), "1:8 phyint up ttl-threshold 5\n");
	has_line(OF_DOWN("threshold 255"), "2:8 phyint down ttl-threshold 255\n");
}

static void ratelimits_have_no_effect(void **state)
{
	(void)state;
	has_not(OF_DOWN("ratelimit 0"), "warning");
	has_line("phyint up upstream ratelimit 9\nphyint down downstream ratelimit 8\n",
		 "1:30 warning: ratelimit has no effect: Linux limits no rate there");
	has_not("phyint up upstream ratelimit 9\nphyint down downstream ratelimit 8\n",
		"2:34 warning");
}

static void altnets_of_a_downstream(void **state)
{
	(void)state;
	has_line(OF_DOWN("altnet 10.1.0.0/16 altnet 10.9.9.9"),
		 "2:31 altnet down 10.1.0.0/16\n2:50 altnet down 10.9.9.9\n");
	has_line(OF_DOWN("altnet 10.1.0.0/16 10.2.0.0/16"),
		 "2:31 altnet down 10.1.0.0/16\n2:43 altnet down 10.2.0.0/16\n");
	has_line(OF_DOWN("altnet 0.0.0.0/0"), "2:8 phyint down igmp-any-network\n");
	has_not(OF_DOWN("altnet 0.0.0.0/0"), "altnet down");
	has_line(OF_DOWN("altnet 224.0.0.0/4"), "warning: there are no hosts in 224.0.0.0/4\n");
	has_not(OF_DOWN("altnet 224.0.0.0/4"), "altnet down");
}

static void altnets_of_an_upstream_are_nothing(void **state)
{
	(void)state;
	has_line(OF_UP("altnet 10.0.0.0/8 altnet 11.0.0.0/8"),
		 "1:27 note: altnet of an upstream: whatever comes in there is taken\n"
		 "1:8 proxy name igmpproxy upstream up igmp receive-only\n");
}

static void host_bits_are_left_out(void **state)
{
	(void)state;
	has_line(OF_DOWN("altnet 10.1.2.3/16"),
		 "2:31 warning: 10.1.2.3/16 is taken for 10.1.0.0/16\n");
	has_line(OF_DOWN("whitelist 239.1.2.3/8"),
		 "2:34 group-filter down permit group 239.0.0.0/8\n");
}

static void lists_of_a_downstream_in_their_order(void **state)
{
	(void)state;
	has_line(OF_DOWN("whitelist 239.0.0.0/8 blacklist 239.1.0.0/16 whitelist 239.1.1.1"),
		 "2:34 group-filter down permit group 239.0.0.0/8\n"
		 "2:56 group-filter down deny group 239.1.0.0/16\n"
		 "2:79 group-filter down permit group 239.1.1.1\n");
}

static void lists_of_an_upstream_in_their_order(void **state)
{
	(void)state;
	has_line(OF_UP("blacklist 232.0.0.0/8 whitelist 232.1.1.1/32"),
		 "upstream up except 232.0.0.0/8 group 232.1.1.1 igmp receive-only\n");
}

static void networks_wider_than_all_groups(void **state)
{
	(void)state;
	has_line(OF_UP("whitelist 0.0.0.0/0"), "upstream up group 224.0.0.0/4 igmp");
	has_line(OF_UP("blacklist 224.0.0.0/3"), "upstream up except 224.0.0.0/4 igmp");
	has_line(OF_DOWN("blacklist 0.0.0.0/0"), "group-filter down deny group 224.0.0.0/4\n");
}

static void a_white_list_without_groups_permits_none(void **state)
{
	(void)state;
	has_line(OF_UP("whitelist 10.0.0.0/8"), "1:30 warning: there are no groups in 10.0.0.0/8");
	has_line(OF_UP("whitelist 10.0.0.0/8"), "upstream up except 224.0.0.0/4 igmp");
	has_line(OF_DOWN("whitelist 0.0.0.0/1"), "2:8 group-filter down deny group 224.0.0.0/4\n");
	has_line(OF_DOWN("blacklist 10.0.0.0/8"), "downstream down\n1:1 note");
}

static void local_groups(void **state)
{
	(void)state;
	has_line(OF_UP("whitelist 239.255.1.0/24"), "group 239.255.1.0/24 local none igmp");
	has_line(OF_UP("whitelist 239.0.0.0/8"), "group 239.0.0.0/8 local none igmp");
	has_line(OF_UP("whitelist 239.255.0.0/16"), "group 239.255.0.0/16 local none igmp");
	has_not(OF_UP("whitelist 239.255.0.0/16"), "note");
	has_not(OF_UP("whitelist 224.0.0.0/4"), "local none");
	has_not(OF_UP("whitelist 238.0.0.0/8"), "local none");
	has_not(OF_UP("blacklist 239.255.0.0/16"), "local none");
	has_not(OF_DOWN("whitelist 239.255.0.0/16"), "local none");
	has_line("proxylocalmc\n" OF_UP(""), "upstream up local none igmp");
}

static void quickleave_tracks_hosts(void **state)
{
	(void)state;
	has_line("quickleave\nhashtablesize 1024\n" OF_UP(""), "4:8 phyint down igmp-track-old\n");
	has_line(OF_DOWN("threshold 3") "quickleave\n",
		 "phyint down ttl-threshold 3 igmp-track-old\n");
	has_not("quickleave\n" OF_UP(""), "phyint up");
	has_line("quickleave defaultdown phyint up upstream", "phyint + igmp-track-old\n");
}

static void rescanvif_is_always_so(void **state)
{
	(void)state;
	has_not("rescanvif\n" OF_UP(""), "warning");
	has_not("rescanvif 10\n" OF_UP(""), "error");
}

static void chroot_has_no_effect(void **state)
{
	(void)state;
	has_line("chroot /var/empty\n" OF_UP(""), "1:1 warning: chroot has no effect: ");
	has_not("chroot /var/empty\n" OF_UP(""), "error");
}

static void users(void **state)
{
	static const struct {
		const char *text, *want;
	} users[] = {
		{ "", NULL },
		{ "group staff", NULL },
		{ "user nobody", "nobody" },
		{ "user a user b", "b" },
		{ "group staff\nuser nobody", "nobody:staff" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(users); i++) {
		char *user = igmpproxy_user(users[i].text, strlen(users[i].text));

		if (users[i].want)
			assert_string_equal(user, users[i].want);
		else
			assert_null(user);
		free(user);
	}
}

/* What igmpv3proxy has more */

static void numbers_of_queries(void **state)
{
	(void)state;
	has_line(OF_DOWN("querierver 2 robustnessvalue 3 queryinterval 60"),
		 "phyint down igmp-version 2 igmp-robustness 3 igmp-query-interval 60\n");
	has_line(OF_DOWN("queryresponseinterval 5 lastmemberinterval 2 lastmembercount 4"),
		 "phyint down igmp-response-interval 5 igmp-last-member-interval 2 "
		 "igmp-last-member-count 4\n");
}

static void defaults_are_of_those_that_follow(void **state)
{
	(void)state;
	has_line("phyint up upstream\ndefaultthreshold 3\nphyint down downstream",
		 "3:8 phyint down ttl-threshold 3\n");
	has_line("defaultrobustnessvalue 4\ndefaultdown\nphyint up upstream",
		 "1:1 phyint + igmp-robustness 4\n");
	has_line("robustnessvalue 4\n" OF_DOWN("robustnessvalue 5"),
		 "phyint down igmp-robustness 4 igmp-robustness 5\n");
	has_line("defaultup\nphyint down downstream", "upstream + igmp all receive-only\n");
	has_line("defaultaltnet 10.0.0.0/8", "error: Unknown token 'defaultaltnet'");
	has_line("defaultphyint x", "error: Unknown token 'defaultphyint'");
}

static void noquickleave(void **state)
{
	(void)state;
	has_line("quickleave\n" OF_DOWN("phyint d2 downstream noquickleave"),
		 "phyint down igmp-track-old\n");
	has_not("quickleave\n" OF_DOWN("phyint d2 downstream noquickleave"), "phyint d2");
	has_not("quickleave defaultnoquickleave\n" OF_DOWN(""), "igmp-track");
}

static void both_roles(void **state)
{
	(void)state;
	has_line("phyint up updownstream\nphyint down downstream\n",
		 "1:11 warning: updownstream: traffic goes there too");
	has_line("phyint up updownstream\nphyint down downstream\n",
		 "1:8 proxy name igmpproxy upstream up igmp\n");
}

static void words_without_effect_say_so_once(void **state)
{
	static const char *const words[] = {
		"logfile /var/log/x",
		"loglevel 5",
		"rescanconf 10",
		"mctables default",
		"maxtbl 4",
		"reqqueuesize 10",
		"kbufsize 4",
		"pbufsize 4",
		"timerqueuesize 10",
		"table 3",
		"nocksumverify",
		"noquerierelection",
		"querierip 10.0.0.1",
		"filter a b c d",
		"bwcontrol 9 10",
		"maxorigins 5",
		"ssmrange 232.0.0.0",
		"disableipmrules",
		"deniednet 10.0.0.0/8",
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(words); i++) {
		struct buf text = { 0 };
		const char *said, *first;

		buf_printf(&text, "phyint up upstream\nphyint down downstream\n%s\n%s\n", words[i],
			   words[i]);
		buf_add(&text, "", 1);
		said = translated(buf_at(&text));
		assert_null(strstr(said, "error: "));
		first = strstr(said, "has no effect");
		assert_non_null(first);
		assert_null(strstr(first + 1, "has no effect"));
		buf_free(&text);
	}
}

static void what_follows_them_is_passed_over(void **state)
{
	(void)state;
	has_line(OF_DOWN("filter a b threshold 9"), "phyint down ttl-threshold 9\n");
	has_line(OF_DOWN("bwcontrol 1 2 threshold 9"), "phyint down ttl-threshold 9\n");
	has_line("loglevel quickleave phyint up upstream phyint down downstream filter",
		 "1:1 warning: loglevel has no effect");
	has_not("loglevel quickleave phyint up upstream phyint down downstream filter",
		"igmp-track");
}

static void words_that_are_so_anyhow(void **state)
{
	static const char text[] = "rescanvifnl\ndefaultfilterany\n" OF_DOWN("querierelection");

	(void)state;
	has_not(text, "warning");
	has_not(text, "error");
}

/* Any text */

/* One of them at random. */
#define PICK(rng, from) ((from)[rng_below(rng, NELEMS(from))])

static const char *const some_words[] = {
	"quickleave",
	"hashtablesize 32",
	"defaultdown",
	"rescanvif",
	"user nobody",
	"rescanconf 5",
	"phyint eth0 upstream",
	"phyint eth1 downstream",
	"phyint eth2 updownstream",
	"phyint eth3 disabled",
	"phyint eth+ downstream",
	"phyint eth9",
	"phyint eth0:1 downstream",
	"upstream",
	"downstream",
	"disabled",
	"ratelimit 0",
	"threshold 7",
	"defaultthreshold 3",
	"altnet 10.0.0.0/8",
	"altnet 0.0.0.0/0",
	"altnet 224.0.0.0/3",
	"altnet 10.1.1.1/24",
	"whitelist 239.255.0.0/16",
	"whitelist 224.0.0.0/4",
	"blacklist 0.0.0.0/0",
	"blacklist 239.1.1.1",
	"whitelist 10.0.0.0/8",
	"blacklist 128.0.0.0/1 239.2.0.1/16",
	"proxylocalmc",
	"noquickleave",
	"querierver 2",
	"robustnessvalue 7",
	"queryinterval 600",
	"queryresponseinterval 30",
	"lastmemberinterval 5",
	"lastmembercount 3",
	"filter x y z",
	"#",
	"\n",
};

static const char *const wrong_words[] = {
	"frob", "phyint", "phyint a/b", "threshold 0", "altnet", "altnet 10", "include x", "\1",
};

static void put_words(struct buf *text, struct rng *rng)
{
	unsigned n = rng_below(rng, 30), wrong = rng_below(rng, 4);

	for (unsigned i = 0; i < n; i++) {
		bool is_wrong = !wrong && !rng_below(rng, 20);

		buf_puts(text, is_wrong ? PICK(rng, wrong_words) : PICK(rng, some_words));
		buf_puts(text, rng_below(rng, 3) ? "\n" : " ");
	}
	buf_add(text, "", 1);
}

/* What is translated without an error is read without one, at the start and again. */
static void read_by_a_router(const char *text)
{
	bool is_good = !strstr(translated(text), " error: ");
	struct bed *b = xcalloc(1, sizeof(*b));
	struct buf errors = { 0 };
	unsigned n;

	b->translate = igmpproxy_translate;
	bed_begin(b, modules, text);
	n = router_check(b->r, &errors);
	buf_add(&errors, "", 1);
	if (!n != is_good)
		fail_msg("%s\n%s\n%s", text, translated(text), buf_at(&errors));
	router_start(b->r);
	bed_work(b);
	assert_true(bed_reload(b) == is_good);
	buf_free(&errors);
	bed_end(b);
	free(b);
}

static void run_seed(uint64_t seed)
{
	struct buf text = { 0 };
	struct rng rng;

	rng_seed(&rng, seed);
	put_words(&text, &rng);
	read_by_a_router(buf_at(&text));
	buf_free(&text);
}

static void any_words(void **state)
{
	(void)state;
	bed_seeds(run_seed, 3000);
}

static void any_bytes(void **state)
{
	static const char some[] = "#\n\n \t/.:0129phyintaltnet+*\1";
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1);
	for (unsigned i = 0; i < 20000; i++) {
		size_t len = rng_below(&rng, 40);
		char *text = xcalloc(1, len);

		for (size_t at = 0; at < len; at++)
			text[at] = some[rng_below(&rng, sizeof(some))];
		translated_bytes(text, len);
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_interfaces_are_a_proxy),
		cmocka_unit_test(lines_mean_nothing),
		cmocka_unit_test(a_comment_begins_anywhere),
		cmocka_unit_test(a_nul_ends_the_file),
		cmocka_unit_test(control_characters_are_refused),
		cmocka_unit_test(long_tokens_are_taken_whole),
		cmocka_unit_test(words_are_case_sensitive),
		cmocka_unit_test(an_empty_file),
		cmocka_unit_test(no_upstream),
		cmocka_unit_test(no_downstream),
		cmocka_unit_test(one_wrong_word_is_one_error),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(words_of_an_interface_need_one),
		cmocka_unit_test(without_a_role_it_is_disabled),
		cmocka_unit_test(defaultdown_takes_in_all_others),
		cmocka_unit_test(the_first_phyint_of_a_name_holds),
		cmocka_unit_test(addresses_are_no_interfaces),
		cmocka_unit_test(the_last_role_of_a_phyint_holds),
		cmocka_unit_test(all_upstreams_are_asked),
		cmocka_unit_test(thresholds),
		cmocka_unit_test(ratelimits_have_no_effect),
		cmocka_unit_test(altnets_of_a_downstream),
		cmocka_unit_test(altnets_of_an_upstream_are_nothing),
		cmocka_unit_test(host_bits_are_left_out),
		cmocka_unit_test(lists_of_a_downstream_in_their_order),
		cmocka_unit_test(lists_of_an_upstream_in_their_order),
		cmocka_unit_test(networks_wider_than_all_groups),
		cmocka_unit_test(a_white_list_without_groups_permits_none),
		cmocka_unit_test(local_groups),
		cmocka_unit_test(quickleave_tracks_hosts),
		cmocka_unit_test(rescanvif_is_always_so),
		cmocka_unit_test(chroot_has_no_effect),
		cmocka_unit_test(users),
		cmocka_unit_test(numbers_of_queries),
		cmocka_unit_test(defaults_are_of_those_that_follow),
		cmocka_unit_test(noquickleave),
		cmocka_unit_test(both_roles),
		cmocka_unit_test(words_without_effect_say_so_once),
		cmocka_unit_test(what_follows_them_is_passed_over),
		cmocka_unit_test(words_that_are_so_anyhow),
		cmocka_unit_test(any_words),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests_name("igmpproxy.conf", tests, NULL, NULL);
}
