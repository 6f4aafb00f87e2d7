#!/usr/bin/env bats
# gm_querier.bats - who asks on a link, when, and in which version

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

bats_require_minimum_version 1.5.0
load net
load daemon
load gm

setup()
{
	gm_setup
}

teardown()
{
	net_teardown
}

# A LAN with the router, who has the lowest address there, and a second router
two_routers()
{
	gm_lan 3 other host
	if [ "$af" = 4 ]; then
		me=10.0.3.1 it=10.0.3.2
	else
		me=fe80::1 it=fe80::2
		on router ip -6 addr flush dev eth3 scope link
		on other ip -6 addr flush dev eth0 scope link
		net_addr router eth3 $me/64
		net_addr other eth0 $it/64
	fi
	gm_hear wire host
}

# other_start WORDS...: the second router's daemon, with these words of phyint
other_start()
{
	echo "phyint eth0 $igmp $*" >"$BATS_TEST_TMPDIR/other.conf"
	net_start other other smcrouted -n -f "$BATS_TEST_TMPDIR/other.conf" \
		-u "$BATS_TEST_TMPDIR/other.sock" -P "$BATS_TEST_TMPDIR/other.pid"
	wait_until 10 test -s "$BATS_TEST_TMPDIR/other.pid"
}

# asks ADDRESS COUNT: general queries from there, as many from now on
asks()
{
	wait_until 10 heard_times wire "$1 > $all .*query" $(($(heard wire "$1 > $all .*query") + $2))
}

election()
{
	local before

	use "$1"
	two_routers
	other_start "$igmp-query-interval 1 $igmp-response-interval 0.2"
	asks $it 2

	# the one with the lower address takes over
	config <<<"phyint eth3 $igmp $igmp-query-interval 1 $igmp-response-interval 0.2"
	daemon_start
	asks $me 1
	before=$(heard wire "$it > $all .*query")
	asks $me 2
	[ "$(heard wire "$it > $all .*query")" -eq "$before" ]
	port_shows eth3 querier $me

	# and when it is gone, the other one does again, after RV * QI + QRI / 2
	daemon_stop
	asks $it 1
	between 2000 2300 $(($(at wire "$it > $all .*query" $((before + 1))) -
		$(at wire "$me > $all .*query" 0)))
}

@test "GM-27, GM-28, GM-31: the lower address asks, and when it is gone, the other one does" {
	election 4
}

@test "GM-99: MLD: the lower address asks, and when it is gone, the other one does" {
	election 6
}

@test "GM-29, GM-31: who hears a lower address is silent, tells so, and takes over" {
	use 4
	gm_lan 3 host
	config <<<"phyint eth3 igmp igmp-query-interval 60 igmp-response-interval 0.4"
	daemon_start
	feed_start
	gm_hear wire host
	port_shows eth3 querier 10.0.3.1
	on host ip addr add 10.0.3.0/24 dev eth0
	gmcast host query from 10.0.3.0 qrv 1 qqi 1 mrt 400
	wait_until 5 port_shows eth3 querier 10.0.3.0
	# one that is not the lowest does not keep it silent
	gmcast host query from 10.0.3.2 qrv 1 qqi 100 mrt 400
	# QRV * QQI + QRI / 2
	wait_until 5 port_shows eth3 querier 10.0.3.1
	wait_for wire "10.0.3.1 > $all .*query v3 mrt 400 qrv 2 qqi 60"
	between 1100 1700 $(($(at wire "10.0.3.1 > $all") - $(at wire '10.0.3.0 >')))
	wait_for feed 'querier .*interface=eth3 .*address=10.0.3.0'
	wait_for feed 'querier .*interface=eth3 .*address=10.0.3.1'
}

@test "GM-30: a query from 0.0.0.0 wins nothing" {
	use 4
	config <<<"phyint eth1 igmp igmp-query-interval 2 igmp-response-interval 0.2"
	daemon_start
	gm_hear wire listener1
	gmcast listener1 query from 0.0.0.0
	wait_for wire '10.0.1.1 > .*query'
	port_shows eth1 querier 10.0.1.1
	[ "$(port_value eth1 queries)" -ge 1 ]
}

# A startup is to be seen: the interface comes
startup_of()
{
	on router ip link set eth1 down
	daemon_start
	gm_hear wire listener1
	on router ip link set eth1 up
}

@test "GM-25, GM-36: queries of each version" {
	use 4
	for version in 1 2 3; do
		case $version in
		1) what='query v1 mrt 10000' ;;
		2) what='query v2 mrt 3000' ;;
		3) what='query v3 mrt 3000 qrv 2 qqi 125' ;;
		esac
		config <<<"phyint eth1 igmp igmp-version $version igmp-startup-response 3"
		startup_of
		wait_for wire "10.0.1.1 > 224.0.0.1 ttl 1 tos 0xc0 alert $what\$"
		daemon_stop
		net_stop wire || :
	done
	use 6
	for version in 1 2; do
		[ $version = 2 ] && what='query v3 mrt 3000 qrv 2 qqi 125' ||
			what='query v2 mrt 3000'
		config <<<"phyint eth1 mld mld-version $version mld-startup-response 3"
		startup_of
		wait_for wire "fe80::[0-9a-f:]* > ff02::1 ttl 1 tos 0xc0 alert $what\$"
		daemon_stop
		net_stop wire || :
	done
}

