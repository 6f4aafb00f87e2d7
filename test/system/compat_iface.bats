#!/usr/bin/env bats
# compat_iface.bats - interfaces come, go, change: what names them follows at once
#
# The numbers of tests are those of the list of what smcroute does: 1.9 is interfaces, 1.11
# memberships.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon

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

use()
{
	af=$1
	case $af in
	4)
		s=10.0.0.2 g=239.1.1.1 g2=239.1.1.2 g7=239.7.7.7 many=239.7.0.0/22 few=239.7.8.0/26
		key=vif
		;;
	6)
		s=fd00::2 g=ff05::1:1 g2=ff05::1:2 g7=ff05::7 many=ff05:7::/118 few=ff05:8::/122
		key=mif
		;;
	esac
}

index_of()
{
	on router cat "/sys/class/net/$1/ifindex"
}

is_member()
{
	on router ip "-$af" maddr show dev "$1" | grep -qE "inet6? +$2( |\$)"
}

# rename OLD NEW: a link that is up may have another name only where the kernel is new enough
rename()
{
	on router ip link set "$1" down
	on router ip link set "$1" name "$2"
	on router ip link set "$2" up
}

# What commands made, in both directions and joined, with another index or none in between
made_anew()
{
	local index n

	use "$1"
	daemon_start
	ctl add eth0 "$g" eth1 eth2
	ctl add eth2 "$g2" eth1
	ctl join eth2 "$g7"
	net_listen l1 listener1 "$g"
	net_listen l2 listener1 "$g2"
	stream_start stream source "$g"
	flows l1
	for n in 1 2; do
		index=$(index_of eth2)
		on router ip link del eth2
		wait_until 5 has_mroute "$s" "$g" eth0 eth1
		net_stub 2 listener2
		[ "$(index_of eth2)" != "$index" ]
		wait_until 5 has_mroute "$s" "$g" eth0 eth1 eth2
		wait_until 5 is_member eth2 "$g7"
		net_listen "l3$n" listener2 "$g"
		flows "l3$n"
		net_send listener2 "$g2" count 3
		got_all l2 $((n * 3))
	done
	got_all l1 "$(stream_stop stream)"
	assert_equal "$(ctl show pending)" "No pending routes or groups"
}

@test "1.9 IPv4: a re-created interface has the routes of commands back, and the groups" {
	made_anew 4
}

@test "1.9 IPv6: a re-created interface has the routes of commands back, and the groups" {
	made_anew 6
}

# Patterns of the file and of commands, on both sides, while interfaces come and go
patterns()
{
	use "$1"
	net_host listener9
	config <<<"mroute from eth0 group $g to tun+
		   mroute from tun+ group $g2 to eth1
		   mgroup from tun+ group $g7"
	daemon_start
	ctl add eth0 "$g2" tun+ eth1
	net_listen l2 listener1 "$g2"
	net_send source "$g2"
	wait_until 5 has_mroute "$s" "$g2" eth0 eth1

	# it comes under another name, and gets one that is taken in
	net_stub 9 listener9
	rename eth9 tun5
	net_addr router tun5 fd00:9::1/64
	wait_until 5 has_mroute "$s" "$g2" eth0 eth1 tun5
	wait_until 5 is_member tun5 "$g7"
	net_listen l9 listener9 "$g"
	net_send source "$g" count 3
	got_all l9 3
	net_send listener9 "$g2" count 3
	got_all l2 4
	# it loses the name, and what goes with that
	rename tun5 eth9
	wait_until 5 has_mroute "$s" "$g" eth0
	wait_until 5 has_mroute "$s" "$g2" eth0 eth1
	wait_until 5 not_member eth9 "$g7"
	# another device, deleted and made again
	on router ip link add tun0 type veth peer name x0
	wait_until 5 has_mroute "$s" "$g" eth0 tun0
	on router ip link add tun1 type veth peer name x1
	wait_until 5 has_mroute "$s" "$g" eth0 tun0 tun1
	on router ip link del tun0
	wait_until 5 has_mroute "$s" "$g" eth0 tun1
	on router ip link add tun0 type veth peer name x0
	wait_until 5 has_mroute "$s" "$g" eth0 tun0 tun1
}

