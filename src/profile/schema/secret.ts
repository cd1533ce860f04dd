import Type from 'typebox'
import { sourceKeys } from '../secret-values.ts'

const path = (description: string, examples: string[]) =>
  Type.String({ description, examples, pattern: '\\S' })

/** A secret is never written into a profile: the profile says where it is found when images are built. */
export const secretReference = (description: string) =>
  Type.Object(
    {
      env: Type.Optional(
        Type.String({
          description: 'Name of the environment variable that holds the secret.',
          examples: ['WIFI_PSK'],
          pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
        }),
      ),
      file: Type.Optional(
        path(
          'Path of a file that holds the secret, relative to the profile; `~/` is your home. One newline at its end is left out.',
          ['./secrets/psk'],
        ),
      ),
      exec: Type.Optional(
        Type.Array(Type.String(), {
          description:
            'A program and its arguments; the secret is what it prints. Started without a shell, in the folder of the profile.',
          examples: [['pass', 'show', 'bakery/psk']],
          minItems: 1,
        }),
      ),
      age: Type.Optional(
        path(
          'Path of a file encrypted with age, opened with the identity in $APPLIANCE_AGE_IDENTITY_FILE, else $SOPS_AGE_KEY_FILE, else ~/.config/sops/age/keys.txt or ~/.config/age/keys.txt.',
          ['./secrets/psk.age'],
        ),
      ),
      sops: Type.Optional(path('Path of a file encrypted with sops.', ['./secrets.enc.yaml'])),
      key: Type.Optional(
        path('Beside `sops`: the place of the value in the file. Default: the whole file.', ['wifi.psk']),
      ),
    },
    {
      description: `${description} Exactly one of \`env\`, \`file\`, \`exec\`, \`age\` and \`sops\`.`,
      examples: [{ env: 'WIFI_PSK' }],
      oneOf: sourceKeys.map((key) => ({ required: [key] })),
      dependentRequired: { key: ['sops'] },
      additionalProperties: false,
    },
  )
