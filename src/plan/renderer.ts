/** A value that a template may show. No optional fields: a view says `null` or `false` where there is nothing. */
export type ViewValue =
  | string
  | number
  | boolean
  | null
  | readonly ViewValue[]
  | { readonly [key: string]: ViewValue }

export type View = Readonly<Record<string, ViewValue>>

/** Reads templates by their path below `templates/`. Made by `src/render`, passed in: a plan does no I/O. */
export interface Renderer {
  /** A static file, unchanged. */
  readonly text: (path: string) => string
  /** A `.hbs` template with its view; throws when the two disagree. */
  readonly render: (path: string, view: View) => string
}
