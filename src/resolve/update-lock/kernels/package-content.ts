import type { Host } from '../../../host/host.ts'

/** Paths of the files in a Debian package, without a leading slash; nothing is unpacked. */
export const packageContent = async (host: Host, path: string): Promise<readonly string[]> => {
  const { stdout } = await host.exec(['dpkg-deb', '--contents', path], { doing: `list the files of ${path}` })
  return stdout.split('\n').flatMap((line) => {
    // -rw-r--r-- root/root 21403 2026-10-02 10:00 ./usr/lib/x.dtb
    const found = /^[-h]\S+\s+\S+\s+\d+\s+\S+\s+\S+\s+\.\/(.+?)(?: link to .*)?$/.exec(line)
    return found?.[1] === undefined ? [] : [found[1]]
  })
}

/** Device trees of Raspberry Pis: their folder, and the names in it. Undefined where there are none. */
export const deviceTreesIn = (
  content: readonly string[],
): { readonly folder: string; readonly deviceTrees: readonly string[] } | undefined => {
  const found = content.flatMap((path) => {
    const match = /^(.*\/broadcom)\/(bcm(?:27|283)[^/]*\.dtb)$/.exec(path)
    return match?.[1] === undefined || match[2] === undefined ? [] : [{ folder: match[1], name: match[2] }]
  })
  const folder = found[0]?.folder
  if (folder === undefined) return undefined
  return {
    folder,
    deviceTrees: found
      .filter((each) => each.folder === folder)
      .map(({ name }) => name)
      .toSorted(),
  }
}

/** Releases that a package holds the kernel or modules of. */
export const releasesIn = (content: readonly string[]): readonly string[] => [
  ...new Set(
    content.flatMap(
      (path) =>
        /^(?:usr\/)?lib\/modules\/([^/]+)\/./.exec(path)?.[1] ?? /^boot\/vmlinuz-(.+)$/.exec(path)?.[1] ?? [],
    ),
  ),
]

/** Where the kernel of a release lies: Debian's newer ones keep it with the modules. */
export const kernelImageIn = (content: readonly string[], release: string): string | undefined =>
  content.find((path) =>
    [
      `boot/vmlinuz-${release}`,
      `lib/modules/${release}/vmlinuz`,
      `usr/lib/modules/${release}/vmlinuz`,
    ].includes(path),
  )
