import type { Code } from '../../diagnostics/codes.ts'
import { EnvironmentFault } from '../../diagnostics/fault.ts'

/** Where the profile names the image. */
export const imagePlace = ['base', 'image'] as const

/** A base image that is not what it should be; told at its place in the profile, by `lock` as by `build`. */
export const unusableImage = (code: Code, message: string, help: string): EnvironmentFault =>
  new EnvironmentFault(message, help, { code, at: imagePlace })
