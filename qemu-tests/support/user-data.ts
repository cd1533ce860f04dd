import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What it has done is told on the console, as only there a machine without a login can be asked. */
const userData = `#cloud-config
bootcmd:
  - echo the scale starts >/dev/console
users:
  - { name: kiosk, uid: 1500, groups: [video] }
write_files:
  - { path: /etc/scale.conf, permissions: '0640', content: kg }
runcmd:
  - echo "the scale has $(stat -c %a /etc/scale.conf) $(cat /etc/scale.conf) $(id -un 1500)" >/dev/console
`

/** The file that qemu-tests/profiles/amd64-server.yaml names. */
export const writeUserData = (folder: string): Promise<void> =>
  writeFile(join(folder, 'scale.yaml'), userData)
