#!/usr/bin/env bats
# pim_bsr.bats - RPs that are found, on real kernels: bootstrap routers and candidates come, end and
# die, streams go on by the RP that is left; borders; RPs in groups, and several of one address
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

# all_know "NAME..." BSR RP: who is bootstrap router, and RP of the group
all_know()
{
	local name

	for name in $1; do
		wait_until 20 has_bsr "$name" "$2"
		wait_until 20 has_rp "$name" "$asm" "$3"
	done
}

# flows [GROUP]: a stream begins, and arrives
flows()
{
	local group=${1:-$asm}

	net_listen "to-listener$af" listener "$group"
	flow_start "flow$af" source "$group"
	arrives "to-listener$af" 20
}

# goes_by RP LINK OF: the stream is that of the RP with this address, and passes on by its device
goes_by()
{
	all_know "r1 r4 r5" "$(address r6)" "$(address "$1" "$2")"
	wait_until 5 sends "$1" "$asm" "$3"
	arrives "to-listener$af"
}

first_rp()
{
	all_know "r1 r2 r3 r4 r6" "$(address r6)" "$(address r2)"
	flows
}

# Until r5 knows the RP, from the Hello of its first neighbor, r4, with which that answers its own
told_at_once()
{
	local hello known

	wait_until 15 has_rp r5 "$asm" "$(address r2)"
	known=${EPOCHREALTIME/[.,]/}
	hello=$(at late "$(speaks r4 8) > $all_routers .* hello ")
	echo "IPv$af: told $((known - hello)) us after the Hello"
	[ $((known - hello)) -lt 1000000 ]
}

both_are_told_at_once()
{
	local told

	use 4
	told_at_once &
	told=$!
	use 6
	told_at_once
	wait $told
}

# A square, with the first RP on one way, the second on the other, and the third where both begin; a
# bootstrap router on a LAN with both ends, and a router that comes late
@test "a stream finds its RP, and goes on by another one when that dies, and when it ends" {
	pim_square
	pim_link 7 r1 r4 r6
	pim_link 8 r4 r5
	pim_routes
	pim_lines=(
		[r4]="spt-threshold infinity"
		[r6]="bsr-candidate eth7 interval 1"
		[r2]="rp-candidate eth2 priority 1 interval 1"
		[r3]="rp-candidate eth4 priority 2 interval 1"
		[r1]="rp-candidate eth1 priority 3 interval 1"
	)
	net_capture said r1 eth7 'ip proto 103 or ip6 proto 103'
	router_start ours r1 r2 r3 r4 r6
	each_family first_rp
	pim_hear late r5 8
	router_start ours r5
	both_are_told_at_once
	each_family goes_by r2 2 eth3
	router_stop r2 KILL || :
	each_family goes_by r3 4 eth5
	router_stop r3
	each_family goes_by r1 1 eth7
	run net_packets said -o ip.check_checksum:TRUE \
		-Y 'pim && (_ws.malformed || _ws.expert.severity >= 0x600000)'
	assert_output ''
}

# are_led_by "NAME..." NAME
are_led_by()
{
	local name

	for name in $1; do
		wait_until 30 has_bsr "$name" "$(address "$2")"
	done
}

@test "bootstrap routers: the one with the highest address, then the next when it ends, or dies" {
	pim_link 1 r1 r2 r3 r4
	pim_routes
	pim_lines=(
		[r2]="bsr-candidate interval 1"
		[r3]="bsr-candidate interval 1"
		[r4]="bsr-candidate interval 1"
	)
	router_start ours r1 r2 r3 r4
	each_family are_led_by "r1 r2 r3 r4" r4
	router_stop r4
	each_family are_led_by "r1 r2 r3" r3
	router_stop r3 KILL || :
	each_family are_led_by r2 r2
}

