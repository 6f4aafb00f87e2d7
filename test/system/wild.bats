#!/usr/bin/env bats
# wild.bats - groups that the kernel forwards by itself, and patterns of interface names

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon

setup()
{
	net_setup
}

teardown()
{
	net_teardown
}

# use FAMILY: $s is the source, on $dev of a second link $s1; $g and $h are groups
use()
{
	af=$1
	case $af in
	4) s=10.0.0.2 t=10.0.0.4 g=239.1.1.1 h=239.1.1.2 any=0.0.0.0 len=24 ;;
	6) s=fd00::2 t=fd00::4 g=ff05::1:1 h=ff05::1:2 any=:: len=64 ;;
	esac
	on source ip addr add "$t/$len" dev eth0 preferred_lft 0
}

# A second cable from the source to the router: eth1 there, eth3 here. What is sent out of it has
# the source's one address.
second_cable()
{
	net_link router eth3 source eth1
}

# send_by DEVICE COUNT: packets of $s to $g out of that device of the source
send_by()
{
	on source "$SMCKIT_BUILD/test/system/mcast" send "$1" "$g" from "$s" count "$2" interval 2
}

kernel_word()
{
	use "$1"
	config <<<"mroute from eth0 group $g kernel to eth1"
	daemon_start
	mroutes | grep -qx "$any $g eth0 eth0 eth1"
	net_listen l1 listener1 "$g"
	net_send source "$g" from "$s" count 10
	net_send source "$g" from "$t" count 10
	got_all l1 20
	[ "$(mroutes | wc -l)" -eq 1 ]
	# another interface more, and the same of no interface at all
	ctl add eth0 "$g" eth2
	wait_until 5 has_mroute "$any" "$g" eth0 eth0 eth1 eth2
	ctl remove eth0 "$g"
	wait_until 5 has_no_mroute "$any" "$g"
}

@test "IPv4: a route of the kernel's own forwards every source by one entry" {
	kernel_word 4
}

@test "IPv6: a route of the kernel's own forwards every source by one entry" {
	kernel_word 6
}

storm()
{
	use "$1"
	config <<<"mroute from eth0 group $g kernel to eth1
		   mroute from eth0 group $h to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	# the daemon stands still: nothing is needed of it
	net_signal daemon STOP
	net_send source "$g" from "$s" count 50 interval 1
	got_all l1 50
	net_signal daemon CONT
	daemon_lives
}

@test "IPv4: a route of the kernel's own needs no daemon" {
	storm 4
}

@test "IPv6: a route of the kernel's own needs no daemon" {
	storm 6
}

refused()
{
	use "$1"
	config <<<"mroute from eth1 group $g to eth2"
	daemon_start
	run ctl add kernel eth0 "$g" eth1
	[ "$status" -eq 1 ]
	[[ $output == *"cannot forward $g by itself: a rule has the group come in where this one sends it"* ]]
	# it was not half done
	run ctl remove eth0 "$g"
	[ "$status" -eq 1 ]
	config <<<"mroute from eth0 group $g kernel to eth1
		   mroute from eth1 group $g to eth2"
	run ctl reload
	[ "$status" -eq 1 ]
	[[ $output == *"cannot forward $g by itself"* ]]
	run smcrouted -F "$daemon_config"
	[ "$status" -eq 78 ]
}

@test "IPv4: what the kernel cannot do by itself is refused, with the reason" {
	refused 4
}

@test "IPv6: what the kernel cannot do by itself is refused, with the reason" {
	refused 6
}

twofold()
{
	use "$1"
	second_cable
	if [ "$af" = 4 ]; then
		net_addr router eth3 10.0.3.1/24
	else
		net_addr router eth3 fd00:3::1/64
	fi
	config <<<"mroute from eth0 group $g to eth1
		   mroute from eth3 group $g to eth1"
	daemon_start
	net_start events router smcroutectl -u "$daemon_socket" monitor twofold
	wait_for events ' monitor'
	net_listen l1 listener1 "$g"
	send_by eth0 5
	got_all l1 5
	# it shows itself on the second cable; the first packet there is the kernel's wrong one
	send_by eth1 1
	wait_until 5 has_mroute "$any" "$g" eth0 eth0 eth1
	wait_until 5 has_mroute "$any" "$g" eth3 eth1 eth3
	wait_until 5 has_no_mroute "$s" "$g"
	wait_for events " twofold group=$g"
	before=$(net_received l1)
	send_by eth0 200 &
	send_by eth1 200
	wait $!
	got_all l1 $((before + 400))
	ctl -j show routes | grep -qF '"kernel":true'
}

@test "IPv4: one source on two interfaces is forwarded from both, every packet" {
	twofold 4
}

@test "IPv6: one source on two interfaces is forwarded from both, every packet" {
	twofold 6
}

