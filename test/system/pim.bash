# shellcheck shell=bash
# pim.bash - networks of PIM routers in system tests and benchmarks; to be loaded after net.bash
#
#	use 4                       or 6: the family, which groups and addresses that follow have
#	each_family WORD...         a command with the one, then with the other
#	pim_link 1 r1 r2            link 1 between two nodes, or a LAN of more; rN are routers, others
#	                            are hosts. The Nth node of the link has 10.0.1.N and fd00:1::N, a
#	                            router's device is eth1, a host's eth0
#	pim_line 3                  source (link 1) r1 (2) r2 (3) r3 (4) listener
#	pim_square                  source (1) r1 (2) r2 (3) r4 (6) listener; r1 (4) r3 (5) r4 instead
#	pim_lan                     source (1) r1 and r2 (2) r3 and r4 (3) listener
#	pim_route NODE              its routes again, after a link of it was down
#	pim_routes                  unicast routes, and those that take over if a link goes
#	address NODE [LINK]         of the family; of its first link
#	router_start KIND NAME      ours, or frr, pimd of peers.bash: PIM on all links of it, with
#	pim_rp=ADDR                 the static RP of all groups, or none
#	pim_spt=never               now (the default): when a last-hop router leaves the shared tree
#	pim_hello=SEC               between Hellos
#	pim_dr[NAME]=N              its DR priority
#	pim_lines[NAME]=TEXT        more lines of our configuration, or of pimd's
#	router_stop NAME [SIGNAL]
#	rctl NAME WORD...           the client of one of ours
#	neighbors NAME COUNT        whether it has heard Hellos of that many, of those of ours
#	have_met NAME=COUNT...      waits until they have
#	has_neighbor NAME ADDRESS
#	joined NAME GROUP           somebody there wants it
#	has_bsr NAME ADDRESS [SCOPE]    it is the bootstrap router there, of all groups or of the zone
#	has_rp NAME GROUP ADDRESS   it is the RP of the group, for one of ours
#	has_no_rp NAME GROUP
#	forwards NAME S G IIF OIF...    whether one is exactly so
#	pimcast NAME LINK WORD...   any message of PIM, from that link of a node: pimcast.c
#	pim_hear LOG NAME LINK [udp]    what passes there, a line each: pimhear.c; see wait_for, heard
#	igmp_join, igmp_leave LOG HOST GROUP [SOURCE]...    a member in the kernel, which counts packets
#	is_steady LOG [N]           that many packets (200) of a flow came once, and none is missing
#	pim_teardown                all ends; what the routers of a test that failed know is told

# shellcheck disable=SC2034 # what tests use
# shellcheck disable=SC2154 # net_pid, net_hosts are net.bash's

declare -gA pim_nodes=() pim_first=() pim_links=() pim_dr=() pim_lines=() pim_kind=()
pim_rp='' pim_spt=now pim_hello=''
pim_program=smcrouted pim_modules=$SMCKIT_BUILD/pim-module

# use FAMILY
use()
{
	af=$1
	case $af in
	4)
		asm=239.1.1.1 asm2=239.1.1.2 ssm=232.1.1.1 all_routers=224.0.0.13
		;;
	6)
		asm=ff0e::1:1 asm2=ff0e::1:2 ssm=ff3e::1:1 all_routers=ff02::d
		;;
	esac
}

each_family()
{
	for af in 4 6; do
		use $af
		"$@"
	done
}

is_router()
{
	[[ $1 =~ ^r[0-9]+$ ]]
}

# The device of a node on that link
pim_device()
{
	if is_router "$1"; then
		echo "eth$2"
	else
		echo eth0
	fi
}

pim_node()
{
	[ -z "${pim_first[$1]:-}" ] || return 0
	net_host "$1"
	pim_first[$1]=$2
	is_router "$1" || return 0
	# shellcheck disable=SC2016 # expanded there
	on "$1" sh -c '
		echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
		echo 1 >/proc/sys/net/ipv6/conf/all/keep_addr_on_down
		echo 1 >/proc/sys/net/ipv6/conf/default/keep_addr_on_down
		for family in 4 6; do
			for of in all default; do
				echo 1 >/proc/sys/net/ipv$family/conf/$of/ignore_routes_with_linkdown
			done
		done'
}

