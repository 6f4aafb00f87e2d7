#!/bin/bash
# keywords.sh - what can be written, asked for or given as an option is in the manual, and no more
#
# Statements, keywords and commands are rows of tables, found by the type of the table, in whatever
# file: those of a new engine as well. Options are what getopt() is asked for.

cd "$(dirname "$0")/../.." || exit 99

conf=man/smcroute.conf.5
daemon=man/smcrouted.8
client=man/smcroutectl.8
proxy=man/igmpproxy.8
proxy_conf=man/igmpproxy.conf.5
pimd=man/pimd.8
status=0

complain()
{
	echo "$*"
	status=1
}

# rows TYPE FIELD FILE...: "FILE<tab>STRING", the string number FIELD of each row of the tables
# of struct TYPE. A row of BOTH() is two, one a family.
rows()
{
	awk -v type="$1" -v field="$2" '
	$0 ~ "const struct " type " [a-z_]+\\[\\] = [{]$" { inside = 1; next }
	/^};/ { inside = 0 }
	inside && match($0, /^\tBOTH\("[^"]*"/) {
		word = substr($0, RSTART + 7, RLENGTH - 8)
		print FILENAME "\tigmp-" word "\n" FILENAME "\tmld-" word
	}
	inside && /^\t[{] ("|[.]name)/ {
		line = $0
		for (i = 1; i <= field; i++) {
			if (!match(line, /"[^"]*"/))
				next
			word = substr(line, RSTART + 1, RLENGTH - 2)
			line = substr(line, RSTART + RLENGTH)
		}
		print FILENAME "\t" word
	}' "${@:3}"
}

# options FILE: the letters that its getopt() takes
options()
{
	sed -n 's/.*getopt(argc, argv, "\([^"]*\)").*/\1/p; s/.* letters\[\] = "\(.*\)";/\1/p' "$1" |
		tr -d ':+' | grep -o .
}

# each WHAT MANUAL PATTERN: for each "FILE<tab>WORD" read, the pattern, in which @ is the word,
# stands in the manual. There has to be at least one.
each()
{
	local file word n=0

	while IFS=$'\t' read -r file word; do
		n=$((n + 1))
		grep -qE -e "${3//@/$word}" "$2" || complain "$file: $1 '$word' is not in $2"
	done
	[ "$n" -gt 0 ] || complain "keywords.sh: no $1 was found in the sources"
}

# known WHAT MANUAL WORDS: each word read, of the manual, is among the words
known()
{
	local word

	while read -r word; do
		grep -qxF -e "$word" <<<"$3" || complain "$2: $1 '$word' does not exist"
	done
}

mapfile -t sources < <(find smcrouted igmpproxy pim-module -name '*.c' 2>/dev/null | sort)
shopt -s lastpipe               # a complaint at the end of a pipe sets our status

statements=$(
	rows statement 1 "${sources[@]}"
	# the core's own have no table
	sed -n 's/.*!strcmp(name, "\([a-z-]*\)").*/smcrouted\/core\/config.c\t\1/p' \
		smcrouted/core/config.c
)
each statement "$conf" '^[.]Ss @$' <<<"$statements"
grep -E '^[.]Ss ' $conf | cut -d ' ' -f 2 | known statement $conf "$(cut -f 2 <<<"$statements")"

# The words of a statement are the small letters of what its row says may follow.
rows statement 2 "${sources[@]}" |
	awk -F '\t' '{ n = split($2, word, /[^A-Za-z0-9-]+/)
		for (i = 1; i <= n; i++)
			if (word[i] ~ /^[a-z][a-z0-9-]*$/)
				print $1 "\t" word[i] }' |
	sort -u | each word "$conf" '^[.](It|D1) .*Cm (.* )?@( |$)'
rows keyword 1 "${sources[@]}" | each keyword "$conf" '^[.]It Cm @( |$)'

rows command 1 "${sources[@]}" | each request "$client" '^@( |$)'

rows conf_word 1 igmpproxy/config.c | each word "$proxy_conf" '^[.](It )?Cm @( |$)'
grep -E '^[.]It Cm ' $proxy_conf | cut -d ' ' -f 3 |
	known word $proxy_conf "$(rows conf_word 1 igmpproxy/config.c | cut -f 2)"

rows conf_word 1 pim-module/config.c | each statement "$pimd" '^[.]It Cm (.* )?@( |$)'

rows event_kind 1 "${sources[@]}" | each event "$client" '^[.]It Cm @$'

verbs=$(rows verb 1 smcroutectl/verb.c)
each command "$client" '^[.](It (Xo )?)?Cm @( |$)' <<<"$verbs"
sed -n '/^[.]Sh COMMANDS/,/^[.]Ss/p' $client | grep -E '^[.]It Cm' | cut -d ' ' -f 3 |
	known command $client "$(cut -f 2 <<<"$verbs")"
rows parameter 1 smcroutectl/traffic.c | each word "$client" '^[.]Op Cm @ '

# The client's help of its options is a table of its own.
[ "$(options smcroutectl/main.c | sort)" = \
	"$(sed -n "s/^\t{ '\(.\)', .*/\1/p" smcroutectl/help.c | sort)" ] ||
	complain "smcroutectl/help.c: its options are not those of smcroutectl/main.c"

for manual in $daemon $client $proxy $pimd; do
	case $manual in
	"$pimd") source=pim-module/main.c ;;
	"$proxy") source=igmpproxy/main.c ;;
	"$daemon") source=smcrouted/main.c ;;
	"$client") source=smcroutectl/main.c ;;
	esac
	options "$source" | sed "s,^,$source\t," | each option "$manual" '^[.](It )?Fl @( |$)'
	sed -n 's/^[.]It Fl \(.\).*/\1/p' "$manual" |
		known option "$manual" "$(options "$source")"
done
exit $status
