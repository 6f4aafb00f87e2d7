#!/usr/bin/env bats
# proxy.bats - the proxy (RFC 4605) on real packets: what is reported, and what is forwarded

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

# The one line that an edge needs, with short times downstream
edge()
{
	{
		echo "proxy upstream eth0 downstream eth1 eth2 $*"
		fast eth1 eth2
	} | config
	daemon_start
	gm_hear up source
}

# The address that the router reports from, upstream
reporter()
{
	if [ "$af" = 4 ]; then
		echo 10.0.0.1
	else
		link_local router eth0
	fi
}

# plays GROUP JOINED LEFT [source ADDR]: a listener comes, gets a stream, and goes
plays()
{
	local group=$1 sent

	net_listen tv listener1 "$group" "${@:4}"
	wait_for up "$(reporter) > $reports ttl 1 tos 0x[0-9a-f]+ alert report v3 $2;\$"
	stream_start stream source "$group"
	flows tv
	run ! grep udp "$(net_log lan)"
	sent=$(stream_stop stream)
	got_all tv "$sent"
	# each change is said twice
	wait_until 5 heard_times up "report v3 .*$2;" 2
	net_stop tv || :
	wait_for up "$(reporter) > $reports .*report v3 $3;\$"
	wait_until 5 has_no_mroute "$src" "$group"
	# the router's side is not for the upstream
	run ! grep -E "$(reporter) > .*query" "$(net_log up)"
}

one_line()
{
	use "$1"
	edge
	gm_hear lan listener2 eth0 udp
	plays "$asm" "to_ex $asm" "to_in $asm"
	plays "$ssm" "allow $ssm $src" "block $ssm $src" source "$src"
}

@test "GM-72, GM-75, GM-77, GM-87: a line makes an edge, IPv4" {
	one_line 4
}

@test "GM-72, GM-75, GM-77, GM-87: a line makes an edge, IPv6" {
	one_line 6
}

# What the listeners of two LANs want is merged, and each gets what it wants
merge()
{
	use "$1"
	second_source
	edge
	net_listen one listener1 "$asm" source "$src"
	wait_for up "report v3 allow $asm $src;"
	net_listen two listener2 "$asm" source "$src2"
	wait_for up "report v3 allow $asm $src2;"
	burst source "$asm" 20 from "$src"
	burst source "$asm" 30 from "$src2"
	wait_until 5 net_has_received one 20
	wait_until 5 net_has_received two 30
	[ "$(net_received one)" -eq 20 ]

	# EXCLUDE{src} and INCLUDE{src} are all
	net_listen three listener2 "$asm" exclude "$src"
	wait_for up "report v3 to_ex $asm;"
	# and without the one that wants it, it is excluded
	net_stop one || :
	wait_for up "report v3 block $asm $src;"
	net_stop two || :
	net_stop three || :
	wait_for up "report v3 to_in $asm;"

	# the other way around
	net_listen four listener1 "$asm" exclude "$src"
	wait_for up "report v3 to_ex $asm $src;"
	n=$(heard up "allow $asm $src;")
	net_listen five listener2 "$asm" source "$src"
	wait_until 5 heard_times up "allow $asm $src;" $((n + 1))
}

@test "GM-73, GM-74, GM-80: filters of IGMPv3 are merged upstream" {
	merge 4
}

@test "GM-73, GM-74, GM-80: filters of MLDv2 are merged upstream" {
	merge 6
}

# What is sent downstream goes up and to other downstreams, but not back
from_below()
{
	use "$1"
	edge
	net_listen tv listener2 "$asm"
	gm_hear up2 source eth0 udp
	gm_hear lan listener1 eth0 udp
	wait_until 5 has_group eth2 "$asm"
	burst listener1 "$asm" 50
	wait_until 5 net_has_received tv 50
	wait_until 5 heard_times up2 "> $asm .*udp" 50
	# and one ahead
	[ "$(heard lan "> $asm .*udp")" -eq 51 ]
	# nobody listens to that one, but somebody upstream may
	burst listener2 "$asm2" 50
	wait_until 5 heard_times up2 "> $asm2 .*udp" 50
	run ! grep "$asm2" "$(net_log lan)"
}

