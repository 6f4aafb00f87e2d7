#!/bin/bash
# register.sh - a TUN device as what registers go through, beside the kernel's register vif
#
# Both by the same plain program (register.c), in the roles of DR and RP: registers that are lost at
# a rate, and the processor time that the router's process takes for each. Then what a change from
# the registers to the native way loses and doubles of 1000 packets a second, on the average of
# some runs, when registers are later than native packets by so many milliseconds; the change comes
# with the first native packet, when the next register was forwarded, or after 5 ms.

# shellcheck disable=SC2154 # router.bash has them
. "$(dirname "$0")/router.bash"
make -s -C "$build" test/bench/register || exit 1

count=${COUNT:-300000}
runs=${RUNS:-5}

network()
{
	local name=$1

	path "$name"
	ip link add eth2 netns "bench-$$-$name" type veth peer name eth1 netns "bench-$$-$name-source"
	ip -n "bench-$$-$name" link set eth2 up
	ip -n "bench-$$-$name-source" link set eth1 up
	ip -n "bench-$$-$name" addr add 10.0.1.1/24 dev eth1
	ip -n "bench-$$-$name" addr add fd00::1/64 dev eth0 nodad
	ip -n "bench-$$-$name" addr add fd00:1::1/64 dev eth1 nodad
	ip -n "bench-$$-$name-source" addr add 10.0.0.2/8 dev eth0
	ip -n "bench-$$-$name-source" addr add fd00::2/64 dev eth0 nodad
	ip -n "bench-$$-$name-listener" addr add 10.0.1.2/24 dev eth0
	ip -n "bench-$$-$name-listener" addr add fd00:1::2/64 dev eth0 nodad
	places=("bench-$$-$name-source" "bench-$$-$name" "bench-$$-$name-listener")
}

# through ROLE KIND FAMILY RATE: "lost ns"
through()
{
	"${at_once[@]}" "$tools/register" "$1" "$2" "$3" "$count" "$4" "${places[@]}"
}

# change KIND WHEN DELAY: lost and doubled on the average
change()
{
	local i

	for ((i = 0; i < runs; i++)); do
		"${at_once[@]}" "$tools/register" switch "$1" "$2" $(($3 * 1000)) 400 \
			"${places[@]}" || return
	done | awk '{ lost += $1; twice += $2 } END { printf "%.1f/%.1f", lost / NR, twice / NR }'
}

network one
printf '%-34s %16s %16s\n' "lost of $count, ns each" tun "register vif"
for role in dr rp; do
	for af in 4 6; do
		for rate in 100000 1000000; do
			read -r lost each <<<"$(through $role tun $af $rate)"
			read -r lost_vif each_vif <<<"$(through $role vif $af $rate)"
			printf '%-34s %8s %7s %8s %7s\n' "$role, IPv$af, $rate/s" \
				"$lost" "$each" "$lost_vif" "$each_vif"
		done
	done
done

printf '\n%-22s %11s %11s %11s %11s %11s\n' "lost/doubled" "tun now" "tun next" "tun 5 ms" \
	"vif now" "vif 5 ms"
for delay in 0 1 20 -1 -20; do
	printf '%-22s' "registers $delay ms later"
	for way in "tun now" "tun next" "tun 5" "vif now" "vif 5"; do
		# shellcheck disable=SC2086 # two words
		printf ' %11s' "$(change $way $delay)"
	done
	echo
done
