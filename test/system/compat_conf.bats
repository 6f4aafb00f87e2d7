#!/usr/bin/env bats
# compat_conf.bats - a file of smcroute means here what it means there: statements and their words
#
# The numbers of tests are those of the list of what smcroute does: 1.1 is its file.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
	file=$BATS_TEST_TMPDIR/file.conf
	use 4
}

teardown()
{
	net_teardown
}

# use FAMILY: what tests of both families are written with; $s2 is an address that the source has
use()
{
	af=$1
	case $af in
	4)
		s=10.0.0.2 s2=10.0.0.3 len=24 g=239.1.1.1 g2=239.1.1.2 g9=239.1.1.9
		any=0.0.0.0 range0=239.1.1.0/24 range1=239.1.1.1/24
		;;
	6)
		s=fd00::2 s2=fd00::3 len=64 g=ff05::1:1 g2=ff05::1:2 g9=ff05::1:9
		any=:: range0=ff05::1:0/112 range1=ff05::1:1/112
		;;
	esac
}

# rules: the rules that are in force, as smcroute shows them
rules()
{
	ctl -t show | awk '!/^$/ && !seen[$0]++'
}

@test "1.1 a statement a line, blanks, comments, empty lines, no newline at the end" {
	printf '%s\n' \
		'# a comment' \
		'   # an indented one' \
		'' \
		'	 ' \
		$'\tmroute\tfrom  eth0   source\t10.0.0.2 group 239.1.1.1 to eth1\t ' \
		'mroute from eth0 source 10.0.0.2 group 239.1.1.2 # to eth2' \
		$'mroute from eth0 source 10.0.0.2 group 239.1.1.3 to eth1\r' \
		'#mroute from eth0 source 10.0.0.2 group 239.1.1.4 to eth1' >"$file"
	printf 'mroute from eth0 source fd00::2 group ff05::1 to eth1' >>"$file"
	config <"$file"
	run smcrouted -F "$daemon_config"
	assert_success
	daemon_start
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	has_mroute 10.0.0.2 239.1.1.2 eth0
	has_mroute 10.0.0.2 239.1.1.3 eth0 eth1
	has_no_mroute 10.0.0.2 239.1.1.4
	af=6 has_mroute fd00::2 ff05::1 eth0 eth1
}

@test "1.1 # begins a comment at the start of a word only, and everywhere" {
	on router ip link add 'a#b' type veth peer name c
	echo 'mroute from eth0 source 10.0.0.2 group 239.1.1.3 to eth1#' >"$BATS_TEST_TMPDIR/inner"
	config <<-END
	#
	##mroute from eth0 source 10.0.0.2 group 239.1.1.4 to eth1
	mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1 a#b #eth2
	mroute from eth0 source 10.0.0.2 group 239.1.1.2 #to eth1
	mgroup from eth1 group 239.7.7.7 # source 10.0.0.2
	phyint eth2 enable # disable
	include $BATS_TEST_TMPDIR/inner # and a comment
	END
	daemon_start
	has_mroute 10.0.0.2 239.1.1.1 eth0 'a#b' eth1
	has_mroute 10.0.0.2 239.1.1.2 eth0
	assert_equal "$(ctl -t show groups | tr -s ' ')" "(*, 239.7.7.7) eth1"
	assert_equal "$(ctl -t show pending)" \
		"mroute  from eth0 source 10.0.0.2 group 239.1.1.3 to eth1#"
	[ "$(mroutes | wc -l)" -eq 3 ]
}

any_order()
{
	local n=0 order words=() i

	use "$1"
	for order in "f s g" "f g s" "s f g" "s g f" "g f s" "g s f"; do
		n=$((n + 1))
		words=()
		for i in $order; do
			case $i in
			f) words+=(from eth0) ;;
			s) words+=(source "$s") ;;
			g) words+=(group "$g$n") ;;
			esac
		done
		echo "mroute ${words[*]} to eth1 eth2"
		echo "mgroup ${words[*]}"
	done >"$daemon_config"
	daemon_start
	for n in 1 2 3 4 5 6; do
		has_mroute "$s" "$g$n" eth0 eth1 eth2
	done
	[ "$(ctl -t -d show groups | grep -c "^($s, ${g}[1-6]) *eth0\$")" -eq 6 ]
}

