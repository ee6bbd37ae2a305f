// The real server binary, started on a free port with a data directory of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = process.env.CLEARLINE_BIN ?? fileURLToPath(new URL('../../../build/dev/bin/clearline', import.meta.url));
const startTimeoutMs = 15_000;

/** What the server prints when it listens; name and password only at its first start. */
interface Banner {
  origin: string;
  agent: string | undefined;
  password: string | undefined;
}

function parseBanner(output: string): Banner | null {
  const origin = /^listening on (http:\/\/\S+)$/m.exec(output)?.[1];
  if (origin === undefined || !output.includes('Ctrl-C')) return null;
  return {
    origin,
    agent: /^\s*first agent\s+(\S+)/m.exec(output)?.[1],
    password: /^\s*password\s+(\S+)/m.exec(output)?.[1],
  };
}

export class ClearlineServer {
  origin = '';
  agent = '';
  password = '';
  /** Everything that it has printed, for a test that failed. */
  output = '';
  private readonly data = mkdtempSync(join(tmpdir(), 'clearline-e2e-'));
  private process: ChildProcess | null = null;

  get url(): URL {
    return new URL(this.origin);
  }

  /** The first time on a free port, after that on the same one: clients have to find it again. */
  async start(): Promise<void> {
    const port = this.origin === '' ? '0' : this.url.port;
    const child = spawn(binary, ['serve', '--port', port, '--data', this.data], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    const banner = await new Promise<Banner>((resolve, reject) => {
      let said = '';
      const timer = setTimeout(() => reject(new Error(`the server does not listen:\n${said}`)), startTimeoutMs);
      const read = (chunk: Buffer): void => {
        said += chunk.toString();
        this.output += chunk.toString();
        const parsed = parseBanner(said);
        if (parsed === null) return;
        clearTimeout(timer);
        resolve(parsed);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.on('error', reject);
      child.on('exit', (status) => reject(new Error(`the server ended with ${String(status)}:\n${said}`)));
    });
    this.origin = banner.origin;
    this.agent = banner.agent ?? this.agent;
    this.password = banner.password ?? this.password;
  }

  /** SIGTERM drains; SIGKILL does not. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.process;
    this.process = null;
    if (child?.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** `clearline admin` on this server's data; the server takes changes over within seconds. */
  async admin(...words: string[]): Promise<unknown> {
    const args = ['admin', '--data', this.data, '--json', ...words];
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const status = await new Promise((resolve) => child.once('close', resolve));
    if (status !== 0) throw new Error(`clearline ${args.join(' ')} ended with ${String(status)}:\n${complaint}`);
    return JSON.parse(said);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }
}
