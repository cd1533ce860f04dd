import { expect, test } from 'vitest'
import type { ReportEvent } from './report-protocol.ts'
import { createReportParser } from './report-protocol.ts'

const read = (chunks: readonly string[]): readonly ReportEvent[] => {
  const events: ReportEvent[] = []
  const parse = createReportParser((event) => events.push(event))
  for (const chunk of chunks) parse(chunk)
  return events
}

const facts = (event: ReportEvent | undefined): object =>
  event?.kind === 'facts' ? Object.fromEntries(event.facts) : {}

test('reads a greeting and an answer, however they are cut', () => {
  const text = 'hello 5c6f\nbegin\nfailed-units\nping cG9uZw==\nend\n'
  for (const chunks of [[text], [...text], [text.slice(0, 17), text.slice(17)]]) {
    const [hello, answer] = read(chunks)
    expect(hello).toEqual({ kind: 'hello', bootId: '5c6f' })
    expect(facts(answer)).toEqual({ 'failed-units': '', ping: 'pong' })
  }
})

test('an answer that a restart cut off is dropped', () => {
  const events = read(['begin\nping cG9uZw==\nhello 2\nend\nbegin\nend\n'])
  expect(events.map(({ kind }) => kind)).toEqual(['hello', 'facts'])
  expect(facts(events[1])).toEqual({})
})

test('a value that is not base64 is no fact', () => {
  expect(facts(read(['begin\nping po ng!\nping2 ???\nend\n'])[0])).toEqual({})
})
