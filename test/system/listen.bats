#!/usr/bin/env bats
# listen.bats - every message of IGMP and MLD comes in from a device that is listened to
#
# linux_probe stands where the router would, and prints what the kernel side tells.

# shellcheck disable=SC2030,SC2031 # each test is a subshell
# shellcheck disable=SC2034,SC2154 # what the loaded files use, and set

load net
load daemon
load gm
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

# listens FAMILY: upstream eth0 and downstream eth1 have vifs, both are listened to
listens()
{
	use "$1"
	case $af in
	4) proto=2 host=10.0.1.2 me=10.0.1.1 nobody=10.0.1.77 ;;
	6) proto=58 host=$(link_local listener1) me=$(link_local router eth1) nobody=fe80::77 ;;
	esac
	ok open "$af"
	ok vif "$af" 0 eth0
	ok vif "$af" 1 eth1
	ok listen "$af" eth0 members on
	ok listen "$af" eth1 members on
}

is_told()
{
	[ "$(said "$1")" -gt "$2" ]
}

# hears DEVICE WHAT HOST WORD...: what gmcast sends there comes in, as that
hears()
{
	local pattern="^packet $1 proto $proto $2" before

	before=$(said "$pattern")
	gmcast "${@:3}"
	if ! wait_until 5 is_told "$pattern" "$before"; then
		echo "not heard: ${*:3}" >&2
		tail -n 10 "$(net_log router)" >&2
		return 1
	fi
}

# hears_not WORD...: nothing of what a host nobody else is sends comes in, what it sends then does
hears_not()
{
	local before pattern="^packet eth1 proto $proto $nobody "

	before=$(said "$pattern")
	gmcast listener1 "$@" from "$nobody"
	hears eth1 "$nobody $reports ttl 9 " listener1 is_ex "$asm2" ttl 9 from "$nobody"
	[ "$(said "$pattern")" -eq $((before + 1)) ]
}

# all_of DEVICE HOST SOURCE: each kind there is, from a host that says it is SOURCE; its groups are
# none of which the router's kernel is a member
all_of()
{
	local dev=$1 src=$3 tail=(from "$3")
	local hop="ttl 1 tos [0-9]+"

	case $af in
	4)
		hears "$dev" "$src $asm $hop alert 16" "$2" report2 "$asm" "${tail[@]}"
		hears "$dev" "$src $asm $hop 16" "$2" report2 "$asm" noalert "${tail[@]}"
		hears "$dev" "$src $asm $hop 12" "$2" report1 "$asm" noalert "${tail[@]}"
		hears "$dev" "$src $routers $hop 17" "$2" leave "$asm" noalert "${tail[@]}"
		hears "$dev" "$src $routers $hop alert 17" "$2" leave "$asm" "${tail[@]}"
		hears "$dev" "$src $all $hop 1100eeff" "$2" query1 noalert mrt 0 "${tail[@]}"
		hears "$dev" "$src $all $hop alert 11" "$2" query2 "${tail[@]}"
		hears "$dev" "$src $asm $hop 11" "$2" query2 "$asm" noalert "${tail[@]}"
		hears "$dev" "$src $asm $hop alert 11" "$2" query2 "$asm" "${tail[@]}"
		hears "$dev" "$src $asm $hop 11" "$2" query "$asm" noalert "${tail[@]}"
		hears "$dev" "$src $all $hop 11" "$2" query noalert "${tail[@]}"
		;;
	6)
		hears "$dev" "$src $asm $hop alert 83" "$2" report2 "$asm" "${tail[@]}"
		hears "$dev" "$src $routers $hop alert 84" "$2" leave "$asm" "${tail[@]}"
		hears "$dev" "$src $routers $hop 84" "$2" leave "$asm" noalert "${tail[@]}"
		hears "$dev" "$src $all $hop alert 82" "$2" query2 mld "${tail[@]}"
		hears "$dev" "$src $all $hop 82" "$2" query2 mld noalert "${tail[@]}"
		hears "$dev" "$src $asm $hop alert 82" "$2" query2 "$asm" "${tail[@]}"
		;;
	esac
	hears "$dev" "$src $reports $hop alert (22|8f)" "$2" is_ex "$asm" "${tail[@]}"
	hears "$dev" "$src $reports $hop (22|8f)" "$2" to_in "$asm" noalert "${tail[@]}"
	hears "$dev" "$src $all $hop alert (11|82)" "$2" query mrt 1000 "${tail[@]}"
	hears "$dev" "$src $asm $hop alert (11|82)" "$2" query "$asm" "$src0" "${tail[@]}"
}