@test "1.1 IPv4: order of from, source, group is free" {
	any_order 4
}

@test "1.1 IPv6: order of from, source, group is free" {
	any_order 6
}

@test "1.1 to is last: whatever follows is an interface" {
	config <<<'mroute from eth0 group 239.1.1.1 to eth1 source eth2'
	daemon_start
	assert_equal "$(ctl -t show pending)" \
		"mroute  from eth0 group 239.1.1.1 to eth1 source eth2"
	echo 'mroute from eth0 to eth1 group 239.1.1.1' >"$file"
	run smcrouted -F "$file"
	assert_failure 78
	assert_output --partial "'group ADDRESS' is missing"
}

no_source()
{
	use "$1"
	config <<<"mroute from eth0 source $any group $g to eth1"
	on source ip addr add "$s2/$len" dev eth0 preferred_lft 0
	daemon_start
	assert_equal "$(rules | tr -s ' ')" "(*, $g) eth0 eth1"
	net_listen l1 listener1 "$g"
	net_send source "$g" from "$s" count 2
	net_send source "$g" from "$s2" count 3
	got_all l1 5
	# the same to a command
	ctl add eth0 "$any" "$g" eth2
	has_mroute "$s" "$g" eth0 eth1 eth2
	ctl remove eth0 "$g"
	! rules | grep -qF "(*"
}

@test "1.1 IPv4: source 0.0.0.0 is no source" {
	no_source 4
}

@test "1.1 IPv6: source :: is no source" {
	no_source 6
}

no_length()
{
	use "$1"
	config <<<"mroute from eth0 source $s/0 group $g/0 to eth1
		   mroute from eth0 group $g2/0 to eth1"
	daemon_start
	has_mroute "$s" "$g" eth0 eth1
	assert_equal "$(rules | tr -s ' ')" "(*, $g2) eth0 eth1
($s, $g) eth0 eth1"
	ctl remove eth0 "$s" "$g"
	has_no_mroute "$s" "$g"
}

@test "1.1 IPv4: /0 is no length" {
	no_length 4
}

@test "1.1 IPv6: /0 is no length" {
	no_length 6
}

# What is written before the length is the rule's name, and does not count for what it matches.
host_bits()
{
	use "$1"
	config <<<"mroute from eth0 group $range0 to eth1"
	daemon_start
	ctl add eth0 "$range1" eth2
	rules | grep -qF "(*, $range0) "
	rules | grep -qF "(*, $range1) "
	net_send source "$g9"
	wait_until 5 has_mroute "$s" "$g9" eth0 eth1 eth2
	ctl remove eth0 "$range0"
	has_mroute "$s" "$g9" eth0 eth2
	run ctl remove eth0 "$range0"
	assert_failure 1
	ctl remove eth0 "$range1"
	has_no_mroute "$s" "$g9"
}

@test "1.1 IPv4: host bits are the rule's name, and match nothing less" {
	host_bits 4
}

@test "1.1 IPv6: host bits are the rule's name, and match nothing less" {
	host_bits 6
}

in_is_out()
{
	use "$1"
	config <<<"mroute from eth0 source $s group $g to eth0 eth1
		   mroute from eth0 group $g2 to eth0 eth1"
	run smcrouted -F "$daemon_config"
	assert_success
	assert_output --partial "$daemon_config:1:"
	assert_output --partial "warning: packets never leave by where they came in"
	daemon_start
	wait_for daemon "warning: packets never leave by where they came in"
	has_mroute "$s" "$g" eth0 eth1
	net_send source "$g2"
	wait_until 5 has_mroute "$s" "$g2" eth0 eth1
}

