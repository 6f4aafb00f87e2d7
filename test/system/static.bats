#!/usr/bin/env bats
# static.bats - configured routes: what they forward, and what they do not

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

# use FAMILY: $s2 and $s3 are sources that $sources covers, $s is before and $s4 behind them;
# $g and $g2 are groups that $groups covers, $g0 is before and $g3 behind them
use()
{
	af=$1
	case $af in
	4)
		s=10.0.0.2 s2=10.0.0.4 s3=10.0.0.5 s4=10.0.0.8 sources=10.0.0.4/30 len=24
		g=239.1.1.1 g2=239.1.1.2 g0=239.1.0.1 g3=239.2.1.1 groups=239.1.1.0/24
		marker=239.255.1.1
		;;
	6)
		s=fd00::2 s2=fd00::4 s3=fd00::5 s4=fd00::8 sources=fd00::4/126 len=64
		g=ff05::1:1 g2=ff05::1:2 g0=ff05::1 g3=ff05::2:1 groups=ff05::1:0/112
		marker=ff05::ff:1
		;;
	esac
	# those beside the first are used only by whom asks for them
	on source ip addr add "$s2/$len" dev eth0 preferred_lft 0
	on source ip addr add "$s3/$len" dev eth0 preferred_lft 0
	on source ip addr add "$s4/$len" dev eth0 preferred_lft 0
}

# Once the marker's packet arrived on a way of its own, what was sent before it arrived too.
# listen_marker HOST: there, to be called before the marker is sent
listen_marker()
{
	net_listen marker "$1" "$marker"
}

marker_arrives()
{
	net_send source "$marker"
	wait_until 5 has_more marker 0
}

source_and_group()
{
	use "$1"
	config <<<"mroute from eth0 group $g source $s2 to eth1
		   mroute from eth0 group $marker to eth1"
	daemon_start
	# it stands in the kernel before any packet
	has_mroute "$s2" "$g" eth0 eth1
	net_listen l1 listener1 "$g"
	listen_marker listener1

	net_send source "$g" from "$s" count 3
	net_send source "$g" from "$s3" count 3
	net_send source "$g" from "$s2" count 4
	net_send source "$g2" from "$s2" count 3
	marker_arrives
	got_all l1 4
	has_mroute "$s" "$g" eth0
	has_mroute "$s3" "$g" eth0
}

@test "IPv4: a source and a group: no other source, no other group" {
	source_and_group 4
}

@test "IPv6: a source and a group: no other source, no other group" {
	source_and_group 6
}

came_in()
{
	mroutes | grep -q " $1 $2\$"
}

every_source()
{
	use "$1"
	config <<<"mroute from eth0 group $g to eth1 eth2"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	net_send source "$g" from "$s" count 3
	net_send source "$g" from "$s3" count 3
	got_all l1 6
	got_all l2 6
	has_mroute "$s" "$g" eth0 eth1 eth2
	has_mroute "$s3" "$g" eth0 eth1 eth2
	# not what comes in elsewhere
	net_send listener1 "$g" count 3
	wait_until 5 came_in "$g" eth1
	got_all l2 6
}

@test "IPv4: a group from every source, to several interfaces" {
	every_source 4
}

@test "IPv6: a group from every source, to several interfaces" {
	every_source 6
}

range_of_groups()
{
	use "$1"
	config <<<"mroute from eth0 group $groups to eth1
		   mroute from eth0 group $marker to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener1 "$g2"
	net_listen l0 listener1 "$g0"
	net_listen l3 listener1 "$g3"
	listen_marker listener1
	net_send source "$g" count 3
	net_send source "$g2" count 4
	net_send source "$g0" count 3
	net_send source "$g3" count 3
	marker_arrives
	got_all l1 3
	got_all l2 4
	net_has_received l0 0
	net_has_received l3 0
	has_mroute "$s" "$g2" eth0 eth1
	has_mroute "$s" "$g0" eth0
	has_mroute "$s" "$g3" eth0
}

@test "IPv4: a range of groups" {
	range_of_groups 4
}

@test "IPv6: a range of groups" {
	range_of_groups 6
}

range_of_sources()
{
	use "$1"
	config <<<"mroute from eth0 source $sources group $groups to eth1
		   mroute from eth0 group $marker to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l3 listener1 "$g3"
	listen_marker listener1
	net_send source "$g" from "$s" count 7
	net_send source "$g" from "$s2" count 3
	net_send source "$g" from "$s3" count 2
	net_send source "$g" from "$s4" count 7
	net_send source "$g3" from "$s2" count 2
	marker_arrives
	got_all l1 5
	net_has_received l3 0
	has_mroute "$s2" "$g" eth0 eth1
	has_mroute "$s" "$g" eth0
	has_mroute "$s4" "$g" eth0
}

