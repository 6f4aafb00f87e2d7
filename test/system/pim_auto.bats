#!/usr/bin/env bats
# pim_auto.bats - a network whose RPs are told by a mapping agent of Auto-RP
#
#	source, which is the agent (1) r1 (2) r2 (3) listener
#
# shellcheck disable=SC2034,SC2154 # pim.bash has them, or uses them

bats_require_minimum_version 1.5.0
load net
load daemon
load pim

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
}

teardown()
{
	pim_teardown
}

# tells SECONDS RP RANGE LENGTH: of one RP, in hexadecimal digits
tells()
{
	net_send source 224.0.1.40 port 496 ttl 13 \
		data "1201$(printf %04x "$1")00000000${2}020100$(printf %02x "$4")$3"
}

# has_rp NAME RANGE RP
has_rp()
{
	rctl "$1" -j show pim rp | jq -e --arg range "$2" --arg rp "$3" \
		'[.. | objects | select(.origin? == "auto-rp" and .group == $range and
			.rp_address == $rp)] | length == 1' >/dev/null
}

has_none()
{
	! rctl "$1" -j show pim rp | grep -q "\"origin\":\"auto-rp\""
}

@test "PIM-203: RPs are told through a router to the next one, of a user without rights too" {
	use 4
	pim_line 2
	pim_lines=([r1]=auto-rp [r2]=auto-rp)
	router_start ours r1
	wait_until 5 has_link_locals r2
	# shellcheck disable=SC2046 # words
	ours_start r2 $(unprivileged)
	pim_kind[r2]=ours
	wait_until 12 neighbors r1 1
	wait_until 12 neighbors r2 1

	# 10.0.1.2, which is r1, for 239.0.0.0/8
	tells 181 0a000102 ef000000 8
	wait_until 5 has_rp r1 239.0.0.0/8 10.0.1.2
	wait_until 5 has_rp r2 239.0.0.0/8 10.0.1.2
	forwards r1 10.0.1.1 224.0.1.40 eth1 eth2

	# and it is used
	net_listen wants listener "$asm"
	wait_until 5 joined r1 "$asm"
	net_send source "$asm" count 20 interval 50
	wait_for wants '^1[0-9]* from 10.0.1.1 '

	# until its time is over
	tells 1 0a000102 ef000000 8
	wait_until 5 has_none r1
	wait_until 5 has_none r2
	router_stop r1
	router_stop r2
}
