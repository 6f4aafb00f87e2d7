#!/usr/bin/env bats
# mrd.bats - multicast router discovery (RFC 4286) on real packets, and what a bridge makes of it

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon
load probe

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
}

teardown()
{
	net_teardown
}

# What tells the messages of one family apart, and what is in each that the router sends
use()
{
	af=$1
	case $af in
	4)
		type=igmp.type advertisement=0x30 termination=0x32
		fields='-e ip.src -e ip.dst -e ip.ttl -e ip.opt.type -e igmp.type'
		me=10.0.1.1 snoopers=224.0.0.106 alert=148
		routers=224.0.0.2 proto=2 good=3100ceff family=IPv4
		;;
	6)
		type=icmpv6.type advertisement=151 termination=153
		fields='-e ipv6.src -e ipv6.dst -e ipv6.hlim -e ipv6.opt.router_alert -e icmpv6.type'
		me=$(link_local router eth1) snoopers=ff02::6a alert=0
		routers=ff02::2 proto=58 good=98000000 family=IPv6
		;;
	esac
}

link_local()
{
	on "$1" ip -6 -o addr show dev "$2" scope link | awk '{ sub(/\/.*/, "", $4); print $4 }'
}

# heard KIND [COUNT]: so many of that type or more are on the listener's wire
heard()
{
	net_captured wire "$type == $1" "${2:-1}"
}

# count KIND: how many there are by now
count()
{
	tshark -n -r "$BATS_TEST_TMPDIR/wire.pcap" -Y "$type == $1" 2>/dev/null | wc -l
}

# shown KEY: the number of that name in the row of eth1 and the family
shown()
{
	ctl -j show mrd |
		sed -nE "s/.*\"interface\":\"eth1\",\"family\":\"$family\",[^}]*\"$1\":([0-9]+).*/\1/p"
}

shows()
{
	[ "$(shown "$1")" = "$2" ]
}

# payload TYPE: the message behind the headers, in hex, one a line
payload()
{
	tshark -n -r "$BATS_TEST_TMPDIR/wire.pcap" -Y "$type == $1" -x 2>/dev/null |
		awk '/^[0-9a-f]+  / { line = substr($0, 7, 47); gsub(/ /, "", line); hex = hex line }
			!NF && hex { print hex; hex = "" }
			END { if (hex) print hex }'
}

announced()
{
	use "$1"
	net_capture wire listener1 eth0 'igmp or ip6'
	config <<<'phyint eth1 mrdisc'
	daemon_start -m 4
	# three within 6 s, and the next after about 4 s; RFC 4286 3.3, 3.4
	wait_until 15 heard "$advertisement" 5
	# shellcheck disable=SC2086 # several words
	run net_packets wire -Y "$type == $advertisement" -T fields -E separator=' ' $fields
	assert_line --index 0 "$me $snoopers 1 $alert $advertisement"
	assert_line --index 4 "$me $snoopers 1 $alert $advertisement"
	# RFC 4286 3.2: the interval, the checksum (that of IPv6 below), and that there is no querier
	run payload "$advertisement"
	case $af in
	4) assert_line --index 0 --regexp '3004cffb00000000$' ;;
	6) assert_line --index 0 --regexp '9704[0-9a-f]{4}00000000$' ;;
	esac
	run ctl show mrd
	assert_output --regexp "eth1 +$family +periodic +[0-9.]+ +[0-9]+ +0 +0"
}

@test "IPv4: Advertisements" {
	announced 4
}

@test "IPv6: Advertisements" {
	announced 6
	run net_packets wire -Y 'icmpv6.type == 151 && icmpv6.checksum.status == 1 && icmpv6.code == 4'
	[ "${#lines[@]}" -ge 5 ]
}

# solicit WORDS...: of the probe's send, from SOURCE on
solicit()
{
	answer_is ok listener1 send "$af" eth0 "$proto" "$@"
}

# The answer was sent, or two if the second one came behind the first answer.
answered()
{
	{ shows advertisements 2 || shows advertisements 3; } && [ "$(shown next)" -gt 100000 ]
}

solicited()
{
	local far=10.9.9.9 n

	use "$1"
	[ "$af" = 4 ] || far=fd00:1::2
	[ "$af" = 6 ] || on listener1 ip addr add $far/32 dev lo
	net_capture wire listener1 eth0 'igmp or ip6'
	config <<<'phyint eth1 mrdisc mrdisc-interval 180 mrdisc-initial 1'
	daemon_start
	wait_until 10 shows advertisements 1
	probe_start listener1

	# RFC 4286 2, 4.4, 7: what is wrong is counted by its reason, and not answered
	solicit - "$routers" 2 0 alert "$good"
	solicit - "$routers" 1 0 plain "$good"
	solicit "$far" "$routers" 1 0 alert "$good"
	n=3
	if [ "$af" = 4 ]; then
		solicit - "$routers" 1 0 alert 3100cefe
		solicit - "$routers" 1 0 alert 3100ce
		n=5
		wait_until 5 shows bad_checksum 1
		wait_until 5 shows bad_length 1
	fi
	wait_until 5 shows dropped $n
	shows bad_ttl 1
	shows no_alert 1
	shows bad_source 1
	[ "$(shown next)" -gt 100000 ]
	run ctl -t show mrd
	assert_line --regexp "^eth1 +$family .* $n  .*\[no_alert 1\]"

	# RFC 4286 3.4: a good one is, within 2 s, and once however many there are
	solicit - "$routers" 1 0 alert "$good"
	solicit - "$routers" 1 0 alert "${good}0000"
	wait_until 5 shows solicitations 2
	wait_until 5 answered
	heard "$advertisement" 2
	# it takes no vif
	[ "$(on router ip -4 maddr show dev eth1 | grep -cE ' 224\.0\.0\.2$')" -eq 1 ]
	run ctl show interfaces
	assert_output --regexp 'eth1 +N/A +N/A'
}