@test "IPv4: a range of sources and groups" {
	range_of_sources 4
}

@test "IPv6: a range of sources and groups" {
	range_of_sources 6
}

stop_filter()
{
	use "$1"
	config <<<"mroute from eth0 group $groups to eth1
		   mroute from eth0 group $g source $s
		   mroute from eth0 group $g2
		   mroute from eth0 group $marker to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener1 "$g2"
	listen_marker listener1
	net_send source "$g" from "$s" count 3
	net_send source "$g" from "$s2" count 4
	net_send source "$g2" from "$s2" count 3
	marker_arrives
	got_all l1 4
	net_has_received l2 0
	has_mroute "$s" "$g" eth0
	ctl -j -d show routes | grep -F "\"source\":\"$s\"" | grep -qF '"state":"block"'
}

@test "IPv4: a route that leads nowhere takes its streams out of a range" {
	stop_filter 4
}

@test "IPv6: a route that leads nowhere takes its streams out of a range" {
	stop_filter 6
}

# Each packet is the first of its source, all at once.
first_packets()
{
	local i addresses=() count=150

	use "$1"
	config <<<"mroute from eth0 group $g to eth1"
	daemon_start
	for i in $(seq $count); do
		case $af in
		4)
			addresses+=("10.0.0.$((i + 50))")
			;;
		6)
			addresses+=("fd00::1:$i")
			;;
		esac
	done
	printf "addr add %s/$len dev eth0\n" "${addresses[@]}" |
		if [ "$af" = 6 ]; then sed 's/$/ nodad/'; else cat; fi |
		on source ip -batch -
	net_listen l1 listener1 "$g"
	# shellcheck disable=SC2016 # expanded there
	on source sh -c 'mcast=$1 group=$2; shift 2
		for a; do $mcast send eth0 $group from $a & done; wait' \
		sh "$SMCKIT_BUILD/test/system/mcast" "$g" "${addresses[@]}"
	got_all l1 $count
	[ "$(mroutes | grep -c " $g eth0 eth1$")" -eq $count ]
}

@test "IPv4: no source loses its first packet" {
	first_packets 4
}

@test "IPv6: no source loses its first packet" {
	first_packets 6
}

negative()
{
	use "$1"
	config <<<"mroute from eth0 group $g to eth1
		   mroute from eth1 group $g2 to eth0"
	daemon_start
	net_send source "$g2" count 2
	wait_until 5 has_mroute "$s" "$g2" eth0
	ctl -j show routes | grep -F "\"group\":\"$g2\"" | grep -qF '"state":"negative"'
	# a route for it finds the source, which runs already
	net_listen l1 listener1 "$g2"
	ctl add eth0 "$g2" eth1
	wait_until 5 has_mroute "$s" "$g2" eth0 eth1
	net_send source "$g2" count 2
	got_all l1 2
	ctl remove eth0 "$g2"
	net_send source "$g2"
	wait_until 5 has_mroute "$s" "$g2" eth0
	got_all l1 2
}

@test "IPv4: what nobody wants is kept quiet in the kernel" {
	negative 4
}

@test "IPv6: what nobody wants is kept quiet in the kernel" {
	negative 6
}

ageing()
{
	local sent

	use "$1"
	config <<<"mroute from eth0 group $groups to eth1
		   mroute from eth0 group $g3 source $s to eth1"
	daemon_start -c 1
	net_listen l1 listener1 "$g"
	net_listen l2 listener1 "$g2"
	stream_start stream source "$g2"
	net_send source "$g"
	net_send source "$marker"
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	wait_until 5 has_mroute "$s" "$g2" eth0 eth1
	wait_until 10 has_no_mroute "$s" "$g"
	wait_until 10 has_no_mroute "$s" "$marker"
	# what runs stays, and so does what is configured to the letter
	has_mroute "$s" "$g2" eth0 eth1
	has_mroute "$s" "$g3" eth0 eth1
	sent=$(stream_stop stream)
	got_all l2 "$sent"
	# and it comes again without a loss
	net_send source "$g" count 3
	got_all l1 4
}

@test "IPv4: a learned route goes when its source falls silent" {
	ageing 4
}