# Streams on both cables while another process takes over
upgraded()
{
	use "$1"
	second_cable
	config <<<"mroute from eth0 group $g to eth1
		   mroute from eth3 group $g to eth1
		   mroute from eth0 group $h kernel to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener1 "$h"
	send_by eth0 1
	send_by eth1 1
	wait_until 5 has_mroute "$any" "$g" eth3 eth1 eth3
	before=$(net_received l1)
	mroutes >"$BATS_TEST_TMPDIR/before"
	net_start eth0 source "$SMCKIT_BUILD/test/system/mcast" send eth0 "$g" from "$s" count 600 \
		interval 2
	net_start eth1 source "$SMCKIT_BUILD/test/system/mcast" send eth1 "$g" from "$s" count 600 \
		interval 2
	net_start h source "$SMCKIT_BUILD/test/system/mcast" send eth0 "$h" from "$t" count 600 \
		interval 2
	flows l1
	ctl upgrade
	ctl upgrade
	net_wait eth0
	net_wait eth1
	net_wait h
	got_all l1 $((before + 1200))
	got_all l2 600
	mroutes | diff "$BATS_TEST_TMPDIR/before" -
}

@test "IPv4: routes of the kernel's own outlive a restart in place" {
	upgraded 4
}

@test "IPv6: routes of the kernel's own outlive a restart in place" {
	upgraded 6
}

has_group()
{
	on router ip -"$af" maddr show dev "$2" | grep -q "$1"
}

lacks_group()
{
	! has_group "$@"
}

patterns()
{
	use "$1"
	config <<<"mroute from eth0 group $g to tun+
		   mroute from tun* group $h to eth1
		   mgroup from tun+ group $h
		   phyint tunnel1 disable"
	daemon_start
	net_host branch
	net_listen l1 listener1 "$h"

	net_link router tun0 branch eth0
	net_addr branch eth0 10.0.9.2/24 fd00:9::2/64
	if [ "$af" = 6 ]; then
		ip -n "$(net_ns branch)" addr add fd00:9::2/64 dev eth0 nodad 2>/dev/null || :
	fi
	wait_until 5 has_group "$h" tun0
	net_listen b branch "$g"
	net_send source "$g" count 5 interval 5
	got_all b 5
	net_send branch "$h" count 4 interval 5
	got_all l1 4
	ctl show interfaces | grep -q ' tun0 '

	# into the pattern and out of it, by name
	on router ip link set tun0 down
	on router ip link set tun0 name wg0
	on router ip link set wg0 up
	wait_until 5 lacks_group "$h" wg0
	net_send source "$g" count 3
	on router ip link set wg0 down
	on router ip link set wg0 name tun7
	on router ip link set tun7 up
	wait_until 5 has_group "$h" tun7
	net_send source "$g" count 2
	wait_until 5 net_has_received b 7

	# gone with its device
	on router ip link del tun7
	wait_until 5 has_mroute "$s" "$g" eth0
	# one that is disabled takes no part
	net_link router tunnel1 branch eth1
	wait_until 5 has_group "$h" tunnel1
	ctl show interfaces | grep -q ' tunnel1 *N/A *N/A'
	ctl -p show routes | grep -q 'tun+'
}

@test "IPv4: a pattern takes in what comes, is renamed and goes" {
	patterns 4
}

@test "IPv6: a pattern takes in what comes, is renamed and goes" {
	patterns 6
}

everywhere()
{
	use "$1"
	config <<<"mroute from eth+ group $g to eth+"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	net_listen s source "$g"
	net_send source "$g" count 5 interval 5
	got_all l1 5
	got_all l2 5
	net_send listener1 "$g" count 3 interval 5
	got_all l2 8
	# never back
	wait_until 5 net_has_received s 8
	wait_until 5 net_has_received l1 8
	ctl add eth+ "$h" eth2
	net_listen l3 listener2 "$h"
	net_send listener1 "$h" count 2
	got_all l3 2
	ctl remove eth+ "$h"
	run ctl remove eth+ "$h"
	[ "$status" -eq 1 ]
}

@test "IPv4: a pattern on both sides, in the file and by command" {
	everywhere 4
}

@test "IPv6: a pattern on both sides, in the file and by command" {
	everywhere 6
}

unknown_iif()
{
	use "$1"
	daemon_start
	run ctl add wan0 "$g" eth1
	[ "$status" -eq 1 ]
	[[ $output == *"there is no interface wan0"* ]]
	run ctl join wan0 "$g"
	[ "$status" -eq 1 ]
	ctl add -w wan0 "$g" eth1
	ctl join -w wan0 "$g"
	ctl show pending | grep -q "from wan0 .*group $g"
	net_host far
	net_link router wan0 far eth0
	net_addr far eth0 10.0.9.2/24 fd00:9::2/64
	wait_until 5 has_group "$g" wan0
	net_listen l1 listener1 "$g"
	net_send far "$g" count 3
	got_all l1 3
}

@test "IPv4: add and join wait for an interface if they are told to" {
	unknown_iif 4
}

@test "IPv6: add and join wait for an interface if they are told to" {
	unknown_iif 6
}
