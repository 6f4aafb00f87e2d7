#!/usr/bin/env bats
# rpf.bats - unicast routes as the kernel side finds them, and what it hears of their changes
#
# linux_probe stands where the router would: "route FAMILY ADDRESS" is a lookup, and each hint
# that routes changed is a line.

load net
load probe

setup()
{
	net_setup
	probe_start router
}

teardown()
{
	probe_teardown
}

# use FAMILY: $af is it, $n1 and $n2 are neighbors of eth1 and eth2, $own and $net eth1's address
# and its link's prefix length, $host that of a host, $m the metric of a route without one, $lm
# that of a link's; $to is an address of the prefix $far, whose length is $len
use()
{
	af=$1
	case $1 in
	4)
		family=IPv4 n1=10.0.1.2 n2=10.0.2.2 own=10.0.1.1 net=24 host=32 m=0 lm=0
		far=10.9.0.0/16 to=10.9.1.1 len=16 longer=10.9.1.0/24 longer_len=24
		;;
	6)
		family=IPv6 n1=fd00:1::2 n2=fd00:2::2 own=fd00:1::1 net=64 host=128 m=1024 lm=256
		far=fd09::/16 to=fd09:1::1 len=16 longer=fd09:1::/32 longer_len=32
		;;
	esac
}

# route_is ANSWER [ADDRESS]: the lookup finds just that
route_is()
{
	answer_is "$1" router route "$af" "${2:-$to}"
}

# change COMMAND...: what it does to the router's routes is heard of
change()
{
	local before

	before=$(said "^routes $family$")
	on router ip "-$af" "$@"
	wait_until 5 hints_beyond "$before"
}

hints_beyond()
{
	[ "$(said "^routes $family$")" -gt "$1" ]
}

routes_are_found()
{
	use "$1"
	route_is "own eth1 /$host pref 0 metric 0 mtu 1500" "$own"
	route_is "via eth1 /$net pref 0 metric $lm mtu 1500" "$n1"
	route_is "not reachable"
	change route add "$far" via "$n1" proto bgp
	route_is "via $n1 eth1 /$len pref 20 metric $m mtu 1500"
	change route add "$longer" via "$n2" metric 7 proto ospf mtu 1400
	route_is "via $n2 eth2 /$longer_len pref 110 metric 7 mtu 1400"
	change route del "$longer"
	change route replace "$far" via "$n2"
	route_is "via $n2 eth2 /$len pref 1 metric $m mtu 1500"
	change route del "$far"
	route_is "not reachable"
	change route add default via "$n1" metric 9 proto 77
	route_is "via $n1 eth1 /0 pref 254 metric 9 mtu 1500"
}

@test "IPv4: routes are found, with whose they are and how long" {
	routes_are_found 4
}

@test "IPv6: routes are found, with whose they are and how long" {
	routes_are_found 6
}

# Those of less worth that would lead on are not asked.
ways_end()
{
	local kind

	use "$1"
	change route add default via "$n1"
	for kind in blackhole unreachable prohibit; do
		change route add "$kind" "$far"
		route_is "not reachable"
		change route del "$kind" "$far"
		route_is "via $n1 eth1 /0 pref 1 metric $m mtu 1500"
	done
	[ "$(said '^log ')" -eq 0 ]
}

@test "IPv4: a route can lead nowhere" {
	ways_end 4
}

@test "IPv6: a route can lead nowhere" {
	ways_end 6
}

@test "IPv4: broadcast addresses are nobody's" {
	use 4
	route_is "not reachable" 10.0.1.255
	route_is "not reachable" 255.255.255.255
}

@test "IPv4: a gateway can be an IPv6 one" {
	use 4
	change route add "$far" via inet6 fe80::9 dev eth1
	route_is "via fe80::9 eth1 /16 pref 1 metric 0 mtu 1500"
}