not_member()
{
	! is_member "$@"
}

@test "1.9 IPv4: patterns take in what comes, and let go what goes" {
	patterns 4
}

@test "1.9 IPv6: patterns take in what comes, and let go what goes" {
	patterns 6
}

# add and join with -w wait for an incoming interface
waits()
{
	use "$1"
	net_host listener9
	daemon_start
	ctl add -w eth9 "$g" eth1
	ctl join -w eth9 "$g7"
	assert_equal "$(ctl -t show pending | grep -c eth9)" 2
	net_stub 9 listener9
	wait_until 5 is_member eth9 "$g7"
	net_listen l1 listener1 "$g"
	net_send listener9 "$g" count 3
	got_all l1 3
	assert_equal "$(ctl show pending)" "No pending routes or groups"
}

@test "1.9 IPv4: an incoming interface that is waited for" {
	waits 4
}

@test "1.9 IPv6: an incoming interface that is waited for" {
	waits 6
}

# number_of INTERFACE: its vif
number_of()
{
	ctl -j show interfaces | sed -nE "s/.*\"name\":\"$1\",.*\"$key\":([0-9]+).*/\1/p"
}

# Down and up, without an address and with another, without the flag that says multicast
changes()
{
	local number

	use "$1"
	config <<<"mroute from eth0 group $g to eth1 eth2"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	stream_start stream source "$g"
	flows l2
	number=$(number_of eth2)
	on router ip link set eth2 down
	flows l1
	on router ip link set eth2 up
	flows l2
	on router ip -4 addr flush dev eth2
	on router ip -6 addr flush dev eth2 scope global
	flows l2
	net_addr router eth2 10.0.22.1/24 fd00:22::1/64
	flows l2
	on router ip link set eth2 multicast off
	flows l2
	on router ip link set eth2 multicast on
	flows l2
	has_mroute "$s" "$g" eth0 eth1 eth2
	assert_equal "$(number_of eth2)" "$number"
	got_all l1 "$(stream_stop stream)"
}

@test "1.9 IPv4: down and up, other addresses, other flags: nothing is lost elsewhere" {
	changes 4
}

@test "1.9 IPv6: down and up, other addresses, other flags: nothing is lost elsewhere" {
	changes 6
}

# Of 34 interfaces the kernel takes 32.
too_many()
{
	local i

	use "$1"
	for i in $(seq 1 2 31); do
		echo "link add d$i type veth peer name d$((i + 1))"
	done | on router ip -batch -
	config <<<"mroute from eth0 source $s group $g to eth1 $(printf 'd%d ' $(seq 32))
		   mroute from eth0 group $g2 to eth1"
	daemon_start
	wait_for daemon "d31: no IPv$af vif: all 32 that the kernel has are in use"
	wait_for daemon "d32: no IPv$af vif: all 32 that the kernel has are in use"
	[ "$(mroutes | wc -w)" -eq $((3 + 31)) ]
	net_listen l1 listener1 "$g"
	net_listen l2 listener1 "$g2"
	net_send source "$g" count 3
	net_send source "$g2" count 3
	got_all l1 3
	got_all l2 3
	run ctl add eth0 "$g2" eth2
	assert_failure 1
	assert_output --partial "eth2: no IPv$af vif: all 32 that the kernel has are in use"
	refuses_others
	# room is made, and one of those that wait for it has it
	ctl remove eth0 "$s" "$g" d1
	wait_until 5 takes_another
	daemon_lives
}

takes_another()
{
	mroutes | grep -qE ' (d31|d32|eth2)( |$)'
}

refuses_others()
{
	! takes_another
}

@test "1.9 IPv4: 34 interfaces: those that have no vif are named, all else works" {
	too_many 4
}

@test "1.9 IPv6: 34 interfaces: those that have no vif are named, all else works" {
	too_many 6
}

