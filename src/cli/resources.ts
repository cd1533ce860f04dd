import { fileURLToPath } from 'node:url'

/** Folder of the installed program that holds images/, templates/ and profiles/: one above src/ and dist/ alike. */
export const resourcePath = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
