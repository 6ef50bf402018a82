/**
 * A shell asks `dhn __complete -- <the words up to the cursor>`. It answers a line for each candidate, the word and, after a
 * tab, what it is; the line `:files` asks the shell for its own file names.
 */
export const shellScripts: Readonly<Record<string, string>> = {
  bash: `# dhn: completion for bash
_dhn() {
  local IFS=$'\\n' line
  COMPREPLY=()
  for line in $(dhn __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    if [[ $line == ':files' ]]; then
      compopt -o filenames
      COMPREPLY+=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done
}
complete -F _dhn dhn
`,
  zsh: `#compdef dhn
# dhn: completion for zsh
_dhn() {
  local line files=0
  local -a found
  for line in \${(f)"$(dhn __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    if [[ $line == ':files' ]]; then
      files=1
    else
      line=\${line//:/\\\\:}
      found+=(\${line/$'\\t'/:})
    fi
  done
  (( \${#found} )) && _describe 'dhn' found
  (( files )) && _files
}
compdef _dhn dhn
`,
  fish: `# dhn: completion for fish
function __dhn_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (dhn __complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = ':files'
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c dhn -f -a '(__dhn_complete)'
`,
}
