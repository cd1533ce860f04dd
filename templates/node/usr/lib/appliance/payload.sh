# shellcheck shell=sh
# Is the payload what the build wrote? Sourced by launcher and verify, after common.sh.
# Digests are taken at the first start and after a change of SHA256SUMS, of a file's size or of its time; squashfs gives
# no checksums for stored data, so a weekly full check (verify) finds bytes that went bad later.

payload_stamp=$STAMPS/payload

# What has to stay the same for the last full check to hold.
payload_marks() {
  sha256_of "$PAYLOAD/SHA256SUMS"
  (cd "$PAYLOAD" && cut -c 67- SHA256SUMS | tr '\n' '\000' | xargs -0 stat -c '%s %Y %n') 2>&1
}

# First file whose digest is not the listed one; nothing when all is well.
first_bad_payload_file() {
  (cd "$PAYLOAD" && sha256sum -c SHA256SUMS 2>/dev/null) | sed -n '/: OK$/!{s/: FAILED.*$//p;q;}'
}

# check_payload quick|full: 0 and payload_result=stamp|full, else 1 and payload_error.
check_payload() {
  payload_result='' payload_error=''
  if ! [ -s "$PAYLOAD/SHA256SUMS" ]; then
    payload_error='the payload partition is missing or cannot be mounted'
    return 1
  fi
  cp_marks=$(payload_marks)
  if [ "$1" = quick ] && [ "$(cat "$payload_stamp" 2>/dev/null)" = "$cp_marks" ]; then
    payload_result=stamp
    return 0
  fi
  cp_bad=$(first_bad_payload_file)
  if [ -n "$cp_bad" ]; then
    rm -f "$payload_stamp"
    payload_error="wrong digest of $cp_bad in the payload: the medium is damaged, write the image anew"
    return 1
  fi
  # Another payload than before: what k3s noted about the old archives says nothing about the new ones.
  [ "$(head -n 1 "$payload_stamp" 2>/dev/null)" = "$(printf '%s\n' "$cp_marks" | head -n 1)" ] || payload_changed=yes
  mkdir -p "$STAMPS"
  printf '%s\n' "$cp_marks" | place_stdin "$payload_stamp" 0644
  payload_result=full
}