@test "1.1 IPv4: an outgoing interface that is the incoming one is a warning" {
	in_is_out 4
}

@test "1.1 IPv6: an outgoing interface that is the incoming one is a warning" {
	in_is_out 6
}

# eth+ in each place where the name of an interface stands
patterns()
{
	use "$1"
	config <<<"phyint eth+ enable
		   mgroup from eth+ group $g9
		   mroute from eth+ group $g to eth+"
	daemon_start
	net_listen l0 source "$g"
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	# the sender hears itself, but not the router
	net_send source "$g" count 3
	got_all l1 3
	got_all l2 3
	net_send listener1 "$g" count 4
	got_all l0 7
	got_all l2 7
	[ "$(net_received l1)" -eq 7 ]
	has_mroute "$s" "$g" eth0 eth1 eth2
	[ "$(on router ip "-$af" maddr show | grep -c "$g9")" -eq 3 ]
	# and to commands
	ctl add eth+ "$g2" eth+
	net_send source "$g2"
	wait_until 5 has_mroute "$s" "$g2" eth0 eth1 eth2
	ctl remove eth+ "$g2"
	has_no_mroute "$s" "$g2"
	ctl leave eth+ "$g9"
	[ "$(on router ip "-$af" maddr show | grep -c "$g9")" -eq 0 ]
	ctl join eth+ "$g9"
	[ "$(on router ip "-$af" maddr show | grep -c "$g9")" -eq 3 ]
}

@test "1.1 IPv4: eth+ is every interface that begins so, on both sides" {
	patterns 4
}

@test "1.1 IPv6: eth+ is every interface that begins so, on both sides" {
	patterns 6
}

@test "1.1 phyint takes a pattern: disable" {
	config <<<'phyint eth+ disable
		   phyint eth1 enable
		   mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1
		   mroute from eth1 source 10.0.1.2 group 239.1.1.2 to eth2'
	daemon_start
	run ctl -t show interfaces
	assert_line --regexp '^ +[0-9]+ eth0 +N/A +N/A$'
	assert_line --regexp '^ +[0-9]+ eth1 +0 +N/A$'
	assert_line --regexp '^ +[0-9]+ eth2 +N/A +N/A$'
}

@test "1.1 the label of an address is left off" {
	config <<<'mroute from eth0:1 source 10.0.0.2 group 239.1.1.1 to eth1:lan
		   mgroup from eth1:5 group 239.7.7.7'
	daemon_start
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	on router ip maddr show dev eth1 | grep -q 239.7.7.7
	ctl add eth0:7 10.0.0.2 239.1.1.1 eth2:7
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1 eth2
}

@test "1.1 -N: an interface whose phyint line says neither word takes no part" {
	config <<<'phyint eth1 ttl-threshold 1
		   phyint eth2 ttl-threshold 1 enable
		   mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1 eth2'
	daemon_start -N
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth2
	daemon_stop
	daemon_start
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1 eth2
}

@test "1.1 a phyint line may stand behind those that name the interface" {
	config <<<'mroute from eth0 group 239.1.1.1 to eth1 eth2
		   phyint eth1 ttl-threshold 10
		   phyint eth2 disable'
	daemon_start
	net_listen l1 listener1 239.1.1.1
	net_send source 239.1.1.1 ttl 10 count 2
	net_send source 239.1.1.1 ttl 11 count 3
	got_all l1 3
	run on router ip -4 mroute show
	assert_line --regexp '\(10.0.0.2, *239.1.1.1\) .* Oifs: eth1\(ttl 10\)'
	refute_line --partial eth2
}

