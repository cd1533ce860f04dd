import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { MediumChoice } from './build-plan.ts'
import type { SeedPart } from './seed-files.ts'

type Medium = ResolvedNode['storage']['medium']

interface MediumSettings {
  /** `memory`: written to the medium at shutdown only. */
  readonly journal: 'memory' | 'disk'
  /** Seconds between commits of ext4's journal (ext4(5), `commit`); what is synced is written at once, as ever. */
  readonly commitSeconds: number
  /** Between two records of the time (timesyncd.conf(5), SaveIntervalSec). */
  readonly clockSaveSeconds: number
}

/** ext4 and systemd-timesyncd as they come. */
const plain: MediumSettings = { journal: 'disk', commitSeconds: 5, clockSaveSeconds: 60 }

/**
 * Cards and sticks wear by the number of small writes: each costs a whole erase block. eMMC spreads them better, but is
 * soldered in; its journal stays on it, since the last words before a power cut are worth the few megabytes a day.
 */
const settings: Readonly<Record<Medium, MediumSettings>> = {
  sd: { journal: 'memory', commitSeconds: 60, clockSaveSeconds: 1800 },
  usb: { journal: 'memory', commitSeconds: 60, clockSaveSeconds: 1800 },
  emmc: { journal: 'disk', commitSeconds: 30, clockSaveSeconds: 1800 },
  ssd: plain,
  nvme: plain,
}

/** Lines of node.conf, which the first-boot service obeys at every start: one file says it, whatever was there before. */
export const mediumConf = ({ storage }: ResolvedNode): Readonly<Record<string, string | number>> => {
  const { journal, commitSeconds } = settings[storage.medium]
  return { JOURNAL: journal, DATA_COMMIT: commitSeconds }
}

export const clockSaving: SeedPart = (_profile, { storage }) => {
  const { clockSaveSeconds } = settings[storage.medium]
  return clockSaveSeconds === plain.clockSaveSeconds
    ? []
    : [
        {
          target: '/etc/systemd/timesyncd.conf.d/20-medium.conf',
          mode: 0o644,
          content: { kind: 'text', text: `[Time]\nSaveIntervalSec=${clockSaveSeconds}\n` },
        },
      ]
}

const journalChoice = ({ journal }: MediumSettings): MediumChoice =>
  journal === 'memory'
    ? {
        setting: 'journal',
        chosen: 'in RAM, at most 32 MB; moved to the medium at shutdown, where at most 200 MB stay',
        why: 'logs are most of what an idle system writes; a power cut loses those since the start',
      }
    : {
        setting: 'journal',
        chosen: 'on the medium, at most 200 MB',
        why: 'the last words before a power cut are kept',
      }

const commitChoice = ({ commitSeconds }: MediumSettings): MediumChoice =>
  commitSeconds === plain.commitSeconds
    ? { setting: 'commit', chosen: `every ${commitSeconds} s`, why: 'as ext4 comes' }
    : {
        setting: 'commit',
        chosen: `every ${commitSeconds} s`,
        why: 'changes of one minute are one write; what programs sync, the first start and the datastore among them, is written at once',
      }

/** Settings of k3s's sqlite are those of its data source name (github.com/k3s-io/kine, pkg/drivers/sqlite/README.md). */
const datastoreChoice = (profile: ResolvedProfile, node: ResolvedNode): readonly MediumChoice[] => {
  if (node.role !== 'server') return []
  switch (profile.cluster.datastore.kind) {
    case 'sqlite':
      return [
        {
          setting: 'datastore',
          chosen: 'sqlite as k3s sets it: write-ahead log, every change synced, no leases for leaders',
          why: 'its other settings write less only by losing changes in a power cut that other nodes have seen already',
        },
      ]
    case 'etcd':
      return [
        {
          setting: 'datastore',
          chosen: 'etcd: every change synced',
          why: 'a member that forgets is worse than one that is slow',
        },
      ]
    case 'external':
      return [{ setting: 'datastore', chosen: 'not on this medium', why: 'it is a database elsewhere' }]
  }
}

/** Of a base that is made here. */
const madeBaseChoices: readonly MediumChoice[] = [
  {
    setting: 'temporary files',
    chosen: '/tmp and /run in RAM',
    why: 'nothing of them is wanted after a restart',
  },
  {
    setting: 'swap',
    chosen: 'none',
    why: 'kubelet counts with memory alone; a medium that swaps is slow and soon worn',
  },
  {
    setting: 'periodic jobs',
    chosen: 'no apt, dpkg, man-db or e2scrub timers; trim once a week',
    why: 'the system is read-only; trim tells the medium what it need not keep',
  },
]

const imageChoice: MediumChoice = {
  setting: 'everything else',
  chosen: 'as the base image has it: temporary files, swap, periodic jobs, its own partitions',
  why: 'nothing is changed in an image of your own',
}

/** What was chosen for the node's medium and why, for people: `appliance plan` shows it. */
export const mediumChoices = (profile: ResolvedProfile, node: ResolvedNode): readonly MediumChoice[] => {
  const own = settings[node.storage.medium]
  return [
    journalChoice(own),
    commitChoice(own),
    {
      setting: 'access times',
      chosen: 'not recorded (noatime)',
      why: 'reading a file must not write',
    },
    ...(profile.base.image === null ? madeBaseChoices : [imageChoice]),
    ...(own.clockSaveSeconds === plain.clockSaveSeconds
      ? []
      : [
          {
            setting: 'clock',
            chosen: `recorded every ${own.clockSaveSeconds / 60} minutes while no time server answers`,
            why: 'a board without a battery starts from there; the minutes between are not worth a write each',
          },
        ]),
    ...datastoreChoice(profile, node),
  ]
}