@test "IPv4: Solicitations are answered, and wrong ones counted" {
	solicited 4
}

@test "IPv6: Solicitations are answered, and wrong ones counted" {
	solicited 6
}

# RFC 4286 5.2, 5.3
taken_back()
{
	use "$1"
	net_capture wire listener1 eth0 'igmp or ip6'
	config <<<'phyint eth1 mrdisc'
	daemon_start
	wait_until 5 heard "$advertisement"

	# another process goes on: nothing ends, and that one announces itself as well
	ctl upgrade
	wait_until 5 shows advertisements 1
	heard "$advertisement" 2
	run heard "$termination"
	assert_failure

	config </dev/null
	ctl reload
	wait_until 5 heard "$termination"
	config <<<'phyint eth* mrdisc'
	ctl reload
	wait_until 5 shows advertisements 1
	config <<<'phyint eth* mrdisc
		phyint eth1 disable'
	ctl reload
	wait_until 5 heard "$termination" 2
	run ctl show mrd
	assert_output --regexp "eth1 +$family +disabled +-"
	config <<<'phyint eth* mrdisc'
	ctl reload
	wait_until 5 heard "$advertisement" $(($(count "$advertisement") + 1))
	daemon_stop
	wait_until 5 heard "$termination" 3
	# shellcheck disable=SC2086 # several words
	run net_packets wire -Y "$type == $termination" -T fields -E separator=' ' $fields
	assert_line --index 2 "$me $snoopers 1 $alert $termination"
	[ "${#lines[@]}" -eq 3 ]
	run payload "$termination"
	[ "$af" = 6 ] || assert_line --index 0 --regexp '3200cdff(0000)*$'
}

@test "IPv4: Terminations" {
	taken_back 4
}

@test "IPv6: Terminations" {
	taken_back 6
}

# switch_make: a bridge with snooping between the router's eth3 and a host
switch_make()
{
	net_host switch guest
	on switch ip link add br0 type bridge mcast_snooping 1
	on switch ip link set br0 up
	net_link router eth3 switch p0
	net_link guest eth0 switch p1
	on switch ip link set p0 master br0
	on switch ip link set p1 master br0
	net_addr router eth3 10.0.3.1/24
}

router_ports()
{
	on switch bridge -d mdb show | grep 'router ports'
}

knows_router()
{
	router_ports | grep -q 'p0'
}

@test "GM-109: IPv4: a snooping bridge learns where the router is" {
	switch_make
	on router ip -6 addr flush dev eth3
	config <<<'phyint eth3 mrdisc'
	daemon_start
	run knows_router
	assert_failure
	wait_until 5 knows_router
	run ctl -t show mrd
	assert_line --regexp '^eth3 +IPv6 +no address'
	run router_ports
	refute_output --partial p1
}

@test "GM-109: IPv6: a snooping bridge learns where the router is" {
	switch_make
	on router ip addr flush dev eth3 scope global
	config <<<'phyint eth3 mrdisc'
	daemon_start
	wait_until 5 knows_router
	run ctl -t show mrd
	assert_line --regexp '^eth3 +IPv4 +no address'
	run router_ports
	refute_output --partial p1
}

@test "an interface that comes late is announced, under a pattern too" {
	use 4
	config <<<'phyint late+ mrdisc'
	daemon_start
	run ctl -j show mrd
	assert_output '{"mrd":[]}'
	net_link router late0 source eth9
	net_addr router late0 10.0.9.1/24
	net_capture wire source eth9 'igmp or ip6'
	wait_until 5 heard 0x30
	use 6
	wait_until 5 heard 151
	run ctl -j show mrd
	python3 -m json.tool <<<"$output"
	assert_output --partial '"interface":"late0","family":"IPv4"'
	on router ip link del late0
	wait_until 5 ctl_shows_nothing
}

ctl_shows_nothing()
{
	[ "$(ctl -j show mrd)" = '{"mrd":[]}' ]
}

# RFC 4286 3.1.1
@test "an interval out of range is refused" {
	for sec in 3 181 0 -1 x '' 20s; do
		run smcrouted -m "$sec" -n -f /nonexistent
		assert_failure 64
		assert_line --index 0 "smcrouted: -m $sec: not from 4 to 180 seconds"
	done
}

@test "monitor tells where the router is announced" {
	config <<<'phyint eth1 mrdisc'
	daemon_start
	net_start monitor router smcroutectl -u "$daemon_socket" monitor mrd
	wait_for monitor 'mrd interface=eth1 family=IPv4 state=periodic' 10
	on router ip link set eth1 down
	wait_for monitor 'mrd interface=eth1 family=IPv6 state=down'
}
