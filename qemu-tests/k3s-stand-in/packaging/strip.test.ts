import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stripElf } from './strip.ts'

test('a stripped program runs and is not larger', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strip-'))
  const original = readFileSync('/bin/true')
  const stripped = stripElf(original)
  writeFileSync(join(folder, 'true'), stripped, { mode: 0o755 })
  expect(execFileSync(join(folder, 'true'), ['--version']).length).toBeGreaterThan(0)
  expect(stripped.length).toBeLessThan(original.length)
  rmSync(folder, { recursive: true })
})

test('other files are refused', () => {
  expect(() => stripElf(Buffer.from('#!/bin/sh\necho'))).toThrow('not an ELF64')
})
