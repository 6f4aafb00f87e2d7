# pim.bash - for demo.sh: three routers that find their trees by themselves
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # demo.sh has them

hosts=(source r1 r2 r3 tv)

# A router forwards what is sent to one, and does not use a route whose link is down.
router()
{
	# shellcheck disable=SC2016 # expanded there
	on "$1" sh -c 'exec 2>/dev/null
		echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
		for f in all default; do
			echo 0 >/proc/sys/net/ipv4/conf/$f/rp_filter
			echo 1 >/proc/sys/net/ipv6/conf/$f/keep_addr_on_down
			echo 1 >/proc/sys/net/ipv4/conf/$f/ignore_routes_with_linkdown
			echo 1 >/proc/sys/net/ipv6/conf/$f/ignore_routes_with_linkdown
		done
		true'
}

# route HOST TO VIA METRIC: to link TO (0: everywhere), by the node VIA = LINK.NUMBER, in each family
route()
{
	local to=10.0.$2.0/24 to6=fd00:$2::/64

	if [ "$2" = all ]; then
		to=default to6=default
	fi
	ip -n "$prefix-$1" route add "$to" via "10.0.$3" metric "$4" || return
	[ ${#families[@]} -eq 1 ] ||
		ip -n "$prefix-$1" route add "$to6" via "fd00:${3%.*}::${3#*.}" metric "$4"
}

network()
{
	namespaces && router r1 && router r2 && router r3 &&
		cable source eth0 r1 lan && cable r1 to-r2 r2 to-r1 && cable r2 to-r3 r3 to-r2 &&
		cable r1 to-r3 r3 to-r1 && cable r3 lan tv eth0 &&
		addresses source eth0 1 1 && addresses r1 lan 1 2 &&
		addresses r1 to-r2 2 1 && addresses r2 to-r1 2 2 &&
		addresses r2 to-r3 3 1 && addresses r3 to-r2 3 2 &&
		addresses r1 to-r3 4 1 && addresses r3 to-r1 4 2 &&
		addresses r3 lan 5 1 && addresses tv eth0 5 2 &&
		route source all 1.2 1 && route tv all 5.1 1 &&
		route r1 3 2.2 10 && route r1 5 4.2 10 && route r1 5 2.2 20 &&
		route r2 1 2.1 10 && route r2 5 3.2 10 && route r2 4 2.1 10 &&
		route r3 1 4.1 10 && route r3 1 3.1 20 && route r3 2 3.1 10
}

# config HOST LINE...: its file
config()
{
	local af

	{
		echo "module pim"
		echo "phyint + pim igmp mld"
		for af in "${families[@]}"; do
			echo "rp-address ${rp[$af]}"
		done
		[ $# -eq 1 ] || printf '%s\n' "${@:2}"
	} >"$dir/$1.conf"
}

# daemon HOST: smcrouted there
declare -A pid
daemon()
{
	command_line "$1" smcrouted
	SMCKIT_MODULES=$build/pim-module start "$1" "$1" smcrouted -n -i "$1" \
		-f "$dir/$1.conf" -u "$dir/$1.sock" -P "$dir/$1.pid"
	pid[$1]=$!
	wait_for 10 test -s "$dir/$1.pid" || {
		cat "$dir/$1.log" >&2
		die "smcrouted did not start on $1"
	}
}

# asked HOST WORD...: what its client shows, in $dir/asked
asked()
{
	on "$1" smcroutectl -u "$dir/$1.sock" "${@:2}" >"$dir/asked"
}

# ctl_on HOST WORD...: as typed
ctl_on()
{
	command_line "$1" smcroutectl "${@:2}"
	asked "$@" || die "smcroutectl ${*:2}: failed on $1"
	cat "$dir/asked"
}

# neighbors_stand HOST: it knows both others, in each family
neighbors_stand()
{
	asked "$1" -j show pim neighbor
	[ "$(grep -c '"address":' "$dir/asked")" -eq $((2 * ${#families[@]})) ]
}

# joined HOST: somebody has joined the groups there
joined()
{
	asked "$1" -j show pim tree
	[ "$(grep -c '"join":"Join"' "$dir/asked")" -ge ${#families[@]} ]
}

# came_back MOST: the stream to the television was away; what of it was lost, at 2 ms for a packet
came_back()
{
	local af came lost

	sent
	for af in "${families[@]}"; do
		kill -TERM "${listener[tv-$af]}" 2>/dev/null
		wait "${listener[tv-$af]}"
		read -r came lost <<<"$(sed -n 's/^\([0-9]*\) packets, \([0-9]*\) lost.*/\1 \2/p' \
			"$dir/tv-$af.log" | tail -n 1)"
		[ "${lost:-$1}" -lt "$1" ] ||
			die "the television did not get it back: $(cat "$dir/tv-$af.log")"
		echo "tv: ${group[$af]}: $lost of $((came + lost)) packets lost," \
			"so it was there again after about $((lost * 2)) ms"
	done
}

# kernel HOST FAMILY: what is forwarded of the group
kernel()
{
	ip "-$2" -n "$prefix-$1" mroute show | grep "${group[$2]}[ )].*Iif: .*Oifs: "
}

# comes_in HOST IFNAME: the streams come in there
comes_in()
{
	local af

	for af in "${families[@]}"; do
		kernel "$1" "$af" | grep -q "Iif: $2 " || return
	done
}

# To both groups, to a port at which nobody listens
first_packets()
{
	local af

	for af in "${families[@]}"; do
		command_line source "smcroutectl send ${group[$af]} via eth0 count 2 interval 100 port 9"
		on source smcroutectl send "${group[$af]}" via eth0 count 2 interval 100 port 9 \
			>"$dir/asked" || die "the source cannot send"
	done
}

show_kernel()
{
	local af

	for af in "${families[@]}"; do
		command_line "$1" "ip -$af mroute"
		kernel "$1" "$af"
	done
}

groups_are 239.1.2.3 ff0e::1:3
declare -A offers
declare -A rp=([4]=10.0.2.2 [6]=fd00:2::2)

cat <<END
Where several routers are between a source and its listeners, they find the way together: that is
PIM. Three of them, all with the same four lines.
END

step "Three routers, two ways" <<'END'
   +--------+     +----+ to-r3             to-r1 +----+     +----+
   | source |-----| r1 |-------------------------| r3 |-----| tv |
   +--------+ lan +----+                         +----+ lan +----+
                    to-r2 \                     / to-r2
                     to-r1 \      +----+       / to-r3
                            +-----| r2 |------+
                                  +----+

r2 is the rendezvous point: who listens does not know where sources are, but all know r2. Network
namespaces stand for routers and hosts.
END
network_comes

step "Four lines for each" <<'END'
PIM on all links, for IPv4 and IPv6, with IGMP and MLD for those who listen. For a start, r3 stays on
the tree of the rendezvous point, so that it is to be seen. What r1 and r2 have besides is for later.
END
offers=([r1]="bsr-candidate lan interval 1" [r2]="rp-candidate to-r1 priority 1 interval 1")
config r1 "${offers[r1]}"
config r2 "${offers[r2]}"
config r3 "spt-threshold infinity"
command_line r3 cat /etc/smcroute.conf
cat "$dir/r3.conf"
for name in r1 r2 r3; do
	daemon $name
done
for name in r1 r2 r3; do
	wait_for 15 neighbors_stand $name || die "$name does not know its neighbours"
done
ctl_on r3 show pim neighbor

step "A television listens, a source begins to send" <<'END'
r3 asks r2 for the group, before anybody sends. The first packets that the source sends are taken to
r2 by r1; then r2 asks for the others.
END
listen tv 1000
wait_for 10 joined r2 || die "r2 is not asked for the groups"
first_packets
wait_for 10 comes_in r3 to-r2 || die "r3 does not get it from r2"
ctl_on r3 show pim tree
wait_for 10 comes_in r2 to-r1 || die "r2 does not get it from r1"
ctl_on r2 show pim tree
send 1000 2
sent
arrived tv 1000

# known HOST: somebody listens behind it
known()
{
	asked "$1" -j show pim tree
	[ "$(grep -c '"reason":"listeners"' "$dir/asked")" -ge ${#families[@]} ]
}

step "The shorter way" <<'END'
The way by r2 is not the shortest one. Without that last line in its file, r3 joins the source's
own tree as soon as it knows the source, and leaves the other one.
END
listen tv 1500
wait_for 10 known r3 || die "r3 does not know who listens"
send 1500 2
wait_for 10 comes_in r3 to-r2 || die "r3 does not get it from r2"
show_kernel r3
config r3
command_line r3 "sed -i /spt-threshold/d /etc/smcroute.conf; smcroutectl reload"
asked r3 reload || die "r3 does not reload"
wait_for 10 comes_in r3 to-r1 || die "r3 does not change over to the shorter way"
show_kernel r3
ctl_on r3 show pim tree
sent
arrived tv 1500
echo "Nothing was lost or doubled when the way changed."

step "A link fails" <<'END'
In the middle of a stream the cable between r1 and r3 is pulled out. The way by r2 is left.
END
listen tv 1000
wait_for 10 known r3 || die "r3 does not know who listens"
send 1000 2
wait_for 10 comes_in r3 to-r1 || die "r3 does not get it from r1"
command_line r3 ip link set to-r1 down
ip -n "$prefix-r3" link set to-r1 down
wait_for 10 comes_in r3 to-r2 || die "r3 does not find the other way"
show_kernel r3
came_back 250

# rp_is HOST ADDRESS-OF-IPv4: by what bootstrap routers say
rp_is()
{
	asked "$1" -j show pim rp "${group[4]}"
	grep -q "\"rp_address\":\"$2\",\"origin\":\"bsr\".*\"chosen\":true" "$dir/asked"
}

# rp_could_be HOST ADDRESS-OF-IPv4
rp_could_be()
{
	asked "$1" -j show pim rp "${group[4]}"
	grep -q "\"rp_address\":\"$2\"" "$dir/asked"
}

step "The rendezvous point dies" <<'END'
r2 need not be said to be it: it offers itself, and r1, the bootstrap router, tells all. What is told
comes before rp-address, and goes when who offered it is silent. Now r1 offers itself as well. The
cable is there again, and r3 stays on the tree of the rendezvous point, of another group.
END
groups_are 239.1.2.4 ff0e::1:4
offers[r1]+=$'\n'"rp-candidate lan priority 2 interval 1"
config r1 "${offers[r1]}"
asked r1 reload || die "r1 does not reload"
for name in r1 r2; do
	command_line $name "grep candidate /etc/smcroute.conf"
	echo "${offers[$name]}"
done
ip -n "$prefix-r3" link set to-r1 up
route r3 1 4.1 10
config r3 "spt-threshold infinity"
asked r3 reload || die "r3 does not reload"
wait_for 20 rp_is r3 "${rp[4]}" || die "r3 is not told who is the rendezvous point"
wait_for 5 rp_could_be r3 10.0.1.2 || die "r3 is not told who else could be it"
ctl_on r3 show pim bsr
ctl_on r3 show pim rp "${group[4]}"
wait_for 10 neighbors_stand r3 || die "r3 does not know its neighbours"
listen tv 9000
wait_for 10 joined r2 || die "r2 is not asked for the groups"
send 9000 2
wait_for 10 comes_in r3 to-r2 || die "r3 does not get it from r2"
command_line r2 pkill -KILL smcrouted
kill -KILL "${pid[r2]}"
wait "${pid[r2]}" 2>/dev/null
wait_for 15 rp_is r3 10.0.1.2 || die "r3 is not told who is the rendezvous point now"
wait_for 5 comes_in r3 to-r1 || die "r3 does not get it from r1"
ctl_on r3 show pim rp "${group[4]}"
sleep 1
for af in "${families[@]}"; do
	kill -TERM "${sender[$af]}" 2>/dev/null
done
came_back 8000

for name in r1 r3; do
	kill -TERM "${pid[$name]}"
	wait "${pid[$name]}" || die "smcrouted ended with an error on $name"
done
that_was_it
echo "Next: ./run bench pim, and man/smcroute.conf.5 for all that can be said of PIM."
