#!/usr/bin/env bats
# compat_ctl.bats - commands of smcroute do here what they do there, and tables look the same
#
# The numbers of tests are those of the list of what smcroute does: 1.3 is its client, 1.4 what it
# prints.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
	use 4
}

teardown()
{
	net_teardown
}

use()
{
	af=$1
	case $af in
	4)
		s=10.0.0.2 g=239.1.1.1 groups=239.1.0.0/16
		;;
	6)
		s=fd00::2 g=ff05::1:1 groups=ff05::1:0/112
		;;
	esac
}

# says FILE COMMAND...: the client prints what stands in the file, blanks at ends of lines aside
says()
{
	ctl "${@:2}" | sed 's/ *$//' | diff "$1" -
}

@test "1.3 r is reload, rem is remove, and so on in smcroute's order" {
	daemon_start
	for word in r re rel reload reloading res rest restart restarted; do
		config <<<"mroute from eth0 source 10.0.0.2 group 239.2.2.2 to eth1"
		ctl "$word"
		has_mroute 10.0.0.2 239.2.2.2 eth0 eth1
		config </dev/null
		ctl "$word"
		has_no_mroute 10.0.0.2 239.2.2.2
	done
	for word in a ad add address; do
		ctl "$word" eth0 10.0.0.2 239.1.1.1 eth1
		has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
		ctl rem eth0 10.0.0.2 239.1.1.1
		has_no_mroute 10.0.0.2 239.1.1.1
	done
	for word in rem remo remove removed d de del delete; do
		ctl add eth0 10.0.0.2 239.1.1.1 eth1
		ctl "$word" eth0 10.0.0.2 239.1.1.1
		has_no_mroute 10.0.0.2 239.1.1.1
	done
	for word in j jo join joined; do
		ctl "$word" eth1 239.7.7.7
		ctl le eth1 239.7.7.7
	done
	for word in l le leave leaves; do
		ctl join eth1 239.7.7.7
		ctl "$word" eth1 239.7.7.7
	done
	ctl f
	ctl h | grep -q '^  join '
	ctl v | grep -q '^smcrouted: '
	ctl ki
	net_wait daemon
}

@test "1.3 show: the first letter of the word decides" {
	config <<<'mgroup from eth1 group 239.7.7.7
		   mroute from eth0 group 239.1.1.1 to eth1 eth9'
	daemon_start
	for word in g gr groups; do
		assert_equal "$(ctl -t sh $word | tr -s ' ')" "(*, 239.7.7.7) eth1"
	done
	for word in i int interface; do
		assert_equal "$(ctl -t s $word | grep -c N/A)" 4
	done
	for word in p pend; do
		ctl -t show "$word" | grep -q '^mroute  from eth0 group 239.1.1.1 to'
	done
	for word in "" r ro routes; do
		# shellcheck disable=SC2086 # no word, or one
		assert_equal "$(ctl -t show $word)" "$(ctl -t)"
	done
}

grows_and_shrinks()
{
	use "$1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	ctl add eth0 "$groups" eth1 eth2
	ctl add eth0 "$g" eth1
	net_send source "$g" count 2
	got_all l1 2
	got_all l2 2
	# one to the set, one from it
	ctl add eth0 "$g" eth2
	ctl remove eth0 "$g" eth1
	assert_equal "$(ctl -t show | grep -F "(*, $g)" | tr -s ' ')" "(*, $g) eth0 eth2"
	net_send source "$g" count 2
	got_all l2 4
	got_all l1 4
	# none is left: it stops what the range would take
	ctl remove eth0 "$g" eth2
	assert_equal "$(ctl -t show | grep -F "(*, $g)" | tr -s ' ' | sed 's/ $//')" \
		"(*, $g) eth0"
	has_mroute "$s" "$g" eth0
	net_send source "$g" count 2
	ctl remove eth0 "$g"
	wait_until 5 has_mroute "$s" "$g" eth0 eth1 eth2
	net_send source "$g" count 3
	got_all l1 7
	got_all l2 7
}

