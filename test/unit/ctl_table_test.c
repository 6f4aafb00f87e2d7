/* ctl_table_test.c - tables and JSON, byte by byte; the JSON judged by another's library */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "../../smcroutectl/section.h"
#include "../../smcroutectl/table.h"

static char *text;

/*
 * Prints records, with ' for ", as answers to a view's request; the line "next" begins the answer
 * to the second.
 */
static const char *shown(const struct options *options, const struct view *view,
			 const char *const lines[])
{
	struct printer p = { .options = options };

	printer_begin(&p, view, options->detail);
	for (; *lines; lines++) {
		char line[512];

		snprintf(line, sizeof(line), "%s", *lines);
		for (char *q = line; *q; q++)
			*q = *q == '\'' ? '"' : *q;
		if (!strcmp(line, "next"))
			printer_request(&p, 1);
		else
			assert_true(printer_line(&p, (struct text){ line, strlen(line) }));
	}
	printer_end(&p, true);
	free(text);
	text = strndup(buf_at(&p.out), buf_len(&p.out));
	buf_free(&p.out);
	return text;
}

#define SHOWN(options, view, ...) \
	shown(&(options), &view, (const char *const[]){ __VA_ARGS__, NULL })

static const struct options plain = { .headings = HEADINGS_PLAIN };
static const struct options bare = { .headings = HEADINGS_NONE };
static const struct options detail = { .headings = HEADINGS_NONE, .detail = true };
static const struct options json_only = { .json = true };

#define ASM "{'table':'asm','width':4}"
#define SSM "{'table':'ssm','width':4}"
#define KERNEL "{'table':'kernel','width':4}"
#define MRD "{'table':'mrd','width':4}"
#define GROUPS "{'table':'groups'}"
#define MEMBERS "{'table':'members'}"
#define RULE                                                                   \
	"{'source':null,'group':'225.3.3.0/24','iif':'a1','oifs':['a2','b1']," \
	"'origin':'file'}"
#define ROUTE                                                              \
	"{'source':'10.0.0.1','group':'225.3.3.3','iif':'eth0','oifs':[]," \
	"'owner':null,'state':'negative'}"

static void routes_look_as_in_smcroute(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(plain, view_routes, ASM, RULE, SSM, KERNEL, ROUTE),
		"_______________________________________________________________________________\n"
		"(*,G) Template Rules\n"
		"===============================================================================\n"
		"ROUTE (S,G)                                IIF   OIFS\n"
		"===============================================================================\n"
		"(*, 225.3.3.0/24)                          a1    a2 b1\n"
		"_______________________________________________________________________________\n"
		"Kernel MFC Table\n"
		"===============================================================================\n"
		"ROUTE (S,G)                                IIF   OIFS\n"
		"===============================================================================\n"
		"(10.0.0.1, 225.3.3.3)                      eth0\n"
		"\n");
}

static void headings_are_styled_to_the_width_of_the_terminal(void **state)
{
	const struct options options = { .columns = 60 };

	(void)state;
	assert_string_equal(
		shown(&options, &view_routes, (const char *const[]){ ASM, RULE, RULE, NULL }),
		"\033[4m                                                            \033[0m\n"
		"(*,G) Template Rules\n"
		"\033[7mROUTE (S,G)                                IIF   OIFS       \033[0m\n"
		"(*, 225.3.3.0/24)                          a1    a2 b1\n"
		"(*, 225.3.3.0/24)                          a1    a2 b1\n"
		"\n");
}

static void nothing_is_printed_of_nothing(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(bare, view_routes, ASM, SSM, KERNEL), "");
	assert_string_equal(SHOWN(bare, view_groups, GROUPS), "");
	assert_string_equal(SHOWN(bare, view_pending, ASM, RULE, "next", GROUPS),
			    "No pending routes or groups\n");
}

static void what_is_wrong_is_marked(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(bare, view_routes, KERNEL,
		      "{'source':'1.1.1.1','group':'225.1.1.1','iif':'a','oifs':['b'],"
		      "'pending':['c','d'],'state':'refused','reason':'no',"
		      "'wants':['static']}"),
		"(1.1.1.1, 225.1.1.1)                       a     b  [pending c d]  [refused: no]\n"
		"\n");
	assert_string_equal(
		SHOWN(bare, view_groups, GROUPS,
		      "{'source':null,'group':'225.1.1.1','iif':'a','state':'failed',"
		      "'reason':'no such \\u001b interface'}"),
		"(*, 225.1.1.1)                             a  [failed: no such ? interface]\n"
		"\n");
}

