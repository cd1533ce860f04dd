#!/bin/sh
# Are the modules there that k3s needs before it starts? A kernel of the user's own may lack some: Ubuntu's for Raspberry Pis has
# vxlan in another package (k3s-io/k3s#4188).
#
# usage: check-kernel.sh MODULES LIST
#   MODULES  folder of the kernel's modules, with modules.builtin; LIST: one name a line, as modules-load.d(5) has them
#
# Prints `missing module: NAME` for each that is neither a file nor built in; exit code 1 then.
set -eu
missing=''
while read -r module; do
  case $module in '' | '#'*) continue ;; esac
  [ -z "$(find "$1" -name "$module.ko*" -print | head -n 1)" ] || continue
  if [ -r "$1/modules.builtin" ] && grep -q "/$module\.ko\$" "$1/modules.builtin"; then continue; fi
  echo "missing module: $module"
  missing=yes
done <"$2"
[ -z "$missing" ]