# every_message FAMILY: on a downstream and an upstream, from whom it ever is
every_message()
{
	local src0

	listens "$1"
	src0=$src
	all_of eth1 listener1 "$host"
	case $af in
	4)
		all_of eth1 listener1 0.0.0.0
		all_of eth1 listener1 192.168.7.7
		all_of eth0 source 10.0.0.2
		;;
	6)
		all_of eth1 listener1 fd00:9::9
		all_of eth0 source "$(link_local source)"
		hears eth1 ":: $reports ttl 1 tos [0-9]+ alert 8f" listener1 is_ex "$asm" from ::
		;;
	esac
}

@test "IPv4: every message comes in" {
	every_message 4
}

@test "IPv6: every message comes in" {
	every_message 6
}

# What the kernel does not pass on is of no use: groups that never leave their link
not_routed()
{
	listens "$1"
	case $af in
	4)
		hears_not report2 224.0.0.77
		hears_not query2 224.0.0.77 noalert
		;;
	6)
		hears_not report2 ff02::77
		hears_not report2 ff01::77
		# it would be data without the option that asks routers to look
		hears_not report2 "$asm" noalert
		wait_for router "^upcall noroute \\($nobody,$asm\\) vif 1"
		;;
	esac
}

@test "IPv4: no report of a group of the link comes in, which is no harm" {
	not_routed 4
}

@test "IPv6: no report of a group of the link comes in, which is no harm" {
	not_routed 6
}

@test "GM-11: a message to the router's own address comes in" {
	local mac

	mac=$(on router cat /sys/class/net/eth1/address)
	listens 4
	hears eth1 "$host $me ttl 1 tos [0-9]+ alert 22" listener1 is_ex "$asm" to "$me" mac "$mac"
	hears eth1 "$host $me ttl 1 tos [0-9]+ alert 11" listener1 query to "$me" mac "$mac"
}

elsewhere()
{
	listens "$1"
	ok vif "$af" 2 eth2
	gmcast listener2 report2 "$asm"
	gmcast listener2 is_ex "$asm"
	gmcast listener2 query "$asm" ttl 5
	hears eth1 "$host $asm ttl 7 " listener1 report2 "$asm" ttl 7
	[ "$(said '^packet eth2 ')" -eq 0 ]

	# and from then on
	ok listen "$af" eth2 members on
	hears eth2 "[^ ]* $asm ttl 8 " listener2 report2 "$asm" ttl 8
	ok listen "$af" eth1 members off
	gmcast listener1 report2 "$asm" ttl 9
	hears eth2 "[^ ]* $asm ttl 10 " listener2 report2 "$asm" ttl 10
	[ "$(said '^packet eth1 .* ttl 9 ')" -eq 0 ]
}

@test "IPv4: nothing comes in from where nobody listens" {
	elsewhere 4
}

@test "IPv6: nothing comes in from where nobody listens" {
	elsewhere 6
}

# woken: how often the daemon was on the processor
woken()
{
	awk '/^(non)?voluntary_ctxt_switches/ { n += $2 } END { print n }' \
		"/proc/$(cat "$daemon_pidfile")/status"
}

# A daemon that listens to nobody is not even woken by a link full of messages; upcalls it gets.
not_woken()
{
	local before

	use "$1"
	config <<-END
		mroute from eth0 group $asm to eth1
		mroute from eth1 group $asm2 to eth0
	END
	daemon_start
	net_listen data listener1 "$asm"
	daemon_settles
	before=$(woken)
	gmcast listener1 report2 "$asm2" count 500
	gmcast listener1 is_ex "$asm2" count 500
	gmcast listener1 query2 "$asm2" count 500
	[ $(($(woken) - before)) -lt 50 ]
	net_send source "$asm" count 4
	wait_until 5 net_has_received data 4
	daemon_stop
}

# It has nothing more to do of its start
daemon_settles()
{
	local before

	while before=$(woken); do
		ctl version >/dev/null
		[ $(($(woken) - before)) -gt 10 ] || break
	done
}