@test "IPv6: a learned route goes when its source falls silent" {
	ageing 6
}

at_run_time()
{
	local sent before

	use "$1"
	config <<<"mroute from eth0 group $g to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	stream_start stream source "$g"
	flows l1
	net_has_received l2 0

	ctl add eth0 "$g" eth2
	flows l2
	ctl remove eth0 "$g" eth2
	has_mroute "$s" "$g" eth0 eth1
	flows l1
	before=$(net_received l2)
	flows l1
	net_has_received l2 "$before"

	# an exact route beside it takes over in place
	ctl add eth0 "$s" "$g" eth1 eth2
	flows l2
	ctl remove eth0 "$s" "$g"
	has_mroute "$s" "$g" eth0 eth1
	flows l1
	sent=$(stream_stop stream)
	got_all l1 "$sent"
}

@test "IPv4: a change at run time costs the other interface nothing" {
	at_run_time 4
}

@test "IPv6: a change at run time costs the other interface nothing" {
	at_run_time 6
}

# smcroutectl reload with other outgoing interfaces, while another route keeps both vifs
reloaded()
{
	local sent before

	use "$1"
	config <<<"mroute from eth0 group $g to eth1 eth2
		   mroute from eth0 group $g3 to eth2"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	stream_start stream source "$g"
	flows l1
	flows l2
	config <<<"mroute from eth0 group $g to eth1
		   mroute from eth0 group $g3 to eth2"
	ctl reload
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	flows l1
	before=$(net_received l2)
	flows l1
	net_has_received l2 "$before"
	ctl reload
	ctl reload
	sent=$(stream_stop stream)
	got_all l1 "$sent"
}

@test "IPv4: a reload takes an interface out, and loses nothing on the other" {
	reloaded 4
}

@test "IPv6: a reload takes an interface out, and loses nothing on the other" {
	reloaded 6
}

@test "IPv4: the TTL threshold of an interface" {
	use 4
	config <<<"phyint eth1 ttl-threshold 10
		   mroute from eth0 group $g to eth1 eth2"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	# it must be greater when the packet comes in
	net_send source "$g" ttl 10 count 2
	net_send source "$g" ttl 11 count 3
	got_all l1 3
	got_all l2 5
	config <<<"phyint eth1 ttl-threshold 20
		   mroute from eth0 group $g to eth1 eth2"
	ctl reload
	net_send source "$g" ttl 20 count 2
	net_send source "$g" ttl 21 count 3
	got_all l1 6
	got_all l2 10
	# 1 is never forwarded
	config <<<"mroute from eth0 group $g to eth1 eth2"
	ctl reload
	net_send source "$g" ttl 1 count 2
	net_send source "$g" ttl 2 count 3
	got_all l1 9
	got_all l2 13
}

@test "IPv6: there are no TTL thresholds" {
	use 6
	config <<<"phyint eth1 ttl-threshold 200
		   mroute from eth0 group $g to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_send source "$g" ttl 2 count 3
	got_all l1 3
}

# pends INTERFACE: a route waits for it
pends()
{
	ctl -j show pending | grep -qF "\"$1\""
}

pends_no_more()
{
	! pends "$1"
}

# An interface that the file names, and one that a command names, come when the daemon runs.
comes_later()
{
	use "$1"
	net_host listener8 listener9
	config <<<"mroute from eth0 group $g to eth1 eth9
		   mroute from eth9 group $g3 to eth1"
	daemon_start
	ctl add eth0 "$g2" eth8
	pends eth8
	pends eth9
	net_listen l1 listener1 "$g"
	net_send source "$g"
	got_all l1 1

	net_stub 9 listener9
	net_listen l9 listener9 "$g"
	wait_until 5 has_mroute "$s" "$g" eth0 eth1 eth9
	net_send source "$g" count 3
	got_all l9 3
	net_listen l3 listener1 "$g3"
	net_send listener9 "$g3" count 3
	got_all l3 3

	net_stub 8 listener8
	net_listen l8 listener8 "$g2"
	wait_until 5 pends_no_more eth8
	net_send source "$g2" count 3
	got_all l8 3
}

@test "IPv4: interfaces that come later" {
	comes_later 4
}

@test "IPv6: interfaces that come later" {
	comes_later 6
}

index_of()
{
	on router cat "/sys/class/net/$1/ifindex"
}

