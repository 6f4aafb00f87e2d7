#!/usr/bin/env bats
# proxy_random.bats - whatever hosts do in whatever order, each LAN gets what is wanted there
#
# Hosts of either version join and leave at random, links flap, the daemon reloads, is upgraded and
# restarted. Then each stream must go where somebody wants it and nowhere else, and the upstream
# must be told just that. SEED=4711 does one run again, STEPS=100 makes it longer.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

bats_require_minimum_version 1.5.0
load net
load daemon
load gm

declare -gA lan version wants

setup()
{
	gm_setup
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

# is_wanted SOURCE GROUP DEVICE: by a listener there; an old host's is one of all sources
is_wanted()
{
	local want host group filter

	for want in "${wants[@]}"; do
		read -r host group filter <<<"$want"
		[ "$group ${lan[$host]}" = "$2 $3" ] || continue
		[ "${version[$host]}" = "$new" ] || return 0
		case $filter in
		"" | "source $1") return 0 ;;
		"exclude $1" | source*) ;;
		*) return 0 ;;
		esac
	done
	return 1
}

# wants_all GROUP: whether there is a listener of it that does not name what it wants
wants_all()
{
	local want host group filter

	for want in "${wants[@]}"; do
		read -r host group filter <<<"$want"
		[ "$group" = "$1" ] || continue
		[[ ${version[$host]} != "$new" || $filter != source* ]] && return 0
	done
	return 1
}

# What there should be of each stream: in the kernel, and of each group in answers upstream
expect()
{
	local group source device oifs wanted unwanted

	entries=() answers=()
	for group in "${groups[@]}"; do
		wanted='' unwanted=''
		for source in "$src" "$src2"; do
			oifs=
			for device in eth1 eth2 eth3; do
				! is_wanted "$source" "$group" $device || oifs+=" $device"
			done
			entries+=("$source $group eth0$oifs")
			if [ -n "$oifs" ]; then
				wanted+=" $source"
			else
				unwanted+=" $source"
			fi
		done
		if wants_all "$group"; then
			answers+=("is_ex $group$unwanted;")
		elif [ -n "$wanted" ]; then
			answers+=("is_in $group$wanted;")
		fi
	done
}

is_forwarded()
{
	local all entry

	all=$(mroutes)
	for entry in "${entries[@]}"; do
		grep -qFx -- "$entry" <<<"$all" || return 1
	done
}

settles()
{
	expect
	wait_until 15 is_forwarded && return
	printf 'wanted: %s\n' "${wants[@]}" "${entries[@]}"
	mroutes
	ctl show groups detail
	ctl show proxy groups
	return 1
}

# The upstream asks, and hears of each group that is wanted, and of no other
is_reported()
{
	local answer n

	gm_hear up source
	# shellcheck disable=SC2086 # a word or none
	gmcast source query mrt 200 ${mld-}
	for answer in "${answers[@]}"; do
		wait_for up "$answer"
	done
	for n in "${groups[@]}"; do
		[[ " ${answers[*]}" == *" $n"* ]] || run ! grep -E "is_(in|ex) ${n}[ ;]" "$(net_log up)"
	done
	net_stop up || :
}

# A listener more: of all, of one source, of all but one; an old host knows no sources
join_some()
{
	pick "${!lan[@]}"
	host=$picked
	pick "${groups[@]}"
	group=$picked
	if [ "$group" != "$ssm" ]; then
		pick "" "" "source $src" "source $src2" "exclude $src" "exclude $src2"
	elif [ "${version[$host]}" = "$new" ]; then
		pick "source $src" "source $src2"
	else
		return 0
	fi
	count=$((count + 1))
	# shellcheck disable=SC2086 # words
	net_listen "tv$count" "$host" "$group" $picked
	wants[tv$count]="$host $group $picked"
}

leave_some()
{
	[ ${#wants[@]} -gt 0 ] || return 0
	pick "${!wants[@]}"
	net_stop "$picked" || :
	unset "wants[$picked]"
}

# Another version of a host that listens to nothing
change_some()
{
	local want

	pick "${!lan[@]}"
	host=$picked
	for want in "${wants[@]}"; do
		[[ $want != "$host "* ]] || return 0
	done
	pick "$new" "$old"
	gm_version "$host" "$picked"
	version[$host]=$picked
}

# The kernel forgets IPv6 addresses of a link that is down
flap_some()
{
	[ "$af" = 4 ] || return 0
	pick eth0 eth1 eth2 eth3
	on router ip link set "$picked" down
	on router ip link set "$picked" up
}

# Who leaves before it was heard again is remembered for the time that upgrades give
upgrade()
{
	settles
	ctl upgrade
	settles
	for group in "${answers[@]}"; do
		group=${group#is_?? }
		wait_until 5 knows "${group%%[ ;]*}"
	done
}

# knows GROUP: on each interface where somebody wants it
knows()
{
	local want host group rest

	for want in "${wants[@]}"; do
		read -r host group rest <<<"$want"
		[ "$group" != "$1" ] || has_group "${lan[$host]}" "$1" || return 1
	done
}

random_hosts()
{
	local step host group

	use "$1"
	second_source
	gm_lan 3 a b c
	lan=([listener1]=eth1 [listener2]=eth2 [a]=eth3 [b]=eth3 [c]=eth3)
	for host in "${!lan[@]}"; do
		version[$host]=$new
	done
	groups=("$asm" "$asm2" "$ssm") count=0
	{
		echo 'proxy upstream eth0 downstream eth1 eth2 eth3'
		fast eth1 eth2 eth3
		[ $((RANDOM % 2)) -eq 0 ] || echo "phyint eth3 $igmp-track"
	} | config
	daemon_start
	for group in "${groups[@]}"; do
		for host in "$src" "$src2"; do
			net_start "from $host to $group" source "$SMCKIT_BUILD/test/system/mcast" \
				send eth0 "$group" from "$host" count 1000000 interval 20
		done
	done
	for ((step = 0; step < ${STEPS:-20}; step++)); do
		case $((RANDOM % 20)) in
		[0-7]) join_some ;;
		8 | 9 | 1[0-3]) leave_some ;;
		14) change_some ;;
		15) ctl reload ;;
		16) upgrade ;;
		17) flap_some ;;
		18) daemon_stop && daemon_start ;;
		*) settles ;;
		esac
	done
	settles
	is_reported
}

@test "hosts of IGMP at random" {
	random_hosts 4
}

@test "hosts of MLD at random" {
	mld=mld random_hosts 6
}
