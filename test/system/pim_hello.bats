#!/usr/bin/env bats
# pim_hello.bats - Hellos on the wire: neighbors meet, and part, whatever happens to interfaces
# shellcheck disable=SC2034,SC2154 # pim.bash has them, or uses them

bats_require_minimum_version 1.5.0
load net
load pim
load peers

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
}

teardown()
{
	pim_teardown
}

has_no_neighbor()
{
	! has_neighbor "$@"
}

# is_dr NAME LINK ADDRESS
is_dr()
{
	rctl "$1" -j show pim interface | grep "\"interface\":\"eth$2\",\"family\":\"IPv$af\"" |
		grep -q "\"dr_address\":\"$3\""
}

# genid LOG ADDRESS: the last one that was heard of it
genid()
{
	grep "$2 > .* hello " "$(net_log "$1")" | sed -n '$s/.*genid \([0-9]*\).*/\1/p'
}

hello_is_heard()
{
	wait_for wire "$(speaks r1 1) > $all_routers ttl 1 hello seconds 105 delay 500 2500 dr 1 genid [0-9]*"
}

meet()
{
	wait_until 12 has_neighbor r1 "$(speaks r2 1)"
	wait_until 12 has_neighbor r2 "$(speaks r1 1)"
}

# The higher address has it; that of IPv6 is a random one
elect()
{
	local dr

	dr=$(python3 -c 'import ipaddress, sys
print(max(map(ipaddress.ip_address, sys.argv[1:])))' "$(speaks r1 1)" "$(speaks r2 1)")
	wait_until 5 is_dr r1 1 "$dr"
	wait_until 5 is_dr r2 1 "$dr"
}

goodbye_is_heard()
{
	wait_for wire "$(speaks r1 1) > $all_routers ttl 1 hello seconds 0 "
	wait_until 2 has_no_neighbor r2 "$(speaks r1 1)"
}

@test "PIM-27, PIM-44: routers meet, and agree on who is DR; who stops says goodbye" {
	pim_link 1 r1 r2
	pim_hear wire r2 1
	router_start ours r1 r2
	each_family hello_is_heard
	each_family meet
	each_family elect
	router_stop r1
	each_family goodbye_is_heard
}

# r1 has another address: goodbye from the old one, a Hello from the new one, at once
moves()
{
	local before after=10.0.1.77 len=24

	before=$(speaks r1 1)
	[ "$af" = 4 ] || after=fe80::77 len=64
	ip -n "$(net_ns r1)" addr del "$before/$len" dev eth1
	ip -n "$(net_ns r1)" addr add "$after/$len" dev eth1 nodad
	wait_for wire "$before > $all_routers ttl 1 hello seconds 0 "
	wait_for wire "$after > $all_routers ttl 1 hello seconds 105 "
	wait_until 7 has_neighbor r2 "$after"
	has_no_neighbor r2 "$before"
}

@test "PIM-40: another address" {
	pim_link 1 r1 r2
	router_start ours r1 r2
	each_family meet
	pim_hear wire r2 1
	each_family moves
}

secondary()
{
	local prefix=10.7.7.7/24

	[ "$af" = 4 ] || prefix=fd77::7/64
	ip -n "$(net_ns r1)" addr add $prefix dev eth1 nodad
	wait_for wire "$(speaks r1 1) > .* hello .* address .*${prefix%/*}"
	rctl r2 -j show pim neighbor | grep -q "\"${prefix%/*}\""
}

@test "PIM-37, PIM-41: another secondary address" {
	pim_link 1 r1 r2
	router_start ours r1 r2
	each_family meet
	pim_hear wire r2 1
	each_family secondary
}

# restarts HOW...: as a new process, with a new generation ID
restarts()
{
	local before

	before=$(genid wire "$(speaks r1 1)")
	"$@"
	wait_until 12 has_other_genid "$before"
	run -1 grep -q "$(speaks r1 1) .* hello seconds 0 " "$(net_log wire)"
	has_neighbor r2 "$(speaks r1 1)"
}

has_other_genid()
{
	[ "$(genid wire "$(speaks r1 1)")" != "$1" ]
}

@test "PIM-34: an upgrade is a restart, without a goodbye" {
	use 4
	pim_link 1 r1 r2
	pim_hear wire r2 1
	router_start ours r1 r2
	meet
	hello_is_heard
	restarts rctl r1 upgrade
}

@test "PIM-34: so is a link that goes and comes" {
	use 4
	pim_link 1 r1 r2
	pim_hear wire r2 1
	router_start ours r1 r2
	meet
	hello_is_heard
	before=$(genid wire 10.0.1.1)
	ip -n "$(net_ns r1)" link set eth1 down
	wait_until 5 has_no_neighbor r1 10.0.1.2
	ip -n "$(net_ns r1)" link set eth1 up
	wait_until 12 has_other_genid "$before"
	wait_until 12 has_neighbor r1 10.0.1.2
}

@test "an interface that is deleted, made again, and renamed" {
	pim_link 1 r1 r2
	router_start ours r1 r2
	each_family meet
	ip -n "$(net_ns r1)" link del eth1
	wait_until 5 has_no_neighbor r1 10.0.1.2
	net_link r1 new r2 eth1
	ip -n "$(net_ns r2)" addr add 10.0.1.2/24 dev eth1
	ip -n "$(net_ns r1)" addr add 10.0.1.1/24 dev new
	ip -n "$(net_ns r1)" link set new down
	ip -n "$(net_ns r1)" link set new name eth1 up
	use 4
	wait_until 12 has_neighbor r1 10.0.1.2
	wait_until 12 has_neighbor r2 10.0.1.1
}

@test "neighbors whose addresses are of different networks" {
	use 4
	pim_link 1 r1 r2
	for i in 1 2; do
		ip -n "$(net_ns r$i)" addr flush dev eth1 scope global
		ip -n "$(net_ns r$i)" addr add 10.9.$i.1/32 dev eth1
	done
	router_start ours r1 r2
	wait_until 12 has_neighbor r1 10.9.2.1
	wait_until 12 has_neighbor r2 10.9.1.1
}

@test "Hellos of a tenth of a second: a dead neighbor is known in a second" {
	use 4
	pim_link 1 r1 r2
	pim_hello=0.1
	router_start ours r1 r2
	meet
	net_stop r2 KILL || :
	start=$EPOCHREALTIME
	wait_until 3 has_no_neighbor r1 10.0.1.2
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a < 1.5) }'
}

