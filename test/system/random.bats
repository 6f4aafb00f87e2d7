#!/usr/bin/env bats
# random.bats - whatever happens in whatever order, the kernel holds what is in force
#
# Interfaces, files and commands change at random. Then a daemon that knows nothing of what was
# reads what `show config` says, and has to come to the same. SEED=4711 does one run again.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon

names=(eth1 eth2 eth3 tun0 tun1)
count=0

setup()
{
	net_setup
	seed=${SEED:-$RANDOM}
	echo "SEED=$seed"
	RANDOM=$seed
}

teardown()
{
	net_teardown
}

# pick WORD...: one of them, in $picked; a subshell would not take the next random number
pick()
{
	picked=${*:RANDOM % $# + 1:1}
}

# An interface by name or pattern, in $picked
pick_name()
{
	pick eth0 "${names[@]}" tun+ "eth*"
}

# A source and a group of a family, in $s and $g
pick_stream()
{
	if [ $((RANDOM % 2)) -eq 0 ]; then
		s=10.0.0.$((RANDOM % 2 + 2)) g=239.1.1.$((RANDOM % 3))
	else
		s=fd00::$((RANDOM % 2 + 2)) g=ff05::1:$((RANDOM % 3))
	fi
}

# Outgoing interfaces, in $oifs
pick_oifs()
{
	oifs=
	for _ in 1 2 3; do
		pick_name
		oifs+=" $picked"
		[ $((RANDOM % 2)) -eq 0 ] || break
	done
}

a_statement()
{
	pick_stream
	pick eth0 "${names[@]}"
	case $((RANDOM % 4)) in
	0)
		echo "mgroup from $picked group $g"
		;;
	1)
		pick enable disable enable
		echo "phyint eth$((RANDOM % 4)) $picked"
		;;
	*)
		pick_oifs
		echo "mroute from eth0 source $s group $g to$oifs"
		;;
	esac
}

new_file()
{
	for _ in 1 2 3 4 5; do
		a_statement
	done >"$BATS_TEST_TMPDIR/new"
	config <"$BATS_TEST_TMPDIR/new"
}

# A device of one of the names comes, goes, is made anew, goes down and up, or has another name.
a_device()
{
	local name other

	pick "${names[@]}"
	name=$picked
	pick "${names[@]}"
	other=$picked
	count=$((count + 1))
	case $((RANDOM % 5)) in
	0)
		echo "link del $name"
		;;
	1)
		printf '%s\n' "link del $name" "link add $name type veth peer name peer$count"
		;;
	2)
		printf '%s\n' "link set $name down" "link set $name up"
		;;
	3)
		printf '%s\n' "link set $name down" "link set $name name $other" "link set $name up"
		;;
	*)
		printf '%s\n' "link add $name type veth peer name peer$count" "link set $name up"
		;;
	esac >"$BATS_TEST_TMPDIR/batch"
	# some of that cannot be
	on router ip -force -batch "$BATS_TEST_TMPDIR/batch" 2>/dev/null || :
}

a_command()
{
	pick_stream
	pick eth0 "${names[@]}"
	case $((RANDOM % 6)) in
	0)
		pick_name
		ctl join -w "$picked" "$g"
		;;
	1)
		pick_name
		ctl leave "$picked" "$g"
		;;
	2)
		ctl remove "$picked" "$s" "$g"
		;;
	*)
		pick_oifs
		# shellcheck disable=SC2086 # names
		ctl add -w "$picked" "$s" "$g" $oifs
		;;
	esac 2>/dev/null || :
}

step()
{
	case $((RANDOM % 8)) in
	0 | 1 | 2)
		a_device
		;;
	3)
		new_file
		pick keep ""
		# shellcheck disable=SC2086 # a word, or none
		ctl reload $picked || :
		;;
	*)
		a_command
		;;
	esac
}

# What the kernel holds: entries of both families, groups and where they are joined
held()
{
	af=4 mroutes | sort
	af=6 mroutes | sort
	on router ip maddr show | awk '/^[0-9]/ { dev = $2 } / (239|ff05)/ { print dev, $2 }' | sort
}

is_same()
{
	held | diff "$BATS_TEST_TMPDIR/before" -
}

whatever()
{
	daemon_start
	for _ in $(seq 50); do
		step
	done
	daemon_lives
	ctl show config >"$BATS_TEST_TMPDIR/config"
	# changes of links may still be on their way
	saw_all()
	{
		on router ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | sort |
			diff - <(ctl -t show interfaces | awk 'NF { print $2 }' | sort)
	}
	wait_until 5 saw_all
	held >"$BATS_TEST_TMPDIR/before"
	daemon_stop
	[ -z "$(held)" ]
	config <"$BATS_TEST_TMPDIR/config"
	daemon_start
	cat "$BATS_TEST_TMPDIR/config"
	wait_until 5 is_same
}

@test "at random: the kernel holds what is in force (1)" {
	whatever
}

@test "at random: the kernel holds what is in force (2)" {
	whatever
}
