# shellcheck shell=bash
# pimd.bash - completion of pimd's command line for bash

_pimd()
{
	local word=${COMP_WORDS[COMP_CWORD]}

	COMPREPLY=()
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	-c | -p | -u | --config)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	-s)
		mapfile -t COMPREPLY < <(compgen -W 'none err warning notice info debug' -- "$word")
		;;
	-i | -t | -w) ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W '-c -d -f -h -i -l -n -N -p -q -r -s -t -T -u -v -w
			--config --disable-vifs --foreground --help --version' -- "$word")
		;;
	esac
}

complete -F _pimd pimd
