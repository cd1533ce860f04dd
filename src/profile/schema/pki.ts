import Type from 'typebox'
import { secretReference, text } from './text.ts'

const authority = (description: string, certificates: string) =>
  Type.Object(
    {
      cert: Type.Optional(
        text(`${certificates} A PEM file; its path is relative to the profile.`, ['./ca/chain.pem']),
      ),
      key: Type.Optional(secretReference('Private key of the first certificate, in PEM, not encrypted.')),
      p12: Type.Optional(
        text(
          'In the place of `cert` and `key`: a PKCS#12 file with the key and the certificates up to the root; its path is relative to the profile.',
          ['./ca/authority.p12'],
        ),
      ),
      password: Type.Optional(secretReference('Password of the PKCS#12 file. Default: none.')),
    },
    {
      description: `${description} Either \`cert\` and \`key\`, or \`p12\`. Used when the cluster is built for the first time; the key is never kept.`,
      examples: [{ cert: './ca/chain.pem', key: { file: './ca/authority.key' } }],
      additionalProperties: false,
    },
  )

export const pkiSchema = Type.Object(
  {
    root: Type.Optional(
      authority(
        'A root of your own: it signs an intermediate that is made for the cluster.',
        'The certificate of the root.',
      ),
    ),
    intermediate: Type.Optional(
      authority(
        'An intermediate of your own: it signs the CAs of the cluster.',
        'The certificate of the intermediate, then its issuer, the root last.',
      ),
    ),
  },
  {
    description:
      'What stands above the certificates of the cluster. Default: a root and an intermediate that are made for it.',
    examples: [{ root: { cert: './ca/root.pem', key: { file: './ca/root.key' } } }],
    additionalProperties: false,
  },
)