ways_are_many()
{
	use "$1"
	change route add "$far" nexthop via "$n2" nexthop via "$n1"
	route_is "via $n1 eth1 $n2 eth2 /$len pref 1 metric $m mtu 1500"
	change route replace "$far" nexthop via "$n1" nexthop via "$n2"
	route_is "via $n1 eth1 $n2 eth2 /$len pref 1 metric $m mtu 1500"
	on router ip link set eth1 mtu 1300
	wait_for router '^link eth1 .* mtu 1300'
	route_is "via $n1 eth1 $n2 eth2 /$len pref 1 metric $m mtu 1300"

	# IPv4 does not tell: the link's own news must do
	on router ip link set eth1 down
	wait_for router '^link eth1 down'
	wait_until 5 route_is "via $n2 eth2 /$len pref 1 metric $m mtu 1500"
	on router ip link set eth1 up
	wait_until 5 route_is "via $n1 eth1 $n2 eth2 /$len pref 1 metric $m mtu 1300"
}

@test "IPv4: there can be many ways at once, always in one order" {
	ways_are_many 4
}

@test "IPv6: there can be many ways at once, always in one order" {
	ways_are_many 6
}

@test "of many ways the lowest gateways are taken" {
	local i hops=()

	use 4
	for i in {20..2}; do
		hops+=(nexthop via "10.0.1.$i")
	done
	change route add "$far" "${hops[@]}"
	route_is "via 10.0.1.2 eth1 10.0.1.3 eth1 10.0.1.4 eth1 10.0.1.5 eth1 10.0.1.6 eth1 \
10.0.1.7 eth1 10.0.1.8 eth1 10.0.1.9 eth1 /16 pref 1 metric 0 mtu 1500"
}

next_hop_objects()
{
	use "$1"
	change nexthop add id 5 via "$n1" dev eth1
	change route add "$far" nhid 5
	route_is "via $n1 eth1 /$len pref 1 metric $m mtu 1500"
	change nexthop replace id 5 via "$n2" dev eth2
	route_is "via $n2 eth2 /$len pref 1 metric $m mtu 1500"
	# the answer has nothing but the number then
	on router sh -c 'echo 0 >/proc/sys/net/ipv4/nexthop_compat_mode'
	route_is "via $n2 eth2 /$len pref 1 metric $m mtu 1500"
}

@test "IPv4: next hops that are objects" {
	next_hop_objects 4
}

@test "IPv6: next hops that are objects" {
	next_hop_objects 6
}

links_go_down()
{
	local other

	use "$1"
	change route add "$far" via "$n1"
	on router ip link set eth1 down
	wait_for router '^link eth1 down'
	wait_until 5 route_is "not reachable"
	wait_until 5 route_is "not reachable" "$n1"
	case $af in
	4) route_is "own eth1 /32 pref 0 metric 0 mtu 1500" "$own" ;;
	6) wait_until 5 route_is "not reachable" "$own" ;;
	esac
	on router ip link set eth1 up
	other=$(said "^routes $family$")
	wait_until 5 hints_beyond "$other"
	on router ip link del eth1
	wait_for router '^gone '
	route_is "not reachable" "$own"
}

@test "IPv4: a link that goes down takes its routes along" {
	links_go_down 4
}

@test "IPv6: a link that goes down takes its routes along" {
	links_go_down 6
}

# Of IPv4 routes that go with a link there is no news, and that of the link comes a moment before.
@test "a link without IPv6 that goes down is a hint when all is done" {
	use 4
	on router ip link add lone type veth peer name peer
	on router ip link set peer up
	on router sh -c 'echo 1 >/proc/sys/net/ipv6/conf/lone/disable_ipv6'
	on router ip link set lone up
	on router ip addr add 10.7.0.1/24 dev lone
	wait_until 5 route_is "via lone /24 pref 0 metric 0 mtu 1500" 10.7.0.2
	wait_until 5 hints_have_settled
	hints=$(said '^routes')
	on router ip link set lone down
	wait_for router '^link lone down'
	wait_until 5 hints_are $((hints + 2))
	route_is "not reachable" 10.7.0.2
}

# A carrier is no matter of routing: so sim_carrier() of the simulator keeps routes too.
carrier_is_lost()
{
	use "$1"
	on router ip link add lone type veth peer name peer
	on router ip link set peer up
	on router ip link set lone up
	on router ip addr add 10.7.0.1/24 dev lone
	on router ip addr add fd07::1/64 dev lone nodad
	wait_until 5 route_is "via lone /$net pref 0 metric $lm mtu 1500" "$2"
	on router ip link set peer down
	wait_until 5 last_link_is_down
	route_is "via lone /$net pref 0 metric $lm mtu 1500" "$2"
	on router ip link set lone down
	wait_until 5 route_is "not reachable" "$2"
}

