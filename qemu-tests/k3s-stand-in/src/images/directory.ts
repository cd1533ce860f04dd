/**
 * Imports the archives of `agent/images` before the node registers, and those that come later. What was imported is
 * remembered in `.cache.json` if, and only if, somebody made that file.
 */

import type { Stats } from 'node:fs'
import { existsSync, readdirSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { log, messageOf, withMessage } from '../log.ts'
import { readArchive } from './archive.ts'
import { parseTagged } from './reference.ts'
import type { ImageStore, StoredImage } from './store.ts'

const ARCHIVES = ['.tar', '.tar.lz4', '.tar.bz2', '.tbz', '.tar.gz', '.tgz', '.tar.zst', '.tzst']
/** A file that is still being copied is looked at again after this. */
const SETTLE_MS = 2000

interface Remembered {
  readonly size: number
  /** RFC 3339, whole seconds: a file whose time has a fraction always counts as newer. */
  readonly modTime: string
  readonly images: readonly string[] | null
}

export class ImageDirectory {
  readonly #path: string
  readonly #store: ImageStore
  /** Registries that images are named by beside their own. */
  readonly #registries: readonly string[]
  readonly #seen = new Set<string>()
  #remembered: Record<string, Remembered> = {}

  constructor(dataDirectory: string, store: ImageStore, registries: readonly string[]) {
    this.#path = join(dataDirectory, 'agent', 'images')
    this.#store = store
    this.#registries = registries
  }

  async importAll(): Promise<void> {
    this.#store.clearPins()
    this.#load()
    if (existsSync(this.#path)) await this.#process(this.#path)
    for (const path of Object.keys(this.#remembered)) {
      if (!this.#seen.has(path)) delete this.#remembered[path]
    }
    this.#save()
    this.#store.save()
  }

  /** Calls back after each later import. */
  watch(changed: () => void): void {
    if (!existsSync(this.#path)) return
    const watcher = watch(this.#path, { persistent: false }, (_event, name) => {
      if (name === null || !ARCHIVES.some((extension) => name.endsWith(extension))) return
      setTimeout(() => void this.#process(join(this.#path, name)).then(changed), SETTLE_MS).unref()
    })
    watcher.on('error', (error) => log.error(`Image import watcher received an error: ${error.message}`))
  }

  /** A folder in the order of its names, or one file. Links are followed: size and time are those of the target. */
  async #process(path: string): Promise<void> {
    try {
      const found = statSync(path, { throwIfNoEntry: false })
      if (found === undefined) delete this.#remembered[path]
      else if (found.isDirectory()) {
        for (const name of readdirSync(path).sort()) await this.#process(join(path, name))
      } else if (path.endsWith('.txt'))
        log.error(`Failed to process image event: ${path}: the stand-in pulls no images`)
      else if (ARCHIVES.some((extension) => path.endsWith(extension))) await this.#importFile(path, found)
    } catch (error) {
      log.error(`Failed to process image event: ${messageOf(error)}`)
    }
  }

  async #importFile(path: string, found: Stats): Promise<void> {
    const last = this.#remembered[path]
    const current =
      last !== undefined &&
      last.images !== null &&
      last.size === found.size &&
      found.mtimeMs <= Date.parse(last.modTime)
    if (current) {
      if (!this.#seen.has(path)) this.#store.pin(last.images ?? [])
      this.#seen.add(path)
      return
    }
    const started = Date.now()
    log.info(`Importing images from ${path}`)
    let images: StoredImage[]
    try {
      images = await readArchive(path)
    } catch (error) {
      throw withMessage(
        withMessage(error, `failed to import images from ${path}`),
        `failed to import ${path}`,
      )
    }
    this.#store.add(images)
    this.#store.pin(images.map(({ name }) => name))
    this.#tag(path, images)
    this.#store.save()
    log.info(
      `Imported ${images.length} images from ${path} in ${((Date.now() - started) / 1000).toFixed(3)}s`,
    )
    this.#remembered[path] = {
      size: found.size,
      modTime: new Date(found.mtimeMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      images: images.map(({ name }) => name),
    }
    this.#seen.add(path)
    this.#save()
  }

  /** Each image is also known by its digest, which needs a full name with a tag, and by other registries. */
  #tag(path: string, images: readonly StoredImage[]): void {
    const faults: string[] = []
    for (const image of images) {
      try {
        const { name, tag } = parseTagged(image.name)
        log.info(`Imported ${image.name}`)
        const path = name.slice(name.indexOf('/') + 1)
        const elsewhere = this.#registries.flatMap((registry) => [
          `${registry}/${path}:${tag}`,
          `${registry}/${path}@${image.digest}`,
        ])
        for (const other of [`${name}@${image.digest}`, ...elsewhere]) {
          this.#store.add([{ ...image, name: other }])
          log.info(`Tagged ${other}`)
        }
      } catch (error) {
        faults.push(`failed to parse tag for image ${image.name}: ${messageOf(error)}`)
      }
    }
    if (faults.length > 0)
      throw new Error(`failed to import ${path}: failed to retag images: ${faults.join('\n')}`)
  }

  #load(): void {
    const path = join(this.#path, '.cache.json')
    try {
      const text = readFileSync(path, 'utf8')
      if (text !== '') this.#remembered = JSON.parse(text) as Record<string, Remembered>
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      log.error(`Failed to unmarshal image import fileinfo cache: ${messageOf(error)}`)
    }
  }

  #save(): void {
    const path = join(this.#path, '.cache.json')
    if (!existsSync(path)) return
    try {
      writeFileSync(path, JSON.stringify(this.#remembered))
    } catch (error) {
      log.error(`Failed to write image import fileinfo cache: ${messageOf(error)}`)
    }
  }
}