@test "GM-24, GM-107: the first queries, and those behind" {
	use 4
	config <<-END
		phyint eth1 igmp igmp-startup-count 3 igmp-startup-interval 0.2
		phyint eth1 igmp-startup-response 0.5
		phyint eth1 igmp-query-interval 1 igmp-response-interval 0.7
	END
	startup_of
	wait_until 10 heard_times wire 'query v3 mrt 700 ' 2
	[ "$(heard wire 'query v3 mrt 500 ')" -eq 3 ]
	for n in 1 2; do
		between 150 300 $(($(at wire query $((n + 1))) - $(at wire query $n)))
	done
	between 900 1200 $(($(at wire query 5) - $(at wire query 4)))
	# the interface comes again: the same again
	on router ip link set eth1 down
	on router ip link set eth1 up
	wait_until 10 heard_times wire 'query v3 mrt 500 ' 6
}

@test "GM-22: a downstream without an IPv4 address is asked from 0.0.0.0" {
	use 4
	on router ip -4 addr flush dev eth1
	config <<<"phyint eth1 igmp igmp-query-interval 2 igmp-response-interval 0.5"
	daemon_start
	gm_hear wire listener1
	wait_for wire '0.0.0.0 > 224.0.0.1 ttl 1 tos 0xc0 alert query v3'
	net_listen tv listener1 "$asm"
	wait_until 5 has_group eth1 "$asm"
	gmcast listener1 to_ex "$asm2" from 10.77.7.7
	wait_until 5 has_group eth1 "$asm2"
	# others are never outbid by it
	gmcast listener1 query from 10.0.1.2
	wait_until 5 port_shows eth1 querier 10.0.1.2
}

@test "a downstream whose address changes is asked from the new one" {
	use 4
	fast eth1 | config
	daemon_start
	gm_hear wire listener1
	on router ip addr del 10.0.1.1/24 dev eth1
	net_addr router eth1 10.0.1.77/24
	wait_for wire '10.0.1.77 > .*query v3 mrt 300 '
	port_shows eth1 querier 10.0.1.77
	net_listen tv listener1 "$asm"
	wait_until 5 has_group eth1 "$asm"
}

@test "GM-32, GM-33: who is not querier asks nobody, and hears what the querier asks" {
	use 4
	config <<-END
		phyint eth1 igmp
	END
	daemon_start
	on listener1 ip addr add 10.0.1.0/24 dev eth0
	gmcast listener1 query from 10.0.1.0
	wait_until 5 port_shows eth1 querier 10.0.1.0
	gmcast listener1 report2 "$asm"
	gmcast listener1 to_ex "$asm2"
	wait_until 5 has_group eth1 "$asm2"
	gm_hear wire listener1
	gmcast listener1 leave "$asm"
	gmcast listener1 query "$asm2" from 10.0.1.0 mrt 500 s
	gmcast listener1 to_ex 239.1.1.3
	wait_until 5 has_group eth1 239.1.1.3
	# nothing but the querier's word without S shortens
	gmcast listener1 query "$asm2" from 10.0.1.0 mrt 300
	wait_until 5 has_no_group eth1 "$asm2"
	has_group eth1 "$asm"
	run ! grep '10.0.1.1 > .*query' "$(net_log wire)"
}

@test "no-querier: never a question, whoever else asks or not" {
	use 4
	config <<<"phyint eth1 igmp igmp-no-querier igmp-startup-interval 0.1"
	startup_of
	net_listen tv listener1 "$asm"
	wait_until 5 has_group eth1 "$asm"
	run ! grep '10.0.1.1 > .*query' "$(net_log wire)"
}

@test "GM-37: a querier of another version is told of" {
	use 4
	config <<<"phyint eth1 igmp"
	daemon_start
	gmcast listener1 query2 count 3
	wait_for daemon 'eth1: .*IGMPv?2'
}

# asked_sources: in the longest query of the group, and in all of them together
asked_sources()
{
	sed -nE "s/.* query v3 $ssm (.*) mrt .*/\\1/p" "$(net_log wire)" |
		awk '{ sum += NF; if (NF > most) most = NF } END { print most, sum }'
}

# long_list FAMILY MOST SOURCE...: each is asked for twice, in packets that take that many at most
long_list()
{
	use "$1"
	config <<<"phyint eth1 $igmp $igmp-last-member-interval 0.2"
	daemon_start
	gm_hear wire listener1
	gmcast listener1 allow "$ssm" "${@:3}"
	wait_until 5 group_shows eth1 "$ssm" sources $(($# - 2))
	gmcast listener1 block "$ssm" "${@:3}"
	wait_until 5 has_no_group eth1 "$ssm"
	assert_equal "$(asked_sources)" "$2 $((($# - 2) * 2))"
}

@test "GM-21, GM-57: IGMPv3 queries of more sources than a packet takes" {
	local sources

	# (1500 - 24 - 12) / 4
	mapfile -t sources < <(for n in {0..4}; do printf "10.0.$n.%d\n" {1..100}; done)
	long_list 4 366 "${sources[@]}"
}

@test "GM-103, GM-57: MLDv2 queries of more sources than a packet takes" {
	local sources

	# (1500 - 48 - 28) / 16
	mapfile -t sources < <(printf 'fd00::1:%x\n' {1..200})
	long_list 6 89 "${sources[@]}"
}

@test "GM-38, GM-98: the router is a member of the groups that messages go to" {
	config <<<"phyint eth1 igmp mld"
	daemon_start
	for group in 224.0.0.2 224.0.0.22 ff02::2 ff02::16; do
		wait_until 5 has_member eth1 $group
	done
}

has_member()
{
	on router ip maddr show dev "$1" | grep -qw "$2"
}