@test "1.3 IPv4: add adds to the set, remove takes from it, and none left is a stop filter" {
	grows_and_shrinks 4
}

@test "1.3 IPv6: add adds to the set, remove takes from it, and none left is a stop filter" {
	grows_and_shrinks 6
}

exact_too()
{
	use "$1"
	daemon_start
	ctl add eth0 "$s" "$g" eth1
	ctl add eth0 "$s" "$g" eth2
	has_mroute "$s" "$g" eth0 eth1 eth2
	ctl remove eth0 "$s" "$g" eth1 eth2
	has_mroute "$s" "$g" eth0
	ctl remove eth0 "$s" "$g"
	has_no_mroute "$s" "$g"
}

@test "1.3 IPv4: the same with a source" {
	exact_too 4
}

@test "1.3 IPv6: the same with a source" {
	exact_too 6
}

@test "1.3 add: an outgoing interface may be unknown, the incoming one is an error" {
	daemon_start
	ctl add eth0 239.1.1.1 eth1 nosuch
	assert_equal "$(ctl show pending | tail -n 2)" \
		"mroute  from eth0 group 239.1.1.1 to eth1 nosuch"
	net_send source 239.1.1.1
	wait_until 5 has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	for command in "add nosuch2 239.1.1.2 eth1" "join nosuch2 239.7.7.7"; do
		# shellcheck disable=SC2086 # words
		run ctl $command
		assert_failure 1
		assert_output "smcroutectl: there is no interface nosuch2, -w waits for it"
	done
	run ctl show
	refute_output --partial nosuch2
	assert_equal "$(ctl show groups)" ""
}

member()
{
	on router ip "-$af" maddr show dev eth1 | grep -qE " $g( |\$)"
}

# Each is left by itself, in whatever order.
with_and_without()
{
	use "$1"
	daemon_start
	for words in "$g" "$s $g"; do
		ctl join eth1 "$g"
		# shellcheck disable=SC2086 # words
		{
			ctl join eth1 "$s" "$g"
			ctl leave eth1 $words
			member
			run ctl leave eth1 $words
		}
		assert_failure 1
		if [ "$words" = "$g" ]; then
			ctl leave eth1 "$s" "$g"
		else
			ctl leave eth1 "$g"
		fi
		run member
		assert_failure
	done
}

@test "1.3 IPv4: a group that is joined with a source and without" {
	with_and_without 4
}

@test "1.3 IPv6: a group that is joined with a source and without" {
	with_and_without 6
}

@test "1.3 a command of any length" {
	daemon_start
	# shellcheck disable=SC2046 # words
	ctl add eth0 239.1.1.1 eth1 $(printf 'eth2 %.0s' $(seq 1000)) $(printf 'no%d ' $(seq 30))
	net_send source 239.1.1.1
	wait_until 5 has_mroute 10.0.0.2 239.1.1.1 eth0 eth1 eth2
	echo "  add eth0 239.1.1.2 eth1 $(printf 'eth2 %.0s' $(seq 1000)) # done" | ctl -b
	net_send source 239.1.1.2
	wait_until 5 has_mroute 10.0.0.2 239.1.1.2 eth0 eth1 eth2
}

# As smcroute 2.5.6 prints it, but for blanks at the end of lines
shown()
{
	config <<-'END'
	mgroup from eth0 group 225.1.2.3
	mgroup from eth0 source 10.0.0.7 group 232.1.2.3
	mroute from eth0 group 225.1.2.3/24 to eth1 eth2
	mroute from eth0 source 10.0.0.9 group 225.9.9.9 to eth1
	mroute group 225.9.9.10 source 10.0.0.9 from eth0
	mroute from eth0 source 10.0.0.0/24 group 225.8.0.0/16 to eth2
	mroute from eth0 source fd00::9 group ff05::1 to eth2
	END
	daemon_start
}

