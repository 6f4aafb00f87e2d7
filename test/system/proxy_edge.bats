#!/usr/bin/env bats
# proxy_edge.bats - life of a proxy on an edge: links that come and go, and restarts

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

edge()
{
	{
		echo "proxy upstream eth0 downstream eth1 eth2"
		fast eth1 eth2
	} | config
	daemon_start
	gm_hear up source
}

# A stream that the listener gets all the time: the source sends it whether it is asked or not
endless()
{
	net_start stream source "$SMCKIT_BUILD/test/system/mcast" send eth0 "$asm" count 1000000 \
		interval 5
}

# dial ADDRESS: a point-to-point link with that address to the source, as PPP makes one
dial()
{
	local line=$BATS_TEST_TMPDIR/line

	rm -f "$line".*
	net_start far source socat TUN,tun-name=ppp0,iff-no-pi \
		"UNIX-SENDTO:$line.near,bind=$line.far"
	net_start near router socat TUN,tun-name=ppp0,iff-no-pi \
		"UNIX-SENDTO:$line.far,bind=$line.near"
	wait_until 5 test -S "$line.near" -a -S "$line.far"
	wait_until 5 on source ip link set ppp0 up multicast on
	on source ip addr add 10.64.0.2 peer "$1" dev ppp0
	net_addr source ppp0 fd00:64::2/64
	# before the router's first word
	gm_hear up source ppp0
	wait_until 5 on router ip link set ppp0 up multicast on
	on router ip addr add "$1" peer 10.64.0.2 dev ppp0
}

hang_up()
{
	local name

	for name in near far up stream; do
		net_stop $name || :
	done
}

# The stream comes by that line, of which the router's address is as said
comes_by_line()
{
	wait_for up "$1 > $reports .*to_ex $asm;"
	net_start stream source "$SMCKIT_BUILD/test/system/mcast" send ppp0 "$asm" \
		count 1000000 interval 5
	flows tv
}

redial()
{
	local address

	use "$1"
	{
		echo 'proxy upstream ppp0 downstream eth1'
		fast eth1
	} | config
	daemon_start
	net_listen tv listener1 "$asm"
	wait_until 5 has_group eth1 "$asm"
	# another link each time, by its index, with another address
	for address in 10.64.0.1 10.64.0.9; do
		dial $address
		[ "$af" = 4 ] || address=$(link_local router ppp0)
		comes_by_line "$address"
		hang_up
		wait_until 5 has_no_group_routes
	done
}

has_no_group_routes()
{
	! knows_group "$asm"
}

@test "an upstream that is dialled, hung up, and dialled again, IPv4" {
	redial 4
}

@test "an upstream that is dialled, hung up, and dialled again, IPv6" {
	redial 6
}

@test "another address of the upstream: reports come from it" {
	use 4
	edge
	net_listen tv listener1 "$asm"
	wait_for up "10.0.0.1 > .*to_ex $asm;"
	on router ip addr del 10.0.0.1/24 dev eth0
	net_addr router eth0 10.0.0.99/24
	wait_for up "10.0.0.99 > .*to_ex $asm;"
	endless
	flows tv
}

@test "an upstream that flaps is told all again, each time" {
	use 4
	edge
	net_listen tv listener1 "$asm"
	endless
	flows tv
	for _ in 1 2; do
		on router ip link set eth0 down
		wait_until 5 upstream_is down
		n=$(heard up "to_ex $asm;")
		on router ip link set eth0 up
		wait_until 5 heard_times up "to_ex $asm;" $((n + 1))
		flows tv
	done
}

# upstream_is STATE
upstream_is()
{
	[ "$(row upstream=eth0 "family=$family" -- show proxy | member state)" = "$1" ]
}

@test "a downstream that comes later, and by a pattern" {
	use 4
	{
		echo 'proxy upstream eth0 downstream eth1 lan+ tv0'
		fast lan+ tv0
	} | config
	daemon_start
	gm_hear up source
	for name in lan7 tv0; do
		net_host "host$name"
		net_link router "$name" "host$name" eth0
		gm_hear "wire$name" "host$name"
		case $name in
		lan7) net_addr router "$name" 10.0.7.1/24 && net_addr "host$name" eth0 10.0.7.2/24 ;;
		tv0) net_addr router "$name" 10.0.8.1/24 && net_addr "host$name" eth0 10.0.8.2/24 ;;
		esac
		wait_for "wire$name" "> $all .*query v3"
		net_listen "on$name" "host$name" "$asm"
	done
	wait_for up "to_ex $asm;"
	endless
	flows onlan7
	flows ontv0
	# it goes, and with it the last who wanted it
	on router ip link del lan7
	wait_until 5 has_mroute "$src" "$asm" eth0 tv0
	on router ip link del tv0
	wait_for up "to_in $asm;"
}

# As another program of the router's: join_here NAME DEVICE
join_here()
{
	net_start "$1" router "$SMCKIT_BUILD/test/system/mcast" listen "$2" "$asm"
	wait_for "$1" '^listening$'
}

