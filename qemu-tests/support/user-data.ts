import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What it has done is told on the console, as only there a machine without a login can be asked. */
const userData = `#cloud-config
bootcmd:
  - echo the scale starts >/dev/console
users:
  - { name: kiosk, uid: 2100, groups: [video] }
write_files:
  - { path: /etc/scale.conf, permissions: '0640', content: kg }
runcmd:
  - echo "the scale has $(stat -c %a /etc/scale.conf) $(cat /etc/scale.conf) $(id -un 2100)" >/dev/console
`

/** The file that qemu-tests/profiles/amd64-server.yaml names. */
export const writeUserData = (folder: string): Promise<void> =>
  writeFile(join(folder, 'scale.yaml'), userData)

/** What Ignition sets up of the site's own: a person, a file of theirs, a service that is started. */
const butane = `variant: fcos
version: 1.4.0
passwd:
  users:
    - { name: kiosk, uid: 2100, groups: [video] }
storage:
  files:
    - path: /etc/scale/unit.conf
      mode: 0640
      group: { name: kiosk }
      contents: { inline: "kg, 100 % of it\\n" }
systemd:
  units:
    - name: scale.service
      enabled: true
      contents: |
        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/bin/sh -c 'cp /etc/scale/unit.conf /run/scale'
        [Install]
        WantedBy=multi-user.target
`

/** The file that qemu-tests/profiles/ignition.yaml names. */
export const writeButane = (folder: string): Promise<void> => writeFile(join(folder, 'scale.bu'), butane)