@test "GM-78: what hosts downstream send goes up, and to listeners downstream, IPv4" {
	from_below 4
}

@test "GM-78: what hosts downstream send goes up, and to listeners downstream, IPv6" {
	from_below 6
}

@test "receive-only: what hosts downstream send does not go up" {
	use 4
	edge receive-only
	net_listen tv listener2 "$asm"
	gm_hear up2 source eth0 udp
	wait_until 5 has_group eth2 "$asm"
	burst listener1 "$asm" 50
	wait_until 5 net_has_received tv 50
	run ! grep udp "$(net_log up2)"
}

@test "GM-83, GM-102, GM-104: scopes: what is local stays, what is of a link never leaves it" {
	use 4
	edge
	gm_hear up2 source eth0 udp
	net_listen local listener2 239.255.1.1
	for group in 224.0.0.251 ff02::fb; do
		net_listen "$group" listener2 $group
	done
	net_listen tv listener2 "$asm"
	wait_for up "to_ex $asm;"
	burst listener1 239.255.1.1 20
	net_send listener1 224.0.0.251 count 20 interval 1 port 6000
	net_send listener1 ff02::fb count 20 interval 1 port 6000
	wait_until 5 net_has_received local 20
	burst listener1 "$asm" 5
	wait_until 5 heard_times up2 "$asm .*udp" 5
	run ! grep -E '239\.255\.1\.1|> 224.0.0.251|> ff02::fb' "$(net_log up2)"
	run ! grep -E 'report.*(239\.255\.1\.1|224\.0\.0\.251|ff02::fb)' "$(net_log up)"

	# an operator may want it otherwise, of what is not of the link
	edge_again local none
	wait_for up "to_ex 239.255.1.1;"
	run ! grep -E 'report.*(224\.0\.0\.251|ff02::fb)' "$(net_log up)"
}

# edge_again WORDS...: another configuration
edge_again()
{
	{
		echo "proxy upstream eth0 downstream eth1 eth2 $*"
		fast eth1 eth2
	} | config
	ctl reload
}

# A source behind each of three upstreams, that sends the group all the time
three_upstreams()
{
	local n

	for n in 3 4; do
		net_host "source$n"
		net_stub $n "source$n"
		gm_hear "up$n" "source$n"
	done
	for n in "" 3; do
		net_start "stream$n" "source$n" "$SMCKIT_BUILD/test/system/mcast" send eth0 "$asm" \
			count 100000 interval 5
	done
}

# address_of N: of the source behind upstream ethN
address_of()
{
	if [ "$af" = 4 ]; then
		echo "10.0.$1.2"
	else
		canonical "fd00:$1::2"
	fi
}

# comes_from N: packets arrive from there, from now on, and from nowhere else
comes_from()
{
	wait_until 10 last_is_from "$(address_of "$1")"
}

last_is_from()
{
	tail -n 1 "$(net_log tv)" | grep -q "from $1 "
}

