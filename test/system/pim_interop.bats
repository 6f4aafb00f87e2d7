#!/usr/bin/env bats
# pim_interop.bats - beside Debian's FRR and pimd: ours in each place of their networks, and theirs
# in ours, with and without a rendezvous point; what ours says is read by tshark without complaint
# shellcheck disable=SC2034,SC2154 # pim.bash has them

bats_require_minimum_version 1.5.0
load net
load pim
load peers

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	use 4
}

teardown()
{
	pim_teardown
}

with()
{
	peer_fetch "$1" || skip "$1 cannot be had from Debian here"
}

# links_recorded LINK-OF-ROUTER...: as r2/2, what is said of PIM there
links_recorded()
{
	local at

	for at in "$@"; do
		net_capture "wire-${at#*/}" "${at%/*}" "eth${at#*/}" \
			'ip proto 103 or ip6 proto 103'
	done
	recorded=("$@")
}

# tshark finds nothing wrong with what ours said
is_well_said()
{
	local at name link ours=()

	for name in "${!pim_kind[@]}"; do
		[ "${pim_kind[$name]}" = ours ] || continue
		for link in ${pim_links[$name]}; do
			ours+=("|| ip.src == $(address "$name" "$link")")
		done
	done
	for at in "${recorded[@]}"; do
		net_captured "wire-${at#*/}" pim
		run net_packets "wire-${at#*/}" -o ip.check_checksum:TRUE -d udp.port==5000,data \
			-Y "pim && (_ws.malformed || _ws.expert.severity >= 0x600000) &&
				(ip.src == 255.255.255.255 ${ours[*]})"
		assert_output ''
	done
}

# line KIND KIND KIND: source r1 r2 r3 listener, with the RP in the middle
line()
{
	local i=1 kind

	pim_line 3
	pim_rp=$(address r2)
	for kind in "$@"; do
		router_start "$kind" "r$i"
		i=$((i + 1))
	done
	links_recorded r2/2 r2/3
}

# delivered HOST GROUP [SOURCE]: what is sent arrives there, and soon all of it, once
delivered()
{
	net_listen "to-$1" "$1" "$2" ${3:+source "$3"}
	flow_start "from-source" source "$2"
	arrives "to-$1" 20 90
	wait_until 60 is_steady "to-$1" 300
}

# ended ROUTER OIF GROUP HOST SECONDS: nobody listens any more, and nothing is sent there
ended()
{
	net_stop "to-$4" || :
	wait_until "$5" sends_not "$1" "$3" "$2"
	net_stop from-source || :
}

# both_modes SECONDS: with a rendezvous point and without; what is left ends in that time
both_modes()
{
	delivered listener "$asm"
	ended r3 eth4 "$asm" listener "$1"
	delivered listener "$ssm" "$(address source)"
	ended r3 eth4 "$ssm" listener "$1"
	is_well_said
}

@test "ours is first hop, FRR the rendezvous point and last hop" {
	with frr
	line ours frr frr
	both_modes 10
}

@test "ours is the rendezvous point between routers of FRR" {
	with frr
	line frr ours frr
	both_modes 10
}

@test "ours is last hop, FRR the rendezvous point and first hop" {
	with frr
	line frr frr ours
	both_modes 10
}

@test "FRR is first hop, ours the rendezvous point and last hop" {
	with frr
	line frr ours ours
	both_modes 10
}

@test "FRR is the rendezvous point between ours" {
	with frr
	line ours frr ours
	both_modes 10
}

@test "FRR is last hop, ours the rendezvous point and first hop" {
	with frr
	line ours ours frr
	both_modes 10
}

# pimd takes twenty seconds to use its rendezvous point, and its last hop more than that to end
@test "ours is first hop, pimd the rendezvous point and last hop" {
	with pimd
	line ours pimd pimd
	delivered listener "$asm"
	is_well_said
}

@test "ours is the rendezvous point between routers of pimd" {
	with pimd
	line pimd ours pimd
	delivered listener "$asm"
	is_well_said
}

@test "ours is last hop, pimd the rendezvous point and first hop" {
	with pimd
	line pimd pimd ours
	delivered listener "$asm"
	ended r3 eth4 "$asm" listener 10
	is_well_said
}

# In its first 20 s it knows of no RP: it stops Registers then, and hears no Join.
quick_again='register-suppression 6
register-probe 2'

@test "pimd is the rendezvous point between ours" {
	with pimd
	pim_lines[r1]=$quick_again
	pim_lines[r3]='phyint eth3 join-prune-interval 10'
	line ours pimd ours
	delivered listener "$asm"
	ended r3 eth4 "$asm" listener 10
	is_well_said
}

@test "pimd and ours pass on what listeners of one source want" {
	with pimd
	line ours pimd ours
	delivered listener "$ssm" "$(address source)"
	ended r3 eth4 "$ssm" listener 10
	is_well_said
}

# lan KIND KIND KIND: source r1, a LAN with r2 and r3, a LAN of both with the listener
lan()
{
	local i=1 kind

	pim_link 1 source r1
	pim_link 2 r1 r2 r3
	pim_link 3 r2 r3 listener
	pim_routes
	pim_rp=$(address r1)
	links_recorded r1/2 r2/3
	for kind in "$@"; do
		router_start "$kind" "r$i"
		i=$((i + 1))
	done
	# until then FRR is DR, and goes on as if it were
	wait_until 15 greeted r2
	wait_until 15 greeted r3
}

# greeted NAME: it said Hello to the listeners' LAN
greeted()
{
	net_captured wire-3 "pim.type == 0 && ip.src == $(address "$1" 3)"
}

