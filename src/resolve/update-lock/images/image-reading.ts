import type { Host } from '../../../host/host.ts'
import type { ImageRequest } from '../../image-requests.ts'
import type { InputStore, PullRequest } from '../../lock-request.ts'

/** One wish for an image, with what reading its source takes. */
export interface ImageReading {
  readonly host: Host
  readonly store: InputStore
  /** A folder of its own on the store's file system, removed when the image has been read. */
  readonly work: string
  readonly pullRequest: PullRequest
  readonly request: ImageRequest
}
