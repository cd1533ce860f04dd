import Type from 'typebox'
import { secretReference, text } from './text.ts'

const s3 = Type.Object(
  {
    endpoint: Type.Optional(
      Type.String({
        description: 'Host, and port where it is not the usual one, of the S3 service.',
        default: 's3.amazonaws.com',
        examples: ['backup.example.com:9000'],
        pattern: '\\S',
      }),
    ),
    bucket: text('Name of the bucket.', ['bakery-snapshots']),
    region: Type.Optional(
      Type.String({
        description: 'Region of the bucket.',
        default: 'us-east-1',
        examples: ['eu-central-1'],
        pattern: '\\S',
      }),
    ),
    folder: Type.Optional(text('Folder in the bucket.', ['bakery'])),
    ca: Type.Optional(
      text('Certificate authority of the service, a PEM file; it is pinned by the lock.', ['./s3-ca.crt']),
    ),
    insecure: Type.Optional(
      Type.Boolean({
        description: 'Speak HTTP instead of HTTPS: the keys of the bucket are then sent in the clear.',
        default: false,
        examples: [false],
      }),
    ),
    accessKey: Type.Optional(secretReference('Access key of the bucket.')),
    secretKey: Type.Optional(secretReference('Secret key of the bucket.')),
    retention: Type.Optional(
      Type.Integer({
        description:
          'How many snapshots to keep in the bucket. Default: as many as on the server. Needs k3s 1.34.0, 1.33.4, 1.32.8, 1.31.12 or newer.',
        examples: [30],
        minimum: 1,
      }),
    ),
  },
  {
    description: 'Copy each snapshot to an S3 service.',
    examples: [
      {
        endpoint: 'backup.example.com:9000',
        bucket: 'bakery-snapshots',
        accessKey: { env: 'S3_ACCESS_KEY' },
        secretKey: { env: 'S3_SECRET_KEY' },
      },
    ],
    additionalProperties: false,
  },
)

/** Defaults are k3s's own (docs.k3s.io/cli/etcd-snapshot): what is left out is not written into config.yaml. */
export const snapshotsSchema = Type.Object(
  {
    enabled: Type.Optional(
      Type.Boolean({ description: 'Whether snapshots are taken.', default: true, examples: [true] }),
    ),
    schedule: Type.Optional(
      Type.String({
        description:
          'When, in the five fields of cron or as `@hourly`, `@daily`, `@every 6h`; in the time zone of the server.',
        default: '0 */12 * * *',
        examples: ['0 */6 * * *', '@daily'],
        pattern: '\\S',
      }),
    ),
    retention: Type.Optional(
      Type.Integer({
        description: 'How many snapshots each server keeps.',
        default: 5,
        examples: [12],
        minimum: 1,
      }),
    ),
    compress: Type.Optional(
      Type.Boolean({ description: 'Pack snapshots as zip.', default: false, examples: [true] }),
    ),
    dir: Type.Optional(
      Type.String({
        description: 'Folder on the server, below `/var`.',
        default: '/var/lib/rancher/k3s/server/db/snapshots',
        examples: ['/var/lib/snapshots'],
        pattern: '\\S',
      }),
    ),
    s3: Type.Optional(s3),
  },
  {
    description: 'Snapshots of embedded etcd, taken by every server.',
    examples: [{ schedule: '0 */6 * * *', retention: 12, compress: true }, { enabled: false }],
    additionalProperties: false,
  },
)