# The host says who is RP of a zone, and of all groups, as a bootstrap router would
says_who_is_rp()
{
	local bsr also=() groups=224.0.0.0/4 zone=239.192.0.0/14 zone_group=239.192.1.1

	bsr=$(address host)
	[ "$af" = 4 ] ||
		also=(address "$bsr") groups=ff00::/8 zone=ff08::/16 zone_group=ff08::1:1
	pimcast host 1 hello seconds 100 from "$(speaks host 1)" "${also[@]}"
	wait_until 5 has_neighbor r1 "$(speaks host 1)"
	pimcast host 1 bsm "$bsr" tag 1 zone "$zone" rp "$(address r1)" 150 0
	pimcast host 1 bsm "$bsr" tag 2 range "$groups" rp "$bsr" 150 0
	wait_until 5 has_rp r3 "$zone_group" "$bsr"
	wait_until 5 has_rp r1 "$asm" "$bsr"
	wait_until 5 has_rp r1 "$zone_group" "$(address r1)"
	has_bsr r1 "$bsr"
	has_bsr r1 "$bsr" "$zone"
	has_bsr r3 "$bsr"
	run -1 has_bsr r3 "$bsr" "$zone"
	has_no_rp r2 "$asm"
}

@test "what bootstrap routers say does not pass a border, nor what is of a zone that of the zone" {
	pim_link 1 host r1
	pim_link 2 r1 r2
	pim_link 3 r1 r3
	pim_routes
	pim_lines=([r1]="phyint eth2 bsr-border
phyint eth3 scoped 239.192.0.0/14
phyint eth3 scoped ff08::/16")
	pim_hear border r2 2
	pim_hear zone r3 3
	router_start ours r1 r2 r3
	each_family have_met r1=2 r2=1 r3=1
	each_family says_who_is_rp
	run -1 heard border ' bsm '
	run -1 heard zone ' bsm .* zone '
}

@test "a group that tells its RP flows by that one" {
	pim_line 3
	pim_spt=never
	router_start ours r1 r2 r3
	use 6
	have_met r1=1 r2=2 r3=1
	flows ff7e:240:fd00:2::1:1
	has_rp r3 ff7e:240:fd00:2::1:1 fd00:2::2
	wait_until 5 joined r2 ff7e:240:fd00:2::1:1
	run -0 rctl r3 show pim rp ff7e:240:fd00:2::1:1
	assert_output --partial embedded
}

# anycast ADDRESS: r2 and r3 have it; the source's router knows r2's way, the listener's r3's
anycast()
{
	local len=32 rp=10.9.9.9

	[ "$af" = 4 ] || len=128 rp=fd99::9
	ip -n "$(net_ns r2)" addr add $rp/$len dev lo
	ip -n "$(net_ns r3)" addr add $rp/$len dev lo
	ip "-$af" -n "$(net_ns r1)" route add $rp via "$(address r2)"
	ip "-$af" -n "$(net_ns r4)" route add $rp via "$(address r3 5)"
	anycast+="rp-address $rp"$'\n'"anycast-rp $rp $(address r2) $(address r3)"$'\n'
}

# comes_by NAME DEVICE NOT-NAME DEVICE
comes_by()
{
	wait_until 5 sends "$1" "$asm" "$2"
	sends_not "$3" "$asm" "$4"
}

goes_on()
{
	local rp=10.9.9.9

	[ "$af" = 4 ] || rp=fd99::9
	ip "-$af" -n "$(net_ns r4)" route replace $rp via "$(address r2 3)"
	wait_until 10 sends r2 "$asm" eth3
	arrives "to-listener$af"
}

@test "two RPs of one address: the source's tells the listener's, which dies" {
	local anycast=''

	pim_square
	each_family anycast
	pim_lines=([r1]=$anycast [r2]=$anycast [r3]=$anycast [r4]=$anycast"spt-threshold infinity")
	router_start ours r1 r2 r3 r4
	each_family have_met r1=2 r2=2 r3=2 r4=2
	each_family flows
	each_family comes_by r3 eth5 r2 eth3
	router_stop r3 KILL || :
	each_family goes_on
}
