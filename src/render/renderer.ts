import Handlebars from 'handlebars'
import type { Renderer, View } from '../plan/renderer.ts'
import { helpers } from './helpers.ts'
import { strictView } from './strict-view.ts'

type Template = (view: View) => string

const compile = (path: string, source: string): Template => {
  const environment = Handlebars.create()
  for (const name of Object.keys(environment.helpers)) {
    if (name !== 'if' && name !== 'each' && name !== 'unless') environment.unregisterHelper(name)
  }
  for (const [name, helper] of Object.entries(helpers)) environment.registerHelper(name, helper)
  const template: Template = environment.compile(source, {
    strict: true,
    // These are shell and unit files: HTML escapes would break them.
    noEscape: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(Object.keys(helpers).map((name) => [name, true])),
  })
  return (view) => {
    try {
      return template(strictView(view))
    } catch (error) {
      throw new Error(`template ${path}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }
}

/** `sources`: every file below `templates/`, by its path there. Each template is compiled once, at its first use. */
export const createRenderer = (sources: ReadonlyMap<string, string>): Renderer => {
  const compiled = new Map<string, Template>()
  const text = (path: string): string => {
    const source = sources.get(path)
    if (source === undefined) throw new Error(`there is no template ${path}`)
    return source
  }
  return {
    text,
    render: (path, view) => {
      const template = compiled.get(path) ?? compile(path, text(path))
      compiled.set(path, template)
      return template(view)
    },
  }
}
