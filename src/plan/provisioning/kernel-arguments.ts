import type { ProvisionedKernelArguments } from './provisioning.ts'

/** A kernel's command line with other words: those that stay keep their order, and one that is missing comes last. */
export const changedCommandLine = (
  commandLine: string,
  { present, absent }: ProvisionedKernelArguments,
): string => {
  const words = commandLine.split(/\s+/).filter((word) => word !== '' && !absent.includes(word))
  return `${[...words, ...present.filter((word) => !words.includes(word))].join(' ')}\n`
}