@test "programs on the router join the same group, on both sides" {
	local sent

	use 4
	edge
	net_listen tv listener1 "$asm"
	wait_for up "to_ex $asm;"
	join_here local0 eth0
	join_here local1 eth1
	stream_start stream source "$asm"
	flows tv
	flows local0
	# neither takes it away from the other: the upstream asks, and is answered
	net_stop local0 || :
	wait_for up "to_in $asm;"
	gmcast source query "$asm" mrt 200
	wait_for up "is_ex $asm;"
	flows tv
	sent=$(stream_stop stream)
	got_all tv "$sent"
	# the one on the LAN's side is a listener like others
	gm_hear lan listener1
	net_stop tv || :
	wait_for lan "10.0.1.2 > .*to_in $asm;"
	wait_for lan "10.0.1.1 > .*query v3 $asm "
	wait_for lan "10.0.1.1 > .*is_ex $asm;"
	has_group eth1 "$asm"
	net_stop local1 || :
	wait_until 10 has_no_group eth1 "$asm"
	wait_for up "10.0.0.1 .*to_in $asm;"
}

# A bridge of the router's with two ports is the LAN
bridge()
{
	local n

	on router ip link add br0 up type bridge mcast_snooping 1
	net_addr router br0 10.0.9.1/24 fd00:9::1/64
	for n in 1 2; do
		on router ip addr flush dev eth$n scope global
		on router ip link set eth$n master br0
		on listener$n ip addr flush dev eth0 scope global
		net_addr listener$n eth0 "10.0.9.1$n/24" "fd00:9::1$n/64"
	done
}

# The bridge's multicast-router mode
router_mode()
{
	on router cat /sys/class/net/br0/bridge/multicast_router
}

router_mode_is()
{
	[ "$(router_mode)" = "$1" ]
}

# is_quiet: ten packets pass, and the second host's wire has none of them
is_quiet()
{
	local before

	before=$(heard lan udp)
	flows one
	[ "$(heard lan udp)" -eq "$before" ]
}

snooping_bridge()
{
	local sent

	use "$1"
	bridge
	{
		echo 'proxy upstream eth0 downstream br0'
		fast br0
	} | config
	daemon_start
	wait_until 5 router_mode_is 2
	gm_hear up source
	gm_version listener2 "$old"
	net_listen one listener1 "$asm"
	wait_for up "to_ex $asm;"
	gm_hear lan listener2 eth0 udp
	stream_start stream source "$asm"
	flows one
	# a switch forwards all until the first query has been answered
	wait_until 5 is_quiet
	net_listen two listener2 "$asm"
	flows two
	net_stop one || :
	flows two
	sent=$(stream_stop stream)
	[ "$sent" -ge 20 ]
	net_stop two || :
	wait_for up "to_in $asm;"
	daemon_stop
	router_mode_is 1
}

@test "GM-105: the LAN is a snooping bridge of the router's, IPv4" {
	snooping_bridge 4
}

@test "GM-105: the LAN is a snooping bridge of the router's, IPv6" {
	snooping_bridge 6
}

@test "GM-105, GM-107: a snooping switch finds the router by its queries" {
	use 4
	gm_lan 3 one two
	{
		echo 'proxy upstream eth0 downstream eth3'
		fast eth3
	} | config
	ip -n "$(net_ns lan3)" link set br0 type bridge mcast_snooping 1
	daemon_start
	gm_hear up source eth0 udp
	net_listen one one "$asm"
	wait_for up "to_ex $asm;"
	# the switch sends the router what nobody has joined
	wait_until 5 sends_up two "$asm2"
	stream_start stream source "$asm"
	flows one
}

# sends_up HOST GROUP: a packet from there gets to the upstream
sends_up()
{
	net_send "$1" "$2" count 3
	wait_until 1 grep -q "> $2 .*udp" "$(net_log up)"
}

in_place()
{
	local sent

	use "$1"
	edge
	net_listen tv listener1 "$asm"
	net_listen ssm listener2 "$ssm" source "$src"
	wait_for up "to_ex $asm;"
	wait_for up "allow $ssm $src;"
	stream_start stream source "$asm"
	flows tv
	ctl upgrade
	wait_until 5 has_group eth1 "$asm"
	wait_until 5 has_group eth2 "$ssm"
	flows tv
	sent=$(stream_stop stream)
	got_all tv "$sent"
	# nobody was told that nothing is wanted, and it goes on as ever
	run ! grep -E "(to_in|block) ($asm|$ssm)" "$(net_log up)"
	burst source "$ssm" 30
	wait_until 5 net_has_received ssm 30
	endless
	flows tv
	net_stop tv || :
	wait_for up "to_in $asm;"
	wait_until 5 has_mroute "$src" "$asm" eth0
}

@test "GM-85: an upgrade, while a stream of the proxy runs, loses no packet, IPv4" {
	in_place 4
}

