/** crypt(5): `$id$...`. `!` and `*` let nobody in. */
export const isPasswordHash = (text: string): boolean => /^(?:\$[0-9a-z]+\$.+|[!*]+)$/.test(text)

export const isPrivateKey = (text: string): boolean => /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)
