# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for kwcheck(8). Verbs, options and their words come from 'kwcheck help'.

# Options of a verb and those of every verb, a line each: --name, --name= or --name[=word|word].
function __kwcheck_options
    begin
        test -n "$argv"; and kwcheck help $argv
        kwcheck help
    end 2>/dev/null |
        string replace -rf '^  (?:-[A-Za-z],|   ) (--[a-z-]+)(\[?=[^\] ]*)?\]? .*' '$1$2'
end

# The words that a part of a verb's help explains.
function __kwcheck_section
    kwcheck help $argv[2] 2>/dev/null | sed -n "/^$argv[1]/,/^\$/s/^  \([a-z-]*\) .*/\1/p"
end

function __kwcheck_candidates
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    set -l prev $words[-1]
    set -l verbs (__kwcheck_section Verbs)
    set -l verb
    set -l core
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set core $word
            set skip 0
            continue
        end
        switch $word
            case '--core=*'
                set core (string replace -- --core= '' $word)
            case --core
                set skip 1
            case '-*'
            case '*'
                if test -z "$verb"
                    set verb check
                    contains -- $word $verbs help; and set verb $word
                end
        end
    end
    if test "$verb" = help
        printf '%s\n' $verbs
        return
    end
    set -l options (__kwcheck_options $verb)
    set -l name
    set -l lead ''
    if string match -q -- '--*=*' $cur
        set name (string replace -r -- '=.*' '' $cur)
        set lead $name=
    else if string match -q -- '--*' $prev
        set name $prev
    end
    if test -n "$name"
        set -l option (string match -r -- "^$name\[?=.*" $options)[1]
        if test -n "$option"
            set -l values (string replace -r -- '^[^=]*=' '' $option)
            switch $values
                case '*|*' findings
                    printf "$lead%s\n" (string split -- '|' $values)
                case FILE DIR
                    printf "$lead%s\n" (__fish_complete_path (string replace -- "$lead" '' $cur))
                case 'VERDICT*'
                    set -l before (string match -r -- '.*,' (string replace -- "$lead" '' $cur))
                    printf "$lead$before%s\n" (__kwcheck_section Verdicts preflight)
                case 'COLUMN*'
                    set -l before (string match -r -- '.*,' (string replace -- "$lead" '' $cur))
                    # Some verbs want an operand first.
                    set -l operand x
                    contains -- "$verb" audit map; and set operand
                    test -n "$verb"; or set verb check
                    printf "$lead$before%s\n" (kwcheck $verb --output=, $operand 2>&1 |
                        string replace -rf '.*; there are ' '' | string split ', ')
                case KERNEL
                    printf "$lead%s\n" (__fish_complete_path (string replace -- "$lead" '' $cur))
                    printf "$lead%s\n" (path basename /lib/modules/* 2>/dev/null)
                case HOOK
                    set -l from
                    test -n "$core"; and set from --core=$core
                    printf "$lead%s\n" (kwcheck audit lsm --json $from 2>/dev/null |
                        string match -ar '"hook":"[a-z0-9_]*"' | string replace -r '.*:"(.*)"' '$1' | sort -u)
                case RELEASE
                    printf "$lead%s\n" (path basename /lib/modules/* 2>/dev/null)
            end
            return
        end
    end
    if string match -q -- '-*' $cur
        for option in $options
            string replace -r -- '\[.*' '' $option | string replace -r -- '=.*' '='
        end
        return
    end
    if string match -q -- '@*' $cur
        printf '@%s\n' (__fish_complete_path (string sub -s 2 -- $cur))
        return
    end
    switch "$verb"
        case ''
            printf '%s\n' $verbs help version
        case oops capture preflight
            __fish_complete_path $cur
            return
        case audit
            set -l before (string match -r -- '.*,' $cur)
            printf "$before%s\n" (__kwcheck_section Groups audit)
            return
        case map dmesg
            return
    end
    if test (string length -- $cur) -ge 3
        set -l from
        test -n "$core"; and set from --core=$core
        kwcheck $from --list "$cur*" -n -o NAME 2>/dev/null
    end
end

complete -c kwcheck -f -a '(__kwcheck_candidates)'
