#!/usr/bin/env bats
# tunnel.bats - the device that registers go through: what the kernel forwards to it and from it
#
#	source -- eth0 router pimreg ... pimreg rp eth0 -- there

load net
load probe

setup()
{
	[ -w /dev/net/tun ] || skip "there is no /dev/net/tun for us"
	net_setup
	net_host rp there
	net_link rp eth0 there eth0
	net_addr rp eth0 10.0.7.1/24 fd00:7::1/64
	net_addr there eth0 10.0.7.2/24 fd00:7::2/64
	probe_start router
	probe_start rp
}

teardown()
{
	[ -e "$BATS_TEST_TMPDIR/rp.fifo" ] || return 0
	echo quit >"$BATS_TEST_TMPDIR/rp.fifo"
	probe_teardown
}

# use FAMILY
use()
{
	af=$1
	if [ "$af" = 4 ]; then
		src=10.0.0.2 grp=239.1.1.1 local=224.0.0.99 own=10.0.0.1
	else
		src=fd00::2 grp=ff05::1:1 local=ff02::99 own=fd00::1
	fi
}

# tunnel HOST: vif 0 is eth0, vif 1 the tunnel
tunnel()
{
	answer_is ok "$1" open "$af"
	answer_is ok "$1" tunnel on
	wait_for "$1" '^link pimreg up '
	answer_is ok "$1" vif "$af" 0 eth0
	answer_is ok "$1" vif "$af" 1 pimreg
}

# came HOST: packets that came in by its tunnel
came()
{
	grep -c '^packet pimreg ' "$(net_log "$1")" || :
}

has_come()
{
	[ "$(came "$1")" -eq "$2" ]
}

# The last packet that came in by the router's tunnel, in hexadecimal
inner()
{
	grep '^packet pimreg ' "$(net_log router)" | tail -n 1 | sed 's/.* //'
}

# decapsulate HEX: what the probe on the RP answers
decapsulate()
{
	probe rp send "$af" pimreg 4 - - 0 0 plain "$1"
}

