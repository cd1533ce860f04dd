import type { Profile } from '../profile/schema.ts'
import type { PullSettings } from './lock-request.ts'
import { profileSecret } from './secret-source.ts'

/** `images.pull` with every default filled. */
export const pullSettings = (profile: Profile): readonly PullSettings[] =>
  (profile.images?.pull ?? []).map(({ registry, username, password, ca, mirrors, insecure }, index) => ({
    registry,
    login:
      username === undefined || password === undefined
        ? null
        : { username, password: profileSecret(`images.pull[${index}].password`, password) },
    ca: ca ?? null,
    mirrors: mirrors ?? [],
    insecure: insecure ?? false,
  }))
