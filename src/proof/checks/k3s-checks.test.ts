import { expect, test } from 'vitest'
import { fullImageName } from './k3s-checks.ts'

test.each([
  ['busybox', 'docker.io/library/busybox:latest'],
  ['rancher/pause:3.1', 'docker.io/rancher/pause:3.1'],
  ['docker.io/rancher/pause:3.1', 'docker.io/rancher/pause:3.1'],
  ['registry:5000/a', 'registry:5000/a:latest'],
  ['localhost/a:1', 'localhost/a:1'],
  ['ghcr.io/a/b@sha256:00', 'ghcr.io/a/b@sha256:00'],
])('%s is %s', (name, full) => {
  expect(fullImageName(name)).toBe(full)
})
