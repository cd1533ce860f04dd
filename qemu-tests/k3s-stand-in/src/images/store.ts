/** The stand-in for containerd's image store: names, digests and sizes in one file. No layer is unpacked. */

import { join } from 'node:path'
import { readIfPresent, writeFileAtomic } from '../files.ts'

export interface StoredImage {
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  /** Manifest, configuration and layers, bytes. */
  readonly size: number
  readonly platform: string
  /** Kept from the kubelet's clean-up. Cleared at each start and set again for the archives that are there. */
  pinned: boolean
}

export class ImageStore {
  readonly #path: string
  readonly #images: Map<string, StoredImage>

  constructor(dataDirectory: string) {
    this.#path = join(dataDirectory, 'agent', 'containerd', 'images.json')
    const text = readIfPresent(this.#path)
    const images = text === null ? [] : (JSON.parse(text) as StoredImage[])
    this.#images = new Map(images.map((image) => [image.name, image]))
  }

  list(): StoredImage[] {
    return [...this.#images.values()].sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  add(images: readonly StoredImage[]): void {
    for (const image of images) this.#images.set(image.name, image)
  }

  clearPins(): void {
    for (const image of this.#images.values()) image.pinned = false
  }

  pin(names: readonly string[]): void {
    for (const name of names) {
      const image = this.#images.get(name)
      if (image !== undefined) image.pinned = true
    }
  }

  save(): void {
    writeFileAtomic(this.#path, `${JSON.stringify(this.list(), null, 1)}\n`, 0o600)
  }
}
