#!/usr/bin/env bats
# pim.bats - PIM on real kernels: streams over a line, a square and a LAN, with the RP in each place
# shellcheck disable=SC2034,SC2154 # pim.bash has them

bats_require_minimum_version 1.5.0
load net
load pim

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	[ -w /dev/net/tun ] || skip "there is no /dev/net/tun for us"
}

teardown()
{
	pim_teardown
}

# routers RP LINK NAME...: the RP is that router's address on the link, of both families
routers()
{
	local name rps='' rp=$1 link=$2

	shift 2
	use 4
	rps="rp-address $(address "$rp" "$link")"
	use 6
	rps+=$'\n'"rp-address $(address "$rp" "$link")"
	for name in "$@"; do
		pim_lines+=(["$name"]=$rps)
	done
	router_start ours "$@"
}

# flows LISTENER GROUP [SOURCE]: a stream arrives there, and goes on, each packet once
flows()
{
	net_listen "to-$1$af" "$1" "$2" ${3:+source "$3"}
	flow_start "flow$af" source "$2"
	wait_until 20 has_more "to-$1$af" 20
	wait_until 20 is_steady "to-$1$af"
}

# ends LISTENER LAST-ROUTER DEVICE GROUP
ends()
{
	net_stop "to-$1$af" || :
	wait_until 10 sends_not "$2" "$4" "$3"
	net_stop "flow$af" || :
}

# both_modes LISTENER LAST-ROUTER DEVICE
both_modes()
{
	flows "$1" "$asm"
	ends "$1" "$2" "$3" "$asm"
	flows "$1" "$ssm" "$(address source)"
	ends "$1" "$2" "$3" "$ssm"
}

# rp_in_line RP LINK
rp_in_line()
{
	pim_line 3
	routers "$1" "$2" r1 r2 r3
	each_family have_met r1=1 r2=2 r3=1
	each_family both_modes listener r3 eth4
}

@test "a line of three, the RP where the source is" {
	rp_in_line r1 1
}

@test "a line of three, the RP on the way" {
	rp_in_line r2 2
}

@test "a line of three, the RP where the listener is" {
	rp_in_line r3 4
}

@test "one router is all: DR, RP and last hop" {
	pim_line 1
	routers r1 1 r1
	each_family both_modes listener r1 eth2
}

# The better way of r4 is by r2; then it is lost, and comes back.
over_the_square()
{
	flows listener "$1" ${2:+"$2"}
	ip -n "$(net_ns r2)" link set eth3 down
	wait_until 10 is_steady "to-listener$af"
	wait_until 10 sends r3 "$1" eth5
	ip -n "$(net_ns r2)" link set eth3 up
	wait_until 10 has_link_locals r2
	wait_until 10 has_address r2
	pim_route r2
	pim_route r4
	wait_until 20 sends r2 "$1" eth3
	wait_until 20 is_steady "to-listener$af"
	wait_until 10 sends_not r3 "$1" eth5
	ends listener r4 eth6 "$1"
}

# IPv6 addresses go with their link, and have to be given anew
has_address()
{
	ip -n "$(net_ns r2)" addr replace fd00:3::1/64 dev eth3 nodad
}

@test "a square: the other way is taken when the first breaks, and left when it is back" {
	pim_square
	routers r1 1 r1 r2 r3 r4
	each_family have_met r1=2 r2=2 r3=2 r4=2
	use 4
	over_the_square "$asm"
	over_the_square "$ssm" "$(address source)"
	use 6
	over_the_square "$ssm" "$(address source)"
}

@test "a LAN with two routers above and two below" {
	pim_lan
	routers r1 1 r1 r2 r3 r4
	each_family have_met r1=4 r2=4 r3=4 r4=4
	each_family both_modes listener r4 eth3
}
