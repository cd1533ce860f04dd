#!/bin/sh
# In the initrd, instead of a shell: says why, and ends after a while, upon which the machine starts again. Whoever knows
# more than systemd has left the reason and the seconds to wait.
reason=$(cat /run/appliance/emergency.reason 2>/dev/null) || reason='the root file system could not be reached'
delay=$(cat /run/appliance/emergency.delay 2>/dev/null) || delay=60
printf 'appliance: failed: %s; starting again in %s seconds\r\n' "$reason" "$delay" >/dev/console
sleep "$delay"
