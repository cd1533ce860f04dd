import { versionText } from './version.ts'

process.stdout.write(versionText('k3s'))
