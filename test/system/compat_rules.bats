#!/usr/bin/env bats
# compat_rules.bats - rules for groups: what they do to streams, whatever order things happen in
#
# The numbers of tests are those of the list of what smcroute does: 1.8 is rules.

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
		s=10.0.0.2 s2=10.0.0.3 len=24 any=0.0.0.0 g=239.1.1.1 g2=239.1.1.2
		groups=239.1.1.0/24 wide=239.0.0.0/8 sources=10.0.0.0/24
		;;
	6)
		s=fd00::2 s2=fd00::3 len=64 any=:: g=ff05::1:1 g2=ff05::1:2
		groups=ff05::1:0/112 wide=ff05::/16 sources=fd00::/64
		;;
	esac
	on source ip addr add "$s2/$len" dev eth0 preferred_lft 0
}

# All matching rules, as lines in each order, and as commands while the stream is known
union()
{
	local rules rule order

	use "$1"
	rules=("from eth0 group $wide to eth1" "from eth0 group $groups to eth2"
		"from eth0 source $sources group $groups to eth3"
		"from eth0 source $s group $g to eth4")
	on router ip link add eth3 type veth peer name eth4
	for order in "0 1 2 3" "3 2 1 0"; do
		for rule in $order; do
			echo "mroute ${rules[rule]}"
		done >"$daemon_config"
		daemon_start
		net_send source "$g" from "$s"
		net_send source "$g" from "$s2"
		wait_until 5 has_mroute "$s" "$g" eth0 eth1 eth2 eth3 eth4
		wait_until 5 has_mroute "$s2" "$g" eth0 eth1 eth2 eth3
		daemon_stop
	done
	# one at a time; without a route for anything the kernel does not ask
	config <<<"mroute from eth0 source $s2 group $g2 to eth1"
	daemon_start
	net_send source "$g" from "$s2"
	wait_until 5 has_mroute "$s2" "$g" eth0
	ctl add eth0 "$sources" "$groups" eth3
	has_mroute "$s2" "$g" eth0 eth3
	ctl add eth0 "$wide" eth1
	has_mroute "$s2" "$g" eth0 eth1 eth3
	ctl add eth0 "$groups" eth2
	has_mroute "$s2" "$g" eth0 eth1 eth2 eth3
	ctl remove eth0 "$wide"
	has_mroute "$s2" "$g" eth0 eth2 eth3
	ctl remove eth0 "$sources" "$groups" eth3
	# which stops it now, being the more specific one
	has_mroute "$s2" "$g" eth0
	ctl remove eth0 "$sources" "$groups"
	has_mroute "$s2" "$g" eth0 eth2
}

@test "1.8 IPv4: of all rules that match, in whatever order they came" {
	union 4
}

@test "1.8 IPv6: of all rules that match, in whatever order they came" {
	union 6
}

# Its own, and a rule of another interface says nothing
inbound()
{
	use "$1"
	config <<<"mroute from eth0 group $groups to eth1
		   mroute from eth2 group $groups to eth0"
	daemon_start
	net_send source "$g"
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	net_send listener1 "$g2"
	nobodys()
	{
		mroutes | grep -q " $g2 eth1$"
	}
	wait_until 5 nobodys
}

@test "1.8 IPv4: rules are of their incoming interface" {
	inbound 4
}

@test "1.8 IPv6: rules are of their incoming interface" {
	inbound 6
}

# One source address on two networks, a stream from each
twofold()
{
	use "$1"
	config <<<"mroute from eth0 group $g to eth1
		   mroute from eth2 group $g to eth1"
	daemon_start
	on listener2 ip addr add "$s/$len" dev eth0
	net_listen l1 listener1 "$g"
	net_start one source "$SMCKIT_BUILD/test/system/mcast" send eth0 "$g" \
		from "$s" port 9 count 100000 interval 20
	net_start two listener2 "$SMCKIT_BUILD/test/system/mcast" send eth0 "$g" \
		from "$s" port 9 count 100000 interval 20
	# the second shows itself
	wait_until 10 has_mroute "$any" "$g" eth0 eth0 eth1
	wait_until 5 has_mroute "$any" "$g" eth2 eth1 eth2
	has_no_mroute "$s" "$g"
	net_send source "$g" from "$s" count 100 interval 1 &
	net_send listener2 "$g" from "$s" count 100 interval 1
	wait $!
	got_all l1 200
	# and any other source
	net_send source "$g" from "$s2" count 10
	got_all l1 210
	[ "$(mroutes | wc -l)" -eq 2 ]
	# a rule that tells sources apart ends it
	ctl add eth0 "$sources" "$g" eth1
	has_no_mroute "$any" "$g"
	net_send source "$g" from "$s2"
	wait_until 5 has_mroute "$s2" "$g" eth0 eth1
}

@test "1.8 IPv4: one source on two incoming interfaces is forwarded from both, every packet" {
	twofold 4
}

@test "1.8 IPv6: one source on two incoming interfaces is forwarded from both, every packet" {
	twofold 6
}

by_the_kernel()
{
	use "$1"
	config <<<"mroute from eth0 group $g kernel to eth1 eth2"
	daemon_start
	has_mroute "$any" "$g" eth0 eth0 eth1 eth2
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	net_send source "$g" from "$s" count 3
	net_send source "$g" from "$s2" count 4
	got_all l1 7
	got_all l2 7
	[ "$(mroutes | wc -l)" -eq 1 ]
	ctl reload
	has_mroute "$any" "$g" eth0 eth0 eth1 eth2
	# where it cannot be right
	run ctl add kernel eth1 "$g" eth0
	assert_failure 1
	assert_output --partial "the kernel cannot forward $g by itself: "
	run ctl add kernel eth0 "$groups" eth1
	assert_failure 1
	assert_output --partial "'kernel' is for one group from every source"
	has_mroute "$any" "$g" eth0 eth0 eth1 eth2
	ctl remove eth0 "$g"
	[ -z "$(mroutes)" ]
	ctl add kernel eth0 "$g" eth2
	has_mroute "$any" "$g" eth0 eth0 eth2
}

@test "1.8 IPv4: kernel: one entry for every source, without learning" {
	by_the_kernel 4
}

@test "1.8 IPv6: kernel: one entry for every source, without learning" {
	by_the_kernel 6
}

# Learned ones and stop filters of nobody's sources age, configured ones do not.
ages()
{
	use "$1"
	config <<<"mroute from eth0 group $groups to eth1
		   mroute from eth0 source $s2 group $g to eth2"
	daemon_start -c 1
	net_send source "$g"
	net_send listener1 "$g"
	unknown()
	{
		mroutes | grep -q " $g eth1$"
	}
	gone()
	{
		! unknown && has_no_mroute "$s" "$g"
	}
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	wait_until 5 unknown
	wait_until 10 gone
	has_mroute "$s2" "$g" eth0 eth1 eth2
}

@test "1.8 IPv4: -c: what is learned ages, what is configured stays" {
	ages 4
}

@test "1.8 IPv6: -c: what is learned ages, what is configured stays" {
	ages 6
}
