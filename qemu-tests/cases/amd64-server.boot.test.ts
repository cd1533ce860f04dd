import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildWorkspace, runTest } from '../support/workspace.ts'

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

test('amd64 single server with user data of its own: two boots, told as JUnit', async () => {
  const workspace = await buildWorkspace('amd64-server', undefined, (folder) =>
    writeFile(join(folder, 'scale.yaml'), userData),
  )
  const { exitCode, stdout } = await runTest(workspace, '--format', 'junit')
  expect(exitCode, stdout).toBe(0)
  expect(stdout).toContain('<testsuite name="amd64-server.mill-1"')
  expect(stdout).not.toContain('<failure')
  const console = await readFile(join(workspace.imageDirectory, 'test/mill-1/console.log'), 'utf8')
  expect(console.match(/the scale starts/g)).toHaveLength(2)
  expect(console.match(/the scale has 640 kg kiosk/g)).toHaveLength(1)
})
