import type { CodeEntry } from './entry.ts'

/** L: the lock file beside a profile. */
export const lockCodes = {
  L0001: {
    title: 'the profile has no lock',
    explanation:
      '`plan`, `build` and `test` use only inputs that `<profile>.lock.yaml` pins. Run `appliance lock <profile>` once, with network, and commit the file it writes.',
  },
  L0002: {
    title: 'the lock cannot be read',
    explanation:
      'The lock file is not what `appliance lock` writes: cut short, edited, or of another format. Run `appliance lock <profile>` to write it anew, or take the last good one from version control.',
  },
  L0003: {
    title: 'the lock is of another version',
    explanation:
      'The lock was written by a version of appliance whose format differs. Run `appliance lock <profile>` with this version.',
  },
  L0004: {
    title: 'the profile has outgrown its lock',
    explanation:
      'The profile asks for something the lock does not pin: another k3s version, a package, an architecture or a file. Run `appliance lock <profile>`; what the profile did not change keeps its pin where the archives still have it.',
  },
  L0005: {
    title: 'the archives have no such package',
    explanation:
      'A name under `base.packages` is in none of the suites of the base, or not for this architecture. Names are those of Debian packages; https://packages.debian.org lists them. Only the suites that the base names are asked.',
  },
} as const satisfies Record<string, CodeEntry>
