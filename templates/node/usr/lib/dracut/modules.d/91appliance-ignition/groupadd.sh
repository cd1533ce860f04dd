#!/bin/sh
# Ignition 2.14 adds a group without looking whether it is there, as it is where an earlier config had it, and gives up then.
# The name is the last argument.
for name; do :; done
grep -q "^$name:" "${APPLIANCE_ROOT:-}/sysroot/etc/group" && exit 0
exec groupadd.passwd "$@"
