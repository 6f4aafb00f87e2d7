#!/usr/bin/env bats
# gm_badinput.bats - IGMP and MLD that are wrong, or too much: counted, and nothing else

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

bats_require_minimum_version 1.5.0
load net
load daemon
load gm

setup()
{
	gm_setup
}

teardown()
{
	net_teardown
}

# dropped REASON WORDS...: such a message counts there, once
dropped()
{
	local before

	before=$(counter "$1")
	gmcast listener1 "${@:2}"
	wait_until 5 counter_is "$1" $((before + 1))
	total=$((total + 1))
}

# is_unknown GROUP: nobody listens to it
is_unknown()
{
	local output

	run ! grep -F "\"group\":\"$1\"" <<<"$(ctl -j show groups)"
}

@test "GM-2, GM-8, GM-13, GM-16, GM-17, GM-19: IGMP that is wrong is counted by its reason" {
	use 4
	config <<<"phyint eth1 igmp igmp-require-alert"
	daemon_start
	total=0
	dropped length raw 1600fa00 to "$asm" asis
	dropped length query cut 10 to "$all"
	# more records, sources and words behind them than there are
	dropped length raw 220000000000000204000000ef010101 to "$reports"
	dropped length raw 22000000000000010400ffffef010101 to "$reports"
	dropped length raw 220000000000000104ff0000ef010101 to "$reports"
	dropped checksum to_ex "$asm" badsum
	dropped checksum report2 "$asm" badsum
	dropped type raw 4000000000000000 to "$asm"
	dropped group report2 10.1.1.1 to "$asm"
	dropped group report2 224.0.0.1 to "$asm"
	dropped group query 10.1.1.1 to "$all"
	dropped ttl to_ex "$asm" ttl 2
	dropped ttl query from 10.0.1.0 ttl 64
	dropped router-alert to_ex "$asm" noalert
	dropped off-link to_ex "$asm" from 10.9.9.9
	dropped off-link report2 "$asm" from 10.0.2.2
	dropped destination query from 10.0.1.0 to "$asm"
	port_shows eth1 dropped $total
	[[ $(port_value eth1 reasons) == *checksum*ttl*off-link* ]]
	is_unknown "$asm"
	port_shows eth1 querier 10.0.1.1
}

@test "GM-94, GM-95, GM-102: MLD that is wrong is counted by its reason" {
	use 6
	config <<<"phyint eth1 mld"
	daemon_start
	total=0
	dropped length report2 "$asm" cut 20
	dropped length query mld cut 26
	dropped length raw 8f000000000000020400000000000000 to "$reports"
	dropped length raw 8f000000000000010400ffffff0e0000000000000000000000010001 to "$reports"
	dropped group report2 fd00::7 to "$asm"
	dropped group report2 ff02::1 to "$asm"
	dropped ttl to_ex "$asm" ttl 2
	dropped ttl query mld from fe80::1 ttl 64
	dropped router-alert to_ex "$asm" noalert
	dropped sender to_ex "$asm" from fd00:1::2
	dropped sender to_ex "$asm" from ::
	dropped sender query from fd00:1::2
	dropped destination query from fe80::1 to "$asm"
	# the kernel drops what has a wrong checksum
	gmcast listener1 to_ex "$asm" badsum
	is_unknown "$asm"
	port_shows eth1 dropped $total
	port_shows eth1 querier "$(link_local router eth1)"
}

@test "GM-3, GM-4, GM-5, GM-6: what is unknown in a message harms nothing of the rest" {
	use 4
	config <<<"phyint eth1 igmp"
	daemon_start
	# a record of type 9, one with a word of auxiliary data, one without, and four bytes behind
	local hex=2200000000000003
	hex+=09000000ef010107
	hex+=04010000ef010108deadbeef
	hex+=04000000ef010109
	hex+=01020304
	gmcast listener1 raw "$hex" to "$reports"
	wait_until 5 has_group eth1 239.1.1.9
	has_group eth1 239.1.1.8
	has_no_group eth1 239.1.1.7
}

