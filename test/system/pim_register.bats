#!/usr/bin/env bats
# pim_register.bats - Registers of real kernels: what a source sends comes out of them as it was
#
#	source (1) r1 (2) r2, the RP (3) r3 (4) listener
#
# shellcheck disable=SC2034,SC2154 # pim.bash has them, or uses them

bats_require_minimum_version 1.5.0
load net
load pim
load peers

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

# routers [LINE]: with that line of configuration
routers()
{
	local lines

	lines=$(printf 'rp-address 10.0.2.2\nrp-address fd00:2::2\n%s' "${1:-}")
	pim_lines=([r1]=$lines [r2]=$lines [r3]=$lines)
	router_start ours r1 r2 r3
	each_family have_met r1=1 r2=2 r3=1
}

# What comes out, with which TTL: three routers and a Register that leads through
comes_out()
{
	local before payload

	net_listen "got$af" listener "$asm"
	wait_until 5 joined r2 "$asm"
	net_send source "$asm" ttl 9 size 100 count 3 interval 20
	wait_until 5 net_has_received "got$af" 3
	wait_for "got$af" "^1 from $(address source) ttl 6$"
	[ "$(heard wire " register $(address source) $asm ")" -ge 3 ]

	# as long as the links allow, so that it does not fit into a Register in one piece
	payload=1472
	[ "$af" = 4 ] || payload=1452
	before=$(net_received "got$af")
	net_send source "$asm" ttl 9 size $payload count 5 interval 200
	wait_until 5 has_more "got$af" $((before + 3))
}

@test "PIM-60, PIM-62, PIM-69, PIM-220: packets come out of Registers as they were sent" {
	pim_line 3
	pim_hear wire r2 2
	routers "spt-threshold infinity"
	each_family comes_out
}

# The first one, the answer, and then silence
is_stopped()
{
	net_send source "$asm" ttl 9 count 1
	wait_for wire " register $(address source) $asm "
	wait_for wire " stop $(address source) $asm"
	wait_until 5 is_pruned
	net_send source "$asm" ttl 9 count 5 interval 10
	[ "$(heard wire " register $(address source) $asm ")" -eq 1 ]
}

is_pruned()
{
	forwards r1 "$(address source)" "$asm" eth1
}

@test "PIM-55, PIM-67: what nobody wants is registered once" {
	pim_line 3
	pim_hear wire r2 2
	routers
	each_family is_stopped
}

# Nothing of a stream is lost that begins when the listener is there
comes_whole()
{
	net_listen "got$af" listener "$asm"
	wait_until 5 joined r2 "$asm"
	net_send source "$asm" ttl 9 count 100 interval 20
	wait_until 5 has_more "got$af" 98
	[ "$(lost_and_doubled "got$af")" = "0 0" ]
	[ "$(net_received "got$af")" -eq 100 ]
	[ "$(heard wire " register $(address source) $asm ")" -lt 20 ]
	wait_until 5 forwards r2 "$(address source)" "$asm" eth2 eth3
}

@test "PIM-54, PIM-67, PIM-69: from Registers to the source's tree without a loss" {
	pim_line 3
	pim_hear wire r2 2
	routers
	each_family comes_whole
}