take_over()
{
	use "$1"
	three_upstreams
	{
		echo "proxy upstream eth0 priority 10 except $asm2 upstream eth3 priority 20" \
			"upstream eth4 priority 1 group $asm2 downstream eth1"
		fast eth1
	} | config
	daemon_start
	gm_hear up source
	net_listen tv listener1 "$asm"
	net_listen tv2 listener1 "$asm2"
	wait_for up "to_ex $asm;"
	wait_for up4 "to_ex $asm2;"
	comes_from 0
	run ! grep "report.* $asm;" "$(net_log up3)"
	run ! grep "report.* $asm2;" "$(net_log up)"

	# the link goes, and comes again: its carrier, or as an operator wants it
	if [ "$af" = 4 ]; then
		host=source
	else
		host=router
	fi
	on $host ip link set eth0 down
	wait_for up3 "to_ex $asm;"
	comes_from 3
	on $host ip link set eth0 up
	wait_until 10 heard_times up "to_ex $asm;" 3
	wait_for up3 "to_in $asm;"
	comes_from 0

	# there is no address to report from any more, and then there is
	if [ "$af" = 4 ]; then
		on router ip addr flush dev eth0
	else
		address=$(link_local router eth0)
		on router ip addr del "$address/64" dev eth0
	fi
	wait_until 10 heard_times up3 "to_ex $asm;" 3
	comes_from 3
	if [ "$af" = 4 ]; then
		net_addr router eth0 10.0.0.1/24
	else
		net_addr router eth0 "$address/64"
	fi
	comes_from 0
	# nobody else ever took the group that is for one alone
	run ! grep "report.* $asm2;" "$(net_log up)"
	run ! grep "report.* $asm2;" "$(net_log up3)"
}

@test "GM-86: three upstreams by prefix and priority, and who takes over, IPv4" {
	take_over 4
}

@test "GM-86: three upstreams by prefix and priority, and who takes over, IPv6" {
	take_over 6
}

@test "two proxies in one daemon have nothing to do with each other" {
	use 4
	net_host source3 listener4
	net_stub 3 source3
	net_stub 4 listener4
	{
		echo 'proxy name iptv upstream eth0 downstream eth1'
		echo 'proxy name radio upstream eth3 downstream eth4'
		fast eth1 eth4
	} | config
	daemon_start
	gm_hear up source
	gm_hear up3 source3
	net_listen one listener1 "$asm"
	net_listen four listener4 "$asm"
	wait_for up "to_ex $asm;"
	wait_for up3 "to_ex $asm;"
	burst source "$asm" 20
	burst source3 "$asm" 30
	wait_until 5 net_has_received one 20
	wait_until 5 net_has_received four 30
	[ "$(net_received one)" -eq 20 ]
	net_stop one || :
	wait_for up "to_in $asm;"
	run ! grep "to_in $asm;" "$(net_log up3)"
}

@test "a static route beside the proxy, on the same interfaces" {
	use 4
	{
		echo 'proxy upstream eth0 downstream eth1 eth2'
		echo "mroute from eth0 group $asm to eth2"
		echo "mroute from eth0 group $asm2 to eth2"
		fast eth1 eth2
	} | config
	daemon_start
	# of one group each wants something
	net_listen tv listener1 "$asm"
	gm_hear lan listener2 eth0 udp
	burst source "$asm" 50
	burst source "$asm2" 50
	wait_until 5 net_has_received tv 50
	wait_until 5 heard_times lan "> $asm .*udp" 50
	wait_until 5 heard_times lan "> $asm2 .*udp" 50
	net_stop tv || :
	wait_until 5 has_mroute "$src" "$asm" eth0 eth2
	burst source "$asm" 50
	wait_until 5 heard_times lan "> $asm .*udp" 100
}

# The querier upstream is an older one, and so are the reports that follow
older_querier()
{
	use "$1"
	edge
	net_listen tv listener1 "$asm"
	wait_for up "to_ex $asm;"
	# shellcheck disable=SC2086 # a word or none
	gmcast source query2 mrt 500 ${mld-}
	wait_for up "$(reporter) > $asm .*report v2 $asm\$"
	net_listen tv2 listener1 "$asm2"
	wait_for up "$(reporter) > $asm2 .*report v2 $asm2\$"
	# sources are not for such a querier (RFC 4605 4.1)
	net_listen tv3 listener1 "$ssm" source "$src"
	net_stop tv2 || :
	wait_for up "$(reporter) > $routers .*leave $asm2\$"
	[ "$(heard up "report v3 to_ex $asm2;")" -eq 0 ]
}