@test "IPv4: a daemon that does not listen is not woken" {
	not_woken 4
}

@test "IPv6: a daemon that does not listen is not woken" {
	not_woken 6
}

@test "GM-12: without an address all comes in as well, from 0.0.0.0 and others" {
	local src0

	on router ip -4 addr flush dev eth1
	wait_for router '^address eth1 10.0.1.1/24 off'
	listens 4
	src0=$src
	all_of eth1 listener1 0.0.0.0
	all_of eth1 listener1 10.0.1.2
}

@test "GM-22: without an address, queries are from 0.0.0.0, of a user without rights too" {
	use 4
	on router ip -4 addr flush dev eth1
	config <<<"phyint eth1 igmp igmp-startup-interval 1"
	gm_hear wire listener1
	# shellcheck disable=SC2046 # words
	daemon_start $(unprivileged)
	wait_for wire ' 0.0.0.0 > 224.0.0.1 ttl 1 tos 0xc0 alert query v3 '
	net_listen host listener1 "$asm"
	wait_until 5 has_group eth1 "$asm"

	# and from the address, once there is one
	net_addr router eth1 10.0.1.1/24
	wait_for wire ' 10.0.1.1 > 224.0.0.1 ttl 1 tos 0xc0 alert query v3 '
	daemon_stop
}

# own FAMILY: what programs of the router itself are members of is reported to it
own()
{
	listens "$1"
	net_start local router "$SMCKIT_BUILD/test/system/mcast" listen eth1 "$asm"
	wait_for router "^packet eth1 proto $proto $me $reports ttl 1 tos [0-9]+ alert (22|8f).*$(hex "$asm")"
	gm_version_of router eth1 2
	net_start local2 router "$SMCKIT_BUILD/test/system/mcast" listen eth1 "$asm2"
	wait_for router "^packet eth1 proto $proto $me $asm2 ttl 1 tos [0-9]+ alert (16|83).*$(hex "$asm2")"
	net_stop local2 || :
	wait_for router "^packet eth1 proto $proto $me $routers ttl 1 tos [0-9]+ alert (17|84).*$(hex "$asm2")"
}

# An address as it is on the wire
hex()
{
	case $1 in
	239.1.1.1) echo ef010101 ;;
	239.1.1.2) echo ef010102 ;;
	ff0e::1:1) echo ff0e0000000000000000000000010001 ;;
	ff0e::1:2) echo ff0e0000000000000000000000010002 ;;
	esac
}

gm_version_of()
{
	case $af in
	4) on "$1" sh -c "echo $3 >/proc/sys/net/ipv4/conf/$2/force_igmp_version" ;;
	6) on "$1" sh -c "echo $(($3 - 1)) >/proc/sys/net/ipv6/conf/$2/force_mld_version" ;;
	esac
}

# Our query is answered by the kernel for programs of the router
own_answer()
{
	listens "$1"
	net_start local router "$SMCKIT_BUILD/test/system/mcast" listen eth1 "$asm"
	wait_for local '^listening$'
	case $af in
	4) ok send 4 eth1 2 - "$all" 1 0xc0 alert 1101ebf300000000020a0000 ;;
	6) ok send 6 eth1 58 - "$all" 1 0 alert "8200000000010000$(printf '%032d' 0)020a0000" ;;
	esac
	wait_for router "^packet eth1 proto $proto $me $all ttl 1 tos [0-9]+ alert (11|82)"
	# is_ex {}, as an answer is
	wait_for router "^packet eth1 proto $proto $me $reports .* (22|8f).*02000000$(hex "$asm")"
}

@test "IPv4: the router's own programs are heard" {
	own 4
}

@test "IPv6: the router's own programs are heard" {
	own 6
}

@test "IPv4: the router's own programs answer our query" {
	own_answer 4
}

@test "IPv6: the router's own programs answer our query" {
	own_answer 6
}

# A device that goes down and up needs nothing from us
down_and_up()
{
	listens "$1"
	on router ip link set eth1 down
	on router ip link set eth1 up
	wait_until 5 last_is_up
	case $af in
	6)
		# its address of the link is another one's work, and new
		wait_until 5 has_link_local
		;;
	esac
	hears eth1 "$host $reports ttl 3 " listener1 is_ex "$asm" ttl 3
	hears eth1 "$host $routers ttl 3 " listener1 leave "$asm" ttl 3
	hears eth1 "$host $asm ttl 3 " listener1 report2 "$asm" ttl 3
}