static void details_are_counters_and_notes(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(detail, view_routes, ASM, RULE, KERNEL,
		      "{'source':'1.1.1.1','group':'225.1.1.1','iif':'a','oifs':['b'],"
		      "'owner':'pim','state':'forward','packets':12345678901,"
		      "'bytes':9,'wrong':7,'wants':['pim','static learned']}",
		      "{'source':'1.1.1.2','group':'225.1.1.1','iif':'a','oifs':['b'],"
		      "'owner':'static','state':'forward','packets':1,"
		      "'bytes':9,'wrong':0,'wants':['static']}",
		      ROUTE),
		"(*, 225.3.3.0/24)                          a1            0          0  a2 b1  "
		"[from file]\n"
		"(1.1.1.1, 225.1.1.1)                       a    12345678901          9  b  "
		"[forward pim]  [wrong 7]  [wants pim static learned]\n"
		"(1.1.1.2, 225.1.1.1)                       a             1          9  b  "
		"[forward static]\n"
		"(10.0.0.1, 225.3.3.3)                      eth0          0          0  "
		"[negative]\n"
		"\n");
}

static void the_kernels_groups_are_noted(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(bare, view_routes, ASM,
				  "{'source':null,'group':'225.3.3.3','iif':'a','oifs':['b'],"
				  "'kernel':false,'reason':'it is so'}",
				  "{'source':null,'group':'225.3.3.4','iif':'a','oifs':['b'],"
				  "'kernel':true}"),
			    "(*, 225.3.3.3)                             a     b  "
			    "[not the kernel's: it is so]\n"
			    "(*, 225.3.3.4)                             a     b\n\n");
}

static void details_of_groups_are_what_the_kernel_has(void **state)
{
	const struct options options = { .headings = HEADINGS_PLAIN, .detail = true };

	(void)state;
	assert_string_equal(
		SHOWN(options, view_groups, GROUPS,
		      "{'source':null,'group':'225.1.1.1','iif':'a','state':'joined',"
		      "'origin':'file'}",
		      "{'source':null,'group':'225.1.1.2','iif':'z','state':'pending',"
		      "'reason':'no such interface','origin':'command'}",
		      "next", MEMBERS,
		      "{'source':null,'group':'225.1.1.1','iif':'a','state':'joined',"
		      "'origin':'file'}",
		      "{'source':null,'group':'225.1.1.2','iif':'z','state':'pending'}"),
		"_______________________________________________________________________________\n"
		"Group Memberships Table\n"
		"===============================================================================\n"
		"GROUP (S,G)                                IIF\n"
		"===============================================================================\n"
		"(*, 225.1.1.1)                             a  [from file]\n"
		"(*, 225.1.1.2)                             z  [pending: no such interface]  "
		"[from command]\n"
		"_______________________________________________________________________________\n"
		"Kernel Group Membership Table\n"
		"===============================================================================\n"
		"(*, 225.1.1.1)                             a\n"
		"\n");
}

static void interfaces_are_as_wide_as_the_longest(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(plain, view_interfaces, "{'table':'interfaces','width':9}",
		      "{'index':1,'name':'lo','up':true,'vif':null,'mif':31,'slot':0}"),
		"===============================================================================\n"
		" INDEX PHYINT     VIF  MIF\n"
		"===============================================================================\n"
		"     1 lo         N/A   31\n"
		"\n");
}

static void pending_reads_like_the_configuration(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(plain, view_pending, ASM, RULE,
		      "{'source':'1.1.1.0/24','group':'225.1.1.1','iif':'a',"
		      "'oifs':['b','c'],'pending':['c']}",
		      KERNEL, ROUTE, "next", GROUPS,
		      "{'source':null,'group':'225.1.1.1','iif':'z','state':'pending'}"),
		"_______________________________________________________________________________\n"
		"PENDING ROUTES AND GROUPS\n"
		"===============================================================================\n"
		"mroute  from a source 1.1.1.0/24 group 225.1.1.1 to b c\n"
		"mgroup  from z group 225.1.1.1\n"
		"\n");
}