@test "GM-76, GM-89: an upstream querier of IGMPv2 is answered in its version" {
	older_querier 4
}

@test "GM-76, GM-89: an upstream querier of MLDv1 is answered in its version" {
	mld=mld older_querier 6
}

@test "GM-76, GM-89: an upstream querier of IGMPv1 is answered in its version, without leaves" {
	use 4
	edge
	gmcast source query1
	net_listen tv listener1 "$asm"
	wait_for up "> $asm .*report v1 $asm\$"
	net_stop tv || :
	wait_until 5 has_no_group eth1 "$asm"
	net_listen tv listener1 "$asm2"
	wait_for up "> $asm2 .*report v1 $asm2\$"
	run ! grep -E "10.0.0.1 > .*(leave|report v[23]).* ($asm|$asm2)" "$(net_log up)"
}

@test "GM-88: queries of the upstream are answered, each way" {
	use 4
	edge
	net_listen one listener1 "$asm"
	net_listen two listener1 "$ssm" source "$src"
	wait_until 5 heard_times up "to_ex $asm;" 2
	wait_until 5 heard_times up "allow $ssm $src;" 2
	gmcast source query mrt 200
	wait_for up "is_ex $asm;"
	wait_for up "is_in $ssm $src;"
	gmcast source query "$asm" mrt 200
	wait_until 5 heard_times up "is_ex $asm;" 2
	gmcast source query "$ssm" "$src" "$src2" mrt 200
	wait_until 5 heard_times up "is_in $ssm $src;" 2
}

# hosts_are N: as many are tracked, of the group
hosts_are()
{
	[ "$(ctl -j show groups detail | grep -cF "\"group\":\"$asm\",\"host\"")" -eq "$1" ]
}

# reports KIND COUNT: of as many groups a record of the kind was heard upstream, to be waited for
reports()
{
	[ "$(grep -oE "$1 (239|ff0e)[^;]*" "$(net_log up)" | sort -u | wc -l)" -eq "$2" ]
}

# at_most RECORDS: in any packet heard upstream
at_most()
{
	[ "$(grep 'report v3' "$(net_log up)" | tr -cd ';\n' | wc -L)" -le "$1" ]
}

# Groups by the hundred are reported as they come, and answered for, in packets of the link's size
hundreds()
{
	use "$1"
	edge
	gmcast listener1 to_ex "$asm" groups 500 count 500 rate 1000
	wait_until 5 reports to_ex 500
	# shellcheck disable=SC2086 # a word or none
	gmcast source query mrt 500 ${mld-}
	wait_until 5 reports is_ex 500
	at_most "$2"
}

@test "GM-75, GM-88, GM-90: hundreds of groups, IPv4" {
	# (1500 - 24 - 8) / 8
	hundreds 4 183
}

@test "GM-75, GM-88, GM-90: hundreds of groups, IPv6" {
	# (1500 - 48 - 8) / 20
	mld=mld hundreds 6 72
}

@test "kernel: more groups than a socket may have" {
	use 4
	edge kernel
	gmcast listener1 to_ex "$asm" groups 60 count 60 rate 1000
	wait_until 5 reports to_ex 60
}

# One of two hosts leaves, and who is asked says that it stays: nothing is lost
one_stays()
{
	local version sent

	use "$1"
	gm_lan 3 one two
	{
		echo 'proxy upstream eth0 downstream eth3'
		fast eth3
	} | config
	daemon_start
	for version in "$new" "$old"; do
		gm_version one "$version"
		gm_version two "$version"
		net_listen one one "$asm"
		net_listen two two "$asm"
		wait_until 5 has_group eth3 "$asm"
		stream_start stream source "$asm"
		flows one
		net_stop one || :
		# 300 ms of it, which is longer than the last member has
		for _ in {1..15}; do
			flows two
		done
		sent=$(stream_stop stream)
		got_all two "$sent"
		net_stop two || :
		wait_until 10 has_no_group eth3 "$asm"
	done
}

