import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planDisk } from './disk-plan.ts'
import { fixedUuid, fixedVolumeId } from './fixed-ids.ts'

test('ids have their form whatever they are made from, and follow from it alone', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(fixedUuid(name)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(fixedUuid(name)).toBe(fixedUuid(name))
      expect(fixedVolumeId(name)).toMatch(/^[0-9A-F]{8}$/)
    }),
  )
})

test('partition GUIDs differ from each other, and are what every image so far has', () => {
  const disk = planDisk('arm64-uefi', 'arm64')
  const guids = [disk.diskGuid, ...disk.partitions.map(({ partitionGuid }) => partitionGuid)]
  expect(new Set(guids).size).toBe(5)
  expect(disk.partitions.map(({ name, partitionGuid }) => `${name} ${partitionGuid}`)).toEqual([
    'boot 4d35603a-ed5f-8ecd-af2c-4402d7785575',
    'root-a efe6a674-0d8b-8f9e-9ee6-0687c502a269',
    'payload 596b0553-84d7-8907-8c82-f385e70db7e7',
    'seed 57865237-d2e6-8367-b77f-d322b322b22e',
  ])
})