@test "1.4 show routes" {
	shown
	cat >"$BATS_TEST_TMPDIR/p" <<-'END'
	_______________________________________________________________________________
	(*,G) Template Rules
	===============================================================================
	ROUTE (S,G)                                IIF   OIFS
	===============================================================================
	(*, 225.1.2.3/24)                          eth0  eth1 eth2
	(10.0.0.0/24, 225.8.0.0/16)                eth0  eth2
	_______________________________________________________________________________
	(S,G) Rules
	===============================================================================
	ROUTE (S,G)                                IIF   OIFS
	===============================================================================
	(10.0.0.9, 225.9.9.9)                      eth0  eth1
	(10.0.0.9, 225.9.9.10)                     eth0
	(fd00::9, ff05::1)                         eth0  eth2
	_______________________________________________________________________________
	Kernel MFC Table
	===============================================================================
	ROUTE (S,G)                                IIF   OIFS
	===============================================================================
	(10.0.0.9, 225.9.9.9)                      eth0  eth1
	(fd00::9, ff05::1)                         eth0  eth2
	(10.0.0.9, 225.9.9.10)                     eth0

	END
	says "$BATS_TEST_TMPDIR/p" -p show
	says "$BATS_TEST_TMPDIR/p" -p show routes
	says "$BATS_TEST_TMPDIR/p" -p
	grep -v -e ^=== -e ^___ -e Rules -e Table -e ROUTE "$BATS_TEST_TMPDIR/p" \
		>"$BATS_TEST_TMPDIR/t"
	says "$BATS_TEST_TMPDIR/t" -t show
}

@test "1.4 show routes -d: packets and bytes between the interfaces" {
	shown
	run ctl -p -d show
	assert_line "ROUTE (S,G)                                IIF     PACKETS      BYTES  OIFS"
	assert_line --partial \
		"(*, 225.1.2.3/24)                          eth0          0          0  eth1 eth2"
	net_send source 225.1.2.9 count 3 size 72
	wait_until 5 has_mroute 10.0.0.2 225.1.2.9 eth0 eth1 eth2
	counted_all()
	{
		ctl -t -d show | grep -qF \
			"(10.0.0.2, 225.1.2.9)                      eth0          3        300  eth1 eth2"
	}
	wait_until 5 counted_all
}

@test "1.4 the IIF column is as wide as the longest name" {
	on router ip link add a-long-one type veth peer name other
	config <<<'mroute from eth0 group 225.1.2.0/24 to a-long-one
		   mroute from a-long-one group 225.1.2.0/24 to eth0'
	daemon_start
	run ctl -p show
	assert_line "ROUTE (S,G)                                IIF         OIFS"
	assert_line "(*, 225.1.2.0/24)                          eth0        a-long-one"
	assert_line "(*, 225.1.2.0/24)                          a-long-one  eth0"
}

@test "1.4 show groups" {
	shown
	cat >"$BATS_TEST_TMPDIR/p" <<-'END'
	_______________________________________________________________________________
	Group Memberships Table
	===============================================================================
	GROUP (S,G)                                IIF
	===============================================================================
	(*, 225.1.2.3)                             eth0
	(10.0.0.7, 232.1.2.3)                      eth0

	END
	says "$BATS_TEST_TMPDIR/p" -p show groups
	printf '%s\n' "(*, 225.1.2.3)                             eth0" \
		"(10.0.0.7, 232.1.2.3)                      eth0" "" >"$BATS_TEST_TMPDIR/t"
	says "$BATS_TEST_TMPDIR/t" -t show groups
	run ctl -p -d show groups
	assert_line --index 7 _______________________________________________________________________________
	assert_line --index 8 "Kernel Group Membership Table"
	assert_line --index 10 --regexp '^\(\*, 225.1.2.3\) +eth0'
	assert_line --index 11 --regexp '^\(10.0.0.7, 232.1.2.3\) +eth0'
	# nothing at all, if there is none
	config </dev/null
	ctl reload
	assert_equal "$(ctl show groups)" ""
}

@test "1.4 show interfaces" {
	shown
	run ctl -p show interfaces
	assert_line --index 0 ===============================================================================
	assert_line --index 1 " INDEX PHYINT  VIF  MIF"
	assert_line --index 3 "     1 lo      N/A  N/A"
	for row in "eth0      0    0" "eth1      1  N/A" "eth2      2    1"; do
		assert_line "$(printf '%6d %s' "$(on router cat "/sys/class/net/${row%% *}/ifindex")" \
			"$row")"
	done
}

