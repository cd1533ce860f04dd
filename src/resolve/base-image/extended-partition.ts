/** Types of MBR entries whose partition holds a chain of further ones: DOS, Windows (LBA), Linux. */
const extendedTypes = ['05', '0f', '85']

/** Whether a partition is no more than the place of others; `type` as in BasePartition. */
export const isExtended = ({ type }: { readonly type: string }): boolean => extendedTypes.includes(type)
