#!/usr/bin/env bats
# pim_tools.bats - what tests of PIM are made with: messages that are sent are heard as such, and
# tshark reads the same of them; networks have the routes that they should
# shellcheck disable=SC2154 # pim.bash has them

bats_require_minimum_version 1.5.0
load net
load pim

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	pim_link 1 r1 r2
}

teardown()
{
	net_teardown
}

# says PATTERN WORD...: what is sent is heard at the other end
says()
{
	pimcast r1 1 "${@:2}"
	wait_for wire " $1\$" || { echo "sent: ${*:2}"; return 1; }
}

# same WORD...: the words are those that are heard
same()
{
	says "$*" "$@"
}

# What goes to one router is sent to its device
to()
{
	echo "from $(address r1) to $(address r2) mac $(on r2 cat /sys/class/net/eth1/address)"
}

all_messages()
{
	local rp host range=239.1.0.0/16 v6=

	rp=$(address r1) host=${rp%1}77
	[ "$af" = 4 ] || range=ff0e::/16 v6=pim6

	# shellcheck disable=SC2086 # none or one
	says 'hello seconds 105' hello seconds 105 $v6
	same hello forever delay 500 2500 t dr 7 genid 4000000000 refresh 60 bidir \
		address "${rp%1}8" address "${rp%1}9"
	# shellcheck disable=SC2086
	says 'hello seconds 1 dr 4294967295' hello seconds 1 option 65001 0102 dr 4294967295 $v6
	same jp "$rp" seconds 210 group "$asm" join star "$rp" prune rpt "$host" group "$ssm" \
		join "$host" "${rp%1}78"
	same jp "$rp" forever group "$asm" prune star "$rp" rpt "$host"
	same assert "$host" "$asm" preference 110 metric 20
	same assert "$(any)" "$asm" rpt preference 110 metric 20
	same bsm "$rp" tag 77 hash 30 bsr-priority 64 range "$range" rp "$rp" 150 192 \
		rp "$host" 150 1
	same bsm "$rp" tag 78 hash 30 bsr-priority 0 no-forward zone "$range" rp "$host" 0 192
	# shellcheck disable=SC2046 # words
	says "register $host $asm size 10" register "$host" "$asm" size 10 $(to)
	# shellcheck disable=SC2046
	says "register $host $asm null" register "$host" "$asm" null $(to)
	# shellcheck disable=SC2046
	says "stop $host $asm" stop "$host" "$asm" $(to)
	# shellcheck disable=SC2046
	says "candidate $rp seconds 150 rp-priority 192 range $range" \
		candidate "$rp" range "$range" $(to)
}

any()
{
	if [ "$af" = 4 ]; then
		echo 0.0.0.0
	else
		echo ::
	fi
}

# complaints NAME: what tshark finds wrong
complaints()
{
	net_packets "$1" -Y 'pim && (_ws.malformed || _ws.expert.severity >= 0x600000)' -o \
		ip.check_checksum:TRUE
}

all_are_heard()
{
	use "$1"
	wait_until 5 has_link_locals r1
	pim_hear wire r2 1
	net_capture pcap r2 eth1
	all_messages
	wait_until 5 net_captured pcap pim 12
	run complaints pcap
	assert_output ''
	run net_packets pcap -Y 'pim.type == 3' -T fields -e pim.cksum.status
	assert_line 1
}

@test "messages of IPv4 are heard as they were sent, and tshark has nothing against them" {
	all_are_heard 4
}

@test "messages of IPv6 are heard as they were sent, and tshark has nothing against them" {
	all_are_heard 6
}

@test "messages that are wrong are heard as such" {
	use 4
	pim_hear wire r2 1
	says 'bad checksum' hello badsum
	says 'bad version' hello version 1
	says 'bad length' hello cut 3
	says 'bad type' raw 2f000000
	says 'ttl 9 hello seconds 105' hello ttl 9
	says 'bad destination' hello to 224.0.0.5
	# shellcheck disable=SC2046 # words
	says "register 10.0.1.9 $asm size 11" register 10.0.1.9 "$asm" size 11 all-sum $(to)
	pimcast r1 1 hello mangle 5 count 20
	says 'hello seconds 3' hello seconds 3
	assert_equal "$(heard wire ' (hello|bad|jp|assert|register|stop|bsm|candidate) ')" 28
}

@test "a neighbour says Hello again and again, and joins for many groups" {
	use 4
	pim_hear wire r2 1
	net_start hello r1 "$SMCKIT_BUILD/test/system/pimcast" eth1 hello genid 5 every 10
	wait_until 5 heard_times wire 'hello .*genid 5$' 20
	net_stop hello || :
	pimcast r1 1 jp 10.0.1.2 group 239.1.1.1 join star 10.0.1.2 groups 300 count 300
	wait_for wire 'group 239.1.2.44 join star 10.0.1.2$'
	assert_equal "$(heard wire ' jp ')" 300
}

@test "many candidates offer themselves, each for one of some ranges" {
	use 4
	pim_hear wire r2 1
	# shellcheck disable=SC2046 # words
	pimcast r1 1 candidate 10.9.0.1 range 239.8.0.0/16 groups 300 ranges 7 count 300 $(to)
	wait_for wire 'candidate 10.9.1.44 .* range 239.13.0.0/16$'
	assert_equal "$(heard wire 'candidate .* range 239.9.0.0/16$')" 43
}

# speaks_to HOST HOST: what one sends to the other's address comes
speaks_to()
{
	local listen=(UDP4-RECV:7)

	[ "$af" = 4 ] || listen=("UDP6-RECV:7,ipv6only")
	net_start talk "$2" socat -u "${listen[@]}" STDOUT
	wait_until 10 says_hallo "$1" "$2"
	net_stop talk || :
}

says_hallo()
{
	local to

	to=$(address "$2")
	[ "$af" = 4 ] || to=[$to]
	echo hallo | on "$1" socat - "UDP$af-SENDTO:$to:7"
	grep -q hallo "$(net_log talk)"
}

@test "routers of a square know both ways, and which is the better" {
	pim_forget
	pim_square
	use 4
	run on r4 ip route show 10.0.1.0/24
	assert_output --partial 'via 10.0.3.1 dev eth3 metric 30'
	assert_output --partial 'via 10.0.5.1 dev eth5 metric 31'
	speaks_to source listener
	speaks_to listener source
	ip -n "$(net_ns r4)" link set eth3 down
	speaks_to listener source
	use 6
	speaks_to listener source
}