made_anew()
{
	local sent index

	use "$1"
	config <<<"mroute from eth0 group $g to eth1 eth2
		   mroute from eth2 group $g2 to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	stream_start stream source "$g"
	flows l1
	flows l2
	index=$(index_of eth2)

	on router ip link del eth2
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	flows l1
	net_stub 2 listener2
	[ "$(index_of eth2)" != "$index" ]
	wait_until 5 has_mroute "$s" "$g" eth0 eth1 eth2
	net_listen l2b listener2 "$g"
	flows l2b
	sent=$(stream_stop stream)
	got_all l1 "$sent"
	# and in the other direction
	net_listen l3 listener1 "$g2"
	net_send listener2 "$g2" count 3
	got_all l3 3
}

@test "IPv4: an interface that is deleted and made anew has its routes back" {
	made_anew 4
}

@test "IPv6: an interface that is deleted and made anew has its routes back" {
	made_anew 6
}

# The incoming one, with an exact route and a learned one
source_made_anew()
{
	use "$1"
	config <<<"mroute from eth0 group $g source $s to eth1
		   mroute from eth0 group $g2 to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener1 "$g2"
	net_send source "$g" count 2
	net_send source "$g2" count 2
	got_all l1 2
	got_all l2 2
	on router ip link del eth0
	wait_until 5 has_no_mroute "$s" "$g"
	wait_until 5 has_no_mroute "$s" "$g2"
	net_stub 0 source
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	net_send source "$g" count 2
	net_send source "$g2" count 2
	got_all l1 4
	got_all l2 4
}

@test "IPv4: an incoming interface that is deleted and made anew" {
	source_made_anew 4
}

@test "IPv6: an incoming interface that is deleted and made anew" {
	source_made_anew 6
}

rename()
{
	on router ip link set "$1" down
	on router ip link set "$1" name "$2"
	on router ip link set "$2" up
}

renamed()
{
	local before

	use "$1"
	config <<<"mroute from eth0 group $g to eth1 eth2
		   mroute from eth0 group $g2 to lan2"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	net_listen l3 listener2 "$g2"
	stream_start stream source "$g"
	stream_start stream2 source "$g2"
	flows l2
	net_has_received l3 0

	rename eth2 lan2
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	flows l3
	before=$(net_received l2)
	flows l1
	net_has_received l2 "$before"

	rename lan2 eth2
	flows l2
	wait_until 5 has_mroute "$s" "$g" eth0 eth1 eth2
	before=$(net_received l3)
	flows l2
	net_has_received l3 "$before"
	stream_stop stream2
	got_all l1 "$(stream_stop stream)"
}

@test "IPv4: a route follows the name, not the device" {
	renamed 4
}

@test "IPv6: a route follows the name, not the device" {
	renamed 6
}

disabled()
{
	use "$1"
	config <<<"phyint eth1 disable
		   mroute from eth0 group $g to eth1 eth2"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	net_send source "$g" count 3
	got_all l2 3
	has_mroute "$s" "$g" eth0 eth2
	ctl -j show interfaces | grep -F '"eth1"' | grep -F '"vif":null' | grep -qF '"mif":null'
	config <<<"phyint eth1 enable
		   mroute from eth0 group $g to eth1 eth2"
	ctl reload
	net_send source "$g" count 3
	got_all l1 3
	got_all l2 6
	# and off again
	config <<<"phyint eth1 disable
		   mroute from eth0 group $g to eth1 eth2"
	ctl reload
	wait_until 5 has_mroute "$s" "$g" eth0 eth2
	net_send source "$g" count 3
	got_all l2 9
	got_all l1 3
}

@test "IPv4: a disabled interface takes no part" {
	disabled 4
}

@test "IPv6: a disabled interface takes no part" {
	disabled 6
}

moves()
{
	use "$1"
	config <<<"mroute from eth0 group $groups to eth1
		   mroute from eth2 group $groups to eth1"
	daemon_start
	net_addr listener2 eth0 "$s/$len"
	net_listen l1 listener1 "$g"
	net_send source "$g" from "$s" count 3
	got_all l1 3
	# it costs the one packet that tells of it
	net_send listener2 "$g" from "$s"
	wait_until 5 has_mroute "$s" "$g" eth2 eth1
	net_send listener2 "$g" from "$s" count 3
	got_all l1 6
}

@test "IPv4: a source that moves to another interface is followed" {
	moves 4
}

@test "IPv6: a source that moves to another interface is followed" {
	moves 6
}

