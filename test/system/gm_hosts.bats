#!/usr/bin/env bats
# gm_hosts.bats - listeners that are the kernel's own hosts, of each version of IGMP and MLD

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

# listens VERSION: a host of the version comes and goes, and is known as such
listens()
{
	gm_version listener1 "$1"
	net_listen tv listener1 "$asm"
	wait_until 5 group_shows eth1 "$asm" version "$1"
	net_stop tv || :
	wait_until 10 has_no_group eth1 "$asm"
}

of_each_version()
{
	local version

	use "$1"
	fast eth1 | config
	daemon_start
	feed_start
	for version in "${@:2}"; do
		listens "$version"
	done
	for version in join leave; do
		wait_until 5 heard_times feed "$version .*interface=eth1 .*group=$asm" $(($# - 1))
	done
}

@test "GM-44, GM-47, GM-62: hosts of IGMPv3 and v2 come and go" {
	of_each_version 4 3 2
}

@test "GM-100, GM-101: hosts of MLDv2 and v1 come and go" {
	of_each_version 6 2 1
}

@test "GM-63: a host of IGMPv1 does not leave, it expires" {
	of_each_version 4 1
}

# The filter and the sources of the group on eth1, in the words of the show
filter_is()
{
	[ "$(group_value eth1 "$1" filter_mode) $(sources_of "$1")" = "$2" ]
}

# sources_of GROUP: of detail, in order
sources_of()
{
	local line

	ctl -j show groups detail | while read -r line; do
		[[ $line == *"\"interface\":\"eth1\""* && $line == *"\"group\":\"$1\""* ]] || continue
		member source <<<"$line"
	done | sort -u | xargs
}

filters()
{
	use "$1"
	fast eth1 | config
	daemon_start
	net_listen one listener1 "$ssm" source "$src"
	wait_until 5 filter_is "$ssm" "include $src"
	net_listen two listener1 "$ssm" source "$src2"
	wait_until 5 filter_is "$ssm" "include $src $src2"
	net_stop one || :
	wait_until 5 filter_is "$ssm" "include $src2"

	# of one socket that takes all but a source, and one that takes this source, it is all
	net_listen but listener1 "$asm" exclude "$src"
	wait_until 5 filter_is "$asm" "exclude $src"
	net_listen only listener1 "$asm" source "$src"
	wait_until 5 filter_is "$asm" "exclude "
	net_stop but || :
	wait_until 5 filter_is "$asm" "include $src"
	net_stop only || :
	wait_until 5 has_no_group eth1 "$asm"
}

@test "GM-45, GM-50, GM-51: IGMPv3 sources that are wanted, and not wanted" {
	filters 4
}

@test "GM-100: MLDv2 sources that are wanted, and not wanted" {
	filters 6
}

# An old host among new ones: the group is of the old one's version as long as it can be there
mixed()
{
	use "$1"
	gm_lan 3 old new
	fast eth3 | config
	daemon_start
	gm_version old "$old"
	net_listen new new "$asm" exclude "$src"
	wait_until 5 group_shows eth3 "$asm" version "$new"
	net_listen old old "$asm"
	wait_until 5 group_shows eth3 "$asm" version "$old"
	# a leave is no end, since another host answers, in the old version: its filter does not
	net_stop old || :
	wait_until 5 group_shows eth3 "$asm" filter_mode exclude
	# RV * QI + QRI later there are no old hosts any more
	wait_until 10 group_shows eth3 "$asm" version "$new"
	has_group eth3 "$asm"
}

@test "GM-61, GM-62: a host of IGMPv2 among those of v3" {
	mixed 4
}

@test "GM-101: a host of MLDv1 among those of v2" {
	mixed 6
}

@test "GM-63: among hosts of IGMPv1 no leave counts" {
	use 4
	fast eth1 | config
	daemon_start
	gmcast listener1 report1 "$asm"
	wait_until 5 group_shows eth1 "$asm" version 1
	gm_hear wire listener1
	gmcast listener1 leave "$asm"
	gmcast listener1 to_in "$asm"
	gmcast listener1 to_ex "$asm2"
	gmcast listener1 to_in "$asm2"
	wait_until 5 has_no_group eth1 "$asm2"
	has_group eth1 "$asm"
	run ! grep "query v. $asm " "$(net_log wire)"
}

# leaves WORDS-OF-THE-REPORT...: sent as a leave of the group; when nobody listens any more
leaves()
{
	feed_start leave
	gm_hear wire listener1
	gmcast listener1 "$@"
	wait_for feed "leave .*group=$asm"
	echo $(($(at feed "leave .*group=$asm") - $(at wire "(to_in|leave) $asm")))
}

latency()
{
	local us

	use "$1"
	config <<<"phyint eth1 $igmp"
	daemon_start
	gmcast listener1 to_ex "$asm"
	wait_until 5 has_group eth1 "$asm"
	us=$(leaves to_in "$asm")
	between 1990 2150 "$us"
	# Q(G) at once, and a second later; both leave a second for an answer
	heard_times wire "> $asm .*alert query v3 $asm mrt 1000 qrv 2 qqi 125$" 2
	between 0 150 $(($(at wire "query v3 $asm") - $(at wire "to_in $asm")))
	between 950 1150 $(($(at wire "query v3 $asm" 2) - $(at wire "query v3 $asm")))
}

@test "GM-51, GM-56: without a word, the last host of IGMPv3 is gone after 2 s" {
	latency 4
}

@test "GM-100, GM-56: without a word, the last host of MLDv2 is gone after 2 s" {
	latency 6
}

at_once()
{
	use "$1"
	config <<<"phyint eth1 $igmp $igmp-$2"
	daemon_start
	gmcast listener1 "$3" "$asm"
	wait_until 5 has_group eth1 "$asm"
	between 0 150 "$(leaves "$4" "$asm")"
	run ! grep "query v. $asm " "$(net_log wire)"
}

@test "GM-110: fast leave is at once, in every version" {
	at_once 4 fast-leave to_ex to_in
	daemon_stop
	net_stop feed || :
	net_stop wire || :
	at_once 6 fast-leave report2 leave
}

@test "GM-110: the last host that is tracked leaves at once" {
	at_once 4 track to_ex to_in
	daemon_stop
	net_stop feed || :
	net_stop wire || :
	at_once 6 track to_ex to_in
}

@test "GM-110: of two hosts that are tracked one leaves, and it is the other one's leave that counts" {
	use 4
	config <<<"phyint eth1 igmp igmp-track"
	daemon_start
	gmcast listener1 to_ex "$asm"
	gmcast listener1 to_ex "$asm" from 10.0.1.7
	wait_until 5 has_group eth1 "$asm"
	gmcast listener1 to_in "$asm"
	# who says that it stays, as it is asked, or has just come, is one who wants it
	gmcast listener1 is_ex "$asm" from 10.0.1.7
	gmcast listener1 to_ex "$asm2"
	wait_until 5 has_group eth1 "$asm2"
	has_group eth1 "$asm"
	gmcast listener1 to_in "$asm" from 10.0.1.7
	wait_until 1 has_no_group eth1 "$asm"
}