static void unknown_tables_are_shown_plainly(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(bare, view_other, "{'table':'x'}",
				  "{'a':1,'b':['c','d'],'e':null}"),
			    " a=1 b=c,d e=\n\n");
	assert_string_equal(SHOWN(json_only, view_other, "{'table':'x'}", "{'a':1}", "{'a':2}",
				  "{'table':'y'}"),
			    "{\n\"x\":[\n{\"a\":1},\n{\"a\":2}],\n\"y\":[]}\n");
}

/* No daemon of ours names a table so; it must not control the terminal, nor break the JSON. */
static void odd_names_of_tables_are_cut(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(plain, view_other, "{'table':'x y\x7f\xc2\x9b'}", "{'a':1}"),
			    "___________________________________________________________________"
			    "____________\nx y\n"
			    "==================================================================="
			    "============\n a=1\n\n");
	assert_string_equal(SHOWN(json_only, view_other,
				  "{'table':'a name of 29 letters in all..\\u0031'}", "{'a':1}"),
			    "{\n\"a name of 29 letters in all..\":[\n{\"a\":1}]}\n");
}

static json_t *parsed(const char *document)
{
	json_t *json = json_loads(document, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(json);
	return json;
}

static void json_has_the_shape_of_smcroute(void **state)
{
	json_t *json, *routes;

	(void)state;
	json = parsed(SHOWN(json_only, view_routes, SSM, ROUTE, ROUTE, KERNEL, KERNEL, ROUTE));
	routes = json_object_get(json, "routes");
	assert_int_equal(json_object_size(routes), 3);
	assert_int_equal(json_array_size(json_object_get(routes, "asm")), 0);
	assert_int_equal(json_array_size(json_object_get(routes, "ssm")), 2);
	assert_int_equal(json_array_size(json_object_get(routes, "kernel")), 1);
	json_decref(json);

	json = parsed(SHOWN(json_only, view_interfaces, "{'table':'interfaces'}", "{'a':1}"));
	assert_int_equal(json_array_size(json_object_get(json, "interfaces")), 1);
	json_decref(json);

	json = parsed(SHOWN(json_only, view_groups, GROUPS, "{'state':'pending'}",
			    "{'state':'joined'}", "next", MEMBERS, "{'state':'pending'}",
			    "{'state':'joined'}"));
	routes = json_object_get(json, "groups");
	assert_int_equal(json_array_size(json_object_get(routes, "conf")), 2);
	assert_int_equal(json_array_size(json_object_get(routes, "kernel")), 1);
	json_decref(json);
}

static void json_of_nothing_is_complete(void **state)
{
	static const struct view *const views[] = {
		&view_routes,  &view_groups, &view_interfaces,
		&view_pending, &view_help,   &view_version,
	};
	const struct options options = { .json = true };

	(void)state;
	for (size_t i = 0; i < NELEMS(views); i++)
		json_decref(parsed(shown(&options, views[i], (const char *const[]){ NULL })));
	assert_string_equal(shown(&options, &view_other, (const char *const[]){ NULL }), "");
	assert_string_equal(shown(&options, &view_monitor, (const char *const[]){ NULL }), "");
}

static void json_names_the_kind_of_what_is_pending(void **state)
{
	json_t *json, *list;

	(void)state;
	json_decref(parsed(SHOWN(json_only, view_help, "{'table':'help'}", "{}")));
	json = parsed(SHOWN(json_only, view_pending, ASM, RULE, "{'source':null,'pending':['c']}",
			    "next", GROUPS, "{'state':'pending'}"));
	list = json_object_get(json, "pending");
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "kind")),
			    "mroute");
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "kind")),
			    "mgroup");
	json_decref(json);
}

static void events_are_lines(void **state)
{
	static const char event[] = "{'event':'route','time':12345,'iif':'a'}";

	(void)state;
	assert_string_equal(SHOWN(bare, view_monitor, event), "       12.345 route iif=a\n");
	assert_string_equal(SHOWN(json_only, view_monitor, event),
			    "{\"event\":\"route\",\"time\":12345,\"iif\":\"a\"}\n");
}