# number_of INTERFACE: its vif
number_of()
{
	local key=vif

	[ "$af" = 4 ] || key=mif
	ctl -j show interfaces | sed -nE "s/.*\"name\":\"$1\",.*\"$key\":([0-9]+).*/\1/p"
}

has_number()
{
	[ "$(number_of "$1")" = "$2" ]
}

# All 32 vifs are in use, so that a new one must have the number that a deleted device had.
number_used_again()
{
	local i number

	use "$1"
	net_host listener3
	for i in $(seq 2 2 30); do
		echo "link add d$((i - 1)) type veth peer name d$i"
		echo "link set d$((i - 1)) up"
		echo "link set d$i up"
	done | on router ip -batch -
	config <<<"mroute from eth0 group $g to eth1 eth2
		   mroute from eth0 group $g2 source $s to $(printf 'd%d ' $(seq 29))
		   mroute from eth0 group $marker to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	stream_start stream source "$g"
	flows l1
	wait_until 5 has_mroute "$s" "$g" eth0 eth1 eth2
	number=$(number_of eth2)

	net_link router eth3 listener3 eth0
	net_addr listener3 eth0 10.0.3.2/24 fd00:3::2/64
	net_listen l3 listener3 "$g"
	net_listen m3 listener3 "$marker"
	run ctl add eth0 "$marker" eth3
	[ "$status" -eq 1 ]
	[[ $output == *"all 32 that the kernel has are in use"* ]]

	on router ip link del eth2
	wait_until 5 has_number eth3 "$number"
	net_send source "$marker"
	wait_until 5 net_has_received m3 1
	flows l1
	net_send source "$marker"
	wait_until 5 net_has_received m3 2
	net_has_received l3 0
	got_all l1 "$(stream_stop stream)"
}

@test "IPv4: a vif number that is used again does not leak" {
	number_used_again 4
}

@test "IPv6: a vif number that is used again does not leak" {
	number_used_again 6
}

# Two daemons, each with a table of its own, told apart by where packets come in
two_tables()
{
	use "$1"
	on router ip "-$af" mrule add iif eth0 table 100
	on router ip "-$af" mrule add iif eth2 table 200
	config <<<"mroute from eth0 group $g to eth1"
	daemon_start -t 100
	echo "mroute from eth2 group $g to eth1 eth0" >"$BATS_TEST_TMPDIR/b.conf"
	net_start b router smcrouted -n -t 200 -f "$BATS_TEST_TMPDIR/b.conf" \
		-u "$BATS_TEST_TMPDIR/b.sock" -P "$BATS_TEST_TMPDIR/b.pid"
	wait_until 10 test -s "$BATS_TEST_TMPDIR/b.pid"

	net_listen l1 listener1 "$g"
	net_send source "$g" count 3
	net_send listener2 "$g" count 4
	got_all l1 7
	mroutes_of 100 | grep -Fx "$s $g eth0 eth1"
	mroutes_of 200 | grep "$g eth2 eth0 eth1$"
	[ -z "$(mroutes)" ]

	# the end of one is nothing to the other
	net_stop b
	net_send source "$g" count 3
	got_all l1 10
	[ -z "$(mroutes_of 200)" ]
	daemon_lives
}

@test "IPv4: two daemons in two tables" {
	two_tables 4
}

@test "IPv6: two daemons in two tables" {
	two_tables 6
}

@test "a second daemon on the same table ends, and disturbs nothing" {
	local sent inode

	use 4
	config <<<"mroute from eth0 group $g to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	stream_start stream source "$g"
	flows l1
	inode=$(stat -c %i "$daemon_socket")

	run on router timeout -k 1 20 smcrouted -n -f "$daemon_config" \
		-u "$BATS_TEST_TMPDIR/b.sock" -P "$BATS_TEST_TMPDIR/b.pid"
	[ "$status" -eq 69 ]
	[[ $output == *"IPv4: no multicast routing: another process does multicast routing"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/b.sock" ]
	[ ! -e "$BATS_TEST_TMPDIR/b.pid" ]

	# and with the same files
	run on router timeout -k 1 20 smcrouted -n -f "$daemon_config" -u "$daemon_socket" \
		-P "$daemon_pidfile"
	[ "$status" -eq 69 ]
	[[ $output == *"another smcrouted answers on $daemon_socket"* ]]

	[ "$(stat -c %i "$daemon_socket")" = "$inode" ]
	[ "$(cat "$daemon_pidfile")" = "${net_pid[daemon]}" ]
	daemon_lives
	flows l1
	sent=$(stream_stop stream)
	got_all l1 "$sent"
}