@test "1.4 show pending" {
	daemon_start
	assert_equal "$(ctl show pending)" "No pending routes or groups"
	config <<<'mgroup from no0 group 225.1.2.3
		   mgroup from no0 source 10.0.0.7 group 232.1.2.3
		   mroute from eth0 group 225.1.2.0/24 to no1 no2
		   mroute from no0 source fd00::9 group ff05::1 to eth1
		   mroute from eth0 group 225.1.2.3 to eth1'
	ctl reload
	cat >"$BATS_TEST_TMPDIR/p" <<-'END'
	_______________________________________________________________________________
	PENDING ROUTES AND GROUPS
	===============================================================================
	mroute  from eth0 group 225.1.2.0/24 to no1 no2
	mroute  from no0 source fd00::9 group ff05::1 to eth1
	mgroup  from no0 group 225.1.2.3
	mgroup  from no0 source 10.0.0.7 group 232.1.2.3

	END
	says "$BATS_TEST_TMPDIR/p" -p show pending
}

@test "1.4 -j: the members that smcroute has, and more routes than fit into its buffer" {
	shown
	for i in $(seq 200); do
		echo "add eth0 10.0.0.2 239.1.1.$i eth1 eth2 no$((i % 5))"
	done | ctl -b
	for what in routes groups interfaces pending; do
		ctl -j show $what
	done | python3 -c '
import json, sys
text, docs, at = sys.stdin.read(), {}, 0
while text[at:].strip():
    doc, end = json.JSONDecoder().raw_decode(text[at:].lstrip())
    at += len(text[at:]) - len(text[at:].lstrip()) + end
    docs.update(doc)
routes = docs["routes"]
assert list(routes) == ["asm", "ssm", "kernel"], list(routes)
for table in routes.values():
    for r in table:
        assert {"source", "group", "iif", "oifs"} <= set(r), r
def plain(r):
    return r["source"], r["group"], r["iif"], r["oifs"]
assert [plain(r) for r in routes["asm"]] == [
    (None, "225.1.2.3/24", "eth0", ["eth1", "eth2"]),
    ("10.0.0.0/24", "225.8.0.0/16", "eth0", ["eth2"])], routes["asm"]
assert len(routes["ssm"]) == len(routes["kernel"]) == 203
assert ("fd00::9", "ff05::1", "eth0", ["eth2"]) in [plain(r) for r in routes["kernel"]]
assert ("10.0.0.9", "225.9.9.10", "eth0", []) == plain(routes["kernel"][-1])
for table in "conf", "kernel":
    assert [(g["source"], g["group"], g["iif"]) for g in docs["groups"][table]] == [
        (None, "225.1.2.3", "eth0"), ("10.0.0.7", "232.1.2.3", "eth0")], docs["groups"]
ifs = {i["name"]: i for i in docs["interfaces"]}
assert ifs["lo"]["index"] == 1 and ifs["lo"]["vif"] is None and ifs["lo"]["mif"] is None
assert ifs["eth0"]["vif"] == 0 and ifs["eth0"]["mif"] == 0 and ifs["eth1"]["mif"] is None
assert len(docs["pending"]) == 200
p = docs["pending"][0]
assert p["kind"] == "mroute" and p["iif"] == "eth0" and p["source"] == "10.0.0.2", p
assert p["oifs"][:2] == ["eth1", "eth2"], p
'
}

@test "1.4 on a terminal: titles underlined, heads inverse, as wide as it is" {
	shown
	run on router script -qec "stty cols 80; smcroutectl -u $daemon_socket show" /dev/null
	assert_success
	assert_line --index 0 --partial "$(printf '\033[4m%79s' "")"
	assert_line --index 1 --partial "(*,G) Template Rules"
	assert_line --index 2 --partial \
		"$(printf '\033[7mROUTE (S,G)                                IIF   OIFS')"
}
