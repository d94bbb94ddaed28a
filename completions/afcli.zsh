#compdef afcli

_afcli_completion() {
  eval $(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _AFCLI_COMPLETE=complete_zsh afcli)
}

compdef _afcli_completion afcli