static void help_leaves_out_what_the_client_has_said(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(bare, view_help, "{'table':'help'}",
				  "{'words':'add','args':'IIF','help':'one'}",
				  "{'words':'show groups','args':'','help':'two'}",
				  "{'words':'show group','args':'[detail]','help':'three'}",
				  "{'words':'show','args':'','help':'four'}",
				  "{'words':'frob','args':'','help':'five'}"),
			    "  show group [detail]                         three\n"
			    "  frob                                        five\n");
}

static void what_is_no_record_is_said(void **state)
{
	const struct options options = { 0 };
	struct printer p = { .options = &options };

	(void)state;
	printer_begin(&p, &view_routes, false);
	assert_false(printer_line(&p, (struct text){ "nonsense", 8 }));
	buf_free(&p.out);
}

static bool finds(const char *word, const struct view *view)
{
	return view_find((struct text){ word, strlen(word) }) == view;
}

static void words_of_show_are_found_by_their_letter(void **state)
{
	(void)state;
	assert_true(finds("", &view_routes));
	assert_true(finds("r", &view_routes));
	assert_true(finds("groups", &view_groups));
	assert_true(finds("gr", &view_groups));
	assert_true(finds("iface", &view_interfaces));
	assert_true(finds("p", &view_pending));
	assert_true(finds("neighbors", &view_other));
	assert_true(finds("Routes", &view_other));
}

static int done(void **state)
{
	(void)state;
	free(text);
	return 0;
}

static void announcements(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(plain, view_mrd, MRD,
		      "{'interface':'eth0','family':'IPv4','state':'periodic','source':'10.0.0.1',"
		      "'next':11259,'interval':20000,'advertisements':7,'terminations':0,"
		      "'failed':0,'solicitations':1,'dropped':5,'bad_ttl':2,'no_alert':3}",
		      "{'interface':'wan0','family':'IPv6','state':'absent','source':null,"
		      "'next':null,'interval':4000,'advertisements':0,'terminations':0,"
		      "'failed':0,'solicitations':0,'dropped':0}"),
		"===============================================================================\n"
		"PHYINT FAMILY STATE        NEXT ADVERTISED SOLICITED DROPPED\n"
		"===============================================================================\n"
		"eth0   IPv4   periodic     11.2          7         1       5"
		"  [bad_ttl 2]  [no_alert 3]\n"
		"wan0   IPv6   absent          -          0         0       0\n"
		"\n");
	assert_string_equal(
		SHOWN(detail, view_mrd, MRD,
		      "{'interface':'eth0','family':'IPv4','state':'periodic','source':'10.0.0.1',"
		      "'next':999,'interval':20000,'advertisements':7,'terminations':6,'failed':5,"
		      "'solicitations':1,'dropped':0}"),
		"eth0   IPv4   periodic      0.9          7         1       0     6      5"
		"     20.0  10.0.0.1\n"
		"\n");
}

static void who_asks_for_listeners(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(plain, view_igmp, "{'table':'igmp','width':4}",
		      "{'interface':'eth0','state':'querier','version':3,'querier':'10.0.0.1',"
		      "'next_query':31250,'groups':7,'reports':12,'dropped':3,"
		      "'reasons':['ttl','sender']}",
		      "{'interface':'wan0','state':'non-querier','version':3,"
		      "'querier':'10.1.0.1','querier_version':3,'querier_expiry':255000,"
		      "'groups':0,'reports':0,'dropped':0,'reasons':[]}"),
		"===============================================================================\n"
		"PHYINT STATE       VERSION    NEXT  GROUPS   REPORTS DROPPED  QUERIER\n"
		"===============================================================================\n"
		"eth0   querier           3    31.2       7        12       3  10.0.0.1"
		"  [dropped ttl sender]\n"
		"wan0   non-querier       3   255.0       0         0       0  10.1.0.1\n"
		"\n");
}

