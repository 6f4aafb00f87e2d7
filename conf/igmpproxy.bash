# shellcheck shell=bash
# igmpproxy.bash - completion of igmpproxy's command line for bash

_igmpproxy()
{
	local word=${COMP_WORDS[COMP_CWORD]}

	COMPREPLY=()
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	-t)
		return
		;;
	esac
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '-d -h -n -t -T -u -v -V' -- "$word")
	else
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}

complete -F _igmpproxy igmpproxy
