import { humanSize, textTable } from '../diagnostics/text-table.ts'
import type { NeededImage } from './build-plan.ts'

const origin: Readonly<Record<NeededImage['from'], string>> = {
  k3s: "k3s's archive",
  extra: 'images.extra',
  registry: 'from a registry',
  nowhere: 'NOT ON BOARD',
}

/** Every image that is asked for or carried: where it is, its size and digest where they are known, and who asks for it. */
export const printImages = (images: readonly NeededImage[]): readonly string[] =>
  images.length === 0
    ? []
    : [
        'images',
        ...textTable(
          images.map(({ image, askedBy, from, digest, sizeBytes }) => [
            image,
            origin[from],
            sizeBytes === null ? '-' : humanSize(sizeBytes),
            digest ?? '-',
            askedBy.length === 0 ? 'asked for by nobody' : askedBy.join('; '),
          ]),
        ),
        '',
      ]