static void listeners(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(plain, view_groups, GROUPS, "{'table':'memberships','width':4}",
		      "{'interface':'eth0','family':'IPv4','group':'239.1.1.1',"
		      "'filter_mode':'exclude','sources':0,'version':2,"
		      "'last_reporter':'10.0.0.9','up_time':1500,'expire':268500,"
		      "'static':false}",
		      "{'interface':'eth0','family':'IPv6','group':'ff3e::1',"
		      "'filter_mode':'include','sources':2,'version':2,'last_reporter':null,"
		      "'up_time':1500,'expire':null,'static':true}"),
		"_______________________________________________________________________________\n"
		"Listeners\n"
		"===============================================================================\n"
		"GROUP                     PHYINT MODE    SOURCES VERSION       UP  EXPIRES"
		"  REPORTER\n"
		"===============================================================================\n"
		"239.1.1.1                 eth0   exclude       0       2      1.5    268.5"
		"  10.0.0.9\n"
		"ff3e::1                   eth0   include       2       2      1.5        -"
		"  -  [static]\n"
		"\n");
}

#define TREE "{'table':'pim_tree','width':4}"
#define ENTRY                                                                            \
	"{'source':'10.0.0.2','group':'239.1.1.1','rp_address':'10.9.0.1','upstream':"   \
	"'Joined','rpf_interface':'eth0','rpf_neighbor':'10.0.0.7','by_assert':true,"    \
	"'join_timer':42500,'spt':true,'rpt':'NotPruned','override_timer':null,'alive':" \
	"true,'keepalive':200000,'register':'Prune','iif':'eth0','oifs':['eth1']}"
#define BRANCH                                                                             \
	"{'source':'10.0.0.2','group':'239.1.1.1','interface':'eth1','out':true,'reason':" \
	"'joined','listeners':false,'excluded':false,'join':'PrunePending','expiry':"      \
	"100000,'prune_pending':2500,'rpt':'Prune','rpt_expiry':9000,'assert':'Winner',"   \
	"'assert_timer':177000,'winner':'10.0.1.1'}"

static void trees_of_pim(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(plain, view_pim, TREE,
		      "{'source':null,'group':'239.1.1.1','rp_address':'10.9.0.1','upstream':"
		      "'NotJoined','rpf_interface':null,'rpf_neighbor':null,'by_assert':false,"
		      "'join_timer':null,'iif':null,'oifs':[]}",
		      "{'source':null,'group':'239.1.1.1','interface':'eth2','out':false,'reason':"
		      "'another router is DR','listeners':true}"),
		"_______________________________________________________________________________\n"
		"Trees\n"
		"===============================================================================\n"
		"(*, 239.1.1.1)                             NotJoined rp 10.9.0.1\n"
		"    not eth2  another router is DR\n\n");
	assert_string_equal(
		SHOWN(bare, view_pim, TREE, ENTRY, BRANCH),
		"(10.0.0.2, 239.1.1.1)                      Joined by eth0 10.0.0.7 rp 10.9.0.1 "
		"spt  [by assert] register Prune join 42.5 keepalive 200.0\n"
		"    to  eth1  joined  PrunePending expires 100.0 pending 2.5  "
		"rpt Prune expires 9.0  "
		"assert Winner won by 10.0.1.1 holds 177.0\n\n");
}