@test "GM-12, GM-13: reports from nobody, from other networks that are known, and from any" {
	use 4
	config <<-END
		phyint eth1 igmp
		phyint eth2 igmp igmp-any-network igmp-any-ttl
		altnet eth1 10.9.9.0/24 10.9.8.7
	END
	daemon_start
	gmcast listener1 to_ex 239.1.1.1 from 0.0.0.0
	gmcast listener1 to_ex 239.1.1.2 from 10.9.9.200
	gmcast listener1 report2 239.1.1.3 from 10.9.8.7
	gmcast listener2 report1 239.1.1.4 from 10.7.7.7 ttl 9
	for group in 239.1.1.1 239.1.1.2 239.1.1.3; do
		wait_until 5 has_group eth1 $group
	done
	wait_until 5 has_group eth2 239.1.1.4
	dropped off-link to_ex 239.1.1.5 from 10.9.8.8
	is_unknown 239.1.1.5
}

# the daemon's own memory, kB
resident()
{
	awk '/^RssAnon:/ { print $2 }' "/proc/${net_pid[daemon]}/status"
}

# is_counted N: all messages were looked at or dropped
is_counted()
{
	local row sum=0 key

	row=$(row interface=eth1 -- show "$igmp")
	for key in reports leaves queries rate_limited dropped; do
		sum=$((sum + $(member $key <<<"$row")))
	done
	[ $sum -ge "$1" ]
}

mangled()
{
	use "$1"
	config <<<"phyint eth1 $igmp"
	daemon_start
	for seed in 1 2 3; do
		gmcast listener1 mangle $seed count 500 rate 2500 to_ex "$asm" "$src" allow "$ssm" \
			"$src" "$src2" is_in "$asm2" "$src" to "$reports"
		gmcast listener1 mangle $seed count 100 rate 2500 query "$asm" "$src" "$src2"
		gmcast listener1 mangle $seed count 100 rate 2500 report2 "$asm"
	done
	gmcast listener1 to_ex "$asm2" from "$2"
	wait_until 5 has_group eth1 "$asm2"
	daemon_lives
}

@test "IGMP with random bytes harms nobody" {
	mangled 4 0.0.0.0
}

@test "MLD with random bytes harms nobody" {
	mangled 6 fe80::7
}

# A flood of reports of as many groups; a stream on the other LAN goes on, and memory is bounded
flood()
{
	local before sent

	use "$1"
	config <<-END
		proxy upstream eth0 downstream eth1 eth2
		phyint eth1 $igmp-max-groups 1000 $igmp-max-rate 5000
	END
	daemon_start
	net_listen tv listener2 "$2"
	wait_until 5 has_group eth2 "$2"
	stream_start stream source "$2"
	flows tv
	before=$(resident)
	gmcast listener1 to_ex "$asm" groups 100000 count 30000 rate 30000
	flows tv
	[ "$(port_value eth1 groups)" -le 1000 ]
	[ "$(port_value eth1 groups_refused)" -ge 1 ]
	[ "$(port_value eth1 rate_limited)" -ge 1 ]
	sent=$(stream_stop stream)
	got_all tv "$sent"
	# a sanitizer keeps what was freed
	! (ulimit -v 20000; smcrouted -v) || [ $(($(resident) - before)) -le 1500 ]
}

@test "GM-65, GM-115: a flood of IGMP is bounded, and no listener loses a packet" {
	flood 4 239.99.1.1
}

@test "GM-65, GM-115: a flood of MLD is bounded, and no listener loses a packet" {
	flood 6 ff0e::99:1
}

@test "GM-65: too many sources of a group" {
	use 4
	config <<<"phyint eth1 igmp igmp-max-sources 10"
	daemon_start
	for n in {1..30}; do
		sources+=("10.0.0.$n")
	done
	gmcast listener1 allow "$ssm" "${sources[@]}"
	wait_until 5 has_group eth1 "$ssm"
	[ "$(port_value eth1 sources_refused)" -ge 1 ]
	[ "$(group_value eth1 "$ssm" sources)" -le 10 ]
}

@test "GM-64: messages of old versions can be ignored" {
	use 4
	config <<-END
		phyint eth1 igmp igmp-ignore-v1
		phyint eth2 igmp igmp-ignore-v2
	END
	daemon_start
	gmcast listener1 report1 "$asm"
	gmcast listener1 report2 "$asm2"
	gmcast listener2 report2 "$asm"
	gmcast listener2 to_ex "$asm2"
	wait_until 5 has_group eth1 "$asm2"
	wait_until 5 has_group eth2 "$asm2"
	has_no_group eth1 "$asm"
	has_no_group eth2 "$asm"
}
