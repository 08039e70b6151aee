/**
 * Which process something belongs to, and whether that one still runs. Process numbers alone say neither: containers and
 * machines that share a folder have the same ones, and a number is given again after a while.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  /** Of a boot of a machine and the numbers that processes have there: 12 hexadecimal digits. */
  readonly machine: string;
  readonly pid: number;
  /** When it started, in ticks since the boot; 0 where the system does not tell. */
  readonly started: number;
}

/** `unknown`: of another machine or container, or the system does not tell. */
export type ProcessState = 'running' | 'ended' | 'unknown';

let known: ProcessIdentity | undefined;

/** This process. */
export function thisProcess(): ProcessIdentity {
  known ??= { machine: machineOf(), pid: process.pid, started: statusOf(process.pid)?.started ?? 0 };
  return known;
}

/** Whether a process runs, as far as this one can know. */
export function stateOf({ machine, pid, started }: ProcessIdentity): ProcessState {
  if (machine !== thisProcess().machine) return 'unknown';
  if (!hasNumber(pid)) return 'ended';
  const status = statusOf(pid);
  // Another may have got the number.
  if (status === undefined || started === 0) return 'unknown';
  return status.started === started && !status.dead ? 'running' : 'ended';
}

function machineOf(): string {
  const hash = createHash('sha256');
  try {
    hash.update(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
    hash.update(readlinkSync('/proc/self/ns/pid'));
  } catch {
    hash.update(`${process.platform} ${hostname()}`);
  }
  return hash.digest('hex').slice(0, 12);
}

/** Fields 3 and 22 of /proc/PID/stat; undefined where there is none to read. */
function statusOf(pid: number): { readonly dead: boolean; readonly started: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie is dead; its parent has not asked yet.
    return { dead: 'ZX'.includes(fields[0]), started: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

function hasNumber(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