@test "1.1 mgroup and ssmgroup: with a source, without, a range" {
	config <<<'mgroup from eth0 group 239.7.7.7
		   mgroup from eth1 source 10.9.9.9 group 232.1.1.1
		   ssmgroup from eth1 source fd09::9 group ff3e::1
		   ssmgroup from eth2 source 10.9.9.8/30 group 232.2.2.0/30
		   mgroup from eth0 group ff05::100/126'
	daemon_start
	on router ip maddr show dev eth0 | grep -q 'inet  239.7.7.7'
	[ "$(on router grep -c eth1 /proc/net/mcfilter)" -eq 1 ]
	[ "$(on router grep -c eth1 /proc/net/mcfilter6)" -eq 1 ]
	[ "$(on router grep -c eth2 /proc/net/mcfilter)" -eq 16 ]
	[ "$(on router ip -6 maddr show dev eth0 | grep -c ff05::10)" -eq 4 ]
}

@test "1.1 include: a glob in the order of names, nested, none" {
	mkdir "$BATS_TEST_TMPDIR/smcroute.d"
	cd "$BATS_TEST_TMPDIR/smcroute.d"
	echo 'phyint eth2 disable' >10.conf
	printf 'phyint eth2 enable\ninclude %s/sub/*\n' "$PWD" >20.conf
	echo 'phyint eth2 disable' >05.conf
	echo 'phyint eth2 disable' >90.off
	mkdir sub
	printf 'mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth2' >sub/a
	config <<-END
	include $PWD/*.conf
	mroute from eth0 source 10.0.0.2 group 239.1.1.2 to eth2
	include $PWD/*.nothing
	END
	daemon_start
	# the last line that was read says that eth2 is enabled
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth2
	has_mroute 10.0.0.2 239.1.1.2 eth0 eth2
	# a new file and one less, at a reload
	echo 'mroute from eth0 source 10.0.0.2 group 239.1.1.3 to eth1' >30.conf
	rm sub/a
	ctl reload
	has_mroute 10.0.0.2 239.1.1.3 eth0 eth1
	has_no_mroute 10.0.0.2 239.1.1.1
}

@test "1.1 include: a file that is not there is a warning" {
	config <<-END
	include $BATS_TEST_TMPDIR/nothing.conf
	mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1
	END
	run smcrouted -F "$daemon_config"
	assert_success
	assert_output "$daemon_config:1:9: warning: \
$BATS_TEST_TMPDIR/nothing.conf: No such file or directory"
	daemon_start
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	echo 'mroute from eth0 source 10.0.0.2 group 239.1.1.2 to eth1' >>"$daemon_config"
	ctl reload
	has_mroute 10.0.0.2 239.1.1.2 eth0 eth1
}

# Far beyond 511 characters and 32 outgoing interfaces
@test "1.1 a line of any length" {
	local i out=()

	for i in $(seq 24); do
		echo "link add interface-no-$i type veth peer name peer-$i"
		echo "link set interface-no-$i up"
		out+=("interface-no-$i")
	done | on router ip -batch -
	for i in $(seq 24); do
		out+=("interface-no-$i")
	done
	echo "mroute from eth0 source 10.0.0.2 group 239.1.1.1 to ${out[*]} ${out[*]} eth1" \
		>"$daemon_config"
	[ "$(wc -c <"$daemon_config")" -gt 700 ]
	daemon_start
	[ "$(mroutes | wc -w)" -eq $((3 + 24 + 1)) ]
}

@test "1.1 an unknown word, statement or value is named, and its line left out" {
	config <<<'mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1
		   mgroupies from eth0 group 239.1.1.1
		   mroute from eth0 with source 10.0.0.2 group 239.1.1.2 to eth1
		   mroute from eth0 source 10.0.0.2 group 10.1.1.1 to eth1
		   phyint eth2 ttl-threshold 256
		   mroute from eth0 source 10.0.0.2 group 239.1.1.3 to eth1'
	daemon_start
	for n in 2 3 4 5; do
		wait_for daemon "$daemon_config:$n:"
	done
	[ "$(mroutes | wc -l)" -eq 2 ]
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	has_mroute 10.0.0.2 239.1.1.3 eth0 eth1
	[ "$(ctl show errors | grep -c "$daemon_config")" -eq 4 ]
}
