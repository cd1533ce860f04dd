/** The type of a plain value in the words of JSON Schema. */
export const typeName = (value: unknown): string => {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

const phrases: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  bigint: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'empty',
}

/** `a list`, for messages. */
export const typePhrase = (type: unknown): string => phrases[String(type)] ?? String(type)
