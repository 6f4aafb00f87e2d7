# static.bash - for demo.sh: a route, and all that can be done to it
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # demo.sh has them

hosts=(source router tv office guest)

network()
{
	namespaces &&
		ip -n "$prefix-router" link add br-lan type bridge &&
		ip -n "$prefix-router" link set br-lan up &&
		cable source eth0 router eth0 &&
		cable tv eth0 router lan1 &&
		cable office eth0 router eth1 &&
		ip -n "$prefix-router" link set lan1 master br-lan &&
		addresses router eth0 0 1 && addresses source eth0 0 2 &&
		addresses router br-lan 1 1 && addresses tv eth0 1 2 &&
		addresses router eth1 2 1 && addresses office eth0 2 2
}

guest_comes()
{
	cable guest eth0 router guest0 &&
		addresses router guest0 3 1 && addresses guest eth0 3 2
}

# config OIF...: the router's file, with a route to these interfaces
config()
{
	local af

	for af in "${families[@]}"; do
		echo "mroute from eth0 group ${group[$af]} to $*"
	done >"$dir/smcroute.conf"
}

# What the kernel has counted of a family's group
counted()
{
	on router smcroutectl -u "$dir/sock" -j -d show routes |
		sed -n "s/.*\"group\":\"${group[$1]}\".*\"packets\":\([0-9]*\).*/\1/p"
}

# Whether what the kernel holds of the groups leads to the guest's interface
routed_to_guest()
{
	local af

	for af in "${families[@]}"; do
		on router smcroutectl -u "$dir/sock" -j show routes |
			grep -q "\"group\":\"${group[$af]}\",.*\"guest0\"" || return
	done
}

groups_are 239.1.2.3 ff0e::1:3

cat <<END
Multicast is one sender, many receivers, and each packet sent once. Routers pass it on only where
they are told to. smcrouted tells the Linux kernel: this demo shows how, with packets that are
real and hosts that are not.
END

step "A small network" <<'END'
   +--------+        eth0 +--------+ br-lan        +----+
   | source |-------------| router |---------------| tv |
   +--------+             +--------+               +----+
                              | eth1               +--------+
                              +--------------------| office |
                                                   +--------+

Network namespaces stand for hosts. The router's br-lan is a bridge, as at home.
END
network_comes

step "One line for a route" <<'END'
What comes in on eth0 for this group is to go out on br-lan. The same for IPv6, the same way.
(Here the files are in a folder of their own, and all programs are told so; that is left out.)
END
config br-lan
show_config
smcrouted_begins
echo "smcrouted runs, and the kernel waits for the first packet."

step "The television tunes in, the source sends" <<'END'
smcroutectl can send numbered packets and receive them, so that every single one can be
accounted for, the very first included.
END
listen tv 100
send 100 10
sent
arrived tv 100

step "What the router knows" <<'END'
The rules as they were written, and what the kernel has learned from them: each stream by its
source, where it comes in and where it goes out.
END
ctl show

step "The office wants it too" <<'END'
No file, no restart: a command adds an interface to the route while it is in use.
END
for af in "${families[@]}"; do
	ctl add eth0 "${group[$af]}" eth1
done
listen tv 100
listen office 100
send 100 10
sent
arrived tv 100
arrived office 100

step "What passed" <<'END'
The kernel counts packets and bytes; [wrong N] would be those from another interface.
END
ctl -d show
for af in "${families[@]}"; do
	[ "$(counted "$af")" = "$total" ] ||
		die "the kernel counted $(counted "$af") packets of ${group[$af]}, not $total"
done

step "Interfaces that are not there yet" <<'END'
A route may lead to a pattern: guest+ is all interfaces whose names begin so, those that come later
included. A guest is plugged in after the command.
END
for af in "${families[@]}"; do
	ctl add eth0 "${group[$af]}" guest+
done
command_line router ip link set guest0 up
guest_comes || die "the guest cannot be plugged in"
wait_for 5 routed_to_guest || die "the guest's interface is not taken in"
listen guest 100
send 100 10
sent
arrived guest 100

step "A group that the kernel forwards by itself" <<'END'
With the word kernel, a group is one entry of the kernel, whoever the source is. The proof:
smcrouted stands still before the first packet comes.
END
groups_are 239.20.0.1 ff0e::20:1
for af in "${families[@]}"; do
	ctl add kernel eth0 "${group[$af]}" br-lan
done
command_line router "kill -STOP \$(cat /run/smcroute.pid)"
kill -STOP "$daemon"
listen tv 100
send 100 10
sent
arrived tv 100
command_line router "kill -CONT \$(cat /run/smcroute.pid)"
kill -CONT "$daemon"
groups_are 239.1.2.3 ff0e::1:3

step "A new configuration, then a new program, under full traffic" <<'END'
Now the office goes into the file, and the file is read again; what was done by command is to be
kept. Then smcrouted is replaced by a freshly started one, as after an update. Meanwhile 3000
packets are on their way to each group.
END
listen tv 3000
listen office 3000
listen guest 3000
send 3000 1
config br-lan eth1
show_config
ctl reload keep
ctl upgrade
for af in "${families[@]}"; do
	kill -0 "${sender[$af]}" 2>/dev/null || die "this machine is too slow: the stream was over"
done
kill -0 "$daemon" 2>/dev/null || die "smcrouted ended"
sent
arrived tv 3000
arrived office 3000
arrived guest 3000
[ "$(grep -c 'took over$' "$dir/smcrouted.log")" -eq 1 ] || die "smcrouted was not replaced"
echo "Nothing was lost, and nothing came twice."

step "What is in force now" <<'END'
In the words of a configuration file, to be saved.
END
ctl show config

smcrouted_ends
that_was_it
echo "Next: README.md, and man/smcroute.conf.5 for everything that a configuration can say."