# pim_link LINK NODE...
pim_link()
{
	local link=$1 lan=lan$1 node i=1
	shift

	pim_nodes[$link]=$*
	for node in "$@"; do
		pim_node "$node" "$link"
		pim_links[$node]+=" $link"
	done
	if [ $# -eq 2 ]; then
		net_link "$1" "$(pim_device "$1" "$link")" "$2" "$(pim_device "$2" "$link")"
	else
		net_host "$lan"
		ip -n "$(net_ns "$lan")" link add br0 up type bridge mcast_snooping 0
		for node in "$@"; do
			net_link "$node" "$(pim_device "$node" "$link")" "$lan" "p-$node"
			ip -n "$(net_ns "$lan")" link set "p-$node" master br0
		done
	fi
	for node in "$@"; do
		net_addr "$node" "$(pim_device "$node" "$link")" "10.0.$link.$i/24" \
			"fd00:$link::$i/64"
		i=$((i + 1))
	done
}

# All of it is taken away, for another network
pim_forget()
{
	net_teardown || :
	rm -rf "$BATS_TEST_TMPDIR"/r[0-9]*
	pim_nodes=() pim_first=() pim_links=() pim_dr=() pim_lines=() pim_kind=()
}

# pim_line N
pim_line()
{
	local i

	pim_link 1 source r1
	for ((i = 1; i < $1; i++)); do
		pim_link $((i + 1)) "r$i" "r$((i + 1))"
	done
	pim_link $(($1 + 1)) "r$1" listener
	pim_routes
}

pim_square()
{
	pim_link 1 source r1
	pim_link 2 r1 r2
	pim_link 3 r2 r4
	pim_link 4 r1 r3
	pim_link 5 r3 r4
	pim_link 6 r4 listener
	pim_routes
}

pim_lan()
{
	pim_link 1 source r1 r2
	pim_link 2 r1 r2 r3 r4
	pim_link 3 r3 r4 listener
	pim_routes
}

# Each router has a route to each link by each neighbour that does not come back by it, the nearer
# the better; hosts have that of the first router of their link.
pim_routes()
{
	local link node

	for link in "${!pim_nodes[@]}"; do
		echo "$link ${pim_nodes[$link]}"
	done | sort -n | awk '
		function router(name) { return name ~ /^r[0-9]+$/ }
		{ links[++n] = $1; size[$1] = NF - 1; for (i = 2; i <= NF; i++) node[$1, i - 1] = $i }
		{ for (i = 2; i <= NF; i++) on[$i, $1] = i - 1 }
		{ for (i = 2; i <= NF; i++) if (router($i)) all[$i] }
		# how far each router is from the link
		function walk(to,   r, l, i, j, more) {
			for (r in all) far[r] = ((r, to) in on) ? 0 : 99
			do {
				more = 0
				for (l = 1; l <= n; l++) for (i = 1; i <= size[links[l]]; i++)
					for (j = 1; j <= size[links[l]]; j++) {
						a = node[links[l], i]; b = node[links[l], j]
						if (router(a) && router(b) && far[b] + 1 < far[a]) {
							far[a] = far[b] + 1; more = 1
						}
					}
			} while (more)
		}
		END {
			for (k = 1; k <= n; k++) {
				to = links[k]
				walk(to)
				for (r in all) {
					if (far[r] == 0) continue
					rank = 0
					for (d = 0; d < 99; d++) for (l = 1; l <= n; l++) {
						if (!((r, links[l]) in on)) continue
						for (i = 1; i <= size[links[l]]; i++) {
							b = node[links[l], i]
							if (b == r || !router(b) || far[b] != d ||
							    far[b] > far[r])
								continue
							print r, to, links[l], i, 10 * d + rank++
						}
					}
				}
			}
			for (l = 1; l <= n; l++) for (i = 1; i <= size[links[l]]; i++) {
				if (router(node[links[l], i])) continue
				for (j = 1; j <= size[links[l]]; j++)
					if (router(node[links[l], j])) {
						print node[links[l], i], "-", links[l], j, 0
						break
					}
			}
		}' | sort >"$BATS_TEST_TMPDIR/pim.routes"
	for node in "${!pim_first[@]}"; do
		pim_route "$node"
	done
}

# The node's routes as they are to be, also after a link was down
pim_route()
{
	local family

	for family in 4 6; do
		awk -v me="$1" -v family=$family '
			function net(l, i) {
				return family == 4 ? "10.0." l "." i : "fd00:" l "::" i
			}
			$1 == me {
				to = net($2, family == 4 ? "0/24" : "/64")
				if ($2 == "-")
					to = "default"
				print "route replace", to, "via", net($3, $4), "metric", 20 + $5
			}' "$BATS_TEST_TMPDIR/pim.routes" | ip "-$family" -n "$(net_ns "$1")" -batch -
	done
}

# address NODE [LINK]
address()
{
	local link=${2:-${pim_first[$1]}} i=1 node

	for node in ${pim_nodes[$link]}; do
		[ "$node" != "$1" ] || break
		i=$((i + 1))
	done
	if [ "$af" = 4 ]; then
		echo "10.0.$link.$i"
	else
		echo "fd00:$link::$i"
	fi
}

# The address from which a router speaks on a link
speaks()
{
	if [ "$af" = 4 ]; then
		address "$1" "$2"
	else
		on "$1" ip -6 -o addr show dev "$(pim_device "$1" "$2")" scope link |
			awk '{ sub(/\/.*/, "", $4); print $4; exit }'
	fi
}

has_link_locals()
{
	[ "$(on "$1" ip -6 -o addr show scope link -tentative | wc -l)" -ge \
		"$(wc -w <<<"${pim_links[$1]}")" ]
}

# The configuration of one of ours
ours_config()
{
	local link

	echo "module pim"
	for link in ${pim_links[$1]}; do
		echo "phyint eth$link pim igmp mld${pim_hello:+ hello-interval $pim_hello}" \
			"${pim_dr[$1]:+dr-priority ${pim_dr[$1]}}"
	done
	[ -z "$pim_rp" ] || echo "rp-address $pim_rp"
	[ "$pim_spt" = now ] || echo "spt-threshold infinity"
	[ -z "${pim_lines[$1]:-}" ] || echo "${pim_lines[$1]}"
}

ours_is_ready()
{
	[ -s "$BATS_TEST_TMPDIR/$1.pid" ] || ! kill -0 "${net_pid[$1]}" 2>/dev/null
}

# ours_launch NAME [OPTION...]: does not wait
ours_launch()
{
	local file=$BATS_TEST_TMPDIR/$1

	ours_config "$1" >"$file.conf"
	rm -f "$file.pid"
	SMCKIT_MODULES=$pim_modules net_start "$1" "$1" "$pim_program" -n -i "$1" -f "$file.conf" \
		-u "$file.sock" -P "$file.pid" "${@:2}"
}

# ours_start NAME [OPTION...]
ours_start()
{
	ours_launch "$@"
	if ! wait_until 10 ours_is_ready "$1" || ! [ -s "$BATS_TEST_TMPDIR/$1.pid" ]; then
		cat "$(net_log "$1")" >&2
		return 1
	fi
}

# router_start KIND NAME...
router_start()
{
	local kind=$1 name

	for name in "${@:2}"; do
		wait_until 5 has_link_locals "$name" || return
		pim_kind[$name]=$kind
		"${kind}_start" "$name" || return
	done
}

# router_stop NAME [SIGNAL]
router_stop()
{
	if [ "${pim_kind[$1]}" = ours ]; then
		net_stop "$1" "${2:-TERM}"
	else
		"${pim_kind[$1]}_stop" "$@"
	fi
}

rctl()
{
	smcroutectl -u "$BATS_TEST_TMPDIR/$1.sock" "${@:2}"
}

# neighbors NAME COUNT
neighbors()
{
	local address='[0-9.]*'

	[ "$af" = 4 ] || address='[0-9a-f]*:[0-9a-f:]*'
	[ "$(rctl "$1" -j show pim neighbor | grep -c "\"address\":\"$address\"")" -ge "$2" ]
}

have_met()
{
	local pair

	for pair in "$@"; do
		wait_until 12 neighbors "${pair%=*}" "${pair#*=}"
	done
}

has_neighbor()
{
	rctl "$1" -j show pim neighbor | grep -q "\"address\":\"$2\""
}

joined()
{
	rctl "$1" -j show pim tree | grep -q "\"$2\""
}

has_bsr()
{
	local scope=224.0.0.0/4

	[ "$af" = 4 ] || scope=ff00::/8
	rctl "$1" -j show pim bsr |
		grep -q "\"zone\":\"${3:-$scope}\".*\"bsr_address\":\"$2\""
}

has_rp()
{
	rctl "$1" -j show pim rp "$2" | grep '"chosen":true' | grep -q "\"rp_address\":\"$3\""
}

has_no_rp()
{
	! rctl "$1" -j show pim rp "$2" | grep -q '"chosen":true'
}

# forwards NAME SOURCE GROUP IIF [OIF...]
forwards()
{
	net_mroutes "$1" | grep -qFx "${*:2}"
}

# sends NAME GROUP OIF: whether anything of the group is forwarded there
sends()
{
	net_mroutes "$1" | grep -q "^[^ ]* $2 .* $3\( \|\$\)"
}

sends_not()
{
	! sends "$@"
}

# pimcast NAME LINK WORD...
pimcast()
{
	on "$1" "$SMCKIT_BUILD/test/system/pimcast" "$(pim_device "$1" "$2")" "${@:3}"
}

# pim_hear LOG NAME LINK [udp]: returns when it hears
pim_hear()
{
	net_start "$1" "$2" "$SMCKIT_BUILD/test/system/pimhear" "$(pim_device "$2" "$3")" ${4:+"$4"}
	wait_for "$1" '^hearing$'
}

# flow_start NAME HOST GROUP [SEND-ARG...]: numbered packets, 500 a second
flow_start()
{
	net_start "$1" "$2" "$SMCKIT_BUILD/test/system/mcast" send eth0 "$3" count 1000000 interval 2 \
		"${@:4}"
}

# arrives NAME [MORE]: packets come to that listener, that many (10) from now on
has_more()
{
	[ "$(net_received "$1")" -gt "$2" ]
}

arrives()
{
	wait_until "${3:-10}" has_more "$1" $(($(net_received "$1") + ${2:-10}))
}

# What of the numbered packets is missing between the first and the last, and what came twice
lost_and_doubled()
{
	awk '/ from / {
		if (seen[$1]++) twice++
		else n++
		if (!first || $1 < first) first = $1
		if ($1 > last) last = $1
	} END { print n ? last - first + 1 - n : 0, twice + 0 }' "$(net_log "$1")"
}

is_steady()
{
	local n

	n=$(net_received "$1")
	wait_until 5 has_more "$1" $((n + ${2:-200}))
	tail -n +$((n + 2)) "$(net_log "$1")" | awk '/ from / {
		if (last && $1 != last + 1) wrong = 1
		last = $1
	} END { exit wrong }'
}

pim_tell()
{
	local name

	for name in "${!pim_kind[@]}"; do
		echo "$name, ${pim_kind[$name]}:"
		tail -n 20 "$(net_log "$name")"
		net_mroutes "$name"
		[ "${pim_kind[$name]}" = ours ] || continue
		rctl "$name" show pim || :
		rctl "$name" show pim bsr || :
		rctl "$name" show pim tree || :
	done
}

pim_teardown()
{
	[ -n "${BATS_TEST_COMPLETED:-}" ] || pim_tell
	net_teardown
}