@test "ours is the DR beside FRR by its priority, and alone serves listeners" {
	with frr
	pim_dr[r2]=10
	lan frr ours frr
	delivered listener "$asm"
	sends r2 "$asm" eth3
	sends_not r3 "$asm" eth3
	ended r2 eth3 "$asm" listener 10
	is_well_said
}

@test "FRR is the DR beside ours by its address, and alone serves listeners" {
	with frr
	lan ours ours frr
	delivered listener "$asm"
	sends r3 "$asm" eth3
	sends_not r2 "$asm" eth3
	ended r3 eth3 "$asm" listener 10
	is_well_said
}

@test "ours takes over at once when FRR, the DR, says goodbye" {
	with frr
	lan ours ours frr
	delivered listener "$asm"
	router_stop r3 || :
	wait_until 5 sends r2 "$asm" eth3
	arrives to-listener
	is_well_said
}

@test "a prune of FRR on a LAN is overridden by ours, and nothing is lost" {
	with frr
	pim_link 1 source r1
	pim_link 2 r1 r2 r3
	pim_link 3 r2 listener
	pim_link 4 r3 other
	pim_routes
	pim_rp=$(address r1)
	router_start frr r1 r3
	router_start ours r2
	links_recorded r1/2
	delivered listener "$ssm" "$(address source)"
	net_listen to-other other "$ssm" source "$(address source)"
	arrives to-other
	net_stop to-other || :
	wait_until 10 net_captured wire-2 "ip.src == $(address r3 2) && pim.type == 3 && pim.numprunes > 0"
	wait_until 10 net_captured wire-2 "ip.src == $(address r2 2) && pim.type == 3" 2
	sleep 4
	is_steady to-listener 300
	run lost_and_doubled to-listener
	assert_output '0 0'
	is_well_said
}

# Where FRR would win, it does not say so, and both forward until the join runs out.
@test "of ours and FRR that forward to one LAN, ours is left, which is the better" {
	with frr
	pim_link 1 source r1 r2
	pim_link 2 r1 r2 r3 r4
	pim_link 3 r3 listener
	pim_link 4 r4 other
	pim_routes
	ip -n "$(net_ns r3)" route replace 10.0.1.0/24 via 10.0.2.1 metric 5
	ip -n "$(net_ns r4)" route replace 10.0.1.0/24 via 10.0.2.2 metric 5
	router_start ours r2 r3 r4
	router_start frr r1
	links_recorded r1/2
	delivered listener "$ssm" "$(address source)"
	net_listen to-other other "$ssm" source "$(address source)"
	arrives to-other
	wait_until 20 is_steady to-listener 300
	is_steady to-other 300
	wait_until 5 net_captured wire-2 "ip.src == $(address r2 2) && pim.type == 5"
	is_well_said
}

@test "FRR that restarts is sent all joins again by ours at once" {
	with frr
	line ours frr ours
	delivered listener "$ssm" "$(address source)"
	router_stop r2 KILL || :
	router_start frr r2
	wait_until 20 is_steady to-listener 300
	is_well_said
}

# found KIND KIND...: source r1 r2 r3 listener, r4 behind r3 if there is one; RPs are found
found()
{
	local i=1 kind

	pim_line 3
	[ $# -lt 4 ] || pim_link 5 r3 r4
	pim_routes
	links_recorded r2/2 r2/3
	for kind in "$@"; do
		router_start "$kind" "r$i"
		i=$((i + 1))
	done
}

# Ranges with their RPs and priorities, of one of ours
our_rps()
{
	rctl "$1" -j show pim rp | grep -o '"group":"[0-9.]*/[0-9]*","rp_address":"[^"]*"' |
		sed 's/"group":"//; s/","rp_address":"/ /; s/"$//' | sort
}

# The same of FRR
rps_of_frr()
{
	frr_show "$1" ip pim bsrp-info json | awk -F '"' '
		/^  "[0-9.]*\/[0-9]*"/ { range = $2 }
		/"Rp Address"/ { print range, $4 }' | sort
}

frr_knows_what_ours_does()
{
	[ "$(our_rps "$2" | wc -l)" -eq 3 ] && [ "$(rps_of_frr "$1")" = "$(our_rps "$2")" ]
}

# FRR has one RP for all groups of a range, so that they are of one each here.
@test "FRR knows the RPs that ours, as bootstrap router, has of ours, and passes them on" {
	with frr
	pim_lines[r1]="bsr-candidate eth2 interval 1
rp-candidate eth2
group-prefix 224.0.0.0/4 239.9.0.0/16"
	pim_lines[r4]="rp-candidate eth5
group-prefix 239.1.0.0/16"
	found ours frr frr ours
	wait_until 30 has_rp r4 "$asm" "$(address r4)"
	wait_until 5 frr_knows_what_ours_does r2 r1
	wait_until 5 frr_knows_what_ours_does r3 r1
	has_rp r4 239.9.1.1 "$(address r1 2)"
	delivered listener "$asm"
	is_well_said
}

@test "ours find the RP by pimd, which is bootstrap router and RP" {
	with pimd
	pim_lines[r1]=$quick_again
	pim_lines[r2]="bsr-candidate eth2 priority 20
rp-candidate eth2 time 30"
	found ours pimd ours
	wait_until 60 has_rp r1 "$asm" "$(address r2)"
	wait_until 5 has_rp r3 "$asm" "$(address r2)"
	has_bsr r3 "$(address r2)"
	delivered listener "$asm"
	is_well_said
}

@test "ours is the bootstrap router of pimd, which is RP, and last hop" {
	with pimd
	pim_lines[r1]="bsr-candidate eth2 interval 10
$quick_again"
	pim_lines[r2]="rp-candidate eth2 time 30"
	found ours pimd pimd
	wait_until 30 has_rp r1 "$asm" "$(address r2)"
	delivered listener "$asm"
	is_well_said
}
