/**
 * Labels of the seed's file system, by which a node knows it. `CIDATA`, `ignition`: cloud-init, or the Ignition of openSUSE MicroOS,
 * takes the documents from it. `APPLSEED`: the front end finds them elsewhere, and only there. Written a second time in
 * templates/base-image/usr/lib/appliance/disk.
 */
export const seedLabels = ['CIDATA', 'APPLSEED', 'ignition'] as const

export type SeedLabel = (typeof seedLabels)[number]
