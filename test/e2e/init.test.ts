import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../src/scenario/index.js';
import { cfBus, ROOT, tempDir } from '../support/cli.js';

describe('cf-bus init', () => {
  it('writes a scenario that is valid, and says how to run it under its name', async () => {
    const cwd = tempDir();
    const { stdout, code } = await cfBus(['init', 'shop.yaml'], { cwd });
    expect({ stdout, code }).toEqual({ stdout: 'shop.yaml\n', code: 0 });
    const text = readFileSync(join(cwd, 'shop.yaml'), 'utf8');
    expect(parseScenario(text, 'shop.yaml').services.size).toBeGreaterThan(0);
    expect(text).toContain('cf-bus run shop.yaml');
  });

  it('never replaces a file unless told to', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'scenario.yaml'), 'mine');
    expect(await cfBus(['init'], { cwd })).toMatchObject({
      code: 2,
      stderr: 'cf-bus: scenario.yaml is there already\n  choose another name, or --force to replace it\n',
    });
    expect(readFileSync(join(cwd, 'scenario.yaml'), 'utf8')).toBe('mine');
    expect((await cfBus(['init', '--force'], { cwd })).code).toBe(0);
  });

  it('says which folder is missing', async () => {
    const { stderr, code } = await cfBus(['init', 'no/such/scenario.yaml']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no\/such\/scenario\.yaml: no such file or directory\n$/);
  });
});

describe('cf-bus schema', () => {
  it('prints the schema that the package ships', async () => {
    const { stdout, code } = await cfBus(['schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(ROOT, 'dist/scenario.schema.json'), 'utf8')));
  });
});
