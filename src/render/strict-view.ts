/**
 * Handlebars' own strict mode is silent for `{{#if missing}}`, `{{#each missing}}` and helper arguments; a view that throws
 * on a key it lacks catches those too, in nested objects and array items as well.
 */
export const strictView = <T extends object>(view: T, path = 'view'): T =>
  new Proxy(view, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol' || (Array.isArray(target) && key === 'length')) return value
      if (!Object.hasOwn(target, key)) {
        // Handlebars itself looks for these on whatever it is given.
        if (key === 'then' || key === 'toHTML' || key === 'constructor' || Array.isArray(target)) return value
        throw new Error(`the template uses ${path}.${key}, which its view does not have`)
      }
      if (value === undefined) throw new Error(`${path}.${key} is undefined`)
      return typeof value === 'object' && value !== null ? strictView(value, `${path}.${key}`) : value
    },
    // Handlebars reads own properties only after asking for their descriptor.
    getOwnPropertyDescriptor(target, key) {
      return Reflect.getOwnPropertyDescriptor(target, key)
    },
  })
