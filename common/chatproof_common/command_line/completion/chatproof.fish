# Completion of chatproof in fish: chatproof completion fish | source
function __chatproof_offers
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] completion fish $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case \tfiles
                __fish_complete_path $current
            case \tfolders
                __fish_complete_directories $current
            case '*'
                echo $line
        end
    end
end
complete -c chatproof -f -a '(__chatproof_offers)'