last_link_is_down()
{
	grep '^link lone ' "$(net_log router)" | tail -n 1 | grep -q '^link lone down'
}

@test "IPv4: a carrier that is lost takes no routes along" {
	carrier_is_lost 4 10.7.0.2
}

@test "IPv6: a carrier that is lost takes no routes along" {
	carrier_is_lost 6 fd07::2
}

hints_are()
{
	[ "$(said '^routes')" -eq "$1" ]
}

# The probe has been silent for longer than a hint is put off.
hints_have_settled()
{
	local last

	last=$(stat -c %.6Y "$(net_log router)")
	[ $((${EPOCHREALTIME/[.,]/} - ${last/[.,]/})) -gt 500000 ]
}

hints_beyond_all()
{
	[ "$(said '^routes')" -gt "$1" ]
}

address_is_ours()
{
	use "$1"
	change route add "$far" via "$n1"
	change addr add "$to/$longer_len" dev eth2
	route_is "own eth2 /$host pref 0 metric 0 mtu 1500"
	change addr del "$to/$longer_len" dev eth2
	route_is "via $n1 eth1 /$len pref 1 metric $m mtu 1500"
}

@test "IPv4: an address becomes our own, and stops to be" {
	address_is_ours 4
}

@test "IPv6: an address becomes our own, and stops to be" {
	address_is_ours 6
}

rules_count()
{
	use "$1"
	change route add "$far" via "$n1"
	change route add "$far" via "$n2" table 200
	route_is "via $n1 eth1 /$len pref 1 metric $m mtu 1500"
	change rule add to "$far" lookup 200
	route_is "via $n2 eth2 /$len pref 1 metric $m mtu 1500"
	change rule del to "$far" lookup 200
	route_is "via $n1 eth1 /$len pref 1 metric $m mtu 1500"
}

@test "IPv4: rules of routing count" {
	rules_count 4
}

@test "IPv6: rules of routing count" {
	rules_count 6
}

@test "rules of multicast routing and the other family's routes are no hint" {
	use 4
	wait_until 5 hints_have_settled
	hints=$(said '^routes IPv4$')
	on router ip mrule add iif eth1 lookup 100
	on router ip -6 route add fd09::/16 via fd00:1::2
	wait_for router '^routes IPv6$'
	[ "$(said '^routes IPv4$')" -eq "$hints" ]
}

# Two thousand changes at once overrun the socket; the last of them must not be missed.
burst()
{
	local i hints

	use "$1"
	wait_until 5 hints_have_settled
	hints=$(said '^routes')
	net_signal router STOP
	for i in {1..2000}; do
		echo "route add $longer via $n1 metric $i"
	done >"$BATS_TEST_TMPDIR/batch"
	on router ip "-$af" -batch "$BATS_TEST_TMPDIR/batch"
	net_signal router CONT
	wait_until 5 hints_beyond_all "$hints"
	wait_until 5 hints_have_settled
	[ "$(said '^routes')" -le $((hints + 20)) ]
	route_is "via $n1 eth1 /$longer_len pref 1 metric 1 mtu 1500"
	[ "$(said '^log ')" -eq 0 ]

	# and after it news are heard again, each for what it is
	hints=$(said '^routes')
	change route del "$longer" metric 1
	route_is "via $n1 eth1 /$longer_len pref 1 metric 2 mtu 1500"
	wait_until 5 hints_have_settled
	hints_are $((hints + 1))
}

@test "IPv4: a burst of changes costs few hints" {
	burst 4
}

@test "IPv6: a burst of changes costs few hints" {
	burst 6
}

@test "what is lost in a burst of the other family's changes is looked for" {
	local i

	use 4
	change route add "$far" via "$n1"
	wait_until 5 hints_have_settled
	hints=$(said "^routes $family$")
	net_signal router STOP
	for i in {1..2000}; do
		echo "route add fd09::/16 via fd00:1::2 metric $i"
	done >"$BATS_TEST_TMPDIR/batch"
	on router ip -6 -batch "$BATS_TEST_TMPDIR/batch"
	on router ip route replace "$far" via "$n2"
	net_signal router CONT
	wait_until 5 hints_beyond "$hints"
	route_is "via $n2 eth2 /16 pref 1 metric 0 mtu 1500"
}