@test "GM-85: an upgrade, while a stream of the proxy runs, loses no packet, IPv6" {
	in_place 6
}

again()
{
	local start version

	use "$1"
	gm_version listener2 "$old"
	config <<-END
		proxy upstream eth0 downstream eth1 eth2
		phyint eth1 $igmp-startup-response 0.5
		phyint eth2 $igmp-startup-response 0.5
	END
	daemon_start
	gm_hear up source
	net_listen one listener1 "$asm"
	net_listen two listener2 "$asm2"
	wait_for up "to_ex $asm;"
	wait_for up "to_ex $asm2;"
	endless
	flows one
	# it says that it goes
	daemon_stop
	wait_for up "to_in $asm;"
	[ -z "$(mroutes)" ]
	net_stop up || :
	gm_hear up source

	start=${EPOCHREALTIME/[.,]/}
	daemon_start
	flows one
	wait_for up "to_ex $asm;"
	wait_for up "to_ex $asm2;"
	for version in "$asm" "$asm2"; do
		between 0 1500 $(($(at up "to_ex $version;") - start))
	done
}

@test "GM-85: after a restart, groups are known again within the startup response, IPv4" {
	again 4
}

@test "GM-85: after a restart, groups are known again within the startup response, IPv6" {
	again 6
}

@test "a reload without a change: not a packet on the wire, and none lost" {
	local before sent

	config <<-'END'
		proxy upstream eth0 downstream eth1 eth2
		phyint eth1 igmp igmp-startup-count 1 mld mld-startup-count 1
		phyint eth2 igmp-startup-count 1 mld-startup-count 1
		static-group from eth2 group 239.1.1.7
	END
	gm_hear up source
	gm_hear lan listener1
	daemon_start
	for n in 4 6; do
		use $n
		net_listen tv$n listener1 "$asm"
		wait_until 10 heard_times up "to_ex $asm;" 2
		wait_until 10 heard_times lan "to_ex $asm;" 2
	done
	use 4
	wait_until 10 heard_times up "to_ex 239.1.1.7;" 2
	stream_start stream source "$asm"
	flows tv4
	before=$(heard up .),$(heard lan .)
	feed_start reload
	net_signal daemon HUP
	wait_for feed ' reload'
	ctl reload
	flows tv4
	sent=$(stream_stop stream)
	got_all tv4 "$sent"
	[ "$(heard up .),$(heard lan .)" = "$before" ]
}

@test "a reload that takes a downstream away, and brings it back" {
	use 4
	edge
	net_listen one listener1 "$asm"
	net_listen two listener2 "$asm"
	endless
	flows one
	flows two
	{
		echo 'proxy upstream eth0 downstream eth1'
		fast eth1
	} | config
	ctl reload
	wait_until 5 has_mroute "$src" "$asm" eth0 eth1
	run ! grep "to_in" "$(net_log up)"
	flows one
	{
		echo 'proxy upstream eth0 downstream eth1 eth2'
		fast eth1 eth2
	} | config
	ctl reload
	flows two
	config </dev/null
	ctl reload
	wait_for up "to_in $asm;"
	wait_until 5 has_no_mroute "$src" "$asm"
}

@test "a reload that gives the upstream's part to another interface, and turns around" {
	use 4
	net_host source3
	net_stub 3 source3
	edge
	gm_hear up3 source3
	net_listen tv listener1 "$asm"
	wait_for up "to_ex $asm;"
	{
		echo 'proxy upstream eth3 downstream eth1'
		fast eth1
	} | config
	ctl reload
	wait_for up "to_in $asm;"
	wait_for up3 "to_ex $asm;"
	burst source3 "$asm" 20
	wait_until 5 net_has_received tv 20

	{
		echo 'proxy upstream eth1 downstream eth3'
		fast eth3
	} | config
	gm_hear lan listener1
	ctl reload
	wait_for up3 "to_in $asm;"
	wait_for up3 '10.0.3.1 > .*query v3'
	net_listen tv3 source3 "$asm2"
	wait_for lan "10.0.1.1 > .*to_ex $asm2;"
	burst listener1 "$asm2" 20
	wait_until 5 net_has_received tv3 20
}

@test "GM-93: nothing is reported from an address of IPv6 that may be somebody else's" {
	use 6
	on router sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/accept_dad'
	{
		echo 'proxy upstream eth9 downstream eth1'
		fast eth1
	} | config
	daemon_start
	net_listen tv listener1 "$asm"
	wait_until 5 has_group eth1 "$asm"
	net_host far
	ip link add eth9 netns "$(net_ns router)" type veth peer name eth0 netns "$(net_ns far)"
	on far ip link set eth0 up
	gm_hear up far
	on router ip link set eth9 up
	wait_for up "fe80::[0-9a-f:]+ > $reports .* alert report v3 to_ex $asm;"
	run ! grep "^[0-9.]* :: .*$asm" "$(net_log up)"
}
