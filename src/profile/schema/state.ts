import Type from 'typebox'
import { secretReference } from './text.ts'

/** How the keys, tokens and certificates of a cluster are kept beside its profile. */
export const stateSchema = Type.Object(
  {
    encryption: Type.Optional(
      Type.Enum(['age', 'none'], {
        description:
          'age: the state is a file encrypted with age. none: it is readable by its owner (mode 0600) and by whoever gets a copy; every build warns.',
        default: 'age',
        examples: ['none'],
      }),
    ),
    recipients: Type.Optional(
      Type.Array(Type.String({ pattern: '\\S' }), {
        description:
          'Public age keys (`age1...`, from `age-keygen`): the holder of any of their identities can open the state.',
        examples: [['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p']],
        minItems: 1,
      }),
    ),
    identity: Type.Optional(
      secretReference(
        'With `recipients`: the age identity that opens the state. Default: the file that $APPLIANCE_AGE_IDENTITY_FILE names, or $SOPS_AGE_KEY_FILE, or those where sops and age keep their keys.',
      ),
    ),
    passphrase: Type.Optional(
      secretReference(
        'The passphrase of the state. Default: $APPLIANCE_PASSPHRASE, then the file that $APPLIANCE_PASSPHRASE_FILE names, then a question at the terminal.',
      ),
    ),
  },
  {
    description:
      'How `.appliance/<name>/` is protected: it holds the keys of the whole cluster. Default: encrypted with a passphrase.',
    default: { encryption: 'age' },
    examples: [
      { passphrase: { env: 'BAKERY_PASSPHRASE' } },
      {
        recipients: ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'],
        identity: { file: './age-key.txt' },
      },
      { encryption: 'none' },
    ],
    additionalProperties: false,
  },
)
