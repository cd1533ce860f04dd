# shellcheck shell=sh
# The certificates that k3s issues to itself. They end 365 days after k3s has issued them and are renewed only when it
# starts (k3s docs, "Certificate rotation"). Sourced by certificates and appliance, after common.sh.

# One file a line. Not the CAs, which the build made; not what k3s issues anew at every start (temporary-certs) or while it
# runs (dynamic-cert.json).
leaf_files() {
  for lf_file in "$K3S_DATA"/server/tls/*.crt "$K3S_DATA"/server/tls/*/*.crt "$K3S_DATA"/agent/*.crt; do
    case $lf_file in
      *-ca.crt | *-ca.*.crt | */temporary-certs/*) continue ;;
    esac
    if [ -f "$lf_file" ]; then printf '%s\n' "$lf_file"; fi
  done
}

# leaf_ends: `<seconds since 1970> <file>` for each, the earliest first. One program for all of them: small boards start
# programs slowly. 1: none is there, or one cannot be read.
leaf_ends() {
  le_work=$(mktemp -d "$RUN/certificates.XXXXXX") || return 1
  leaf_files >"$le_work/files"
  if [ -s "$le_work/files" ]; then
    # The first certificate of each file; its CAs may follow.
    tr '\n' '\000' <"$le_work/files" | xargs -0 awk 'FNR == 1 { seen = 0 } !seen { print } /END CERTIFICATE/ { seen = 1 }' \
      >"$le_work/all.pem"
    openssl storeutl -noout -certs -text "$le_work/all.pem" 2>/dev/null | sed -n 's/^ *Not After *: *//p' |
      date -u -f - +%s >"$le_work/ends" 2>/dev/null
    if [ "$(wc -l <"$le_work/ends")" -eq "$(wc -l <"$le_work/files")" ]; then
      paste -d ' ' "$le_work/ends" "$le_work/files" | sort -n >"$le_work/sorted"
    fi
  fi
  cat "$le_work/sorted" 2>/dev/null
  le_status=$?
  rm -rf "$le_work"
  return "$le_status"
}

# earliest_leaf: the first line of leaf_ends, read anew only after a certificate has changed.
earliest_leaf() {
  el_kept=$RUN/certificates
  el_files=$(leaf_files)
  [ -n "$el_files" ] || return 1
  # None of these paths has a blank in it.
  # shellcheck disable=SC2086
  el_changed=$(find $el_files -newer "$el_kept" 2>&1)
  # Others than root read what root has found.
  if [ -w "$RUN" ] && { [ -n "$el_changed" ] || ! [ -s "$el_kept" ]; }; then
    leaf_ends >"$el_kept.new.$$" && mv -f "$el_kept.new.$$" "$el_kept"
    rm -f "$el_kept.new.$$"
  fi
  head -n 1 "$el_kept" 2>/dev/null
}