@test "PIM-46: nothing of what is wrong makes a neighbor" {
	use 4
	pim_link 1 r1 r2
	router_start ours r1
	pimcast r2 1 hello badsum
	pimcast r2 1 hello version 1
	pimcast r2 1 hello cut 3
	pimcast r2 1 hello ttl 9
	pimcast r2 1 hello to 224.0.0.5
	pimcast r2 1 hello from 10.0.1.1
	pimcast r2 1 hello from 0.0.0.0
	pimcast r2 1 hello from 127.0.0.1
	pimcast r2 1 hello from 224.0.0.13
	pimcast r2 1 hello from 10.0.1.8 option 65001 0102 option 39 00000001
	wait_until 3 has_neighbor r1 10.0.1.8
	run rctl r1 -j show pim neighbor
	refute_output --partial 10.0.1.2
	assert_equal "$(grep -c '"address":' <<<"$output")" 1
}

# ask_frr NAME COMMAND: as its client does, which wants to know who asks
ask_frr()
{
	printf '%s\0' "$2" |
		socat -t 0.5 - "UNIX-CONNECT:$BATS_TEST_TMPDIR/$1.run/frr/pimd.vty" | tr -d '\0'
}

frr_has()
{
	ask_frr r2 "show ip pim neighbor" | grep -q " $1 "
}

frr_has_not()
{
	! frr_has "$1"
}

frr_dr_is()
{
	ask_frr r2 "show ip pim interface" | grep -q "^ *eth1 .* $1 "
}

@test "FRR and ours: neighbors, who is DR, goodbyes" {
	peer_fetch frr || skip "FRR cannot be had"
	use 4
	pim_link 1 r1 r2
	pim_hear wire r2 1
	router_start frr r2
	router_start ours r1
	wait_until 12 has_neighbor r1 10.0.1.2
	wait_until 12 frr_has 10.0.1.1
	wait_until 5 is_dr r1 1 10.0.1.2
	frr_dr_is local
	pim_dr[r1]=7
	ours_config r1 >"$BATS_TEST_TMPDIR/r1.conf"
	rctl r1 reload
	wait_until 5 is_dr r1 1 10.0.1.1
	wait_until 5 frr_dr_is 10.0.1.1
	router_stop r1
	wait_until 5 frr_has_not 10.0.1.1
	router_start ours r1
	wait_until 12 has_neighbor r1 10.0.1.2
	router_stop r2 || :
	wait_for wire '10.0.1.2 > .* hello seconds 0 '
	wait_until 5 has_no_neighbor r1 10.0.1.2
}

@test "pimd and ours: neighbors, who is DR, goodbyes" {
	peer_fetch pimd || skip "pimd cannot be had"
	use 4
	pim_link 1 r1 r2
	pim_link 2 r2 listener
	pim_hear wire r1 1
	router_start ours r1
	router_start pimd r2
	wait_until 12 has_neighbor r1 10.0.1.2
	wait_until 5 is_dr r1 1 10.0.1.2
	# it says nothing of delays
	rctl r1 -j show pim interface | grep '"interface":"eth1","family":"IPv4"' |
		grep -q '"override_interval":2500'
	router_stop r2 || :
	wait_for wire '10.0.1.2 > .* hello seconds 0 '
	wait_until 5 has_no_neighbor r1 10.0.1.2
}
