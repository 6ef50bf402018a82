# Sourced: install_debian <script> <package>… installs what is missing, or says why it can't and ends.
install_debian() {
  local script=$1 missing=() package
  shift
  for package in "$@"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || { echo "$script needs ${missing[*]}, and there is no apt-get to install them" >&2; exit 1; }
  [ "$(id -u)" = 0 ] || { echo "$script needs ${missing[*]}: run it as root, or install them first" >&2; exit 1; }
  # The daemons that come along must not start on this machine.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}