has_link_local()
{
	[ -n "$(link_local router eth1)" ]
}

last_is_up()
{
	grep '^link eth1 ' "$(net_log router)" | tail -n 1 | grep -q ' up '
}

@test "PIM-203: what is told of RPs comes in, and of UDP nothing else" {
	local told='^packet eth1 proto 17 10.0.1.2 224.0.1.40 ttl 7 tos [0-9]+ 1200'

	use 4
	ok open 4
	ok listen 4 eth1 auto-rp on
	net_send listener1 224.0.1.40 port 497 ttl 7 data 120001
	net_send listener1 224.0.1.39 port 496 ttl 7 data 120002
	net_send source 224.0.1.40 port 496 ttl 7 data 120003
	net_send listener1 224.0.1.40 port 496 ttl 7 data 120004
	wait_for router "$told"
	[ "$(said "^packet")" -eq 1 ]
	[ "$(said "${told}04$")" -eq 1 ]
	ok listen 4 eth1 auto-rp off
	net_send listener1 224.0.1.40 port 496 ttl 7 data 120005
	ok listen 4 eth1 auto-rp on
	net_send listener1 224.0.1.40 port 496 ttl 7 data 120006
	wait_for router "${told}06"
	[ "$(said "^packet")" -eq 2 ]
	answer_is "Address family not supported by protocol" router listen 6 eth1 auto-rp on
}

@test "IPv4: a device that goes down and up is still listened to" {
	down_and_up 4
}

@test "IPv6: a device that goes down and up is still listened to" {
	down_and_up 6
}

# The engine of IGMP and MLD hears of a host's group on the device
is_heard_on()
{
	gmcast "$2" report2 "$asm" && has_group "$1" "$asm"
}

heard_on()
{
	wait_until 10 is_heard_on "$@"
}

# wherever_it_is FAMILY: devices that come late, go, come again, under another name or without
# addresses, are listened to
wherever_it_is()
{
	use "$1"
	config <<<"phyint eth5 igmp mld
		phyint eth1 igmp mld"
	daemon_start
	heard_on eth1 listener1

	on router ip link set eth2 down
	on router ip link set eth2 name eth5
	on router ip link set eth5 up
	heard_on eth5 listener2
	on router ip link set eth5 name eth6
	wait_until 5 has_no_group eth5 "$asm"
	on router ip link set eth6 name eth5
	heard_on eth5 listener2

	on router ip link del eth1
	wait_until 5 has_no_group eth1 "$asm"
	net_link router eth1 listener1 eth0
	heard_on eth1 listener1
	on router ip link set eth1 down
	on router ip link set eth1 up
	heard_on eth1 listener1
	ctl upgrade
	heard_on eth1 listener1
	daemon_lives
	daemon_stop
}

@test "IPv4: devices that come, go and change their names are heard" {
	wherever_it_is 4
}

@test "IPv6: devices that come, go and change their names are heard" {
	wherever_it_is 6
}

has_link_local_on()
{
	[ -n "$(link_local router "$1")" ]
}

@test "IPv6: a device that had no IPv6 for a while, or at first, is heard" {
	use 6
	on router ip link set eth2 mtu 1200
	config <<<"phyint eth1 igmp mld
		phyint eth2 igmp mld"
	daemon_start
	heard_on eth1 listener1
	on router ip link set eth1 mtu 1200
	on router ip link set eth1 mtu 1500
	on router ip link set eth2 mtu 1500
	wait_until 5 has_link_local_on eth1
	wait_until 5 has_link_local_on eth2
	wait_until 10 is_member_of "$reports" eth1
	wait_until 10 is_member_of "$reports" eth2
	gmcast listener1 is_ex "$asm2"
	gmcast listener2 is_ex "$asm2"
	wait_until 5 has_group eth1 "$asm2"
	wait_until 5 has_group eth2 "$asm2"
	daemon_stop
}

# is_member_of GROUP DEVICE: the router's kernel is
is_member_of()
{
	on router ip -6 maddr show dev "$2" | grep -qw "$1"
}
