import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** A zombie that its parent has not asked after yet has ended, too. */
const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** A program with a host, a temporary folder and a child that runs for ever; `stubborn`: it ignores SIGTERM. */
const start = async (stubborn: boolean) => {
  const script = `
    import { createNodeHost } from ${JSON.stringify(new URL('node-host.ts', import.meta.url).href)}
    const host = createNodeHost()
    console.log(await host.files.makeTemporaryDirectory('signals-'))
    try {
      await host.exec(['sh', '-c', ${JSON.stringify(`${stubborn ? 'trap "" TERM; ' : ''}echo $$; while :; do sleep 0.2; done`)}], {
        onLine: (line) => console.log(line),
      })
    } catch (error) {
      console.log(error.name)
    }
    await host.close()
    process.exitCode = 130
  `
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  await expect.poll(() => said.split('\n').length, { timeout: 20_000 }).toBeGreaterThanOrEqual(3)
  const [folder = '', pid = ''] = said.split('\n')
  expect(existsSync(folder)).toBe(true)
  expect(isAlive(Number(pid))).toBe(true)
  return { child, ended, folder, pid: Number(pid), said: () => said }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends programs and undoes what is registered',
  async (signal) => {
    const { child, ended, folder, pid, said } = await start(false)
    child.kill(signal)
    expect(await ended).toBe(130)
    expect(said()).toContain('Cancelled')
    expect(existsSync(folder)).toBe(false)
    await expect.poll(() => isAlive(pid)).toBe(false)
  },
)

test('a second Ctrl-C does not wait for a stubborn program', async () => {
  const { child, ended, folder, pid } = await start(true)
  const startedAt = Date.now()
  child.kill('SIGINT')
  setTimeout(() => child.kill('SIGINT'), 300)
  expect(await ended).toBe(130)
  expect(Date.now() - startedAt).toBeLessThan(4000)
  expect(existsSync(folder)).toBe(false)
  await expect.poll(() => isAlive(pid)).toBe(false)
})

test('SIGKILL takes the program we started along', async () => {
  const { child, ended, pid, folder } = await start(true)
  child.kill('SIGKILL')
  await ended
  await expect.poll(() => isAlive(pid)).toBe(false)
  spawn('rm', ['-r', folder])
})