@test "1.11 groups on an interface that is down and has no address" {
	on router ip link add eth9 type veth peer name x9
	config <<<'mgroup from eth9 group 239.7.7.7
		   mgroup from eth9 source 10.9.9.9 group 232.7.7.7
		   mgroup from eth9 group ff05::7'
	daemon_start
	af=4 is_member eth9 239.7.7.7
	af=4 is_member eth9 232.7.7.7
	af=6 is_member eth9 ff05::7
}

# More than 20 to a socket, in ranges; left as the file says so
ranges()
{
	use "$1"
	config <<<"mgroup from eth1 group $many
		   mgroup from eth2 group $few"
	daemon_start
	joined()
	{
		[ "$(on router ip "-$af" maddr show dev "$1" | grep -cE "inet6? +(239|ff05)[.:][78]")" \
			-eq "$2" ]
	}
	wait_until 5 joined eth1 1024
	wait_until 5 joined eth2 64
	# as they were written, and each that the kernel has
	ctl -t show groups | grep -qF "(*, $many)"
	[ "$(ctl -t -d show groups | grep -c ' eth1$')" -eq 1024 ]
	[ "$(ctl -t show groups | grep -c failed)" -eq 0 ]
	config <<<"mgroup from eth2 group $few"
	ctl reload
	wait_until 5 joined eth1 0
	wait_until 5 joined eth2 64
	ctl leave eth2 "$few"
	wait_until 5 joined eth2 0
}

@test "1.11 IPv4: ranges of groups, more than a socket takes" {
	ranges 4
}

@test "1.11 IPv6: ranges of groups, more than a socket takes" {
	ranges 6
}

# All at once, so that it is found out only afterwards what became of what
in_one_breath()
{
	local n

	use "$1"
	config <<<"mroute from eth0 group $g to eth1
		   mroute from eth0 group $g2 to eth2"
	daemon_start
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g2"
	net_send source "$g" count 2
	net_send source "$g2" count 3
	got_all l1 2
	got_all l2 3
	# names are swapped: what went to listener1 goes to listener2
	net_listen l12 listener1 "$g2"
	net_listen l21 listener2 "$g"
	printf '%s\n' "link set eth1 down" "link set eth2 down" "link set eth1 name x" \
		"link set eth2 name eth1" "link set x name eth2" "link set eth1 up" \
		"link set eth2 up" | on router ip -batch -
	swapped()
	{
		[ "$(number_of eth1)" ] && [ "$(number_of eth2)" ] &&
			has_mroute "$s" "$g" eth0 eth1 && has_mroute "$s" "$g2" eth0 eth2
	}
	wait_until 5 swapped
	net_send source "$g" count 4
	net_send source "$g2" count 5
	got_all l21 4
	got_all l12 5
	got_all l1 2
	got_all l2 3
	# to another namespace and back, with the index that it had
	ip -n "$(net_ns router)" link set eth1 netns "$(net_ns listener1)"
	wait_until 5 has_mroute "$s" "$g" eth0
	ip -n "$(net_ns listener1)" link set eth1 netns "$(net_ns router)"
	on router ip link set eth1 up
	net_addr router eth1 10.0.2.1/24 fd00:2::1/64
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	net_send source "$g" count 4
	got_all l21 8
	# gone and there again, many times
	for n in $(seq 20); do
		echo "link del eth2"
		echo "link add eth2 type veth peer name other"
	done | on router ip -batch -
	wait_until 5 has_mroute "$s" "$g2" eth0 eth2
	[ "$(number_of eth2)" ]
	on router ip link set eth2 up
	ip -n "$(net_ns router)" link set other netns "$(net_ns listener1)" name eth5 up
	net_capture seen listener1 eth5 udp
	net_send source "$g2" count 3
	wait_until 5 net_captured seen udp 3
}

@test "1.9 IPv4: names swapped, moved away and back, made anew many times" {
	in_one_breath 4
}

@test "1.9 IPv6: names swapped, moved away and back, made anew many times" {
	in_one_breath 6
}
