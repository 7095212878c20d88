#compdef chatproof
# Completion of chatproof in zsh: eval "$(chatproof completion zsh)" after compinit, or as a file _chatproof in $fpath
_chatproof() {
    local line
    local -a offers
    while IFS= read -r line; do
        case $line in
            ($'\tfiles') compset -P '--*='; _files; return ;;
            ($'\tfolders') compset -P '--*='; _files -/; return ;;
            (*) offers+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
        esac
    done < <("${words[1]}" completion zsh "${(@)words[2,CURRENT]}" 2>/dev/null)
    _describe chatproof offers
}
if [[ ${funcstack[1]} == _chatproof ]]; then
    _chatproof "$@"
else
    compdef _chatproof chatproof
fi