@test "GM-56, GM-108: one of two hosts leaves, and the other one loses nothing, IPv4" {
	one_stays 4
}

@test "GM-56, GM-108: one of two hosts leaves, and the other one loses nothing, IPv6" {
	one_stays 6
}

# Two boxes on a LAN: one leaves, and the other one loses nothing
two_boxes()
{
	local sent

	use "$1"
	gm_lan 3 one two
	config <<-END
		proxy upstream eth0 downstream eth3
		phyint eth3 $igmp-track
	END
	daemon_start
	net_listen one one "$asm"
	net_listen two two "$asm"
	wait_until 5 hosts_are 2
	stream_start stream source "$asm"
	flows two
	gm_hear wire two
	net_stop one || :
	wait_for wire "to_in $asm;"
	flows two
	sent=$(stream_stop stream)
	got_all two "$sent"
	net_stop two || :
	wait_until 1 has_no_mroute "$src" "$asm"
}

@test "GM-108, GM-110: of two tracked boxes one leaves, and the other loses nothing, IPv4" {
	two_boxes 4
}

@test "GM-108, GM-110: of two tracked boxes one leaves, and the other loses nothing, IPv6" {
	two_boxes 6
}

# The last packet of a stream comes a time after the leave: WORDS... of phyint, FROM, TO ms
leave_latency()
{
	config <<-END
		proxy upstream eth0 downstream eth1 eth2
		phyint eth1 $igmp ${1:+$igmp-$1}
	END
	daemon_start
	gm_hear lan listener1 eth0 udp
	net_listen tv listener1 "$asm"
	wait_until 5 has_group eth1 "$asm"
	stream_start stream source "$asm"
	flows tv
	net_stop tv || :
	wait_for lan "to_in $asm;"
	wait_until 5 has_no_group eth1 "$asm"
	sent=$(stream_stop stream)
	between "$2" "$3" $(($(at lan "> $asm .*udp" 0) - $(at lan "to_in $asm;")))
	net_stop lan || :
	daemon_stop
}

@test "GM-51, GM-56, GM-110: the last packet comes 2 s after a leave, or at once" {
	use 4
	leave_latency "" 1950 2150
	leave_latency fast-leave -100 100
	use 6
	leave_latency track -100 100
}

# A stream that is there before anybody wants it: it comes at once, and goes
stream_before()
{
	use "$1"
	edge
	gm_hear lan listener1 eth0 udp
	net_start stream source smcroutectl send "$asm" via eth0 port 5000 interval 2
	wait_until 5 knows_group "$asm"
	net_listen tv listener1 "$asm"
	flows tv
	# whether it says so by itself or is asked
	between 0 100 $(($(at lan "> $asm .*udp") - $(at lan "(to|is)_ex $asm;")))
	net_stop tv || :
	wait_until 5 has_mroute "$src" "$asm" eth0
	# the same once more, and of one who comes while another one listens
	net_listen tv listener1 "$asm"
	flows tv
	net_listen tv2 listener2 "$asm"
	flows tv2
}

@test "GM-77, GM-80, GM-84: a stream that was there before its listeners, IPv4" {
	stream_before 4
}

@test "GM-77, GM-80, GM-84: a stream that was there before its listeners, IPv6" {
	stream_before 6
}

zaps()
{
	use "$1"
	config <<-END
		proxy upstream eth0 downstream eth1
		phyint eth1 $igmp $igmp-track
	END
	daemon_start
	net_start stream source "$SMCKIT_BUILD/test/system/mcast" send eth0 "$asm" groups 100 \
		count 1000000 interval 0.1
	wait_until 10 knows_group "$asm"
	run on listener1 "$SMCKIT_BUILD/test/system/mcast" zap eth0 "$asm" groups 100
	refute_output --partial missed
	assert_equal "${#lines[@]}" 100
}

@test "100 zaps, and no channel is missed, IPv4" {
	zaps 4
}

