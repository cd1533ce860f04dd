/** Where a secret of the profile is read when images are built. Paths are relative to the profile. */
export type SecretSource =
  | { readonly env: string }
  | { readonly file: string }
  /** A program and its arguments; the secret is what it prints. */
  | { readonly exec: readonly string[] }
  /** A file encrypted with age. */
  | { readonly age: string }
  /** A file encrypted with sops, and the place of the value in it (`registry.password`); without one the whole file. */
  | { readonly sops: string; readonly key?: string }
  /** Stands in the profile itself (`--allow-literal-secrets`); never in the plan. */
  | { readonly literal: true }

/** A secret that the user keeps. */
export interface ProfileSecret {
  /** Place in the profile, for messages: `site.proxy.https`. */
  readonly at: string
  readonly source: SecretSource
}

/** A reference as the profile has it; a text there is a literal, which validation let pass. */
export type WrittenReference =
  | string
  | {
      readonly env?: string
      readonly file?: string
      readonly exec?: readonly string[]
      readonly age?: string
      readonly sops?: string
      readonly key?: string
    }

/** From the profile's form to the plan's; the value of a literal stays behind. */
export const profileSecret = (at: string, written: WrittenReference): ProfileSecret => ({
  at,
  source: sourceOf(written),
})

const sourceOf = (written: WrittenReference): SecretSource => {
  if (typeof written === 'string') return { literal: true }
  const { env, file, exec, age, sops, key } = written
  if (env !== undefined) return { env }
  if (file !== undefined) return { file }
  if (exec !== undefined) return { exec }
  if (age !== undefined) return { age }
  if (sops !== undefined) return key === undefined ? { sops } : { sops, key }
  throw new Error('a reference without a source passed validation')
}

/** Stands in k3s's settings in the place of a secret. */
export interface SecretValue {
  readonly secret: ProfileSecret
}