static void tables_of_pim(void **state)
{
	(void)state;
	assert_string_equal(
		SHOWN(bare, view_pim, "{'table':'pim_interface','width':4}",
		      "{'interface':'eth0','family':'IPv4','state':'up','passive':true,'address':"
		      "'10.0.0.1','dr_address':'10.0.0.1','dr':true,'dr_priority':1,"
		      "'neighbor_count':2,'next_hello':1500}",
		      "{'table':'pim_neighbor','width':4}",
		      "{'interface':'eth0','address':'10.0.0.2','dr':true,'dr_priority':null,"
		      "'up_time':60000,'expiration':null,'secondary':[]}",
		      "{'table':'pim_rp','width':4}",
		      "{'group':'239.1.1.1','rp_address':null,'reason':'source-specific'}",
		      "{'group':'224.0.0.0/4','rp_address':'10.0.0.9','origin':'bsr',"
		      "'mode':'sparse','priority':1,'expiration':61000,'reachable':false,"
		      "'own':false,'interface':null,'neighbor':null,'filtered':true}"),
		"eth0   IPv4   up         10.0.0.1                           2        1     1.5  "
		"10.0.0.1  [passive]  [we are DR]\n"
		"eth0   10.0.0.2                            -       60.0        -  [DR]\n"
		"239.1.1.1                 -                          -        -             -"
		"        - -       -  [source-specific]\n"
		"224.0.0.0/4               10.0.0.9                   bsr      sparse        1"
		"     61.0 -       -  [unreachable]  [filtered]\n\n");
	assert_string_equal(
		SHOWN(bare, view_pim, "{'table':'pim_interface','width':4}",
		      "{'interface':'eth0','family':'IPv4','state':'up','refused':true,'address':"
		      "'10.0.0.1','dr_address':'10.0.0.2','dr':false,'dr_priority':1,"
		      "'neighbor_count':2,'next_hello':1500}",
		      "{'table':'pim_register','width':4}",
		      "{'source':'10.0.0.2','group':'239.1.1.1','rp_address':'10.9.0.1',"
		      "'state':'Join','stop_timer':null,'refused':true}"),
		"eth0   IPv4   up         10.0.0.1                           2        1     1.5  "
		"10.0.0.2  [no room in the kernel]\n"
		"(10.0.0.2, 239.1.1.1)                      10.9.0.1                   Join"
		"               -  [no device to send it by]\n\n");
	assert_string_equal(
		SHOWN(bare, view_pim, "{'table':'pim_statistics','width':4}",
		      "{'interface':'eth0','family':'IPv4','message':'Hello','received':3,"
		      "'sent':4}",
		      "{'interface':null,'family':'IPv4','dropped':'ttl','count':7}"),
		"eth0   IPv4   Hello                       3            4\n"
		"all    IPv4   ttl                         7            -\n\n");
}

/* Pending by its first letter, PIM and proxies by their whole words. */
static void words_that_begin_alike(void **state)
{
	(void)state;
	assert_ptr_equal(view_find((struct text){ "p", 1 }), &view_pending);
	assert_ptr_equal(view_find((struct text){ "pend", 4 }), &view_pending);
	assert_ptr_equal(view_find((struct text){ "pending", 7 }), &view_pending);
	assert_ptr_equal(view_find((struct text){ "pim", 3 }), &view_pim);
	assert_ptr_equal(view_find((struct text){ "proxy", 5 }), &view_proxy);
}

/* Lists of a view are members of one object. */
static void lists_have_names_of_their_own(void **state)
{
	const char *word;

	(void)state;
	for (unsigned i = 0; (word = view_word(i)); i++) {
		const struct view *v = view_find((struct text){ word, strlen(word) });

		const struct section *s = v->sections;

		for (size_t a = 0; a < v->nsections && !v->flat; a++) {
			for (size_t b = 0; b < a; b++)
				assert_string_not_equal(s[a].json, s[b].json);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_look_as_in_smcroute),
		cmocka_unit_test(headings_are_styled_to_the_width_of_the_terminal),
		cmocka_unit_test(nothing_is_printed_of_nothing),
		cmocka_unit_test(what_is_wrong_is_marked),
		cmocka_unit_test(details_are_counters_and_notes),
		cmocka_unit_test(the_kernels_groups_are_noted),
		cmocka_unit_test(details_of_groups_are_what_the_kernel_has),
		cmocka_unit_test(interfaces_are_as_wide_as_the_longest),
		cmocka_unit_test(pending_reads_like_the_configuration),
		cmocka_unit_test(unknown_tables_are_shown_plainly),
		cmocka_unit_test(odd_names_of_tables_are_cut),
		cmocka_unit_test(json_has_the_shape_of_smcroute),
		cmocka_unit_test(json_of_nothing_is_complete),
		cmocka_unit_test(json_names_the_kind_of_what_is_pending),
		cmocka_unit_test(events_are_lines),
		cmocka_unit_test(help_leaves_out_what_the_client_has_said),
		cmocka_unit_test(what_is_no_record_is_said),
		cmocka_unit_test(words_of_show_are_found_by_their_letter),
		cmocka_unit_test(announcements),
		cmocka_unit_test(who_asks_for_listeners),
		cmocka_unit_test(listeners),
		cmocka_unit_test(trees_of_pim),
		cmocka_unit_test(tables_of_pim),
		cmocka_unit_test(words_that_begin_alike),
		cmocka_unit_test(lists_have_names_of_their_own),
	};

	return cmocka_run_group_tests_name("smcroutectl tables", tests, NULL, done);
}