@test "100 zaps, and no channel is missed, IPv6" {
	zaps 6
}

@test "GM-79: while another router is querier, nothing is forwarded there, but where it is wanted" {
	use 4
	{
		echo 'proxy upstream eth0 downstream eth1 eth2'
		echo 'phyint eth2 proxy-forward'
		fast eth1 eth2
	} | config
	daemon_start
	for n in 1 2; do
		on listener$n ip addr add "10.0.$n.0/24" dev eth0
		gmcast listener$n query from "10.0.$n.0" qrv 2 qqi 2 mrt 1000
		wait_until 5 port_shows eth$n querier "10.0.$n.0"
	done
	net_listen one listener1 "$asm"
	net_listen two listener2 "$asm"
	wait_until 5 has_group eth1 "$asm"
	wait_until 5 has_group eth2 "$asm"
	stream_start stream source "$asm"
	flows two
	[ "$(net_received one)" -eq 0 ]
	# it is gone: 2 * 2 s + 0.5 s
	wait_until 8 port_shows eth1 querier 10.0.1.1
	flows one
	gmcast listener1 query from 10.0.1.0 qrv 2 qqi 60
	wait_until 5 has_mroute "$src" "$asm" eth0 eth2
}

@test "kernel: what is wanted upstream is this host's own membership" {
	for n in 4 6; do
		use $n
		edge kernel
		net_listen tv listener1 "$asm"
		net_listen tv2 listener1 "$ssm" source "$src"
		wait_until 5 kernel_has eth0 "$asm"
		wait_until 5 kernel_has eth0 "$ssm"
		wait_for up "allow $ssm $src"
		burst source "$ssm" 20
		wait_until 5 net_has_received tv2 20
		net_stop tv || :
		wait_until 5 kernel_has_not eth0 "$asm"
		daemon_stop
		net_stop up || :
		net_stop tv2 || :
	done
}

kernel_has()
{
	on router ip maddr show dev "$1" | grep -qw "$2"
}

kernel_has_not()
{
	! kernel_has "$@"
}

@test "igmp, mld: a proxy of one family alone" {
	use 4
	edge igmp
	net_listen four listener1 "$asm"
	net_listen six listener1 ff0e::1:1
	wait_for up "to_ex $asm;"
	run ! grep 'report.*ff0e::1:1' "$(net_log up)"
	run ! grep -q ff0e <<<"$(ctl -j show groups)"
}

@test "all: each upstream that takes a group has it reported, and its data" {
	use 4
	three_upstreams
	{
		echo 'proxy all upstream eth0 upstream eth3 upstream eth4 except 239.0.0.0/8 downstream eth1'
		fast eth1
	} | config
	daemon_start
	gm_hear up source
	net_listen tv listener1 "$asm"
	wait_for up "to_ex $asm;"
	wait_for up3 "to_ex $asm;"
	wait_until 5 grep -q "from $(address_of 0) " "$(net_log tv)"
	wait_until 5 grep -q "from $(address_of 3) " "$(net_log tv)"
	run ! grep "report.* $asm;" "$(net_log up4)"
}

@test "what is wrong with a proxy is said with its place, and changes nothing" {
	config <<<'proxy upstream eth0 downstream eth1'
	daemon_start
	while read -r line; do
		config <<<"$line"
		run ! ctl reload
		assert_output --regexp 'daemon.conf:[0-9]+'
	done <<-'END'
		proxy upstream eth0
		proxy downstream eth1
		proxy upstream eth0 downstream eth0
		proxy upstream eth0 group 10.0.0.0/8 downstream eth1
		proxy upstream eth0 priority downstream eth1
		proxy
	END
	printf '%s\n' 'proxy name a upstream eth0 downstream eth1' \
		'proxy name b upstream eth2 downstream eth1' | config
	run ! ctl reload
	use 4
	gm_hear up source
	net_listen tv listener1 "$asm"
	wait_for up "to_ex $asm;"
}