pass_through()
{
	local hex

	use "$1"
	tunnel router
	tunnel rp
	ok set "$af" $src $grp 0 1
	net_listen there there $grp

	# with its TTL, and a checksum that the source's device was to complete
	net_send source $grp ttl 9 size 1200
	wait_for router "^packet pimreg proto 4 $src $grp ttl 8 tos 0 "
	hex=$(inner)
	[ ${#hex} -eq $((2 * (1200 + 8 + (af == 4 ? 20 : 40)))) ]

	# an upcall as from any device; what waited for the answer is forwarded
	[ "$(decapsulate "$hex")" = ok ]
	wait_for rp "^upcall noroute \($src,$grp\) vif 1$"
	answer_is ok rp set "$af" $src $grp 1 0
	wait_for there "^1 from $src ttl 7$"
	[ "$(decapsulate "$hex")" = ok ]
	wait_until 5 net_has_received there 2

	# when it is to come from elsewhere, it does not pass, and that is told
	answer_is ok rp set "$af" $src $grp 0 1
	[ "$(decapsulate "$hex")" = ok ]
	wait_for rp "^upcall wrongif \($src,$grp\) vif 1$"
	answer_is ok rp set "$af" $src $grp 1 0
	[ "$(decapsulate "$hex")" = ok ]
	wait_until 5 net_has_received there 3
	answer_is "packets 3 bytes $((4 * ${#hex} / 2)) wrong 1" rp counters "$af" $src $grp
}

@test "tunnel: IPv4 packets go through it as through any device" {
	pass_through 4
}

@test "tunnel: IPv6 packets go through it as through any device" {
	pass_through 6
}

silence()
{
	local before

	use "$1"
	tunnel router
	tunnel rp
	ok set "$af" $src $grp 0 1
	before=$(probe router count tunnel local)

	# what the host itself says to a link is no packet to be registered
	on router "$SMCKIT_BUILD/test/system/mcast" send pimreg $local from $own
	net_send source $grp
	wait_until 5 has_come router 1
	[ "$(probe router count tunnel local)" -gt "$before" ]

	# nor is it one that is let out of a register: to a link, to a host, cut off, none at all
	for hex in \
		4500001c00000000401100000a000002e0000063000000000008ffff \
		4500001c00000000401100000a0000020a000702000000000008ffff \
		4500001c0000000040110000e1000002ef010101000000000008ffff \
		4500001c00000000401100000a000002ef0101 \
		6000000000083b40fe800000000000000000000000000002ff050000000000000000000000010001 \
		6000000000083b40fd000000000000000000000000000002fd000007000000000000000000000002 \
		6000000000083b4000000000000000000000ffff0a000002ff050000000000000000000000010001 \
		20 5; do
		[ "$(decapsulate $hex)" = failed ]
	done
	[ "$(grep -c '^upcall ' "$(net_log rp)")" -eq 0 ]
}

@test "tunnel: IPv4 packets that are for one link stay out of it" {
	silence 4
}

@test "tunnel: IPv6 packets that are for one link stay out of it" {
	silence 6
}

@test "tunnel: long IPv4 packets come whole, also those not to be fragmented" {
	local hex

	use 4
	tunnel router
	ok set 4 $src $grp 0 1
	net_send source $grp size 1472
	wait_until 5 has_come router 1
	hex=$(inner)
	[ ${#hex} -eq 3000 ]
	[ $((16#${hex:12:1} & 4)) -eq 4 ]
}

mtu6()
{
	on router cat /proc/sys/net/ipv6/conf/pimreg/mtu
}

mtu6_is()
{
	[ "$(mtu6)" -eq "$1" ]
}

@test "PIM-62: tunnel: a source of long IPv6 packets is told what passes" {
	use 6
	tunnel router
	ok set 6 $src $grp 0 1
	net_capture wire source eth0 icmp6
	net_send source $grp size 1405
	wait_until 5 net_captured wire 'icmpv6.type == 2'
	run net_packets wire -Y 'icmpv6.type == 2' -T fields -e ipv6.dst -e icmpv6.mtu
	[[ "$output" = $src,* ]]
	[[ "$output" = *1452 ]]
	[ "$(came router)" -eq 0 ]

	# and does as it is told
	net_send source $grp size 1405
	wait_until 5 has_come router 2

	# the way to an RP takes less
	on router ip link set eth1 mtu 1400
	wait_for router '^link eth1 .* mtu 1400'
	answer_is "too big, mtu 1400" router send 6 - 103 fd00:1::1 fd00:1::2 64 0 plain +1361
	wait_until 5 mtu6_is 1352
	on router ip link set eth1 mtu 1300
	wait_for router '^link eth1 .* mtu 1300'
	answer_is "too big, mtu 1300" router send 6 - 103 fd00:1::1 fd00:1::2 64 0 plain +1261
	wait_until 5 mtu6_is 1280
}

# source_passes HEX: another one than before
source_passes()
{
	local before

	before=$(net_received there)
	[ "$(decapsulate "$1")" = ok ]
	wait_until 1 has_more "$before"
}

has_more()
{
	[ "$(net_received there)" -gt "$1" ]
}

@test "tunnel: a filter of reverse paths does not stop what comes out of it" {
	local filter=/proc/sys/net/ipv4/conf

	use 4
	tunnel router
	ok set 4 $src $grp 0 1
	net_send source $grp
	wait_until 5 has_come router 1

	on rp ip route add 10.0.0.0/24 via 10.0.7.2
	on rp sh -c "echo 1 >$filter/all/rp_filter; echo 1 >$filter/default/rp_filter"
	tunnel rp
	wait_for rp "^log notice pimreg: $filter/all/rp_filter is 1: "
	answer_is ok rp set 4 $src $grp 1 0
	net_listen there there $grp
	wait_until 5 source_passes "$(inner)"

	# nor when others set it
	on rp sh -c "echo 1 >$filter/pimreg/rp_filter"
	wait_until 5 source_passes "$(inner)"
	on rp sh -c "echo 0 >$filter/all/rp_filter"
	wait_until 5 source_passes "$(inner)"
}

# way: from the router to the RP over a host whose second link takes 1400 bytes
way()
{
	net_host mid
	net_link router eth3 mid eth0
	net_link mid eth1 rp eth1
	net_addr router eth3 10.0.8.1/24 fd00:8::1/64
	net_addr mid eth0 10.0.8.2/24 fd00:8::2/64
	net_addr mid eth1 10.0.9.2/24 fd00:9::2/64
	net_addr rp eth1 10.0.9.1/24 fd00:9::1/64
	ip -n "$(net_ns mid)" link set eth1 mtu 1400
	ip -n "$(net_ns rp)" link set eth1 mtu 1400
	on mid sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	on router ip route add 10.0.9.0/24 via 10.0.8.2
	on router ip route add fd00:9::/64 via fd00:8::2
	on rp ip route add 10.0.8.0/24 via 10.0.9.2
	on rp ip route add fd00:8::/64 via fd00:9::2
	wait_for rp '^address eth1 fd00:9::1/64 on'
	answer_is ok rp listen "$af" eth1 pim on
	if [ "$af" = 4 ]; then
		near=10.0.8.1 far=10.0.9.1 header=20
	else
		near=fd00:8::1 far=fd00:9::1 header=40
	fi
}

# heard TYPE: messages of PIM that the RP has got
heard()
{
	grep -cE "^packet eth1 proto 103 $near $far ttl 63 tos 184 2$1" "$(net_log rp)" || :
}

has_heard()
{
	[ "$(heard "$1")" -eq "$2" ]
}

# message TYPE BYTES: in hexadecimal; its checksum is nobody's business but the sender's
message()
{
	printf '2%d001234%0*d' "$1" $((2 * $2 - 8)) 0
}

is_too_big()
{
	answer_is "too big, mtu 1400" router send "$af" - 103 $near $far 64 184 plain "+$1"
}

registers()
{
	local fits

	use "$1"
	way
	fits=$((1400 - header))
	ok listen "$af" eth3 pim on
	ok tunnel on
	# each once, whether it waits with Registers or not
	ok send "$af" - 103 $near $far 64 184 plain "$(message 1 $fits)"
	ok send "$af" - 103 $near $far 64 184 plain "$(message 2 20)"
	wait_until 5 has_heard 2 1
	has_heard 1 1

	# one that is too long for the way shows how long it may be; no other one is lost
	ok send "$af" - 103 $near $far 64 184 plain "$(message 1 $((fits + 1)))"
	wait_until 5 is_too_big $((fits + 1))
	ok send "$af" - 103 $near $far 64 184 fragment "$(message 1 $((fits + 1)))"
	ok send "$af" - 103 $near $far 64 184 fragment "$(message 1 1900)"
	wait_until 5 has_heard 1 3
	is_too_big $((fits + 1))
	if [ "$af" = 6 ]; then
		mtu6_is 1352
	else
		mtu6_is 1452
	fi
	ok send "$af" - 103 $near $far 64 184 plain "$(message 1 $fits)"
	wait_until 5 has_heard 1 4

	# who is not listened to is not heard
	answer_is ok rp listen "$af" eth1 pim off
	answer_is ok rp listen "$af" eth0 pim on
	ok send "$af" - 103 $near $far 64 184 plain "$(message 1 20)"
	ok send "$af" - 103 $near $far 64 184 plain "$(message 2 20)"
	answer_is ok rp listen "$af" eth1 pim on
	ok send "$af" - 103 $near $far 64 184 plain "$(message 2 20)"
	wait_until 5 has_heard 2 2
	has_heard 1 4
}

@test "PIM-62: registers of IPv4 find out what the way takes, and go in parts if they are to" {
	registers 4
}

@test "PIM-62: registers of IPv6 find out what the way takes, and go in parts if they are to" {
	registers 6
}

# refusal COMMAND...: what a probe on the router says to the wish for a tunnel
refusal()
{
	on router "$@" "$SMCKIT_BUILD/test/system/linux_probe" <<<'tunnel on' | grep '^= '
}

@test "tunnel: why there is none is said in words" {
	# shellcheck disable=SC2016 # expanded there
	[ "$(refusal unshare -m sh -c 'mount -t tmpfs none /dev/net && exec "$0"')" = \
		"= there is no /dev/net/tun" ]
	refusal setpriv --inh-caps -net_admin --bounding-set -net_admin |
		grep -qx '= not permitted, it needs CAP_NET_ADMIN'
	on router ip link add pimreg type veth peer name other
	answer_is "there is another device of this name" router tunnel on
	on router ip link del pimreg
	ok tunnel on
	ok tunnel off
	wait_for router '^link pimreg down'
	ok tunnel on
}

@test "tunnel: one that is deleted is made again" {
	use 4
	tunnel router
	on router ip link del pimreg
	wait_for router '^log err pimreg: the device was deleted$'
	ok vif 4 2 pimreg
	ok set 4 $src $grp 0 2
	net_send source $grp
	wait_until 5 has_come router 1
}

@test "tunnel: it changes hands, with what waits there" {
	use 6
	tunnel router
	ok set 6 $src $grp 0 1
	ok passtunnel
	net_send source $grp count 200
	[ "$(came router)" -eq 0 ]
	ok tunnel on
	wait_until 5 has_come router 200

	# what nobody wants goes
	ok passtunnel
	ok droptunnel
	wait_for router '^gone '
	answer_is nothing router droptunnel
	answer_is nothing router droptunnel
}
